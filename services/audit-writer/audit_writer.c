/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/audit_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/pipe.h"
#include "proto/proto.h"
#include "services/audit-writer/cosigner.h"
#include "services/audit-writer/log_store.h"
#include "services/audit-writer/parts.h"
#include "services/audit-writer/sealer.h"
#include "services/audit-writer/sequence.h"
#include "services/audit-writer/stamper.h"

enum {
    CONNECT_MS = 3000,
    SWEEP_US = 1000000, /* for rows whose wake was lost */
    BEAT_US = 1000000,
    LOCK_US = 250000, /* between two tries of a standby */
    /* After a batch of so many events, so long, that the next one gathers. Fewer are those of orders that
     * come alone, and they wait for nothing. */
    LINGER_EVENTS = 8,
    LINGER_MS = 2,
    LINGER_BUSY_EVENTS = 40,
    LINGER_BUSY_MS = 4,
    STALE_BEAT_MS = 5000,   /* a peer's heartbeat that is older is a frozen peer's */
    LATE_BEAT_US = 2500000, /* our own heartbeat that came later says that we were the frozen one */
    DRAIN_BATCHES_MAX = 1000,
    BROADCAST_EVENTS_MAX = 1024, /* in one LOGGED_EVENTS */
};

/* Partitions are made three months ahead, so an hour is often enough. */
static const int64_t partitions_us = INT64_C(3600000000);

/* All state of the process. */
struct audit_writer {
    struct service *service;
    const struct audit_writer_config *config;
    struct pipe_context *context;
    struct pipe *wakes;
    struct pipe *broadcaster;
    struct db *db;
    uint64_t generation; /* of its session */
    struct log_store *store;
    char process[sizeof("audit-writer/") + 63]; /* our name in the heartbeats */
    struct sequence *sequence;
    struct sealer *sealer;
    struct cosigner *cosigner;
    struct stamper *stamper;
    struct logged_events *message;
    struct outbox_wake wake;
    struct uuid_source message_ids;
    struct buffer encoded;
    bool active;
    bool beat_on_time;   /* our last two heartbeats were not far apart */
    int64_t beat_at_us;  /* monotonic, as all of these */
    int64_t sweep_at_us; /* when the next one is due */
    int64_t lock_at_us;
    int64_t partitions_at_us;
};

static void database_failed(struct audit_writer *writer, const char *what, int r)
{
    const struct service *service = writer->service;

    metrics_add(service->metrics, METRIC_DATABASE_ERRORS, 0, 1);
    health_set(service->health, CHECK_POSTGRESQL, HEALTH_FAILING, db_error(writer->db));
    LOG_ALARM(&service->log, LOG_ERROR, "database_failed", "database_down", db_error(writer->db),
              "oxectl doctor", LOG_TEXT("while", what), LOG_ERRNO(r));
    /* Another one is active: the lock is not ours, whatever we believed. */
    if (r == -ESTALE)
        db_disconnect(writer->db);
    writer->sweep_at_us = clock_monotonic_us() + SWEEP_US;
}

static void set_active(struct audit_writer *writer, bool active)
{
    const struct service *service = writer->service;

    if (active != writer->active)
        LOG(&service->log, LOG_INFO, active ? "audit_writer_active" : "audit_writer_standby");
    writer->active = active;
    if (writer->cosigner != NULL) /* it is gone at the end */
        cosigner_set_active(writer->cosigner, active);
    if (writer->stamper != NULL)
        stamper_set_active(writer->stamper, active);
    metrics_set(service->metrics, METRIC_ACTIVE, 0, active ? 1 : 0);
}

/* Encodes and pushes one message of `message->events_count` events. What cannot be sent is in the log all the
 * same. */
static void push_message(struct audit_writer *writer)
{
    const struct service *service = writer->service;
    struct instant now = clock_now();
    const struct envelope envelope = {.id = uuid_next(&writer->message_ids, now), .sent_at = now};

    buffer_clear(&writer->encoded);
    int r = logged_events_encode(&envelope, writer->message, &writer->encoded);
    if (r == 0)
        r = pipe_send(writer->broadcaster, writer->encoded.data, writer->encoded.length);
    if (r < 0)
        metrics_add(service->metrics, METRIC_NOT_BROADCAST, 0, writer->message->events_count);
    if (r == 0)
        health_set(service->health, CHECK_BROADCASTER, HEALTH_OK, NULL);
    else
        health_set(service->health, CHECK_BROADCASTER, HEALTH_DEGRADED,
                   "events are not pushed; gateways read them from the log");
}

