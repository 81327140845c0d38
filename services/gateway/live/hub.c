/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one shell: what Redis, the log and sessions tell the feed, and what it answers. */
#include "services/gateway/live/hub.h"
#include "services/gateway/operations/auth.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/cleanup.h"
#include "proto/event_frame.h"
#include "proto/row.h"
#include "services/gateway/live/channels.h"
#include "services/gateway/live/feed.h"
#include "services/gateway/live/live_prices.h"
#include "services/gateway/live/ws.h"

enum {
    BUCKETS = 16384, /* a power of two; of audiences by trader */
    TICK_US = 1000 * 1000,
    QUERY_TIMEOUT_US = 5 * 1000 * 1000,
    TOKEN_GRACE_US = 30 * 1000 * 1000,
};

/* Series of METRIC_FRAMES_SENT. */
enum source { SOURCE_REDIS, SOURCE_LOG };

/* The sessions of one trader. */
struct audience {
    LIST_ENTRY(audience) in_hub, in_bucket;
    LIST_HEAD(, session) sessions; /* the newest first */
    struct uuid trader_id;
    struct feed feed;
};

struct session {
    LIST_ENTRY(session) in_audience;
    struct hub *hub;
    struct audience *audience;
    struct ws *ws;
    uint64_t handle; /* in hub->handles, for answers of the database */
    struct feed_session feed;
    struct instant live_since;
    struct price_watch *prices; /* NULL: none */
    struct jwt_claims claims;
};

LIST_HEAD(audiences, audience);

struct hub {
    struct gateway *gateway;
    struct channels *channels;
    struct ws_set *sockets;
    struct handles *handles;
    struct live_prices *prices;
    struct audiences audiences, buckets[BUCKETS];
    bool comparing;
    int64_t next_tick_us;
    int64_t next_serve_us; /* when what the log was seen to have is due */
    struct buffer text;    /* of the frame being made; reused */
};

static struct audiences *bucket_of(struct hub *hub, struct uuid trader_id)
{
    return &hub->buckets[uuid_hash(trader_id) & (BUCKETS - 1)];
}

static struct audience *find_audience(struct hub *hub, struct uuid trader_id)
{
    struct audience *audience = LIST_FIRST(bucket_of(hub, trader_id));

    while (audience != NULL && uuid_compare(audience->trader_id, trader_id) != 0)
        audience = LIST_NEXT(audience, in_bucket);
    return audience;
}

static void subscribe(struct hub *hub, struct audience *audience)
{
    audience->feed.line = channels_is_up(hub->channels) ? FEED_LINE_ASKED : FEED_LINE_DOWN;
    channels_subscribe(hub->channels, audience->trader_id);
}

static struct audience *open_audience(struct hub *hub, struct uuid trader_id)
{
    struct audience *audience = find_audience(hub, trader_id);

    if (audience != NULL || (audience = calloc(1, sizeof(*audience))) == NULL)
        return audience;
    audience->trader_id = trader_id;
    LIST_INSERT_HEAD(&hub->audiences, audience, in_hub);
    LIST_INSERT_HEAD(bucket_of(hub, trader_id), audience, in_bucket);
    subscribe(hub, audience);
    return audience;
}

static void close_if_empty(struct hub *hub, struct audience *audience)
{
    if (!LIST_EMPTY(&audience->sessions))
        return;
    channels_unsubscribe(hub->channels, audience->trader_id);
    LIST_REMOVE(audience, in_hub);
    LIST_REMOVE(audience, in_bucket);
    feed_release(&audience->feed);
    free(audience);
}

static void each_of(const struct audience *audience, void (*visit)(struct session *session))
{
    for (struct session *session = LIST_FIRST(&audience->sessions); session != NULL;
         session = LIST_NEXT(session, in_audience))
        visit(session);
}

static void each_session(const struct hub *hub, void (*visit)(struct session *session))
{
    for (const struct audience *audience = LIST_FIRST(&hub->audiences); audience != NULL;
         audience = LIST_NEXT(audience, in_hub))
        each_of(audience, visit);
}

/* --- what the feed says --- */

static void on_last_seq(void *context, uint64_t token, int error, const PGresult *const *results);
static void on_events(void *context, uint64_t token, int error, const PGresult *const *results);

