/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway shows of the audit log is enough to recompute every hash of it: a program that knows the
 * documented format and nothing of this suite does so, from search, trail and exports. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/merkle.h"
#include "tests/support/audit_key.h"
#include "tests/support/gateway_world.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_MS = 30000, POLL_MS = 5 };

#define ORDER "0199f0a5-7d0c-7000-8000-0000000000aa"

static struct decimal units(int64_t count)
{
    return (struct decimal){count};
}

/* An event of this action: of an order with all that an entry can have, or with as little as it can. */
static struct event make_event(struct gateway_world *gateway, enum audit_action action, bool full)
{
    struct event event = {.event_id = uuid_next(&gateway->world.ids, clock_now()),
                          .action = action,
                          .actor = "somebody",
                          .occurred_at = clock_now()};

    if (!full)
        return event;
    event.has_order_id = event.has_trader_id = event.has_status = event.has_execution_state = event.has_side =
        event.has_quantity = event.has_price = event.has_total_filled = event.has_average_price =
            event.has_trace_id = true;
    cr_assert_eq(uuid_parse(ORDER, strlen(ORDER), &event.order_id), 0);
    event.trader_id = world_trader(1);
    event.status = ORDER_STATUS_PARTIAL;
    event.execution_state = EXECUTION_STATE_WORKING;
    event.side = action % 2 == 0 ? SIDE_BUY : SIDE_SELL;
    event.quantity = units(INT64_MAX);
    event.price = units(-1);
    event.total_filled = units(5000000000);
    event.average_price = units(15045000001);
    memset(event.trace_id, 0xa0 + (int)action, sizeof(event.trace_id));
    (void)snprintf(event.symbol, sizeof(event.symbol), "BRK.B");
    (void)snprintf(event.venue, sizeof(event.venue), "SIM");
    (void)snprintf(event.venue_exec_id, sizeof(event.venue_exec_id), "E-%d,\"x\"", (int)action);
    (void)snprintf(event.reason, sizeof(event.reason), "LATE");
    (void)snprintf(event.message, sizeof(event.message),
                   "=1+1, \"quoted\" \\ and\r\ntwo lines \xe2\x82\xac %d", (int)action);
    return event;
}

/* Both kinds of event of each action that there is. */
static int record_all(struct gateway_world *gateway)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    static struct event_batch batch;
    const struct envelope envelope = {.id = uuid_next(&gateway->world.ids, clock_now()),
                                      .sent_at = clock_now()};

    batch.events_count = 0;
    for (enum audit_action action = 1; action <= AUDIT_ACTION_LANE_RESYNCED; action++) {
        if (audit_action_text(action)[0] == '\0')
            continue;
        batch.events[batch.events_count++] = make_event(gateway, action, true);
        batch.events[batch.events_count++] = make_event(gateway, action, false);
    }
    cr_assert_eq(event_batch_encode(&envelope, &batch, &bytes), 0);
    const char *const values[] = {bytes.data};
    const int lengths[] = {(int)bytes.length}, formats[] = {1};
    PGresult *result = PQexecParams(gateway->world.sql, "INSERT INTO oxe.outbox (batch) VALUES ($1)", 1, NULL,
                                    values, lengths, formats, 0);
    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(gateway->world.sql));
    PQclear(result);
    return (int)batch.events_count;
}

