/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one decision: what each report does to an order, beside the table that allows it. */
#include "services/executor/core/execute.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/fault.h"
#include "proto/reject.h"
#include "services/executor/core/bracket.h"
#include "services/executor/core/execute_step.h"
#include "services/executor/core/leg.h"

struct execute_effect *execute_begin(struct execute_effect *effect, const struct execute_policy *policy,
                                     struct instant now)
{
    /* Events are large and filled in one by one: only what is before them is cleared. */
    memset(effect, 0, offsetof(struct execute_effect, events));
    effect->policy = policy;
    effect->now = now;
    return effect;
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

/* Legs are not asked: they protect what was bought, at whatever price. */
static bool is_outdated(const struct execution *order, const struct execute_effect *effect)
{
    int64_t age_max_us = effect->policy->decision_age_max_us;
    bool old = age_max_us > 0 && effect->now.us - order->decided_at.us > age_max_us;
    return !execution_is_leg(order) && (old || order->uncovered);
}

enum execute_claim execute_claim(struct execution *order, struct execute_effect *effect)
{
    if (order->state != EXECUTION_STATE_ADMITTED || execute_step_cancels(order) ||
        execute_step_is_past(order, effect->now))
        return EXECUTE_CLAIM_DROP;
    if (order->held_by != 0) {
        execute_step_hold(order, effect);
        return EXECUTE_CLAIM_HOLD;
    }
    if (is_outdated(order, effect))
        return EXECUTE_CLAIM_ANEW;
    execute_step_set_reason(order, "");
    order->state = EXECUTION_STATE_SENT;
    order->attempts++;
    order->next_check_at = execute_step_answer_due(effect);
    effect->changed = true;
    (void)execute_step_tell(effect, order, AUDIT_ACTION_EXECUTED);
    return EXECUTE_CLAIM_SEND;
}

enum execute_claim execute_decide_anew(struct execution *order, const struct risk_verdict *verdict,
                                       struct execute_effect *effect)
{
    char after[64], message[EVENT_MESSAGE_MAX], old[DECIMAL_TEXT_MAX], new[DECIMAL_TEXT_MAX];
    int64_t tenths = (effect->now.us - order->decided_at.us) / 100000;
    int length = snprintf(after, sizeof(after), "Decided anew after %" PRId64 ".%" PRId64 " s: ", tenths / 10,
                          tenths % 10);
    memcpy(message, after, (size_t)length);
    if (verdict->fault_count > 0) {
        fault_join_messages(verdict->faults, verdict->fault_count, &message[length],
                            sizeof(message) - (size_t)length);
        (void)execute_step_finish(order, ORDER_STATUS_CANCELLED, reject_text(verdict->faults[0].code),
                                  message, effect);
        return EXECUTE_CLAIM_DROP;
    }
    bool differs = decimal_compare(order->reserved, verdict->reserved) != 0;
    decimal_format(order->reserved, old);
    decimal_format(verdict->reserved, new);
    order->reserve_price = verdict->reserve_price;
    order->reserve_quantity = verdict->reserve_quantity;
    order->reserved = verdict->reserved;
    order->decided_at = effect->now;
    order->uncovered = false;
    enum execute_claim claim = execute_claim(order, effect);
    if (differs && claim == EXECUTE_CLAIM_SEND)
        (void)snprintf(effect->events[0].message, sizeof(effect->events[0].message),
                       "%sit reserves %s instead of %s", after, new, old);
    return claim;
}

void execute_acknowledged(const struct execution *order, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_WORKING && decimal_is_zero(order->filled))
        (void)execute_step_tell(effect, order, AUDIT_ACTION_ACKNOWLEDGED);
}

/* Whether the report proves that the exchange has, or had, the order: all but a refusal of it, or 'unknown'.
 */
