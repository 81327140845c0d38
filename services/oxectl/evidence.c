/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { WAITS = 100, WAIT_MS = 200 }; /* for a checkpoint that covers the last entry */

#define PART ".part"

struct paths {
    char part[PATH_BYTES], proof[PATH_BYTES], proof_part[PATH_BYTES], folder[PATH_BYTES];
};

static int name_paths(const char *path, struct paths *ret_paths)
{
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

    if (snprintf(ret_paths->proof_part, PATH_BYTES, "%s" LOG_PROOF_SUFFIX PART, path) >= PATH_BYTES)
        return trouble("%s is too long a name", path);
    (void)snprintf(ret_paths->part, PATH_BYTES, "%s" PART, path);
    (void)snprintf(ret_paths->proof, PATH_BYTES, "%s" LOG_PROOF_SUFFIX, path);
    (void)snprintf(ret_paths->folder, PATH_BYTES, "%.*s", length, slash == NULL ? "." : path);
    return access(path, F_OK) == 0 ? trouble("%s exists already", path) : 0;
}

static bool write_on(void *context, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, context) == length;
}

/* What was written is on the disk, or it failed. */
static bool settle(FILE *file)
{
    bool settled = ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;

    return fclose(file) == 0 && settled;
}

static int cannot_write(const char *path)
{
    return trouble("cannot write %s: %s", path, strerror(errno));
}

static int download(const struct context *context, const struct evidence *evidence, const char *path)
{
    CLEANUP(buffer_release) struct buffer query = BUFFER_INIT(PATH_BYTES);
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return cannot_write(path);
    buffer_append_text(&query, "/api/v1/audit/export?format=csv");
    query_append(&query, "from", evidence->from);
    query_append(&query, "to", evidence->to);
    int status = http_stream(context, evidence->query == NULL ? query.data : evidence->query, write_on, file);
    bool failed = ferror(file) != 0;
    if ((!settle(file) || failed) && status == 0)
        status = cannot_write(path);
    return status;
}

/* Where an export without entries stands: before the first that comes behind it. */
static int find_gap(const struct context *context, const struct evidence *evidence, struct tlog *log,
                    uint64_t *ret_first)
{
    CLEANUP(buffer_release) struct buffer behind = BUFFER_INIT(PATH_BYTES);
    CLEANUP(reply_release) struct reply reply = {0};

    buffer_append_text(&behind, "/api/v1/audit?limit=1");
    query_append(&behind, "from", evidence->to != NULL ? evidence->to : evidence->from);
    int status = http_get(context, &reply, "%s", behind.data);

    if (status != 0)
        return status;
    yajl_val entries = json_get(reply.json, "entries");
    *ret_first = json_length(entries) > 0 ? strtoull(json_text(json_item(entries, 0), "log_seq"), NULL, 10)
                                          : log->checkpoint.size + 1;
    return 0;
}

/* A checkpoint that covers so many entries. */
static int await_checkpoint(const struct context *context, const struct args *args, uint64_t size,
                            struct tlog *log)
{
    for (int i = 0; i < WAITS; i++) {
        tlog_release(log);
        int status = tlog_open(context, args, log);
        if (status != 0 || log->checkpoint.size >= size)
            return status;
        (void)poll(NULL, 0, WAIT_MS);
    }
    return trouble("no checkpoint covers entry %" PRIu64 ": are checkpoints signed?", size);
}

static int make_proof(struct tlog *log, struct evidence *evidence)
{
    struct log_range *proof = &evidence->proof;
    bool lower = evidence->neighbours && proof->first > 1;
    bool upper = evidence->neighbours && proof->last < log->checkpoint.size;
    uint64_t end = proof->last + (upper ? 1 : 0);
    int status = 0;

    if (lower)
        status = tlog_entry(log, proof->first - 2, proof->lower.bytes, &proof->lower.length);
    if (status == 0 && upper)
        status = tlog_entry(log, proof->last, proof->upper.bytes, &proof->upper.length);
    if (status == 0)
        status = tlog_tree(log, proof->first - 1 - (lower ? 1 : 0), &proof->before);
    if (status == 0 && merkle_proof_extend(end, log->checkpoint.size, tlog_read, log, &proof->after) < 0)
        status = log->status != 0 ? log->status : trouble("no proof can be made");
    proof->checkpoint = log->note.data;
    proof->checkpoint_length = log->note.length;
    return status;
}

static int write_proof(const struct log_range *proof, const char *path)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);

    log_range_append(proof, &text);
    if (buffer_failed(&text))
        return trouble("out of memory");
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return cannot_write(path);
    (void)fwrite(text.data, 1, text.length, file);
    return settle(file) ? 0 : cannot_write(path);
}

/* As it stands on the disk, by what anybody else would go by. */
static int read_back(const struct args *args, const struct paths *paths)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct kept none = {0};
    struct log_check check = {.kept = &none};
    struct log_range proof;

    return log_check_file(&check, args, paths->part, paths->proof_part, &proof, &text);
}

/* The proof first: an export that is there has its proof. */
static int put_in_place(const char *path, const struct paths *paths)
{
    if (rename(paths->proof_part, paths->proof) < 0)
        return cannot_write(paths->proof);
    if (rename(paths->part, path) < 0)
        return cannot_write(path);
    CLEANUP_CLOSE int folder = open(paths->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 || fsync(folder) < 0 ? cannot_write(paths->folder) : 0;
}

int evidence_write(const struct context *context, const struct args *args, struct evidence *evidence)
{
    CLEANUP(tlog_release) struct tlog log = {0};
    struct log_range *proof = &evidence->proof;
    struct paths paths;

    int status = name_paths(evidence->path, &paths);
    if (status != 0)
        return status;
    *proof = (struct log_range){0};
    status = tlog_open(context, args, &log); /* who cannot verify it finds out before the download */
    if (status == 0)
        status = download(context, evidence, paths.part);
    if (status == 0)
        status = log_check_bounds(paths.part, &proof->first, &proof->last);
    if (status == 0 && proof->first == 0) {
        status = find_gap(context, evidence, &log, &proof->first);
        proof->last = proof->first - 1;
    }
    if (status == 0)
        status = await_checkpoint(context, args, proof->last, &log);
    if (status == 0)
        status = make_proof(&log, evidence);
    if (status == 0)
        status = write_proof(proof, paths.proof_part);
    if (status == 0)
        status = read_back(args, &paths);
    if (status == 0)
        status = put_in_place(evidence->path, &paths);
    if (status != 0) {
        (void)unlink(paths.part);
        (void)unlink(paths.proof_part);
    }
    proof->checkpoint = NULL;
    proof->checkpoint_length = 0;
    return status;
}
