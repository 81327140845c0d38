#include "services/executor/execute.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/order_state.h"
#include "proto/reject.h"

const char *execute_aside_text(enum execute_aside aside)
{
    static const char *const texts[] = {
        [EXECUTE_ASIDE_NONE] = "",
        [EXECUTE_ASIDE_UNKNOWN_ORDER] = "UNKNOWN_ORDER",
        [EXECUTE_ASIDE_DUPLICATE_DIFFERS] = "DUPLICATE_DIFFERS",
        [EXECUTE_ASIDE_UNEXPECTED_REPORT] = "UNEXPECTED_REPORT",
        [EXECUTE_ASIDE_STATUS_DIFFERS] = "STATUS_DIFFERS",
        [EXECUTE_ASIDE_OUT_OF_RANGE] = "OUT_OF_RANGE",
    };
    return texts[aside];
}

void execute_asked(struct execute_questions *questions)
{
    if (questions->open < UINT16_MAX)
        questions->open++;
}

void execute_sent(struct execute_questions *questions)
{
    questions->stale = questions->open;
}

void execute_session_lost(struct execute_questions *questions)
{
    *questions = (struct execute_questions){0};
}

/* Counts an answer off; true when its question was asked after the last send. */
static bool answer_is_conclusive(struct execute_questions *questions, bool possible_duplicate)
{
    if (possible_duplicate || questions->open == 0)
        return false;
    questions->open--;
    if (questions->stale == 0)
        return true;
    questions->stale--;
    return false;
}

int execute_reservation(const struct execution *order, struct decimal *ret_reserved)
{
    struct decimal left;
    if (order->state == EXECUTION_STATE_DONE ||
        decimal_compare(order->filled, order->reserve_quantity) >= 0) {
        *ret_reserved = decimal_zero();
        return 0;
    }
    int r = decimal_sub(order->reserve_quantity, order->filled, &left);
    return r < 0 ? r : decimal_multiply(left, order->reserve_price, DECIMAL_CEIL, ret_reserved);
}

struct decimal execute_open_quantity(const struct execution *order)
{
    struct decimal left;
    if (order->state == EXECUTION_STATE_DONE || decimal_compare(order->filled, order->quantity) >= 0 ||
        decimal_sub(order->quantity, order->filled, &left) < 0)
        return decimal_zero();
    return left;
}

void execute_venue_order(const struct execution *order, bool possible_resend, struct venue_order *ret_order)
{
    *ret_order = (struct venue_order){
        .order_id = order->id,
        .side = order->side,
        .order_type = order->order_type,
        .time_in_force = order->time_in_force,
        .quantity = order->quantity,
        /* A MARKET order may name a price for its trader's information; the exchange must not see a limit in
           it. */
        .price = order->order_type == ORDER_TYPE_MARKET ? decimal_zero() : order->price,
        .possible_resend = possible_resend,
    };
    memcpy(ret_order->symbol, order->symbol, sizeof(ret_order->symbol));
}

static void begin(struct execute_effect *effect)
{
    /* Events are large and filled in one by one: only what is before them is cleared. */
    memset(effect, 0, offsetof(struct execute_effect, events));
}

static void mark_aside(struct execute_effect *effect, enum execute_aside aside, bool alarm)
{
    effect->aside = aside;
    effect->alarm = effect->alarm || alarm;
}

/* The detail is printf-like. */
#define PUT_ASIDE(effect, kind, is_alarm, ...)                                                               \
    do {                                                                                                     \
        (void)snprintf((effect)->aside_detail, sizeof((effect)->aside_detail), __VA_ARGS__);                 \
        mark_aside((effect), (kind), (is_alarm));                                                            \
    } while (0)

