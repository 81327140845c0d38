/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole turn makes of an order that is claimed in it, whatever else is said about the order, about
 * the other leg of its bracket or about its entry in the same turn. There is one record for each, and only
 * what is SENT in the end may go out. */
#include "services/executor/core/turn.h"

#include <criterion/criterion.h>
#include <string.h>

#include "proto/order_state.h"

enum { ENTRY = 1, STOP, PROFIT, PLAIN, TRADER = 9 }; /* first bytes of ids */

static const struct instant now = {INT64_C(1700000000000000)};
static struct execute_policy policy;
static struct uuid_source ids;
static struct turn *turn;

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static struct uuid id_of(uint8_t number)
{
    return (struct uuid){.bytes = {number}};
}

static void set_up(void)
{
    cr_assert_eq(turn_create(&policy, &ids, &turn), 0);
    policy = (struct execute_policy){.venue = "SIM",
                                     .actor = "executor",
                                     .attempts_max = 3,
                                     .refuses_known_ids = true,
                                     .answer_timeout_us = 5000000,
                                     .retry_delay_us = 1000000,
                                     .status_timeout_us = 30000000};
    turn->owned = turn->ready = lane_bit(0);
}

static void tear_down(void)
{
    turn_destroy(&turn);
}

TestSuite(turn, .init = set_up, .fini = tear_down);

static struct turn_order *add_order(uint8_t number, enum execution_state state)
{
    struct turn_order *order = &turn->orders[turn->order_count++];
    *order = (struct turn_order){.record = {.id = id_of(number),
                                            .trader_id = id_of(TRADER),
                                            .symbol = "AAPL",
                                            .side = SIDE_BUY,
                                            .order_type = ORDER_TYPE_LIMIT,
                                            .time_in_force = TIME_IN_FORCE_GTC,
                                            .quantity = whole(10),
                                            .price = whole(150),
                                            .status = ORDER_STATUS_PENDING,
                                            .state = state,
                                            .attempts = state == EXECUTION_STATE_ADMITTED ? 0 : 1}};
    turn->read_count = turn->order_count;
    return order;
}

static void add_leg(uint8_t number, enum execution_state state)
{
    struct execution *leg = &add_order(number, state)->record;
    leg->side = SIDE_SELL;
    leg->order_type = number == STOP ? ORDER_TYPE_STOP : ORDER_TYPE_LIMIT;
    leg->price = whole(number == STOP ? 140 : 160);
    leg->quantity = leg->protects = whole(4);
    leg->parent_id = id_of(ENTRY);
    leg->sibling_id = id_of(number == STOP ? PROFIT : STOP);
    if (state != EXECUTION_STATE_ADMITTED)
        leg->questions.venue_quantity = leg->quantity;
}

/* A plain order; or an entry of 10 that filled 4 and works, with the legs of these 4. What is claimed has
 * never been sent, the others work. */
static void begin(uint8_t claimed)
{
    turn_clear(turn);
    turn_begin(turn);
    turn->accounts[0] = (struct turn_account){.trader_id = id_of(TRADER),
                                              .ledger = {.cash = whole(100000), .open_orders = 3}};
    turn->account_count = 1;
    turn->positions[0] = (struct turn_position){
        .trader_id = id_of(TRADER),
        .symbol = "AAPL",
        .ledger = {.quantity = whole(4), .cost = whole(600), .open_buy = whole(6), .open_sell = whole(4)}};
    turn->position_count = 1;
    if (claimed == PLAIN) {
        (void)add_order(PLAIN, EXECUTION_STATE_ADMITTED);
        return;
    }
    struct execution *entry = &add_order(ENTRY, EXECUTION_STATE_WORKING)->record;
    entry->status = ORDER_STATUS_PARTIAL;
    entry->filled = whole(4);
    entry->notional = whole(600);
    entry->average = whole(150);
    entry->leg_prices[EXECUTE_STOP_LOSS] = whole(140);
    entry->leg_prices[EXECUTE_TAKE_PROFIT] = whole(160);
    entry->leg_ids[EXECUTE_STOP_LOSS] = id_of(STOP);
    entry->leg_ids[EXECUTE_TAKE_PROFIT] = id_of(PROFIT);
    add_leg(STOP, claimed == STOP ? EXECUTION_STATE_ADMITTED : EXECUTION_STATE_WORKING);
    add_leg(PROFIT, claimed == PROFIT ? EXECUTION_STATE_ADMITTED : EXECUTION_STATE_WORKING);
}

