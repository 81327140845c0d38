/* SPDX-License-Identifier: Apache-2.0 */
/* Admission as a whole: the real validator and risk-manager over a real PostgreSQL, the test as gateway,
 * executor and audit-writer.
 *
 * Long: one world of four processes serves all cases. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "proto/fault.h"
#include "proto/lane.h"
#include "tests/support/admission_world.h"

static struct world world;

static void begin_one(void)
{
    world_begin(&world, 1);
}

static void begin_two(void)
{
    world_begin(&world, 2);
}

static void end(void)
{
    world_end(&world);
}

static struct decimal whole(int64_t units)
{
    return decimal_from_units(units * DECIMAL_ONE);
}

/* The contract's example. */
static struct order_request example(size_t trader)
{
    struct order_request request = world_order(&world, trader);

    request.quantity = whole(100);
    request.has_price = request.has_stop_loss = request.has_take_profit = true;
    request.price = decimal_from_units(15050000000);
    request.stop_loss = whole(145);
    request.take_profit = whole(160);
    return request;
}

static void expect_value(const char *wanted, const char *sql)
{
    const char *value = world_value(&world, "%s", sql);

    cr_expect_str_eq(value, wanted, "%s gives %s, not %s", sql, value, wanted);
}

/* The events in the outbox, all rows in order. Large, on the heap. */
static struct event_batch *outbox_events(void)
{
    struct event_batch *all = calloc(1, sizeof(*all)), *one = calloc(1, sizeof(*one));
    PGresult *rows = PQexec(world.sql, "SELECT batch FROM oxe.outbox WHERE batch IS NOT NULL ORDER BY id");
    struct envelope envelope;

    for (int row = 0; row < PQntuples(rows); row++) {
        size_t length;
        unsigned char *bytes = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 0), &length);
        cr_assert_eq(event_batch_decode(bytes, length, &envelope, one), 0);
        for (size_t i = 0; i < one->events_count && all->events_count < ARRAY_LEN(all->events); i++)
            all->events[all->events_count++] = one->events[i];
        PQfreemem(bytes);
    }
    PQclear(rows);
    free(one);
    return all;
}