/* Adds the event `action` about the order as it is now; the caller adds what is special to it. */
static struct event *tell(struct execute_effect *effect, const struct execution *order,
                          enum audit_action action, const struct execute_policy *policy, struct instant now)
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
    (void)snprintf(event->venue, sizeof(event->venue), "%s", policy->venue);
    (void)snprintf(event->actor, sizeof(event->actor), "%s", policy->actor);
    (void)snprintf(event->reason, sizeof(event->reason), "%s", order->reason);
    event->occurred_at = now;
    static const uint8_t none[TRACE_ID_BYTES];
    event->has_trace_id = memcmp(order->trace_id, none, sizeof(none)) != 0;
    memcpy(event->trace_id, order->trace_id, sizeof(event->trace_id));
    return event;
}

/* Takes `next` over as the order's new record. When the table of an order's life or the columns refuse it,
 * the order stays as it is and the fact is put aside. */
static bool step(struct execution *order, struct execution *next, struct execute_effect *effect)
{
    struct order_state from = {order->state, order->status}, to = {next->state, next->status};
    if (!order_state_allows(from, to)) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "no step from %s %s to %s %s",
                  execution_state_text(from.state), order_status_text(from.status),
                  execution_state_text(to.state), order_status_text(to.status));
        return false;
    }
    if (execute_reservation(next, &next->reserved) < 0) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_OUT_OF_RANGE, true, "the reservation does not fit");
        return false;
    }
    *order = *next;
    effect->changed = true;
    return true;
}

static void set_reason(struct execution *order, const char *reason)
{
    (void)snprintf(order->reason, sizeof(order->reason), "%s", reason);
}

void execute_claimed(const struct execution *order, const struct execute_policy *policy, struct instant now,
                     struct execute_effect *ret_effect)
{
    assert(order->state == EXECUTION_STATE_SENT);
    begin(ret_effect);
    (void)tell(ret_effect, order, AUDIT_ACTION_EXECUTED, policy, now);
}

/* Ends the order with the event of the same name as its status; true when it was taken. */
static bool finish(struct execution *order, enum order_status status, enum audit_action action,
                   const char *reason, const char *message, const struct execute_policy *policy,
                   struct instant now, struct execute_effect *effect)
{
    struct execution next = *order;
    next.state = EXECUTION_STATE_DONE;
    next.status = status;
    set_reason(&next, reason);
    if (!step(order, &next, effect))
        return false;
    struct event *event = tell(effect, order, action, policy, now);
    (void)snprintf(event->message, sizeof(event->message), "%s", message);
    return true;
}

static bool is_past(const struct execution *order, struct instant now)
{
    return order->expires_at.us != 0 && order->expires_at.us <= now.us;
}

void execute_expire(struct execution *order, const struct execute_policy *policy, struct instant now,
                    struct execute_effect *ret_effect)
{
    begin(ret_effect);
    if (order->state == EXECUTION_STATE_ADMITTED && is_past(order, now))
        (void)finish(order, ORDER_STATUS_EXPIRED, AUDIT_ACTION_EXPIRED, "",
                     "The trading day ended before the order could be sent", policy, now, ret_effect);
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
        set_reason(order, "");
    } else if (order->state != EXECUTION_STATE_DONE) {
        bool doubt =
            order->state == EXECUTION_STATE_IN_DOUBT && decimal_compare(cum_quantity, order->filled) > 0;
        order->status = ORDER_STATUS_PARTIAL;
        if (!doubt) {
            order->state = EXECUTION_STATE_WORKING;
            set_reason(order, "");
        }
    }
}

/* True when the report is a fill that cannot be counted: a duplicate, or figures that make no sense. */
static bool fill_is_refused(const struct execution *order, const struct venue_event *report,
                            const struct execute_fill *recorded, struct execute_effect *effect)
{
    char quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    decimal_format(report->last_quantity, quantity);
    decimal_format(report->last_price, price);
    if (recorded != NULL) {
        effect->duplicate = decimal_compare(recorded->quantity, report->last_quantity) == 0 &&
                            decimal_compare(recorded->price, report->last_price) == 0;
        if (!effect->duplicate)
            PUT_ASIDE(effect, EXECUTE_ASIDE_DUPLICATE_DIFFERS, true, "execution %s again, now %s at %s",
                      report->exec_id, quantity, price);
        return true;
    }
    if (order->attempts == 0) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true,
                  "execution %s of an order that was never sent: %s at %s", report->exec_id, quantity, price);
        return true;
    }
    bool other_symbol = report->symbol[0] != '\0' && strcmp(report->symbol, order->symbol) != 0;
    if (other_symbol || report->exec_id[0] == '\0' || !decimal_is_positive(report->last_quantity) ||
        !decimal_is_positive(report->last_price)) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "fill '%s' of %s: %s at %s", report->exec_id,
                  report->symbol, quantity, price);
        return true;
    }
    return false;
}

