/* SPDX-License-Identifier: Apache-2.0 */
/* Whole turns at one position: whatever is filled, in whatever parts, the legs of a side never close more
 * than is held on the other, and how a fill is cut decides nothing.
 *
 * OXE_BRACKET_SEED runs the one seed that a failure has named.
 *
 * Long: the cases, the model and the walk share one turn. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/bracket.h"
#include "services/executor/core/turn.h"

enum { ROUNDS = 300, STEPS = 40, ORDERS_MAX = 4096, ENTRIES = 6 };

static const struct instant now = {INT64_C(1700000000000000)};

/* What stands in the database between turns, and an exchange that follows at once. */
struct world {
    struct execute_policy policy;
    struct uuid_source ids;
    struct execution orders[ORDERS_MAX]; /* by id */
    size_t order_count;
    struct ledger_account account;
    struct ledger_position position;
    int executions;
    size_t alarms, resumed;
};

static struct world *world;
static struct turn *turn;

static void set_up(void)
{
    world = calloc(1, sizeof(*world));
    cr_assert_not_null(world);
    cr_assert_eq(turn_create(&world->policy, &world->ids, &turn), 0);
    world->policy = (struct execute_policy){.venue = "SIM",
                                            .actor = "executor",
                                            .attempts_max = 3,
                                            .refuses_known_ids = true,
                                            .answer_timeout_us = 5000000,
                                            .retry_delay_us = 1000000,
                                            .status_timeout_us = 30000000};
    turn->owned = turn->ready = lane_bit(0);
    world->position.realized_day = LEDGER_NO_DAY;
}

static void tear_down(void)
{
    turn_destroy(&turn);
    free(world);
}

TestSuite(turn_bracket, .init = set_up, .fini = tear_down, .timeout = 120);

static struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static int64_t held(void)
{
    return world->position.quantity.units / DECIMAL_ONE;
}

static struct execution *find(struct uuid id)
{
    for (size_t i = 0; i < world->order_count; i++) {
        if (uuid_compare(world->orders[i].id, id) == 0)
            return &world->orders[i];
    }
    return NULL;
}

/* Which legs an order is to have. */
enum bracket {
    PLAIN = 0,
    STOP_ONLY = 1 << EXECUTE_STOP_LOSS,
    PROFIT_ONLY = 1 << EXECUTE_TAKE_PROFIT,
    BOTH = STOP_ONLY | PROFIT_ONLY
};

/* A new order that works at the exchange. */
static struct uuid add(enum side side, int64_t quantity, enum bracket bracket)
{
    cr_assert_lt(world->order_count, (size_t)ORDERS_MAX);
    struct execution *order = &world->orders[world->order_count++];
    *order = (struct execution){.id = uuid_next(&world->ids, now),
                                .symbol = "AAPL",
                                .side = side,
                                .order_type = ORDER_TYPE_LIMIT,
                                .time_in_force = TIME_IN_FORCE_GTC,
                                .quantity = whole(quantity),
                                .price = whole(150),
                                .status = ORDER_STATUS_PENDING,
                                .state = EXECUTION_STATE_WORKING,
                                .attempts = 1};
    if ((bracket & STOP_ONLY) != 0)
        order->leg_prices[EXECUTE_STOP_LOSS] = whole(side == SIDE_BUY ? 140 : 160);
    if ((bracket & PROFIT_ONLY) != 0)
        order->leg_prices[EXECUTE_TAKE_PROFIT] = whole(side == SIDE_BUY ? 160 : 140);
    world->account.open_orders++;
    struct decimal *open = side == SIDE_BUY ? &world->position.open_buy : &world->position.open_sell;
    open->units += order->quantity.units;
    return order->id;
}

