/* SPDX-License-Identifier: Apache-2.0 */
/* Random interleavings: a log that grows, a Redis that loses, repeats, delays and reorders, reads that fail
 * or come late, sessions that come and go. The oracle knows only this: whatever a session is sent is the seq
 * after the one before, and once nothing more is lost, it has all.
 *
 * OXE_FEED_SEED runs the one seed that a failure has named. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/live/feed.h"

enum { ROUNDS = 300, STEPS = 2000, SESSIONS = 5, FLYING_MAX = 64, QUEUE_MAX = FEED_QUEUE_HIGH + 200 };

/* An answer of the log that is under way. */
struct answer {
    bool pending, failed;
    uint64_t after, last, first;
};

struct client {
    bool there, ready;
    struct feed_session session;
    struct answer last, read;
    uint64_t expected; /* the seq it must be sent next; 0: the one after session.ready's */
    size_t queued;
};

struct round {
    uint64_t seed, random;
    int64_t now_us;
    struct feed feed;
    struct client clients[SESSIONS];
    uint64_t flying[FLYING_MAX]; /* published, and not yet come */
    size_t flying_count;
    uint64_t logged, archived; /* the log has what is above `archived` */
    struct answer comparison;
    bool quiet; /* nothing gets lost any more */
    size_t sent, read, joined, refused;
};

static uint64_t draw(struct round *r, uint64_t below)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random % below;
}

static void take(struct round *r, struct client *client, uint64_t seq)
{
    cr_assert(client->ready, "seed %llu: an event before session.ready", (unsigned long long)r->seed);
    cr_assert_eq(seq, client->expected, "seed %llu: %llu was sent instead of %llu",
                 (unsigned long long)r->seed, (unsigned long long)seq, (unsigned long long)client->expected);
    cr_assert_leq(seq, r->logged, "seed %llu: an event that is not in the log", (unsigned long long)r->seed);
    client->expected++;
    client->queued++;
}

static void perform(struct round *r, struct client *client, const struct feed_step *step)
{
    switch (step->action) {
    case FEED_READ_LAST:
        cr_assert_not(client->last.pending);
        client->last = (struct answer){.pending = true, .last = r->logged, .first = r->archived + 1};
        break;
    case FEED_READ:
        cr_assert_not(client->read.pending, "seed %llu: two reads", (unsigned long long)r->seed);
        cr_assert_lt(client->queued, FEED_QUEUE_HIGH);
        client->read = (struct answer){.pending = true, .after = step->seq, .last = r->logged};
        if (client->read.last > step->seq + FEED_READ_MAX)
            client->read.last = step->seq + FEED_READ_MAX;
        break;
    case FEED_READY:
        client->ready = true;
        r->joined++;
        if (!client->session.has_last_seq)
            client->expected = step->seq + 1;
        break;
    case FEED_SEND:
        cr_assert_eq(strtoull(step->frame->bytes + 2, NULL, 10), step->seq);
        take(r, client, step->seq);
        r->sent++;
        break;
    case FEED_CLOSE:
        /* Only for what the log cannot give. */
        if (step->code == WS_SEQ_UNKNOWN)
            cr_assert(client->session.last_seq > client->last.last ||
                      client->session.last_seq + 1 < client->last.first);
        client->there = false;
        r->refused++;
        break;
    case FEED_WAIT:
        break;
    }
}

static void serve(struct round *r, struct client *client)
{
    while (client->there) {
        struct feed_step step = feed_next(&r->feed, &client->session, client->queued, r->now_us);
        if (step.action == FEED_WAIT)
            return;
        perform(r, client, &step);
    }
}

static void serve_all(struct round *r)
{
    for (size_t i = 0; i < SESSIONS; i++)
        serve(r, &r->clients[i]);
}

static void arrive(struct round *r, size_t index)
{
    char text[24];
    uint64_t seq = r->flying[index];
    int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)seq);

    if (r->quiet || draw(r, 8) != 0) { /* else it stays, and comes again */
        memmove(&r->flying[index], &r->flying[index + 1],
                (r->flying_count - index - 1) * sizeof(r->flying[0]));
        r->flying_count--;
    }
    struct ws_frame *frame = ws_frame_text(text, (size_t)length + 1);
    cr_assert_not_null(frame);
    if (r->feed.line == FEED_LINE_UP)
        feed_publish(&r->feed, seq, (struct instant){1}, frame);
    ws_frame_unref(&frame);
    serve_all(r);
}

static void log_event(struct round *r)
{
    r->logged++;
    if (r->flying_count < FLYING_MAX && (r->quiet || draw(r, 5) != 0))
        r->flying[r->flying_count++] = r->logged;
}

