/* SPDX-License-Identifier: Apache-2.0 */
/* Cancels and resolves as a whole: the real validator and risk-manager over a real PostgreSQL, the test as
 * gateway, executor and audit-writer. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
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

static void expect_value(const char *wanted, const char *sql)
{
    const char *value = world_value(&world, "%s", sql);

    cr_expect_str_eq(value, wanted, "%s gives %s, not %s", sql, value, wanted);
}

static struct uuid admit(size_t trader)
{
    struct order_request request = world_order(&world, trader);

    cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    return request.order_id;
}

/* Brings an order where an executor would have brought it; the steps are those that the table allows. */
static void step(struct uuid order_id, const char *state, const char *status)
{
    char id[UUID_TEXT_MAX];

    uuid_format(order_id, id);
    world_sql(&world, "UPDATE oxe.orders SET execution_state = '%s', status = '%s' WHERE id = '%s'", state,
              status, id);
}

static void put_in_doubt(struct uuid order_id)
{
    step(order_id, "SENT", "PENDING");
    step(order_id, "IN_DOUBT", "PENDING");
}

static void finish(struct uuid order_id)
{
    char id[UUID_TEXT_MAX];

    uuid_format(order_id, id);
    world_sql(&world,
              "UPDATE oxe.orders SET execution_state = 'DONE', status = 'CANCELLED', reserved = 0 WHERE id = "
              "'%s'",
              id);
}

static struct order_command make_command(enum order_command_kind kind, struct uuid order_id)
{
    struct order_command command = {
        .handle = ++world.requests, .kind = kind, .order_id = order_id, .received_at = clock_now()};

    (void)snprintf(command.reply_to, sizeof(command.reply_to), "ipc://%s/answers", world.directory);
    return command;
}

static struct order_command cancel_of(size_t trader, struct uuid order_id)
{
    struct order_command command = make_command(ORDER_COMMAND_CANCEL, order_id);

    command.has_trader_id = true;
    command.trader_id = world_trader(trader);
    (void)snprintf(command.actor, sizeof(command.actor), "trader-%zu", trader);
    return command;
}

static struct order_command resolve_of(struct uuid order_id, enum resolve_action action)
{
    struct order_command command = make_command(ORDER_COMMAND_RESOLVE, order_id);

    command.has_action = true;
    command.action = action;
    (void)snprintf(command.actor, sizeof(command.actor), "olga");
    (void)snprintf(command.reason, sizeof(command.reason), "the desk says so");
    if (action == RESOLVE_ACTION_FILL) {
        command.has_quantity = command.has_price = true;
        command.quantity = decimal_from_units(10 * DECIMAL_ONE);
        command.price = decimal_from_units(15025000000);
        (void)snprintf(command.venue_exec_id, sizeof(command.venue_exec_id), "E-77");
    }
    return command;
}

static void send_to(struct pipe *pipe, const struct order_command *command, int64_t patience_ms)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct envelope envelope = {.id = uuid_next(&world.ids, clock_now()),
                                .sent_at = clock_now(),
                                .deadline = {clock_now().us + patience_ms * 1000}};

    memset(envelope.trace_id, 0x6f, sizeof(envelope.trace_id));
    cr_assert_eq(order_command_encode(&envelope, command, &bytes), 0);
    for (int i = 0; pipe_send(pipe, bytes.data, bytes.length) < 0; i++) {
        cr_assert_lt(i, 2000, "nobody takes the command");
        (void)poll(NULL, 0, 5);
    }
}

/* Through the validator. */
static const struct answer *ask(const struct order_command *command)
{
    send_to(world.to_validator, command, 10 * 1000);
    const struct answer *answer = world_answer(&world);
    cr_assert_eq(answer->handle, command->handle);
    return answer;
}

