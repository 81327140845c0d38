/* SPDX-License-Identifier: Apache-2.0 */
/* Which event each session of a trader is sent, and when the log is read for it: every seq once, in order,
 * whatever Redis loses. Pure: events and the time come in, the next step comes out.
 *
 * A session has a position, the seq it was sent last. A published frame goes to the sessions whose position
 * is the one before it; a session that is behind what is known to be in the log, and for which no frame is
 * kept, reads the log from its position on. What the log was seen to have counts as known a little later,
 * because its frames are probably on their way.
 *
 * After each event ask feed_next, of every session that it may concern, until it says FEED_WAIT. */
#ifndef OXE_GATEWAY_FEED_H
#define OXE_GATEWAY_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"
#include "services/gateway/live/ws_frame.h"

enum {
    FEED_RECENT_MAX = 32,               /* frames that a feed keeps */
    FEED_READ_MAX = 200,                /* events of one read of the log */
    FEED_QUEUE_HIGH = 512,              /* frames waiting in a session at which reading the log pauses */
    FEED_SUBSCRIBE_TIMEOUT_US = 500000, /* after which a session joins without Redis */
    FEED_SUSPECT_US = 100000,           /* that a frame may come later than the log was seen to have it */
};

/* The trader's channel in Redis. */
enum feed_line { FEED_LINE_DOWN, FEED_LINE_ASKED, FEED_LINE_UP };

/* One trader's events, shared by the trader's sessions. Empty when zeroed. */
struct feed {
    enum feed_line line; /* the owner's to set */
    uint64_t known;      /* last seq known to be in the log */
    uint64_t suspect;    /* last seq that the log was seen to have */
    int64_t suspect_at_us;
    struct feed_recent {
        uint64_t seq;
        struct instant occurred_at; /* of the event; 0: unknown */
        struct ws_frame *frame;
    } recent[FEED_RECENT_MAX];
};

enum feed_state { FEED_OPENING, FEED_SUBSCRIBING, FEED_JOINING, FEED_LIVE, FEED_ENDED };

/* Of one WebSocket. Zeroed but for the client's last_seq, it is opening. */
struct feed_session {
    enum feed_state state;
    bool has_last_seq;
    bool reading; /* the log */
    uint64_t last_seq;
    uint64_t position;
    int64_t subscribe_until_us;
};

enum feed_action {
    FEED_WAIT,
    FEED_READ_LAST, /* ask the log for the trader's last seq, and the first it still has; then feed_join */
    FEED_READ,  /* read at most FEED_READ_MAX events after seq; then feed_end_read, and feed_take for each */
    FEED_READY, /* say session.ready with seq */
    FEED_SEND,  /* send the frame */
    FEED_CLOSE, /* with code and reason */
};

struct feed_step {
    enum feed_action action;
    enum ws_code code;
    const char *reason;
    uint64_t seq;
    struct instant occurred_at;
    struct ws_frame *frame; /* borrowed until the next call */
};

void feed_release(struct feed *feed);

/* A frame came from Redis; it is shared, not taken. One that is kept or too old already changes nothing. */
void feed_publish(struct feed *feed, uint64_t seq, struct instant occurred_at, struct ws_frame *frame);
/* The log was seen to end with `last`. Returns when that is due, and feed_next to be asked. */
int64_t feed_see(struct feed *feed, uint64_t last, int64_t now_us);

/* The WebSocket is open. What is published from the subscription on is seen, what was before it is in the
 * log: so the session joins once its feed is subscribed. */
void feed_open(struct feed_session *session, int64_t now_us);
/* The answer to FEED_READ_LAST; first: 0 when all is archived. FEED_READY or FEED_CLOSE. */
struct feed_step feed_join(struct feed *feed, struct feed_session *session, uint64_t last, uint64_t first);
/* The log could not be asked. FEED_CLOSE. */
struct feed_step feed_fail_join(struct feed_session *session);
/* An event was read from the log, and is sent now. False: it is not the next one, and the log is broken. */
bool feed_take(struct feed *feed, struct feed_session *session, uint64_t seq);
/* Nothing will come of this read. One that brought nothing is tried again at the next event. */
void feed_end_read(struct feed_session *session);

/* queued: frames that wait in the session. */
struct feed_step feed_next(struct feed *feed, struct feed_session *session, size_t queued, int64_t now_us);
/* Whether the session has all that is known to be in the log. */
bool feed_is_told(const struct feed *feed, const struct feed_session *session);

#endif
