/* SPDX-License-Identifier: Apache-2.0 */
/* What a trader's screen lists besides orders: fills, legs, the halts that bind the trader, prices with their
 * age. Real gateway and PostgreSQL. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define FILLS "/api/v1/fills"
#define ORDER "0199f0a5-7d0c-7000-8000-%012zx"
#define FILL  "0199f0a5-7d0c-7000-9000-%012x"

enum { LOOKED_AT_MAX = 10000, WAIT_MS = 20000, POLL_MS = 20 };

/* Order `number` of a trader; parent 0: none. */
static void add_order(struct gateway_world *gateway, size_t trader, size_t number, size_t parent,
                      const char *state)
{
    char id[UUID_TEXT_MAX], parent_id[UUID_TEXT_MAX + 2] = "NULL";

    uuid_format(world_trader(trader), id);
    if (parent > 0)
        (void)snprintf(parent_id, sizeof(parent_id), "'" ORDER "'", parent);
    world_sql(
        &gateway->world,
        "INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, status, "
        "execution_state, lane, idempotent_key, fingerprint, actor, parent_order_id, created_at, updated_at) "
        "VALUES ('" ORDER "', '%s', 'AAPL', 'BUY', 1000000, 'MARKET', 'DAY', 'PENDING', '%s', 0, 'key-%zu', "
        "sha256('x'), 'somebody', %s, now(), now())",
        number, id, state, number, parent_id);
}

/* Fills of the trader and order numbered first to last, one a second, each 1 at 150; of AAPL but each
 * `each`th, which is of MSFT. */
static void add_fills(struct gateway_world *gateway, size_t trader, size_t order, int first, int last,
                      int each)
{
    char id[UUID_TEXT_MAX];

    uuid_format(world_trader(trader), id);
    world_sql(&gateway->world,
              "INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, "
              "venue, venue_exec_id, \"timestamp\") SELECT ('0199f0a5-7d0c-7000-9000-' || lpad(to_hex(n), "
              "12, '0'))::uuid, '" ORDER "', '%s', CASE WHEN n %% %d = 0 THEN 'MSFT' ELSE 'AAPL' END, "
              "'BUY', 1, 150, 'SIM', 'E-' || n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 s' "
              "FROM generate_series(%d, %d) n",
              order, id, each, first, last);
}

/* All pages of a list of fills; each must have the ids `from` down to `to` in steps of `step`. */
static void expect_fills(const char *token, const char *query, int from, int to, int step)
{
    char cursor[256] = "", path[512], wanted[UUID_TEXT_MAX], member[32];
    int next = from;

    do {
        (void)snprintf(path, sizeof(path), FILLS "?%s%s%s", query,
                       cursor[0] == '\0' ? "" : "&cursor=", cursor);
        AUTO_REPLY reply = gateway_get(token, path);
        cr_assert_eq(reply.status, 200, "%s: %s", path, reply.body.data);
        for (size_t i = 0; i < json_count(reply.json, "fills"); i++, next -= step) {
            (void)snprintf(member, sizeof(member), "fills/%zu/id", i);
            (void)snprintf(wanted, sizeof(wanted), FILL, (unsigned int)next);
            cr_assert_str_eq(json_text(reply.json, member), wanted, "%s", path);
        }
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(reply.json, "next_cursor"));
    } while (strcmp(cursor, "null") != 0);
    cr_expect_eq(next, to - step, "%s: ends before %d", query, next);
}