/* The next message of a type at a pipe; false when none comes within two seconds. */
static bool await_message(struct pipe *pipe, enum message_type type, const uint8_t **ret_bytes,
                          size_t *ret_length)
{
    struct envelope envelope;

    while (pipe_receive(pipe, ret_bytes, ret_length) == 0 || pipe_poll(&pipe, 1, NULL, 0, 2000, NULL) > 0) {
        if (*ret_length > 0 && envelope_decode(*ret_bytes, *ret_length, &envelope) == 0 &&
            envelope.type == type)
            return true;
        *ret_length = 0;
    }
    return false;
}

static bool lane_is_told(size_t trader, struct uuid order_id)
{
    struct pipe *lane = world.lanes[lane_of(world_trader(trader), WORLD_LANES)];
    static struct commanded commanded;
    struct envelope envelope;
    const uint8_t *bytes;
    size_t length = 0;

    return await_message(lane, MESSAGE_COMMANDED, &bytes, &length) &&
           commanded_decode(bytes, length, &envelope, &commanded) == 0 && commanded.orders_count == 1 &&
           commanded.lane == (uint64_t)lane_of(world_trader(trader), WORLD_LANES) &&
           uuid_compare(commanded.orders[0].order_id, order_id) == 0;
}

/* Large, on the heap. */
static struct event_batch *events_of(enum audit_action action)
{
    struct event_batch *all = calloc(1, sizeof(*all)), *one = calloc(1, sizeof(*one));
    PGresult *rows = PQexec(world.sql, "SELECT batch FROM oxe.outbox WHERE batch IS NOT NULL ORDER BY id");
    struct envelope envelope;

    for (int row = 0; row < PQntuples(rows); row++) {
        size_t length;
        unsigned char *bytes = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, row, 0), &length);
        cr_assert_eq(event_batch_decode(bytes, length, &envelope, one), 0);
        for (size_t i = 0; i < one->events_count; i++) {
            if (one->events[i].action == action && all->events_count < ARRAY_LEN(all->events))
                all->events[all->events_count++] = one->events[i];
        }
        PQfreemem(bytes);
    }
    PQclear(rows);
    free(one);
    return all;
}

static void expect_events(enum audit_action action, size_t count)
{
    struct event_batch *events = events_of(action);

    cr_expect_eq(events->events_count, count, "%s: %zu, not %zu", audit_action_text(action),
                 events->events_count, count);
    free(events);
}

Test(command, a_cancel_is_recorded_announced_and_answered, .init = begin_one, .fini = end)
{
    struct uuid id = admit(3);
    struct order_command command = cancel_of(3, id);
    const uint8_t *bytes;
    size_t length = 0;

    while (pipe_receive(world.audit, &bytes, &length) == 0)
        length = 0;
    const struct answer *answer = ask(&command);
    cr_assert_eq(answer->outcome, ANSWER_ACCEPTED, "%s", answer->detail);
    cr_expect(answer->has_order && uuid_compare(answer->order.id, id) == 0);
    cr_expect(answer->order.has_cancel_requested_at);
    cr_expect_eq(answer->order.execution_state, EXECUTION_STATE_ADMITTED, "the state is its owner's");
    cr_expect_gt(answer->db_us, 0);
    expect_value("ADMITTED|PENDING|t|t", "SELECT concat_ws('|', execution_state, status, cancel_requested_at "
                                         "= updated_at, updated_at > created_at) FROM oxe.orders");
    expect_value("CANCEL|t|trader-3|6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f|t",
                 "SELECT concat_ws('|', kind, c.lane = o.lane AND c.order_id = o.id, c.actor, "
                 "encode(c.trace_id, 'hex'), c.created_at = o.cancel_requested_at) FROM oxe.commands c, "
                 "oxe.orders o");

    struct event_batch *events = events_of(AUDIT_ACTION_CANCEL_REQUESTED);
    cr_assert_eq(events->events_count, 1);
    cr_expect_str_eq(events->events[0].actor, "trader-3");
    cr_expect_eq(events->events[0].execution_state, EXECUTION_STATE_ADMITTED);
    cr_expect_eq(events->events[0].trace_id[0], 0x6f);
    free(events);
    cr_expect(lane_is_told(3, id), "the lane is not told");
    length = 0;
    cr_expect(await_message(world.audit, MESSAGE_OUTBOX_WAKE, &bytes, &length), "audit-writer is not woken");
}

