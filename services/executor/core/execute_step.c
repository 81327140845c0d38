/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/execute_step.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "proto/order_state.h"
#include "services/executor/core/leg.h"

enum { DELAY_DOUBLINGS_MAX = 10 };

struct event *execute_step_tell(struct execute_effect *effect, const struct execution *order,
                                enum audit_action action)
{
    assert(effect->event_count < EXECUTE_EVENTS_MAX);
    struct event *event = &effect->events[effect->event_count++];
    memset(event, 0, sizeof(*event));
    event->has_order_id = event->has_trader_id = true;
    event->order_id = order->id;
    event->trader_id = order->trader_id;
    event->action = action;
    event->has_status = event->has_execution_state = event->has_side = true;
    event->status = order->status;
    event->execution_state = order->state;
    event->side = order->side;
    memcpy(event->symbol, order->symbol, sizeof(event->symbol));
    event->has_quantity = event->has_total_filled = true;
    event->quantity = order->quantity;
    event->has_price = !decimal_is_zero(order->price);
    event->price = order->price;
    event->total_filled = order->filled;
    event->has_average_price = !decimal_is_zero(order->average);
    event->average_price = order->average;
    (void)snprintf(event->venue, sizeof(event->venue), "%s", effect->policy->venue);
    (void)snprintf(event->actor, sizeof(event->actor), "%s", effect->policy->actor);
    (void)snprintf(event->reason, sizeof(event->reason), "%s", order->reason);
    event->occurred_at = effect->now;
    static const uint8_t none[TRACE_ID_BYTES];
    event->has_trace_id = memcmp(order->trace_id, none, sizeof(none)) != 0;
    memcpy(event->trace_id, order->trace_id, sizeof(event->trace_id));
    return event;
}

void execute_step_tell_why(struct execute_effect *effect, const struct execution *order,
                           enum audit_action action, const char *reason, const char *format, ...)
{
    struct event *event = execute_step_tell(effect, order, action);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(event->message, sizeof(event->message), format, arguments);
    va_end(arguments);
    if (reason != NULL)
        (void)snprintf(event->reason, sizeof(event->reason), "%s", reason);
}

/* Whether the exchange owes a further report: such an order never rests. */
static bool must_end(const struct execution *order)
{
    return order->order_type == ORDER_TYPE_MARKET || order->time_in_force == TIME_IN_FORCE_IOC ||
           order->time_in_force == TIME_IN_FORCE_FOK;
}

/* When the order is to be looked at next. What SENT waits for is the retry's to say. */
static void schedule(const struct execution *before, struct execution *next,
                     const struct execute_effect *effect)
{
    bool enters = before->state != next->state;
    switch (next->state) {
    case EXECUTION_STATE_ADMITTED:
        next->next_check_at = (struct instant){0};
        break;
    case EXECUTION_STATE_DONE:
        if (!next->recalled)
            next->next_check_at = (struct instant){0};
        break;
    case EXECUTION_STATE_SENT:
        return;
    case EXECUTION_STATE_WORKING:
        if (must_end(next) && !execute_step_cancels(next))
            next->next_check_at = execute_step_later(effect->now, effect->policy->status_timeout_us);
        else if (enters)
            next->next_check_at = execute_step_cancels(next) ? execute_step_answer_due(effect)
                                                             : execute_step_day_check(next, effect);
        break;
    case EXECUTION_STATE_IN_DOUBT:
        if (enters)
            next->next_check_at = execute_step_later(effect->now, effect->policy->status_timeout_us);
        break;
    }
    next->questions.checks = 0;
    next->questions.wait = EXECUTE_WAIT_ANSWER;
}

bool execute_step_take(struct execution *order, struct execution *next, struct execute_effect *effect)
{
    struct order_state from = {order->state, order->status}, to = {next->state, next->status};
    if (!order_state_allows(from, to)) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "no step from %s %s to %s %s",
                           execution_state_text(from.state), order_status_text(from.status),
                           execution_state_text(to.state), order_status_text(to.status));
        return false;
    }
    if (execution_reservation(next, &next->reserved) < 0) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_OUT_OF_RANGE, true, "the reservation does not fit");
        return false;
    }
    schedule(order, next, effect);
    /* A cancel waited until the exchange was known to have the order. */
    effect->cancel |= order->state != EXECUTION_STATE_WORKING && next->state == EXECUTION_STATE_WORKING &&
                      execute_step_cancels(next);
    *order = *next;
    effect->changed = true;
    return true;
}

void execute_step_set_reason(struct execution *order, const char *reason)
{
    (void)snprintf(order->reason, sizeof(order->reason), "%s", reason);
}

