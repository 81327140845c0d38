/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/dispatch.h"

enum { RATE_LOOK_US = 50000 }; /* how often a lane is looked at whose rate is used up */

/* Those that are to be decided anew now. */
static size_t count_anew(const struct executor *executor, const struct lane *lane)
{
    return clock_monotonic_us() >= executor->anew_at_us ? lane->anew.count : 0;
}

int64_t dispatch_anew_wait_us(const struct executor *executor, int64_t left_us)
{
    int64_t until_us = executor->anew_at_us - clock_monotonic_us();
    for (const struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        if (!lane->ready || lane->handing_over || lane->anew.count == 0)
            continue;
        int64_t lane_us =
            lane->rate.per_minute_milli == 0 || until_us > RATE_LOOK_US ? until_us : RATE_LOOK_US;
        left_us = lane_us < left_us ? lane_us : left_us;
    }
    return left_us;
}

/* A lane's orders wait until its cancels and questions are out. Those that are to be decided anew have waited
 * longest. What was cancelled since it was queued takes nothing of the rate. */
static size_t pick_of_lane(struct executor *executor, struct lane *lane, struct uuid *ids, size_t max)
{
    size_t count = 0, popped = 0, anew = count_anew(executor, lane), waiting = anew + lane->waiting.count;
    if (!lane->ready || lane->handing_over || lane->cancels.count + lane->asks.count > 0 || waiting == 0)
        return 0;
    size_t wanted = waiting < max ? waiting : max;
    int allowed = rate_available(&lane->rate, (int)wanted, clock_monotonic_us());
    while (count < (size_t)allowed &&
           id_queue_pop(popped++ < anew ? &lane->anew : &lane->waiting, &ids[count]))
        count += order_table_find_waiting(executor->open, ids[count]) != NULL;
    rate_take(&lane->rate, (int)count);
    lane->touched = lane->touched || count > 0;
    return count;
}

size_t dispatch_pick_claims(struct executor *executor, struct uuid *ids, size_t max)
{
    size_t count = 0;
    int ready = 0;
    for (const struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++)
        ready += lane->ready && lane->waiting.count + count_anew(executor, lane) > 0;
    /* A busy lane must not keep the others waiting: first an equal share each, then whatever room is left. */
    for (int round = 0; round < 2 && ready > 0; round++) {
        size_t share = round == 0 ? (max + (size_t)ready - 1) / (size_t)ready : max;
        for (int i = 0; i < LANES_MAX && count < max; i++) {
            size_t room = max - count < share ? max - count : share;
            count += pick_of_lane(executor, &executor->lanes[i], &ids[count], room);
        }
    }
    return count;
}

void dispatch_order(struct executor *executor, const struct execution *order, bool resend)
{
    struct venue_order outgoing;
    execution_venue_order(order, resend, &outgoing);
    struct open_order *open = order_table_find(executor->open, order->id);
    if (open != NULL)
        execution_sent(&open->questions, order->quantity);
    if (resend) /* a first send was counted when it was picked */
        rate_take(&executor->lanes[order->lane].rate, 1);
    int r = executor->ops->submit(executor->venue, order->lane, &outgoing);
    metrics_add(executor->service->metrics, METRIC_SENT, resend ? SENT_RETRY : SENT_FIRST, 1);
    if (r < 0)
        LOG(executor_log(executor), LOG_WARNING, "order_not_written", LOG_UUID("order_id", order->id),
            LOG_TRACE(order->trace_id), LOG_ERRNO(r));
}

/* Whether it went out. Not: refused or done meanwhile; or the lane is down, and it is repeated when it is
 * ready. */
static bool amend(struct executor *executor, int lane, struct open_order *open)
{
    const struct venue_ops *ops = executor->ops;
    struct decimal quantity = open->order.quantity;
    if (!open->cancel_waits)
        return false; /* DONE meanwhile */
    open->cancel_waits = false;
    struct uuid id = uuid_next(&executor->ids, clock_now());
    if (open->cancels && ops->cancel(executor->venue, lane, &open->order, id) == 0) {
        metrics_add(executor->service->metrics, METRIC_CANCELS, 0, 1);
        return true;
    }
    if (!open->bracketed || !open->works || !execution_wants_replace(&open->questions, quantity) ||
        ops->replace(executor->venue, lane, &open->order, id, quantity) < 0)
        return false;
    open->questions.asked_quantity = quantity;
    metrics_add(executor->service->metrics, METRIC_REPLACES, 0, 1);
    return true;
}

/* Likewise; not also: the lane is down, and it is asked again when it is ready. */
static bool ask(struct executor *executor, int lane, struct open_order *open)
{
    if (!open->ask_waits)
        return false; /* DONE meanwhile */
    open->ask_waits = false;
    if (executor->ops->query(executor->venue, lane, &open->order) < 0)
        return false;
    execution_asked(&open->questions);
    metrics_add(executor->service->metrics, METRIC_QUESTIONS, 0, 1);
    return true;
}

/* Sends what waits in a queue of the lane, within its rate. */
static void drain(struct executor *executor, struct lane *lane, struct id_queue *queue,
                  bool (*sends)(struct executor *executor, int lane, struct open_order *open))
{
    struct uuid id;
    int wanted = queue->count < DISPATCH_ASKS_MAX ? (int)queue->count : DISPATCH_ASKS_MAX;
    int allowed = rate_available(&lane->rate, wanted, clock_monotonic_us());
    while (allowed > 0 && id_queue_pop(queue, &id)) {
        struct open_order *open = order_table_find(executor->open, id);
        if (open == NULL || !sends(executor, lane->number, open))
            continue;
        rate_take(&lane->rate, 1);
        allowed--;
    }
}

void dispatch_urgent(struct executor *executor)
{
    for (struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        if (lane->ready && lane->cancels.count > 0)
            drain(executor, lane, &lane->cancels, amend);
        if (lane->ready && lane->cancels.count == 0 && lane->asks.count > 0)
            drain(executor, lane, &lane->asks, ask);
    }
}

void dispatch_wake(struct executor *executor)
{
    struct instant now = clock_now();
    struct envelope envelope = {.id = uuid_next(&executor->ids, now), .sent_at = now};
    struct outbox_wake wake = {};
    buffer_clear(&executor->message);
    if (outbox_wake_encode(&envelope, &wake, &executor->message) < 0)
        return;
    /* A push that does not go out is no loss: audit-writer sweeps. */
    for (size_t i = 0; i < executor->config->audit_writers.count; i++)
        (void)pipe_send(executor->wakes[i], executor->message.data, executor->message.length);
}