Test(admission, an_order_is_recorded_reserved_announced_and_answered, .init = begin_one, .fini = end)
{
    struct order_request request = example(3);
    const struct answer *answer = world_ask(&world, &request);
    struct pipe *lane = world.lanes[lane_of(request.trader_id, WORLD_LANES)];
    static struct admitted admitted;
    struct outbox_wake wake;
    struct envelope envelope;
    const uint8_t *bytes;
    size_t length;

    cr_assert_eq(answer->outcome, ANSWER_CREATED, "%s %s", answer_outcome_text(answer->outcome),
                 answer->detail);
    cr_expect(answer->has_order && answer->faults_count == 0);
    cr_expect_eq(uuid_compare(answer->order.id, request.order_id), 0);
    cr_expect_eq(answer->order.status, ORDER_STATUS_PENDING);
    cr_expect_eq(answer->order.execution_state, EXECUTION_STATE_ADMITTED);
    cr_expect_eq(answer->order.stop_loss.units, request.stop_loss.units);
    cr_expect_gt(answer->risk_us, 0);
    cr_expect_gt(answer->db_us, 0);

    expect_value(
        "AAPL|BUY|100.00000000|MARKET|DAY|150.50000000|145.00000000|160.00000000|PENDING|ADMITTED|157."
        "50000000|"
        "100.00000000|15750.00000000|trader-3|t|t|7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e",
        "SELECT concat_ws('|', symbol, side, quantity, order_type, time_in_force, price, stop_loss, "
        "take_profit, "
        "status, execution_state, reserve_price, reserve_quantity, reserved, actor, rejection IS NULL, "
        "expires_at > now() AND expires_at <= now() + interval '1 day', encode(trace_id, 'hex')) "
        "FROM oxe.orders");
    expect_value("15750.00000000|1",
                 "SELECT reserved || '|' || open_orders FROM oxe.traders WHERE subject = 'trader-3'");
    expect_value("100.00000000|0.00000000|500.00000000",
                 "SELECT open_buy || '|' || open_sell || '|' || p.quantity FROM oxe.positions p "
                 "JOIN oxe.traders t ON t.id = p.trader_id WHERE subject = 'trader-3' AND symbol = 'AAPL'");
    expect_value(
        "1",
        "SELECT count(*) FROM oxe.open_orders o JOIN oxe.orders r ON r.id = o.order_id AND r.lane = o.lane");
    /* 1,000,000 and 500 shares at 150: the day has begun with the first order. */
    expect_value("1075000.00000000|true", "SELECT day_start_equity || '|' || (trading_day IS NOT NULL) FROM "
                                          "oxe.traders WHERE subject = 'trader-3'");

    struct event_batch *events = outbox_events();
    cr_assert_eq(events->events_count, 2);
    cr_expect_eq(events->events[0].action, AUDIT_ACTION_SUBMITTED);
    cr_expect_str_eq(events->events[0].actor, "trader-3");
    cr_expect_eq(events->events[1].action, AUDIT_ACTION_APPROVED);
    cr_expect_str_eq(events->events[1].actor, "risk-manager");
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(uuid_compare(events->events[i].order_id, request.order_id), 0);
        cr_expect_eq(events->events[i].execution_state, EXECUTION_STATE_ADMITTED);
        cr_expect_eq(events->events[i].trace_id[0], 0x7e);
    }
    free(events);

    /* A push only wakes, and is dropped while the pipe is not connected yet: a retry of an ADMITTED order
     * wakes again. */
    for (int i = 0; i < 40 && pipe_poll(&lane, 1, NULL, 0, 500, NULL) == 0; i++)
        cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    cr_assert_eq(pipe_receive(lane, &bytes, &length), 0, "the lane is not told");
    cr_assert_eq(admitted_decode(bytes, length, &envelope, &admitted), 0);
    cr_assert_eq(admitted.orders_count, 1);
    cr_expect_eq(uuid_compare(admitted.orders[0].order_id, request.order_id), 0);
    for (int i = 0; i < 40 && pipe_poll(&world.audit, 1, NULL, 0, 500, NULL) == 0; i++) {
        request = example(3);
        cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    }
    cr_assert_eq(pipe_receive(world.audit, &bytes, &length), 0, "audit-writer is not woken");
    cr_assert_eq(outbox_wake_decode(bytes, length, &envelope, &wake), 0);
}

Test(admission, a_retry_gets_the_first_answer, .init = begin_one, .fini = end)
{
    struct order_request first = example(0), again = first;

    cr_assert_eq(world_ask(&world, &first)->outcome, ANSWER_CREATED);
    /* The price moves away: a verdict made now would refuse. */
    world_sql(&world, "UPDATE oxe.last_prices SET price = 99999 WHERE symbol = 'AAPL'");
    world_sql(&world, "UPDATE oxe.orders SET execution_state = 'SENT'");
    again.handle = 4711;
    again.order_id = uuid_next(&world.ids, clock_now());
    const struct answer *answer = world_ask(&world, &again);
    cr_expect_eq(answer->outcome, ANSWER_REPLAYED);
    cr_expect_eq(uuid_compare(answer->order.id, first.order_id), 0);
    cr_expect_eq(answer->order.execution_state, EXECUTION_STATE_SENT, "the order as it is now");
    cr_expect_eq(answer->order.take_profit.units, first.take_profit.units);

    again.fingerprint[31] ^= 1;
    answer = world_ask(&world, &again);
    cr_expect_eq(answer->outcome, ANSWER_KEY_REUSED);
    cr_expect(fault_has(answer->faults, answer->faults_count, REJECT_IDEMPOTENCY_KEY_REUSED));
    cr_expect_not(answer->has_order);

    struct order_request other_trader = again;
    other_trader.trader_id = world_trader(1);
    other_trader.order_id = uuid_next(&world.ids, clock_now());
    other_trader.quantity = decimal_from_units(DECIMAL_ONE);
    other_trader.has_stop_loss = other_trader.has_take_profit = false;
    cr_expect_eq(world_ask(&world, &other_trader)->outcome, ANSWER_CREATED, "keys belong to a trader");
    expect_value("2", "SELECT count(*) FROM oxe.orders");
    expect_value("4", "SELECT 2 * count(batch) FROM oxe.outbox");
}

