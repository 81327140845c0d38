/* SPDX-License-Identifier: Apache-2.0 */
/* An order that is decided anew before it goes out: as admission would now, without what the order itself has
 * reserved and holds open. */
#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/turn.h"

enum { TRADER = 9 };

static const struct instant now = {INT64_C(1700000020100000)};
static const struct instant admitted = {INT64_C(1700000000000000)};
static struct execute_policy policy;
static struct uuid_source ids;
static struct turn *turn;

static struct decimal parse(const char *text)
{
    struct decimal value = decimal_zero();
    cr_assert_eq(decimal_parse(text, strlen(text), &value), 0, "'%s'", text);
    return value;
}

static struct decimal or_else(const char *text, const char *ordinary)
{
    return parse(text != NULL ? text : ordinary);
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
                                     .answer_timeout_us = 5000000,
                                     .decision_age_max_us = 2000000};
    turn->owned = turn->ready = lane_bit(0);
}

static void tear_down(void)
{
    turn_destroy(&turn);
}

TestSuite(turn_anew, .init = set_up, .fini = tear_down);

/* Texts are decimals; NULL takes the ordinary: cash 20,000, a last price of 150, nothing held. What is open
 * and reserved is with the order itself. */
struct anew_case {
    const char *name;
    enum side side;
    enum order_type type;
    const char *quantity, *price; /* NULL: 125, none */
    const char *reserve_price;    /* NULL: it reserves nothing */
    const char *cash, *other_reserved, *margin, *own_margin, *loss;
    const char *held, *open_buy, *open_sell; /* NULL: nothing held, the order's own */
    const char *last, *max_position, *max_notional, *max_quantity, *collar;
    int64_t open_orders, max_open_orders; /* 0: 1 */
    int64_t price_age_s;
    bool short_selling;
    enum reject_code fault; /* 0: it goes out */
    const char *reserved;   /* then; NULL: 0 */
};

static struct turn_order *add_order(uint8_t number, const struct anew_case *c)
{
    struct turn_order *order = &turn->orders[turn->order_count++];
    *order = (struct turn_order){.record = {.id = id_of(number),
                                            .trader_id = id_of(TRADER),
                                            .symbol = "AAPL",
                                            .side = c->side,
                                            .order_type = c->type,
                                            .time_in_force = TIME_IN_FORCE_DAY,
                                            .quantity = or_else(c->quantity, "125"),
                                            .price = or_else(c->price, "0"),
                                            .status = ORDER_STATUS_PENDING,
                                            .state = EXECUTION_STATE_ADMITTED,
                                            .created_at = admitted,
                                            .decided_at = admitted}};
    struct execution *record = &order->record;
    if (c->reserve_price != NULL) {
        record->reserve_price = parse(c->reserve_price);
        record->reserve_quantity = record->quantity;
        cr_assert_eq(execution_reservation(record, &record->reserved), 0);
    }
    turn->read_count = turn->order_count;
    return order;
}

static void add_world(const struct anew_case *c)
{
    struct turn_world *world = &turn->worlds[turn->anew_count];
    *world = (struct turn_world){
        .account = {.limits = {.daily_loss = parse("1000"),
                               .max_position_quantity = or_else(c->max_position, "1000"),
                               .max_order_quantity = or_else(c->max_quantity, "1000"),
                               .max_order_notional = or_else(c->max_notional, "1000000"),
                               .max_daily_notional = parse("0.00000001"), /* asked at admission alone */
                               .price_collar_pct = or_else(c->collar, "10"),
                               .short_margin_pct = parse("150"),
                               .max_open_orders = c->max_open_orders != 0 ? c->max_open_orders : 1,
                               .short_selling = c->short_selling},
                    .currency = "USD",
                    .margin = or_else(c->margin, "0"),
                    .loss = or_else(c->loss, "0")},
        .own_margin = or_else(c->own_margin, "0"),
        .market = {.has_last_price = true,
                   .last_price = or_else(c->last, "150"),
                   .price_age_us = c->price_age_s * 1000000,
                   .price_age_max_us = 60000000,
                   .currency = "USD",
                   .market_collar_pct = parse("5")},
    };
}