Test(gateway_views, fills_are_listed_newest_first_page_by_page, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    AUTO_TEXT nobody = gateway_token(&gateway, "trader-2");
    add_order(&gateway, 0, 1, 0, "WORKING");
    add_order(&gateway, 0, 2, 0, "WORKING");
    add_order(&gateway, 1, 3, 0, "WORKING");
    add_fills(&gateway, 0, 1, 1, 60, 10);
    add_fills(&gateway, 0, 2, 61, 70, 10);
    add_fills(&gateway, 1, 3, 71, 75, 10);
    expect_fills(token, "limit=1", 70, 1, 1);
    expect_fills(token, "limit=7", 70, 1, 1);
    expect_fills(token, "limit=500", 70, 1, 1);
    expect_fills(token, "symbol=MSFT&limit=2", 70, 10, 10);
    expect_fills(token, "order_id=0199f0a5-7d0c-7000-8000-000000000001&limit=50", 60, 1, 1);
    expect_fills(token, "order_id=0199f0a5-7d0c-7000-8000-000000000001&symbol=MSFT&limit=4", 60, 10, 10);
    expect_fills(token, "from=2026-01-01T00:00:20Z&to=2026-01-01T00:00:23Z&limit=2", 22, 20, 1);
    expect_fills(other, "limit=2", 75, 71, 1);
    expect_fills(other, "order_id=0199f0a5-7d0c-7000-8000-000000000001", 0, 1, 1);
    expect_fills(nobody, "", 0, 1, 1);
    AUTO_REPLY one = gateway_get(token, FILLS "?limit=1");
    cr_expect_str_eq(json_text(one.json, "fills/0/symbol"), "MSFT");
    cr_expect_str_eq(json_text(one.json, "fills/0/side"), "BUY");
    cr_expect_str_eq(json_text(one.json, "fills/0/price_at_fill"), "150");
    cr_expect_str_eq(json_text(one.json, "fills/0/timestamp"), "2026-01-01T00:01:10.000000Z");
    gateway_end(&gateway);
}

Test(gateway_views, a_cursor_of_fills_serves_its_own_filters, .timeout = 60)
{
    static const char *const filters[] = {"", "&symbol=AAPL", "&from=2026-01-01T00:00:00Z",
                                          "&to=2027-01-01T00:00:00Z",
                                          "&order_id=0199f0a5-7d0c-7000-8000-000000000001"};
    struct gateway_world gateway;
    char path[512];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    add_order(&gateway, 0, 1, 0, "WORKING");
    add_fills(&gateway, 0, 1, 1, 10, 100);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        (void)snprintf(path, sizeof(path), FILLS "?limit=1%s", filters[i]);
        AUTO_REPLY page = gateway_get(token, path);
        for (size_t j = 0; j < ARRAY_LEN(filters); j++) {
            (void)snprintf(path, sizeof(path), FILLS "?cursor=%s%s", json_text(page.json, "next_cursor"),
                           filters[j]);
            AUTO_REPLY reply = gateway_get(token, path);
            cr_expect_eq(reply.status, i == j ? 200 : 400, "%s", path);
        }
    }
    gateway_end(&gateway);
}

Test(gateway_views, a_page_looks_at_so_many_fills, .timeout = 60)
{
    enum { COUNT = 25000, EACH = 4000 };
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    add_order(&gateway, 0, 1, 0, "WORKING");
    add_fills(&gateway, 0, 1, 1, COUNT, EACH);
    world_sql(&gateway.world, "ANALYZE oxe.fills");
    AUTO_REPLY page = gateway_get(token, FILLS "?symbol=MSFT");
    cr_expect_eq(json_count(page.json, "fills"), 3u, "of the newest %d", LOOKED_AT_MAX);
    AUTO_REPLY none = gateway_get(token, FILLS "?to=2025-01-01T00:00:00Z");
    cr_expect_eq(json_count(none.json, "fills"), 0u);
    cr_expect_str_neq(json_text(none.json, "next_cursor"), "null", "there are more to look at");
    expect_fills(token, "symbol=MSFT", COUNT - COUNT % EACH, EACH, EACH);
    gateway_end(&gateway);
}

static void expect_orders(const char *token, const char *query, const char *ids)
{
    char path[256], member[32], found[64] = "";

    (void)snprintf(path, sizeof(path), "/api/v1/orders?%s", query);
    AUTO_REPLY reply = gateway_get(token, path);
    cr_assert_eq(reply.status, 200, "%s", reply.body.data);
    for (size_t i = 0; i < json_count(reply.json, "orders") && i < 9; i++) {
        (void)snprintf(member, sizeof(member), "orders/%zu/id", i);
        (void)strncat(found, json_text(reply.json, member) + UUID_TEXT_MAX - 2, 1);
    }
    cr_expect_str_eq(found, ids, "%s", query);
    cr_expect_str_eq(json_text(reply.json, "next_cursor"), "null", "%s", query);
}

