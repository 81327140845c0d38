#include "services/oxectl/tlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

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

int tlog_verify(const struct args *args, const char *bytes, size_t length, struct checkpoint *ret_checkpoint)
{
    const char *keys =
        args_text(args, "--verifier") != NULL ? args_text(args, "--verifier") : getenv("OXE_AUDIT_VERIFIER");
    struct checkpoint checkpoint;
    struct note_key key;
    struct note note;
    const char *text;
    size_t text_length;

    if (keys == NULL || *keys == '\0')
        return usage_error(args->command,
                           "it needs the log's verifier key: --verifier or OXE_AUDIT_VERIFIER");
    if (note_parse(bytes, length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0)
        return trouble("that is no signed checkpoint");
    while (next_key(&keys, &text, &text_length)) {
        if (note_key_parse(text, text_length, &key) < 0 || key.kind != NOTE_ED25519)
            return usage_error(args->command, "'%.*s' is no verifier key", (int)text_length, text);
        if (strcmp(key.name, checkpoint.origin) == 0 && note_verify(&note, &key, NULL, NULL) == 0) {
            *ret_checkpoint = checkpoint;
            return 0;
        }
    }
    (void)fprintf(stderr, "oxectl: the checkpoint of %s is signed by none of the verifier keys\n",
                  checkpoint.origin);
    return EXIT_REFUSED;
}

int tlog_load(const struct args *args, const char *path, struct buffer *ret_text,
              struct checkpoint *ret_checkpoint)
{
    char bytes[4096];
    size_t length;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return trouble("cannot read %s: %s", path, strerror(errno));
    *ret_text = BUFFER_INIT(NOTE_TEXT_MAX);
    while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buffer_append(ret_text, bytes, length);
    (void)fclose(file);
    if (buffer_failed(ret_text) || ret_text->data == NULL)
        return trouble("%s is no signed checkpoint", path);
    return tlog_verify(args, ret_text->data, ret_text->length, ret_checkpoint);
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

int tlog_bundle(const struct tlog *log, struct tile tile, struct reply *ret_reply)
{
    tile.entries = true;
    return get_tile(log, &tile, ret_reply);
}

bool tlog_next_entry(const uint8_t **at, const uint8_t *end, const uint8_t **ret_entry, size_t *ret_length)
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