static void announce(struct audit_writer *writer)
{
    const struct sequence *sequence = writer->sequence;
    struct logged_events *message = writer->message;

    message->events_count = 0;
    for (size_t i = 0; i < sequence->count; i++) {
        const struct audit_entry *entry = &sequence->entries[i];
        message->events[message->events_count++] = (struct logged_event){
            .log_seq = entry->log_seq,
            .has_trader_seq = entry->has_trader_seq,
            .trader_seq = entry->trader_seq,
            .event = entry->event,
        };
        if (message->events_count < BROADCAST_EVENTS_MAX && i + 1 < sequence->count)
            continue;
        push_message(writer);
        message->events_count = 0;
    }
}

static void log_moved(const struct audit_writer *writer)
{
    const struct log *log = &writer->service->log;

    for (size_t i = 0; log->level == LOG_DEBUG && i < writer->sequence->count; i++) {
        const struct event *event = &writer->sequence->entries[i].event;
        LOG(log, LOG_DEBUG, "event_recorded", LOG_UUID("order_id", event->order_id),
            LOG_TEXT("action", audit_action_text(event->action)),
            LOG_I64("log_seq", writer->sequence->entries[i].log_seq), LOG_TRACE(event->trace_id));
    }
}

static void trace_moved(const struct audit_writer *writer)
{
    for (size_t i = 0; writer->service->tracer != NULL && i < writer->sequence->count; i++) {
        const struct event *event = &writer->sequence->entries[i].event;
        if (event->has_order_id && event->has_trace_id)
            trace_add_stage(writer->service->tracer, "record", event->trace_id, event->order_id,
                            event->occurred_at, audit_action_text(event->action));
    }
}

static void count_moved(struct audit_writer *writer, const struct log_store_moved *moved)
{
    struct metrics *metrics = writer->service->metrics;
    const struct sequence *sequence = writer->sequence;

    metrics_set_millionths(metrics, METRIC_LAG, 0, moved->oldest_us);
    if (moved->rows == 0)
        return;
    metrics_add(metrics, METRIC_BATCHES, 0, 1);
    metrics_add(metrics, METRIC_ROWS, 0, moved->rows);
    metrics_add(metrics, METRIC_EVENTS, 0, sequence->count);
    metrics_add(metrics, METRIC_PUT_ASIDE, 0, moved->put_aside);
    metrics_set(metrics, METRIC_BATCH_ROWS, 0, (int64_t)moved->rows);
    metrics_set(metrics, METRIC_BATCH_EVENTS, 0, (int64_t)sequence->count);
    metrics_observe_us(metrics, METRIC_OUTBOX_AGE, 0, moved->oldest_us);
    metrics_observe_us(metrics, METRIC_TAKE_TIME, 0, moved->take_us);
    metrics_observe_us(metrics, METRIC_COMMIT_TIME, 0, moved->commit_us);
    for (size_t i = 0; i < sequence->count; i++)
        metrics_observe_us(metrics, METRIC_EVENT_AGE, 0,
                           sequence->entries[i].recorded_at.us - sequence->entries[i].event.occurred_at.us);
    if (moved->put_aside > 0)
        LOG_ALARM(&writer->service->log, LOG_ERROR, "event_batches_put_aside", "put_aside",
                  "events that cannot be read", "oxectl aside", LOG_I64("rows", moved->put_aside));
}

/* One transaction, and its events on their way. Returns how many outbox rows it took, or a negative errno;
 * *ret_more: a bound ended it. */
static int move_batch(struct audit_writer *writer, bool *ret_more)
{
    struct log_store_moved moved;
    int r = log_store_move(writer->store, (size_t)writer->config->rows_max, writer->sequence, &moved);

    if (r < 0) {
        database_failed(writer, "move", r);
        return r;
    }
    health_set(writer->service->health, CHECK_POSTGRESQL, HEALTH_OK, "active");
    count_moved(writer, &moved);
    log_moved(writer);
    trace_moved(writer);
    announce(writer);
    if (writer->sequence->count > 0)
        sealer_expect(writer->sealer);
    *ret_more = moved.more;
    return (int)moved.rows;
}

/* Lets the next batch gather. */
static void linger(const struct audit_writer *writer)
{
    size_t events = writer->sequence->count;
    int ms = events >= LINGER_BUSY_EVENTS ? LINGER_BUSY_MS : events >= LINGER_EVENTS ? LINGER_MS : 0;

    if (ms > 0)
        (void)pipe_poll(NULL, 0, &writer->service->stop_fd, 1, ms, NULL);
}