static bool proves_order(const struct venue_event *report)
{
    switch (report->type) {
    case VENUE_ACKNOWLEDGED:
    case VENUE_FILL:
    case VENUE_DUPLICATE:
    case VENUE_CANCELLED:
    case VENUE_EXPIRED:
    case VENUE_REPLACED:
    case VENUE_PENDING:
    case VENUE_TRADE_CHANGED:
        return true;
    case VENUE_STATUS:
        return report->venue_status != ORDER_STATUS_REJECTED;
    case VENUE_CANCEL_REJECTED:
        return !report->not_known && report->venue_status != 0 &&
               report->venue_status != ORDER_STATUS_REJECTED;
    case VENUE_UNEXPECTED:
        return report->of_order;
    default:
        return false;
    }
}

bool execute_stray_alarms(const struct venue_event *report)
{
    bool ended = report->type == VENUE_CANCELLED || report->type == VENUE_EXPIRED ||
                 (report->type == VENUE_STATUS && !execute_step_is_open_there(report));
    return report->has_money || report->type == VENUE_FILL || decimal_is_positive(report->cum_quantity) ||
           (proves_order(report) && !ended && report->type != VENUE_CANCEL_REJECTED);
}

/* True when the report is a fill that makes no sense. */
static bool fill_is_refused(const struct execution *order, const struct venue_event *report,
                            struct execute_effect *effect)
{
    if (order->attempts == 0) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true,
                           "execution %s of an order that was never sent: %s at %s", report->exec_id,
                           DECIMAL_TEXT(report->last_quantity), DECIMAL_TEXT(report->last_price));
        return true;
    }
    bool other_symbol = report->symbol[0] != '\0' && strcmp(report->symbol, order->symbol) != 0;
    if (other_symbol || report->exec_id[0] == '\0' || !decimal_is_positive(report->last_quantity) ||
        !decimal_is_positive(report->last_price)) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "fill '%s' of %s: %s at %s",
                           report->exec_id, report->symbol, DECIMAL_TEXT(report->last_quantity),
                           DECIMAL_TEXT(report->last_price));
        return true;
    }
    return false;
}

/* The first word about an order that had to be asked for, or that a former session was to bring. */
static bool is_recovery(const struct execution *order, const struct venue_event *report)
{
    return order->state == EXECUTION_STATE_SENT &&
           (order->questions.wait != EXECUTE_WAIT_ANSWER || report->possible_duplicate);
}

static void on_fill(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, struct execute_effect *effect)
{
    struct execute_fill fill = {
        .quantity = report->last_quantity, .price = report->last_price, .at = report->transact_time};
    memcpy(fill.exec_id, report->exec_id, sizeof(fill.exec_id));
    if (execute_step_is_recorded(&fill, recorded, effect) || fill_is_refused(order, report, effect))
        return;
    execute_step_fill(order, &fill, report->cum_quantity, is_recovery(order, report), effect);
}

/* The exchange works the order; `found` tells that a question brought it to light. */
static void adopt_working(struct execution *order, bool found, struct execute_effect *effect)
{
    if ((order->state != EXECUTION_STATE_SENT && order->state != EXECUTION_STATE_IN_DOUBT) ||
        execute_step_is_changed(order))
        return;
    bool recovered = found || order->state == EXECUTION_STATE_IN_DOUBT;
    struct execution next = *order;
    next.state = EXECUTION_STATE_WORKING;
    next.status = execute_step_open_status(order);
    execute_step_set_reason(&next, "");
    if (!execute_step_take(order, &next, effect))
        return;
    effect->acknowledged = !recovered;
    if (recovered)
        (void)execute_step_tell(effect, order, AUDIT_ACTION_RECOVERED);
}

static void on_acknowledged(struct execution *order, const struct venue_event *report,
                            struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED)
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "acknowledged, but never sent");
    else if (execute_step_is_ended_with_more(order))
        effect->query = true; /* it may be older than what made the doubt: the answer to a question ends it */
    else if (order->state != EXECUTION_STATE_IN_DOUBT ||
             decimal_compare(report->cum_quantity, order->filled) <= 0)
        adopt_working(order, is_recovery(order, report), effect);
}

