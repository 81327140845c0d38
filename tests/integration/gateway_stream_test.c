/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket of order events: every seq once and in order, whatever Redis loses.
 *
 * Long: one gateway, Redis and log serve all cases. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

static const enum audit_action actions[] = {AUDIT_ACTION_SUBMITTED, AUDIT_ACTION_APPROVED,
                                            AUDIT_ACTION_EXECUTED, AUDIT_ACTION_FILLED};

static char *log_next(struct gateway_world *gateway, size_t trader, size_t number)
{
    return gateway_log_event(gateway, trader, actions[number % ARRAY_LEN(actions)]);
}

static void expect_ready(struct ws_client *client, long long seq)
{
    char begin[64];
    const char *frame = gateway_next(client);

    (void)snprintf(begin, sizeof(begin), "{\"event\":\"session.ready\",\"seq\":%lld,", seq);
    cr_assert_eq(strncmp(frame, begin, strlen(begin)), 0, "%s instead of %s…", frame, begin);
}

static void expect_frame(struct ws_client *client, const char *expected)
{
    const char *frame = gateway_next(client);

    cr_assert_str_eq(frame, expected);
}

static void expect_silence(struct ws_client *client, int for_ms)
{
    const char *text;
    size_t length;

    int r = ws_client_next(client, for_ms, &text, &length);
    cr_assert_eq(r, -ETIMEDOUT, "%d: %s", r, r == 0 ? text : "");
}

Test(gateway_stream, live_events_reach_their_trader_and_nobody_else, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT mine = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    CLEANUP(ws_client_destroy) struct ws_client *first = gateway_watch(&gateway, mine, "");
    CLEANUP(ws_client_destroy) struct ws_client *second = gateway_watch(&gateway, mine, "");
    CLEANUP(ws_client_destroy) struct ws_client *foreign = gateway_watch(&gateway, other, "");
    expect_ready(first, 0);
    expect_ready(second, 0);
    expect_ready(foreign, 0);
    for (size_t i = 0; i < 8; i++) {
        AUTO_TEXT frame = log_next(&gateway, 0, i);
        gateway_publish(&gateway, 0, frame);
        expect_frame(first, frame);
        expect_frame(second, frame);
    }
    expect_silence(foreign, 50);
    gateway_end(&gateway);
}

/* What was published, what is in the log: any of it may be missing, repeated or out of order in Redis. */
Test(gateway_stream, whatever_redis_loses_comes_from_the_log, .timeout = 60)
{
    enum { EVENTS = 9 };
    static const struct {
        const char *name;
        const char *published; /* digits: which of the frames, in this order; a blank ends a message */
    } cases[] = {
        {"all", "0 1 2 3 4 5 6 7 8"},
        {"in one message", "012345678"},
        {"nothing", ""},
        {"only the last", "8"},
        {"only the first", "0"},
        {"a gap", "0 1 5 6 7 8"},
        {"two gaps", "02 4 678"},
        {"repeated", "00 1 1 01 2345678 8 012"},
        {"backwards", "8 7 6 5 4 3 2 1 0"},
        {"shuffled", "305 1 7 2 8 4 6"},
        {"nonsense between", "0x1 x 2345x678"},
    };
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    expect_ready(client, 0);
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        char *frames[EVENTS];
        CLEANUP(buffer_release) struct buffer message = BUFFER_INIT(0);
        for (size_t i = 0; i < EVENTS; i++)
            frames[i] = log_next(&gateway, 0, i);
        for (const char *at = cases[c].published; *at != '\0'; at++) {
            if (*at != ' ')
                buffer_append_format(&message, "%s%s", message.length == 0 ? "" : "\n",
                                     *at == 'x' ? "{\"what\":[}" : frames[*at - '0']);
            if (at[1] == ' ' || at[1] == '\0') {
                gateway_publish(&gateway, 0, message.data);
                buffer_clear(&message);
                at += at[1] == ' ';
            }
        }
        for (size_t i = 0; i < EVENTS; i++) {
            const char *frame = gateway_next(client);
            cr_assert_str_eq(frame, frames[i], "%s: the %zuth", cases[c].name, i);
            free(frames[i]);
        }
    }
    expect_silence(client, 1500);
    gateway_end(&gateway);
}

