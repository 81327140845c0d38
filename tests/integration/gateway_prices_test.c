/* SPDX-License-Identifier: Apache-2.0 */
/* Last prices on the WebSocket, for who asks: newest only, seldom, and behind order events. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

enum { WAIT_MS = 5000, READ_MS = 500, LONG_MS = 1500 };

static void say(struct ws_client *client, const char *text)
{
    cr_assert_eq(ws_client_send(client, text, strlen(text), WAIT_MS), 0);
}

static void watch_aapl(struct ws_client *client)
{
    say(client, "{\"action\":\"prices\",\"symbols\":[\"AAPL\",\"NONE\"]}");
}

static void set_price(struct gateway_world *gateway, const char *symbol, int price)
{
    world_sql(&gateway->world,
              "UPDATE oxe.last_prices SET price = %d, updated_at = clock_timestamp() WHERE symbol = '%s'",
              price, symbol);
}

/* The price in a frame that is of prices alone; 0 for any other frame. */
static int price_of(const char *frame)
{
    static const char begin[] = "{\"event\":\"prices\",\"prices\":[{\"symbol\":\"AAPL\",\"last_price\":";
    int price = 0;

    if (strncmp(frame, begin, sizeof(begin) - 1) == 0)
        (void)sscanf(frame + sizeof(begin) - 1, "%d", &price);
    return price;
}

static void expect_silence(struct ws_client *client)
{
    const char *text;
    size_t length;
    int r = ws_client_next(client, LONG_MS, &text, &length);

    cr_expect_eq(r, -ETIMEDOUT, "%d: %s", r, r == 0 ? text : "");
}

Test(gateway_prices, who_asks_is_told_at_once_and_then_what_changes, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    CLEANUP(ws_client_destroy) struct ws_client *other = gateway_watch(&gateway, token, "");
    (void)gateway_next(client);
    (void)gateway_next(other);
    watch_aapl(client);
    const char *frame = gateway_next(client);
    cr_expect_eq(price_of(frame), 150, "%s", frame);
    cr_expect_null(strstr(frame, "seq"), "%s", frame);
    set_price(&gateway, "MSFT", 333);
    expect_silence(client);
    set_price(&gateway, "AAPL", 151);
    cr_expect_eq(price_of(gateway_next(client)), 151);
    expect_silence(client);
    say(client, "{\"action\":\"prices\",\"symbols\":[]}");
    set_price(&gateway, "AAPL", 152);
    expect_silence(client);
    expect_silence(other);
    gateway_end(&gateway);
}

Test(gateway_prices, of_many_prices_the_newest_comes_twice_a_second_at_most, .timeout = 60)
{
    struct gateway_world gateway;
    const int64_t for_us = 3 * 1000 * 1000;
    int last = 200, frames = 0;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    (void)gateway_next(client);
    watch_aapl(client);
    (void)gateway_next(client);
    int64_t began_us = clock_monotonic_us();
    while (clock_monotonic_us() - began_us < for_us)
        set_price(&gateway, "AAPL", ++last);
    for (int told = 0; told != last; frames++) {
        const char *frame = gateway_next(client);
        int price = price_of(frame);
        cr_assert_gt(price, told, "%s", frame);
        told = price;
    }
    int64_t halves = (clock_monotonic_us() - began_us) / (READ_MS * 1000);
    cr_expect_leq(frames, halves + 1, "%d frames", frames);
    cr_expect_gt(last - 200, frames, "there were more prices than frames");
    gateway_end(&gateway);
}

/* The session waits for the log, which is locked; the price has long changed. */
Test(gateway_prices, order_events_go_first, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    (void)gateway_next(client);
    watch_aapl(client);
    (void)gateway_next(client);
    AUTO_TEXT first = gateway_log_event(&gateway, 0, AUDIT_ACTION_SUBMITTED);
    AUTO_TEXT second = gateway_log_event(&gateway, 0, AUDIT_ACTION_APPROVED);
    PGconn *locks = PQconnectdb(postgres_conninfo(gateway.world.postgres));
    PQclear(PQexec(locks, "BEGIN"));
    PGresult *locked = PQexec(locks, "LOCK TABLE oxe.execution_logs");
    cr_assert_eq(PQresultStatus(locked), PGRES_COMMAND_OK, "%s", PQerrorMessage(locks));
    PQclear(locked);
    gateway_publish(&gateway, 0, second);
    set_price(&gateway, "AAPL", 151);
    expect_silence(client);
    PQclear(PQexec(locks, "COMMIT"));
    PQfinish(locks);
    cr_expect_str_eq(gateway_next(client), first);
    cr_expect_str_eq(gateway_next(client), second);
    cr_expect_eq(price_of(gateway_next(client)), 151);
    gateway_end(&gateway);
}

Test(gateway_prices, what_is_no_list_of_symbols_ends_the_session, .timeout = 60)
{
    static const char *const messages[] = {
        "{\"action\":\"prices\"}", "{\"action\":\"prices\",\"symbols\":\"AAPL\"}",
        "{\"action\":\"prices\",\"symbols\":[\"no symbol\"]}", "{\"action\":\"prices\",\"symbols\":[7]}"};
    struct gateway_world gateway;
    char many[1024] = "{\"action\":\"prices\",\"symbols\":[\"A\"";

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (int i = 0; i < 100; i++)
        (void)strcat(many, ",\"A\"");
    (void)strcat(many, "]}");
    for (size_t i = 0; i <= ARRAY_LEN(messages); i++) {
        CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
        say(client, i < ARRAY_LEN(messages) ? messages[i] : many);
        cr_expect_eq(gateway_close_code(client, WAIT_MS), 1008, "%zu", i);
    }
    gateway_end(&gateway);
}
