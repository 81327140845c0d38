/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway over HTTP, with the real validator, risk-manager and PostgreSQL behind it.
 *
 * Long: one world of four processes serves all cases. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"
#define MARKET "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"MARKET\"}"

static int64_t elapsed_ms(int64_t since_us)
{
    return (clock_monotonic_us() - since_us) / 1000;
}

static struct reply submit(const char *token, const char *body, const char *key)
{
    return instance_call(&(struct call){.path = ORDERS, .token = token, .body = body, .key = key});
}

static void expect_problem(const struct reply *reply, long status, const char *code)
{
    cr_expect_eq(reply->status, status, "%ld instead of %ld: %s", reply->status, status, reply->body.data);
    cr_expect_str_eq(json_text(reply->json, "code"), code, "%s", reply->body.data);
    cr_expect_str_eq(reply_header(reply, "Content-Type"), "application/problem+json");
    cr_expect_str_eq(json_text(reply->json, "request_id"), reply_header(reply, "X-Request-Id"));
}

Test(gateway, tokens_open_only_what_they_should, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    cjose_jwk_t *foreign_key = gateway_make_key("test-1");
    AUTO_TEXT trader = gateway_token(&gateway, "trader-0");
    AUTO_TEXT foreign = gateway_token_with(foreign_key, "trader-0", 3600, "");
    AUTO_TEXT expired = gateway_token_with(gateway.key, "trader-0", -31, "");
    AUTO_TEXT early = gateway_token_with(gateway.key, "trader-0", 3600, ",\"nbf\":99999999999");
    AUTO_TEXT nobody = gateway_token(&gateway, "nobody");
    AUTO_TEXT injection = gateway_token(&gateway, "' OR '1'='1");
    AUTO_TEXT compliance = gateway_token_with(gateway.key, "officer", 3600, ",\"oxe_role\":\"compliance\"");
    AUTO_TEXT operations = gateway_token_with(gateway.key, "operator", 3600, ",\"oxe_role\":\"operations\"");
    AUTO_REPLY made = submit(trader, MARKET, NULL);
    cr_assert_eq(made.status, 201, "%s", made.body.data);
    char audit[128];
    (void)snprintf(audit, sizeof(audit), ORDERS "/%s/audit", json_text(made.json, "id"));
    const struct {
        const char *name, *token, *path;
        long status;
        const char *code;
    } cases[] = {
        {"good", trader, "/api/v1/account", 200, ""},
        {"none", NULL, "/api/v1/account", 401, "UNAUTHENTICATED"},
        {"a foreign key with our kid", foreign, "/api/v1/account", 401, "UNAUTHENTICATED"},
        {"expired", expired, "/api/v1/account", 401, "UNAUTHENTICATED"},
        {"not yet valid", early, "/api/v1/account", 401, "UNAUTHENTICATED"},
        {"garbage", "x.y.z", "/api/v1/account", 401, "UNAUTHENTICATED"},
        {"the token in a query is for WebSockets only", NULL, "/api/v1/account?token=x", 401,
         "UNAUTHENTICATED"},
        {"not even a bad id is told without a token", NULL, ORDERS "/1", 401, "UNAUTHENTICATED"},
        {"no trader", nobody, "/api/v1/account", 403, "ACCOUNT_UNKNOWN"},
        {"no trader by SQL", injection, "/api/v1/account", 403, "ACCOUNT_UNKNOWN"},
        {"compliance is no trader", compliance, "/api/v1/account", 403, "FORBIDDEN"},
        {"the owner's trail", trader, audit, 200, ""},
        {"compliance reads any trail", compliance, audit, 200, ""},
        {"operations does not", operations, audit, 403, "FORBIDDEN"},
        {"nobody does not", nobody, audit, 403, "ACCOUNT_UNKNOWN"},
        {"compliance, no such order", compliance, ORDERS "/0199f0a5-7d0c-7000-8000-000000000001/audit", 404,
         "NOT_FOUND"},
        {"a cancel is posted", trader, ORDERS "/0199f0a5-7d0c-7000-8000-000000000001/cancel", 405,
         "METHOD_NOT_ALLOWED"},
        {"health needs none", NULL, "/healthz", 200, ""},
        {"metrics are not public", trader, "/metrics", 404, "NOT_FOUND"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY reply = gateway_get(cases[i].token, cases[i].path);
        cr_expect_eq(reply.status, cases[i].status, "%s: %ld %s", cases[i].name, reply.status,
                     reply.body.data);
        cr_expect_str_eq(json_text(reply.json, "code"), cases[i].code, "%s", cases[i].name);
        cr_expect_eq(reply.status == 401,
                     strncmp(reply_header(&reply, "WWW-Authenticate"), "Bearer", 6) == 0);
    }
    cjose_jwk_release(foreign_key);
    gateway_end(&gateway);
}

static void expect_number(const struct reply *reply, const char *path, const char *expected)
{
    cr_expect_str_eq(json_text(reply->json, path), expected, "%s is %s instead of %s", path,
                     json_text(reply->json, path), expected);
}

static void expect_reads_of_account(struct gateway_world *gateway, const char *token)
{
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");
    expect_number(&account, "cash", "1000000");
    expect_number(&account, "equity", "1075000");
    expect_number(&account, "day_start_equity", "1075000");
    expect_number(&account, "day_pnl", "0");
    expect_number(&account, "buying_power", "1000000");
    expect_number(&account, "limits/daily_loss", "100000");
    expect_number(&account, "limits/short_selling", "false");
    expect_number(&account, "usage/open_orders", "0");

    /* Nobody has traded today: the day rolls in the reading, at the day's opening price. */
    world_sql(&gateway->world, "UPDATE oxe.traders SET trading_day = '2020-01-01', day_start_equity = 7");
    world_sql(&gateway->world,
              "INSERT INTO oxe.day_prices SELECT oxe.trading_day(now(), 'UTC', '00:00'), 'AAPL', 160");
    world_sql(&gateway->world, "UPDATE oxe.last_prices SET price = 150.12345678 WHERE symbol = 'AAPL'");
    AUTO_REPLY rolled = gateway_get(token, "/api/v1/account");
    expect_number(&rolled, "day_start_equity", "1080000");
    expect_number(&rolled, "equity", "1075061.72839");
    expect_number(&rolled, "day_pnl", "-4938.27161");
    expect_number(&rolled, "usage/daily_loss", "4938.27161");

    /* A number that fits the column is exact, whatever its size. */
    world_sql(&gateway->world, "UPDATE oxe.traders SET cash = 999999999999.99999999, trading_day = "
                               "oxe.trading_day(now(), 'UTC', '00:00'), day_start_equity = 0.00000001");
    AUTO_REPLY rich = gateway_get(token, "/api/v1/account");
    expect_number(&rich, "cash", "999999999999.99999999");
    expect_number(&rich, "day_start_equity", "0.00000001");
    expect_number(&rich, "day_pnl", "1000000075061.72838998");

    AUTO_REPLY positions = gateway_get(token, "/api/v1/positions");
    cr_expect_eq(json_count(positions.json, "positions"), 1u, "%s", positions.body.data);
    expect_number(&positions, "positions/0/quantity", "500");
    expect_number(&positions, "positions/0/average_cost", "100");
    expect_number(&positions, "positions/0/last_price", "150.12345678");
    expect_number(&positions, "positions/0/market_value", "75061.72839");
    expect_number(&positions, "positions/0/unrealized_pnl", "25061.72839");
    expect_number(&positions, "positions/0/realized_pnl_today", "0");

    AUTO_REPLY instruments = gateway_get(token, "/api/v1/instruments");
    cr_expect_eq(json_count(instruments.json, "instruments"), 4u);
    expect_number(&instruments, "instruments/2/symbol", "MSFT");
    expect_number(&instruments, "instruments/2/tick_size", "0.05");
    expect_number(&instruments, "instruments/3/last_price", "null");
    expect_number(&instruments, "instruments/1/tradable", "false");
}

Test(gateway, accounts_positions_and_instruments_are_exact, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-3");
    expect_reads_of_account(&gateway, token);
    gateway_end(&gateway);
}

/* Walks all pages and counts the orders, each older than the one before. */
static size_t walk_pages(const char *token, const char *filter, int limit)
{
    char path[256], cursor[64] = "", last[UUID_TEXT_MAX] = "g";
    size_t count = 0;

    do {
        (void)snprintf(path, sizeof(path), ORDERS "?limit=%d%s%s%s", limit, filter,
                       *cursor != '\0' ? "&cursor=" : "", cursor);
        AUTO_REPLY page = gateway_get(token, path);
        cr_assert_eq(page.status, 200, "%s: %s", path, page.body.data);
        size_t rows = json_count(page.json, "orders");
        cr_expect_leq(rows, (size_t)limit);
        for (size_t i = 0; i < rows; i++) {
            char member[32];
            (void)snprintf(member, sizeof(member), "orders/%zu/id", i);
            cr_expect_lt(strcmp(json_text(page.json, member), last), 0, "newest first");
            (void)snprintf(last, sizeof(last), "%s", json_text(page.json, member));
        }
        count += rows;
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(page.json, "next_cursor"));
    } while (strcmp(cursor, "null") != 0);
    return count;
}