static void answer_last(struct round *r, struct client *client)
{
    client->last.pending = false;
    struct feed_step step = client->last.failed || (!r->quiet && draw(r, 20) == 0)
                                ? feed_fail_join(&client->session)
                                : feed_join(&r->feed, &client->session, client->last.last,
                                            client->last.first > client->last.last ? 0 : client->last.first);
    perform(r, client, &step);
    serve(r, client);
}

static void answer_read(struct round *r, struct client *client)
{
    bool any = false;

    client->read.pending = false;
    feed_end_read(&client->session);
    if (!r->quiet && draw(r, 5) == 0)
        return; /* it failed */
    for (uint64_t seq = client->read.after + 1; seq <= client->read.last; seq++) {
        cr_assert(feed_take(&r->feed, &client->session, seq));
        take(r, client, seq);
        r->read++;
        any = true;
    }
    if (any)
        serve(r, client);
}

static void answer_comparison(struct round *r)
{
    r->comparison.pending = false;
    (void)feed_see(&r->feed, r->comparison.last, r->now_us);
}

static void come(struct round *r, struct client *client)
{
    *client = (struct client){.there = true};
    client->session.has_last_seq = draw(r, 2) == 0;
    client->session.last_seq = draw(r, r->logged + 2);
    client->expected = client->session.last_seq + 1;
}

static void change_line(struct round *r)
{
    r->feed.line = (enum feed_line)((r->feed.line + 1) % 3);
    serve_all(r);
}

static void step_client(struct round *r, struct client *client)
{
    if (!client->there) {
        come(r, client);
    } else if (client->session.state == FEED_OPENING) {
        feed_open(&client->session, r->now_us);
        serve(r, client);
    } else if (client->last.pending) {
        answer_last(r, client);
    } else if (client->read.pending) {
        answer_read(r, client);
    } else if (!r->quiet && draw(r, 40) == 0) {
        client->there = false;
    } else {
        client->queued = client->queued > 50 ? client->queued - 50 : 0;
        serve(r, client);
    }
}

static void step(struct round *r)
{
    r->now_us += (int64_t)draw(r, 30000);
    switch (draw(r, 8)) {
    case 0:
        for (uint64_t n = draw(r, 40) == 0 ? 300 : draw(r, 4); n > 0; n--)
            log_event(r);
        break;
    case 1:
    case 2:
    case 3:
        if (r->flying_count > 0)
            arrive(r, draw(r, 3) == 0 ? draw(r, r->flying_count) : 0);
        break;
    case 4:
        if (r->comparison.pending)
            answer_comparison(r);
        else
            r->comparison = (struct answer){.pending = true, .last = r->logged};
        break;
    case 5:
        if (draw(r, 60) == 0)
            change_line(r);
        else if (draw(r, 200) == 0)
            r->archived = r->logged / 2;
        break;
    default:
        step_client(r, &r->clients[draw(r, SESSIONS)]);
    }
}

/* Redis is back, and the log is compared with for the last time. */
static void settle(struct round *r)
{
    r->quiet = true;
    while (r->feed.line != FEED_LINE_UP)
        change_line(r);
    for (int i = 0; i < 100; i++) {
        r->now_us += FEED_SUSPECT_US;
        (void)feed_see(&r->feed, r->logged, r->now_us - FEED_SUSPECT_US);
        for (size_t j = 0; j < SESSIONS; j++) {
            if (r->clients[j].there)
                step_client(r, &r->clients[j]);
        }
    }
    for (size_t i = 0; i < SESSIONS; i++) {
        const struct client *client = &r->clients[i];
        if (!client->there)
            continue;
        cr_assert(client->ready, "seed %llu: a session never joined", (unsigned long long)r->seed);
        cr_assert(feed_is_told(&r->feed, &client->session));
        cr_assert_eq(client->expected, r->logged + 1, "seed %llu: %llu of %llu events came",
                     (unsigned long long)r->seed, (unsigned long long)client->expected - 1,
                     (unsigned long long)r->logged);
    }
}

Test(feed_model, each_session_is_sent_every_event_once_and_in_order_or_is_closed, .timeout = 100)
{
    const char *only = getenv("OXE_FEED_SEED");
    size_t sent = 0, read = 0, joined = 0, refused = 0;

    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP_FREE struct round *r = calloc(1, sizeof(*r));
        cr_assert_not_null(r);
        r->seed = only == NULL ? seed : strtoull(only, NULL, 10);
        r->random = r->seed * UINT64_C(0x9e3779b97f4a7c15);
        for (int i = 0; i < STEPS; i++)
            step(r);
        settle(r);
        feed_release(&r->feed);
        sent += r->sent;
        read += r->read;
        joined += r->joined;
        refused += r->refused;
    }
    /* The model has seen what it is for. */
    cr_expect_gt(sent, 10 * ROUNDS);
    cr_expect_gt(read, 10 * ROUNDS);
    cr_expect_gt(joined, ROUNDS);
    cr_expect_gt(refused, ROUNDS / 10);
}
