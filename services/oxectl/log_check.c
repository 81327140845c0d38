/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/log_check.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "services/oxectl/rows.h"

enum {
    READ_BYTES = 256 * 1024,
    PROOF_BYTES_MAX = NOTE_TEXT_MAX + 32 * 1024,
    PROGRESS_ENTRIES = 8192,
    BAR = 30
};

/* 0, or an exit status for what one of the pure parts has returned. */
static int told(int r, const char *what, const char *problem)
{
    if (r == 0)
        return 0;
    return r == -EBADMSG ? refuse("%s%s%s", what == NULL ? "" : what, what == NULL ? "" : ": ", problem)
                         : trouble("a hash cannot be computed");
}

/* --- progress --- */

static void show_progress(uint64_t done, uint64_t total)
{
    uint64_t cells = total == 0 ? BAR : done * BAR / total;

    if (isatty(STDERR_FILENO) == 0)
        return;
    (void)fputs("\r[", stderr);
    for (uint64_t i = 0; i < BAR; i++)
        (void)fputc(i < cells ? '#' : '.', stderr);
    (void)fprintf(stderr, "] %" PRIu64 " of %" PRIu64 " entries", done, total);
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO) != 0)
        (void)fputc('\n', stderr);
}

/* --- rows, wherever they come from --- */

struct pass {
    struct log_check *check;
    struct tlog *log; /* whose tiles are compared; NULL: of a file */
    const char *path; /* of the file; NULL: the log */
    uint64_t skip,
        last;   /* log_seq: rows up to `skip` were checked before, those behind `last` are not meant */
    bool stops; /* at `last`, rather than refuse what comes behind it */
    struct rows *rows;
    int status;
};

/* Checkpoints that were kept, of as many entries as there are by now. */
static int compare_kept(struct log_check *check)
{
    int status = 0;

    while (status == 0 && check->kept->has && check->kept->checkpoint.size <= check->range.tree.size) {
        if (check->kept->checkpoint.size == check->range.tree.size) {
            status = told(range_check_root(&check->range, check->kept->checkpoint.root), check->kept->path,
                          check->range.problem);
            if (status == EXIT_REFUSED)
                (void)refuse("the log was changed: its entries do not begin with the %" PRIu64
                             " of that checkpoint",
                             check->kept->checkpoint.size);
        }
        if (status == 0)
            status = kept_next(check->kept);
    }
    return status;
}

static int compare_tile(struct range_check *range, struct tlog *log)
{
    uint8_t stored[MERKLE_HASH_BYTES];

    if (tlog_read(log, MERKLE_TILE_HEIGHT, range->tree.size / TILE_WIDTH - 1, stored) < 0)
        return log->status != 0 ? log->status : trouble("a hash cannot be computed");
    range_check_tile(range, stored);
    return 0;
}

/* What the log keeps as the hash of the last entry. */
static int compare_leaf(const struct range_check *range, const char *path, struct tlog *log)
{
    bool has = range->tree.size <= log->checkpoint.size;
    size_t first = 0, count = 0;

    const struct tlog_tile *tile =
        has ? tlog_tile(log, tile_of(0, range->tree.size - 1, log->checkpoint.size, &first, &count)) : NULL;
    if (has && tile == NULL)
        return log->status;
    if (has && memcmp(tile->hashes[first], range->hash, MERKLE_HASH_BYTES) == 0)
        return 0;
    return refuse("%s: the log has %s entry %" PRIu64, path, has ? "another" : "no", range->tree.size);
}

static int compare_day(const struct range_check *range, const char *path, const struct trading_day *day)
{
    if (range->recorded_at.us >= day->begin.us && range->recorded_at.us < day->end.us)
        return 0;
    return refuse("%s: entry %" PRIu64 " is of another day", path, range->tree.size);
}

static int on_row(void *context, const char *const columns[static AUDIT_COLUMNS])
{
    struct pass *pass = context;
    struct range_check *range = &pass->check->range;

    if (pass->skip > 0 && columns[AUDIT_COLUMN_LOG_SEQ] != NULL &&
        strtoull(columns[AUDIT_COLUMN_LOG_SEQ], NULL, 10) <= pass->skip)
        return 0;
    if (range->tree.size == pass->last) {
        if (!pass->stops)
            pass->status = refuse("%s: there are more entries than the proof is of", pass->path);
        return 1;
    }
    pass->status = told(range_check_row(range, columns), pass->path, range->problem);
    if (pass->status == 0 && pass->log != NULL && range->tile_ended)
        pass->status = compare_tile(range, pass->log);
    if (pass->status == 0 && pass->check->day != NULL)
        pass->status = compare_day(range, pass->path, pass->check->day);
    if (pass->status == 0 && pass->check->leaves != NULL)
        pass->status = compare_leaf(range, pass->path, pass->check->leaves);
    if (pass->status == 0)
        pass->status = compare_kept(pass->check);
    if (range->tree.size % PROGRESS_ENTRIES == 0 || range->tree.size == pass->last)
        show_progress(range->tree.size, pass->last);
    return pass->status == 0 ? 0 : 1;
}