static void on_rejected(struct execution *order, const struct venue_event *report,
                        struct execute_effect *effect)
{
    char message[EVENT_MESSAGE_MAX];

    if (order->state == EXECUTION_STATE_DONE && (order->status == ORDER_STATUS_REJECTED || order->recalled))
        return;
    if (order->state == EXECUTION_STATE_DONE || !decimal_is_zero(order->filled)) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "rejected although %s: %s",
                           order_status_text(order->status), report->text);
        return;
    }
    (void)snprintf(message, sizeof(message),
                   "The exchange refused the order: %s; correct it and send a new one.",
                   report->text[0] != '\0' ? report->text : "it gave no reason");
    (void)execute_step_finish(order, ORDER_STATUS_REJECTED, reject_text(REJECT_EXCHANGE_REJECTED), message,
                              effect);
}

/* The exchange counts otherwise than the executions that it told us of. */
static void on_status_differs(struct execution *order, const struct venue_event *report,
                              struct execute_effect *effect)
{
    char message[EXECUTE_DETAIL_MAX];
    (void)snprintf(message, sizeof(message), "The exchange counts %s as filled, its executions add up to %s",
                   DECIMAL_TEXT(report->cum_quantity), DECIMAL_TEXT(order->filled));
    bool above = decimal_compare(report->cum_quantity, order->filled) > 0;
    /* A repeated answer may be older than the fills that came since. */
    if (!above && report->possible_duplicate)
        return;
    if (above && order->state != EXECUTION_STATE_DONE)
        execute_step_doubt(order, EXECUTE_REASON_QUANTITY_DIFFERS, message, effect);
    else
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true, "%s", message);
}

/* The exchange has ended the order and counts more than it has told. DONE, it could not be set right any
 * more; what is only late comes before the answer to a question, which ends the doubt then. */
static void doubt_end(struct execution *order, enum order_status status, const struct venue_event *report,
                      struct execute_effect *effect)
{
    char message[EXECUTE_DETAIL_MAX];
    (void)snprintf(message, sizeof(message), "%s with %s filled, its executions add up to %s",
                   order_status_text(status), DECIMAL_TEXT(report->cum_quantity),
                   DECIMAL_TEXT(order->filled));
    execute_step_doubt(order, EXECUTE_REASON_ENDED_WITH_MORE, message, effect);
    if (order->state == EXECUTION_STATE_IN_DOUBT && !execute_step_is_changed(order)) {
        execute_step_set_reason(order, EXECUTE_REASON_ENDED_WITH_MORE); /* it was in doubt for less */
        effect->changed = true;
    }
    effect->query = true;
}

/* The exchange ended the order: CANCELLED or EXPIRED. What was filled counts. */
static void on_ended(struct execution *order, const struct venue_event *report, struct execute_effect *effect)
{
    enum order_status status = report->type == VENUE_CANCELLED ? ORDER_STATUS_CANCELLED
                               : report->type == VENUE_EXPIRED ? ORDER_STATUS_EXPIRED
                                                               : report->venue_status;
    if (order->state == EXECUTION_STATE_ADMITTED) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "%s, but never sent",
                           order_status_text(status));
        return;
    }
    struct decimal ours = order->filled;
    bool over = order->state == EXECUTION_STATE_DONE;
    if (!over && decimal_compare(report->cum_quantity, ours) > 0) {
        doubt_end(order, status, report, effect);
        return;
    }
    if (over && order->status != status && !order->recalled)
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, false, "%s although %s",
                           order_status_text(status), order_status_text(order->status));
    if (!over && !execute_step_finish(order, status, "", report->text, effect))
        return;
    /* It may count less than what people have entered, and more than what was known when it was over here. */
    int difference = decimal_compare(report->cum_quantity, ours);
    if (difference == 0 || (difference < 0 && !order->recalled))
        return;
    EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true,
                       "%s with %s filled, its executions add up to %s", order_status_text(status),
                       DECIMAL_TEXT(report->cum_quantity), DECIMAL_TEXT(ours));
}

