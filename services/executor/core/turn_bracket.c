/* SPDX-License-Identifier: Apache-2.0 */
/* What a fact about an entry or a leg means for the rest of its bracket, within the same transaction. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/core/bracket.h"
#include "services/executor/core/leg.h"
#include "services/executor/core/turn.h"

static const struct uuid no_id;

static struct turn_order *sibling_of(struct turn *turn, const struct turn_order *leg)
{
    return uuid_is_nil(leg->record.sibling_id) ? NULL : turn_find_order(turn, leg->record.sibling_id);
}

struct decimal turn_bracket_open(struct turn *turn, const struct turn_order *order)
{
    if (!execution_is_leg(&order->record))
        return decimal_zero();
    const struct turn_order *sibling = sibling_of(turn, order);
    return bracket_open(&order->record, sibling == NULL ? NULL : &sibling->record);
}

static void set_open(struct turn *turn, const struct turn_order *leg, struct decimal before,
                     struct decimal after)
{
    struct turn_position *position = &turn->positions[leg->position];
    if (decimal_compare(before, after) == 0)
        return;
    int r = ledger_open(&position->ledger, leg->record.side, before, after);
    assert(r == 0); /* within the sum of the entry's fills, which the position holds */
    position->changed = true;
}

/* The pair's part in the position's open quantities: it counts once. */
static void move_open(struct turn *turn, const struct turn_order *leg, struct decimal before)
{
    set_open(turn, leg, before, turn_bracket_open(turn, leg));
}

/* Room for a leg of the same account and position. */
static struct turn_order *add_order(struct turn *turn, const struct turn_order *relative)
{
    assert(turn->order_count < TURN_ORDERS_MAX);
    struct turn_order *leg = &turn->orders[turn->order_count++];
    *leg = (struct turn_order){.account = relative->account, .position = relative->position, .made = true};
    return leg;
}

static void submit(struct turn *turn, struct turn_order *leg)
{
    struct execution before = leg->record;
    before.state = EXECUTION_STATE_DONE; /* it was not there: from now on it is an open order */
    bracket_submit(&leg->record, turn_effect(turn));
    turn_take_effect(turn, leg, &before);
}

/* A leg was filled before it could grow: another takes over what is left. */
static void succeed(struct turn *turn, struct turn_order *ended, struct decimal open_before)
{
    struct turn_order *sibling = sibling_of(turn, ended);
    struct turn_order *entry = turn_find_order(turn, ended->record.parent_id);
    struct turn_order *leg = add_order(turn, ended);
    bracket_succeed(&ended->record, sibling == NULL ? NULL : &sibling->record,
                    uuid_next(turn->ids, turn->now), &leg->record);
    ended->reshaped = true;
    if (sibling != NULL)
        sibling->reshaped = true;
    if (entry != NULL) {
        enum execute_leg which =
            leg->record.order_type == ORDER_TYPE_STOP ? EXECUTE_STOP_LOSS : EXECUTE_TAKE_PROFIT;
        entry->record.leg_ids[which] = leg->record.id;
        entry->reshaped = true;
    }
    set_open(turn, ended, open_before, decimal_zero());
    submit(turn, leg);
    move_open(turn, leg, decimal_zero());
}

static void follow_leg(struct turn *turn, struct turn_order *leg, const struct execution *was,
                       struct decimal open_before, const struct execute_fill *fill)
{
    struct turn_order *sibling = sibling_of(turn, leg);
    if (sibling != NULL && fill != NULL) {
        struct execution before = sibling->record;
        bracket_shrink(&sibling->record, fill->quantity, turn_effect(turn));
        turn_take_effect(turn, sibling, &before);
    }
    if (bracket_fell_short(was, &leg->record))
        succeed(turn, leg, open_before);
    else
        move_open(turn, leg, open_before);
}

/* The legs that stand for the entry's earlier fills grow by this one. */
static void grow(struct turn *turn, struct turn_order *const legs[EXECUTE_LEGS], struct decimal quantity)
{
    const struct turn_order *either =
        legs[EXECUTE_STOP_LOSS] != NULL ? legs[EXECUTE_STOP_LOSS] : legs[EXECUTE_TAKE_PROFIT];
    struct decimal open = turn_bracket_open(turn, either);
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (legs[which] == NULL)
            continue;
        struct execution before = legs[which]->record;
        bracket_grow(&legs[which]->record, quantity, turn_effect(turn));
        turn_take_effect(turn, legs[which], &before);
    }
    move_open(turn, either, open);
}

static struct turn_order *add_leg(struct turn *turn, struct turn_order *entry, enum execute_leg which,
                                  struct decimal quantity)
{
    struct turn_order *leg = add_order(turn, entry);
    bracket_make_leg(&entry->record, which, quantity, uuid_next(turn->ids, turn->now), &leg->record);
    entry->record.leg_ids[which] = leg->record.id;
    entry->reshaped = true;
    return leg;
}