Test(command, a_repeated_cancel_is_accepted_and_recorded_once, .init = begin_one, .fini = end)
{
    struct uuid id = admit(1);
    struct order_command command = cancel_of(1, id);

    cr_assert_eq(ask(&command)->outcome, ANSWER_ACCEPTED);
    cr_expect(lane_is_told(1, id));
    const char *before = strdup(world_value(&world, "SELECT oxe.us(cancel_requested_at) FROM oxe.orders"));
    command.handle = ++world.requests;
    const struct answer *answer = ask(&command);
    cr_expect_eq(answer->outcome, ANSWER_ACCEPTED);
    cr_expect(lane_is_told(1, id), "the lane is told again: the first message may be lost");
    expect_value(before, "SELECT oxe.us(cancel_requested_at) FROM oxe.orders");
    free((char *)before);
    expect_value("1", "SELECT count(*) FROM oxe.commands");
    expect_events(AUDIT_ACTION_CANCEL_REQUESTED, 1);
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_commands_total", "\"repeated\""), 1);
}

Test(command, who_may_cancel_what, .init = begin_one, .fini = end)
{
    struct uuid working = admit(1), done = admit(1), doubt = admit(1), others = admit(2);
    struct uuid nowhere = uuid_next(&world.ids, clock_now());
    const struct {
        const char *fact;
        struct uuid id;
        enum answer_outcome outcome;
        bool has_order;
    } cases[] = {
        {"a working order", working, ANSWER_ACCEPTED, true},
        {"a done order", done, ANSWER_NOT_CANCELLABLE, true},
        {"an order in doubt", doubt, ANSWER_ACCEPTED, true},
        {"another trader's order", others, ANSWER_NOT_FOUND, false},
        {"no order", nowhere, ANSWER_NOT_FOUND, false},
    };

    step(working, "SENT", "PENDING");
    step(working, "WORKING", "PENDING");
    finish(done);
    put_in_doubt(doubt);
    world_sql(&world, "UPDATE oxe.traders SET status = 'SUSPENDED'");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct order_command command = cancel_of(1, cases[i].id);
        const struct answer *answer = ask(&command);
        cr_expect_eq(answer->outcome, cases[i].outcome, "%s is %s", cases[i].fact,
                     answer_outcome_text(answer->outcome));
        cr_expect_eq(answer->has_order, cases[i].has_order, "%s", cases[i].fact);
    }
    expect_value("2", "SELECT count(*) FROM oxe.commands");
    expect_value("2", "SELECT count(*) FROM oxe.orders WHERE cancel_requested_at IS NOT NULL");
    expect_events(AUDIT_ACTION_CANCEL_REQUESTED, 2);
}

Test(command, a_resolve_is_recorded_with_its_figures, .init = begin_one, .fini = end)
{
    struct uuid id = admit(4);
    struct order_command command = resolve_of(id, RESOLVE_ACTION_FILL);

    put_in_doubt(id);
    const struct answer *answer = ask(&command);
    cr_assert_eq(answer->outcome, ANSWER_ACCEPTED, "%s", answer->detail);
    cr_expect_eq(answer->order.execution_state, EXECUTION_STATE_IN_DOUBT);
    cr_expect(lane_is_told(4, id));
    expect_value("RESOLVE|FILL|10.00000000|150.25000000|E-77|the desk says so|olga",
                 "SELECT concat_ws('|', kind, action, quantity, price, venue_exec_id, reason, actor) FROM "
                 "oxe.commands");
    struct event_batch *events = events_of(AUDIT_ACTION_RESOLVED);
    cr_assert_eq(events->events_count, 1);
    cr_expect_str_eq(events->events[0].actor, "olga");
    cr_expect_str_eq(events->events[0].reason, "FILL");
    cr_expect_str_eq(events->events[0].message, "FILL of 10 at 150.25 as E-77: the desk says so");
    free(events);

    cr_expect_eq(ask(&command)->outcome, ANSWER_ACCEPTED, "the same once more");
    expect_value("1", "SELECT count(*) FROM oxe.commands");
    command = resolve_of(id, RESOLVE_ACTION_CANCEL);
    cr_expect_eq(ask(&command)->outcome, ANSWER_ACCEPTED, "another: the owner takes them in their order");
    expect_value("FILL CANCEL", "SELECT string_agg(action::text, ' ' ORDER BY id) FROM oxe.commands");
    expect_events(AUDIT_ACTION_RESOLVED, 2);
}