/* Lets a real audit-writer record what is in the outbox. */
static void write_log(struct gateway_world *gateway)
{
    const char *const argv[] = {getenv("OXE_AUDIT_WRITER_BINARY"), NULL};
    char text[512];

    cr_assert_not_null(argv[0], "OXE_AUDIT_WRITER_BINARY must name the program");
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", port_free());
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)setenv("OXE_INSTANCE", "0", 1);
    (void)snprintf(text, sizeof(text), "%s user=oxe_audit", postgres_conninfo(gateway->world.postgres));
    (void)setenv("OXE_DATABASE", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/audit-writer", gateway->world.directory);
    (void)setenv("OXE_AUDIT_BIND", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/broadcaster", gateway->world.directory);
    (void)setenv("OXE_BROADCASTER", text, 1);
    audit_key_set(gateway->world.directory);
    (void)snprintf(text, sizeof(text), "%s/audit-writer.log", gateway->world.directory);
    pid_t pid = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(pid, 0);
    for (int i = 0; i < WAIT_MS / POLL_MS &&
                    strcmp(world_value(&gateway->world, "SELECT count(*) FROM oxe.outbox"), "0") != 0;
         i++)
        (void)poll(NULL, 0, POLL_MS);
    (void)kill(pid, SIGTERM);
    cr_assert_eq(process_wait(pid), 0);
}

/* Writes an answer to a file of this suffix and returns what the recomputing program says about it. */
static char *recompute(struct gateway_world *gateway, const char *suffix, const char *body, size_t length,
                       int *ret_status)
{
    char path[128], command[512];
    static char said[8192];

    (void)snprintf(path, sizeof(path), "%s/answer.%s", gateway->world.directory, suffix);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(body, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
    (void)snprintf(command, sizeof(command), "python3 '%s/tests/support/audit_hashes.py' '%s' 2>&1",
                   getenv("OXE_SOURCE_ROOT"), path);
    FILE *program = popen(command, "re");
    cr_assert_not_null(program);
    said[fread(said, 1, sizeof(said) - 1, program)] = '\0';
    *ret_status = pclose(program);
    return said;
}

/* The root of the tree that the writer keeps, in hex. */
static const char *kept_root(struct gateway_world *gateway)
{
    static char text[2 * MERKLE_HASH_BYTES + 1];
    CLEANUP(buffer_release) struct buffer hex = BUFFER_INIT(0);
    struct merkle tree;
    uint8_t bytes[MERKLE_SERIALISED_MAX], root[MERKLE_HASH_BYTES];
    const char *frontier =
        world_value(&gateway->world, "SELECT encode(frontier, 'hex') FROM oxe.audit_state");
    size_t length = strlen(frontier) / 2;

    for (size_t i = 0; i < length; i++) {
        const char digits[3] = {frontier[2 * i], frontier[2 * i + 1]};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    cr_assert_eq(merkle_parse(bytes, length, &tree), 0);
    cr_assert_eq(merkle_root(&tree, root), 0);
    buffer_append_hex(&hex, root, sizeof(root));
    (void)snprintf(text, sizeof(text), "%s", hex.data);
    return text;
}

Test(audit_public, every_hash_can_be_recomputed_from_what_is_shown, .timeout = 120)
{
    struct gateway_world gateway;
    char expected[128];
    int status;

    gateway_begin(&gateway);
    world_sql(&gateway.world, "TRUNCATE oxe.outbox");
    int count = record_all(&gateway);
    write_log(&gateway);
    AUTO_TEXT carol = gateway_token_with(gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    (void)snprintf(expected, sizeof(expected), "%d entries, root %s\n", count, kept_root(&gateway));
    static const char *const whole[][2] = {{"ndjson", "/api/v1/audit/export"},
                                           {"csv", "/api/v1/audit/export?format=csv"},
                                           {"json", "/api/v1/audit?limit=1000"}};
    for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
        AUTO_REPLY reply = gateway_get(carol, whole[i][1]);
        cr_assert_eq(reply.status, 200);
        const char *said = recompute(&gateway, whole[i][0], reply.body.data, reply.body.length, &status);
        cr_expect_eq(status, 0, "%s", said);
        cr_expect_str_eq(said, expected, "%s", whole[i][0]);

        /* And it would see a change. */
        char *at = strstr(reply.body.data, "BRK.B");
        cr_assert_not_null(at);
        *at = 'C';
        said = recompute(&gateway, whole[i][0], reply.body.data, reply.body.length, &status);
        cr_expect_neq(status, 0, "%s", said);
    }

    /* The trader too, from the trail of an order. */
    AUTO_TEXT token = gateway_token(&gateway, "trader-1");
    world_sql(&gateway.world,
              "INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, "
              "status, execution_state, lane, idempotent_key, fingerprint, actor, created_at, updated_at) "
              "SELECT '" ORDER "', id, 'AAPL', 'BUY', 1, 'MARKET', 'DAY', 'PENDING', 'ADMITTED', 0, 'key', "
              "sha256('x'), 'somebody', now(), now() FROM oxe.traders WHERE subject = 'trader-1'");
    AUTO_REPLY trail = gateway_get(token, "/api/v1/orders/" ORDER "/audit");
    cr_assert_eq(trail.status, 200, "%s", trail.body.data);
    cr_expect_eq(json_count(trail.json, "entries"), (size_t)count / 2);
    const char *said = recompute(&gateway, "json", trail.body.data, trail.body.length, &status);
    cr_expect_eq(status, 0, "%s", said);
    gateway_end(&gateway);
}

/* --- what operations change --- */

static void run_oxectl(const char *arguments)
{
    int status = -1;
    AUTO_TEXT said = gateway_oxectl(arguments, &status);

    cr_assert_eq(status, 0, "%s: %s", arguments, said);
}

/* The entries of an action, as compliance finds them: "message by actor", one a line. */
static void expect_entries(const char *token, const char *action, const char *expected)
{
    CLEANUP(buffer_release) struct buffer lines = BUFFER_INIT(0);
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/audit?action=%s", action);
    AUTO_REPLY reply = gateway_get(token, path);
    cr_assert_eq(reply.status, 200, "%s", reply.body.data);
    buffer_append_text(&lines, "");
    for (size_t i = 0; i < json_count(reply.json, "entries"); i++) {
        (void)snprintf(path, sizeof(path), "entries/%zu/message", i);
        buffer_append_format(&lines, "%s by ", json_text(reply.json, path));
        (void)snprintf(path, sizeof(path), "entries/%zu/actor", i);
        buffer_append_format(&lines, "%s\n", json_text(reply.json, path));
        (void)snprintf(path, sizeof(path), "entries/%zu/trader_seq", i);
        cr_expect_str_eq(json_text(reply.json, path), "null", "a trader's stream is about orders");
    }
    cr_expect_str_eq(lines.data, expected, "%s", action);
}

Test(audit_public, what_operations_change_is_in_the_log_by_whatever_client, .timeout = 120)
{
    struct gateway_world gateway;
    int status;

    gateway_begin(&gateway);
    gateway_set_database(&gateway, "oxe_operations");
    run_oxectl("trader create dora --cash 20 --actor olga --reason 'a new desk' max_open_orders=5");
    run_oxectl("limits dora status=SUSPENDED daily_loss=7.5 --actor olga --reason 'by phone'");
    run_oxectl("flag 25% --actor olga");
    run_oxectl("flag 25% --actor eve"); /* no change */
    world_sql(&gateway.world, "UPDATE oxe.traders SET cash = 21, opening_cash = 21 WHERE subject = 'dora'");
    world_sql(&gateway.world, "INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity) "
                              "SELECT id, 'MSFT', 30, 30 FROM oxe.traders WHERE subject = 'dora'");
    world_sql(&gateway.world, "UPDATE oxe.instruments SET tradable = false WHERE symbol = 'MSFT'");
    world_sql(&gateway.world, "INSERT INTO oxe.halts VALUES ('0199f0a5-7d0c-7000-8000-0000000000bb', "
                              "'SYMBOL', NULL, 'NEW', 'a rumour', 'somebody', now())");
    world_sql(&gateway.world, "DELETE FROM oxe.halts");
    write_log(&gateway);

    AUTO_TEXT carol = gateway_token_with(gateway.key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
    AUTO_TEXT me = strdup(world_value(&gateway.world, "SELECT session_user"));
    char expected[1024];
    expect_entries(carol, "ACCOUNT_OPENED",
                   "currency: USD, daily_loss: 100000, max_daily_notional: 0, max_open_orders: 1000, "
                   "max_order_notional: 1000000, max_order_quantity: 10000, max_position_quantity: 100000, "
                   "opening_cash: 20, "
                   "orders_per_minute: 100, price_collar_pct: 10, short_margin_pct: 150, short_selling: "
                   "false, status: ACTIVE, "
                   "subject: dora, role: oxe_operations, reason: a new desk by olga\n");
    expect_entries(carol, "LIMITS_CHANGED",
                   "max_open_orders: 1000 \xe2\x86\x92 5, role: oxe_operations, reason: a new desk by olga\n"
                   "daily_loss: 100000 \xe2\x86\x92 7.5, role: oxe_operations, reason: by phone by olga\n");
    (void)snprintf(expected, sizeof(expected),
                   "status: ACTIVE \xe2\x86\x92 SUSPENDED, role: oxe_operations, reason: by phone by olga\n"
                   "cash: 20 \xe2\x86\x92 21, opening_cash: 20 \xe2\x86\x92 21, role: %s by %s\n"
                   "cost: 0, opening_quantity: 30, quantity: 30, role: %s by %s\n",
                   me, me, me, me);
    expect_entries(carol, "ACCOUNT_CHANGED", expected);
    expect_entries(carol, "FLAG_CHANGED",
                   "ORDER_EXECUTION_V2_ENABLED: none \xe2\x86\x92 25 %, role: oxe_operations by olga\n");
    (void)snprintf(expected, sizeof(expected), "tradable: true \xe2\x86\x92 false, role: %s by %s\n", me, me);
    expect_entries(carol, "INSTRUMENT_CHANGED", expected);
    (void)snprintf(expected, sizeof(expected), "a rumour, role: %s by %s\n", me, me);
    expect_entries(carol, "HALTED", expected);
    expect_entries(carol, "RESUMED", expected);

    (void)setenv("OXE_TOKEN", carol, 1);
    AUTO_TEXT table = gateway_oxectl("audit search --action FLAG_CHANGED", &status);
    cr_expect_not_null(strstr(table, "none \xe2\x86\x92 25 %"), "%s", table);
    AUTO_REPLY whole = gateway_get(carol, "/api/v1/audit/export");
    const char *said = recompute(&gateway, "ndjson", whole.body.data, whole.body.length, &status);
    cr_expect_eq(status, 0, "%s", said);
    gateway_end(&gateway);
}

Test(audit_public, an_operation_that_cannot_be_read_is_put_aside, .timeout = 120)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    world_sql(&gateway.world,
              "INSERT INTO oxe.outbox (operation) VALUES "
              "(ROW(gen_random_uuid(), 'HALTED', NULL, NULL, NULL, NULL, repeat('x', 513), 'a', now())), "
              "(ROW(gen_random_uuid(), 'HALTED', NULL, NULL, NULL, NULL, repeat('y', 512), 'a', now()))");
    write_log(&gateway);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.execution_logs"), "1");
    cr_expect_str_eq(world_value(&gateway.world,
                                 "SELECT count(*) FROM oxe.put_aside WHERE detail LIKE '%%xxx%%' AND kind = "
                                 "'BAD_EVENT_BATCH'"),
                     "1");
    gateway_end(&gateway);
}