static void add_fact(uint8_t number)
{
    struct turn_fact *fact = &turn->facts[turn->fact_count++];
    *fact = (struct turn_fact){.kind = TURN_ANEW,
                               .index = turn->anew_count++,
                               .order_id = id_of(number),
                               .trader_id = id_of(TRADER),
                               .symbol = "AAPL"};
    turn->move_count = turn->fact_count;
}

static struct turn_order *begin(const struct anew_case *c)
{
    turn_clear(turn);
    turn_begin(turn);
    struct turn_order *order = add_order(1, c);
    const struct execution *record = &order->record;
    bool buys = c->side == SIDE_BUY;
    struct decimal reducing = execution_reducing_quantity(record);
    const char *own = c->quantity != NULL ? c->quantity : "125";
    turn->accounts[0] =
        (struct turn_account){.trader_id = id_of(TRADER),
                              .ledger = {.cash = or_else(c->cash, "20000"),
                                         .open_orders = c->open_orders != 0 ? c->open_orders : 1}};
    turn->accounts[0].ledger.reserved.units = record->reserved.units + or_else(c->other_reserved, "0").units;
    turn->account_count = 1;
    turn->positions[0] =
        (struct turn_position){.trader_id = id_of(TRADER),
                               .symbol = "AAPL",
                               .ledger = {.quantity = or_else(c->held, "0"),
                                          .open_buy = or_else(c->open_buy, buys ? own : "0"),
                                          .open_sell = or_else(c->open_sell, buys ? "0" : own)}};
    *(buys ? &turn->positions[0].ledger.reducing_buy : &turn->positions[0].ledger.reducing_sell) = reducing;
    turn->position_count = 1;
    add_world(c);
    add_fact(1);
    return order;
}

#define MARKET_BUY  .side = SIDE_BUY, .type = ORDER_TYPE_MARKET, .reserve_price = "157.5"
#define MARKET_SELL .side = SIDE_SELL, .type = ORDER_TYPE_MARKET