static void read_all(void)
{
    turn_begin(turn);
    turn->accounts[0] = (struct turn_account){.ledger = world->account};
    turn->positions[0] = (struct turn_position){.symbol = "AAPL", .ledger = world->position};
    turn->account_count = turn->position_count = 1;
    for (size_t i = 0; i < world->order_count; i++) {
        if (world->orders[i].state == EXECUTION_STATE_DONE && !execution_is_leg(&world->orders[i]))
            continue;
        turn->orders[turn->order_count] = (struct turn_order){.record = world->orders[i]};
        const struct execution *sibling = find(world->orders[i].sibling_id);
        if (sibling != NULL)
            turn->orders[turn->order_count].record.sibling_filled = sibling->filled;
        turn->order_count++;
    }
    turn->read_count = turn->order_count;
}

static void write_all(void)
{
    world->account = turn->accounts[0].ledger;
    world->position = turn->positions[0].ledger;
    for (size_t i = 0; i < turn->order_count; i++) {
        struct execution *order = find(turn->orders[i].record.id);
        if (order == NULL) {
            cr_assert_lt(world->order_count, (size_t)ORDERS_MAX);
            order = &world->orders[world->order_count++];
        }
        *order = turn->orders[i].record;
    }
    for (size_t i = 0; i < turn->note_count; i++)
        world->alarms += turn->notes[i].alarm;
}

/* What is written to the exchange after a turn, and what it
 * makes of it. Returns how many cancels it has answered.
 */
static size_t follow(void)
{
    size_t cancels = 0;
    for (size_t i = 0; i < world->order_count; i++) {
        struct execution *order = &world->orders[i];
        if (order->state == EXECUTION_STATE_ADMITTED) {
            order->state = EXECUTION_STATE_WORKING;
            order->attempts = 1;
        }
        order->questions = (struct execute_questions){.venue_quantity = order->quantity};
        if (order->state != EXECUTION_STATE_WORKING || order->cancel_requested_at.us == 0)
            continue;
        cr_assert_lt(turn->report_count, (size_t)TURN_REPORTS_MAX);
        turn->reports[turn->report_count++] = (struct venue_event){
            .type = VENUE_CANCELLED, .known = true, .order_id = order->id, .cum_quantity = order->filled};
        cancels++;
    }
    return cancels;
}

static void add_fact(enum turn_fact_kind kind, size_t index, struct uuid id)
{
    turn->facts[turn->fact_count++] =
        (struct turn_fact){.kind = kind, .index = index, .order_id = id, .symbol = "AAPL"};
    turn->move_count = turn->fact_count;
}

/* What was reported, then turns until nothing is left to do. */
static void run(void)
{
    struct uuid unfit[TURN_SIDES] = {{{0}}};
    do {
        read_all();
        for (size_t i = 0; i < turn->report_count; i++)
            add_fact(TURN_REPORT, i, turn->reports[i].order_id);
        for (size_t side = 0; side < TURN_SIDES; side++) {
            if (!uuid_is_nil(unfit[side]))
                add_fact(TURN_TICK, 0, unfit[side]);
        }
        turn_decide(turn, now);
        memcpy(unfit, turn->positions[0].unfit, sizeof(unfit));
        for (size_t side = 0; side < TURN_SIDES; side++)
            world->resumed += !uuid_is_nil(unfit[side]);
        write_all();
        turn_clear(turn);
    } while (follow() > 0 || !uuid_is_nil(unfit[SIDE_BUY]) || !uuid_is_nil(unfit[SIDE_SELL]));
}

static void report_fill(struct uuid id, int64_t quantity)
{
    const struct execution *order = find(id);
    struct venue_event *report = &turn->reports[turn->report_count++];
    *report = (struct venue_event){.type = VENUE_FILL,
                                   .known = true,
                                   .order_id = id,
                                   .symbol = "AAPL",
                                   .last_quantity = whole(quantity),
                                   .last_price = whole(150),
                                   .cum_quantity = whole(quantity),
                                   .order_quantity = order->quantity,
                                   .transact_time = now};
    report->cum_quantity.units += order->filled.units;
    (void)snprintf(report->exec_id, sizeof(report->exec_id), "E%d", ++world->executions);
}

static void fill(struct uuid id, int64_t quantity)
{
    report_fill(id, quantity);
    run();
}