Test(gateway_stream, last_seq_replays_every_event_after_it_then_live_ones, .timeout = 60)
{
    enum { LOGGED = 450 }; /* more than one read of the log */
    static char *frames[LOGGED + 3];
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (size_t i = 0; i < LOGGED; i++)
        frames[i] = log_next(&gateway, 0, i);
    static const size_t froms[] = {0, 1, 200, 449, 450};
    for (size_t i = 0; i < ARRAY_LEN(froms); i++) {
        char query[32];
        (void)snprintf(query, sizeof(query), "?last_seq=%zu", froms[i]);
        CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, query);
        expect_ready(client, LOGGED);
        for (size_t j = froms[i]; j < LOGGED; j++)
            expect_frame(client, frames[j]);
        expect_silence(client, 20);
    }
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "?last_seq=100");
    for (size_t i = 0; i < 3; i++) { /* while it replays */
        frames[LOGGED + i] = log_next(&gateway, 0, i);
        gateway_publish(&gateway, 0, frames[LOGGED + i]);
    }
    (void)gateway_next(client);
    for (size_t j = 100; j < LOGGED + 3; j++)
        expect_frame(client, frames[j]);
    expect_silence(client, 50);
    CLEANUP(ws_client_destroy) struct ws_client *ahead = gateway_watch(&gateway, token, "?last_seq=454");
    cr_expect_eq(gateway_close_code(ahead, 5000), 4409, "a last_seq above the log's");
    for (size_t i = 0; i < LOGGED + 3; i++)
        free(frames[i]);
    gateway_end(&gateway);
}

/* As 'oxectl audit archive' leaves the log. */
Test(gateway_stream, what_is_archived_is_not_replayed, .timeout = 60)
{
    static const struct {
        const char *archived; /* trader_seq up to it */
        const char *query;
        int close_code; /* 0: it opens */
    } cases[] = {
        {"0", "?last_seq=0", 0},     {"4", "?last_seq=0", 4409},
        {"4", "?last_seq=3", 4409},  {"4", "?last_seq=4", 0},
        {"4", "?last_seq=9", 0},     {"9", "?last_seq=8", 4409},
        {"9", "?last_seq=9", 0},     {"9", "", 0},
        {"9", "?last_seq=10", 4409},
    };
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (size_t i = 0; i < 9; i++)
        free(log_next(&gateway, 0, i));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        world_sql(&gateway.world,
                  "SET session_replication_role = replica; DELETE FROM oxe.execution_logs WHERE "
                  "trader_seq <= %s; SET session_replication_role = DEFAULT",
                  cases[i].archived);
        CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, cases[i].query);
        if (cases[i].close_code == 0)
            expect_ready(client, 9);
        else
            cr_expect_eq(gateway_close_code(client, 5000), cases[i].close_code, "case %zu", i);
    }
    gateway_end(&gateway);
}

Test(gateway_stream, without_redis_events_come_from_the_log, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    expect_ready(client, 0);
    redis_kill(gateway.redis);
    AUTO_TEXT first = log_next(&gateway, 0, 0);
    expect_frame(client, first);
    CLEANUP(ws_client_destroy) struct ws_client *late = gateway_watch(&gateway, token, "?last_seq=0");
    expect_ready(late, 1);
    expect_frame(late, first);
    cr_assert_eq(redis_resume(gateway.redis), 0);
    cache_destroy(&gateway.publisher);
    cr_assert_eq(cache_create(redis_url(gateway.redis), NULL, &gateway.publisher), 0);
    AUTO_TEXT second = log_next(&gateway, 0, 1);
    expect_frame(client, second);
    expect_frame(late, second);
    /* Subscribed again: faster than the comparison, which comes once a second. */
    for (int i = 0; i < 20; i++) {
        AUTO_TEXT frame = log_next(&gateway, 0, 2);
        gateway_publish(&gateway, 0, frame);
        expect_frame(client, frame);
        expect_frame(late, frame);
    }
    gateway_end(&gateway);
}