static void on_fill(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, const struct execute_policy *policy,
                    struct instant now, struct execute_effect *effect)
{
    if (fill_is_refused(order, report, recorded, effect))
        return;
    struct execution next = *order;
    struct execute_fill fill = {
        .quantity = report->last_quantity, .price = report->last_price, .at = report->transact_time};
    memcpy(fill.exec_id, report->exec_id, sizeof(fill.exec_id));
    if (add_fill(&next, &fill) < 0) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_OUT_OF_RANGE, true, "the sum of fills with execution %s does not fit",
                  fill.exec_id);
        return;
    }
    bool over = decimal_compare(next.filled, next.quantity) > 0;
    fill.flag = over ? "OVERFILL" : order->state == EXECUTION_STATE_DONE ? "LATE" : NULL;
    bool recovered = order->state == EXECUTION_STATE_IN_DOUBT;
    state_after_fill(&next, report->cum_quantity);
    recovered = recovered && next.state == EXECUTION_STATE_WORKING;
    if (!step(order, &next, effect))
        return;
    effect->filled = true;
    effect->fill = fill;
    effect->halt_symbol = over;
    effect->alarm = over;
    struct event *event = tell(effect, order, AUDIT_ACTION_FILLED, policy, now);
    event->quantity = fill.quantity;
    event->has_price = true;
    event->price = fill.price;
    memcpy(event->venue_exec_id, fill.exec_id, sizeof(event->venue_exec_id));
    if (fill.flag != NULL)
        (void)snprintf(event->reason, sizeof(event->reason), "%s", fill.flag);
    if (recovered)
        (void)tell(effect, order, AUDIT_ACTION_RECOVERED, policy, now);
}

static enum order_status open_status(const struct execution *order)
{
    return decimal_is_zero(order->filled) ? ORDER_STATUS_PENDING : ORDER_STATUS_PARTIAL;
}

/* The exchange works the order; `found` tells that a question brought it to light. */
static void adopt_working(struct execution *order, bool found, const struct execute_policy *policy,
                          struct instant now, struct execute_effect *effect)
{
    if (order->state != EXECUTION_STATE_SENT && order->state != EXECUTION_STATE_IN_DOUBT)
        return;
    bool recovered = found || order->state == EXECUTION_STATE_IN_DOUBT;
    struct execution next = *order;
    next.state = EXECUTION_STATE_WORKING;
    next.status = open_status(order);
    set_reason(&next, "");
    if (step(order, &next, effect) && recovered)
        (void)tell(effect, order, AUDIT_ACTION_RECOVERED, policy, now);
}

static void on_acknowledged(struct execution *order, const struct venue_event *report,
                            const struct execute_policy *policy, struct instant now,
                            struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED)
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "acknowledged, but never sent");
    else if (order->state != EXECUTION_STATE_IN_DOUBT ||
             decimal_compare(report->cum_quantity, order->filled) <= 0)
        adopt_working(order, false, policy, now, effect);
}

static void on_rejected(struct execution *order, const char *text, const struct execute_policy *policy,
                        struct instant now, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_DONE && order->status == ORDER_STATUS_REJECTED)
        return;
    if (order->state == EXECUTION_STATE_DONE || !decimal_is_zero(order->filled)) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "rejected although %s: %s",
                  order_status_text(order->status), text);
        return;
    }
    (void)finish(order, ORDER_STATUS_REJECTED, AUDIT_ACTION_REJECTED, reject_text(REJECT_EXCHANGE_REJECTED),
                 text, policy, now, effect);
}