/* Empties the outbox as it is now; while more comes than one batch holds it goes on, but no longer than the
 * next heartbeat may wait: a peer would take a busy one for a frozen one. */
static void sweep(struct audit_writer *writer)
{
    bool more = false;
    int rows;

    do {
        service_beat(writer->service);
        writer->sweep_at_us = clock_monotonic_us() + SWEEP_US;
        rows = move_batch(writer, &more);
    } while (rows > 0 && more && clock_monotonic_us() - writer->beat_at_us < BEAT_US &&
             !service_stopping(writer->service));
    if (rows > 0 && more)
        writer->sweep_at_us = 0;
    else if (rows > 0)
        linger(writer);
}

/* Takes all wakes; true when there was one. A standby takes them too, so that they do not pile up. */
static bool take_wakes(struct audit_writer *writer)
{
    const uint8_t *bytes;
    size_t length;
    struct envelope envelope;
    bool woken = false;

    while (pipe_receive(writer->wakes, &bytes, &length) == 0) {
        if (outbox_wake_decode(bytes, length, &envelope, &writer->wake) < 0)
            metrics_add(writer->service->metrics, METRIC_BAD_WAKES, 0, 1);
        else
            woken = true;
    }
    return woken;
}

/* A standby whose own heart beats in time ends the session of an active one whose heart has stopped. */
static int watch_peer(struct audit_writer *writer)
{
    size_t evicted = 0;

    if (writer->active || !writer->beat_on_time)
        return 0;
    int r = log_store_evict(writer->store, STALE_BEAT_MS, &evicted);
    if (r == 0 && evicted > 0)
        LOG(&writer->service->log, LOG_WARNING, "frozen_peer_evicted", LOG_I64("sessions", evicted));
    return r;
}

static void beat(struct audit_writer *writer)
{
    int64_t now_us = clock_monotonic_us();

    writer->beat_on_time = now_us - writer->beat_at_us < LATE_BEAT_US;
    writer->beat_at_us = now_us;
    int r = log_store_beat(writer->store, writer->process);
    if (r == 0)
        r = watch_peer(writer);
    if (r < 0)
        database_failed(writer, "beat", r);
}

static void try_take_over(struct audit_writer *writer)
{
    bool active = false;

    writer->lock_at_us = clock_monotonic_us() + LOCK_US;
    int r = log_store_take_over(writer->store, &active);
    if (r < 0) {
        database_failed(writer, "take_over", r);
        return;
    }
    set_active(writer, active);
    health_set(writer->service->health, CHECK_POSTGRESQL, HEALTH_OK, active ? "active" : "standby");
    if (!active) {
        health_set(writer->service->health, CHECK_CHECKPOINTS, HEALTH_OK, "standby");
        return;
    }
    sealer_expect(writer->sealer);
    writer->sweep_at_us = 0;
    writer->partitions_at_us = clock_monotonic_us() + partitions_us;
}

static void make_partitions(struct audit_writer *writer)
{
    int64_t made = 0;

    writer->partitions_at_us = clock_monotonic_us() + partitions_us;
    int r = log_store_make_partitions(writer->store, &made);
    if (r < 0)
        database_failed(writer, "make_partitions", r);
    else if (made > 0)
        LOG(&writer->service->log, LOG_INFO, "partitions_made", LOG_I64("count", made));
}

/* False while there is no session. A new session holds no lock. */
static bool have_session(struct audit_writer *writer)
{
    if (db_check(writer->db) < 0 && writer->active)
        LOG(&writer->service->log, LOG_WARNING, "database_lost");
    if (db_ensure(writer->db, CONNECT_MS) < 0) {
        set_active(writer, false);
        health_set(writer->service->health, CHECK_POSTGRESQL, HEALTH_FAILING, db_error(writer->db));
        return false;
    }
    if (writer->generation != db_generation(writer->db)) {
        set_active(writer, false);
        if (log_store_begin_session(writer->store) < 0)
            return false;
        writer->generation = db_generation(writer->db);
        writer->lock_at_us = 0;
        writer->beat_at_us = 0;
    }
    return true;
}

static void seal(struct audit_writer *writer)
{
    sealer_run(writer->sealer, log_store_epoch(writer->store));
    cosigner_expect(writer->cosigner);
}