/* What has no more to say of itself was refused as no export. */
static int ended(const struct pass *pass, int r)
{
    if (pass->status != 0 || r == 0 || r == 1)
        return pass->status;
    return told(r, pass->path, rows_problem(pass->rows));
}

static bool take(void *context, const char *bytes, size_t length)
{
    struct pass *pass = context;
    int r = rows_feed(pass->rows, bytes, length);

    if (r != 0)
        pass->status = ended(pass, r);
    return r == 0;
}

static int read_file(const char *path, struct rows *rows, int *ret_r)
{
    static const char *const cannot = "cannot read %s: %s";
    CLEANUP_FREE char *bytes = malloc(READ_BYTES);
    FILE *file = bytes == NULL ? NULL : fopen(path, "re");
    size_t length;

    if (file == NULL)
        return trouble(cannot, path, strerror(errno));
    int r = 0;
    while (r == 0 && (length = fread(bytes, 1, READ_BYTES, file)) > 0)
        r = rows_feed(rows, bytes, length);
    bool read = ferror(file) == 0;
    (void)fclose(file);
    if (!read)
        return trouble(cannot, path, strerror(EIO));
    *ret_r = r == 0 ? rows_end(rows) : r;
    return 0;
}

static int check_end(const struct pass *pass)
{
    uint64_t size = pass->check->range.tree.size;
    if (size >= pass->last)
        return 0;
    return refuse("%s: entries %" PRIu64 " to %" PRIu64 " are missing: it ends before them",
                  pass->path == NULL ? "the log" : pass->path, size + 1, pass->last);
}

/* --- a file --- */

static int append_neighbour(struct range_check *range, const struct log_range_entry *entry)
{
    uint8_t input[1 + AUDIT_LEAF_ENCODING_MAX] = {0}, hash[MERKLE_HASH_BYTES];

    if (entry->length == 0)
        return 0;
    memcpy(input + 1, entry->bytes, entry->length);
    if (EVP_Digest(input, 1 + entry->length, hash, NULL, EVP_sha256(), NULL) != 1 ||
        merkle_append(&range->tree, hash) < 0 || (range->bad > 0 && merkle_append(&range->stated, hash) < 0))
        return trouble("a hash cannot be computed");
    return 0;
}

/* The tree before the first row; behind what was checked before, it is the same one. */
static int begin_range(struct log_check *check, const char *path, const struct log_range *proof,
                       const struct checkpoint *checkpoint)
{
    struct range_check range;
    uint8_t root[MERKLE_HASH_BYTES], before[MERKLE_HASH_BYTES];
    bool first = check->origin[0] == '\0';

    range_check_begin(&range, &proof->before);
    int status = append_neighbour(&range, &proof->lower);
    if (status == 0 && (merkle_root(&check->range.tree, before) < 0 || merkle_root(&range.tree, root) < 0))
        status = trouble("a hash cannot be computed");
    if (status != 0)
        return status;
    if (!first && strcmp(check->origin, checkpoint->origin) != 0)
        return refuse("%s: it is of another log than the file before it", path);
    if (!first && range.tree.size != check->range.tree.size)
        return refuse("%s begins with entry %" PRIu64 ", and the file before it ends with %" PRIu64, path,
                      range.tree.size + 1, check->range.tree.size);
    if (!first && memcmp(root, before, sizeof(root)) != 0)
        return refuse("%s: its log has another past than the files before it", path);
    range.good = range.tree.size;
    check->range = range;
    (void)snprintf(check->origin, sizeof(check->origin), "%s", checkpoint->origin);
    return kept_check_origin(check->kept, check->origin);
}

/* The root at the end of the range is that of the checkpoint's beginning. */
static int judge(struct log_check *check, const char *path, const struct log_range *proof,
                 const struct checkpoint *checkpoint)
{
    struct range_check *range = &check->range;
    struct range_check whole = *range;
    int status = append_neighbour(&whole, &proof->upper);

    if (status != 0)
        return status;
    bool holds = log_range_check(proof, &whole.tree, checkpoint) == 0;
    bool stated_holds = range->bad > 0 && log_range_check(proof, &whole.stated, checkpoint) == 0;
    return told(range_check_judge(range, holds, stated_holds), path, range->problem);
}