/* The exchange ended the order: CANCELLED or EXPIRED. What was filled counts. */
static void on_ended(struct execution *order, enum order_status status, const struct venue_event *report,
                     const struct execute_policy *policy, struct instant now, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_DONE) {
        if (order->status != status)
            PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, false, "%s although %s",
                      order_status_text(status), order_status_text(order->status));
        return;
    }
    enum audit_action action =
        status == ORDER_STATUS_CANCELLED ? AUDIT_ACTION_CANCELLED : AUDIT_ACTION_EXPIRED;
    struct decimal ours = order->filled;
    if (!finish(order, status, action, "", report->text, policy, now, effect) ||
        decimal_compare(report->cum_quantity, ours) <= 0)
        return;
    char theirs_text[DECIMAL_TEXT_MAX], ours_text[DECIMAL_TEXT_MAX];
    decimal_format(report->cum_quantity, theirs_text);
    decimal_format(ours, ours_text);
    PUT_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true, "%s with %s filled, its executions add up to %s",
              order_status_text(status), theirs_text, ours_text);
}

static void doubt(struct execution *order, const char *reason, const char *message,
                  const struct execute_policy *policy, struct instant now, struct execute_effect *effect)
{
    effect->alarm = true;
    if (order->state == EXECUTION_STATE_IN_DOUBT)
        return;
    struct execution next = *order;
    next.state = EXECUTION_STATE_IN_DOUBT;
    next.status = open_status(order);
    set_reason(&next, reason);
    if (!step(order, &next, effect))
        return;
    struct event *event = tell(effect, order, AUDIT_ACTION_IN_DOUBT, policy, now);
    (void)snprintf(event->message, sizeof(event->message), "%s", message);
}

/* The exchange counts otherwise than the executions that it told us of. */
static void on_status_differs(struct execution *order, const struct venue_event *report,
                              const struct execute_policy *policy, struct instant now,
                              struct execute_effect *effect)
{
    char theirs[DECIMAL_TEXT_MAX], ours[DECIMAL_TEXT_MAX], message[EXECUTE_DETAIL_MAX];
    decimal_format(report->cum_quantity, theirs);
    decimal_format(order->filled, ours);
    (void)snprintf(message, sizeof(message), "The exchange counts %s as filled, its executions add up to %s",
                   theirs, ours);
    bool above = decimal_compare(report->cum_quantity, order->filled) > 0;
    /* A repeated answer may be older than the fills that came since. */
    if (!above && report->possible_duplicate)
        return;
    if (above && order->state != EXECUTION_STATE_DONE)
        doubt(order, EXECUTE_REASON_QUANTITY_DIFFERS, message, policy, now, effect);
    else
        PUT_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true, "%s", message);
}

static void on_status(struct execution *order, const struct venue_event *report,
                      const struct execute_policy *policy, struct instant now, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED) {
        PUT_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "status answer, but never sent");
        return;
    }
    if (decimal_compare(report->cum_quantity, order->filled) != 0) {
        on_status_differs(order, report, policy, now, effect);
        return;
    }
    if (order->state == EXECUTION_STATE_DONE)
        return;
    switch (report->venue_status) {
    case ORDER_STATUS_PENDING:
    case ORDER_STATUS_PARTIAL:
        adopt_working(order, true, policy, now, effect);
        break;
    case ORDER_STATUS_REJECTED:
        on_rejected(order, report->text, policy, now, effect);
        break;
    case ORDER_STATUS_CANCELLED:
    case ORDER_STATUS_EXPIRED:
        on_ended(order, report->venue_status, report, policy, now, effect);
        break;
    case ORDER_STATUS_FILLED:
        /* Equal sums below the order's quantity: the exchange took it for a smaller order. */
        PUT_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true,
                  "filled at the exchange, below the order's quantity");
        break;
    }
}

