/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/core/bracket.h"

#include <assert.h>
#include <string.h>

#include "services/executor/core/execute_step.h"
#include "services/executor/core/leg.h"

static bool is_growing(const struct execution *leg)
{
    return leg != NULL && leg->state != EXECUTION_STATE_DONE && !execute_step_cancels(leg);
}

bool bracket_joins(const struct execution *before, const struct execution *const legs[EXECUTE_LEGS])
{
    return before->state != EXECUTION_STATE_DONE &&
           (is_growing(legs[EXECUTE_STOP_LOSS]) || is_growing(legs[EXECUTE_TAKE_PROFIT]));
}

/* What is held that orders of the side can close. A position of INT64_MIN units is as good as one more. */
static int64_t closable_units(enum side side, struct decimal held)
{
    if (side == SIDE_SELL)
        return held.units > 0 ? held.units : 0;
    return held.units >= 0 ? 0 : held.units == INT64_MIN ? INT64_MAX : -held.units;
}

struct decimal bracket_covers(enum side entry_side, struct decimal held, struct decimal fill)
{
    int64_t closable = closable_units(entry_side == SIDE_BUY ? SIDE_SELL : SIDE_BUY, held);
    return decimal_from_units(fill.units < closable ? fill.units : closable);
}

struct decimal bracket_excess(enum side leg_side, struct decimal held, struct decimal left)
{
    int64_t closable = closable_units(leg_side, held);
    return decimal_from_units(left.units > closable ? left.units - closable : 0);
}

/* An order of the same trader and symbol that is yet to be sent. The position outlives the day, and so does
 * its protection. */
static struct execution begin_leg(const struct execution *relative, struct uuid id, struct decimal quantity)
{
    struct execution leg = {
        .id = id,
        .trader_id = relative->trader_id,
        .time_in_force = TIME_IN_FORCE_GTC,
        .quantity = quantity,
        .status = ORDER_STATUS_PENDING,
        .state = EXECUTION_STATE_ADMITTED,
        .lane = relative->lane,
    };
    memcpy(leg.symbol, relative->symbol, sizeof(leg.symbol));
    memcpy(leg.trace_id, relative->trace_id, sizeof(leg.trace_id));
    return leg;
}

void bracket_make_leg(const struct execution *entry, enum execute_leg which, struct decimal quantity,
                      struct uuid id, struct execution *ret_leg)
{
    *ret_leg = begin_leg(entry, id, quantity);
    ret_leg->side = entry->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    ret_leg->order_type = which == EXECUTE_STOP_LOSS ? ORDER_TYPE_STOP : ORDER_TYPE_LIMIT;
    ret_leg->price = entry->leg_prices[which];
    ret_leg->parent_id = entry->id;
    ret_leg->protects = quantity;
}

void bracket_submit(const struct execution *leg, struct execute_effect *effect)
{
    char entry[UUID_TEXT_MAX];
    struct event *event = execute_step_tell(effect, leg, AUDIT_ACTION_SUBMITTED);
    uuid_format(leg->parent_id, entry);
    (void)snprintf(event->message, sizeof(event->message), "%s of order %s",
                   leg->order_type == ORDER_TYPE_STOP ? "Stop loss" : "Take profit", entry);
    event->venue[0] = '\0'; /* the exchange does not know it yet */
    event = execute_step_tell(effect, leg, AUDIT_ACTION_APPROVED);
    event->venue[0] = '\0';
    effect->changed = true;
}

static void resize(struct execution *leg, struct decimal quantity, struct execute_effect *effect)
{
    struct execution next = *leg;
    if (decimal_compare(leg->quantity, quantity) == 0)
        return;
    next.quantity = quantity;
    struct decimal from = leg->quantity;
    if (!execute_step_take(leg, &next, effect) || leg->attempts == 0)
        return;
    execute_step_tell_why(effect, leg, AUDIT_ACTION_EXECUTED, EXECUTE_REASON_RESIZED, "Resized from %s to %s",
                          DECIMAL_TEXT(from), DECIMAL_TEXT(quantity));
    bracket_want_replace(leg, effect);
}

void bracket_grow(struct execution *leg, struct decimal quantity, struct execute_effect *effect)
{
    leg->protects.units += quantity.units;
    effect->changed = true;
    if (is_growing(leg))
        resize(leg, decimal_from_units(leg->quantity.units + quantity.units), effect);
}

/* The pair has less left, maybe nothing. */
static void follow_pair(struct execution *leg, const char *reason, struct execute_effect *effect)
{
    int64_t left = leg_left(leg);
    if (leg->state == EXECUTION_STATE_DONE)
        return;
    if (left <= 0)
        execute_step_cancel_leg(leg, reason, effect);
    else if (!execute_step_cancels(leg))
        resize(leg, decimal_from_units(leg->filled.units + left), effect);
}

