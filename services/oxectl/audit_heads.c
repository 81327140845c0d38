/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit heads, audit consistency: the log's checkpoints, and whether one is the beginning of another.
 */
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/oxectl/kept.h"

int audit_heads_print(const struct context *context, const struct args *args)
{
    CLEANUP(tlog_release) struct tlog log = {0};
    int status = tlog_open(context, args, &log);

    if (status != 0)
        return status;
    if (args_has(args, "--note")) {
        (void)fwrite(log.note.data, 1, log.note.length, stdout);
    } else {
        tlog_print_checkpoint(&log.checkpoint);
        tlog_print_witnesses(args, log.note.data, log.note.length);
    }
    return 0;
}

static int check_extension(struct tlog *log, const struct checkpoint *old)
{
    struct merkle_proof proof;

    if (old->size > log->checkpoint.size)
        return refuse("the log was cut: it has %" PRIu64 " entries, and had %" PRIu64, log->checkpoint.size,
                      old->size);
    if (merkle_proof_extend(old->size, log->checkpoint.size, tlog_read, log, &proof) < 0)
        return log->status != 0 ? log->status : trouble("no proof can be made");
    if (merkle_proof_check_extension(old->size, old->root, log->checkpoint.size, log->checkpoint.root,
                                     &proof) == 0)
        return 0;
    return refuse("the log was changed: its %" PRIu64 " entries do not begin with the %" PRIu64
                  " of the old checkpoint",
                  log->checkpoint.size, old->size);
}

int audit_heads_compare(const struct context *context, const struct args *args)
{
    CLEANUP(kept_release) struct kept kept = {0};
    CLEANUP(tlog_release) struct tlog log = {0};

    int status = kept_open(args, args->operands[0], &kept);
    if (status == 0)
        status = tlog_open(context, args, &log);
    while (status == 0 && kept.has) {
        uint64_t size = kept.checkpoint.size;
        status = kept_check_origin(&kept, log.checkpoint.origin);
        if (status == 0)
            status = check_extension(&log, &kept.checkpoint);
        if (status == 0)
            (void)printf("the log's %" PRIu64 " entries begin with the %" PRIu64 " of %s\n",
                         log.checkpoint.size, size, kept.path);
        if (status == 0)
            status = kept_next(&kept);
    }
    return status;
}