Test(command, only_what_is_in_doubt_is_resolved, .init = begin_one, .fini = end)
{
    struct uuid admitted = admit(1), done = admit(1), nowhere = uuid_next(&world.ids, clock_now());
    const struct {
        struct uuid id;
        enum answer_outcome outcome;
    } cases[] = {{admitted, ANSWER_NOT_IN_DOUBT}, {done, ANSWER_NOT_IN_DOUBT}, {nowhere, ANSWER_NOT_FOUND}};

    finish(done);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int action = RESOLVE_ACTION_RETRY; action <= RESOLVE_ACTION_FILL; action++) {
            struct order_command command = resolve_of(cases[i].id, (enum resolve_action)action);
            cr_expect_eq(ask(&command)->outcome, cases[i].outcome, "case %zu, %s", i,
                         resolve_action_text((enum resolve_action)action));
        }
    }
    expect_value("0", "SELECT count(*) FROM oxe.commands");
    expect_events(AUDIT_ACTION_RESOLVED, 0);
}

Test(command, neither_halts_nor_the_outbox_hold_a_cancel_up, .init = begin_one, .fini = end)
{
    struct uuid id = admit(1);
    struct order_command command = cancel_of(1, id);

    world_sql(&world, "INSERT INTO oxe.halts VALUES (gen_random_uuid(), 'ALL', NULL, NULL, 'a test', 'olga', "
                      "now())");
    world_sql(&world, "UPDATE oxe.outbox SET created_at = now() - interval '31 seconds'");
    world_await_status(world.risk_ports[0], "/readyz", 503);
    cr_expect_eq(ask(&command)->outcome, ANSWER_ACCEPTED);
    expect_value("1", "SELECT count(*) FROM oxe.commands");
}

Test(command, a_command_that_nobody_waits_for_is_dropped, .init = begin_one, .fini = end)
{
    struct uuid id = admit(1);
    struct order_command command = cancel_of(1, id);

    send_to(world.to_risk[0], &command, -1);
    cr_expect_null(world_answer_within(&world, 300));
    send_to(world.to_validator, &command, -1);
    cr_expect_null(world_answer_within(&world, 300));
    expect_value("0", "SELECT count(*) FROM oxe.commands");
    cr_expect_eq(world_metric(world.risk_ports[0], "oxe_risk_commands_total", "\"expired\""), 1);
    cr_expect_eq(world_metric(world.validator_port, "oxe_validator_commands_total", "\"dropped\""), 1);
}

Test(command, many_at_once_are_recorded_once, .init = begin_two, .fini = end)
{
    enum { ORDERS = 20, TIMES = 10 };
    struct uuid ids[ORDERS];

    for (size_t i = 0; i < ORDERS; i++)
        ids[i] = admit(i % WORLD_TRADERS);
    /* Both risk-managers at once, past the rule that sends a trader to one of them. */
    for (size_t i = 0; i < ORDERS * TIMES; i++) {
        struct order_command command = cancel_of(i % ORDERS % WORLD_TRADERS, ids[i % ORDERS]);
        send_to(world.to_risk[i / ORDERS % 2], &command, 10 * 1000);
    }
    for (size_t i = 0; i < ORDERS * TIMES; i++)
        cr_expect_eq(world_answer(&world)->outcome, ANSWER_ACCEPTED);
    expect_value("20|20", "SELECT count(*) || '|' || count(DISTINCT order_id) FROM oxe.commands");
    expect_events(AUDIT_ACTION_CANCEL_REQUESTED, ORDERS);
}

