/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket: each of the trader's events once, in order, also across reconnects. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/ws_client.h"
#include "tests/support/instance.h"

enum { OPEN_MS = 5000, EVENT_MS = 5000, QUIET_MS = 300, CLOSE_UNKNOWN_SEQ = 4409 };

TestSuite(stream, .timeout = 120);

#define ORDER "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"

/* query: "?last_seq=3" or "". */
static struct ws_client *open_stream(const char *token, const char *query)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer header = BUFFER_INIT(0);
    struct ws_client *client = NULL;
    int status = 0;

    buffer_append_format(&url, "ws%s/ws/orders/events%s", instance_url() + 4, query);
    buffer_append_format(&header, "Authorization: Bearer %s", token);
    int r = ws_client_open(url.data, (const char *[]){header.data, NULL}, OPEN_MS, &client, &status);
    cr_assert_eq(r, 0, "%s: %s, status %d", url.data, strerror(-r), status);
    return client;
}

/* The next frame's text into ret_text; its seq. */
static long long next_event(struct ws_client *client, const char *expected, struct buffer *ret_text)
{
    const char *text;
    char error[256];
    size_t length;

    int r = ws_client_next(client, EVENT_MS, &text, &length);
    cr_assert_eq(r, 0, "waiting for %s: %s", expected, strerror(-r));
    yajl_val frame = yajl_tree_parse(text, error, sizeof(error));
    cr_assert_str_eq(json_text(frame, "event"), expected, "%s", text);
    long long seq = atoll(json_text(frame, "seq"));
    cr_assert_str_not_empty(json_text(frame, "timestamp"));
    yajl_tree_free(frame);
    if (ret_text != NULL) {
        buffer_append(ret_text, text, length);
        buffer_append_char(ret_text, '\n');
    }
    return seq;
}

static void expect_silence(struct ws_client *client)
{
    const char *text;
    size_t length;

    int r = ws_client_next(client, QUIET_MS, &text, &length);
    cr_assert_eq(r, -ETIMEDOUT, "an event too many: %s", r == 0 ? text : strerror(-r));
}

static const char *const life[] = {"order.submitted", "order.approved", "order.executed", "order.filled"};

static void expect_life(struct ws_client *client, long long first_seq, struct buffer *ret_text)
{
    for (size_t i = 0; i < ARRAY_LEN(life); i++) {
        long long seq = next_event(client, life[i], ret_text);
        cr_assert_eq(seq, first_seq + (long long)i, "%s has seq %lld", life[i], seq);
    }
}

Test(stream, an_orders_events_come_once_and_in_order)
{
    AUTO_TEXT token = instance_trader("streamer", "100000", NULL);
    CLEANUP(ws_client_destroy) struct ws_client *client = open_stream(token, "");

    cr_assert_eq(next_event(client, "session.ready", NULL), 0);
    for (long long i = 0; i < 3; i++) {
        AUTO_REPLY made = order_submit(token, ORDER);
        cr_assert_eq(made.status, 201, "%s", made.body.data);
        expect_life(client, 4 * i + 1, NULL);
    }
    expect_silence(client);
    cr_assert_eq(ws_client_close(client, 1000, OPEN_MS), 0);
}

