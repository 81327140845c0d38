/* What a fact about an entry or a leg means for the rest of its bracket, within the same transaction. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/risk.h"
#include "services/executor/bracket.h"
#include "services/executor/turn.h"

static struct turn_order *sibling_of(struct turn *turn, const struct turn_order *leg)
{
    return uuid_is_nil(leg->record.sibling_id) ? NULL : turn_find_order(turn, leg->record.sibling_id);
}

struct decimal turn_bracket_open(struct turn *turn, const struct turn_order *order)
{
    if (!execute_is_leg(&order->record))
        return decimal_zero();
    const struct turn_order *sibling = sibling_of(turn, order);
    return bracket_open(&order->record, sibling == NULL ? NULL : &sibling->record);
}

/* The pair's part in the position's open quantities: it counts once. */
static void move_open(struct executor *executor, const struct turn_order *leg, struct decimal before)
{
    struct turn_position *position = &executor->turn->positions[leg->position];
    struct decimal after = turn_bracket_open(executor->turn, leg);
    if (decimal_compare(before, after) == 0)
        return;
    int r = ledger_open(&position->ledger, leg->record.side, before, after);
    assert(r == 0); /* within the sum of the entry's fills, which the position holds */
    position->changed = true;
}

static void follow_leg(struct executor *executor, struct turn_order *leg, struct decimal open_before,
                       const struct execute_fill *fill, struct instant now)
{
    struct turn *turn = executor->turn;
    struct turn_order *sibling = sibling_of(turn, leg);
    if (sibling != NULL && fill != NULL) {
        struct execution before = sibling->record;
        bracket_shrink(&sibling->record, fill->quantity, &executor->policy, now, &turn->effect);
        turn_take_effect(executor, sibling, &before, now);
    }
    move_open(executor, leg, open_before);
}

/* The legs that stand for the entry's earlier fills grow by this one. */
static void grow(struct executor *executor, struct turn_order *const legs[EXECUTE_LEGS],
                 struct decimal quantity, struct instant now)
{
    struct turn *turn = executor->turn;
    const struct turn_order *either =
        legs[EXECUTE_STOP_LOSS] != NULL ? legs[EXECUTE_STOP_LOSS] : legs[EXECUTE_TAKE_PROFIT];
    struct decimal open = turn_bracket_open(turn, either);
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (legs[which] == NULL)
            continue;
        struct execution before = legs[which]->record;
        bracket_grow(&legs[which]->record, quantity, &executor->policy, now, &turn->effect);
        turn_take_effect(executor, legs[which], &before, now);
    }
    move_open(executor, either, open);
}

/* The rules' word on protecting so much; false: refused, for the faults of ret_verdict. */
static bool is_allowed(const struct executor *executor, const struct turn_order *entry,
                       struct decimal quantity, struct risk_verdict *ret_verdict)
{
    const struct ledger_position *held = &executor->turn->positions[entry->position].ledger;
    const struct risk_position position = {
        .quantity = held->quantity, .open_buy = held->open_buy, .open_sell = held->open_sell};
    struct order_request request = {.side = entry->record.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY,
                                    .quantity = quantity};
    memcpy(request.symbol, entry->record.symbol, sizeof(request.symbol));
    risk_decide(&request, RISK_PROTECTION, NULL, 0, NULL, &position, NULL, ret_verdict);
    return ret_verdict->fault_count == 0;
}

static struct turn_order *add_leg(struct executor *executor, struct turn_order *entry, enum execute_leg which,
                                  struct decimal quantity, struct instant now)
{
    struct turn *turn = executor->turn;
    assert(turn->order_count < TURN_ORDERS_MAX);
    struct turn_order *leg = &turn->orders[turn->order_count++];
    *leg = (struct turn_order){.account = entry->account, .position = entry->position, .made = true};
    bracket_make_leg(&entry->record, which, quantity, uuid_next(&executor->ids, now), &leg->record);
    entry->record.leg_ids[which] = leg->record.id;
    entry->reshaped = true;
    return leg;
}

static void submit(struct executor *executor, struct turn_order *leg, const struct risk_verdict *verdict,
                   struct instant now)
{
    struct turn *turn = executor->turn;
    const struct fault *fault = verdict->fault_count == 0 ? NULL : &verdict->faults[0];
    struct execution before = leg->record;
    before.state = EXECUTION_STATE_DONE; /* it was not there: from now on it is an open order */
    bracket_submit(&leg->record, fault == NULL ? "" : reject_text((enum reject_code)fault->code),
                   fault == NULL ? NULL : fault->message, &executor->policy, now, &turn->effect);
    turn_take_effect(executor, leg, &before, now);
}

static void make_pair(struct executor *executor, struct turn_order *entry, struct decimal quantity,
                      struct instant now)
{
    struct turn_order *legs[EXECUTE_LEGS] = {NULL};
    struct risk_verdict verdict;
    (void)is_allowed(executor, entry, quantity, &verdict);
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (!decimal_is_zero(entry->record.leg_prices[which]))
            legs[which] = add_leg(executor, entry, (enum execute_leg)which, quantity, now);
    }
    if (legs[EXECUTE_STOP_LOSS] != NULL && legs[EXECUTE_TAKE_PROFIT] != NULL) {
        legs[EXECUTE_STOP_LOSS]->record.sibling_id = legs[EXECUTE_TAKE_PROFIT]->record.id;
        legs[EXECUTE_TAKE_PROFIT]->record.sibling_id = legs[EXECUTE_STOP_LOSS]->record.id;
    }
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (legs[which] != NULL)
            submit(executor, legs[which], &verdict, now);
    }
    move_open(executor, legs[EXECUTE_STOP_LOSS] != NULL ? legs[EXECUTE_STOP_LOSS] : legs[EXECUTE_TAKE_PROFIT],
              decimal_zero());
}

static void follow_entry(struct executor *executor, struct turn_order *entry, const struct execution *before,
                         struct decimal quantity, struct instant now)
{
    struct turn *turn = executor->turn;
    struct turn_order *legs[EXECUTE_LEGS] = {NULL};
    const struct execution *records[EXECUTE_LEGS] = {NULL};
    struct risk_verdict verdict;
    for (int which = 0; which < EXECUTE_LEGS; which++) {
        if (!uuid_is_nil(entry->record.leg_ids[which]))
            legs[which] = turn_find_order(turn, entry->record.leg_ids[which]);
        records[which] = legs[which] == NULL ? NULL : &legs[which]->record;
    }
    if (bracket_joins(before, records) && is_allowed(executor, entry, quantity, &verdict))
        grow(executor, legs, quantity, now);
    else
        make_pair(executor, entry, quantity, now);
}

void turn_bracket_follow(struct executor *executor, struct turn_order *order, const struct execution *before,
                         struct decimal open_before, const struct execute_fill *fill, struct instant now)
{
    if (execute_is_leg(&order->record))
        follow_leg(executor, order, open_before, fill, now);
    else if (fill != NULL)
        follow_entry(executor, order, before, fill->quantity, now);
}
