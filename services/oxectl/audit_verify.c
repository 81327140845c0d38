/* oxectl audit heads, audit verify, audit consistency: whether the log is what its checkpoints say. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "services/oxectl/tlog.h"

enum { PROGRESS_TILES = 16 };

static void print_checkpoint(const struct checkpoint *checkpoint)
{
    CLEANUP(buffer_release) struct buffer root = BUFFER_INIT(0);

    base64_append(&root, checkpoint->root, sizeof(checkpoint->root));
    (void)printf("%s: %" PRIu64 " entries, root %s\n", checkpoint->origin, checkpoint->size, root.data);
}

static int run_heads(const struct context *context, const struct args *args)
{
    CLEANUP(tlog_release) struct tlog log = {0};
    int status = tlog_open(context, args, &log);

    if (status != 0)
        return status;
    if (args_has(args, "--note"))
        (void)fwrite(log.note.data, 1, log.note.length, stdout);
    else
        print_checkpoint(&log.checkpoint);
    return 0;
}

const struct command audit_heads_command = {
    .name = "audit heads",
    .group = GROUP_COMPLIANCE,
    .summary = "the log's last checkpoint, its signature verified",
    .manual = "Keep what --note prints: by it 'audit consistency' shows later that nothing before it was "
              "changed or cut off.",
    .args = ARGS(FLAG("--note", "the checkpoint as it was signed"), TLOG_VERIFIER, NO_MORE),
    .run = run_heads,
};

/* --- consistency --- */

static int check_extension(struct tlog *log, const struct checkpoint *old)
{
    struct merkle_proof proof;

    if (old->size > log->checkpoint.size) {
        (void)fprintf(stderr, "oxectl: the log was cut: it has %" PRIu64 " entries, and had %" PRIu64 "\n",
                      log->checkpoint.size, old->size);
        return EXIT_REFUSED;
    }
    if (merkle_proof_extend(old->size, log->checkpoint.size, tlog_read, log, &proof) < 0)
        return log->status != 0 ? log->status : trouble("no proof can be made");
    if (merkle_proof_check_extension(old->size, old->root, log->checkpoint.size, log->checkpoint.root,
                                     &proof) == 0)
        return 0;
    (void)fprintf(stderr,
                  "oxectl: the log was changed: its %" PRIu64 " entries do not begin with the %" PRIu64
                  " of the old checkpoint\n",
                  log->checkpoint.size, old->size);
    return EXIT_REFUSED;
}

static int run_consistency(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    CLEANUP(tlog_release) struct tlog log = {0};
    struct checkpoint old;

    int status = tlog_load(args, args->operands[0], &text, &old);
    if (status == 0)
        status = tlog_open(context, args, &log);
    if (status == 0 && strcmp(old.origin, log.checkpoint.origin) != 0)
        status = trouble("%s is of another log: %s", args->operands[0], old.origin);
    if (status == 0)
        status = check_extension(&log, &old);
    if (status == 0)
        (void)printf("the log's %" PRIu64 " entries begin with the %" PRIu64 " of %s\n", log.checkpoint.size,
                     old.size, args->operands[0]);
    return status;
}

const struct command audit_consistency_command = {
    .name = "audit consistency",
    .group = GROUP_COMPLIANCE,
    .summary = "whether the log still begins as an old checkpoint says",
    .manual = "OLD is a file with what 'audit heads --note' printed. Status 1: entries before it were "
              "changed or cut off.",
    .args = ARGS(OPERAND("OLD", "file of a checkpoint"), TLOG_VERIFIER, NO_MORE),
    .run = run_consistency,
};

/* --- verify --- */

static int hash_entry(const uint8_t *entry, size_t length, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    static const uint8_t prefix = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool hashed = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                  EVP_DigestUpdate(context, &prefix, 1) == 1 &&
                  EVP_DigestUpdate(context, entry, length) == 1 &&
                  EVP_DigestFinal_ex(context, ret_hash, NULL) == 1;

    EVP_MD_CTX_free(context);
    return hashed ? 0 : trouble("an entry cannot be hashed");
}

static int bad_entry(uint64_t log_seq, const char *what)
{
    (void)fprintf(stderr, "oxectl: entry %" PRIu64 " %s\n", log_seq, what);
    return EXIT_REFUSED;
}