Test(gateway_views, orders_are_found_by_their_state_and_their_entry, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    add_order(&gateway, 0, 1, 0, "WORKING");
    add_order(&gateway, 0, 2, 0, "IN_DOUBT");
    add_order(&gateway, 0, 3, 1, "WORKING");
    add_order(&gateway, 0, 4, 1, "SENT");
    add_order(&gateway, 0, 5, 2, "SENT");
    add_order(&gateway, 1, 6, 1, "SENT"); /* which never happens, and is not shown to the first */
    expect_orders(token, "execution_state=IN_DOUBT", "2");
    expect_orders(token, "execution_state=SENT", "54");
    expect_orders(token, "execution_state=SENT&symbol=MSFT", "");
    expect_orders(token, "parent_order_id=0199f0a5-7d0c-7000-8000-000000000001", "43");
    expect_orders(token, "parent_order_id=0199f0a5-7d0c-7000-8000-000000000001&execution_state=SENT", "4");
    expect_orders(token, "parent_order_id=0199f0a5-7d0c-7000-8000-000000000005", "");
    expect_orders(other, "parent_order_id=0199f0a5-7d0c-7000-8000-000000000002", "");
    AUTO_REPLY page =
        gateway_get(token, "/api/v1/orders?limit=1&parent_order_id=0199f0a5-7d0c-7000-8000-000000000001");
    char query[256];
    (void)snprintf(query, sizeof(query), "parent_order_id=0199f0a5-7d0c-7000-8000-000000000001&cursor=%s",
                   json_text(page.json, "next_cursor"));
    expect_orders(token, query, "3");
    AUTO_REPLY bad = gateway_get(token, "/api/v1/orders?execution_state=LOST");
    cr_expect_eq(bad.status, 400, "%s", bad.body.data);
    gateway_end(&gateway);
}

Test(gateway_views, a_trader_sees_the_halts_that_bind_them_and_not_who_set_them, .timeout = 60)
{
    struct gateway_world gateway;
    char id[UUID_TEXT_MAX];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    AUTO_REPLY none = gateway_get(token, "/api/v1/halts");
    cr_expect_str_eq(none.body.data, "{\"halts\":[]}");
    uuid_format(world_trader(0), id);
    world_sql(&gateway.world,
              "INSERT INTO oxe.halts (id, scope, trader_id, symbol, reason, created_by, created_at) VALUES "
              "(gen_random_uuid(), 'ALL', NULL, NULL, 'all', 'olga', '2026-01-01T00:00:00Z'), "
              "(gen_random_uuid(), 'SYMBOL', NULL, 'AAPL', 'news', 'olga', '2026-01-01T00:00:01Z'), "
              "(gen_random_uuid(), 'TRADER', '%s', NULL, 'asked', 'olga', '2026-01-01T00:00:02Z')",
              id);
    AUTO_REPLY own = gateway_get(token, "/api/v1/halts");
    cr_expect_eq(json_count(own.json, "halts"), 3u, "%s", own.body.data);
    cr_expect_str_eq(json_text(own.json, "halts/0/scope"), "ALL");
    cr_expect_str_eq(json_text(own.json, "halts/1/symbol"), "AAPL");
    cr_expect_str_eq(json_text(own.json, "halts/2/reason"), "asked");
    cr_expect_null(strstr(own.body.data, "olga"), "%s", own.body.data);
    AUTO_REPLY others = gateway_get(other, "/api/v1/halts");
    cr_expect_eq(json_count(others.json, "halts"), 2u, "%s", others.body.data);
    cr_expect_null(strstr(others.body.data, "asked"), "%s", others.body.data);
    gateway_end(&gateway);
}

Test(gateway_views, an_instrument_tells_the_age_of_its_price_and_where_the_day_began, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    world_sql(&gateway.world, "TRUNCATE oxe.day_prices; "
                              "UPDATE oxe.last_prices SET updated_at = '2026-01-01T00:00:00Z'");
    AUTO_REPLY before = gateway_get(token, "/api/v1/instruments");
    cr_expect_str_eq(json_text(before.json, "instruments/0/symbol"), "AAPL", "%s", before.body.data);
    cr_expect_str_eq(json_text(before.json, "instruments/0/last_price_at"), "2026-01-01T00:00:00.000000Z");
    cr_expect_str_eq(json_text(before.json, "instruments/0/day_open_price"), "null");
    /* Yesterday's does not count; the trading day is that of the gateway's time zone. */
    world_sql(&gateway.world, "INSERT INTO oxe.day_prices SELECT oxe.trading_day(now(), 'UTC', '00:00') - n, "
                              "'AAPL', 148 - n FROM generate_series(0, 1) n");
    AUTO_REPLY after = gateway_get(token, "/api/v1/instruments");
    cr_expect_str_eq(json_text(after.json, "instruments/0/day_open_price"), "148", "%s", after.body.data);
    gateway_end(&gateway);
}