/* An order that may never have reached the exchange, which does not know it. */
static void on_not_known(struct execution *order, const struct execute_policy *policy, struct instant now,
                         struct execute_effect *effect)
{
    if (order->cancel_requested_at.us != 0) {
        (void)finish(order, ORDER_STATUS_CANCELLED, AUDIT_ACTION_CANCELLED, "",
                     "Cancelled: it had not reached the exchange", policy, now, effect);
    } else if (is_past(order, now)) {
        (void)finish(order, ORDER_STATUS_EXPIRED, AUDIT_ACTION_EXPIRED, "",
                     "The trading day ended before the order reached the exchange", policy, now, effect);
    } else if (order->state == EXECUTION_STATE_SENT && order->attempts < policy->attempts_max) {
        struct execution next = *order;
        next.attempts++;
        if (!step(order, &next, effect))
            return;
        effect->resend = true;
        struct event *event = tell(effect, order, AUDIT_ACTION_RETRIED, policy, now);
        (void)snprintf(event->reason, sizeof(event->reason), "%s", EXECUTE_REASON_NOT_KNOWN);
        (void)snprintf(event->message, sizeof(event->message),
                       "The exchange does not know the order: attempt %d of %d", order->attempts,
                       policy->attempts_max);
    } else {
        (void)finish(order, ORDER_STATUS_REJECTED, AUDIT_ACTION_REJECTED,
                     reject_text(REJECT_EXCHANGE_UNAVAILABLE),
                     "The exchange did not take the order, and no attempt is left", policy, now, effect);
    }
}

static void on_unknown(struct execution *order, bool conclusive, const struct execute_policy *policy,
                       struct instant now, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED || order->state == EXECUTION_STATE_DONE || !conclusive)
        return;
    /* Once the exchange has shown that it has the order, 'not known' proves nothing about what it executed.
     */
    bool was_there = order->state == EXECUTION_STATE_WORKING || !decimal_is_zero(order->filled) ||
                     (order->state == EXECUTION_STATE_IN_DOUBT &&
                      strcmp(order->reason, reject_text(REJECT_EXCHANGE_UNAVAILABLE)) != 0);
    if (was_there)
        doubt(order, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE, "The exchange does not know the order any more",
              policy, now, effect);
    else
        on_not_known(order, policy, now, effect);
}

void execute_report(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, const struct execute_policy *policy,
                    struct instant now, struct execute_effect *ret_effect)
{
    begin(ret_effect);
    bool answer = report->type == VENUE_STATUS || report->type == VENUE_UNKNOWN_ORDER;
    bool conclusive = answer && answer_is_conclusive(&order->questions, report->possible_duplicate);
    if (order->attempts > 0 && order->venue_order_id[0] == '\0' && report->venue_order_id[0] != '\0') {
        memcpy(order->venue_order_id, report->venue_order_id, sizeof(order->venue_order_id));
        ret_effect->changed = true;
    }
    switch (report->type) {
    case VENUE_ACKNOWLEDGED:
        on_acknowledged(order, report, policy, now, ret_effect);
        break;
    case VENUE_FILL:
        on_fill(order, report, recorded, policy, now, ret_effect);
        break;
    case VENUE_REJECTED:
        on_rejected(order, report->text, policy, now, ret_effect);
        break;
    case VENUE_DUPLICATE:
        ret_effect->query = order->state != EXECUTION_STATE_DONE;
        break;
    case VENUE_CANCELLED:
        on_ended(order, ORDER_STATUS_CANCELLED, report, policy, now, ret_effect);
        break;
    case VENUE_EXPIRED:
        on_ended(order, ORDER_STATUS_EXPIRED, report, policy, now, ret_effect);
        break;
    case VENUE_STATUS:
        on_status(order, report, policy, now, ret_effect);
        break;
    case VENUE_UNKNOWN_ORDER:
        on_unknown(order, conclusive, policy, now, ret_effect);
        break;
    default:
        PUT_ASIDE(ret_effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, false, "%s", report->text);
        break;
    }
}