Test(gateway, orders_are_paged_filtered_and_the_callers_own, .timeout = 60)
{
    struct gateway_world gateway;
    char path[256], id[UUID_TEXT_MAX] = "";

    gateway_begin(&gateway);
    AUTO_TEXT mine = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    for (int i = 0; i < 7; i++) {
        AUTO_REPLY made = submit(
            mine, i < 5 ? MARKET : "{\"symbol\":\"DARK\",\"quantity\":1,\"order_type\":\"MARKET\"}", NULL);
        cr_assert_eq(made.status, i < 5 ? 201 : 422, "%s", made.body.data);
        if (i == 0)
            (void)snprintf(id, sizeof(id), "%s", json_text(made.json, "id"));
    }
    for (int limit = 1; limit <= 8; limit++)
        cr_expect_eq(walk_pages(mine, "", limit), 7u, "pages of %d", limit);
    cr_expect_eq(walk_pages(mine, "&status=REJECTED", 1), 2u);
    cr_expect_eq(walk_pages(mine, "&status=PENDING&symbol=AAPL", 2), 5u);
    cr_expect_eq(walk_pages(mine, "&symbol=MSFT", 2), 0u);
    cr_expect_eq(walk_pages(mine, "&created_from=2020-01-01T00:00:00Z", 3), 7u);
    cr_expect_eq(walk_pages(mine, "&created_to=2020-01-01T00:00:00%2B02:00", 3), 0u);
    cr_expect_eq(walk_pages(other, "", 50), 0u);

    AUTO_REPLY page = gateway_get(mine, ORDERS "?limit=1&symbol=AAPL");
    (void)snprintf(path, sizeof(path), ORDERS "?limit=1&symbol=DARK&cursor=%s",
                   json_text(page.json, "next_cursor"));
    AUTO_REPLY foreign_cursor = gateway_get(mine, path);
    expect_problem(&foreign_cursor, 400, "MALFORMED_REQUEST");
    expect_number(&foreign_cursor, "errors/0/field", "/cursor");

    world_sql(&gateway.world,
              "INSERT INTO oxe.fills (id, order_id, trader_id, symbol, side, quantity_filled, price_at_fill, "
              "venue, "
              "venue_exec_id, \"timestamp\") SELECT gen_random_uuid(), id, trader_id, symbol, side, n, "
              "150.45, 'SIM', "
              "'E' || n, '2025-10-17T12:01:05Z'::timestamptz + n * interval '1 second' FROM oxe.orders, "
              "generate_series(1, 3) n WHERE id = '%s'",
              id);
    (void)snprintf(path, sizeof(path), ORDERS "/%s", id);
    AUTO_REPLY order = gateway_get(mine, path);
    cr_expect_eq(order.status, 200);
    cr_expect_eq(json_count(order.json, "fills"), 3u, "%s", order.body.data);
    expect_number(&order, "fills/2/quantity_filled", "3");
    expect_number(&order, "fills/2/price_at_fill", "150.45");
    expect_number(&order, "fills/0/venue_exec_id", "E1");
    expect_number(&order, "fills/0/timestamp", "2025-10-17T12:01:06.000000Z");
    AUTO_REPLY hidden = gateway_get(other, path);
    expect_problem(&hidden, 404, "NOT_FOUND");
    strcat(path, "/audit");
    AUTO_REPLY hidden_trail = gateway_get(other, path);
    expect_problem(&hidden_trail, 404, "NOT_FOUND");
    gateway_end(&gateway);
}