Test(admission, a_refusal_is_recorded_with_every_fault_and_repeated, .init = begin_one, .fini = end)
{
    struct order_request first = example(0);

    first.order_type = ORDER_TYPE_LIMIT;
    first.quantity =
        decimal_from_units(20000 * DECIMAL_ONE + DECIMAL_ONE / 2); /* lot, order size, notional, cash */
    first.price = decimal_from_units(15050500000);                 /* tick */
    first.stop_loss = whole(151);                                  /* side */
    const struct answer *answer = world_ask(&world, &first);
    cr_assert_eq(answer->outcome, ANSWER_REJECTED);
    static const enum reject_code codes[] = {REJECT_LOT_SIZE,           REJECT_TICK_SIZE,
                                             REJECT_STOP_LOSS_SIDE,     REJECT_MAX_ORDER_QUANTITY,
                                             REJECT_MAX_ORDER_NOTIONAL, REJECT_INSUFFICIENT_BUYING_POWER};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        cr_expect(fault_has(answer->faults, answer->faults_count, codes[i]), "%s is missing",
                  reject_text(codes[i]));
    size_t fault_count = answer->faults_count;
    cr_expect_eq(fault_count, ARRAY_LEN(codes));
    cr_expect_str_eq(answer->order.reason, "LOT_SIZE");
    expect_value("REJECTED|DONE|LOT_SIZE|0.00000000|t",
                 "SELECT concat_ws('|', status, execution_state, reason, reserved, rejection IS NOT NULL) "
                 "FROM oxe.orders");
    expect_value("0", "SELECT count(*) FROM oxe.open_orders");
    expect_value("0.00000000", "SELECT sum(reserved) FROM oxe.traders");

    struct event_batch *events = outbox_events();
    cr_assert_eq(events->events_count, 2);
    cr_expect_eq(events->events[0].action, AUDIT_ACTION_SUBMITTED);
    cr_expect_eq(events->events[0].status, ORDER_STATUS_PENDING);
    cr_expect_eq(events->events[1].status, ORDER_STATUS_REJECTED);
    cr_expect_eq(events->events[1].action, AUDIT_ACTION_REJECTED);
    cr_expect_str_eq(events->events[1].reason, "LOT_SIZE");
    cr_expect_not_null(strstr(events->events[1].message, "lot size 1"));
    free(events);

    /* Enough cash now: the answer stays. */
    world_sql(
        &world,
        "UPDATE oxe.traders SET cash = 90000000, max_order_quantity = 90000, max_order_notional = 90000000");
    struct order_request again = first;
    again.order_id = uuid_next(&world.ids, clock_now());
    answer = world_ask(&world, &again);
    cr_expect_eq(answer->outcome, ANSWER_REJECTED);
    cr_expect_eq(answer->faults_count, fault_count);
    cr_expect_str_eq(answer->faults[0].limit, "1");
    cr_expect_str_eq(answer->faults[0].actual, "20000.5");
    cr_expect_eq(uuid_compare(answer->order.id, first.order_id), 0);
    expect_value("1", "SELECT count(*) FROM oxe.orders");
}