Test(gateway_views, bars_are_listed_newest_first_page_by_page, .timeout = 60)
{
    enum { BARS = 25 };
    static const struct {
        const char *query;
        long status;
        size_t count;
    } cases[] = {{"interval=1m", 200, BARS},
                 {"interval=5m", 200, 1},
                 {"interval=1h", 200, 0},
                 {"interval=1m&from=2026-01-01T00:03:00Z&to=2026-01-01T00:05:00Z", 200, 2},
                 {"interval=1m&limit=1000", 200, BARS},
                 {"interval=1m&limit=1001", 400, 0},
                 {"interval=2m", 400, 0},
                 {"", 400, 0}};
    struct gateway_world gateway;
    char path[256], cursor[256] = "", wanted[64];
    int next = BARS;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    world_sql(&gateway.world,
              "INSERT INTO oxe.bars SELECT 'AAPL', '1m', '2026-01-01T00:00:00Z'::timestamptz + n * interval "
              "'1 min', 1, 3, 0.5, 2, n FROM generate_series(1, %d) n; "
              "INSERT INTO oxe.bars VALUES ('AAPL', '5m', '2026-01-01T00:00:00Z', 1, 1, 1, 1, 0), "
              "('MSFT', '1m', '2026-01-01T00:00:00Z', 1, 1, 1, 1, 0)",
              BARS);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(path, sizeof(path), "/api/v1/instruments/AAPL/bars?%s", cases[i].query);
        AUTO_REPLY reply = gateway_get(token, path);
        cr_expect_eq(reply.status, cases[i].status, "%s: %s", path, reply.body.data);
        cr_expect_eq(json_count(reply.json, "bars"), cases[i].count, "%s: %s", path, reply.body.data);
    }
    do {
        (void)snprintf(path, sizeof(path), "/api/v1/instruments/AAPL/bars?interval=1m&limit=4%s%s",
                       cursor[0] == '\0' ? "" : "&cursor=", cursor);
        AUTO_REPLY page = gateway_get(token, path);
        cr_assert_eq(page.status, 200, "%s", page.body.data);
        for (size_t i = 0; i < json_count(page.json, "bars"); i++, next--) {
            (void)snprintf(path, sizeof(path), "bars/%zu/starts_at", i);
            (void)snprintf(wanted, sizeof(wanted), "2026-01-01T00:%02d:00.000000Z", next);
            cr_assert_str_eq(json_text(page.json, path), wanted);
        }
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(page.json, "next_cursor"));
    } while (strcmp(cursor, "null") != 0);
    cr_expect_eq(next, 0);
    AUTO_REPLY unknown = gateway_get(token, "/api/v1/instruments/NONE/bars?interval=1m");
    cr_expect_eq(unknown.status, 404, "%s", unknown.body.data);
    AUTO_REPLY bad = gateway_get(token, "/api/v1/instruments/no%20symbol/bars?interval=1m");
    cr_expect_eq(bad.status, 400, "%s", bad.body.data);
    gateway_end(&gateway);
}

Test(gateway_views, operations_sees_what_is_in_doubt_recalled_and_put_aside, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token_with(gateway.key, "olga", 3600, ",\"oxe_role\":\"operations\"");
    add_order(&gateway, 0, 1, 0, "WORKING");
    add_order(&gateway, 0, 2, 0, "IN_DOUBT");
    add_order(&gateway, 1, 3, 0, "WORKING");
    world_sql(
        &gateway.world,
        "UPDATE oxe.orders SET status = 'CANCELLED', execution_state = 'DONE', recalls = 2 WHERE "
        "idempotent_key = 'key-3'; "
        "INSERT INTO oxe.open_orders SELECT lane, id FROM oxe.orders; "
        "INSERT INTO oxe.put_aside (service, kind, detail, message) VALUES ('executor', 'UNKNOWN_ORDER', "
        "'first', NULL), "
        "('executor', 'UNKNOWN_ORDER', 'second', convert_to('35=8' || chr(1) || '37=é' || chr(1), 'UTF8'))");
    AUTO_REPLY all = gateway_get(token, "/api/v1/admin/orders");
    cr_assert_eq(all.status, 200, "%s", all.body.data);
    cr_expect_eq(json_count(all.json, "orders"), 2u, "%s", all.body.data);
    cr_expect_str_eq(json_text(all.json, "orders/0/execution_state"), "IN_DOUBT");
    cr_expect_str_eq(json_text(all.json, "orders/1/recalls"), "2");
    cr_expect_str_eq(json_text(all.json, "put_aside/0/detail"), "second");
    cr_expect_str_eq(json_text(all.json, "put_aside/0/message"), "35=8|37=\\303\\251|");
    AUTO_REPLY one = gateway_get(token, "/api/v1/admin/orders?limit=1");
    cr_expect(json_count(one.json, "orders") == 1 && json_count(one.json, "put_aside") == 1, "%s",
              one.body.data);
    gateway_end(&gateway);
}

