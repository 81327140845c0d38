/* SPDX-License-Identifier: Apache-2.0 */
/* What audit-writers of earlier months would have left: entries with their hashes, for a log that a real one
 * then goes on with. The log must hold nothing else. */
#ifndef OXE_TESTS_SUPPORT_LOG_HISTORY_H
#define OXE_TESTS_SUPPORT_LOG_HISTORY_H

#include "proto/merkle.h"
#include "tests/support/admission_world.h"

struct log_history {
    struct world *world;
    struct merkle tree;
    struct instant last;
};

/* Makes the partitions of the months since then. */
void log_history_begin(struct log_history *ret_history, struct world *world, int months_ago);
/* Entries "entry N" in the month so long ago, UTC, one a second from `second` of the month on. Later ones
 * come later. */
void log_history_write(struct log_history *history, int months_ago, int second, int count);
/* And an audit-writer may go on. */
void log_history_end(struct log_history *history);

/* "2026-10" (static, good until the next call). */
const char *log_history_month(struct world *world, int months_ago);

#endif
