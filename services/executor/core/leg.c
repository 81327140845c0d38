/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/leg.h"

#include <stdio.h>

int64_t leg_left(const struct execution *leg)
{
    return leg->protects.units - leg->filled.units - leg->sibling_filled.units;
}

bool leg_is_closed(const struct execution *leg)
{
    return execution_is_leg(leg) && leg_left(leg) <= 0;
}

const char *leg_overtaken(const struct execution *leg)
{
    if (!execution_is_leg(leg) || leg_left(leg) >= 0)
        return NULL;
    if (decimal_is_positive(leg->sibling_filled))
        return "BOTH_LEGS";
    /* The record has the smaller quantity since the cut, the exchange perhaps not yet. */
    bool was_asked = decimal_compare(leg->filled, leg->quantity) <= 0 ||
                     decimal_compare(leg->filled, leg->questions.venue_quantity) <= 0;
    return was_asked ? "BEYOND_POSITION" : NULL;
}

void leg_reopen(struct execution *leg)
{
    /* Without its word: unless the pair was cut, no leg was ever larger at the exchange than what it covers.
     */
    struct decimal most =
        decimal_is_zero(leg->questions.venue_quantity) ? leg->protects : leg->questions.venue_quantity;
    if (decimal_compare(leg->filled, leg->quantity) < 0)
        return;
    leg->quantity = decimal_compare(most, leg->filled) > 0 ? most : leg->filled;
}

bool leg_is_lost(const struct execution *leg)
{
    return execution_is_leg(leg) && leg->cancel_requested_at.us == 0 && leg_left(leg) > 0;
}

void leg_tell_lost(const struct execution *leg, const char *why, struct event *event)
{
    (void)snprintf(event->message, sizeof(event->message), "%s %s are held without their %s%s%s",
                   DECIMAL_TEXT(decimal_from_units(leg_left(leg))), leg->symbol,
                   leg->order_type == ORDER_TYPE_STOP ? "stop loss" : "take profit", *why == '\0' ? "" : ": ",
                   why);
}