Test(admission, refusals_name_their_rule, .init = begin_one, .fini = end)
{
    static const struct {
        const char *setup;
        const char *symbol;
        enum reject_code code;
    } cases[] = {
        {"SELECT 1", "NONE", REJECT_UNKNOWN_SYMBOL},
        {"SELECT 1", "DARK", REJECT_SYMBOL_NOT_TRADABLE},
        {"SELECT 1", "NEW", REJECT_SYMBOL_NOT_TRADABLE},
        {"UPDATE oxe.traders SET status = 'SUSPENDED'", "AAPL", REJECT_ACCOUNT_NOT_ACTIVE},
        {"UPDATE oxe.traders SET status = 'ACTIVE', max_open_orders = 1, open_orders = 1", "AAPL",
         REJECT_MAX_OPEN_ORDERS},
        {"UPDATE oxe.traders SET open_orders = 0, cash = 900000", "AAPL", REJECT_DAILY_LOSS_LIMIT},
        {"UPDATE oxe.traders SET cash = 1000000, max_position_quantity = 509", "AAPL", REJECT_MAX_POSITION},
        {"INSERT INTO oxe.halts VALUES (gen_random_uuid(), 'SYMBOL', NULL, 'MSFT', 'news pending', 'test', "
         "now())",
         "MSFT", REJECT_TRADING_HALTED},
        {"INSERT INTO oxe.halts SELECT gen_random_uuid(), 'TRADER', id, NULL, 'review', 'test', now() FROM "
         "oxe.traders",
         "AAPL", REJECT_TRADING_HALTED},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_request request = world_order(&world, 5);
        (void)snprintf(request.symbol, sizeof(request.symbol), "%s", cases[i].symbol);
        world_sql(&world, "%s", cases[i].setup);
        const struct answer *answer = world_ask(&world, &request);
        cr_expect_eq(answer->outcome, ANSWER_REJECTED, "%s is %s", reject_text(cases[i].code),
                     answer_outcome_text(answer->outcome));
        cr_expect(fault_has(answer->faults, answer->faults_count, cases[i].code), "%s: %s",
                  reject_text(cases[i].code),
                  answer->faults_count > 0 ? answer->faults[0].message : "no fault");
    }
    expect_value("9|9",
                 "SELECT count(*) || '|' || count(*) FILTER (WHERE status = 'REJECTED') FROM oxe.orders");
}

Test(admission, a_new_instrument_is_known_at_once, .init = begin_one, .fini = end)
{
    struct order_request request = world_order(&world, 0);

    cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    (void)poll(NULL, 0, 300); /* the set that knows nothing of it is then too old to say no */
    world_sql(
        &world,
        "INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size) VALUES ('FRESH', 'Fresh', 0.01, 1)");
    world_sql(&world, "INSERT INTO oxe.last_prices (symbol, price) VALUES ('FRESH', 20)");
    request = world_order(&world, 0);
    (void)snprintf(request.symbol, sizeof(request.symbol), "FRESH");
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
}

Test(admission, each_of_fifty_mixed_requests_gets_its_own_answer, .init = begin_one, .fini = end)
{
    static struct order_request requests[50];
    enum answer_outcome wanted[50];
    uint64_t first_id = world.requests + 1;

    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        requests[i] = world_order(&world, i % WORLD_TRADERS);
        wanted[i] = ANSWER_CREATED;
        switch (i % 10) {
        case 3: /* too much */
            requests[i].quantity = whole(10001);
            wanted[i] = ANSWER_REJECTED;
            break;
        case 5: /* of nobody */
            requests[i].trader_id.bytes[0] = 0xff;
            wanted[i] = ANSWER_UNAVAILABLE;
            break;
        case 7: /* a key that the table would refuse */
            (void)snprintf(requests[i].idempotent_key, sizeof(requests[i].idempotent_key), "with blank %zu",
                           i);
            wanted[i] = ANSWER_UNAVAILABLE;
            break;
        case 8: /* an id that is taken: only the database knows */
            requests[i].order_id = requests[i - 8].order_id;
            wanted[i] = ANSWER_UNAVAILABLE;
            break;
        default:
            break;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        world_send_checked(&world, 0, &requests[i], (struct instant){0});
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        const struct answer *answer = world_answer(&world);
        size_t place = answer->handle - first_id;
        cr_assert_lt(place, ARRAY_LEN(requests));
        cr_expect_eq(answer->outcome, wanted[place], "request %zu is %s: %s", place,
                     answer_outcome_text(answer->outcome), answer->detail);
        wanted[place] = 0; /* a second answer would be wrong */
    }
    expect_value("30|5", "SELECT count(*) FILTER (WHERE status = 'PENDING') || '|' || "
                         "count(*) FILTER (WHERE status = 'REJECTED') FROM oxe.orders");
    expect_value("t",
                 "SELECT bool_and(t.reserved = coalesce(o.sum, 0) AND t.open_orders = coalesce(o.count, 0)) "
                 "FROM oxe.traders t LEFT JOIN (SELECT trader_id, sum(reserved), count(*) FILTER (WHERE "
                 "execution_state <> 'DONE') FROM oxe.orders GROUP BY trader_id) o ON o.trader_id = t.id");
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_orders_total", "outcome=\"created\""), 30);
}

