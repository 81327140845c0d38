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
    struct evidence evidence = {.path = args_text(args, "--out"),
                                .from = args_text(args, "--from"),
                                .to = args_text(args, "--to"),
                                .query = query};

    if (args_has(args, "--trader"))
        return usage_error(args->command, "--out has a proof of all entries, and --trader leaves some out");
    int status = evidence_write(context, args, &evidence);
    if (status == 0)
        (void)printf("%s: entries %" PRIu64 " to %" PRIu64 ", proved by %s" LOG_PROOF_SUFFIX "\n",
                     evidence.path, evidence.proof.first, evidence.proof.last, evidence.path);
    return status;
}

int audit_export_run(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(PATH_BYTES);

    buffer_append_text(&path, "/api/v1/audit/export");
    int status = http_append_args(&path, args);
    if (status != 0)
        return status;
    if (args_has(args, "--out"))
        return write_file(context, args, path.data);
    status = http_stream(context, path.data, print, stdout);
    return status == 0 && (ferror(stdout) != 0 || fflush(stdout) != 0)
               ? trouble("the output cannot be written")
               : status;
}
