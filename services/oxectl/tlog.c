/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/tlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "proto/base64.h"

enum { PATH_BYTES = TILE_PATH_MAX + 8 };

void tlog_release(struct tlog *log)
{
    buffer_release(&log->note);
}

/* The next of the keys, which blanks part. False: there is none. */
static bool next_key(const char **keys, const char **ret_key, size_t *ret_length)
{
    *ret_key = *keys + strspn(*keys, " \t\n");
    *ret_length = strcspn(*ret_key, " \t\n");
    *keys = *ret_key + *ret_length;
    return *ret_length > 0;
}

/* The policy that the arguments name, or the environment unless the arguments name keys. *ret_any: there is
 * one. */
static int read_policy(const struct args *args, struct policy *ret_policy, bool *ret_any)
{
    CLEANUP(buffer_release) struct buffer text = {0};
    const char *path = args_text(args, "--policy");
    struct policy_fault fault;

    if (path == NULL && args_text(args, "--verifier") == NULL)
        path = setting("OXE_AUDIT_POLICY", NULL);
    *ret_any = path != NULL && *path != '\0';
    if (!*ret_any)
        return 0;
    int status = tlog_read_file(path, POLICY_TEXT_MAX, "policy", &text);
    if (status != 0)
        return status;
    if (policy_parse(text.data, text.length, ret_policy, &fault) < 0)
        return trouble("%s is no policy: line %zu: %s", path, fault.line, fault.why);
    return 0;
}

/* The log's keys: the policy's, or else those of the arguments or the environment. */
static int read_keys(const struct args *args, struct policy *policy)
{
    const char *keys = args_text(args, "--verifier"), *text;
    size_t length;

    if (policy->log_count > 0)
        return 0;
    if (keys == NULL)
        keys = setting("OXE_AUDIT_VERIFIER", NULL);
    if (keys == NULL || *keys == '\0')
        return usage_error(args->command, "it needs the log's keys: --policy or OXE_AUDIT_POLICY, --verifier "
                                          "or OXE_AUDIT_VERIFIER");
    while (next_key(&keys, &text, &length)) {
        if (policy->log_count == POLICY_LOGS_MAX)
            return usage_error(args->command, "there are more than %d verifier keys", POLICY_LOGS_MAX);
        struct note_key *key = &policy->logs[policy->log_count++];
        if (note_key_parse(text, length, key) < 0 || key->kind != NOTE_ED25519)
            return usage_error(args->command, "'%.*s' is no verifier key", (int)length, text);
    }
    return 0;
}

bool tlog_is_signed(const struct policy *policy, const struct note *note, const struct checkpoint *checkpoint)
{
    for (size_t i = 0; i < policy->log_count; i++) {
        if (strcmp(policy->logs[i].name, checkpoint->origin) == 0 &&
            note_verify(note, &policy->logs[i], NULL, NULL) == 0)
            return true;
    }
    return false;
}

static int verify(const struct args *args, const char *bytes, size_t length, bool with_quorum,
                  struct checkpoint *ret_checkpoint)
{
    struct policy policy = {0};
    struct checkpoint checkpoint;
    struct note note;
    bool any;