/* What the legs of a side can still close: each pair once. */
static int64_t left_of(enum side side)
{
    int64_t left = 0;
    for (size_t i = 0; i < world->order_count; i++) {
        struct execution leg = world->orders[i];
        const struct execution *sibling = find(leg.sibling_id);
        if (!execution_is_leg(&leg) || leg.side != side || leg.state == EXECUTION_STATE_DONE)
            continue;
        leg.sibling_filled = sibling == NULL ? decimal_zero() : sibling->filled;
        if (sibling == NULL || sibling->state == EXECUTION_STATE_DONE ||
            uuid_compare(leg.id, sibling->id) < 0)
            left += bracket_open(&leg, sibling).units;
        cr_expect_eq(leg.quantity.units - leg.filled.units, bracket_open(&leg, sibling).units,
                     "a leg has what its pair has left");
    }
    return left / DECIMAL_ONE;
}

static int64_t plain_open(enum side side)
{
    int64_t open = 0;
    for (size_t i = 0; i < world->order_count; i++) {
        if (world->orders[i].side == side)
            open += execution_open_quantity(&world->orders[i]).units;
    }
    return open / DECIMAL_ONE;
}

static void expect_fit(const char *when)
{
    cr_expect_leq(left_of(SIDE_SELL), held() > 0 ? held() : 0, "%s: %lld held", when, (long long)held());
    cr_expect_leq(left_of(SIDE_BUY), held() < 0 ? -held() : 0, "%s: %lld held", when, (long long)held());
    cr_expect_eq(world->position.open_sell.units / DECIMAL_ONE, plain_open(SIDE_SELL) + left_of(SIDE_SELL),
                 "%s", when);
    cr_expect_eq(world->position.open_buy.units / DECIMAL_ONE, plain_open(SIDE_BUY) + left_of(SIDE_BUY), "%s",
                 when);
}

static struct uuid leg_of(struct uuid entry, enum execute_leg which)
{
    return find(entry)->leg_ids[which];
}

/* What is left of the order at the exchange. */
static int64_t open_of(struct uuid id)
{
    const struct execution *order = find(id);
    if (order == NULL || order->state != EXECUTION_STATE_WORKING)
        return 0;
    return (order->quantity.units - order->filled.units) / DECIMAL_ONE;
}

/* ---- by example ---- */