static void expect_first_answer(struct gateway_world *gateway, const char *token)
{
    AUTO_REPLY made = submit(token, MARKET, NULL);
    const char *key = json_text(made.json, "idempotent_key");
    char trader[UUID_TEXT_MAX], location[80];

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    uuid_format(world_trader(0), trader);
    cr_expect_eq(strncmp(key, trader, 36), 0);
    cr_expect_eq(strncmp(key + 36, ":AAPL:10:-:", 11), 0, "%s", key);
    cr_expect_str_eq(reply_header(&made, "Idempotency-Key"), key);
    (void)snprintf(location, sizeof(location), ORDERS "/%s", json_text(made.json, "id"));
    cr_expect_str_eq(reply_header(&made, "Location"), location);
    cr_expect_eq(strncmp(reply_header(&made, "Server-Timing"), "gateway;dur=", 12), 0);
    cr_expect_str_eq(world_value(&gateway->world, "SELECT actor FROM oxe.orders WHERE id = '%s'",
                                 json_text(made.json, "id")),
                     "trader-0");
    /* Without a key each order is one of its own. */
    AUTO_REPLY again = submit(token, MARKET, NULL);
    cr_expect_eq(again.status, 201);
    cr_expect_str_neq(json_text(again.json, "id"), json_text(made.json, "id"));
}

