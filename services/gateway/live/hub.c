/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/hub.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/event_frame.h"
#include "services/gateway/live/event_row.h"
#include "services/gateway/live/live_prices.h"
#include "services/gateway/live/redis_feed.h"
#include "services/gateway/live/ws.h"

enum {
    BUCKETS = 16384, /* a power of two; of channels by trader */
    TICK_US = 1000 * 1000,
    /* What the log has and Redis has not brought yet is probably on its way. */
    SUSPECT_US = 100 * 1000,
    QUERY_TIMEOUT_US = 5 * 1000 * 1000,
    SUBSCRIBE_TIMEOUT_US = 500 * 1000,
    TOKEN_GRACE_US = 30 * 1000 * 1000,
};

struct recent {
    uint64_t seq;
    struct instant occurred_at; /* of the event; 0: unknown */
    struct ws_frame *frame;
};

struct channel {
    struct channel *next; /* in its bucket */
    struct uuid trader_id;
    uint64_t known;   /* last seq known to be in the log */
    uint64_t suspect; /* last seq that the log was seen to have */
    bool subscribed;
    struct session *sessions;
    struct recent recent[HUB_RECENT_MAX];
};

enum session_state { SESSION_OPENING, SESSION_SUBSCRIBING, SESSION_JOINING, SESSION_LIVE };

struct session {
    struct session *before, *after; /* of the channel */
    struct hub *hub;
    struct channel *channel;
    struct ws *ws;
    uint64_t handle; /* in hub->handles, for answers of the database */
    enum session_state state;
    struct instant live_since;
    int64_t subscribe_until_us;
    bool has_last_seq;
    uint64_t last_seq; /* the client's */
    uint64_t position;
    bool fetching;
    struct price_watch *prices; /* NULL: none */
    struct jwt_claims claims;
};

struct hub {
    struct gateway *gateway;
    struct redis_feed *redis;
    struct ws_set *sockets;
    struct parked *handles;
    struct live_prices *prices;
    struct channel *buckets[BUCKETS];
    size_t channel_count;
    bool comparing;
    int64_t next_tick_us;
    int64_t suspect_at_us; /* 0: nothing to look at */
    struct buffer text;    /* of the frame being made; reused */
};

static struct channel **bucket_of(struct hub *hub, struct uuid trader_id)
{
    return &hub->buckets[uuid_hash(trader_id) & (BUCKETS - 1)];
}

static struct channel *find_channel(struct hub *hub, struct uuid trader_id)
{
    for (struct channel *channel = *bucket_of(hub, trader_id); channel != NULL; channel = channel->next) {
        if (uuid_compare(channel->trader_id, trader_id) == 0)
            return channel;
    }
    return NULL;
}

static struct channel *open_channel(struct hub *hub, struct uuid trader_id)
{
    char name[EVENT_FRAME_CHANNEL_MAX];
    struct channel *channel = find_channel(hub, trader_id);

    if (channel != NULL)
        return channel;
    channel = calloc(1, sizeof(*channel));
    if (channel == NULL)
        return NULL;
    channel->trader_id = trader_id;
    struct channel **bucket = bucket_of(hub, trader_id);
    channel->next = *bucket;
    *bucket = channel;
    hub->channel_count++;
    (void)event_frame_channel(trader_id, name);
    redis_feed_subscribe(hub->redis, name);
    return channel;
}

static void close_channel(struct hub *hub, struct channel *channel)
{
    char name[EVENT_FRAME_CHANNEL_MAX];
    struct channel **link = bucket_of(hub, channel->trader_id);

    (void)event_frame_channel(channel->trader_id, name);
    redis_feed_unsubscribe(hub->redis, name);
    while (*link != channel)
        link = &(*link)->next;
    *link = channel->next;
    hub->channel_count--;
    for (size_t i = 0; i < HUB_RECENT_MAX; i++)
        ws_frame_unref(&channel->recent[i].frame);
    free(channel);
}

static struct ws_frame *recent_frame(const struct channel *channel, uint64_t seq)
{
    const struct recent *recent = &channel->recent[seq % HUB_RECENT_MAX];

    return recent->seq == seq ? recent->frame : NULL;
}

static void fetch(struct session *session);

/* An event that a session was there to be told of at once; what it reads up on after an absence does not
 * count. */
static void measure_age(const struct session *session, struct instant occurred_at)
{
    if (occurred_at.us >= session->live_since.us)
        metrics_observe_us(gateway_metrics(session->hub->gateway), METRIC_EVENT_AGE, 0,
                           clock_now().us - occurred_at.us);
}

