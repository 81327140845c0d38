/* SPDX-License-Identifier: Apache-2.0 */
#include "services/status-broadcaster/status_broadcaster.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cache.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/pipe.h"
#include "proto/event_frame.h"
#include "services/status-broadcaster/fanout.h"

enum {
    CONNECT_MS = 1000,
    FLUSH_MS = 1000,
    IDLE_MS = 500,     /* how often an idle process looks after Redis */
    PING_US = 1000000, /* so long without an answer of Redis, and it is asked for one */
    MESSAGES_MAX = 32, /* of one round trip to Redis */
    RECEIVERS_MAX = MESSAGES_MAX * FANOUT_EVENTS_MAX,
    PAYLOAD_MAX = 2 * 1024 * 1024, /* bytes of one PUBLISH: every event of a message for one trader */
};

/* All state of the process. */
struct broadcaster {
    struct service *service;
    const struct status_broadcaster_config *config;
    struct pipe_context *context;
    struct pipe *events;
    struct cache *cache;
    struct logged_events *message;
    struct fanout *fanout;
    struct buffer payload;
    int64_t *receivers; /* of each PUBLISH: RECEIVERS_MAX */
    bool redis_up;
    int64_t answered_us; /* monotonic: when Redis answered last */
};

static void set_redis(struct broadcaster *broadcaster, bool up)
{
    const struct service *service = broadcaster->service;

    if (up != broadcaster->redis_up) {
        if (up)
            LOG(&service->log, LOG_INFO, "redis_connected");
        else
            LOG(&service->log, LOG_WARNING, "redis_lost",
                LOG_TEXT("detail", cache_error(broadcaster->cache)));
    }
    broadcaster->redis_up = up;
    health_set(service->health, CHECK_REDIS, up ? HEALTH_OK : HEALTH_DEGRADED,
               up ? NULL : "events are dropped; gateways read them from the log");
}

/* Queues one PUBLISH per trader of the message. Returns how many of its events are queued. */
static size_t queue_message(struct broadcaster *broadcaster, size_t *publishes)
{
    char channel[EVENT_FRAME_CHANNEL_MAX];
    size_t queued = 0;

    for (size_t i = 0; i < broadcaster->fanout->trader_count; i++) {
        int frames = fanout_render(broadcaster->fanout, broadcaster->message, i, &broadcaster->payload);
        if (frames <= 0)
            continue;
        size_t channel_length = event_frame_channel(broadcaster->fanout->traders[i].id, channel);
        const char *argv[] = {"PUBLISH", channel, broadcaster->payload.data};
        const size_t lengths[] = {sizeof("PUBLISH") - 1, channel_length, broadcaster->payload.length};
        if (cache_append(broadcaster->cache, ARRAY_LEN(argv), argv, lengths) < 0)
            break;
        queued += (size_t)frames;
        (*publishes)++;
    }
    return queued;
}

static void log_message(const struct broadcaster *broadcaster)
{
    const struct log *log = &broadcaster->service->log;

    for (size_t i = 0; log->level == LOG_DEBUG && i < broadcaster->message->events_count; i++) {
        const struct logged_event *logged = &broadcaster->message->events[i];
        LOG(log, LOG_DEBUG, "event_passed_on", LOG_UUID("order_id", logged->event.order_id),
            LOG_I64("log_seq", logged->log_seq), LOG_TRACE(logged->event.trace_id));
    }
}

static void trace_message(const struct broadcaster *broadcaster, struct instant sent_at)
{
    for (size_t i = 0; broadcaster->service->tracer != NULL && i < broadcaster->message->events_count; i++) {
        const struct event *event = &broadcaster->message->events[i].event;
        if (event->has_order_id && event->has_trace_id)
            trace_add_stage(broadcaster->service->tracer, "broadcast", event->trace_id, event->order_id,
                            sent_at, audit_action_text(event->action));
    }
}

static void flush(struct broadcaster *broadcaster, size_t publishes, size_t events)
{
    struct metrics *metrics = broadcaster->service->metrics;
    int64_t started_us = clock_monotonic_us();
    int64_t receivers = 0;
    int r = cache_flush(broadcaster->cache, FLUSH_MS, broadcaster->receivers, RECEIVERS_MAX);

    if (r < 0) {
        metrics_add(metrics, METRIC_REDIS_ERRORS, 0, 1);
        metrics_add(metrics, METRIC_DROPPED, 0, events);
        set_redis(broadcaster, false);
        return;
    }
    broadcaster->answered_us = clock_monotonic_us();
    for (size_t i = 0; i < publishes; i++)
        receivers += broadcaster->receivers[i];
    metrics_observe_us(metrics, METRIC_FLUSH_TIME, 0, clock_monotonic_us() - started_us);
    metrics_add(metrics, METRIC_PUBLISHED, 0, publishes);
    metrics_add(metrics, METRIC_RECEIVERS, 0, (uint64_t)receivers);
}

