/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits over any window of a minute: pure, time comes in.
 *
 * A window is a log of when its caller was last admitted, at most `limit` entries long. Of the entries in any
 * span of RATE_PERIOD_S, its end excluded, there are never more than the limit; a caller that has been silent
 * for that long may use the whole limit at once. An entry is forgotten when it is exactly that old. Refusals
 * cost nothing. Times are microseconds of any one clock. */
#ifndef OXE_GATEWAY_RATE_WINDOW_H
#define OXE_GATEWAY_RATE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/uuid.h"

enum { RATE_PERIOD_S = 60 };

/* Requests that are counted apart. */
enum rate_kind { RATE_NONE, RATE_ORDERS, RATE_PREVIEWS, RATE_CANCELS, RATE_READS, RATE_KINDS };

struct rate_verdict {
    bool passes;
    int64_t remaining; /* how many more would pass now */
    int64_t full_us;   /* until the whole limit is free again */
    int64_t retry_us;  /* until the next one passes; 0 when this one does */
};

/* All zero: nobody was admitted yet. */
struct rate_window {
    int64_t *times; /* a ring, oldest first */
    size_t capacity, first, count;
};

void rate_window_release(struct rate_window *window);

/* Whether one would be admitted now; and admits one, if so. limit: 1 and more; it may change from call to
 * call. Without memory for the entry nobody is admitted. */
struct rate_verdict rate_window_look(struct rate_window *window, int64_t limit, int64_t now_us);
struct rate_verdict rate_window_take(struct rate_window *window, int64_t limit, int64_t now_us);

/* Windows of many callers, by kind and id: a bounded table. Where a group is full, the one that has used
 * least is forgotten. */
struct rate_table;

/* sets: groups of four; a power of two. -ENOMEM. */
int rate_table_create(size_t sets, struct rate_table **ret_table);
void rate_table_destroy(struct rate_table **table);
/* Holds until the next call. */
struct rate_window *rate_table_window(struct rate_table *table, enum rate_kind kind, struct uuid id,
                                      int64_t now_us);

#endif