/* Sends what the channel still has; what it no longer has comes from the log. */
static void advance(struct session *session)
{
    struct channel *channel = session->channel;

    if (session->state != SESSION_LIVE || session->fetching)
        return;
    while (session->position < channel->known) {
        struct ws_frame *frame = recent_frame(channel, session->position + 1);
        if (frame == NULL) {
            if (ws_queued(session->ws) < HUB_QUEUE_HIGH)
                fetch(session);
            return;
        }
        if (!ws_send(session->ws, frame))
            return;
        session->position++;
        metrics_add(gateway_metrics(session->hub->gateway), METRIC_FRAMES_SENT, 0, 1);
        measure_age(session, session->channel->recent[session->position % HUB_RECENT_MAX].occurred_at);
    }
}

static void advance_all(struct channel *channel)
{
    for (struct session *session = channel->sessions; session != NULL; session = session->after)
        advance(session);
}

/* --- from the log --- */

/* False: the session can take no more. */
static bool send_row(struct session *session, const PGresult *rows, int row)
{
    struct hub *hub = session->hub;
    uint64_t seq = (uint64_t)db_get_i64(rows, row, 0);
    struct event event;

    event_row_read(rows, row, &event);
    buffer_clear(&hub->text);
    if (seq != session->position + 1 || event_frame_render(&event, seq, &hub->text) < 0) {
        LOG_ALARM(gateway_log(hub->gateway), LOG_ERROR, "log_unreadable", "process_failing",
                  "an entry cannot be shown", "oxectl audit verify", LOG_I64("seq", seq));
        ws_close(session->ws, WS_INTERNAL, "the log could not be read");
        return false;
    }
    struct ws_frame *frame = ws_frame_text(hub->text.data, hub->text.length);
    bool sent = frame != NULL && ws_send(session->ws, frame);
    ws_frame_unref(&frame);
    if (!sent)
        return false;
    session->position = seq;
    metrics_add(gateway_metrics(hub->gateway), METRIC_FRAMES_SENT, 1, 1);
    measure_age(session, event.occurred_at);
    return true;
}

static void on_events(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct hub *hub = context;
    struct session *session = parked_find(hub->handles, token);

    if (session == NULL)
        return;
    session->fetching = false;
    if (error < 0)
        return; /* the next comparison with the log tries again */
    int rows = PQntuples(results[1]);
    for (int row = 0; row < rows; row++) {
        if (!send_row(session, results[1], row))
            return;
    }
    if (session->channel->known < session->position)
        session->channel->known = session->position;
    if (rows > 0)
        advance(session);
}

static void fetch(struct session *session)
{
    struct gateway *gateway = session->hub->gateway;
    struct db_job *job = db_job_create();

    if (job == NULL)
        return;
    db_args_uuid(db_job_step(job, STATEMENT_SET_TRADER), session->channel->trader_id);
    struct db_args *args = db_job_step(job, STATEMENT_EVENTS_AFTER);
    db_args_uuid(args, session->channel->trader_id);
    db_args_i64(args, (int64_t)session->position);
    db_args_i64(args, HUB_FETCH_MAX);
    metrics_add(gateway_metrics(gateway), METRIC_CATCH_UPS, 0, 1);
    session->fetching = db_pool_submit(gateway->traders, &job, clock_monotonic_us() + QUERY_TIMEOUT_US,
                                       on_events, session->hub, session->handle) == 0;
}

/* --- joining --- */

/* Whether the log has the event no more, and those before it. */
static bool is_archived(const PGresult *last_seq, uint64_t seq)
{
    return db_is_null(last_seq, 0, 1) || (uint64_t)db_get_i64(last_seq, 0, 1) > seq;
}

static void on_last_seq(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct hub *hub = context;
    struct session *session = parked_find(hub->handles, token);

    if (session == NULL)
        return;
    if (error < 0) {
        ws_close(session->ws, WS_TRY_LATER, "the log cannot be read now");
        return;
    }
    uint64_t last = PQntuples(results[1]) == 0 ? 0 : (uint64_t)db_get_i64(results[1], 0, 0);
    if (session->has_last_seq && session->last_seq > last) {
        ws_close(session->ws, WS_SEQ_UNKNOWN, "last_seq is above the log's");
        return;
    }
    if (session->has_last_seq && session->last_seq < last && is_archived(results[1], session->last_seq + 1)) {
        ws_close(session->ws, WS_SEQ_UNKNOWN, "events after last_seq are archived");
        return;
    }
    buffer_clear(&hub->text);
    struct ws_frame *frame = event_frame_ready(last, clock_now(), &hub->text) < 0
                                 ? NULL
                                 : ws_frame_text(hub->text.data, hub->text.length);
    bool sent = frame != NULL && ws_send(session->ws, frame);
    ws_frame_unref(&frame);
    if (!sent)
        return;
    session->position = session->has_last_seq ? session->last_seq : last;
    session->state = SESSION_LIVE;
    session->live_since = clock_now();
    if (session->channel->known < last)
        session->channel->known = last;
    advance(session);
}