Test(gateway_views, operations_sees_the_lanes_and_who_owns_them, .timeout = 60)
{
    static const char *const states[] = {"FREE", "ORPHANED", "READY", "REFUSED"};
    struct gateway_world gateway;
    char member[32];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token_with(gateway.key, "olga", 3600, ",\"oxe_role\":\"operations\"");
    world_sql(
        &gateway.world,
        "TRUNCATE oxe.lanes, oxe.lane_resyncs, oxe.heartbeats; "
        "INSERT INTO oxe.heartbeats VALUES ('executor-0', 'executor', 1, now() + "
        "interval '1 hour'), ('executor-1', 'executor', 2, now() - interval '1 min'); "
        "INSERT INTO oxe.lanes (lane, owner, session, why) VALUES (0, NULL, 'DOWN', "
        "NULL), (1, '1', 'READY', NULL), (2, '0', 'READY', NULL), "
        "(3, '0', 'REFUSED', 'no such session'); "
        "UPDATE oxe.lanes SET logout_text = 'unknown', in_expected = 5, in_received = 3 WHERE lane = 3");
    AUTO_REPLY lanes = gateway_get(token, "/api/v1/admin/lanes");
    cr_assert_eq(json_count(lanes.json, "lanes"), ARRAY_LEN(states), "%s", lanes.body.data);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        (void)snprintf(member, sizeof(member), "lanes/%zu/state", i);
        cr_expect_str_eq(json_text(lanes.json, member), states[i]);
    }
    cr_expect_str_eq(json_text(lanes.json, "lanes/3/why"), "no such session");
    cr_expect_str_eq(json_text(lanes.json, "lanes/3/logout_text"), "unknown");
    cr_expect_str_eq(json_text(lanes.json, "lanes/3/in_expected"), "5");
    cr_expect_str_eq(json_text(lanes.json, "lanes/3/in_received"), "3");
    cr_expect_str_eq(json_text(lanes.json, "lanes/0/owner"), "null");
    gateway_end(&gateway);
}

/* The services of the world, one of which is nowhere. */
Test(gateway_views, operations_sees_what_each_process_says_of_itself, .timeout = 60)
{
    struct gateway_world gateway;
    char path[128], entries[512];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token_with(gateway.key, "olga", 3600, ",\"oxe_role\":\"operations\"");
    AUTO_REPLY none = gateway_get(token, "/api/v1/admin/services");
    cr_expect_str_eq(none.body.data, "{\"services\":[]}");
    cr_expect_eq(gateway_stop(&gateway), 0);
    (void)snprintf(path, sizeof(path), "%s/probes", gateway.world.directory);
    (void)snprintf(entries, sizeof(entries),
                   "gateway=127.0.0.1:%d\nvalidator=127.0.0.1:%d\nnowhere=127.0.0.1:1\nno entry\n",
                   gateway.probe_port, gateway.world.validator_port);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fputs(entries, file) >= 0 && fclose(file) == 0);
    cr_assert_eq(setenv("OXE_PROBES", path, 1), 0);
    gateway_start(&gateway);
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        AUTO_REPLY seen = gateway_get(token, "/api/v1/admin/services");
        if (json_count(seen.json, "services") == 3 &&
            strcmp(json_text(seen.json, "services/0/status"), "ok") == 0)
            break;
        (void)poll(NULL, 0, POLL_MS);
    }
    AUTO_REPLY seen = gateway_get(token, "/api/v1/admin/services");
    cr_expect_str_eq(json_text(seen.json, "services/0/name"), "gateway", "%s", seen.body.data);
    cr_expect_str_eq(json_text(seen.json, "services/0/checks/postgresql/status"), "ok", "%s", seen.body.data);
    cr_expect_str_eq(json_text(seen.json, "services/1/status"), "ok", "%s", seen.body.data);
    cr_expect_str_eq(json_text(seen.json, "services/2/status"), "unreachable", "%s", seen.body.data);
    gateway_end(&gateway);
}
