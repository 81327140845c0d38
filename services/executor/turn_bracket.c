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

static void set_open(struct executor *executor, const struct turn_order *leg, struct decimal before,
                     struct decimal after)
{
    struct turn_position *position = &executor->turn->positions[leg->position];
    if (decimal_compare(before, after) == 0)
        return;
    int r = ledger_open(&position->ledger, leg->record.side, before, after);
    assert(r == 0); /* within the sum of the entry's fills, which the position holds */
    position->changed = true;
}

/* The pair's part in the position's open quantities: it counts once. */
static void move_open(struct executor *executor, const struct turn_order *leg, struct decimal before)
{
    set_open(executor, leg, before, turn_bracket_open(executor->turn, leg));
}

/* The rules' word on protecting so much: faults refuse it. */
static void check(const struct executor *executor, const struct turn_order *order, enum side side,
                  struct decimal quantity, struct risk_verdict *ret_verdict)
{
    const struct ledger_position *held = &executor->turn->positions[order->position].ledger;
    const struct risk_position position = {
        .quantity = held->quantity, .open_buy = held->open_buy, .open_sell = held->open_sell};
    struct order_request request = {.side = side, .quantity = quantity};
    memcpy(request.symbol, order->record.symbol, sizeof(request.symbol));
    risk_decide(&request, RISK_PROTECTION, NULL, 0, NULL, &position, NULL, ret_verdict);
}

/* Room for a leg of the same account and position. */
static struct turn_order *add_order(struct turn *turn, const struct turn_order *relative)
{
    assert(turn->order_count < TURN_ORDERS_MAX);
    struct turn_order *leg = &turn->orders[turn->order_count++];
    *leg = (struct turn_order){.account = relative->account, .position = relative->position, .made = true};
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

/* A leg was filled before it could grow: another takes over what is left. */
static void succeed(struct executor *executor, struct turn_order *ended, struct decimal open_before,
                    struct instant now)
{
    struct turn *turn = executor->turn;
    struct turn_order *sibling = sibling_of(turn, ended);
    struct turn_order *entry = turn_find_order(turn, ended->record.parent_id);
    struct turn_order *leg = add_order(turn, ended);
    struct risk_verdict verdict;
    bracket_succeed(&ended->record, sibling == NULL ? NULL : &sibling->record, uuid_next(&executor->ids, now),
                    &leg->record);
    ended->reshaped = true;
    if (sibling != NULL)
        sibling->reshaped = true;
    if (entry != NULL) {
        enum execute_leg which =
            leg->record.order_type == ORDER_TYPE_STOP ? EXECUTE_STOP_LOSS : EXECUTE_TAKE_PROFIT;
        entry->record.leg_ids[which] = leg->record.id;
        entry->reshaped = true;
    }
    set_open(executor, ended, open_before, decimal_zero());
    check(executor, ended, leg->record.side, leg->record.quantity, &verdict);
    submit(executor, leg, &verdict, now);
    move_open(executor, leg, decimal_zero());
}

static void follow_leg(struct executor *executor, struct turn_order *leg, const struct execution *was,
                       struct decimal open_before, const struct execute_fill *fill, struct instant now)
{
    struct turn *turn = executor->turn;
    struct turn_order *sibling = sibling_of(turn, leg);
    if (sibling != NULL && fill != NULL) {
        struct execution before = sibling->record;
        bracket_shrink(&sibling->record, fill->quantity, &executor->policy, now, &turn->effect);
        turn_take_effect(executor, sibling, &before, now);
    }
    if (bracket_fell_short(was, &leg->record))
        succeed(executor, leg, open_before, now);
    else
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

static struct turn_order *add_leg(struct executor *executor, struct turn_order *entry, enum execute_leg which,
                                  struct decimal quantity, struct instant now)
{
    struct turn_order *leg = add_order(executor->turn, entry);
    bracket_make_leg(&entry->record, which, quantity, uuid_next(&executor->ids, now), &leg->record);
    entry->record.leg_ids[which] = leg->record.id;
    entry->reshaped = true;
    return leg;
}

static void make_pair(struct executor *executor, struct turn_order *entry, struct decimal quantity,
                      const struct risk_verdict *verdict, struct instant now)
{
    struct turn_order *legs[EXECUTE_LEGS] = {NULL};
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
            submit(executor, legs[which], verdict, now);
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
    check(executor, entry, entry->record.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY, quantity, &verdict);
    if (bracket_joins(before, records) && verdict.fault_count == 0)
        grow(executor, legs, quantity, now);
    else
        make_pair(executor, entry, quantity, &verdict, now);
}

void turn_bracket_follow(struct executor *executor, struct turn_order *order, const struct execution *before,
                         struct decimal open_before, const struct execute_fill *fill, struct instant now)
{
    if (execute_is_leg(&order->record))
        follow_leg(executor, order, before, open_before, fill, now);
    else if (fill != NULL)
        follow_entry(executor, order, before, fill->quantity, now);
}