static void ask_last_seq(struct session *session)
{
    struct gateway *gateway = session->hub->gateway;
    struct db_job *job = db_job_create();

    session->state = SESSION_JOINING;
    if (job != NULL) {
        db_args_uuid(db_job_step(job, STATEMENT_SET_TRADER), session->channel->trader_id);
        db_args_uuid(db_job_step(job, STATEMENT_LAST_SEQ), session->channel->trader_id);
    }
    if (job == NULL || db_pool_submit(gateway->traders, &job, clock_monotonic_us() + QUERY_TIMEOUT_US,
                                      on_last_seq, session->hub, session->handle) < 0)
        ws_close(session->ws, WS_TRY_LATER, "the log cannot be read now");
}

/* What is published from the subscription on is seen; what was before it is in the log. So it comes first. */
static void begin(struct session *session)
{
    if (session->channel->subscribed || !redis_feed_is_up(session->hub->redis)) {
        ask_last_seq(session);
        return;
    }
    session->state = SESSION_SUBSCRIBING;
    session->subscribe_until_us = clock_monotonic_us() + SUBSCRIBE_TIMEOUT_US;
}

static void on_opened(void *owner)
{
    begin(owner);
}

static void on_drained(void *owner)
{
    advance(owner);
}

static void on_closed(void *owner)
{
    struct session *session = owner;
    struct hub *hub = session->hub;
    struct channel *channel = session->channel;

    if (ws_is_slow(session->ws))
        metrics_add(gateway_metrics(hub->gateway), METRIC_SLOW_CLOSED, 0, 1);
    parked_remove(hub->handles, session->handle);
    live_prices_unwatch(hub->prices, &session->prices);
    if (session->before != NULL)
        session->before->after = session->after;
    else
        channel->sessions = session->after;
    if (session->after != NULL)
        session->after->before = session->before;
    free(session);
    if (channel->sessions == NULL)
        close_channel(hub, channel);
}

static void cleanup_json(json_t **json)
{
    json_decref(*json);
}

/* A token of the same subject takes the place of the one that ends. */
static void renew(struct session *session, const json_t *token)
{
    struct jwt_claims claims;

    if (auth_verify(session->hub->gateway, json_string_value(token), json_string_length(token), &claims) !=
        JWT_VALID) {
        ws_close(session->ws, WS_TOKEN_ENDED, "the token does not verify");
        return;
    }
    if (strcmp(claims.subject, session->claims.subject) != 0 || claims.role != session->claims.role) {
        ws_close(session->ws, WS_TOKEN_OTHER, "the token is another subject's or gives another role");
        return;
    }
    session->claims = claims;
}

/* {"action":"authenticate","token":"…"} or {"action":"prices","symbols":["…"]} */
static void on_text(void *owner, const char *text, size_t length)
{
    struct session *session = owner;
    CLEANUP(cleanup_json) json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *action = json_string_value(json_object_get(message, "action"));
    const json_t *token = json_object_get(message, "token");
    const json_t *symbols = json_object_get(message, "symbols");

    if (action != NULL && strcmp(action, "authenticate") == 0 && json_is_string(token))
        renew(session, token);
    else if (action == NULL || strcmp(action, "prices") != 0 ||
             live_prices_watch(session->hub->prices, symbols, &session->prices) < 0)
        ws_close(session->ws, WS_POLICY, "not a message that is understood");
}

static const struct ws_events ws_events = {
    .message_max = HUB_MESSAGE_MAX,
    .opened = on_opened,
    .text = on_text,
    .drained = on_drained,
    .closed = on_closed,
};

/* The newest is at the front. Who comes back after a break of the network is not kept out by the sessions
 * that it lost; so the oldest goes. */
static void close_oldest(const struct channel *channel, int64_t keep)
{
    struct session *session = channel->sessions;

    for (; session != NULL; session = session->after) {
        if (session->ws != NULL && !ws_is_closing(session->ws) && keep-- <= 0)
            ws_close(session->ws, WS_TOO_MANY, "a newer WebSocket of this trader took its place");
    }
}

