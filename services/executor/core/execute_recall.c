/* SPDX-License-Identifier: Apache-2.0 */
/* An order that is DONE here and may live at the exchange: people ended or filled it while it was in doubt,
 * or the exchange has shown that it has it after all. It is cancelled there, again and again with growing
 * waits, until the exchange says that it is gone; what it executes until then counts as a late fill. */
#include <string.h>

#include "services/executor/core/execute_step.h"

enum {
    RECALLS_MAX = 20, /* then people are told; a new session, or somebody's cancel, tries again */
    RECALL_DOUBLINGS_MAX = 3,
};

void execute_step_recall(struct execution *order, struct execute_effect *effect)
{
    int doublings = order->recalls < RECALL_DOUBLINGS_MAX ? order->recalls : RECALL_DOUBLINGS_MAX;
    order->recalled = true;
    if (order->recalls < RECALLS_MAX)
        order->recalls++;
    if (!execute_step_cancels(order))
        order->cancel_requested_at = effect->now;
    order->next_check_at = execute_step_later(effect->now, effect->policy->answer_timeout_us << doublings);
    effect->cancel = effect->changed = true;
}

void execute_step_recall_again(struct execution *order, bool line_ready, struct execute_effect *effect)
{
    bool due = order->next_check_at.us != 0 && order->next_check_at.us <= effect->now.us;
    if (due && order->recalls >= RECALLS_MAX) {
        order->next_check_at = (struct instant){0};
        effect->changed = true;
        EXECUTE_STEP_ASIDE(
            effect, EXECUTE_ASIDE_STILL_OPEN, true,
            "%s here; the exchange was asked %d times to cancel it and does not say that it is gone",
            order_status_text(order->status), order->recalls);
    } else if (line_ready) {
        execute_step_recall(order, effect);
        effect->query = true;
    } else {
        order->next_check_at = execute_step_answer_due(effect);
        effect->changed = true;
    }
}

/* It ends there, or was never there. */
static bool is_gone(const struct execution *order, const struct venue_event *report, bool conclusive)
{
    switch (report->type) {
    case VENUE_CANCELLED:
    case VENUE_EXPIRED:
        return true;
    case VENUE_REJECTED: /* perhaps of a second send only */
        return !order->venue_known;
    case VENUE_STATUS:
        return !execute_step_is_open_there(report);
    case VENUE_UNKNOWN_ORDER:
        /* After a proof of life it proves nothing: the answer to the cancel counts. */
        return conclusive && !order->venue_known && !order->questions.renumbered;
    case VENUE_CANCEL_REJECTED:
        return !report->of_replace && (report->not_known || report->venue_status == ORDER_STATUS_CANCELLED ||
                                       report->venue_status == ORDER_STATUS_EXPIRED ||
                                       report->venue_status == ORDER_STATUS_REJECTED);
    case VENUE_FILL: /* by the exchange's own count: people may have entered what it never executed */
        return order->status == ORDER_STATUS_FILLED &&
               decimal_compare(report->cum_quantity, order->quantity) >= 0;
    default:
        return false;
    }
}

/* A repeated report may be older than the order's end, but not the first one that shows the order. */
static bool shows_life(const struct execution *order, const struct venue_event *report, bool was_known,
                       const struct execute_effect *effect)
{
    bool fresh = !report->possible_duplicate || !was_known;
    switch (report->type) {
    case VENUE_ACKNOWLEDGED:
    case VENUE_REPLACED:
        return fresh;
    case VENUE_STATUS:
    case VENUE_CANCEL_REJECTED: /* our cancel, that is */
        return fresh && execute_step_is_open_there(report);
    case VENUE_DUPLICATE: /* the second of two sends is refused so, also after the first one has ended */
        return !was_known && order->venue_known;
    case VENUE_FILL: /* that of an order which was never sent is put aside */
        return effect->filled || order->attempts == 0;
    default:
        return false;
    }
}

void execute_step_recall_report(struct execution *order, const struct venue_event *report, bool was_known,
                                bool conclusive, struct execute_effect *effect)
{
    if (order->recalled && is_gone(order, report, conclusive)) {
        order->recalled = false;
        order->recalls = 0;
        order->next_check_at = (struct instant){0};
        effect->changed = true;
        effect->cancel = effect->query = false;
        return;
    }
    if (order->recalled && report->type == VENUE_CANCEL_REJECTED)
        effect->query = true; /* how it ended there, if it did */
    bool lives = shows_life(order, report, was_known, effect);
    if (!lives || order->status == ORDER_STATUS_FILLED)
        return;
    effect->alarm |= effect->filled;
    if (order->recalled && order->next_check_at.us != 0)
        return; /* it is being cancelled */
    effect->alarm = true;
    order->recalls = 0;
    execute_step_recall(order, effect);
    execute_step_tell_why(effect, order, AUDIT_ACTION_CANCEL_REQUESTED, EXECUTE_REASON_STILL_OPEN,
                          "The exchange still has the order, which is %s here: it is cancelled there",
                          order_status_text(order->status));
}