static int read_rows(struct log_check *check, const char *path, const struct log_range *proof)
{
    struct pass pass = {.check = check, .path = path, .last = proof->last};
    CLEANUP(rows_destroy) struct rows *rows = NULL;
    int r = 0;

    if (rows_create(on_row, &pass, &rows) < 0)
        return trouble("out of memory");
    pass.rows = rows;
    int status = read_file(path, rows, &r);
    end_progress();
    if (status == 0)
        status = ended(&pass, r);
    return status == 0 ? check_end(&pass) : status;
}

int log_check_file(struct log_check *check, const struct args *args, const char *path, const char *proof_path,
                   struct log_range *ret_proof, struct buffer *ret_text)
{
    struct checkpoint checkpoint;
    char beside[PATH_BYTES];

    if (snprintf(beside, sizeof(beside), "%s" LOG_PROOF_SUFFIX, path) >= PATH_BYTES)
        return trouble("%s is too long a name", path);
    if (proof_path == NULL)
        proof_path = beside;
    int status = tlog_read_file(proof_path, PROOF_BYTES_MAX, "proof of an export", ret_text);
    if (status == 0 && log_range_parse(ret_text->data, ret_text->length, ret_proof) < 0)
        status = trouble("%s is no proof of an export", proof_path);
    if (status == 0)
        status = tlog_verify(args, ret_proof->checkpoint, ret_proof->checkpoint_length, &checkpoint);
    if (status == 0)
        status = begin_range(check, path, ret_proof, &checkpoint);
    if (status == 0)
        status = compare_kept(check);
    if (status == 0)
        status = read_rows(check, path, ret_proof);
    return status == 0 ? judge(check, path, ret_proof, &checkpoint) : status;
}

/* --- the log --- */

int log_check_live(struct log_check *check, struct tlog *log)
{
    struct pass pass = {.check = check,
                        .log = log,
                        .skip = check->range.tree.size,
                        .last = log->checkpoint.size,
                        .stops = true};
    CLEANUP(rows_destroy) struct rows *rows = NULL;

    if (check->origin[0] != '\0' && strcmp(check->origin, log->checkpoint.origin) != 0)
        return refuse("the gateway has another log than the files");
    int status = kept_check_origin(check->kept, log->checkpoint.origin);
    if (status == 0 && rows_create(on_row, &pass, &rows) < 0)
        status = trouble("out of memory");
    if (status != 0)
        return status;
    pass.rows = rows;
    status = http_stream(log->context, "/api/v1/audit/export?format=csv", take, &pass);
    end_progress();
    if (status == 0)
        status = pass.status;
    if (status == EXIT_REFUSED && check->range.tree.size == pass.skip)
        (void)refuse("Were the entries before it archived? Then name their files, in their order, and --log");
    if (status == 0 && pass.check->range.tree.size < pass.last)
        status = ended(&pass, rows_end(rows));
    if (status == 0)
        status = check_end(&pass);
    if (status == 0)
        status = told(range_check_root(&check->range, log->checkpoint.root), NULL, check->range.problem);
    (void)snprintf(check->origin, sizeof(check->origin), "%s", log->checkpoint.origin);
    if (status == 0 && check->kept->has && check->kept->checkpoint.size > log->checkpoint.size)
        status = refuse("the log was cut: it has %" PRIu64 " entries, and had %" PRIu64, log->checkpoint.size,
                        check->kept->checkpoint.size);
    return status;
}

/* --- bounds --- */

struct bounds {
    const char *path;
    uint64_t first, last;
    int status;
};

static int on_bound(void *context, const char *const columns[static AUDIT_COLUMNS])
{
    struct bounds *bounds = context;
    const char *text = columns[AUDIT_COLUMN_LOG_SEQ];
    uint64_t log_seq = text == NULL ? 0 : strtoull(text, NULL, 10);

    if (bounds->first == 0)
        bounds->first = log_seq;
    else if (log_seq != bounds->last + 1) {
        bounds->status = refuse("the log lacks entry %" PRIu64 ": entry %" PRIu64 " follows %" PRIu64,
                                bounds->last + 1, log_seq, bounds->last);
        return 1;
    }
    bounds->last = log_seq;
    return 0;
}

int log_check_bounds(const char *path, uint64_t *ret_first, uint64_t *ret_last)
{
    CLEANUP(rows_destroy) struct rows *rows = NULL;
    struct bounds bounds = {.path = path};
    int r = 0;

    if (rows_create(on_bound, &bounds, &rows) < 0)
        return trouble("out of memory");
    int status = read_file(path, rows, &r);
    if (status == 0 && bounds.status != 0)
        return bounds.status;
    if (status == 0 && r != 0)
        status = trouble("%s: %s", path, rows_problem(rows));
    *ret_first = bounds.first;
    *ret_last = bounds.last;
    return status;
}