Test(admission, one_key_makes_one_order_however_many_ask, .init = begin_two, .fini = end)
{
    struct order_request request = world_order(&world, 7);
    size_t created = 0, replayed = 0;
    struct uuid order_id = {.bytes = {0}};

    for (size_t i = 0; i < 200; i++) {
        request.order_id = uuid_next(&world.ids, clock_now());
        world_send_checked(&world, i % 2, &request, (struct instant){0});
    }
    for (size_t i = 0; i < 200; i++) {
        const struct answer *answer = world_answer(&world);
        cr_assert(answer->has_order);
        if (i == 0)
            order_id = answer->order.id;
        cr_expect_eq(uuid_compare(answer->order.id, order_id), 0);
        created += answer->outcome == ANSWER_CREATED;
        replayed += answer->outcome == ANSWER_REPLAYED;
    }
    cr_expect_eq(created, 1);
    cr_expect_eq(replayed, 199);
    expect_value("1", "SELECT count(*) FROM oxe.orders");
}

Test(admission, limits_hold_exactly_with_two_risk_managers, .init = begin_two, .fini = end)
{
    size_t created = 0, rejected = 0;

    /* 157.5 each with the collar: cash for exactly 40 of 10 shares. */
    world_sql(&world, "UPDATE oxe.traders SET cash = 63000");
    for (size_t i = 0; i < 300; i++) {
        struct order_request request = world_order(&world, 2);
        world_send_checked(&world, i % 2, &request, (struct instant){0});
    }
    for (size_t i = 0; i < 300; i++) {
        const struct answer *answer = world_answer(&world);
        created += answer->outcome == ANSWER_CREATED;
        rejected += answer->outcome == ANSWER_REJECTED;
    }
    cr_expect_eq(created, 40);
    cr_expect_eq(rejected, 260);
    expect_value("63000.00000000|40",
                 "SELECT reserved || '|' || open_orders FROM oxe.traders WHERE subject = 'trader-2'");
}

/* The end of one risk-manager is seen by the validator within moments; until then a message to it is lost,
 * and its sender is told so by nobody: a client would repeat it. */
Test(admission, one_risk_manager_takes_the_traders_of_the_one_that_is_gone, .init = begin_two, .fini = end)
{
    cr_assert_eq(kill(world.risk_managers[1], SIGKILL), 0);
    cr_assert_eq(waitpid(world.risk_managers[1], NULL, 0), world.risk_managers[1]);
    world.risk_managers[1] = 0;
    world_await_text(world.validator_port, "/readyz", "1 of 2 take orders");
    for (size_t trader = 0; trader < WORLD_TRADERS; trader++) {
        struct order_request request = world_order(&world, trader);
        cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED, "trader %zu", trader);
    }
}