static const struct anew_case cases[] = {
    {"the market is where it was", MARKET_BUY, .reserved = "19687.5"},
    {"one percent dearer, and the money is there", MARKET_BUY, .last = "151.5", .reserved = "19884.375"},
    {"exactly all the money", MARKET_BUY, .last = "151.5", .cash = "19884.375", .reserved = "19884.375"},
    {"one unit too little", MARKET_BUY, .last = "151.5", .cash = "19884.37499999",
     .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"cheaper: it reserves less", MARKET_BUY, .last = "100", .reserved = "13125"},
    {"twenty percent dearer", MARKET_BUY, .last = "180", .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"other orders have taken the money", MARKET_BUY, .other_reserved = "312.51",
     .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"the margin of a short has", MARKET_BUY, .margin = "312.51", .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"but for what is the order's own", MARKET_BUY, .margin = "312.51", .own_margin = "0.01",
     .reserved = "19687.5"},
    {"the account has lost its money", MARKET_BUY, .cash = "0", .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"a STOP that has been passed", .side = SIDE_BUY, .type = ORDER_TYPE_STOP, .quantity = "100",
     .price = "150", .reserve_price = "157.5", .last = "160", .reserved = "16800"},
    {"a STOP that has not", .side = SIDE_BUY, .type = ORDER_TYPE_STOP, .quantity = "100", .price = "155",
     .reserve_price = "162.75", .reserved = "16275"},
    {"a LIMIT pays its price", .side = SIDE_BUY, .type = ORDER_TYPE_LIMIT, .price = "150",
     .reserve_price = "150", .last = "160", .reserved = "18750"},
    {"a LIMIT that the market has left behind", .side = SIDE_BUY, .type = ORDER_TYPE_LIMIT, .price = "150",
     .reserve_price = "150", .last = "170", .fault = REJECT_PRICE_COLLAR},
    {"the last of so many open orders", MARKET_BUY, .open_orders = 5, .max_open_orders = 5,
     .reserved = "19687.5"},
    {"one open order too many", MARKET_BUY, .open_orders = 5, .max_open_orders = 4,
     .fault = REJECT_MAX_OPEN_ORDERS},
    {"its own open quantity counts once", MARKET_BUY, .max_position = "125", .reserved = "19687.5"},
    {"the position has grown to the limit", MARKET_BUY, .held = "1", .max_position = "125",
     .fault = REJECT_MAX_POSITION},
    {"a limit of an order was lowered", MARKET_BUY, .max_quantity = "124",
     .fault = REJECT_MAX_ORDER_QUANTITY},
    {"its value has grown over the limit", MARKET_BUY, .last = "151", .max_notional = "18800",
     .fault = REJECT_MAX_ORDER_NOTIONAL},
    {"the day's loss is reached", MARKET_BUY, .loss = "1000", .fault = REJECT_DAILY_LOSS_LIMIT},
    {"the day's loss is reached, and it reduces", MARKET_SELL, .held = "125", .loss = "1000"},
    {"the price is old", MARKET_BUY, .price_age_s = 61, .fault = REJECT_STALE_PRICE},
    {"the price is old, but a LIMIT names its own", .side = SIDE_BUY, .type = ORDER_TYPE_LIMIT,
     .price = "150", .reserve_price = "150", .price_age_s = 61, .reserved = "18750"},
    {"what it sells is there", MARKET_SELL, .held = "125"},
    {"what it sells is gone", MARKET_SELL, .fault = REJECT_INSUFFICIENT_POSITION},
    {"a part of it is gone", MARKET_SELL, .held = "124", .fault = REJECT_INSUFFICIENT_POSITION},
    {"other orders sell it too", MARKET_SELL, .held = "125", .open_sell = "126",
     .fault = REJECT_INSUFFICIENT_POSITION},
    {"what it sells is gone, and is sold short", MARKET_SELL, .short_selling = true, .reserved = "10781.25"},
    {"a short takes more margin than there is", MARKET_SELL, .reserve_price = "86.25", .last = "300",
     .short_selling = true, .fault = REJECT_INSUFFICIENT_BUYING_POWER},
    {"a short that has become a sale", MARKET_SELL, .reserve_price = "86.25", .held = "200",
     .short_selling = true},
};

static void expect_sent(const struct anew_case *c, const struct turn_order *order)
{
    const struct turn_account *account = &turn->accounts[0];
    const struct execution *record = &order->record;
    struct decimal reserved = or_else(c->reserved, "0"), sum;
    cr_expect_eq(order->claim, EXECUTE_CLAIM_SEND, "%s: %s", c->name, record->reason);
    cr_expect_eq(record->state, EXECUTION_STATE_SENT, "%s", c->name);
    cr_expect_eq(record->reserved.units, reserved.units, "%s: reserves %lld", c->name,
                 (long long)record->reserved.units);
    cr_expect_eq(execution_reservation(record, &sum), 0);
    cr_expect_eq(sum.units, reserved.units, "%s: the parts make the sum", c->name);
    cr_expect_eq(account->ledger.reserved.units, reserved.units + or_else(c->other_reserved, "0").units, "%s",
                 c->name);
    cr_assert_eq(turn->batch.events_count, 1, "%s", c->name);
    cr_expect_eq(turn->batch.events[0].action, AUDIT_ACTION_EXECUTED);
}

