/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "proto/reject.h"
#include "services/executor/core/execute.h"
#include "services/executor/core/execute_step.h"

void execute_command_cancel(struct execution *order, struct execute_effect *effect)
{
    effect->moot = execution_is_over(order) || !execute_step_cancels(order);
    if (effect->moot)
        return;
    if (!order->recalled) {
        execute_step_cancel(order, effect);
        return;
    }
    order->recalls = 0; /* people ask: as often as at first */
    execute_step_recall(order, effect);
}

/* Ended by people's word. The exchange may know better: it is to cancel what it has. */
static void recall_ended(struct execution *order, struct execute_effect *effect)
{
    if (order->state == EXECUTION_STATE_DONE && order->attempts > 0)
        execute_step_recall(order, effect);
}

static void resolve_fill(struct execution *order, const struct execute_resolve *command,
                         const struct execute_fill *recorded, struct execute_effect *effect)
{
    struct execute_fill fill = {.quantity = command->quantity, .price = command->price, .at = effect->now};
    memcpy(fill.exec_id, command->venue_exec_id, sizeof(fill.exec_id));
    if (execute_step_is_recorded(&fill, recorded, effect)) {
        effect->moot = effect->duplicate;
        return;
    }
    if (!decimal_is_positive(fill.quantity) || !decimal_is_positive(fill.price)) {
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_NOT_RESOLVED, true, "FILL with figures that make no sense");
        return;
    }
    if (order->attempts > 0)
        order->venue_known = true;
    /* One execution does not tell whether there are more: in doubt until the exchange has answered, unless
       nothing is left to fill. */
    execute_step_fill(order, &fill, decimal_from_units(INT64_MAX), false, effect);
}

static void refuse(const struct execute_resolve *command, const char *why, struct execute_effect *effect)
{
    EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_NOT_RESOLVED, true, "%s: %s",
                       resolve_action_text(command->action), why);
}

static void resolve(struct execution *order, const struct execute_resolve *command,
                    const struct execute_fill *recorded, struct execute_effect *effect)
{
    bool filled = !decimal_is_zero(order->filled);
    switch (command->action) {
    case RESOLVE_ACTION_RETRY:
        if (filled)
            refuse(command, "it is filled in part, so the exchange has it", effect);
        else if (order->venue_known)
            refuse(command, "the exchange has shown that it has it", effect);
        else if (!effect->policy->refuses_known_ids)
            refuse(command, "the exchange would take a second one", effect);
        else if (execute_step_cancels(order))
            refuse(command, "its cancellation was requested", effect);
        else if (execute_step_is_past(order, effect->now))
            refuse(command, "its trading day is over", effect);
        else if (order->held_by != 0)
            refuse(command, "trading is halted for it, or its account is not active", effect);
        else
            execute_step_resend(order, "Operations had it sent again", effect);
        break;
    case RESOLVE_ACTION_REJECT:
        if (filled)
            refuse(command, "it is filled in part", effect);
        else
            (void)execute_step_finish(
                order, ORDER_STATUS_REJECTED, reject_text(REJECT_EXCHANGE_UNAVAILABLE),
                "Operations found that the exchange did not take the order; send it anew with a new "
                "Idempotency-Key.",
                effect);
        break;
    case RESOLVE_ACTION_CANCEL:
        (void)execute_step_finish(order, ORDER_STATUS_CANCELLED, "", "Cancelled by operations", effect);
        break;
    case RESOLVE_ACTION_FILL:
        resolve_fill(order, command, recorded, effect);
        break;
    }
}

void execute_command_resolve(struct execution *order, const struct execute_resolve *command,
                             const struct execute_fill *recorded, struct execute_effect *effect)
{
    if (order->state != EXECUTION_STATE_IN_DOUBT) {
        effect->moot = true;
        return;
    }
    resolve(order, command, recorded, effect);
    recall_ended(order, effect);
}