bool execute_step_finish(struct execution *order, enum order_status status, const char *reason,
                         const char *message, struct execute_effect *effect)
{
    static const enum audit_action actions[] = {
        [ORDER_STATUS_REJECTED] = AUDIT_ACTION_REJECTED,
        [ORDER_STATUS_CANCELLED] = AUDIT_ACTION_CANCELLED,
        [ORDER_STATUS_EXPIRED] = AUDIT_ACTION_EXPIRED,
    };
    struct execution next = *order;
    bool lost = leg_is_lost(order);
    next.state = EXECUTION_STATE_DONE;
    next.status = status;
    next.questions.denied = false;
    execute_step_set_reason(&next, lost && *reason == '\0' ? EXECUTE_REASON_PROTECTION_LOST : reason);
    if (!execute_step_take(order, &next, effect))
        return false;
    struct event *event = execute_step_tell(effect, order, actions[status]);
    if (lost)
        leg_tell_lost(order, message, event);
    else
        (void)snprintf(event->message, sizeof(event->message), "%s", message);
    effect->unprotected |= lost;
    return true;
}

/* Without proof that the exchange has the order a cancel waits: it could not cancel it then. The request
 * stands in the order's row until there is one. */
void execute_step_cancel(struct execution *order, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED) {
        (void)execute_step_finish(order, ORDER_STATUS_CANCELLED, "", "Cancelled before it was sent", effect);
    } else if (execution_cancels_there(order)) {
        struct execution next = *order;
        next.next_check_at = execute_step_answer_due(effect);
        effect->cancel |= execute_step_take(order, &next, effect);
    }
}

void execute_step_doubt(struct execution *order, const char *reason, const char *message,
                        struct execute_effect *effect)
{
    effect->alarm = true;
    if (order->state == EXECUTION_STATE_IN_DOUBT)
        return;
    struct execution next = *order;
    next.state = EXECUTION_STATE_IN_DOUBT;
    next.status = execute_step_open_status(order);
    execute_step_set_reason(&next, reason);
    if (!execute_step_take(order, &next, effect))
        return;
    execute_step_tell_why(effect, order, AUDIT_ACTION_IN_DOUBT, NULL, "%s", message);
}

void execute_step_resend(struct execution *order, const char *message, struct execute_effect *effect)
{
    struct execution next = *order;
    /* Never twice where the exchange would take both, nor what it has shown to have. */
    assert(effect->policy->refuses_known_ids && !order->venue_known);
    next.state = EXECUTION_STATE_SENT;
    next.attempts++;
    next.questions.wait = EXECUTE_WAIT_ANSWER;
    next.next_check_at = execute_step_answer_due(effect);
    execute_step_set_reason(&next, "");
    if (!execute_step_take(order, &next, effect))
        return;
    effect->resend = true;
    execute_step_tell_why(effect, order, AUDIT_ACTION_RETRIED, EXECUTE_REASON_NOT_KNOWN,
                          "%s: attempt %d of %d", message, order->attempts,
                          order->attempts > effect->policy->attempts_max ? order->attempts
                                                                         : effect->policy->attempts_max);
}

void execute_step_hold(struct execution *order, struct execute_effect *effect)
{
    const char *reason = reject_text(order->held_by);
    if (strcmp(order->reason, reason) == 0)
        return;
    execute_step_set_reason(order, reason);
    effect->changed = true;
}

void execute_step_ask_later(struct execution *order, struct execute_effect *effect)
{
    int checks = execute_step_checks(order, effect->policy);
    int doublings = checks < DELAY_DOUBLINGS_MAX ? checks : DELAY_DOUBLINGS_MAX;
    order->questions.wait = EXECUTE_WAIT_TURN;
    order->next_check_at = execute_step_later(effect->now, effect->policy->retry_delay_us << doublings);
    effect->changed = true;
}

/* The amounts of the order after the fill. -ERANGE when a column cannot hold them. */
static int add_fill(struct execution *order, struct execute_fill *fill)
{
    int r = decimal_multiply(fill->quantity, fill->price, DECIMAL_HALF_EVEN, &fill->notional);
    if (r == 0)
        r = decimal_add(order->filled, fill->quantity, &order->filled);
    if (r == 0)
        r = decimal_add(order->notional, fill->notional, &order->notional);
    if (r == 0)
        r = decimal_divide(order->notional, order->filled, DECIMAL_HALF_EVEN, &order->average);
    return r;
}

/* Where a fill takes the order; amounts are those after it. */
static void state_after_fill(struct execution *order, struct decimal cum_quantity)
{
    if (decimal_compare(order->filled, order->quantity) >= 0) {
        order->state = EXECUTION_STATE_DONE;
        order->status = ORDER_STATUS_FILLED;
        execute_step_set_reason(order, "");
    } else if (order->state != EXECUTION_STATE_DONE) {
        bool doubt = order->state == EXECUTION_STATE_IN_DOUBT &&
                     (decimal_compare(cum_quantity, order->filled) > 0 || execute_step_is_changed(order) ||
                      execute_step_is_ended_with_more(order));
        order->status = ORDER_STATUS_PARTIAL;
        if (!doubt) {
            order->state = EXECUTION_STATE_WORKING;
            execute_step_set_reason(order, "");
        }
    }
}