void hub_join(struct hub *hub, struct request *request, const char *client_key, const char *protocol,
              bool has_last_seq, uint64_t last_seq)
{
    struct session *session = calloc(1, sizeof(*session));
    struct channel *channel = session == NULL ? NULL : open_channel(hub, request->trader_id);

    if (channel == NULL || parked_add(hub->handles, session, INT64_MAX, &session->handle) < 0) {
        if (channel != NULL && channel->sessions == NULL)
            close_channel(hub, channel);
        free(session);
        request_unavailable(request, "There are too many WebSockets.");
        return;
    }
    close_oldest(channel, hub->gateway->config->websockets_per_trader - 1);
    session->hub = hub;
    session->channel = channel;
    session->has_last_seq = has_last_seq;
    session->last_seq = last_seq;
    session->claims = request->claims;
    session->after = channel->sessions;
    if (channel->sessions != NULL)
        channel->sessions->before = session;
    channel->sessions = session;
    request_upgraded(request);
    int r = ws_accept(hub->sockets, request->req, client_key, protocol, &ws_events, session, &session->ws);
    assert(r == 0); /* h2o, too, aborts without memory */
}

/* --- from Redis --- */

static void keep_frame(struct channel *channel, const struct event_frame_line *line)
{
    struct recent *recent = &channel->recent[line->seq % HUB_RECENT_MAX];

    if (recent->seq >= line->seq)
        return;
    struct ws_frame *frame = ws_frame_text(line->text, line->length);
    if (frame == NULL)
        return;
    ws_frame_unref(&recent->frame);
    *recent = (struct recent){line->seq, line->occurred_at, frame};
    if (channel->known < line->seq)
        channel->known = line->seq;
}

static struct channel *channel_of_name(struct hub *hub, const char *name)
{
    struct uuid trader_id;

    return event_frame_parse_channel(name, &trader_id) < 0 ? NULL : find_channel(hub, trader_id);
}

static void on_redis_message(void *context, const char *name, const char *payload, size_t length)
{
    struct channel *channel = channel_of_name(context, name);
    const char *end = payload + length;
    struct event_frame_line line;
    size_t kept = 0;

    if (channel == NULL)
        return;
    while (event_frame_next_line(&payload, end, &line)) {
        keep_frame(channel, &line);
        /* Before a frame pushes out one that the sessions have not had. */
        if (++kept % HUB_RECENT_MAX == 0)
            advance_all(channel);
    }
    advance_all(channel);
}

static void on_redis_subscribed(void *context, const char *name)
{
    struct channel *channel = channel_of_name(context, name);

    if (channel == NULL)
        return;
    channel->subscribed = true;
    for (struct session *session = channel->sessions; session != NULL; session = session->after) {
        if (session->state == SESSION_SUBSCRIBING)
            ask_last_seq(session);
    }
}

static void each_channel(struct hub *hub, void (*visit)(struct hub *hub, struct channel *channel))
{
    if (hub->channel_count == 0)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct channel *channel = hub->buckets[i]; channel != NULL; channel = channel->next)
            visit(hub, channel);
    }
}

static void subscribe_channel(struct hub *hub, struct channel *channel)
{
    char name[EVENT_FRAME_CHANNEL_MAX];

    (void)event_frame_channel(channel->trader_id, name);
    redis_feed_subscribe(hub->redis, name);
}

static void lose_channel(struct hub *hub, struct channel *channel)
{
    (void)hub;
    channel->subscribed = false;
}

static void on_redis_up(void *context)
{
    each_channel(context, subscribe_channel);
}

static void on_redis_down(void *context)
{
    each_channel(context, lose_channel);
}

static const struct redis_feed_events redis_events = {
    .up = on_redis_up,
    .down = on_redis_down,
    .subscribed = on_redis_subscribed,
    .message = on_redis_message,
};

/* --- comparing with the log --- */

static void on_last_seqs(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct hub *hub = context;

    (void)token;
    hub->comparing = false;
    if (error < 0)
        return;
    for (int row = 0; row < PQntuples(results[0]); row++) {
        struct channel *channel = find_channel(hub, db_get_uuid(results[0], row, 0));
        if (channel != NULL)
            channel->suspect = (uint64_t)db_get_i64(results[0], row, 1);
    }
    hub->suspect_at_us = clock_monotonic_us() + (redis_feed_is_up(hub->redis) ? SUSPECT_US : 0);
}