static void add_fact(enum turn_fact_kind kind, size_t index, uint8_t number)
{
    struct turn_fact *fact = &turn->facts[turn->fact_count++];
    *fact = (struct turn_fact){.kind = kind,
                               .index = index,
                               .order_id = id_of(number),
                               .trader_id = id_of(TRADER),
                               .symbol = "AAPL"};
    if (kind != TURN_CLAIM)
        turn->move_count = turn->fact_count;
}

/* Every kind of fact there is. */
static const struct {
    const char *name;
    enum turn_fact_kind kind;
    enum venue_event_type report;
    enum order_status venue_status;
    enum order_command_kind command;
    enum resolve_action action;
    int filled; /* by a FILL or a RESOLVE FILL */
} facts[] = {
    {"ACKNOWLEDGED", TURN_REPORT, .report = VENUE_ACKNOWLEDGED},
    {"FILL in part", TURN_REPORT, .report = VENUE_FILL, .filled = 1},
    {"FILL whole", TURN_REPORT, .report = VENUE_FILL, .filled = 4},
    {"REJECTED", TURN_REPORT, .report = VENUE_REJECTED},
    {"DUPLICATE", TURN_REPORT, .report = VENUE_DUPLICATE},
    {"CANCELLED", TURN_REPORT, .report = VENUE_CANCELLED},
    {"EXPIRED", TURN_REPORT, .report = VENUE_EXPIRED},
    {"REPLACED", TURN_REPORT, .report = VENUE_REPLACED, .venue_status = ORDER_STATUS_PENDING},
    {"CANCEL_REJECTED", TURN_REPORT, .report = VENUE_CANCEL_REJECTED},
    {"STATUS new", TURN_REPORT, .report = VENUE_STATUS, .venue_status = ORDER_STATUS_PENDING},
    {"STATUS cancelled", TURN_REPORT, .report = VENUE_STATUS, .venue_status = ORDER_STATUS_CANCELLED},
    {"STATUS rejected", TURN_REPORT, .report = VENUE_STATUS, .venue_status = ORDER_STATUS_REJECTED},
    {"UNKNOWN_ORDER", TURN_REPORT, .report = VENUE_UNKNOWN_ORDER},
    {"UNEXPECTED", TURN_REPORT, .report = VENUE_UNEXPECTED},
    {"a tick", TURN_TICK},
    {"the line is lost", TURN_LINE_LOST},
    {"the line is ready", TURN_LINE_READY},
    {"CANCEL", TURN_COMMAND, .command = ORDER_COMMAND_CANCEL},
    {"RESOLVE RETRY", TURN_COMMAND, .command = ORDER_COMMAND_RESOLVE, .action = RESOLVE_ACTION_RETRY},
    {"RESOLVE REJECT", TURN_COMMAND, .command = ORDER_COMMAND_RESOLVE, .action = RESOLVE_ACTION_REJECT},
    {"RESOLVE CANCEL", TURN_COMMAND, .command = ORDER_COMMAND_RESOLVE, .action = RESOLVE_ACTION_CANCEL},
    {"RESOLVE FILL", TURN_COMMAND, .command = ORDER_COMMAND_RESOLVE, .action = RESOLVE_ACTION_FILL,
     .filled = 1},
};

static void add_report(size_t which, uint8_t number)
{
    struct venue_event *report = &turn->reports[turn->report_count];
    *report = (struct venue_event){.type = facts[which].report,
                                   .known = true,
                                   .order_id = id_of(number),
                                   .venue_status = facts[which].venue_status,
                                   .last_quantity = whole(facts[which].filled),
                                   .last_price = whole(150),
                                   .symbol = "AAPL",
                                   .exec_id = "E1",
                                   .transact_time = now};
    int before = number == ENTRY ? 4 : 0;
    report->cum_quantity = whole(before + facts[which].filled);
    add_fact(TURN_REPORT, turn->report_count++, number);
}

static void add_command(size_t which, uint8_t number)
{
    struct turn_command *command = &turn->commands[turn->command_count];
    *command = (struct turn_command){
        .fact = {.order_id = id_of(number), .trader_id = id_of(TRADER), .symbol = "AAPL"},
        .kind = facts[which].command,
        .resolve = {.action = facts[which].action,
                    .quantity = whole(facts[which].filled),
                    .price = whole(150)},
    };
    if (facts[which].filled > 0)
        memcpy(command->resolve.venue_exec_id, "E1", sizeof("E1"));
    /* The request was committed before its command. */
    if (facts[which].command == ORDER_COMMAND_CANCEL)
        turn_find_order(turn, id_of(number))->record.cancel_requested_at = now;
    add_fact(TURN_COMMAND, turn->command_count++, number);
}

