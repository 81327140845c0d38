/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/checks.h"

#include "services/executor/core/turn.h"

enum {
    POSTPONED_US = 1000000, /* what waits for the rate or the line is looked at again so much later */
    STALE_MIN = 4096,       /* entries more than orders before the heap is rebuilt */
};

static int arm(struct executor *executor, struct open_order *open, int64_t at_us)
{
    if (open->armed_us != 0 && open->armed_us <= at_us)
        return 0;
    open->armed_us = at_us;
    return due_heap_push(&executor->due, at_us, open->order.order_id);
}

int checks_arm(struct executor *executor, struct open_order *open)
{
    return open->next_check_us == 0 ? 0 : arm(executor, open, open->next_check_us);
}

void checks_line(struct executor *executor, struct open_order *open, enum order_due due)
{
    open->due = due;
    (void)arm(executor, open, 1);
}

/* Whether looking at it now would be too early: what it waits for is still on its way out, or there is nobody
 * to ask. An order that was never answered is looked at all the same: without a line its checks pass unmade.
 */
static bool is_postponed(const struct executor *executor, const struct open_order *open)
{
    return open->ask_waits || open->cancel_waits || (!open->unanswered && !executor->lanes[open->lane].ready);
}

/* false: no room. */
static bool collect(struct executor *executor, struct open_order *open, struct instant now)
{
    int r = 0;
    open->armed_us = 0;
    if (open->due == ORDER_DUE_TIME && open->next_check_us == 0)
        return true;
    if (open->due == ORDER_DUE_TIME && open->next_check_us > now.us)
        r = checks_arm(executor, open);
    else if (open->due == ORDER_DUE_TIME && is_postponed(executor, open))
        r = arm(executor, open, now.us + POSTPONED_US);
    else if (turn_add_tick(executor->turn, open->order.order_id, open->trader_id, open->order.symbol,
                           open->due)) {
        executor->lanes[open->lane].touched = true;
        open->due = ORDER_DUE_TIME;
    } else {
        (void)arm(executor, open, 1); /* there was an entry a moment ago: there is memory for it */
        return false;
    }
    if (r < 0)
        LOG_ALARM(executor_log(executor), LOG_ERROR, "check_not_kept", "process_degraded", log_errno_name(r),
                  "oxectl doctor", LOG_UUID("order_id", open->order.order_id));
    return true;
}

void checks_collect(struct executor *executor, struct instant now)
{
    struct due due;
    bool room = true;
    while (room && due_heap_pop(&executor->due, now.us, &due)) {
        struct open_order *open = order_table_find(executor->open, due.order_id);
        if (open != NULL && !open->waiting && open->armed_us == due.at_us)
            room = collect(executor, open, now);
    }
}

void checks_compact(struct executor *executor)
{
    if (executor->due.count <= 2 * order_table_count(executor->open) + STALE_MIN)
        return;
    due_heap_clear(&executor->due);
    for (struct open_order *open = NULL; (open = order_table_next(executor->open, open)) != NULL;) {
        if (!open->waiting && open->armed_us != 0)
            (void)due_heap_push(&executor->due, open->armed_us, open->order.order_id); /* shrinks: has room */
    }
}

int64_t checks_wait_us(const struct executor *executor, struct instant now, int64_t max_us)
{
    int64_t next_us = due_heap_next_us(&executor->due);
    if (next_us <= now.us)
        return 0;
    return next_us - now.us < max_us ? next_us - now.us : max_us;
}