/* Asks the log as the session's trader. */
static int ask(struct session *session, const struct feed_step *step)
{
    struct gateway *gateway = session->hub->gateway;
    bool events = step->action == FEED_READ;
    struct db_job *job = db_job_create();

    if (job == NULL)
        return -ENOMEM;
    db_args_uuid(db_job_prepare(job, STATEMENT_SET_TRADER), session->audience->trader_id);
    struct db_args *args = db_job_step(job, events ? STATEMENT_EVENTS_AFTER : STATEMENT_LAST_SEQ);
    db_args_uuid(args, session->audience->trader_id);
    if (events) {
        db_args_i64(args, (int64_t)step->seq);
        db_args_i64(args, FEED_READ_MAX);
        metrics_add(gateway_metrics(gateway), METRIC_CATCH_UPS, 0, 1);
    }
    return db_pool_submit(gateway->traders, &job, clock_monotonic_us() + QUERY_TIMEOUT_US,
                          events ? on_events : on_last_seq, session->hub, session->handle);
}

static bool send_event(struct session *session, struct ws_frame *frame, struct instant occurred_at,
                       enum source source)
{
    struct metrics *metrics = gateway_metrics(session->hub->gateway);

    if (!ws_send(session->ws, frame))
        return false;
    metrics_add(metrics, METRIC_FRAMES_SENT, source, 1);
    /* What a session reads up on after an absence does not count. */
    if (occurred_at.us >= session->live_since.us)
        metrics_observe_us(metrics, METRIC_EVENT_AGE, 0, clock_now().us - occurred_at.us);
    return true;
}

static bool send_ready(struct session *session, uint64_t last)
{
    struct buffer *text = &session->hub->text;

    session->live_since = clock_now();
    buffer_clear(text);
    int r = event_frame_ready(last, session->live_since, text);
    struct ws_frame *frame = r < 0 ? NULL : ws_frame_text(text->data, text->length);
    bool sent = frame != NULL && ws_send(session->ws, frame);
    ws_frame_unref(&frame);
    if (!sent) /* no event goes before it */
        ws_close(session->ws, WS_TRY_LATER, "come back with last_seq");
    return sent;
}

/* False: nothing more can be done for now. */
static bool perform(struct session *session, const struct feed_step *step)
{
    switch (step->action) {
    case FEED_READ_LAST:
        if (ask(session, step) == 0)
            return true;
        const struct feed_step failed = feed_fail_join(&session->feed);
        return perform(session, &failed);
    case FEED_READ:
        if (ask(session, step) == 0)
            return true;
        feed_end_read(&session->feed);
        return false;
    case FEED_READY:
        return send_ready(session, step->seq);
    case FEED_SEND:
        return send_event(session, step->frame, step->occurred_at, SOURCE_REDIS);
    case FEED_CLOSE:
        ws_close(session->ws, step->code, step->reason);
        return false;
    case FEED_WAIT:
        break;
    }
    return false;
}

static void serve(struct session *session)
{
    int64_t now_us = clock_monotonic_us();
    struct feed_step step;

    do
        step = feed_next(&session->audience->feed, &session->feed, ws_queued(session->ws), now_us);
    while (perform(session, &step));
}

/* --- from the log --- */

static void on_last_seq(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct session *session = handles_find(((struct hub *)context)->handles, token);
    uint64_t last = 0, first = 0;

    if (session == NULL)
        return;
    if (error == 0 && PQntuples(results[0]) > 0) {
        last = (uint64_t)db_get_i64(results[0], 0, 0);
        first = (uint64_t)db_get_i64(results[0], 0, 1);
    }
    struct feed_step step = error < 0 ? feed_fail_join(&session->feed)
                                      : feed_join(&session->audience->feed, &session->feed, last, first);
    if (perform(session, &step))
        serve(session);
}