static void say(size_t which, uint8_t number)
{
    if (facts[which].kind == TURN_REPORT)
        add_report(which, number);
    else if (facts[which].kind == TURN_COMMAND)
        add_command(which, number);
    else
        add_fact(facts[which].kind, 0, number);
}

/* How often the batch tells this action of the order; changes of a leg's size do not count. */
static size_t told(struct uuid id, enum audit_action action)
{
    size_t count = 0;
    for (size_t i = 0; i < turn->batch.events_count; i++) {
        const struct event *event = &turn->batch.events[i];
        count += event->has_order_id && uuid_compare(event->order_id, id) == 0 && event->action == action &&
                 strcmp(event->reason, EXECUTE_REASON_RESIZED) != 0;
    }
    return count;
}

/* What the database's trigger would say to the row that the turn writes. */
static bool may_be_written(const struct turn_order *order)
{
    struct order_state from = {EXECUTION_STATE_ADMITTED, ORDER_STATUS_PENDING};
    struct order_state to = {order->record.state, order->record.status};
    return (from.state == to.state && from.status == to.status) || order_state_allows(from, to);
}

static void expect_sound(const char *name, uint8_t claimed)
{
    const struct turn_order *order = turn_find_order(turn, id_of(claimed));
    const struct execution *record = &order->record;
    bool sent = order->claim == EXECUTE_CLAIM_SEND;
    cr_expect_not(sent && record->held_by != 0, "%s", name);
    cr_expect_eq(sent, record->state == EXECUTION_STATE_SENT, "%s: %s, claim %d", name,
                 execution_state_text(record->state), (int)order->claim);
    cr_expect_eq(record->attempts, sent, "%s", name);
    cr_expect_eq(told(record->id, AUDIT_ACTION_EXECUTED), (size_t)sent, "%s: EXECUTED is what is sent", name);
    cr_expect_eq(told(record->id, AUDIT_ACTION_CANCELLED), record->status == ORDER_STATUS_CANCELLED, "%s",
                 name);
    cr_expect(may_be_written(order), "%s: %s %s", name, execution_state_text(record->state),
              order_status_text(record->status));
    bool stays = record->state == EXECUTION_STATE_ADMITTED;
    cr_expect(order->changed == !stays || order->reshaped || order->claim == EXECUTE_CLAIM_HOLD, "%s", name);
    for (size_t i = 0; i < turn->order_count; i++) {
        const struct execution *leg = &turn->orders[i].record;
        if (execution_is_leg(leg) && leg->state != EXECUTION_STATE_DONE && !leg->cancel_requested_at.us)
            cr_expect_eq(leg->quantity.units, leg->protects.units - leg->sibling_filled.units,
                         "%s: a leg has what its pair has left", name);
    }
    struct decimal cash = turn->accounts[0].ledger.cash, fills = decimal_zero();
    for (size_t i = 0; i < turn->fill_count; i++) {
        bool sells = turn->orders[turn->fills[i].order].record.side == SIDE_SELL;
        fills.units += sells ? turn->fills[i].fill.notional.units : -turn->fills[i].fill.notional.units;
    }
    cr_expect_eq(cash.units, whole(100000).units + fills.units, "%s: cash follows the fills", name);
}

static void pair_held(uint8_t claimed, uint8_t about, enum reject_code held_by)
{
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        char name[128];
        (void)snprintf(name, sizeof(name), "%s about %u, claim of %u", facts[i].name, about, claimed);
        begin(claimed);
        turn_find_order(turn, id_of(claimed))->record.held_by = held_by;
        say(i, about);
        add_fact(TURN_CLAIM, 0, claimed);
        turn_decide(turn, now);
        expect_sound(name, claimed);
    }
}

static void pair(uint8_t claimed, uint8_t about)
{
    pair_held(claimed, about, 0);
    pair_held(claimed, about, REJECT_TRADING_HALTED);
}

Test(turn, a_claim_meets_every_fact_about_the_same_order)
{
    pair(PLAIN, PLAIN);
    pair(STOP, STOP);
    pair(PROFIT, PROFIT);
}