/* A connection says nothing of a Redis that is frozen, or cut off: only an answer does. */
static bool redis_answers(struct broadcaster *broadcaster)
{
    static const char *const ping[] = {"PING"};
    int64_t now_us = clock_monotonic_us();

    if (cache_ensure(broadcaster->cache, CONNECT_MS) < 0)
        return false;
    if (broadcaster->redis_up && now_us - broadcaster->answered_us < PING_US)
        return true;
    if (cache_append(broadcaster->cache, 1, (const char **)ping, NULL) < 0 ||
        cache_flush(broadcaster->cache, FLUSH_MS, NULL, 0) < 0) {
        metrics_add(broadcaster->service->metrics, METRIC_REDIS_ERRORS, 0, 1);
        return false;
    }
    broadcaster->answered_us = clock_monotonic_us();
    return true;
}

/* Reads the message into broadcaster->message and groups it. False: it was none. */
static bool take_message(struct broadcaster *broadcaster, const uint8_t *bytes, size_t length)
{
    struct metrics *metrics = broadcaster->service->metrics;
    struct envelope envelope;

    if (logged_events_decode(bytes, length, &envelope, broadcaster->message) < 0) {
        metrics_add(metrics, METRIC_BAD_MESSAGES, 0, 1);
        return false;
    }
    fanout_group(broadcaster->fanout, broadcaster->message);
    log_message(broadcaster);
    trace_message(broadcaster, envelope.sent_at);
    metrics_add(metrics, METRIC_MESSAGES, 0, 1);
    metrics_add(metrics, METRIC_EVENTS, 0, broadcaster->fanout->event_count);
    return true;
}

/* Publishes what has arrived, in one round trip. */
static void publish_arrived(struct broadcaster *broadcaster)
{
    const uint8_t *bytes;
    size_t length;
    size_t publishes = 0;
    size_t events = 0;

    for (int i = 0; i < MESSAGES_MAX && pipe_receive(broadcaster->events, &bytes, &length) == 0; i++) {
        if (!take_message(broadcaster, bytes, length))
            continue;
        size_t queued = broadcaster->redis_up ? queue_message(broadcaster, &publishes) : 0;
        events += queued;
        metrics_add(broadcaster->service->metrics, METRIC_DROPPED, 0,
                    broadcaster->fanout->event_count - queued);
    }
    if (publishes > 0)
        flush(broadcaster, publishes, events);
}

static void tear_down(struct broadcaster *broadcaster)
{
    cache_destroy(&broadcaster->cache);
    pipe_destroy(&broadcaster->events);
    pipe_context_destroy(&broadcaster->context);
    buffer_release(&broadcaster->payload);
    free(broadcaster->message);
    free(broadcaster->fanout);
    free(broadcaster->receivers);
}

static int set_up(struct broadcaster *broadcaster)
{
    const struct status_broadcaster_config *config = broadcaster->config;
    const struct pipe_keys keys = pipe_config_keys(&config->pipe);

    broadcaster->payload = BUFFER_INIT(PAYLOAD_MAX);
    broadcaster->message = calloc(1, sizeof(*broadcaster->message));
    broadcaster->fanout = calloc(1, sizeof(*broadcaster->fanout));
    broadcaster->receivers = calloc(RECEIVERS_MAX, sizeof(*broadcaster->receivers));
    int r = broadcaster->message != NULL && broadcaster->fanout != NULL && broadcaster->receivers != NULL
                ? 0
                : -ENOMEM;
    if (r == 0)
        r = cache_create(config->redis_url, config->redis_password, &broadcaster->cache);
    if (r == 0)
        r = pipe_context_create(&keys, &broadcaster->context);
    if (r == 0)
        r = pipe_bind(broadcaster->context, PIPE_PULL, config->bind, 0, &broadcaster->events);
    if (r < 0)
        LOG_ALARM(&broadcaster->service->log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    return r;
}

int status_broadcaster_run(struct service *service)
{
    CLEANUP(tear_down) struct broadcaster broadcaster = {.service = service, .config = service->config};
    int r = set_up(&broadcaster);

    if (r < 0)
        return r;
    while (!service_stopping(service)) {
        service_beat(service);
        set_redis(&broadcaster, redis_answers(&broadcaster));
        publish_arrived(&broadcaster);
        (void)pipe_poll(&broadcaster.events, 1, &service->stop_fd, 1, IDLE_MS, NULL);
    }
    health_set_draining(service->health);
    publish_arrived(&broadcaster);
    return 0;
}