/* False: the session can take no more. */
static bool send_row(struct session *session, struct row_reader *reader, int row)
{
    struct buffer *text = &session->hub->text;
    uint64_t seq = (uint64_t)db_get_i64(reader->result, row, PQfnumber(reader->result, "trader_seq"));
    struct ws_frame *frame = NULL;
    struct event event;

    buffer_clear(text);
    bool is_read = row_read(reader, row, &event) == 0 && event_frame_render(&event, seq, text) == 0;
    if (is_read && (frame = ws_frame_text(text->data, text->length)) == NULL)
        return false; /* no memory: the next event tries again */
    if (!is_read || !feed_take(&session->audience->feed, &session->feed, seq)) {
        LOG_ALARM(gateway_log(session->hub->gateway), LOG_ERROR, "log_unreadable", "process_failing",
                  "an entry cannot be shown", "oxectl audit verify", LOG_I64("seq", seq));
        ws_close(session->ws, WS_INTERNAL, "the log could not be read");
        ws_frame_unref(&frame);
        return false;
    }
    bool sent = send_event(session, frame, event.occurred_at, SOURCE_LOG);
    ws_frame_unref(&frame);
    return sent;
}

static void on_events(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct session *session = handles_find(((struct hub *)context)->handles, token);
    struct row_reader reader;

    if (session == NULL)
        return;
    feed_end_read(&session->feed);
    if (error < 0)
        return;
    int r = row_reader_open(results[0], &schema_event, &reader);
    assert(r == 0); /* events_after.sql has what an event needs */
    int rows = PQntuples(results[0]);
    for (int row = 0; row < rows; row++) {
        if (!send_row(session, &reader, row))
            return;
    }
    if (rows > 0)
        serve(session);
}

static void on_last_seqs(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct hub *hub = context;
    int64_t now_us = clock_monotonic_us();

    (void)token;
    hub->comparing = false;
    for (int row = 0; error == 0 && row < PQntuples(results[0]); row++) {
        struct audience *audience = find_audience(hub, db_get_uuid(results[0], row, 0));
        if (audience != NULL)
            hub->next_serve_us = feed_see(&audience->feed, (uint64_t)db_get_i64(results[0], row, 1), now_us);
    }
}

static void compare(struct hub *hub)
{
    struct db_job *job;

    if (LIST_EMPTY(&hub->audiences) || hub->comparing || (job = db_job_create()) == NULL)
        return;
    struct db_args *args = db_job_step(job, STATEMENT_LAST_SEQS);
    db_args_array_begin(args);
    for (const struct audience *audience = LIST_FIRST(&hub->audiences); audience != NULL;
         audience = LIST_NEXT(audience, in_hub))
        db_args_uuid(args, audience->trader_id);
    db_args_array_end(args);
    hub->comparing = db_pool_submit(hub->gateway->compliance, &job, clock_monotonic_us() + QUERY_TIMEOUT_US,
                                    on_last_seqs, hub, 0) == 0;
}

/* --- from Redis --- */

static void on_changed(void *context, bool up)
{
    struct hub *hub = context;

    (void)up;
    for (struct audience *audience = LIST_FIRST(&hub->audiences); audience != NULL;
         audience = LIST_NEXT(audience, in_hub))
        subscribe(hub, audience);
}

static void on_subscribed(void *context, struct uuid trader_id)
{
    struct audience *audience = find_audience(context, trader_id);

    if (audience == NULL)
        return;
    audience->feed.line = FEED_LINE_UP;
    each_of(audience, serve);
}

static void on_message(void *context, struct uuid trader_id, const char *payload, size_t length)
{
    struct audience *audience = find_audience(context, trader_id);
    const char *end = payload + length;
    struct event_frame_line line;

    while (audience != NULL && event_frame_next_line(&payload, end, &line)) {
        struct ws_frame *frame = ws_frame_text(line.text, line.length);
        if (frame == NULL)
            return; /* it is read from the log */
        feed_publish(&audience->feed, line.seq, line.occurred_at, frame);
        ws_frame_unref(&frame);
        each_of(audience, serve);
    }
}

static const struct channels_events channels_events = {
    .changed = on_changed,
    .subscribed = on_subscribed,
    .message = on_message,
};

/* --- the session --- */

static void on_opened(void *owner)
{
    struct session *session = owner;

    feed_open(&session->feed, clock_monotonic_us());
    serve(session);
}

static void on_drained(void *owner)
{
    serve(owner);
}