/* What the outbox says must agree with the rows, order by order. */
static void expect_events_of_all_orders(void)
{
    PGresult *rows = PQexec(world.sql, "SELECT batch FROM oxe.outbox WHERE batch IS NOT NULL ORDER BY id");
    struct event_batch *batch = calloc(1, sizeof(*batch));
    struct envelope envelope;
    long submitted = 0, approved = 0;

    for (int row = 0; row < PQntuples(rows); row++) {
        size_t length;
        unsigned char *bytes = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 0), &length);
        cr_assert_eq(event_batch_decode(bytes, length, &envelope, batch), 0);
        for (size_t i = 0; i < batch->events_count; i++) {
            submitted += batch->events[i].action == AUDIT_ACTION_SUBMITTED;
            approved += batch->events[i].action == AUDIT_ACTION_APPROVED;
        }
        PQfreemem(bytes);
    }
    PQclear(rows);
    free(batch);
    long orders = strtol(world_value(&world, "SELECT count(*) FROM oxe.orders"), NULL, 10);
    cr_expect_eq(submitted, orders, "%ld orders, %ld submitted", orders, submitted);
    cr_expect_eq(approved, orders, "%ld orders, %ld approved", orders, approved);
}

/* Kills every connection of the risk-managers; how many there were. */
static long kill_connections(void)
{
    return strtol(
        world_value(&world, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity "
                            "WHERE usename = 'oxe_risk'"),
        NULL, 10);
}

Test(admission, killed_connections_lose_and_double_nothing, .init = begin_two, .fini = end, .timeout = 120)
{
    enum { ORDERS = 5000, WINDOW = 200, KILLS = 60, KILL_EVERY_US = 25 * 1000 };
    static struct order_request requests[ORDERS];
    int64_t kill_at_us = clock_monotonic_us();
    long kills = 0, unavailable = 0;
    size_t sent = 0, created = 0;
    uint64_t first_id = world.requests + 1;

    world_sql(&world, "UPDATE oxe.traders SET cash = 90000000, max_position_quantity = 90000000");
    while (created < ORDERS) {
        for (; sent < ORDERS && sent - created < WINDOW; sent++) {
            requests[sent] = world_order(&world, sent % WORLD_TRADERS);
            world_send_checked(&world, sent % 2, &requests[sent],
                               (struct instant){clock_now().us + 60 * 1000 * 1000});
        }
        const struct answer *answer = world_answer(&world);
        size_t place = answer->handle - first_id;
        if (answer->outcome == ANSWER_UNAVAILABLE) { /* what a client does: again, with the same key */
            requests[place].order_id = uuid_next(&world.ids, clock_now());
            (void)poll(NULL, 0, 1);
            world_send_checked(&world, place % 2, &requests[place],
                               (struct instant){clock_now().us + 60 * 1000 * 1000});
            unavailable++;
        } else {
            /* A 503 has recorded nothing here, so no retry finds an order. */
            cr_assert_eq(answer->outcome, ANSWER_CREATED, "%s", answer_outcome_text(answer->outcome));
            created++;
        }
        if (kills < KILLS && clock_monotonic_us() >= kill_at_us) {
            kill_at_us = clock_monotonic_us() + KILL_EVERY_US;
            kills += kill_connections();
        }
    }
    cr_log_info("%ld connections killed, %ld requests answered 503", kills, unavailable);
    cr_expect_gt(kills, 10);
    cr_expect_eq(strtol(world_value(&world, "SELECT count(*) FROM oxe.orders"), NULL, 10), ORDERS);
    expect_value("t",
                 "SELECT bool_and(t.reserved = o.sum AND t.open_orders = o.count) FROM oxe.traders t JOIN "
                 "(SELECT trader_id, sum(reserved), count(*) FROM oxe.orders GROUP BY trader_id) o "
                 "ON o.trader_id = t.id");
    expect_events_of_all_orders();
}

