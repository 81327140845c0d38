/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/shed.h"

bool shed_takes(struct shed *shed, int64_t now_us)
{
    if (shed->under_way == 0)
        shed->overloaded = false;
    if (!shed->overloaded || shed->under_way < shed->under_way_max)
        return true;
    if (now_us - shed->heard_us >= SHED_SILENCE_US) {
        shed->heard_us = now_us;
        shed->under_way_max = shed->under_way + SHED_UNDER_WAY_MIN;
        return true;
    }
    shed->refused++;
    return false;
}

/* How many are answered within the bound, at the pace of the window that ends. */
static size_t answered_within(const struct shed *shed, int64_t now_us)
{
    int64_t count = (int64_t)shed->answered * shed->wait_max_us / (now_us - shed->began_us);

    return count > SHED_UNDER_WAY_MIN ? (size_t)count : SHED_UNDER_WAY_MIN;
}

/* A pace swings: half of the last one stays in it. */
static void judge(struct shed *shed, int64_t now_us)
{
    size_t within = answered_within(shed, now_us);

    if (shed->overloaded) {
        shed->under_way_max = (shed->under_way_max + within) / 2;
        shed->overloaded = shed->refused > 0 || shed->least_us > shed->wait_max_us;
    } else if (shed->least_us > shed->wait_max_us) {
        shed->overloaded = true;
        shed->under_way_max = within;
    }
}

void shed_answered(struct shed *shed, int64_t now_us, int64_t waited_us)
{
    int64_t took_us = now_us - shed->began_us;

    if (shed->wait_max_us == 0)
        return;
    shed->heard_us = now_us;
    if (shed->answered == 0 || took_us >= SHED_WINDOW_US) {
        /* After a pause in the answers nothing can be said of their pace. */
        if (shed->answered > 0 && took_us < SHED_SILENCE_US)
            judge(shed, now_us);
        shed->began_us = now_us;
        shed->answered = shed->refused = 0;
        shed->least_us = waited_us;
    }
    shed->answered++;
    if (waited_us < shed->least_us)
        shed->least_us = waited_us;
}