static void compare(struct hub *hub)
{
    struct db_job *job;

    if (hub->channel_count == 0 || hub->comparing || (job = db_job_create()) == NULL)
        return;
    struct db_args *args = db_job_step(job, STATEMENT_LAST_SEQS);
    db_args_array_begin(args);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct channel *channel = hub->buckets[i]; channel != NULL; channel = channel->next)
            db_args_uuid(args, channel->trader_id);
    }
    db_args_array_end(args);
    hub->comparing = db_pool_submit(hub->gateway->compliance, &job, clock_monotonic_us() + QUERY_TIMEOUT_US,
                                    on_last_seqs, hub, 0) == 0;
}

static void take_suspect(struct hub *hub, struct channel *channel)
{
    (void)hub;
    if (channel->known < channel->suspect)
        channel->known = channel->suspect;
    advance_all(channel);
}

static void check_session(struct session *session, int64_t now_us, struct instant now)
{
    if (session->state == SESSION_SUBSCRIBING &&
        (session->subscribe_until_us <= now_us || !redis_feed_is_up(session->hub->redis)))
        ask_last_seq(session);
    if (session->claims.expires_at.us + TOKEN_GRACE_US <= now.us)
        ws_close(session->ws, WS_TOKEN_ENDED, "the token has ended");
    else if (!jwks_has(jwks_source_current(session->hub->gateway->jwks), session->claims.key_print))
        ws_close(session->ws, WS_TOKEN_ENDED, "the key that signed the token is gone");
}

/* Order events go first: a session that has some to come is told its prices once it has had them. */
static void tell_prices(struct hub *hub, struct channel *channel)
{
    for (struct session *session = channel->sessions; session != NULL; session = session->after) {
        if (session->prices != NULL && session->state == SESSION_LIVE && !session->fetching &&
            session->position == channel->known && ws_queued(session->ws) == 0)
            live_prices_tell(hub->prices, session->prices, session->ws);
    }
}

void hub_tick(struct hub *hub, int64_t now_us)
{
    redis_feed_tick(hub->redis, now_us);
    if (hub->suspect_at_us != 0 && hub->suspect_at_us <= now_us) {
        hub->suspect_at_us = 0;
        each_channel(hub, take_suspect);
    }
    if (hub->next_tick_us <= now_us) {
        struct instant now = clock_now();
        hub->next_tick_us = now_us + TICK_US;
        for (size_t i = 0; i < BUCKETS && hub->channel_count > 0; i++) {
            for (struct channel *channel = hub->buckets[i]; channel != NULL; channel = channel->next) {
                for (struct session *session = channel->sessions; session != NULL; session = session->after)
                    check_session(session, now_us, now);
            }
        }
        ws_set_tick(hub->sockets, now_us);
        compare(hub);
    }
    if (live_prices_tick(hub->prices, now_us))
        each_channel(hub, tell_prices);
    ws_set_reap(hub->sockets);
}

size_t hub_sessions(const struct hub *hub)
{
    return ws_set_count(hub->sockets);
}

bool hub_redis_is_up(const struct hub *hub)
{
    return redis_feed_is_up(hub->redis);
}

struct ws_set *hub_sockets(struct hub *hub)
{
    return hub->sockets;
}

void hub_close_all(struct hub *hub)
{
    ws_set_close(hub->sockets, WS_GOING_AWAY, "the gateway is going away");
}

int hub_create(struct gateway *gateway, struct hub **ret_hub)
{
    CLEANUP(hub_destroy) struct hub *hub = calloc(1, sizeof(*hub));
    const struct gateway_config *config = gateway->config;

    if (hub == NULL)
        return -ENOMEM;
    hub->gateway = gateway;
    int r = live_prices_create(gateway, &hub->prices);
    if (r == 0)
        r = ws_set_create(config->websocket_ping_ms, &hub->sockets);
    if (r == 0)
        r = parked_create((size_t)config->connections_max, 1, &hub->handles);
    if (r == 0)
        r = redis_feed_create(gateway->context.loop, config->redis_url, config->redis_password, &redis_events,
                              hub, gateway_log(gateway), &hub->redis);
    if (r < 0)
        return r;
    *ret_hub = hub;
    hub = NULL;
    return 0;
}

void hub_destroy(struct hub **hub)
{
    if (*hub == NULL)
        return;
    ws_set_destroy(&(*hub)->sockets);
    live_prices_destroy(&(*hub)->prices);
    redis_feed_destroy(&(*hub)->redis);
    parked_destroy(&(*hub)->handles);
    buffer_release(&(*hub)->text);
    free(*hub);
    *hub = NULL;
}
