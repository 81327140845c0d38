/* SPDX-License-Identifier: Apache-2.0 */
/* Which new orders are refused so that those that are taken keep their latency. Pure: time comes in, in
 * monotonic microseconds.
 *
 * One order that waits long says little: a commit stalled, and what queued up behind it is soon answered.
 * Overload is when for a while not even the luckiest order waited less than the bound (Nichols and Jacobson,
 * 'Controlling Queue Delay', ACM Queue 2012). From then on no more orders are under way than are answered
 * within the bound (Little's law), until nothing had to be refused for a while. Where no answer comes at all,
 * those under way may be lost with a process that died: a few more are taken now and then, to find out. */
#ifndef OXE_GATEWAY_SHED_H
#define OXE_GATEWAY_SHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHED_WINDOW_US = 100 * 1000,
    SHED_SILENCE_US = 500 * 1000, /* without an answer; a commit that stalls takes less */
    SHED_UNDER_WAY_MIN = 100,     /* so many are always taken: two batches of a risk-manager */
};

struct shed {
    int64_t wait_max_us; /* the bound; 0: nothing is refused */
    size_t under_way;    /* orders sent on and not answered yet: the caller's to count */
    int64_t began_us;    /* of the window */
    size_t answered;     /* in it */
    size_t refused;
    int64_t least_us; /* the shortest wait in it */
    bool overloaded;
    size_t under_way_max; /* while overloaded */
    int64_t heard_us;     /* when an answer came last, or more were taken without one */
};

/* Whether a new order may be sent on. */
bool shed_takes(struct shed *shed, int64_t now_us);
/* An order that was sent on has been answered after waited_us. */
void shed_answered(struct shed *shed, int64_t now_us, int64_t waited_us);

#endif