static int try_watch(const struct gateway_world *gateway, const char *query, const char *const *headers,
                     char *ret_protocol, size_t max)
{
    CLEANUP(ws_client_destroy) struct ws_client *client = NULL;
    char url[4096];
    int status = 0;

    (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/orders/events%s", gateway->port, query);
    int r = ws_client_open(url, headers, 5000, &client, &status);
    ret_protocol[0] = '\0';
    if (r < 0)
        return status;
    (void)snprintf(ret_protocol, max, "%s", ws_client_protocol(client));
    expect_ready(client, 0);
    return 101;
}

Test(gateway_stream, the_handshake_takes_a_token_in_three_ways_and_no_foreign_page, .timeout = 60)
{
    struct gateway_world gateway;
    char bearer[2048], pair[2048], query[2048], bad_query[2100], origin[64];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT nobody = gateway_token(&gateway, "nobody");
    char nobody_header[2048];
    (void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", token);
    (void)snprintf(nobody_header, sizeof(nobody_header), "Authorization: Bearer %s", nobody);
    (void)snprintf(pair, sizeof(pair), "Sec-WebSocket-Protocol: oxe.v1, bearer.%s", token);
    (void)snprintf(query, sizeof(query), "?token=%s&last_seq=0", token);
    (void)snprintf(bad_query, sizeof(bad_query), "%s&token=%s", query, token);
    (void)snprintf(origin, sizeof(origin), "Origin: http://127.0.0.1:%d", gateway.port);
    const struct {
        const char *name, *query;
        const char *headers[4];
        int status;
        const char *protocol;
    } cases[] = {
        {"the header", "", {bearer}, 101, ""},
        {"the subprotocol", "", {pair}, 101, "oxe.v1"},
        {"the query", query, {NULL}, 101, ""},
        {"a page of our own", "", {bearer, origin}, 101, ""},
        {"no token", "", {NULL}, 401, ""},
        {"two tokens in the query", bad_query, {NULL}, 401, ""},
        {"only a protocol", "", {"Sec-WebSocket-Protocol: oxe.v1"}, 401, ""},
        {"garbage", "?token=x.y.z", {NULL}, 401, ""},
        {"no trader", "", {nobody_header}, 403, ""},
        {"a foreign page", "", {bearer, "Origin: https://evil.example"}, 403, ""},
        {"a page of nowhere", "", {bearer, "Origin: null"}, 403, ""},
        {"a negative last_seq", "?last_seq=-1", {bearer}, 400, ""},
        {"an unknown parameter", "?lastseq=1", {bearer}, 400, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char protocol[64];
        int status = try_watch(&gateway, cases[i].query, cases[i].headers, protocol, sizeof(protocol));
        cr_expect_eq(status, cases[i].status, "%s: %d", cases[i].name, status);
        cr_expect_str_eq(protocol, cases[i].protocol, "%s", cases[i].name);
    }
    AUTO_REPLY plain = gateway_get(token, "/ws/orders/events");
    cr_expect_eq(plain.status, 400, "no handshake");
    gateway_end(&gateway);
}

static void send_token(struct ws_client *client, const char *token)
{
    char text[2048];

    int length = snprintf(text, sizeof(text), "{\"action\":\"authenticate\",\"token\":\"%s\"}", token);
    cr_assert_eq(ws_client_send(client, text, (size_t)length, 5000), 0);
}

Test(gateway_stream, tokens_are_renewed_in_band_or_end_the_session, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    /* 28 s past its end, within the leeway: the session has 2 s left. */
    AUTO_TEXT ending = gateway_token_with(gateway.key, "trader-0", -28, "");
    AUTO_TEXT fresh = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    CLEANUP(ws_client_destroy) struct ws_client *unrenewed = gateway_watch(&gateway, ending, "");
    CLEANUP(ws_client_destroy) struct ws_client *renewed = gateway_watch(&gateway, ending, "");
    CLEANUP(ws_client_destroy) struct ws_client *stolen = gateway_watch(&gateway, fresh, "");
    CLEANUP(ws_client_destroy) struct ws_client *broken = gateway_watch(&gateway, fresh, "");
    CLEANUP(ws_client_destroy) struct ws_client *garbage = gateway_watch(&gateway, fresh, "");
    send_token(renewed, fresh);
    send_token(stolen, other);
    send_token(broken, "x.y.z");
    cr_assert_eq(ws_client_send(garbage, "hello", 5, 5000), 0);
    cr_expect_eq(gateway_close_code(stolen, 5000), 4403);
    cr_expect_eq(gateway_close_code(broken, 5000), 4401);
    cr_expect_eq(gateway_close_code(garbage, 5000), 1008);
    cr_expect_eq(gateway_close_code(unrenewed, 5000), 4401);
    expect_ready(renewed, 0);
    AUTO_TEXT frame = log_next(&gateway, 0, 0);
    gateway_publish(&gateway, 0, frame);
    expect_frame(renewed, frame);
    gateway_end(&gateway);
}

/* A newer one closes the oldest, whoever else has how many. */
Test(gateway_stream, a_trader_has_so_many_websockets_and_no_more, .timeout = 60)
{
    enum { MAX = 3, MORE = 4 };
    struct gateway_world gateway;
    struct ws_client *clients[MAX + MORE];

    cr_assert_eq(setenv("OXE_WS_PER_TRADER", "3", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    CLEANUP(ws_client_destroy) struct ws_client *others = gateway_watch(&gateway, other, "");
    expect_ready(others, 0);
    for (size_t i = 0; i < MAX + MORE; i++) {
        clients[i] = gateway_watch(&gateway, token, "");
        expect_ready(clients[i], 0);
        if (i >= MAX)
            cr_expect_eq(gateway_close_code(clients[i - MAX], 5000), 4429, "the %zuth", i - MAX);
    }
    AUTO_TEXT frame = log_next(&gateway, 0, 0);
    gateway_publish(&gateway, 0, frame);
    for (size_t i = MORE; i < MAX + MORE; i++)
        expect_frame(clients[i], frame);
    expect_silence(others, 20);
    for (size_t i = 0; i < MAX + MORE; i++)
        ws_client_destroy(&clients[i]);
    CLEANUP(ws_client_destroy) struct ws_client *again = gateway_watch(&gateway, token, "");
    expect_ready(again, 1);
    gateway_end(&gateway);
}

/* Who does not read is closed; who does gets everything meanwhile. */
Test(gateway_stream, a_slow_reader_is_cut_and_does_not_hold_up_another, .timeout = 120)
{
    enum { COPIES = 30, PATIENCE_US = 30 * 1000 * 1000 };
    struct gateway_world gateway;
    int small = 4096;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *fast = gateway_watch(&gateway, token, "");
    CLEANUP(ws_client_destroy) struct ws_client *slow = gateway_watch(&gateway, token, "");
    (void)setsockopt(ws_client_fd(slow), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    expect_ready(fast, 0);
    expect_ready(slow, 0);
    long long seq = 0;
    int64_t until_us = clock_monotonic_us() + PATIENCE_US;
    char message[4096];
    memset(message, 'm', sizeof(message));
    while (world_metric(gateway.probe_port, "oxe_websocket_slow_total", "") < 1) {
        cr_assert_lt(clock_monotonic_us(), until_us, "%lld frames and nobody is slow", seq);
        CLEANUP(buffer_release) struct buffer frames = BUFFER_INIT(0);
        for (int i = 0; i < COPIES; i++)
            buffer_append_format(&frames, "%s{\"event\":\"order.filled\",\"seq\":%lld,\"message\":\"%.*s\"}",
                                 i == 0 ? "" : "\n", ++seq, 3000, message);
        gateway_publish(&gateway, 0, frames.data);
        for (int i = 0; i < COPIES; i++) {
            char begin[64];
            (void)snprintf(begin, sizeof(begin), "{\"event\":\"order.filled\",\"seq\":%lld,",
                           seq - COPIES + 1 + i);
            const char *frame = gateway_next(fast);
            cr_assert_eq(strncmp(frame, begin, strlen(begin)), 0, "%.60s instead of %s", frame, begin);
        }
    }
    for (int i = 0; i < 1000 && world_metric(gateway.probe_port, "oxe_websockets", "") != 1; i++)
        (void)poll(NULL, 0, 5);
    cr_expect_eq(world_metric(gateway.probe_port, "oxe_websockets", ""), 1);
    gateway_end(&gateway);
}

/* A client that has vanished answers no ping; one that has nothing to say does. */
Test(gateway_stream, who_answers_no_ping_is_cut, .timeout = 120)
{
    struct gateway_world gateway;
    const char *text;
    size_t length;
    int r = -ETIMEDOUT;

    cr_assert_eq(setenv("OXE_WEBSOCKET_PING", "500ms", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *quiet = gateway_watch(&gateway, token, "");
    CLEANUP(ws_client_destroy) struct ws_client *gone = gateway_watch(&gateway, token, "");
    expect_ready(quiet, 0);
    expect_ready(gone, 0);
    for (int i = 0; i < 300 && r == -ETIMEDOUT && world_metric(gateway.probe_port, "oxe_websockets", "") == 2;
         i++)
        r = ws_client_next(quiet, 100, &text, &length); /* answers pings while it waits */
    cr_expect_eq(r, -ETIMEDOUT);
    cr_expect_eq(world_metric(gateway.probe_port, "oxe_websockets", ""), 1);
    AUTO_TEXT frame = log_next(&gateway, 0, 0);
    gateway_publish(&gateway, 0, frame);
    expect_frame(quiet, frame);
    gateway_end(&gateway);
}

Test(gateway_stream, a_drain_says_1001, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    CLEANUP(ws_client_destroy) struct ws_client *silent = gateway_watch(&gateway, token, "");
    expect_ready(client, 0);
    int64_t began_us = clock_monotonic_us();
    (void)kill(gateway.gateway, SIGTERM);
    cr_expect_eq(gateway_close_code(client, 5000), 1001);
    cr_expect_eq(gateway_wait(&gateway), 0);
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    cr_expect(took_ms > 1500 && took_ms < 20000,
              "%lld ms: one that does not answer the close is waited for, not long", (long long)took_ms);
    ws_client_destroy(&silent);
    gateway_end(&gateway);
}

/* A client as it should be: on whatever end of the connection it comes back with the last seq that it has. */
struct follower {
    struct gateway_world *gateway;
    const char *token;
    struct ws_client *client; /* NULL: not connected */
    long long last;
};

static void follow(struct follower *follower)
{
    const char *text;
    size_t length;
    char query[64];

    if (follower->client == NULL) {
        (void)snprintf(query, sizeof(query), "?last_seq=%lld", follower->last);
        follower->client = gateway_watch(follower->gateway, follower->token, query);
    }
    if (ws_client_next(follower->client, 5000, &text, &length) < 0) {
        ws_client_destroy(&follower->client);
        return;
    }
    if (strstr(text, "\"event\":\"session.ready\"") != NULL)
        return;
    const char *seq = strstr(text, "\"seq\":");
    cr_assert_not_null(seq, "%s", text);
    cr_assert_eq(strtoll(seq + 6, NULL, 10), follower->last + 1, "%lld is the last: %s", follower->last,
                 text);
    follower->last++;
}

static void restart_gateway(struct gateway_world *gateway, int signal)
{
    (void)kill(gateway->gateway, signal);
    (void)gateway_wait(gateway);
    gateway_start(gateway);
}

Test(gateway_stream, each_seq_comes_once_and_in_order_through_losses_and_restarts, .timeout = 120)
{
    enum { ROUNDS = 12, EVENTS = 10 };
    struct gateway_world gateway;
    struct follower follower = {.gateway = &gateway};

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    follower.token = token;
    for (int round = 0; round < ROUNDS; round++) {
        bool without_redis = round % 4 == 1, restarts = round % 4 == 2, dies = round % 4 == 3;
        if (without_redis)
            redis_kill(gateway.redis);
        for (int i = 0; i < EVENTS; i++) {
            AUTO_TEXT frame = log_next(&gateway, 0, (size_t)i);
            /* Some are lost, the newest of every second round among them. */
            bool lost = (round + i) % 3 == 0 || (i == EVENTS - 1 && round % 2 == 0);
            if (!lost && !without_redis)
                gateway_publish(&gateway, 0, frame);
            if (i == EVENTS / 2 && restarts)
                restart_gateway(&gateway, SIGTERM);
            if (i == EVENTS / 2 && dies)
                restart_gateway(&gateway, SIGKILL);
            if (i % 4 == 1)
                follow(&follower);
        }
        if (without_redis)
            cr_assert_eq(redis_resume(gateway.redis), 0);
        while (follower.last < (long long)(round + 1) * EVENTS)
            follow(&follower);
    }
    expect_silence(follower.client, 1500);
    ws_client_destroy(&follower.client);
    gateway_end(&gateway);
}
