/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit verify: whether the log, and what was exported of it, is what its checkpoints say. */
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/oxectl/log_check.h"

static int verify_file(struct log_check *check, const struct args *args, const char *path)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct log_range proof;

    int status = log_check_file(check, args, path, NULL, &proof, &text);
    if (status == 0)
        (void)printf("%s: entries %" PRIu64 " to %" PRIu64 " of %s are what was recorded\n", path,
                     proof.first, proof.last, check->origin);
    return status;
}

static int verify_log(struct log_check *check, const struct context *context, const struct args *args)
{
    CLEANUP(tlog_release) struct tlog log = {0};

    int status = tlog_open(context, args, &log);
    if (status == 0)
        status = log_check_live(check, &log);
    if (status == 0) {
        (void)printf("every entry is as it was recorded\n");
        tlog_print_checkpoint(&log.checkpoint);
    }
    return status;
}

int audit_verify_run(const struct context *context, const struct args *args)
{
    CLEANUP(kept_release) struct kept kept = {0};
    struct log_check check = {.kept = &kept};
    bool live = args->operand_count == 0 || args_has(args, "--log");

    if (live && context->token == NULL)
        return usage_error(args->command, "the log is read with a token of the role compliance in OXE_TOKEN");
    int status = kept_open(args, args_text(args, "--since"), &kept);
    for (size_t i = 0; status == 0 && i < args->operand_count; i++)
        status = verify_file(&check, args, args->operands[i]);
    if (status == 0 && live)
        status = verify_log(&check, context, args);
    if (status == 0 && kept.has)
        (void)printf("the checkpoint of %" PRIu64 " entries in %s is of later ones\n", kept.checkpoint.size,
                     kept.path);
    return status;
}
