/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/lane_set.h"

#include <assert.h>

void lane_set_plan(int lanes, uint64_t held, int live, uint64_t first, struct lane_plan *ret_plan)
{
    assert(lanes >= 1 && lanes <= LANES_MAX);
    int executors = live < 1 ? 1 : live;
    int share = (lanes + executors - 1) / executors;
    int holding = __builtin_popcountll(held);
    *ret_plan = (struct lane_plan){.take_count = holding < share ? share - holding : 0};
    for (int lane = lanes - 1; lane >= 0 && holding > share; lane--) {
        if ((held & lane_bit(lane)) == 0)
            continue;
        ret_plan->hand_over |= lane_bit(lane);
        holding--;
    }
    for (int i = 0; i < lanes && ret_plan->take_count > 0; i++) {
        int lane = (int)((first + (uint64_t)i) % (uint64_t)lanes);
        if ((held & lane_bit(lane)) == 0)
            ret_plan->candidates[ret_plan->candidate_count++] = lane;
    }
}