static void expect_cancelled(const struct anew_case *c, const struct turn_order *order)
{
    const struct ledger_position *position = &turn->positions[0].ledger;
    const struct execution *record = &order->record;
    cr_expect_eq(order->claim, EXECUTE_CLAIM_DROP, "%s", c->name);
    cr_expect_eq(record->status, ORDER_STATUS_CANCELLED, "%s", c->name);
    cr_expect_eq(record->attempts, 0, "%s", c->name);
    cr_expect_str_eq(record->reason, reject_text(c->fault), "%s", c->name);
    cr_expect_eq(turn->accounts[0].ledger.reserved.units, or_else(c->other_reserved, "0").units, "%s",
                 c->name);
    cr_expect_eq(turn->accounts[0].ledger.open_orders, (c->open_orders != 0 ? c->open_orders : 1) - 1);
    cr_expect_eq(position->reducing_buy.units + position->reducing_sell.units, 0, "%s", c->name);
    cr_assert_eq(turn->batch.events_count, 1, "%s", c->name);
    const struct event *event = &turn->batch.events[0];
    cr_expect_eq(event->action, AUDIT_ACTION_CANCELLED, "%s", c->name);
    cr_expect_str_eq(event->reason, record->reason);
    cr_expect_not_null(strstr(event->message, "Decided anew after 20.1 s: "), "%s", event->message);
}

Test(turn_anew, an_old_order_is_judged_as_if_it_came_now)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct turn_order *order = begin(&cases[i]);
        turn_decide(turn, now);
        if (cases[i].fault == 0)
            expect_sent(&cases[i], order);
        else
            expect_cancelled(&cases[i], order);
        cr_expect_eq(turn->accounts[0].ledger.cash.units, or_else(cases[i].cash, "20000").units, "%s",
                     cases[i].name);
    }
}

Test(turn_anew, the_entry_tells_the_numbers)
{
    (void)begin(&cases[5]);
    turn_decide(turn, now);
    cr_expect_str_eq(
        turn->batch.events[0].message,
        "Decided anew after 20.1 s: The order costs 23625 (125 at 189), the buying power is 20000; send "
        "a smaller order, cancel open orders or add cash.");
    (void)begin(&cases[1]);
    turn_decide(turn, now);
    cr_expect_str_eq(turn->batch.events[0].message,
                     "Decided anew after 20.1 s: it reserves 19884.375 instead of 19687.5");
    (void)begin(&cases[0]);
    turn_decide(turn, now);
    cr_expect_str_eq(turn->batch.events[0].message, "", "nothing has changed");
}

/* Whether a claim without the trader's lock is let go. */
static enum execute_claim claim_plainly(struct turn_order *order)
{
    turn->facts[0].kind = TURN_CLAIM;
    turn->move_count = turn->anew_count = 0;
    turn->account_count = turn->position_count = 0;
    order->account = order->position = TURN_NONE;
    turn_decide(turn, now);
    return order->claim;
}

Test(turn_anew, what_must_be_decided_anew_waits_for_a_turn_with_its_account)
{
    static const struct {
        int64_t age_us, age_max_us;
        bool uncovered, leg;
        enum execute_claim claim;
    } claims[] = {
        {2000000, 2000000, false, false, EXECUTE_CLAIM_SEND},
        {2000001, 2000000, false, false, EXECUTE_CLAIM_ANEW},
        {2000001, 2000000, false, true, EXECUTE_CLAIM_SEND},
        {99000000, 0, false, false, EXECUTE_CLAIM_SEND},
        {0, 2000000, true, false, EXECUTE_CLAIM_ANEW},
        {0, 0, true, false, EXECUTE_CLAIM_ANEW},
        {0, 2000000, true, true, EXECUTE_CLAIM_SEND},
    };
    for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
        struct turn_order *order = begin(&cases[0]);
        policy.decision_age_max_us = claims[i].age_max_us;
        order->record.decided_at.us = now.us - claims[i].age_us;
        order->record.uncovered = claims[i].uncovered;
        if (claims[i].leg)
            order->record.parent_id = id_of(7);
        cr_expect_eq(claim_plainly(order), claims[i].claim, "%zu", i);
        bool waits = claims[i].claim == EXECUTE_CLAIM_ANEW;
        cr_expect_eq(order->record.state, waits ? EXECUTION_STATE_ADMITTED : EXECUTION_STATE_SENT);
        cr_expect_eq(order->changed, !waits);
        cr_expect_eq(turn->batch.events_count, !waits);
    }
}