/* A question has found the order, and the exchange counts more than it has told. Its reports may be held up
 * somewhere: before that is called a doubt it is asked once more. */
static void adopt_unexplained(struct execution *order, struct execute_effect *effect)
{
    adopt_working(order, true, effect);
    order->next_check_at = execute_step_answer_due(effect);
}

static void on_status(struct execution *order, const struct venue_event *report,
                      struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "status answer, but never sent");
        return;
    }
    int difference = decimal_compare(report->cum_quantity, order->filled);
    if (difference > 0 && order->state == EXECUTION_STATE_SENT &&
        order->questions.wait == EXECUTE_WAIT_REPLY) {
        adopt_unexplained(order, effect);
        return;
    }
    if (difference != 0) {
        on_status_differs(order, report, effect);
        return;
    }
    if (order->state == EXECUTION_STATE_DONE)
        return;
    switch (report->venue_status) {
    case ORDER_STATUS_PENDING:
    case ORDER_STATUS_PARTIAL:
        adopt_working(order, true, effect);
        break;
    case ORDER_STATUS_REJECTED:
        on_rejected(order, report, effect);
        break;
    case ORDER_STATUS_CANCELLED:
    case ORDER_STATUS_EXPIRED:
        on_ended(order, report, effect);
        break;
    case ORDER_STATUS_FILLED:
        if (execution_is_leg(order)) {
            bracket_filled_smaller(order, effect);
            break;
        }
        /* Equal sums below the order's quantity: the exchange took it for a smaller order. */
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_STATUS_DIFFERS, true,
                           "filled at the exchange, below the order's quantity");
        break;
    }
}

/* An order ends here as one that the exchange never had. Its answer to a question is not enough for that: it
 * is asked to cancel the order as well. Then what lives there after all dies, or is told to have been
 * executed, and two answers would have to be wrong. `witnessed`: that was its answer. */
static void end_unknown(struct execution *order, bool witnessed, enum order_status status, const char *reason,
                        const char *message, struct execute_effect *effect)
{
    if (witnessed) {
        order->questions.denied = false;
        (void)execute_step_finish(order, status, reason, message, effect);
        return;
    }
    order->questions.denied = true;
    if (order->state == EXECUTION_STATE_SENT)
        order->questions.wait = EXECUTE_WAIT_REPLY;
    order->next_check_at = execute_step_answer_due(effect);
    effect->cancel = effect->changed = true;
}

/* An order that may never have reached the exchange, which does not know it. */
static void on_not_known(struct execution *order, bool witnessed, struct execute_effect *effect)
{
    /* Checks that could not be made count, so that nobody's order appears minutes later; but a leg is wanted
     * as long as the position stands. */
    bool has_time = execution_is_leg(order) ||
                    (order->state == EXECUTION_STATE_SENT &&
                     execute_step_checks(order, effect->policy) < effect->policy->attempts_max);
    if (order->cancel_requested_at.us != 0) {
        end_unknown(order, witnessed, ORDER_STATUS_CANCELLED, "",
                    "Cancelled: it had not reached the exchange", effect);
    } else if (execute_step_is_past(order, effect->now)) {
        end_unknown(order, witnessed, ORDER_STATUS_EXPIRED, "",
                    "The trading day ended before the order reached the exchange", effect);
    } else if (!effect->policy->refuses_known_ids) {
        execute_step_doubt(
            order, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE,
            "The exchange does not know the order; it is not sent again, since the exchange would "
            "not refuse a second one",
            effect);
    } else if (has_time && order->attempts < effect->policy->attempts_max && order->held_by != 0) {
        /* Not to be written again now: it is asked about until it may be, as if for the first time. */
        execute_step_hold(order, effect);
        order->questions.checks = 0;
        execute_step_ask_later(order, effect);
    } else if (has_time && order->attempts < effect->policy->attempts_max) {
        execute_step_resend(order, "The exchange does not know the order", effect);
    } else {
        end_unknown(order, witnessed, ORDER_STATUS_REJECTED, reject_text(REJECT_EXCHANGE_UNAVAILABLE),
                    "The exchange did not take the order, and no attempt is left; send it anew with a new "
                    "Idempotency-Key.",
                    effect);
    }
}

