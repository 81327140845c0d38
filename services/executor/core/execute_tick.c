/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reject.h"
#include "services/executor/core/bracket.h"
#include "services/executor/core/execute.h"
#include "services/executor/core/execute_step.h"

/* No answer in time, or the line was lost: from here on the exchange is asked. */
static void need_retry(struct execution *order, struct execute_effect *effect)
{
    effect->retry_needed = true;
    execute_step_ask_later(order, effect);
}

/* A check that could not be made, or that brought no answer. */
static void miss_check(struct execution *order, struct execute_effect *effect)
{
    if (execute_step_checks(order, effect->policy) < effect->policy->attempts_max)
        execute_step_ask_later(order, effect);
    else
        execute_step_doubt(
            order, reject_text(REJECT_EXCHANGE_UNAVAILABLE),
            "The exchange did not answer, and could not be asked about the order; it is still asked, wait "
            "for the next event.",
            effect);
}

static void check(struct execution *order, bool line_ready, struct execute_effect *effect)
{
    order->questions.checks = (uint8_t)(execute_step_checks(order, effect->policy) + 1);
    if (!line_ready) {
        miss_check(order, effect);
        return;
    }
    order->questions.wait = EXECUTE_WAIT_REPLY;
    order->next_check_at = execute_step_answer_due(effect);
    effect->query = effect->changed = true;
}

static void tick_sent(struct execution *order, bool line_ready, struct execute_effect *effect)
{
    if (order->questions.wait == EXECUTE_WAIT_ANSWER)
        need_retry(order, effect);
    else if (order->questions.wait == EXECUTE_WAIT_TURN)
        check(order, line_ready, effect);
    else
        miss_check(order, effect);
}

/* The exchange has had time to end the order with its day, and to say so. */
static bool is_overdue(const struct execution *order, const struct execute_effect *effect)
{
    return execute_step_is_past(order, effect->now) && execute_step_day_check(order, effect).us == 0;
}

/* A report is late, a cancel was not answered, or the fate of the order is open: the exchange is asked. Once
 * is enough where no report is owed. */
static void tick_known(struct execution *order, bool line_ready, struct execute_effect *effect)
{
    bool cancels = execution_cancels_there(order);
    bool resizes = bracket_resizes(order);
    struct execution next = *order;
    next.questions.asked_quantity = decimal_zero(); /* not answered: the question brings out what holds */
    bool doubted = order->state == EXECUTION_STATE_IN_DOUBT;
    next.next_check_at = (cancels && !doubted) || resizes || is_overdue(order, effect)
                             ? execute_step_answer_due(effect)
                         : doubted ? execute_step_later(effect->now, effect->policy->status_timeout_us)
                                   : execute_step_day_check(order, effect);
    if (!execute_step_take(order, &next, effect))
        return;
    effect->query = line_ready;
    effect->cancel = line_ready && cancels;
}

static void tick_admitted(struct execution *order, struct execute_effect *effect)
{
    if (execute_step_cancels(order))
        (void)execute_step_finish(order, ORDER_STATUS_CANCELLED, "", "Cancelled before it was sent", effect);
    else if (execute_step_is_past(order, effect->now))
        (void)execute_step_finish(order, ORDER_STATUS_EXPIRED, "",
                                  "The trading day ended before the order could be sent", effect);
}

void execute_tick(struct execution *order, bool line_ready, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED)
        tick_admitted(order, effect);
    if (order->next_check_at.us == 0 || order->next_check_at.us > effect->now.us)
        return;
    if (order->recalled)
        execute_step_recall_again(order, line_ready, effect);
    else if (order->state == EXECUTION_STATE_SENT)
        tick_sent(order, line_ready, effect);
    else if (order->state == EXECUTION_STATE_WORKING && line_ready && !execute_step_cancels(order) &&
             is_overdue(order, effect))
        execute_step_request_cancel(order, EXECUTE_REASON_DAY_ENDED,
                                    "The trading day ended before the exchange had the order", effect);
    else if (order->state == EXECUTION_STATE_WORKING || order->state == EXECUTION_STATE_IN_DOUBT)
        tick_known(order, line_ready, effect);
}

void execute_tick_line_lost(struct execution *order, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_SENT && order->questions.wait != EXECUTE_WAIT_TURN)
        tick_sent(order, false, effect);
}

void execute_tick_line_ready(struct execution *order, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_SENT && order->questions.wait != EXECUTE_WAIT_TURN) {
        /* Sent by an owner that is gone, or on a session that is: nothing else will be heard of it. */
        effect->retry_needed = true;
        check(order, true, effect);
    } else if (order->state == EXECUTION_STATE_WORKING || order->state == EXECUTION_STATE_IN_DOUBT) {
        tick_known(order, true, effect);
    } else if (order->recalled) {
        execute_step_recall_again(order, true, effect);
    }
}