static void expect_replays(const char *token)
{
    AUTO_REPLY made = submit(token, MARKET, "key-1");
    AUTO_REPLY replayed = submit(token,
                                 "{ \"order_type\":\"MARKET\", \"quantity\":\"1e1\", \"side\":\"BUY\", "
                                 "\"symbol\":\"AAPL\", \"price\":null }",
                                 "key-1");
    AUTO_REPLY reused =
        submit(token, "{\"symbol\":\"AAPL\",\"quantity\":11,\"order_type\":\"MARKET\"}", "key-1");

    cr_expect_eq(made.status, 201);
    cr_expect_str_eq(reply_header(&made, "Idempotency-Key"), "key-1");
    cr_expect_str_eq(reply_header(&made, "Idempotent-Replayed"), "");
    cr_expect_eq(replayed.status, 200);
    cr_expect_str_eq(reply_header(&replayed, "Idempotent-Replayed"), "true");
    cr_expect_str_eq(json_text(replayed.json, "id"), json_text(made.json, "id"));
    expect_problem(&reused, 422, "IDEMPOTENCY_KEY_REUSED");
    cr_expect_str_eq(reply_header(&reused, "Idempotency-Key"), "key-1");
}

static void expect_rejections(struct gateway_world *gateway, const char *token)
{
    static const struct {
        const char *body;
        long status;
        const char *code;
        size_t faults;
    } cases[] = {
        {"{\"symbol\":\"NOPE\",\"quantity\":1,\"order_type\":\"MARKET\"}", 422, "UNKNOWN_SYMBOL", 1},
        {"{\"symbol\":\"AAPL\",\"quantity\":1.5,\"order_type\":\"LIMIT\",\"price\":150.001}", 422,
         "VALIDATION_FAILED", 2},
        {"{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"LIMIT\"}", 422, "VALIDATION_FAILED", 1},
        {"{\"symbol\":\"AAPL\",\"quantity\":600,\"order_type\":\"MARKET\",\"side\":\"SELL\"}", 422,
         "INSUFFICIENT_POSITION", 1},
        {"{\"symbol\":\"AAPL\",\"quantity\":20000,\"order_type\":\"MARKET\"}", 422, "RISK_REJECTED", 3},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "rejected-%zu", i);
        AUTO_REPLY first = submit(token, cases[i].body, key);
        AUTO_REPLY second = submit(token, cases[i].body, key);
        expect_problem(&first, cases[i].status, cases[i].code);
        expect_problem(&second, cases[i].status, cases[i].code);
        cr_expect_eq(json_count(first.json, "errors"), cases[i].faults, "%s", first.body.data);
        cr_expect_str_eq(json_text(first.json, "order_id"), json_text(second.json, "order_id"));
        cr_expect_str_eq(world_value(&gateway->world, "SELECT status FROM oxe.orders WHERE id = '%s'",
                                     json_text(first.json, "order_id")),
                         "REJECTED");
    }
    world_sql(&gateway->world, "UPDATE oxe.traders SET status = 'SUSPENDED' WHERE subject = 'trader-0'");
    AUTO_REPLY suspended = submit(token, MARKET, NULL);
    expect_problem(&suspended, 403, "ACCOUNT_NOT_ACTIVE");
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");
    cr_expect_eq(account.status, 200, "a suspended trader reads on");
    expect_number(&account, "status", "SUSPENDED");
}

