/* SPDX-License-Identifier: Apache-2.0 */
/* Recomputing the log, or a run of its entries in a file, and telling of the first thing that is wrong. Each
 * function says it on standard error, and returns 0 or an exit status. */
#ifndef OXE_OXECTL_LOG_CHECK_H
#define OXE_OXECTL_LOG_CHECK_H

#include "common/trading_day.h"
#include "proto/log_range.h"
#include "services/oxectl/kept.h"
#include "services/oxectl/range_check.h"

enum { PATH_BYTES = 4096 };

struct log_check {
    struct range_check range; /* as far as it has come */
    char origin[NOTE_NAME_MAX];
    struct kept *kept;   /* compared on the way */
    struct tlog *leaves; /* a log that must have each entry's hash at its place, with a checkpoint of as many;
                            or NULL */
    const struct trading_day *day; /* in which every entry must be recorded; NULL: any */
};

#define LOG_PROOF_SUFFIX ".proof"

/* The entries of a file, by the proof at proof_path, or beside it when that is NULL. They must follow those
 * that were checked before, if any were. *ret_proof borrows *ret_text, which is the caller's to release. */
int log_check_file(struct log_check *check, const struct args *args, const char *path, const char *proof_path,
                   struct log_range *ret_proof, struct buffer *ret_text);

/* The entries of the gateway's log behind those that were checked before, up to its checkpoint. */
int log_check_live(struct log_check *check, struct tlog *log);

/* The first and the last entry of an export's rows, which must follow each other: what a proof is made of.
 * Reads the file; *ret_first is 0 when it has none. */
int log_check_bounds(const char *path, uint64_t *ret_first, uint64_t *ret_last);

#endif