Test(turn, a_claim_meets_every_fact_about_the_other_leg)
{
    pair(STOP, PROFIT);
    pair(PROFIT, STOP);
}

Test(turn, a_claim_meets_every_fact_about_its_entry)
{
    pair(STOP, ENTRY);
    pair(PROFIT, ENTRY);
}

Test(turn, a_leg_whose_sibling_closes_the_pair_is_cancelled_and_never_sent)
{
    begin(STOP);
    say(2, PROFIT);
    add_fact(TURN_CLAIM, 0, STOP);
    turn_decide(turn, now);
    const struct turn_order *leg = turn_find_order(turn, id_of(STOP));
    cr_expect_eq(leg->record.status, ORDER_STATUS_CANCELLED);
    cr_expect_eq(leg->claim, EXECUTE_CLAIM_DROP);
}

Test(turn, a_leg_that_grows_goes_out_with_what_it_has_grown_to)
{
    begin(STOP);
    say(2, ENTRY);
    add_fact(TURN_CLAIM, 0, STOP);
    turn_decide(turn, now);
    const struct turn_order *leg = turn_find_order(turn, id_of(STOP));
    cr_expect_eq(leg->claim, EXECUTE_CLAIM_SEND);
    cr_expect_eq(leg->record.quantity.units, whole(8).units);
    cr_expect(leg->changed && leg->reshaped);
    cr_expect_not(leg->amend, "it is not at the exchange yet");
}

Test(turn, an_order_that_is_here_only_to_be_claimed_needs_no_account)
{
    begin(PLAIN);
    turn->account_count = turn->position_count = 0;
    struct turn_order *order = turn_find_order(turn, id_of(PLAIN));
    order->account = order->position = TURN_NONE;
    add_fact(TURN_CLAIM, 0, PLAIN);
    turn_decide(turn, now);
    cr_expect_eq(order->claim, EXECUTE_CLAIM_SEND);
    cr_expect_eq(order->record.state, EXECUTION_STATE_SENT);
}

Test(turn, a_fact_about_an_order_whose_money_is_not_locked_is_put_aside)
{
    begin(PLAIN);
    turn_find_order(turn, id_of(PLAIN))->account = TURN_NONE;
    say(1, PLAIN);
    turn_decide(turn, now);
    cr_assert_eq(turn->note_count, 1);
    cr_expect(turn_note_is_aside(&turn->notes[0]));
    cr_expect_eq(turn->fill_count, 0);
}

Test(turn, an_order_of_another_owners_lane_is_not_claimed)
{
    begin(PLAIN);
    turn->owned = 0;
    add_fact(TURN_CLAIM, 0, PLAIN);
    turn_decide(turn, now);
    cr_expect_eq(turn_find_order(turn, id_of(PLAIN))->claim, EXECUTE_CLAIM_NONE);
}

Test(turn, an_order_that_is_claimed_twice_in_one_turn_goes_out_once)
{
    begin(PLAIN);
    add_fact(TURN_CLAIM, 0, PLAIN);
    add_fact(TURN_CLAIM, 0, PLAIN);
    turn_decide(turn, now);
    const struct turn_order *order = turn_find_order(turn, id_of(PLAIN));
    cr_expect_eq(order->claim, EXECUTE_CLAIM_SEND);
    cr_expect_eq(order->record.attempts, 1);
}

Test(turn, an_overfill_halts_its_symbol_for_the_claims_of_its_own_turn)
{
    begin(STOP);
    struct turn_order *plain = add_order(PLAIN, EXECUTION_STATE_ADMITTED);
    add_report(2, ENTRY); /* 4 */
    turn->reports[0].last_quantity = turn->reports[0].cum_quantity = whole(8);
    add_fact(TURN_CLAIM, 0, PLAIN);
    add_fact(TURN_CLAIM, 0, STOP);
    turn_decide(turn, now);
    cr_assert_eq(turn->halted_count, 1);
    cr_expect_eq(plain->claim, EXECUTE_CLAIM_HOLD);
    cr_expect_eq(turn_find_order(turn, id_of(STOP))->claim, EXECUTE_CLAIM_SEND, "protection goes out");
}

/* A halt and its event are written once, or the second halt
 * of the symbol would stay when the first is lifted. */