void bracket_shrink(struct execution *leg, struct decimal quantity, struct execute_effect *effect)
{
    leg->sibling_filled.units += quantity.units;
    follow_pair(leg, EXECUTE_REASON_OCO, effect);
}

void bracket_cut(struct execution *leg, struct decimal quantity, struct execute_effect *effect)
{
    leg->protects.units -= quantity.units;
    effect->changed = true;
    follow_pair(leg, EXECUTE_REASON_POSITION_CLOSED, effect);
}

bool bracket_fell_short(const struct execution *before, const struct execution *leg)
{
    return execution_is_leg(leg) && before->state != EXECUTION_STATE_DONE &&
           leg->state == EXECUTION_STATE_DONE && leg->status == ORDER_STATUS_FILLED && leg_left(leg) > 0;
}

void bracket_succeed(struct execution *ended, struct execution *sibling, struct uuid id,
                     struct execution *ret_leg)
{
    struct execution leg = begin_leg(ended, id, decimal_from_units(leg_left(ended)));
    leg.side = ended->side;
    leg.order_type = ended->order_type;
    leg.price = ended->price;
    leg.parent_id = ended->parent_id;
    leg.protects = decimal_from_units(ended->protects.units - ended->filled.units);
    leg.sibling_filled = ended->sibling_filled;
    if (sibling != NULL) {
        leg.sibling_id = sibling->id;
        sibling->sibling_id = id;
        sibling->protects = leg.protects;
        sibling->sibling_filled = decimal_zero();
    }
    /* What it has executed is covered by itself alone from now on. */
    ended->sibling_id = (struct uuid){{0}};
    ended->sibling_filled = decimal_zero();
    ended->protects = ended->filled;
    *ret_leg = leg;
}

struct decimal bracket_open(const struct execution *leg, const struct execution *sibling)
{
    bool open =
        leg->state != EXECUTION_STATE_DONE || (sibling != NULL && sibling->state != EXECUTION_STATE_DONE);
    int64_t left = leg_left(leg);
    return decimal_from_units(open && left > 0 ? left : 0);
}

void bracket_filled_smaller(struct execution *leg, struct execute_effect *effect)
{
    struct execution next = *leg;
    if (leg->state == EXECUTION_STATE_DONE || decimal_is_zero(leg->filled))
        return;
    next.quantity = leg->filled;
    next.state = EXECUTION_STATE_DONE;
    next.status = ORDER_STATUS_FILLED;
    execute_step_set_reason(&next, "");
    if (!execute_step_take(leg, &next, effect))
        return;
    execute_step_tell_why(effect, leg, AUDIT_ACTION_EXECUTED, EXECUTE_REASON_RESIZED,
                          "Resized to what was filled already");
}

void bracket_note_quantity(struct execution *leg, const struct venue_event *report)
{
    struct execute_questions *questions = &leg->questions;
    bool tells = report->type == VENUE_ACKNOWLEDGED || report->type == VENUE_FILL ||
                 report->type == VENUE_STATUS || report->type == VENUE_REPLACED;
    /* A repeated report may be older than what was told since. */
    if (!tells || report->possible_duplicate)
        return;
    if (decimal_is_positive(report->order_quantity))
        questions->venue_quantity = report->order_quantity;
    else if (report->type == VENUE_REPLACED)
        questions->venue_quantity = questions->asked_quantity;
    if (report->type == VENUE_REPLACED)
        questions->asked_quantity = decimal_zero();
}

/* What the exchange works is asked for, and the replace made again, when next_check_at has come. */
void bracket_replace_refused(struct execution *leg, const struct venue_event *report,
                             struct execute_effect *effect)
{
    bool works = report->venue_status == 0 || execute_step_is_open_there(report);
    if (!execution_is_leg(leg) || leg->state != EXECUTION_STATE_WORKING)
        return;
    leg->questions.asked_quantity = leg->quantity;
    leg->next_check_at = execute_step_answer_due(effect);
    effect->changed = true;
    effect->query = !works;
    if (works)
        EXECUTE_STEP_ASIDE(effect, EXECUTE_ASIDE_UNEXPECTED_REPORT, true, "not resized: %s", report->text);
}

bool bracket_resizes(const struct execution *order)
{
    return execution_is_leg(order) && order->state == EXECUTION_STATE_WORKING &&
           !execute_step_cancels(order) &&
           (!decimal_is_zero(order->questions.asked_quantity) ||
            execution_wants_replace(&order->questions, order->quantity));
}

void bracket_want_replace(struct execution *order, struct execute_effect *effect)
{
    if (!bracket_resizes(order) || !execution_wants_replace(&order->questions, order->quantity))
        return;
    order->next_check_at = execute_step_answer_due(effect);
    effect->replace = effect->changed = true;
}