/* The second witness about an order that the exchange called unknown: it did not cancel it. */
static void on_witness(struct execution *order, const struct venue_event *report,
                       struct execute_effect *effect)
{
    order->questions.denied = false;
    effect->changed = true;
    if (order->venue_known)
        effect->query = true; /* it has the order after all: what has become of it? */
    else if (report->not_known || report->venue_status == ORDER_STATUS_REJECTED)
        on_not_known(order, true, effect);
    else
        execute_step_doubt(
            order, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE,
            "The exchange says that it does not know the order, but not when it is to cancel it", effect);
}

/* The exchange does not cancel. While it works the order, that is the request's outcome; it may be made
 * again. Otherwise how the order ended there is asked for: it should have been told before. */
static void on_cancel_rejected(struct execution *order, const struct venue_event *report,
                               struct execute_effect *effect)
{
    if (report->of_replace) {
        bracket_replace_refused(order, report, effect);
        return;
    }
    if (order->questions.denied && !report->possible_duplicate) {
        on_witness(order, report, effect);
        return;
    }
    if (!execute_step_cancels(order) || order->state == EXECUTION_STATE_DONE)
        return;
    bool works = report->venue_status == 0 || execute_step_is_open_there(report);
    if (order->state != EXECUTION_STATE_WORKING || !works) {
        effect->query = order->state != EXECUTION_STATE_ADMITTED;
        return;
    }
    struct execution next = *order;
    next.cancel_requested_at = (struct instant){0};
    next.next_check_at = execute_step_day_check(order, effect);
    /* What its pair has closed already must go, however often it takes to ask. */
    if (leg_is_closed(order)) {
        next.cancel_requested_at = order->cancel_requested_at;
        next.next_check_at = execute_step_answer_due(effect);
    }
    if (!execute_step_take(order, &next, effect))
        return;
    execute_step_tell_why(effect, order, AUDIT_ACTION_CANCEL_REJECTED, NULL, "%s", report->text);
}

/* The exchange has an order of this id already: what has become of it is asked. */
static void on_duplicate(struct execution *order, const struct venue_event *report,
                         struct execute_effect *effect)
{
    effect->query = order->state != EXECUTION_STATE_DONE;
    if (order->state != EXECUTION_STATE_SENT)
        return;
    order->questions.wait = EXECUTE_WAIT_REPLY;
    order->next_check_at = execute_step_answer_due(effect);
    effect->changed = true;
}

/* Once one of two sends has shown life, a refusal that gives another reason than 'duplicate' is still that of
 * the other one. */
static void on_refused(struct execution *order, const struct venue_event *report,
                       struct execute_effect *effect)
{
    if (order->venue_known && order->attempts > 1)
        on_duplicate(order, report, effect);
    else
        on_rejected(order, report, effect);
}

static void on_replaced(struct execution *order, const struct venue_event *report,
                        struct execute_effect *effect)
{
    if (!execution_is_leg(order))
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "replaced, which nobody asked for");
    else if (report->venue_status == ORDER_STATUS_FILLED &&
             decimal_compare(report->cum_quantity, order->filled) == 0)
        bracket_filled_smaller(order, effect);
    else if (order->state == EXECUTION_STATE_SENT || order->state == EXECUTION_STATE_IN_DOUBT)
        on_acknowledged(order, report, effect);
    else if (order->state == EXECUTION_STATE_WORKING && !execute_step_cancels(order) &&
             !bracket_resizes(order)) {
        order->next_check_at = execute_step_day_check(order, effect);
        effect->changed = true;
    }
}

/* What was executed there is not what we were told. That cannot be taken back exactly here, where the
 * position has moved since: people settle it. */