Test(turn_bracket, however_an_entry_is_filled_it_protects_what_is_held_of_it)
{
    static const struct {
        int64_t before;
        enum side side;
        int64_t parts[11], left;
    } cases[] = {
        {-50, SIDE_BUY, {100}, 50},    {-50, SIDE_BUY, {40, 60}, 50},
        {-50, SIDE_BUY, {50, 50}, 50}, {-50, SIDE_BUY, {10, 10, 10, 10, 10, 10, 10, 10, 10, 10}, 50},
        {-100, SIDE_BUY, {60, 40}, 0}, {-150, SIDE_BUY, {100}, 0},
        {0, SIDE_BUY, {30, 70}, 100},  {20, SIDE_BUY, {100}, 100},
        {50, SIDE_SELL, {100}, 50},    {50, SIDE_SELL, {40, 60}, 50},
        {50, SIDE_SELL, {50, 50}, 50}, {500, SIDE_SELL, {1, 99}, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        tear_down();
        set_up();
        if (cases[i].before != 0) {
            int64_t quantity = cases[i].before < 0 ? -cases[i].before : cases[i].before;
            fill(add(cases[i].before < 0 ? SIDE_SELL : SIDE_BUY, quantity, PLAIN), quantity);
        }
        struct uuid entry = add(cases[i].side, 100, BOTH);
        for (const int64_t *part = cases[i].parts; *part != 0; part++)
            fill(entry, *part);
        cr_expect_eq(left_of(cases[i].side == SIDE_BUY ? SIDE_SELL : SIDE_BUY), cases[i].left, "case %zu", i);
        cr_expect_eq(world->alarms, 0, "case %zu", i);
        for (size_t k = 0; k < world->order_count; k++)
            cr_expect_neq(world->orders[k].status, ORDER_STATUS_REJECTED, "case %zu", i);
        expect_fit("after its fills");
    }
}

Test(turn_bracket, the_youngest_pair_gives_way_first)
{
    struct uuid first = add(SIDE_BUY, 10, BOTH), second = add(SIDE_BUY, 10, BOTH);
    fill(first, 10);
    fill(second, 10);
    fill(add(SIDE_SELL, 15, PLAIN), 15);
    cr_expect_eq(find(leg_of(second, EXECUTE_STOP_LOSS))->status, ORDER_STATUS_CANCELLED);
    cr_expect_eq(find(leg_of(second, EXECUTE_TAKE_PROFIT))->status, ORDER_STATUS_CANCELLED);
    cr_expect_eq(find(leg_of(first, EXECUTE_STOP_LOSS))->quantity.units, whole(5).units);
    cr_expect_eq(find(leg_of(first, EXECUTE_TAKE_PROFIT))->quantity.units, whole(5).units);
    fill(add(SIDE_BUY, 15, PLAIN), 15);
    cr_expect_eq(left_of(SIDE_SELL), 5, "what was given up does not come back");
    expect_fit("at the end");
}

Test(turn_bracket, legs_that_a_turn_makes_give_way_in_it)
{
    struct uuid entry = add(SIDE_BUY, 10, BOTH), sale = add(SIDE_SELL, 10, PLAIN);
    report_fill(entry, 10);
    report_fill(sale, 10);
    run();
    cr_expect_eq(find(leg_of(entry, EXECUTE_STOP_LOSS))->status, ORDER_STATUS_CANCELLED);
    cr_expect_eq(find(leg_of(entry, EXECUTE_STOP_LOSS))->attempts, 0, "never sent");
    cr_expect_eq(world->account.open_orders, 0);
    expect_fit("at the end");
}

Test(turn_bracket, a_leg_executed_beyond_the_position_takes_from_the_others)
{
    struct uuid first = add(SIDE_BUY, 10, BOTH), second = add(SIDE_BUY, 10, BOTH);
    fill(first, 10);
    fill(second, 10);
    /* The exchange executes the second's stop whole before it hears that 15 were sold. */
    struct uuid sale = add(SIDE_SELL, 15, PLAIN);
    report_fill(sale, 15);
    report_fill(leg_of(second, EXECUTE_STOP_LOSS), 10);
    run();
    cr_expect_eq(held(), -5);
    cr_expect_eq(world->alarms, 1);
    cr_expect_eq(left_of(SIDE_SELL), 0);
    expect_fit("at the end");
}

Test(turn_bracket, legs_that_are_lost_at_once_are_one_alarm)
{
    struct uuid entry = add(SIDE_BUY, 10, BOTH);
    fill(entry, 10);
    for (int which = 0; which < EXECUTE_LEGS; which++)
        turn->reports[turn->report_count++] = (struct venue_event){
            .type = VENUE_CANCELLED, .known = true, .order_id = leg_of(entry, (enum execute_leg)which)};
    run();
    cr_expect_eq(world->alarms, 1);
    cr_expect_eq(world->position.open_sell.units, 0);
}

/* The exchange fills the legs' first 4 whole while it does not hear that they are to be 10. */
Test(turn_bracket, a_leg_filled_before_it_could_grow_has_a_successor_that_gives_way_too)
{
    static const enum bracket brackets[] = {BOTH, STOP_ONLY, PROFIT_ONLY};
    for (size_t i = 0; i < ARRAY_LEN(brackets); i++) {
        tear_down();
        set_up();
        enum execute_leg which = brackets[i] == PROFIT_ONLY ? EXECUTE_TAKE_PROFIT : EXECUTE_STOP_LOSS;
        struct uuid entry = add(SIDE_BUY, 10, brackets[i]);
        fill(entry, 4);
        struct uuid leg = leg_of(entry, which);
        report_fill(leg, 4);
        struct venue_event first = turn->reports[0];
        turn_clear(turn);
        report_fill(entry, 6);
        turn->reports[1] = first;
        turn->reports[2] = (struct venue_event){.type = VENUE_STATUS,
                                                .known = true,
                                                .order_id = leg,
                                                .venue_status = ORDER_STATUS_FILLED,
                                                .cum_quantity = whole(4),
                                                .order_quantity = whole(4)};
        turn->report_count = 3;
        run();
        cr_expect_eq(find(leg)->status, ORDER_STATUS_FILLED);
        cr_expect_neq(uuid_compare(leg_of(entry, which), leg), 0);
        cr_expect_eq(open_of(leg_of(entry, which)), 6);
        cr_expect_eq(left_of(SIDE_SELL), 6);
        expect_fit("with a successor");
        fill(add(SIDE_SELL, 2, PLAIN), 2);
        cr_expect_eq(left_of(SIDE_SELL), 4);
        expect_fit("at the end");
    }
}

/* Of the pairs only one is read; the others have 30 left. */
Test(turn_bracket, pairs_that_were_not_read_count_and_are_for_the_next_turn)
{
    struct uuid entry = add(SIDE_BUY, 10, BOTH);
    fill(add(SIDE_BUY, 30, PLAIN), 30);
    fill(entry, 10);
    struct uuid sale = add(SIDE_SELL, 15, PLAIN);
    report_fill(sale, 15);
    read_all();
    size_t legs;
    cr_expect_eq(turn_bracket_left(turn, 0, SIDE_SELL, &legs).units, whole(10).units);
    cr_expect_eq(legs, 2);
    turn->positions[0].unread[SIDE_SELL] = whole(30);
    add_fact(TURN_REPORT, 0, sale);
    turn_decide(turn, now);
    cr_expect_not(uuid_is_nil(turn->positions[0].unfit[SIDE_SELL]), "5 more are to go");
    write_all();
    turn_clear(turn);
    cr_expect_eq(find(leg_of(entry, EXECUTE_STOP_LOSS))->cancel_requested_at.us, now.us);
}

Test(turn_bracket, what_a_full_turn_has_no_room_for_is_for_the_next)
{
    struct uuid entries[4];
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        fill(entries[i] = add(SIDE_BUY, 10, BOTH), 10);
    struct uuid sale = add(SIDE_SELL, 40, PLAIN);
    report_fill(sale, 40);
    read_all();
    add_fact(TURN_REPORT, 0, sale);
    turn->batch.events_count = TURN_EVENTS_MAX - 10;
    turn_decide(turn, now);
    cr_expect_leq(turn->batch.events_count, (size_t)TURN_EVENTS_MAX);
    cr_expect_not(uuid_is_nil(turn->positions[0].unfit[SIDE_SELL]));
    struct uuid next = turn->positions[0].unfit[SIDE_SELL];
    write_all();
    turn_clear(turn);
    read_all();
    add_fact(TURN_TICK, 0, next);
    turn_decide(turn, now);
    cr_expect(uuid_is_nil(turn->positions[0].unfit[SIDE_SELL]), "the next turn goes on");
    write_all();
    turn_clear(turn);
    (void)follow();
    run();
    expect_fit("at the end");
    cr_expect_eq(left_of(SIDE_SELL), 0);
}

/* ---- at random ---- */

static uint64_t draw(uint64_t *random, uint64_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random % below;
}

/* Fills it whole, or in parts drawn from a source of its own. */
static void fill_cut(struct uuid id, int64_t quantity, uint64_t *cuts)
{
    while (quantity > 0) {
        int64_t part = cuts == NULL ? quantity : 1 + (int64_t)draw(cuts, (uint64_t)quantity);
        fill(id, part);
        quantity -= part;
    }
}

struct outcome {
    int64_t held, left[TURN_SIDES], legs[ENTRIES][EXECUTE_LEGS];
};

/* Six entries, three of each side, that are filled bit by
 * bit, between plain orders and executions of their legs. */
static struct outcome walk(uint64_t seed, uint64_t *cuts)
{
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    struct uuid entries[ENTRIES];
    struct outcome outcome = {0};
    char when[64];
    for (size_t i = 0; i < ENTRIES; i++)
        entries[i] = add(i % 2 == 0 ? SIDE_BUY : SIDE_SELL, 100,
                         i < 2   ? BOTH
                         : i < 4 ? STOP_ONLY
                                 : PROFIT_ONLY);
    for (int step = 0; step < STEPS; step++) {
        struct uuid id = entries[draw(&random, ENTRIES)];
        uint64_t kind = draw(&random, 4);
        int64_t size = 1 + (int64_t)draw(&random, 60);
        if (kind == 0)
            id = add(draw(&random, 2) == 0 ? SIDE_BUY : SIDE_SELL, size, PLAIN);
        else if (kind == 1)
            id = leg_of(id, (enum execute_leg)draw(&random, EXECUTE_LEGS));
        int64_t open = open_of(id);
        fill_cut(id, size < open ? size : open, cuts);
        (void)snprintf(when, sizeof(when), "seed %llu, step %d", (unsigned long long)seed, step);
        expect_fit(when);
    }
    cr_expect_eq(world->alarms, 0, "seed %llu", (unsigned long long)seed);
    outcome.held = held();
    outcome.left[SIDE_BUY] = left_of(SIDE_BUY);
    outcome.left[SIDE_SELL] = left_of(SIDE_SELL);
    for (size_t i = 0; i < ENTRIES; i++) {
        for (int which = 0; which < EXECUTE_LEGS; which++)
            outcome.legs[i][which] = open_of(leg_of(entries[i], (enum execute_leg)which));
    }
    return outcome;
}

Test(turn_bracket, whatever_is_filled_legs_fit_and_the_cut_of_fills_decides_nothing)
{
    const char *only = getenv("OXE_BRACKET_SEED");
    uint64_t first = only == NULL ? 1 : strtoull(only, NULL, 10);
    size_t protected = 0;
    for (uint64_t seed = first; seed < first + (only == NULL ? ROUNDS : 1); seed++) {
        uint64_t cuts = seed;
        tear_down();
        set_up();
        struct outcome in_one = walk(seed, NULL);
        tear_down();
        set_up();
        struct outcome in_parts = walk(seed, &cuts);
        cr_assert_eq(memcmp(&in_one, &in_parts, sizeof(in_one)), 0, "seed %llu", (unsigned long long)seed);
        protected += in_one.left[SIDE_BUY] + in_one.left[SIDE_SELL] > 0;
    }
    cr_expect(only != NULL || protected > ROUNDS / 4, "%zu rounds end with legs", protected);
}

/* Entries of one side, their fills in any order: together they protect what is held beyond what was there. */
Test(turn_bracket, the_order_of_entries_of_one_side_decides_nothing)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
        struct uuid entries[3];
        int64_t before = (int64_t)draw(&random, 300) - 200, bought = 0;
        tear_down();
        set_up();
        if (before != 0)
            fill(add(before > 0 ? SIDE_BUY : SIDE_SELL, before > 0 ? before : -before, PLAIN),
                 before > 0 ? before : -before);
        for (size_t i = 0; i < ARRAY_LEN(entries); i++)
            entries[i] = add(SIDE_BUY, 50, BOTH);
        for (int step = 0; step < 12; step++) {
            struct uuid id = entries[draw(&random, ARRAY_LEN(entries))];
            int64_t size = 1 + (int64_t)draw(&random, 30), open = open_of(id);
            size = size < open ? size : open;
            if (size > 0)
                fill(id, size);
            bought += size;
        }
        int64_t want = held() <= 0 ? 0 : held() < bought ? held() : bought;
        cr_expect_eq(left_of(SIDE_SELL), want, "seed %llu", (unsigned long long)seed);
        expect_fit("at the end");
    }
}