static void on_closed(void *owner)
{
    struct session *session = owner;
    struct hub *hub = session->hub;

    if (ws_is_slow(session->ws))
        metrics_add(gateway_metrics(hub->gateway), METRIC_SLOW_CLOSED, 0, 1);
    handles_remove(hub->handles, session->handle);
    live_prices_unwatch(hub->prices, &session->prices);
    LIST_REMOVE(session, in_audience);
    close_if_empty(hub, session->audience);
    free(session);
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
    json_auto_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
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

/* Who comes back after a break of the network is not kept out by the sessions that it lost; so the oldest
 * goes. */
static void close_oldest(const struct audience *audience, int64_t keep)
{
    for (struct session *session = LIST_FIRST(&audience->sessions); session != NULL;
         session = LIST_NEXT(session, in_audience)) {
        if (!ws_is_closing(session->ws) && keep-- <= 0)
            ws_close(session->ws, WS_TOO_MANY, "a newer WebSocket of this trader took its place");
    }
}

void hub_join(struct hub *hub, struct request *request, const struct handshake *handshake, bool has_last_seq,
              uint64_t last_seq)
{
    struct session *session = calloc(1, sizeof(*session));
    struct audience *audience = session == NULL ? NULL : open_audience(hub, request->trader_id);

    if (audience == NULL || handles_add(hub->handles, session, INT64_MAX, &session->handle) < 0) {
        if (audience != NULL)
            close_if_empty(hub, audience);
        free(session);
        request_unavailable(request, "There are too many WebSockets.");
        return;
    }
    close_oldest(audience, hub->gateway->config->websockets_per_trader - 1);
    session->hub = hub;
    session->audience = audience;
    session->feed = (struct feed_session){.has_last_seq = has_last_seq, .last_seq = last_seq};
    session->claims = request->claims;
    LIST_INSERT_HEAD(&audience->sessions, session, in_audience);
    handshake_accept(request, handshake);
    int r = ws_accept(hub->sockets, request->req, &ws_events, session, &session->ws);
    assert(r == 0); /* h2o, too, aborts without memory */
}

static void check(struct session *session)
{
    if (session->claims.expires_at.us + TOKEN_GRACE_US <= clock_now().us)
        ws_close(session->ws, WS_TOKEN_ENDED, "the token has ended");
    else if (!jwks_has(jwks_source_current(session->hub->gateway->jwks), session->claims.key_print))
        ws_close(session->ws, WS_TOKEN_ENDED, "the key that signed the token is gone");
    serve(session);
}

/* Order events go first: a session that has some to come is told its prices once it has had them. */
static void tell_prices(struct session *session)
{
    if (session->prices != NULL && feed_is_told(&session->audience->feed, &session->feed) &&
        ws_queued(session->ws) == 0)
        live_prices_tell(session->hub->prices, session->prices, session->ws);
}

void hub_tick(struct hub *hub, int64_t now_us)
{
    channels_tick(hub->channels, now_us);
    if (hub->next_tick_us <= now_us) {
        hub->next_tick_us = now_us + TICK_US;
        each_session(hub, check);
        ws_set_tick(hub->sockets, now_us);
        compare(hub);
    }
    if (hub->next_serve_us <= now_us) {
        hub->next_serve_us = INT64_MAX;
        each_session(hub, serve);
    }
    if (live_prices_tick(hub->prices, now_us))
        each_session(hub, tell_prices);
    ws_set_reap(hub->sockets);
}

size_t hub_sessions(const struct hub *hub)
{
    return ws_set_count(hub->sockets);
}

bool hub_redis_is_up(const struct hub *hub)
{
    return channels_is_up(hub->channels);
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
    hub->next_serve_us = INT64_MAX;
    int r = live_prices_create(gateway, &hub->prices);
    if (r == 0)
        r = ws_set_create(config->websocket_ping_ms, &hub->sockets);
    if (r == 0)
        r = handles_create((size_t)config->connections_max, 1, &hub->handles);
    if (r == 0)
        r = channels_create(gateway->edge.context.loop, config->redis_url, config->redis_password,
                            &channels_events, hub, gateway_log(gateway), &hub->channels);
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
    channels_destroy(&(*hub)->channels);
    handles_destroy(&(*hub)->handles);
    buffer_release(&(*hub)->text);
    free(*hub);
    *hub = NULL;
}