static void work(struct audit_writer *writer, bool woken)
{
    if (clock_monotonic_us() - writer->beat_at_us >= BEAT_US)
        beat(writer);
    if (!writer->active && clock_monotonic_us() >= writer->lock_at_us)
        try_take_over(writer);
    if (!writer->active)
        return;
    if (clock_monotonic_us() >= writer->partitions_at_us)
        make_partitions(writer);
    if (woken || clock_monotonic_us() >= writer->sweep_at_us)
        sweep(writer);
    if (writer->active && clock_monotonic_us() >= sealer_due_us(writer->sealer))
        seal(writer);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Waits for a wake, the end, the loss of the session, or what is due next. */
static void wait_for_work(struct audit_writer *writer, bool session)
{
    const int fds[] = {writer->service->stop_fd, session ? db_fd(writer->db) : -1};
    int64_t now_us = clock_monotonic_us();
    int64_t due_us = writer->beat_at_us + BEAT_US;

    due_us = earlier(due_us, writer->active ? writer->sweep_at_us : writer->lock_at_us);
    if (writer->active)
        due_us = earlier(due_us, sealer_due_us(writer->sealer));
    int64_t wait_us = session ? due_us - now_us : (int64_t)db_retry_in_ms(writer->db) * 1000;
    if (wait_us < 0)
        wait_us = 0;
    (void)pipe_poll(&writer->wakes, 1, fds, ARRAY_LEN(fds), (int)earlier((wait_us + 999) / 1000, 1000), NULL);
}

/* At the end: what is in the outbox is still recorded, within a bound; the lock ends with the connection. */
static void drain(struct audit_writer *writer)
{
    int rows = writer->active ? 1 : 0;
    bool more = false;

    health_set_draining(writer->service->health);
    for (int i = 0; i < DRAIN_BATCHES_MAX && rows > 0; i++) {
        service_beat(writer->service);
        rows = move_batch(writer, &more);
    }
    if (writer->active && sealer_due_us(writer->sealer) < INT64_MAX)
        seal(writer);
    db_disconnect(writer->db);
    cosigner_destroy(&writer->cosigner);
    stamper_destroy(&writer->stamper);
    set_active(writer, false);
}

static void tear_down(struct audit_writer *writer)
{
    stamper_destroy(&writer->stamper);
    cosigner_destroy(&writer->cosigner);
    sealer_destroy(&writer->sealer);
    log_store_destroy(&writer->store);
    db_destroy(&writer->db);
    sequence_destroy(&writer->sequence);
    pipe_destroy(&writer->broadcaster);
    pipe_destroy(&writer->wakes);
    pipe_context_destroy(&writer->context);
    buffer_release(&writer->encoded);
    free(writer->message);
}

static int set_up(struct audit_writer *writer)
{
    const struct audit_writer_config *config = writer->config;
    const struct pipe_keys keys = pipe_config_keys(&config->pipe);
    const char *process = writer->process;

    (void)snprintf(writer->process, sizeof(writer->process), "audit-writer/%.63s", config->common.instance);
    writer->message = calloc(1, sizeof(*writer->message));
    int r = writer->message != NULL ? sequence_create(&writer->sequence) : -ENOMEM;
    if (r == 0)
        r = log_store_open_db(config->database, process, &writer->db);
    if (r == 0)
        r = log_store_create(writer->db, &writer->store);
    if (r == 0)
        r = sealer_create(writer->service, process, &writer->sealer);
    if (r == 0)
        r = cosigner_create(writer->service, process, &writer->cosigner);
    if (r == 0)
        r = stamper_create(writer->service, process, &writer->stamper);
    if (r == 0)
        r = pipe_context_create(&keys, &writer->context);
    if (r == 0)
        r = pipe_bind(writer->context, PIPE_PULL, config->bind, 0, &writer->wakes);
    if (r == 0)
        r = pipe_connect(writer->context, PIPE_PUSH, config->broadcaster, 0, &writer->broadcaster);
    if (r < 0)
        LOG_ALARM(&writer->service->log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    return r;
}

static void reload(struct audit_writer *writer)
{
    sealer_reload(writer->sealer);
    cosigner_reload(writer->cosigner);
}

int audit_writer_run(struct service *service)
{
    CLEANUP(tear_down) struct audit_writer writer = {.service = service, .config = service->config};
    int r = set_up(&writer);

    if (r < 0)
        return r;
    health_set(service->health, CHECK_BROADCASTER, HEALTH_OK, NULL);
    while (!service_stopping(service)) {
        service_beat(service);
        if (service_take_reload(service))
            reload(&writer);
        bool woken = take_wakes(&writer);
        bool session = have_session(&writer);
        if (session)
            work(&writer, woken);
        wait_for_work(&writer, session && db_fd(writer.db) >= 0);
    }
    drain(&writer);
    return 0;
}