Test(admission, garbage_is_counted_and_harmless, .init = begin_one, .fini = end)
{
    uint8_t bytes[512];
    uint32_t state = 2463534242u;

    for (int i = 0; i < 200; i++) {
        size_t length = (size_t)(i * 7) % sizeof(bytes);
        for (size_t k = 0; k < length; k++) {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            bytes[k] = (uint8_t)state;
        }
        while (pipe_send(world.to_validator, bytes, length) == -EAGAIN ||
               pipe_send(world.to_risk[0], bytes, length) == -EAGAIN)
            (void)poll(NULL, 0, 5);
    }
    struct order_request request = world_order(&world, 0);
    (void)snprintf(request.reply_to, sizeof(request.reply_to), "no://address");
    world_send(&world, &request);
    request = world_order(&world, 0);
    request.quantity = whole(-5);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_UNAVAILABLE);
    request = world_order(&world, 0);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    cr_expect_geq(world_metric(world.validator_port, "oxe_validator_bad_messages_total", NULL), 200);
    cr_expect_geq(world_metric(world.risk_ports[0], "oxe_risk_bad_messages_total", NULL), 200);
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_push_failures_total", "to=\"answer\""), 1);
}

Test(admission, an_expired_request_is_dropped_unless_its_order_exists, .init = begin_one, .fini = end)
{
    struct order_request known = world_order(&world, 0), late = world_order(&world, 0);
    struct instant past = {clock_now().us - 1};

    cr_assert_eq(world_ask(&world, &known)->outcome, ANSWER_CREATED);
    world_send_checked(&world, 0, &late, past);
    world_send_checked(&world, 0, &known, (struct instant){clock_now().us + 1000 * 1000});
    const struct answer *answer = world_answer(&world);
    cr_expect_eq(answer->handle, known.handle);
    cr_expect_eq(answer->outcome, ANSWER_CREATED, "its own order");
    cr_expect_null(world_answer_within(&world, 100));
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_orders_total", "outcome=\"expired\""), 1);
    expect_value("1", "SELECT count(*) FROM oxe.orders");
}

/* Sends it to the validator, or past it, by a clock that is off by skew_us. */
static void send_by_clock(struct pipe *pipe, const struct order_request *request, int64_t skew_us,
                          int64_t budget_us)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct order_checked checked = {.request = *request};
    struct instant sent_at = {clock_now().us + skew_us};
    struct envelope envelope = {
        .id = request->order_id, .sent_at = sent_at, .deadline = {sent_at.us + budget_us}};

    cr_assert_eq(pipe == world.to_validator ? order_request_encode(&envelope, request, &bytes)
                                            : order_checked_encode(&envelope, &checked, &bytes),
                 0);
    cr_assert_eq(pipe_send(pipe, bytes.data, bytes.length), 0);
}

Test(admission, a_gateway_whose_clock_is_off_trades_like_the_others, .init = begin_one, .fini = end)
{
    static const int64_t skews_s[] = {-60, -5, 0, 5, 60};

    struct order_request first = world_order(&world, 0);
    cr_assert_eq(world_ask(&world, &first)->outcome, ANSWER_CREATED);
    world_send_checked(&world, 0, &first, (struct instant){0}); /* the pipe past the validator stands */
    cr_assert_eq(world_answer(&world)->outcome, ANSWER_CREATED);
    for (size_t i = 0; i < ARRAY_LEN(skews_s) * 2; i++) {
        struct order_request order = world_order(&world, 0);
        int64_t skew_us = skews_s[i / 2] * 1000000;
        send_by_clock(i % 2 == 0 ? world.to_validator : world.to_risk[0], &order, skew_us, 5000000);
        const struct answer *answer = world_answer_within(&world, 10000);
        cr_assert_not_null(answer, "%lld s: no answer", (long long)skews_s[i / 2]);
        cr_expect_eq(answer->handle, order.handle);
        cr_expect_eq(answer->outcome, ANSWER_CREATED);
    }
    expect_value("11", "SELECT count(*) FROM oxe.orders");
}