static void make_pair(struct turn *turn, struct turn_order *entry, struct decimal quantity)
{
    struct turn_order *legs[EXECUTE_LEGS] = {NULL};
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (!decimal_is_zero(entry->record.leg_prices[which]))
            legs[which] = add_leg(turn, entry, (enum execute_leg)which, quantity);
    }
    if (legs[EXECUTE_STOP_LOSS] != NULL && legs[EXECUTE_TAKE_PROFIT] != NULL) {
        legs[EXECUTE_STOP_LOSS]->record.sibling_id = legs[EXECUTE_TAKE_PROFIT]->record.id;
        legs[EXECUTE_TAKE_PROFIT]->record.sibling_id = legs[EXECUTE_STOP_LOSS]->record.id;
    }
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (legs[which] != NULL)
            submit(turn, legs[which]);
    }
    move_open(turn, legs[EXECUTE_STOP_LOSS] != NULL ? legs[EXECUTE_STOP_LOSS] : legs[EXECUTE_TAKE_PROFIT],
              decimal_zero());
}

/* What of the fill closes a position needs no protection. */
static void follow_entry(struct turn *turn, struct turn_order *entry, const struct execution *before,
                         struct decimal fill)
{
    struct turn_order *legs[EXECUTE_LEGS] = {NULL};
    const struct execution *records[EXECUTE_LEGS] = {NULL};
    struct decimal quantity =
        bracket_covers(entry->record.side, turn->positions[entry->position].ledger.quantity, fill);
    if (decimal_is_zero(quantity))
        return;
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (!uuid_is_nil(entry->record.leg_ids[which]))
            legs[which] = turn_find_order(turn, entry->record.leg_ids[which]);
        records[which] = legs[which] == NULL ? NULL : &legs[which]->record;
    }
    if (bracket_joins(before, records))
        grow(turn, legs, quantity);
    else
        make_pair(turn, entry, quantity);
}

/* Whether it is an open leg of the side at the position. */
static bool protects(const struct turn_order *leg, int position, enum side side)
{
    return leg->position == position && execution_is_leg(&leg->record) && leg->record.side == side &&
           leg->record.state != EXECUTION_STATE_DONE;
}

struct decimal turn_bracket_left(struct turn *turn, int position, enum side side, size_t *ret_legs)
{
    int64_t left = 0; /* of one trader and symbol: as large as sums of its fills, which the position holds */
    size_t legs = 0;
    for (size_t i = 0; i < turn->order_count; i++) {
        const struct turn_order *leg = &turn->orders[i];
        if (!protects(leg, position, side) || leg_is_closed(&leg->record))
            continue;
        legs++;
        /* A pair counts once: by its older leg while both are open. */
        const struct turn_order *sibling = sibling_of(turn, leg);
        if (sibling == NULL || sibling->record.state == EXECUTION_STATE_DONE ||
            uuid_compare(leg->record.id, sibling->record.id) < 0)
            left += turn_bracket_open(turn, leg).units;
    }
    if (ret_legs != NULL)
        *ret_legs = legs;
    return decimal_from_units(left);
}

static void cut(struct turn *turn, struct turn_order *leg, struct decimal quantity)
{
    struct decimal open = turn_bracket_open(turn, leg);
    struct turn_order *const pair[] = {leg, sibling_of(turn, leg)};
    for (size_t i = 0; i < ARRAY_LEN(pair) && pair[i] != NULL; i++) {
        struct execution before = pair[i]->record;
        bracket_cut(&pair[i]->record, quantity, turn_effect(turn));
        turn_take_effect(turn, pair[i], &before);
    }
    move_open(turn, leg, open);
}

/* Takes from the pairs of a side what is beyond the position, from the youngest first. What is too much for
 * one turn is left to the next, which `leg` calls for. */
static void fit(struct turn *turn, int position, enum side side)
{
    struct turn_position *held = &turn->positions[position];
    struct decimal left = turn_bracket_left(turn, position, side, NULL);
    left.units += held->unread[side].units;
    struct decimal excess = bracket_excess(side, held->ledger.quantity, left);
    const struct turn_order *leg = NULL;
    for (size_t i = turn->order_count; i > 0 && decimal_is_positive(excess); i--) {
        struct turn_order *candidate = &turn->orders[i - 1];
        if (!protects(candidate, position, side))
            continue;
        leg = candidate;
        struct decimal quantity = turn_bracket_open(turn, candidate);
        if (decimal_compare(quantity, excess) > 0)
            quantity = excess;
        if (decimal_is_zero(quantity))
            continue;
        if (!turn_has_room(turn, EXECUTE_LEGS))
            break;
        cut(turn, candidate, quantity);
        excess.units -= quantity.units;
    }
    held->unfit[side] = decimal_is_positive(excess) && leg != NULL ? leg->record.id : no_id;
}

void turn_bracket_follow(struct turn *turn, struct turn_order *order, const struct execution *before,
                         struct decimal open_before, const struct execute_fill *fill)
{
    bool is_leg = execution_is_leg(&order->record);
    if (is_leg)
        follow_leg(turn, order, before, open_before, fill);
    else if (fill != NULL && execution_is_bracket(&order->record))
        follow_entry(turn, order, before, fill->quantity);
    /* A fill takes the position away from under the legs of its own side. */
    if (is_leg || fill != NULL)
        fit(turn, order->position, order->record.side);
}
