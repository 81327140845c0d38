/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-status-broadcaster as a process, against a real Redis. */
#include <criterion/criterion.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/pipe.h"
#include "proto/event_frame.h"
#include "proto/proto.h"
#include "tests/support/port.h"
#include "tests/support/process.h"
#include "tests/support/redis.h"

enum { WAIT_MS = 20000, POLL_MS = 10, TRADERS = 5 };

struct rig {
    char directory[64];
    struct redis *redis;
    struct pipe_context *context;
    struct pipe *events; /* where audit-writer would push */
    redisContext *subscriber;
    struct logged_events *message;
    pid_t broadcaster;
    int probe_port;
    uint64_t log_seq;
    uint64_t trader_seqs[TRADERS];
};

static void broadcaster_start(struct rig *rig)
{
    const char *const argv[] = {getenv("OXE_STATUS_BROADCASTER_BINARY"), NULL};
    char text[256];

    cr_assert_not_null(argv[0], "OXE_STATUS_BROADCASTER_BINARY must name the program");
    rig->probe_port = port_free();
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", rig->probe_port);
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)snprintf(text, sizeof(text), "ipc://%s/events", rig->directory);
    (void)setenv("OXE_BROADCASTER_BIND", text, 1);
    (void)setenv("OXE_REDIS_URL", redis_url(rig->redis), 1);
    (void)snprintf(text, sizeof(text), "%s/log", rig->directory);
    rig->broadcaster = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(rig->broadcaster, 0);
}

/* Listens to all traders. */
static void subscribe(struct rig *rig)
{
    const struct timeval timeout = {.tv_sec = WAIT_MS / 1000};

    if (rig->subscriber != NULL)
        redisFree(rig->subscriber);
    rig->subscriber = redisConnectUnixWithTimeout(redis_url(rig->redis) + strlen("unix://"), timeout);
    cr_assert(rig->subscriber != NULL && rig->subscriber->err == 0);
    cr_assert_eq(redisSetTimeout(rig->subscriber, timeout), REDIS_OK);
    redisReply *reply = redisCommand(rig->subscriber, "PSUBSCRIBE orders:*");
    cr_assert_not_null(reply, "%s", rig->subscriber->errstr);
    freeReplyObject(reply);
}

static struct rig *rig_start(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    char endpoint[128];

    cr_assert_not_null(rig);
    rig->message = calloc(1, sizeof(*rig->message));
    (void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/oxe-broadcast-XXXXXX");
    cr_assert_not_null(mkdtemp(rig->directory));
    cr_assert_eq(redis_start(NULL, &rig->redis), 0);
    cr_assert_eq(pipe_context_create(NULL, &rig->context), 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/events", rig->directory);
    cr_assert_eq(pipe_connect(rig->context, PIPE_PUSH, endpoint, 0, &rig->events), 0);
    broadcaster_start(rig);
    subscribe(rig);
    return rig;
}

static void rig_stop(struct rig **rig)
{
    (void)kill((*rig)->broadcaster, SIGTERM);
    cr_expect_eq(process_wait((*rig)->broadcaster), 0);
    redisFree((*rig)->subscriber);
    pipe_destroy(&(*rig)->events);
    pipe_context_destroy(&(*rig)->context);
    redis_stop(&(*rig)->redis);
    process_remove_tree((*rig)->directory);
    free((*rig)->message);
    free(*rig);
}

/* What a probe path answers: the status line and the body. */
static void get(const struct rig *rig, const char *path, char *answer, size_t max)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)rig->probe_port)};
    char request[128];
    ssize_t length;
    size_t used = 0;
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    answer[0] = '\0';
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return; /* not up yet */
    int written =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    cr_assert_eq(write(fd, request, (size_t)written), written);
    while (used < max - 1 && (length = read(fd, answer + used, max - 1 - used)) > 0)
        used += (size_t)length;
    answer[used] = '\0';
}

static void await_answer(const struct rig *rig, const char *path, const char *expected)
{
    char answer[32768];
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000LL;

    for (get(rig, path, answer, sizeof(answer)); strstr(answer, expected) == NULL;
         get(rig, path, answer, sizeof(answer))) {
        cr_assert_lt(clock_monotonic_us(), deadline_us, "%s never says %s: %s", path, expected, answer);
        (void)poll(NULL, 0, POLL_MS);
    }
}

static void push(struct rig *rig, const void *bytes, size_t length)
{
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000LL;

    while (pipe_send(rig->events, bytes, length) == -EAGAIN) {
        cr_assert_lt(clock_monotonic_us(), deadline_us, "nobody takes the events");
        (void)poll(NULL, 0, POLL_MS);
    }
}