Test(turn_anew, what_has_become_young_and_covered_by_then_just_goes_out)
{
    struct turn_order *order = begin(&cases[5]);
    order->record.decided_at = now;
    turn_decide(turn, now);
    cr_expect_eq(order->claim, EXECUTE_CLAIM_SEND);
    cr_expect_not(order->reserves_anew);
}

Test(turn_anew, a_held_order_is_not_judged_before_it_is_free)
{
    struct turn_order *order = begin(&cases[5]);
    order->record.held_by = REJECT_TRADING_HALTED;
    turn_decide(turn, now);
    cr_expect_eq(order->claim, EXECUTE_CLAIM_HOLD);
    cr_expect_eq(order->record.status, ORDER_STATUS_PENDING);
}

Test(turn_anew, an_order_waits_for_a_price_of_the_session_that_stands)
{
    const struct turn_order *order = begin(&cases[5]);
    turn->worlds[0].waits = true;
    turn_decide(turn, now);
    cr_expect_eq(order->claim, EXECUTE_CLAIM_ANEW);
    cr_expect_not(order->changed);
    cr_expect(turn->anew_waits && !turn->anew_moved);
}

Test(turn_anew, an_order_waits_for_a_turn_in_which_nothing_fills_for_its_account)
{
    struct turn_order *order = begin(&cases[0]);
    struct turn_order *other = add_order(2, &cases[12]);
    other->record.state = EXECUTION_STATE_SENT;
    other->record.attempts = 1;
    turn->reports[turn->report_count++] = (struct venue_event){.type = VENUE_FILL,
                                                               .known = true,
                                                               .order_id = id_of(2),
                                                               .last_quantity = parse("125"),
                                                               .cum_quantity = parse("125"),
                                                               .last_price = parse("150"),
                                                               .symbol = "AAPL",
                                                               .exec_id = "E1",
                                                               .transact_time = now};
    turn->facts[1] = turn->facts[0];
    turn->facts[0] = (struct turn_fact){
        .kind = TURN_REPORT, .order_id = id_of(2), .trader_id = id_of(TRADER), .symbol = "AAPL"};
    turn->fact_count = turn->move_count = 2;
    turn_decide(turn, now);
    cr_assert_eq(turn->fill_count, 1);
    cr_expect_eq(order->claim, EXECUTE_CLAIM_ANEW);
    cr_expect(turn->anew_moved);
}

Test(turn_anew, two_of_one_account_in_a_turn_share_its_money)
{
    struct turn_order *first = begin(&cases[1]);
    struct turn_order *second = add_order(2, &cases[1]);
    turn->accounts[0].ledger.cash = parse("39700"); /* 68.75 too little for both at 151.5 */
    turn->accounts[0].ledger.reserved.units += second->record.reserved.units;
    turn->accounts[0].ledger.open_orders = 2;
    turn->positions[0].ledger.open_buy = parse("250");
    add_world(&cases[1]);
    turn->worlds[0].account.limits.max_open_orders = turn->worlds[1].account.limits.max_open_orders = 2;
    add_fact(2);
    turn_decide(turn, now);
    cr_expect_eq(first->claim, EXECUTE_CLAIM_SEND);
    cr_expect_eq(second->claim, EXECUTE_CLAIM_DROP);
    cr_expect_str_eq(second->record.reason, "INSUFFICIENT_BUYING_POWER");
    cr_expect_eq(turn->accounts[0].ledger.reserved.units, first->record.reserved.units);
}