    int status = read_policy(args, &policy, &any);
    if (status == 0)
        status = read_keys(args, &policy);
    if (status != 0)
        return status;
    if (note_parse(bytes, length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0)
        return trouble("that is no signed checkpoint");
    if (!tlog_is_signed(&policy, &note, &checkpoint))
        return refuse("the checkpoint of %s is signed by none of the verifier keys", checkpoint.origin);
    if (with_quorum && !policy_is_met(&policy, policy_cosigned(&policy, &note)))
        return refuse("the checkpoint of %s lacks the quorum of witnesses", checkpoint.origin);
    *ret_checkpoint = checkpoint;
    return 0;
}

int tlog_verify(const struct args *args, const char *bytes, size_t length, struct checkpoint *ret_checkpoint)
{
    return verify(args, bytes, length, true, ret_checkpoint);
}

int tlog_verify_kept(const struct args *args, const char *bytes, size_t length,
                     struct checkpoint *ret_checkpoint)
{
    return verify(args, bytes, length, false, ret_checkpoint);
}

void tlog_print_witnesses(const struct args *args, const char *bytes, size_t length)
{
    struct policy policy = {0};
    char text[INSTANT_TEXT_MAX];
    struct note note;
    uint64_t time_s;
    bool any;

    if (read_policy(args, &policy, &any) != 0 || !any || note_parse(bytes, length, &note) < 0)
        return;
    for (size_t i = 0; i < policy.witness_count; i++) {
        if (note_verify(&note, &policy.witnesses[i].key, NULL, &time_s) < 0 || time_s > INT64_MAX / 1000000)
            continue;
        (void)instant_format((struct instant){(int64_t)time_s * 1000000}, text);
        (void)printf("cosigned by %s at %s\n", policy.witnesses[i].key.name, text);
    }
}

int tlog_read_file(const char *path, size_t length_max, const char *what, struct buffer *ret_text)
{
    char bytes[4096];
    size_t length;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return trouble("cannot read %s: %s", path, strerror(errno));
    *ret_text = BUFFER_INIT(length_max);
    while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buffer_append(ret_text, bytes, length);
    bool read = ferror(file) == 0;
    (void)fclose(file);
    if (!read)
        return trouble("cannot read %s", path);
    return buffer_failed(ret_text) || ret_text->data == NULL ? trouble("%s is no %s", path, what) : 0;
}

void tlog_print_checkpoint(const struct checkpoint *checkpoint)
{
    CLEANUP(buffer_release) struct buffer root = BUFFER_INIT(0);

    base64_append(&root, checkpoint->root, sizeof(checkpoint->root));
    (void)printf("%s: %" PRIu64 " entries, root %s\n", checkpoint->origin, checkpoint->size, root.data);
}

/* GET of something that is no JSON; an answer but 200 is told of. */
static int get(const struct context *context, const char *path, struct reply *ret_reply)
{
    int status = http_request(context, "GET", path, NULL, NULL, ret_reply);

    if (status == 0 && ret_reply->status != 200) {
        status = reply_refused(ret_reply);
        reply_release(ret_reply);
    }
    return status;
}

int tlog_open(const struct context *context, const struct args *args, struct tlog *ret_log)
{
    struct reply reply = {0};

    *ret_log = (struct tlog){.context = context, .note = BUFFER_INIT(NOTE_TEXT_MAX)};
    int status = get(context, "/checkpoint", &reply);
    if (status != 0)
        return status;
    status = tlog_verify(args, reply.body.data, reply.body.length, &ret_log->checkpoint);
    buffer_append(&ret_log->note, reply.body.data, reply.body.length);
    reply_release(&reply);
    return status;
}

static int get_tile(const struct tlog *log, const struct tile *tile, struct reply *ret_reply)
{
    char name[TILE_PATH_MAX], path[PATH_BYTES];

    tile_format(tile, name);
    (void)snprintf(path, sizeof(path), "/tile/%s", name);
    return get(log->context, path, ret_reply);
}

const struct tlog_tile *tlog_tile(struct tlog *log, struct tile tile)
{
    struct tlog_tile *cached = &log->tiles[tile.level];
    struct reply reply = {0};

    if (cached->fetched && cached->index == tile.index && cached->width == tile.width)
        return cached;
    cached->fetched = false;
    log->status = get_tile(log, &tile, &reply);
    if (log->status != 0)
        return NULL;
    if (reply.body.length != (size_t)tile.width * MERKLE_HASH_BYTES)
        log->status = trouble("a tile of level %u has %zu bytes, not %u", tile.level, reply.body.length,
                              tile.width * MERKLE_HASH_BYTES);
    else
        memcpy(cached->hashes, reply.body.data, reply.body.length);
    reply_release(&reply);
    if (log->status != 0)
        return NULL;
    cached->fetched = true;
    cached->index = tile.index;
    cached->width = tile.width;
    return cached;
}

int tlog_read(void *context, unsigned int level, uint64_t index, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct tlog *log = context;
    size_t first, count;
    const struct tlog_tile *tile =
        tlog_tile(log, tile_of(level, index, log->checkpoint.size, &first, &count));

    if (tile == NULL)
        return -EIO;
    return tile_root((const uint8_t(*)[MERKLE_HASH_BYTES])tile->hashes + first, count, ret_hash);
}

/* The next entry of a bundle, each behind its length; false: there is none, or it is cut off. */
static bool next_entry(const uint8_t **at, const uint8_t *end, const uint8_t **ret_entry, size_t *ret_length)
{
    if (end - *at < 2)
        return false;
    size_t length = (size_t)(*at)[0] << 8 | (*at)[1];
    if ((size_t)(end - *at) < 2 + length)
        return false;
    *ret_entry = *at + 2;
    *ret_length = length;
    *at += 2 + length;
    return true;
}

/* It stands in a bundle behind those before it. */
int tlog_entry(const struct tlog *log, uint64_t index, uint8_t *ret_bytes, size_t *ret_length)
{
    const struct tile tile = {
        .entries = true, .index = index / TILE_WIDTH, .width = (unsigned int)(index % TILE_WIDTH) + 1};
    struct reply reply = {0};
    const uint8_t *entry = NULL;
    size_t length = 0;

    int status = get_tile(log, &tile, &reply);
    const uint8_t *at = (const uint8_t *)reply.body.data, *end = at + reply.body.length;
    for (unsigned int i = 0; status == 0 && i < tile.width; i++) {
        if (!next_entry(&at, end, &entry, &length) || length > AUDIT_LEAF_ENCODING_MAX)
            status = trouble("the bundle of entry %" PRIu64 " ends too early", index + 1);
    }
    if (status == 0) {
        memcpy(ret_bytes, entry, length);
        *ret_length = length;
    }
    reply_release(&reply);
    return status;
}

int tlog_tree(struct tlog *log, uint64_t size, struct merkle *ret_tree)
{
    *ret_tree = (struct merkle){.size = size};
    for (unsigned int level = 0; level < MERKLE_LEVELS; level++) {
        /* The subtrees of the larger sizes come first, so this one begins where the bits above it end. */
        uint64_t begin = level + 1 < MERKLE_LEVELS ? size >> (level + 1) << (level + 1) : 0;
        if ((size >> level & 1) != 0 && tlog_read(log, level, begin >> level, ret_tree->nodes[level]) < 0)
            return log->status != 0 ? log->status : trouble("a hash cannot be computed");
    }
    return 0;
}
