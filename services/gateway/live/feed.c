/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/feed.h"

static struct feed_step close_session(struct feed_session *session, enum ws_code code, const char *reason)
{
    session->state = FEED_ENDED;
    return (struct feed_step){.action = FEED_CLOSE, .code = code, .reason = reason};
}

static void know(struct feed *feed, uint64_t seq)
{
    if (feed->known < seq)
        feed->known = seq;
}

void feed_release(struct feed *feed)
{
    for (size_t i = 0; i < FEED_RECENT_MAX; i++)
        ws_frame_unref(&feed->recent[i].frame);
}

void feed_publish(struct feed *feed, uint64_t seq, struct instant occurred_at, struct ws_frame *frame)
{
    struct feed_recent *recent = &feed->recent[seq % FEED_RECENT_MAX];

    if (recent->seq >= seq)
        return;
    ws_frame_unref(&recent->frame);
    *recent = (struct feed_recent){seq, occurred_at, ws_frame_ref(frame)};
    know(feed, seq);
}

int64_t feed_see(struct feed *feed, uint64_t last, int64_t now_us)
{
    feed->suspect = last;
    feed->suspect_at_us = now_us + (feed->line == FEED_LINE_DOWN ? 0 : FEED_SUSPECT_US);
    return feed->suspect_at_us;
}

void feed_open(struct feed_session *session, int64_t now_us)
{
    session->state = FEED_SUBSCRIBING;
    session->subscribe_until_us = now_us + FEED_SUBSCRIBE_TIMEOUT_US;
}

struct feed_step feed_join(struct feed *feed, struct feed_session *session, uint64_t last, uint64_t first)
{
    if (session->has_last_seq && session->last_seq > last)
        return close_session(session, WS_SEQ_UNKNOWN, "last_seq is above the log's");
    if (session->has_last_seq && session->last_seq < last && (first == 0 || first > session->last_seq + 1))
        return close_session(session, WS_SEQ_UNKNOWN, "events after last_seq are archived");
    session->position = session->has_last_seq ? session->last_seq : last;
    session->state = FEED_LIVE;
    know(feed, last);
    return (struct feed_step){.action = FEED_READY, .seq = last};
}

struct feed_step feed_fail_join(struct feed_session *session)
{
    return close_session(session, WS_TRY_LATER, "the log cannot be read now");
}

bool feed_take(struct feed *feed, struct feed_session *session, uint64_t seq)
{
    if (seq != session->position + 1)
        return false;
    session->position = seq;
    know(feed, seq);
    return true;
}

void feed_end_read(struct feed_session *session)
{
    session->reading = false;
}

struct feed_step feed_next(struct feed *feed, struct feed_session *session, size_t queued, int64_t now_us)
{
    static const struct feed_step wait = {.action = FEED_WAIT};

    if (feed->suspect_at_us <= now_us)
        know(feed, feed->suspect);
    if (session->state == FEED_SUBSCRIBING) {
        if (feed->line == FEED_LINE_ASKED && now_us < session->subscribe_until_us)
            return wait;
        session->state = FEED_JOINING;
        return (struct feed_step){.action = FEED_READ_LAST};
    }
    if (session->state != FEED_LIVE || session->reading || session->position >= feed->known)
        return wait;
    const struct feed_recent *recent = &feed->recent[(session->position + 1) % FEED_RECENT_MAX];
    if (recent->seq == session->position + 1) {
        session->position = recent->seq;
        return (struct feed_step){.action = FEED_SEND,
                                  .seq = recent->seq,
                                  .occurred_at = recent->occurred_at,
                                  .frame = recent->frame};
    }
    if (queued >= FEED_QUEUE_HIGH)
        return wait;
    session->reading = true;
    return (struct feed_step){.action = FEED_READ, .seq = session->position};
}

bool feed_is_told(const struct feed *feed, const struct feed_session *session)
{
    return session->state == FEED_LIVE && !session->reading && session->position >= feed->known;
}