static void on_trade_changed(struct execution *order, const struct venue_event *report,
                             struct execute_effect *effect)
{
    char message[EXECUTE_DETAIL_MAX];
    (void)snprintf(message, sizeof(message), "%s: execution %s by %s, with %s at %s", report->text,
                   report->ref_exec_id[0] != '\0' ? report->ref_exec_id : "of no id", report->exec_id,
                   DECIMAL_TEXT(report->last_quantity), DECIMAL_TEXT(report->last_price));
    EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_TRADE_CHANGED, true, "%s", message);
    if (order->state == EXECUTION_STATE_ADMITTED || order->state == EXECUTION_STATE_DONE)
        return;
    execute_step_doubt(order, EXECUTE_REASON_TRADE_CHANGED, message, effect);
    if (!execute_step_is_changed(order)) { /* it was in doubt for less */
        execute_step_set_reason(order, EXECUTE_REASON_TRADE_CHANGED);
        effect->changed = true;
    }
}

static void on_unknown(struct execution *order, bool conclusive, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_ADMITTED || order->state == EXECUTION_STATE_DONE || !conclusive)
        return;
    /* Once the exchange has shown that it has the order, 'not known' proves nothing about what it executed.
     */
    if (order->venue_known || order->questions.renumbered)
        execute_step_doubt(order, EXECUTE_REASON_UNKNOWN_AT_EXCHANGE,
                           "The exchange does not know the order any more", effect);
    else
        on_not_known(order, false, effect);
}

static void on_unexpected(struct execution *order, const struct venue_event *report,
                          struct execute_effect *effect)
{
    EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, report->has_money, "%s", report->text);
}

/* Of those about orders; NULL: it says nothing that counts here. */
static void (*const handlers[VENUE_UNEXPECTED + 1])(struct execution *order, const struct venue_event *report,
                                                    struct execute_effect *effect) = {
    [VENUE_ACKNOWLEDGED] = on_acknowledged,
    [VENUE_REJECTED] = on_refused,
    [VENUE_DUPLICATE] = on_duplicate,
    [VENUE_CANCELLED] = on_ended,
    [VENUE_EXPIRED] = on_ended,
    [VENUE_REPLACED] = on_replaced,
    [VENUE_CANCEL_REJECTED] = on_cancel_rejected,
    [VENUE_TRADE_CHANGED] = on_trade_changed,
    [VENUE_STATUS] = on_status,
    [VENUE_UNEXPECTED] = on_unexpected,
};

void execute_report(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, struct execute_effect *effect)
{
    bool answer = report->type == VENUE_STATUS || report->type == VENUE_UNKNOWN_ORDER;
    bool conclusive = answer && answer_is_conclusive(&order->questions, report->possible_duplicate);
    bool was_known = order->venue_known, was_done = order->state == EXECUTION_STATE_DONE;
    bool was_doubted = order->state == EXECUTION_STATE_IN_DOUBT;
    bool proves = order->attempts > 0 && proves_order(report);
    if (proves && !was_known)
        order->venue_known = effect->changed = true;
    if (proves && report->type != VENUE_CANCEL_REJECTED)
        order->questions.denied = false;
    if (execution_is_leg(order))
        bracket_note_quantity(order, report);
    if (order->attempts > 0 && order->venue_order_id[0] == '\0' && report->venue_order_id[0] != '\0') {
        memcpy(order->venue_order_id, report->venue_order_id, sizeof(order->venue_order_id));
        effect->changed = true;
    }
    if (report->type == VENUE_FILL)
        on_fill(order, report, recorded, effect);
    else if (report->type == VENUE_UNKNOWN_ORDER)
        on_unknown(order, conclusive, effect);
    else if (handlers[report->type] != NULL)
        handlers[report->type](order, report, effect);
    /* Complete with what people have entered, by the exchange's own count it is not: it may work on there. */
    if (was_doubted && effect->filled && order->state == EXECUTION_STATE_DONE &&
        decimal_compare(report->cum_quantity, order->quantity) < 0)
        execute_step_recall(order, effect);
    if (was_done)
        execute_step_recall_report(order, report, was_known, conclusive, effect);
    bracket_want_replace(order, effect);
}