bool execute_step_is_recorded(const struct execute_fill *fill, const struct execute_fill *recorded,
                              struct execute_effect *effect)
{
    if (recorded == NULL)
        return false;
    effect->duplicate = decimal_compare(recorded->quantity, fill->quantity) == 0 &&
                        decimal_compare(recorded->price, fill->price) == 0;
    if (effect->duplicate)
        return true;
    EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_DUPLICATE_DIFFERS, true, "execution %s again, now %s at %s",
                       fill->exec_id, DECIMAL_TEXT(fill->quantity), DECIMAL_TEXT(fill->price));
    return true;
}

static void tell_fill(const struct execution *order, const struct execute_fill *fill,
                      struct execute_effect *effect)
{
    struct event *event = execute_step_tell(effect, order, AUDIT_ACTION_FILLED);
    event->quantity = fill->quantity;
    event->has_price = true;
    event->price = fill->price;
    memcpy(event->venue_exec_id, fill->exec_id, sizeof(event->venue_exec_id));
    if (fill->flag != NULL)
        (void)snprintf(event->reason, sizeof(event->reason), "%s", fill->flag);
}

void execute_step_fill(struct execution *order, const struct execute_fill *fill, struct decimal cum_quantity,
                       bool recovered, struct execute_effect *effect)
{
    struct execution next = *order;
    struct execute_fill counted = *fill;
    if (add_fill(&next, &counted) < 0) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_OUT_OF_RANGE, true,
                           "the sum of fills with execution %s does not fit", fill->exec_id);
        return;
    }
    bool was_open = order->state != EXECUTION_STATE_DONE;
    /* Another order was faster than our word to this one: what the exchange has done is no overfill. */
    const char *overtaken = leg_overtaken(&next);
    if (overtaken != NULL)
        leg_reopen(&next);
    bool over = overtaken == NULL && decimal_compare(next.filled, next.quantity) > 0;
    counted.flag = overtaken != NULL ? overtaken : over ? "OVERFILL" : was_open ? NULL : "LATE";
    bool doubted = order->state == EXECUTION_STATE_IN_DOUBT;
    state_after_fill(&next, cum_quantity);
    if (!execute_step_take(order, &next, effect))
        return;
    effect->filled = true;
    effect->fill = counted;
    effect->query |= execute_step_is_ended_with_more(order); /* the answer may agree now */
    effect->halt_symbol = over;
    effect->alarm |= over || overtaken != NULL;
    tell_fill(order, &counted, effect);
    if (recovered || (doubted && order->state == EXECUTION_STATE_WORKING))
        (void)execute_step_tell(effect, order, AUDIT_ACTION_RECOVERED);
    if (was_open && order->status == ORDER_STATUS_FILLED && execute_step_cancels(order)) {
        execute_step_tell_why(effect, order, AUDIT_ACTION_CANCEL_REJECTED, NULL,
                              "The exchange filled the order first");
    } else if (overtaken != NULL && order->state != EXECUTION_STATE_DONE) {
        execute_step_cancel_leg(order,
                                decimal_is_positive(order->sibling_filled) ? EXECUTE_REASON_OCO
                                                                           : EXECUTE_REASON_POSITION_CLOSED,
                                effect);
    }
}

bool execute_step_is_ended_with_more(const struct execution *order)
{
    return order->state == EXECUTION_STATE_IN_DOUBT &&
           strcmp(order->reason, EXECUTE_REASON_ENDED_WITH_MORE) == 0;
}

bool execute_step_is_changed(const struct execution *order)
{
    return order->state == EXECUTION_STATE_IN_DOUBT &&
           strcmp(order->reason, EXECUTE_REASON_TRADE_CHANGED) == 0;
}

int execute_step_checks(const struct execution *order, const struct execute_policy *policy)
{
    /* Each further attempt follows a check; beyond the last one operations send. */
    int past = order->attempts < policy->attempts_max ? order->attempts - 1 : policy->attempts_max - 1;
    return order->questions.checks > past ? order->questions.checks : past;
}

bool execute_step_is_past(const struct execution *order, struct instant now)
{
    return order->expires_at.us != 0 && order->expires_at.us <= now.us;
}

struct instant execute_step_day_check(const struct execution *order, const struct execute_effect *effect)
{
    struct instant check = execute_step_later(order->expires_at, effect->policy->answer_timeout_us);
    return order->expires_at.us != 0 && check.us > effect->now.us ? check : (struct instant){0};
}

void execute_step_request_cancel(struct execution *order, const char *reason, const char *message,
                                 struct execute_effect *effect)
{
    if (execute_step_cancels(order))
        return;
    order->cancel_requested_at = effect->now;
    effect->changed = true;
    execute_step_tell_why(effect, order, AUDIT_ACTION_CANCEL_REQUESTED, reason, "%s", message);
    execute_step_cancel(order, effect);
}

void execute_step_cancel_leg(struct execution *leg, const char *reason, struct execute_effect *effect)
{
    bool oco = strcmp(reason, EXECUTE_REASON_OCO) == 0;
    execute_step_request_cancel(leg, reason,
                                oco ? "The other order of the bracket was executed"
                                    : "The position that it protected was closed by another order",
                                effect);
}
