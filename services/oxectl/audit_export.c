/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit export: the log to standard output, or to a file with its proof. */
#include <inttypes.h>

#include "common/cleanup.h"
#include "services/oxectl/evidence.h"

static bool print(void *context, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, context) == length;
}

static int write_file(const struct context *context, const struct args *args, const char *query)
{
    CLEANUP(buffer_release) struct buffer empty = BUFFER_INIT(PATH_BYTES);
    struct evidence evidence = {.path = args_text(args, "--out"), .query = query};

    if (args_has(args, "--trader"))
        return usage_error(args->command, "--out has a proof of all entries, and --trader leaves some out");
    buffer_append_text(&empty, "/api/v1/audit?limit=1");
    query_append(&empty, "from",
                 args_has(args, "--to") ? args_text(args, "--to") : args_text(args, "--from"));
    evidence.empty = empty.data;
    int status = evidence_write(context, args, &evidence);
    if (status == 0)
        (void)printf("%s: entries %" PRIu64 " to %" PRIu64 ", proved by %s" LOG_PROOF_SUFFIX "\n",
                     evidence.path, evidence.proof.first, evidence.proof.last, evidence.path);
    return status;
}

static int run_export(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_BYTES);

    buffer_append_text(&path, "/api/v1/audit/export");
    args_append_query(args, &path);
    if (buffer_failed(&path))
        return usage_error(args->command, "an argument is too long");
    if (args_has(args, "--out"))
        return write_file(context, args, path.data);
    int status = http_stream(context, path.data, print, stdout);
    return status == 0 && (ferror(stdout) != 0 || fflush(stdout) != 0)
               ? trouble("the output cannot be written")
               : status;
}

const struct command audit_export_command = {
    .name = "audit export",
    .group = GROUP_COMPLIANCE,
    .needs = NEEDS_TOKEN,
    .summary = "the audit trail to standard output or a file, whatever its size",
    .manual = "Status 2 when it is not whole. A TIME is as 2025-10-17T12:01:05Z, and of the recording. With "
              "--out a "
              "proof is written\n"
              "beside the file, FILE" LOG_PROOF_SUFFIX
              ": by both 'audit verify FILE' shows without the log that these are "
              "all entries of the range, and as\n"
              "they were recorded. It waits until a checkpoint covers the last.",
    .args = ARGS(OPTION("--trader", "ID", "of one trader", .member = "trader_id"), RECORDED_OPTIONS,
                 OPTION("--format", "ndjson|csv", "lines of JSON (the default) or a table", .kind = ARG_WORD,
                        .member = "format"),
                 OPTION("--out", "FILE", "to this file, which must not exist, and its proof"), TLOG_TRUST,
                 NO_MORE),
    .run = run_export,
};