Test(command, without_postgresql_commands_are_refused_at_once, .init = begin_one, .fini = end)
{
    struct uuid id = admit(1);
    struct order_command command = cancel_of(1, id);

    PQfinish(world.sql);
    postgres_crash(world.postgres);
    world_await_status(world.risk_ports[0], "/readyz", 503);
    int64_t start_us = clock_monotonic_us();
    cr_expect_eq(ask(&command)->outcome, ANSWER_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_us() - start_us, 2 * 1000 * 1000);
    cr_assert_eq(postgres_resume(world.postgres), 0);
    world.sql = PQconnectdb(postgres_conninfo(world.postgres));
    world_await_status(world.risk_ports[0], "/readyz", 200);
    command.handle = ++world.requests;
    cr_expect_eq(ask(&command)->outcome, ANSWER_ACCEPTED);
    expect_value("1", "SELECT count(*) FROM oxe.commands");
}

/* Kills every connection of the risk-managers; how many there were. */
static long kill_connections(void)
{
    return strtol(
        world_value(&world, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity "
                            "WHERE usename = 'oxe_risk'"),
        NULL, 10);
}

/* What an executor does with them: it carries out and deletes. */
static long carry_out(void)
{
    return strtol(
        world_value(&world, "WITH gone AS (DELETE FROM oxe.commands RETURNING 1) SELECT count(*) FROM gone"),
        NULL, 10);
}

/* A resolve whose COMMIT got lost cannot be found by its row: the executor deletes it at once. Nor by the
 * order, which here stays in doubt, as one does whose retry failed. */
Test(command, killed_connections_lose_and_double_no_resolve, .init = begin_two, .fini = end, .timeout = 240)
{
    enum { ORDERS = 600, WINDOW = 20, KILL_EVERY = 15 };
    static struct order_command commands[ORDERS];
    long kills = 0, unavailable = 0, carried_out = 0;
    size_t sent = 0, accepted = 0, kill_at = KILL_EVERY;

    for (size_t i = 0; i < ORDERS; i++)
        commands[i].order_id = admit(i % WORLD_TRADERS);
    world_sql(&world, "UPDATE oxe.orders SET execution_state = 'SENT'");
    world_sql(&world, "UPDATE oxe.orders SET execution_state = 'IN_DOUBT'");
    world_sql(&world, "DELETE FROM oxe.outbox");
    uint64_t first_id = world.requests + 1;
    while (accepted < ORDERS) {
        for (; sent < ORDERS && sent - accepted < WINDOW; sent++) {
            commands[sent] = resolve_of(commands[sent].order_id, RESOLVE_ACTION_RETRY);
            send_to(world.to_risk[sent % 2], &commands[sent], 60 * 1000);
        }
        const struct answer *answer = world_answer(&world);
        size_t place = answer->handle - first_id;
        if (answer->outcome == ANSWER_UNAVAILABLE) { /* what an operator does: again */
            (void)poll(NULL, 0, 1);
            send_to(world.to_risk[place % 2], &commands[place], 60 * 1000);
            unavailable++;
        } else {
            cr_assert_eq(answer->outcome, ANSWER_ACCEPTED, "%s", answer_outcome_text(answer->outcome));
            accepted++;
        }
        carried_out += carry_out();
        /* By what is done, not by time: on a busy machine nothing would ever be done between two kills. */
        if (accepted >= kill_at) {
            kill_at += KILL_EVERY;
            (void)poll(NULL, 0, (int)(kill_at / KILL_EVERY % 4)); /* at another moment each time */
            kills += kill_connections();
        }
    }
    carried_out += carry_out();
    cr_log_info("%ld connections killed, %ld resolves answered 503", kills, unavailable);
    cr_expect_gt(kills, 10);
    cr_expect_eq(carried_out, ORDERS, "%ld of %d carried out", carried_out, ORDERS);
    struct event_batch *events = events_of(AUDIT_ACTION_RESOLVED);
    cr_expect_eq(events->events_count, ORDERS);
    free(events);
}