/* Each entry's own hash is the one that the log keeps of it. */
static int check_entries(const struct tlog *log, struct tile tile, const struct tlog_tile *hashes)
{
    uint8_t hash[MERKLE_HASH_BYTES];
    struct reply reply = {0};
    const uint8_t *entry = NULL;
    size_t length = 0;

    int status = tlog_bundle(log, tile, &reply);
    const uint8_t *at = (const uint8_t *)reply.body.data, *end = at + reply.body.length;
    for (unsigned int i = 0; status == 0 && i < tile.width; i++) {
        uint64_t log_seq = tile.index * TILE_WIDTH + i + 1;
        if (!tlog_next_entry(&at, end, &entry, &length))
            status = bad_entry(log_seq, "is missing");
        else if ((status = hash_entry(entry, length, hash)) == 0 &&
                 memcmp(hash, hashes->hashes[i], sizeof(hash)) != 0)
            status = bad_entry(log_seq, "is not what was recorded");
    }
    reply_release(&reply);
    return status;
}

/* One tile of level 0: its entries, and its place in the tree. */
static int check_tile(struct tlog *log, struct tile tile, struct merkle *tree)
{
    uint8_t root[MERKLE_HASH_BYTES], kept[MERKLE_HASH_BYTES];
    const struct tlog_tile *hashes = tlog_tile(log, tile);

    int status = hashes == NULL ? log->status : check_entries(log, tile, hashes);
    if (status == EXIT_REFUSED)
        (void)fprintf(stderr,
                      "oxectl: of entries %" PRIu64 " to %" PRIu64 " some are missing or are others\n",
                      tile.index * TILE_WIDTH + 1, tile.index * TILE_WIDTH + tile.width);
    for (unsigned int i = 0; status == 0 && i < tile.width; i++)
        status = merkle_append(tree, hashes->hashes[i]) == 0 ? 0 : trouble("a hash cannot be computed");
    if (status != 0 || tile.width < TILE_WIDTH)
        return status;
    if (tile_root((const uint8_t(*)[MERKLE_HASH_BYTES])hashes->hashes, TILE_WIDTH, root) < 0 ||
        tlog_read(log, MERKLE_TILE_HEIGHT, tile.index, kept) < 0)
        return log->status != 0 ? log->status : trouble("a hash cannot be computed");
    if (memcmp(root, kept, sizeof(root)) == 0)
        return 0;
    (void)fprintf(stderr, "oxectl: entries %" PRIu64 " to %" PRIu64 " are not those that were signed\n",
                  tile.index * TILE_WIDTH + 1, (tile.index + 1) * TILE_WIDTH);
    return EXIT_REFUSED;
}

static void show_progress(const struct tlog *log, uint64_t done)
{
    if (isatty(STDERR_FILENO) != 0)
        (void)fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " entries", done, log->checkpoint.size);
}

static int check_log(struct tlog *log)
{
    uint64_t size = log->checkpoint.size;
    uint8_t root[MERKLE_HASH_BYTES];
    struct merkle tree = {0};
    int status = 0;

    for (uint64_t index = 0; status == 0 && index * TILE_WIDTH < size; index++) {
        uint64_t rest = size - index * TILE_WIDTH;
        struct tile tile = {.index = index, .width = rest < TILE_WIDTH ? (unsigned int)rest : TILE_WIDTH};
        status = check_tile(log, tile, &tree);
        if (index % PROGRESS_TILES == 0 || rest <= TILE_WIDTH)
            show_progress(log, tree.size);
    }
    if (isatty(STDERR_FILENO) != 0)
        (void)fputc('\n', stderr);
    if (status == 0 &&
        (merkle_root(&tree, root) < 0 || memcmp(root, log->checkpoint.root, sizeof(root)) != 0)) {
        (void)fprintf(stderr, "oxectl: the entries are not those that the checkpoint has signed\n");
        status = EXIT_REFUSED;
    }
    return status;
}

static int run_verify(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    CLEANUP(tlog_release) struct tlog log = {0};
    const char *since = args_text(args, "--since");
    struct checkpoint old;

    int status = since == NULL ? 0 : tlog_load(args, since, &text, &old);
    if (status == 0)
        status = tlog_open(context, args, &log);
    if (status == 0)
        status = check_log(&log);
    if (status == 0 && since != NULL)
        status = check_extension(&log, &old);
    if (status == 0) {
        (void)printf("every entry is as it was recorded\n");
        print_checkpoint(&log.checkpoint);
    }
    return status;
}

const struct command audit_verify_command = {
    .name = "audit verify",
    .group = GROUP_COMPLIANCE,
    .needs = NEEDS_TOKEN,
    .summary = "recomputes the whole log, entry by entry, up to its last checkpoint",
    .manual = "Names the first entry that is not what was recorded; status 1 then. It holds one tile at a "
              "time, whatever the log's\n"
              "size. Who has the log's key and its database can rewrite and sign everything: only an older "
              "checkpoint that was kept\n"
              "elsewhere, --since, shows that.",
    .args = ARGS(OPTION("--since", "OLD", "a checkpoint's file, with which the log must still begin"),
                 TLOG_VERIFIER, NO_MORE),
    .run = run_verify,
};