static struct logged_event make_event(struct rig *rig, unsigned trader)
{
    struct logged_event logged = {
        .log_seq = ++rig->log_seq,
        .has_trader_seq = true,
        .trader_seq = ++rig->trader_seqs[trader],
        .event = {.has_order_id = true,
                  .has_trader_id = true,
                  .action = AUDIT_ACTION_FILLED,
                  .has_quantity = true,
                  .quantity = {.units = 50 * DECIMAL_ONE},
                  .has_price = true,
                  .price = {.units = 15045 * DECIMAL_ONE / 100},
                  .symbol = "AAPL",
                  .message = "a\nline",
                  .actor = "executor",
                  .occurred_at = {.us = 1760702465000000}},
    };

    logged.event.order_id.bytes[0] = (uint8_t)rig->log_seq;
    logged.event.trader_id.bytes[15] = (uint8_t)(trader + 1);
    return logged;
}

/* Pushes what rig->message holds. */
static void push_message(struct rig *rig)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    const struct envelope envelope = {.sent_at = clock_now()};

    cr_assert_eq(logged_events_encode(&envelope, rig->message, &bytes), 0);
    push(rig, bytes.data, bytes.length);
}

/* One message of `count` events, the traders in turn. */
static void push_events(struct rig *rig, size_t count)
{
    rig->message->events_count = count;
    for (size_t i = 0; i < count; i++)
        rig->message->events[i] = make_event(rig, (unsigned)(i % TRADERS));
    push_message(rig);
}

/* Takes one Redis message and expects it to be the trader's events of rig->message, frame by frame. Returns
 * how many. */
static size_t expect_published(struct rig *rig)
{
    CLEANUP(buffer_release) struct buffer expected = BUFFER_INIT(0);
    char trader[UUID_TEXT_MAX];
    size_t frames = 0;
    redisReply *reply = NULL;

    cr_assert_eq(redisGetReply(rig->subscriber, (void **)&reply), REDIS_OK, "%s", rig->subscriber->errstr);
    cr_assert_eq(reply->elements, 4);
    for (size_t i = 0; i < rig->message->events_count; i++) {
        const struct logged_event *logged = &rig->message->events[i];
        uuid_format(logged->event.trader_id, trader);
        if (!logged->has_trader_seq || strcmp(reply->element[2]->str + strlen("orders:"), trader) != 0)
            continue;
        if (frames++ > 0)
            buffer_append_char(&expected, '\n');
        cr_assert_eq(event_frame_render(&logged->event, logged->trader_seq, &expected), 0);
    }
    cr_assert_gt(frames, 0, "%s is nobody's channel", reply->element[2]->str);
    cr_expect_str_eq(reply->element[3]->str, expected.data);
    freeReplyObject(reply);
    return frames;
}

Test(broadcaster, each_traders_frames_come_in_order_on_its_channel)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();
    static const size_t counts[] = {1, 2, TRADERS, 1024, 17};

    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        push_events(rig, counts[i]);
        for (size_t published = 0; published < counts[i];)
            published += expect_published(rig);
    }
    await_answer(rig, "/metrics", "oxe_broadcast_events_total{service=\"status-broadcaster\"} 1049\n");
}

Test(broadcaster, what_is_no_message_or_no_traders_event_does_no_harm)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
    push(rig, "garbage", 7);
    push(rig, "", 0);
    rig->message->events_count = 2;
    rig->message->events[0] = make_event(rig, 0);
    rig->message->events[0].has_trader_seq = false;
    rig->message->events[0].event.action = AUDIT_ACTION_HALTED;
    rig->message->events[1] = make_event(rig, 1);
    push_message(rig);
    cr_expect_eq(expect_published(rig), 1);
    await_answer(rig, "/metrics", "oxe_broadcast_bad_messages_total{service=\"status-broadcaster\"} 2\n");
}

Test(broadcaster, while_redis_is_away_events_are_dropped_and_then_it_goes_on)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
    redis_kill(rig->redis);
    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"degraded\"");
    await_answer(rig, "/readyz", "200 OK");
    push_events(rig, 10);
    await_answer(rig, "/metrics", "oxe_broadcast_dropped_total{service=\"status-broadcaster\"} 10\n");
    cr_assert_eq(redis_resume(rig->redis), 0);
    subscribe(rig);
    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
    push_events(rig, TRADERS);
    for (size_t published = 0; published < TRADERS;)
        published += expect_published(rig);
}

/* Nothing is published, and the connection stands. */
Test(broadcaster, a_redis_that_does_not_answer_is_seen_without_any_event)
{
    CLEANUP(rig_stop) struct rig *rig = rig_start();

    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
    cr_assert_eq(kill(redis_pid(rig->redis), SIGSTOP), 0);
    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"degraded\"");
    cr_assert_eq(kill(redis_pid(rig->redis), SIGCONT), 0);
    await_answer(rig, "/readyz", "\"redis\":{\"status\":\"ok\"");
}
