/* SPDX-License-Identifier: Apache-2.0 */
/* Which lanes an executor should take, and which hand over (docs/decisions/0032).
 *
 * Pure. Live executors share the lanes evenly: each holds at most ceil(lanes / live). Who holds fewer tries
 * the lanes that it does not hold, beginning at a place of its own so that executors that start together do
 * not all try the same one; the advisory lock decides. Who holds more hands the highest ones over. Sets of
 * lanes are bit masks: bit n is lane n. */
#ifndef OXE_EXECUTOR_LANE_SET_H
#define OXE_EXECUTOR_LANE_SET_H

#include <stdint.h>

#include "proto/lane.h"

enum {
    /* First key of pg_try_advisory_lock(class, lane): whoever holds it owns the lane ("OXL"). */
    LANE_LOCK_CLASS = 0x4f584c,
};

struct lane_plan {
    int take_count;            /* so many of `candidates`, at most */
    int candidates[LANES_MAX]; /* lanes not held, in the order to try */
    int candidate_count;
    uint64_t hand_over; /* lanes to drain and let go */
};

/* lanes: 1 to LANES_MAX; live: executors alive, this one included, at least 1 (less counts as 1); first:
 * where to begin. */
void lane_set_plan(int lanes, uint64_t held, int live, uint64_t first, struct lane_plan *ret_plan);

static inline uint64_t lane_bit(int lane)
{
    return UINT64_C(1) << lane;
}

#endif