Test(turn, two_overfills_of_a_symbol_in_one_turn_halt_it_once)
{
    begin(STOP);
    struct execution *other = &add_order(PLAIN, EXECUTION_STATE_WORKING)->record;
    add_report(2, ENTRY);
    add_report(2, PLAIN);
    for (size_t i = 0; i < 2; i++)
        turn->reports[i].last_quantity = turn->reports[i].cum_quantity = whole(20);
    turn_decide(turn, now);
    cr_expect_eq(decimal_compare(other->filled, whole(20)), 0, "the second counts too");
    cr_expect_eq(turn->halted_count, 1);
    size_t halts = 0, alarms = 0;
    for (size_t i = 0; i < turn->batch.events_count; i++)
        halts += turn->batch.events[i].action == AUDIT_ACTION_HALTED;
    for (size_t i = 0; i < turn->note_count; i++)
        alarms += turn->notes[i].kind == TURN_NOTE_EFFECT && turn->notes[i].alarm &&
                  strcmp(turn->notes[i].detail, "OVERFILL") == 0;
    cr_expect_eq(halts, 1);
    cr_expect_eq(alarms, 2, "each of them is an alarm");
}

static struct turn_order *sent_order(void)
{
    begin(PLAIN);
    struct turn_order *order = turn_find_order(turn, id_of(PLAIN));
    order->record.state = EXECUTION_STATE_SENT;
    order->record.attempts = 1;
    return order;
}

Test(turn, an_order_that_rests_when_the_turn_ends_is_acknowledged)
{
    struct turn_order *order = sent_order();
    say(0, PLAIN);
    say(0, PLAIN);
    turn_decide(turn, now);
    cr_expect_eq(order->record.state, EXECUTION_STATE_WORKING);
    cr_expect_eq(told(id_of(PLAIN), AUDIT_ACTION_ACKNOWLEDGED), 1, "once");
}

Test(turn, an_acknowledgement_with_its_fill_or_its_end_is_no_entry_of_its_own)
{
    for (size_t then = 1; then <= 5; then += 4) { /* a fill; a cancel */
        (void)sent_order();
        say(0, PLAIN);
        say(then, PLAIN);
        turn_decide(turn, now);
        cr_expect_eq(told(id_of(PLAIN), AUDIT_ACTION_ACKNOWLEDGED), 0, "%s", facts[then].name);
        cr_expect_eq(told(id_of(PLAIN), then == 1 ? AUDIT_ACTION_FILLED : AUDIT_ACTION_CANCELLED), 1);
    }
}

Test(turn, what_is_put_aside_keeps_the_report_and_its_whole_message)
{
    char first[] = "8=FIX.4.4|150=F|17=E1", second[] = "8=FIX.4.4|150=H|17=E2|19=E1";
    struct venue_event strays[] = {
        {.type = VENUE_FILL, .exec_id = "E1", .has_money = true, .message = first, .message_length = 21},
        {.type = VENUE_TRADE_CHANGED,
         .known = true,
         .exec_id = "E2",
         .message = second,
         .message_length = 27},
    };
    (void)sent_order();
    strays[1].order_id = id_of(PLAIN);
    for (size_t i = 0; i < 2; i++)
        turn_add_report(turn, &strays[i]);
    memset(first, 'x', sizeof(first)); /* the venue's, and gone by now */
    memset(second, 'x', sizeof(second));
    turn_put_stray_aside(turn, &turn->reports[0]);
    add_fact(TURN_REPORT, 1, PLAIN);
    turn_decide(turn, now);
    cr_assert_eq(turn->note_count, 2);
    cr_expect_eq(turn->notes[0].aside, EXECUTE_ASIDE_UNKNOWN_ORDER);
    cr_expect_not(turn->notes[0].has_order);
    cr_expect_eq(turn->notes[1].aside, EXECUTE_ASIDE_TRADE_CHANGED);
    static const char *const messages[] = {"8=FIX.4.4|150=F|17=E1", "8=FIX.4.4|150=H|17=E2|19=E1"};
    for (size_t i = 0; i < 2; i++) {
        const struct venue_event *report = turn->notes[i].report;
        cr_assert_eq(report, &turn->reports[i]);
        cr_assert_eq(report->message_length, strlen(messages[i]));
        cr_expect_eq(memcmp(turn->messages.data + turn->message_at[i], messages[i], report->message_length),
                     0);
        cr_expect(turn->notes[i].alarm && turn_note_is_aside(&turn->notes[i]));
    }
}