Test(gateway, orders_are_answered_as_the_contract_says, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    expect_first_answer(&gateway, token);
    expect_replays(token);
    expect_rejections(&gateway, token);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT encode(trace_id, 'hex') FROM oxe.orders LIMIT 0"),
                     "");
    gateway_end(&gateway);
}

struct call_thread {
    pthread_t thread;
    struct call call;
    struct reply reply;
    int64_t took_ms;
};

static void *call_in_thread(void *context)
{
    struct call_thread *thread = context;
    int64_t began_us = clock_monotonic_us();

    thread->reply = instance_call(&thread->call);
    thread->took_ms = elapsed_ms(began_us);
    return NULL;
}

static void begin_call(struct call_thread *thread, const char *token, const char *key)
{
    *thread = (struct call_thread){.call = {.path = ORDERS, .token = token, .body = MARKET, .key = key}};
    cr_assert_eq(pthread_create(&thread->thread, NULL, call_in_thread, thread), 0);
}

static void end_call(struct call_thread *thread)
{
    cr_assert_eq(pthread_join(thread->thread, NULL), 0);
}

Test(gateway, one_key_at_once_many_times_is_one_order, .timeout = 60)
{
    enum { CALLS = 24 };
    static struct call_thread threads[CALLS];
    struct gateway_world gateway;
    int created = 0;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (int i = 0; i < CALLS; i++)
        begin_call(&threads[i], token, "the-same");
    for (int i = 0; i < CALLS; i++) {
        end_call(&threads[i]);
        cr_expect(threads[i].reply.status == 201 || threads[i].reply.status == 200, "%ld",
                  threads[i].reply.status);
        cr_expect_str_eq(json_text(threads[i].reply.json, "id"), json_text(threads[0].reply.json, "id"));
        created += threads[i].reply.status == 201;
    }
    for (int i = 0; i < CALLS; i++)
        reply_release(&threads[i].reply);
    cr_expect_eq(created, 1);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "1");
    gateway_end(&gateway);
}

static void wait_parked(const struct gateway_world *gateway, long count)
{
    for (int i = 0; i < 1000 && world_metric(gateway->probe_port, "oxe_http_parked", "") != count; i++)
        (void)poll(NULL, 0, 5);
    cr_assert_eq(world_metric(gateway->probe_port, "oxe_http_parked", ""), count);
}