Test(admission, what_waited_past_its_deadline_is_dropped_by_each_hop, .init = begin_one, .fini = end)
{
    struct order_request first = world_order(&world, 0);
    const pid_t frozen[] = {world.validator, world.risk_managers[0]};

    cr_assert_eq(world_ask(&world, &first)->outcome, ANSWER_CREATED);
    for (size_t i = 0; i < ARRAY_LEN(frozen); i++) {
        struct order_request late = world_order(&world, 0), patient = world_order(&world, 0);
        cr_assert_eq(kill(frozen[i], SIGSTOP), 0);
        send_by_clock(world.to_validator, &late, 0, 400000);
        send_by_clock(world.to_validator, &patient, 0, 30000000);
        (void)poll(NULL, 0, 500); /* its patience ends */
        cr_assert_eq(kill(frozen[i], SIGCONT), 0);
        cr_expect_eq(world_answer(&world)->handle, patient.handle);
    }
    expect_value("3", "SELECT count(*) FROM oxe.orders");
    cr_expect_eq(world_metric(world.validator_port, "oxe_validator_orders_total", "outcome=\"expired\""), 1);
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_orders_total", "outcome=\"expired\""), 1);
}

Test(admission, no_audit_no_order, .init = begin_one, .fini = end)
{
    struct order_request first = world_order(&world, 0), again = first;

    cr_assert_eq(world_ask(&world, &first)->outcome, ANSWER_CREATED);
    world_sql(&world, "UPDATE oxe.outbox SET created_at = now() - interval '31 seconds'");
    world_await_status(world.risk_ports[0], "/readyz", 503);
    struct order_request request = world_order(&world, 0);
    const struct answer *answer = world_ask(&world, &request);
    cr_expect_eq(answer->outcome, ANSWER_UNAVAILABLE);
    cr_expect_not_null(strstr(answer->detail, "audit log"));
    again.order_id = uuid_next(&world.ids, clock_now());
    cr_expect_eq(world_ask(&world, &again)->outcome, ANSWER_REPLAYED, "what is recorded is still told");
    world_sql(&world, "DELETE FROM oxe.outbox");
    world_await_status(world.risk_ports[0], "/readyz", 200);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED,
                 "nothing was recorded of the refused one");
}

Test(admission, a_database_that_can_only_be_read_fails_readiness_until_it_can_be_written, .init = begin_one,
     .fini = end)
{
    struct order_request request = world_order(&world, 0);

    cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    world_sql(&world, "ALTER SYSTEM SET default_transaction_read_only = on");
    world_sql(&world, "SELECT pg_reload_conf()");
    /* Readiness learns it from an order. */
    for (int i = 0; world_status(world.risk_ports[0], "/readyz") == 200; i++) {
        request = world_order(&world, 0);
        cr_assert_lt(i, 1000, "orders are refused and readiness says nothing");
        (void)world_ask(&world, &request);
    }
    for (int i = 0; i < 30; i++, (void)poll(NULL, 0, 100)) /* it looks several times */
        cr_assert_eq(world_status(world.risk_ports[0], "/readyz"), 503, "nothing was mended");
    request = world_order(&world, 0);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_UNAVAILABLE);
    world_sql(&world, "SET default_transaction_read_only = off");
    world_sql(&world, "ALTER SYSTEM RESET default_transaction_read_only");
    world_sql(&world, "SELECT pg_reload_conf()");
    world_await_status(world.risk_ports[0], "/readyz", 200);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
}

Test(admission, without_postgresql_requests_are_refused_at_once, .init = begin_one, .fini = end)
{
    struct order_request request = world_order(&world, 0);

    cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    PQfinish(world.sql);
    postgres_crash(world.postgres);
    world_await_status(world.risk_ports[0], "/readyz", 503);
    request = world_order(&world, 0);
    int64_t start_us = clock_monotonic_us();
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_us() - start_us, 10 * 1000 * 1000);
    cr_assert_eq(postgres_resume(world.postgres), 0);
    world.sql = PQconnectdb(postgres_conninfo(world.postgres));
    world_await_status(world.risk_ports[0], "/readyz", 200);
    cr_expect_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    expect_value("2", "SELECT count(*) FROM oxe.orders");
}