Test(stream, last_seq_replays_what_was_missed_byte_for_byte_and_goes_on_live)
{
    AUTO_TEXT token = instance_trader("returner", "100000", NULL);
    CLEANUP(buffer_release) struct buffer live = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer replayed = BUFFER_INIT(0);
    CLEANUP(ws_client_destroy) struct ws_client *first = open_stream(token, "");
    cr_assert_eq(next_event(first, "session.ready", NULL), 0);
    AUTO_REPLY one = order_submit(token, ORDER);
    expect_life(first, 1, &live);
    ws_client_destroy(&first);

    AUTO_REPLY two = order_submit(token, ORDER);
    AUTO_REPLY trail = order_trail(token, json_text(two.json, "id"), 4, EVENT_MS);
    CLEANUP(ws_client_destroy) struct ws_client *second = open_stream(token, "?last_seq=0");
    cr_assert_eq(next_event(second, "session.ready", NULL), 8);
    expect_life(second, 1, &replayed);
    cr_assert_str_eq(replayed.data, live.data);
    expect_life(second, 5, NULL);
    AUTO_REPLY three = order_submit(token, ORDER);
    expect_life(second, 9, NULL);

    CLEANUP(ws_client_destroy) struct ws_client *third = open_stream(token, "?last_seq=10");
    cr_assert_eq(next_event(third, "session.ready", NULL), 12);
    cr_assert_eq(next_event(third, "order.executed", NULL), 11);
    cr_assert_eq(next_event(third, "order.filled", NULL), 12);
    expect_silence(third);
}

Test(stream, a_refusal_is_told_too)
{
    AUTO_TEXT token = instance_trader("refused-streamer", "1", NULL);
    CLEANUP(ws_client_destroy) struct ws_client *client = open_stream(token, "");
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);

    cr_assert_eq(next_event(client, "session.ready", NULL), 0);
    AUTO_REPLY refused = order_submit(token, ORDER);
    cr_assert_eq(refused.status, 422, "%s", refused.body.data);
    cr_assert_eq(next_event(client, "order.submitted", NULL), 1);
    cr_assert_eq(next_event(client, "order.rejected", &text), 2);
    cr_assert(strstr(text.data, "\"reason\":\"INSUFFICIENT_BUYING_POWER\"") != NULL, "%s", text.data);
}

Test(stream, a_trader_sees_only_its_own_events)
{
    AUTO_TEXT one = instance_trader("stream-one", "100000", NULL);
    AUTO_TEXT two = instance_trader("stream-two", "100000", NULL);
    CLEANUP(ws_client_destroy) struct ws_client *client = open_stream(two, "");

    cr_assert_eq(next_event(client, "session.ready", NULL), 0);
    AUTO_REPLY of_one = order_submit(one, ORDER);
    AUTO_REPLY trail = order_trail(one, json_text(of_one.json, "id"), 4, EVENT_MS);
    AUTO_REPLY of_two = order_submit(two, ORDER);
    expect_life(client, 1, NULL);
    expect_silence(client);
}

Test(stream, a_last_seq_above_the_log_closes_with_4409)
{
    AUTO_TEXT token = instance_trader("ahead", "100000", NULL);
    CLEANUP(ws_client_destroy) struct ws_client *client = open_stream(token, "?last_seq=99");
    const char *text;
    size_t length;
    int r = 0;

    while (r == 0)
        r = ws_client_next(client, EVENT_MS, &text, &length);
    cr_assert_eq(r, -ESHUTDOWN, "%s", strerror(-r));
    cr_assert_eq(ws_client_close_code(client), CLOSE_UNKNOWN_SEQ);
}

Test(stream, a_browsers_token_comes_as_a_subprotocol)
{
    AUTO_TEXT token = instance_trader("browser-stream", "100000", NULL);
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer header = BUFFER_INIT(0);
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    int status = 0;

    buffer_append_format(&url, "ws%s/ws/orders/events", instance_url() + 4);
    buffer_append_format(&header, "Sec-WebSocket-Protocol: oxe.v1, bearer.%s", token);
    cr_assert_eq(ws_client_open(url.data, (const char *[]){header.data, NULL}, OPEN_MS, &client, &status), 0,
                 "status %d", status);
    cr_assert_str_eq(ws_client_protocol(client), "oxe.v1");
    cr_assert_eq(next_event(client, "session.ready", NULL), 0);
}

Test(stream, nobody_gets_in_without_a_token)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    int status = 0;

    buffer_append_format(&url, "ws%s/ws/orders/events", instance_url() + 4);
    cr_assert_eq(ws_client_open(url.data, NULL, OPEN_MS, &client, &status), -EACCES);
    cr_assert_eq(status, 401);
}