Test(gateway, a_silent_pipeline_is_a_503_in_time_and_a_retry_is_safe, .timeout = 60)
{
    struct gateway_world gateway;
    struct call_thread first;

    cr_assert_eq(setenv("OXE_REQUEST_TIMEOUT", "4s", 1) | setenv("OXE_PARKED_MAX", "1", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_REPLY warm = submit(token, MARKET, NULL);
    cr_assert_eq(warm.status, 201, "%s", warm.body.data);
    (void)kill(gateway.world.validator, SIGSTOP);
    begin_call(&first, token, "silent");
    wait_parked(&gateway, 1);

    int64_t began_us = clock_monotonic_us();
    AUTO_REPLY second = submit(token, MARKET, "no-place");
    expect_problem(&second, 503, "UNAVAILABLE");
    cr_expect_lt(elapsed_ms(began_us), 3000, "no free slot is told at once");
    cr_expect_str_eq(reply_header(&second, "Retry-After"), "1");
    end_call(&first);
    expect_problem(&first.reply, 503, "UNAVAILABLE");
    cr_expect(first.took_ms >= 3900 && first.took_ms < 15000, "%lld ms", (long long)first.took_ms);
    cr_expect_str_eq(reply_header(&first.reply, "Idempotency-Key"), "silent");
    cr_expect_str_eq(reply_header(&first.reply, "Retry-After"), "1");
    reply_release(&first.reply);

    /* Who waits and goes makes place, too. */
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)gateway.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_gt(dprintf(fd,
                         "POST " ORDERS " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: "
                         "application/json\r\nContent-Length: %zu\r\n\r\n" MARKET,
                         token, strlen(MARKET)),
                 0);
    wait_parked(&gateway, 1);
    struct linger reset = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    (void)close(fd);
    fd = -1;
    wait_parked(&gateway, 0);

    (void)kill(gateway.world.validator, SIGCONT);
    AUTO_REPLY retry = submit(token, MARKET, "silent");
    cr_expect(retry.status == 201 || retry.status == 200, "%ld %s", retry.status, retry.body.data);
    cr_expect_str_eq(
        world_value(&gateway.world, "SELECT count(*) FROM oxe.orders WHERE idempotent_key = 'silent'"), "1");
    gateway_end(&gateway);
}

Test(gateway, without_a_validator_it_is_a_503_at_once, .timeout = 60)
{
    struct gateway_world gateway;

    cr_assert_eq(setenv("OXE_VALIDATORS", "ipc:///tmp/oxe-no-validator-here", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    int64_t began_us = clock_monotonic_us();
    AUTO_REPLY reply = submit(token, MARKET, NULL);
    expect_problem(&reply, 503, "UNAVAILABLE");
    cr_expect_lt(elapsed_ms(began_us), 4000, "it is not waited for");
    cr_expect_str_neq(reply_header(&reply, "Idempotency-Key"), "");
    AUTO_REPLY account = gateway_get(token, "/api/v1/account");
    cr_expect_eq(account.status, 200, "reading goes on");
    gateway_end(&gateway);
}

Test(gateway, a_database_that_dies_is_a_503_at_once_and_comes_back, .timeout = 90)
{
    struct gateway_world gateway;

    cr_assert_eq(setenv("OXE_REQUEST_TIMEOUT", "30s", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_REPLY before = gateway_get(token, "/api/v1/account");
    cr_expect_eq(before.status, 200);
    postgres_crash(gateway.world.postgres);
    int64_t began_us = clock_monotonic_us();
    AUTO_REPLY during = gateway_get(token, "/api/v1/account");
    expect_problem(&during, 503, "UNAVAILABLE");
    cr_expect_lt(elapsed_ms(began_us), 15000, "it does not wait for what is known to be away");
    cr_expect_not_null(strstr(during.body.data, "There is no connection to the database; try again shortly."),
                       "%s", during.body.data);
    cr_expect_str_neq(reply_header(&during, "Retry-After"), "");
    world_await_status(gateway.probe_port, "/readyz", 503);
    cr_assert_eq(postgres_resume(gateway.world.postgres), 0);
    world_await_status(gateway.probe_port, "/readyz", 200);
    AUTO_REPLY after = gateway_get(token, "/api/v1/account");
    cr_expect_eq(after.status, 200, "%s", after.body.data);
    PQreset(gateway.world.sql);
    gateway_end(&gateway);
}

/* It is built in for conformance suites only: see ws_echo_test.c. */
Test(gateway, there_is_no_echo, .timeout = 60)
{
    struct gateway_world gateway;
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    char url[128];
    int status = 0;

    gateway_begin(&gateway);
    (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/echo", gateway.port);
    cr_expect_eq(ws_client_open(url, NULL, 5000, &client, &status), -EACCES);
    cr_expect_eq(status, 404);
    gateway_end(&gateway);
}

Test(gateway, orders_wait_for_the_feature, .timeout = 60)
{
    struct gateway_world gateway;
    int accepted = 0;

    cr_assert_eq(setenv("ORDER_EXECUTION_V2_ENABLED", "50%", 1), 0);
    gateway_begin(&gateway);
    for (int i = 0; i < WORLD_TRADERS; i++) {
        char subject[32];
        (void)snprintf(subject, sizeof(subject), "trader-%d", i);
        AUTO_TEXT token = gateway_token(&gateway, subject);
        AUTO_REPLY first = submit(token, MARKET, NULL);
        AUTO_REPLY second = submit(token, MARKET, NULL);
        cr_expect_eq(first.status, second.status, "sticky");
        if (first.status == 201)
            accepted++;
        else
            expect_problem(&first, 403, "FEATURE_DISABLED");
    }
    cr_expect(accepted > 2 && accepted < WORLD_TRADERS - 2, "%d of %d", accepted, WORLD_TRADERS);
    gateway_end(&gateway);
}

Test(gateway, a_drain_answers_what_waits_and_ends_well, .timeout = 60)
{
    struct gateway_world gateway;
    struct call_thread waiting;

    cr_assert_eq(setenv("OXE_REQUEST_TIMEOUT", "2s", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    (void)kill(gateway.world.validator, SIGSTOP);
    begin_call(&waiting, token, "waits");
    wait_parked(&gateway, 1);
    cr_assert_eq(world_status(gateway.probe_port, "/readyz"), 200);
    (void)kill(gateway.gateway, SIGTERM);
    world_await_status(gateway.probe_port, "/readyz", 503); /* it drains, and the order still waits */
    wait_parked(&gateway, 1);
    (void)kill(gateway.world.validator, SIGCONT);
    end_call(&waiting);
    cr_expect_eq(waiting.reply.status, 201, "%s", waiting.reply.body.data);
    cr_expect_str_eq(reply_header(&waiting.reply, "Connection"), "close");
    reply_release(&waiting.reply);
    cr_expect_eq(gateway_wait(&gateway), 0);
    gateway_end(&gateway);
}

static struct reply preview(const char *token, const char *body)
{
    return instance_call(&(struct call){.path = ORDERS "/preview", .token = token, .body = body});
}

Test(gateway, a_preview_tells_the_verdict_and_records_nothing, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_REPLY good = preview(token, "{\"symbol\":\"AAPL\",\"quantity\":100,\"order_type\":\"MARKET\"}");
    cr_expect_eq(good.status, 200, "%s", good.body.data);
    cr_expect_str_eq(good.body.data, "{\"acceptable\":true,\"estimated_price\":150,\"estimated_cost\":15750,"
                                     "\"buying_power_after\":984250,\"position_after\":600,\"errors\":[]}");
    cr_expect_str_eq(reply_header(&good, "Idempotency-Key"), "", "it has none");
    AUTO_REPLY sale = preview(token, "{\"symbol\":\"AAPL\",\"side\":\"SELL\",\"quantity\":500,"
                                     "\"order_type\":\"LIMIT\",\"price\":151.5}");
    cr_expect_str_eq(sale.body.data, "{\"acceptable\":true,\"estimated_price\":151.5,\"estimated_cost\":0,"
                                     "\"buying_power_after\":1000000,\"position_after\":0,\"errors\":[]}");
    AUTO_REPLY refused = preview(token, "{\"symbol\":\"AAPL\",\"side\":\"SELL\",\"quantity\":501,"
                                        "\"order_type\":\"LIMIT\",\"price\":180.005}");
    cr_expect_eq(refused.status, 200, "%s", refused.body.data);
    cr_expect_str_eq(json_text(refused.json, "acceptable"), "false");
    cr_expect_eq(json_count(refused.json, "errors"), 3, "tick, collar and position at once: %s",
                 refused.body.data);
    cr_expect_str_eq(json_text(refused.json, "estimated_price"), "180.005");
    cr_expect_str_eq(json_text(refused.json, "position_after"), "null");
    AUTO_REPLY unknown = preview(token, "{\"symbol\":\"NONE\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_expect_str_eq(json_text(unknown.json, "errors/0/code"), "UNKNOWN_SYMBOL", "%s", unknown.body.data);
    cr_expect_str_eq(json_text(unknown.json, "estimated_price"), "null");
    AUTO_REPLY none = preview(token, "{\"symbol\":\"AAPL\"}");
    expect_problem(&none, 422, "VALIDATION_FAILED");
    AUTO_REPLY read = gateway_get(token, ORDERS "/preview");
    expect_problem(&read, 405, "METHOD_NOT_ALLOWED");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM oxe.orders"), "0");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(batch) FROM oxe.outbox"), "0");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT sum(reserved) + sum(open_orders) FROM oxe.traders"),
                     "0.00000000");
    gateway_end(&gateway);
}
