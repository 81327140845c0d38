/* SPDX-License-Identifier: Apache-2.0 */
#include "services/validator/validator.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/deadline.h"
#include "proto/lane.h"
#include "services/validator/instruments.h"

enum {
    ORDERS_PER_TURN = 256,
    IDLE_MS = 1000,
    AWAY_MS = 20, /* while a risk-manager is looked for */
};

struct validator {
    struct service *service;
    const struct validator_config *config;
    struct pipe_context *context;
    struct pipe *in;
    struct pipe *risk_managers[RISK_MANAGERS_MAX];
    struct instruments *instruments;
    bool has_failed; /* to read the instruments; so that a failure is logged once, not each time */
    struct buffer out;
    struct order_checked checked;
    struct order_command command;
    struct halt_request halt;
};

static const struct log *log_of(const struct validator *v)
{
    return &v->service->log;
}

static void drop_order(struct validator *v, const struct envelope *envelope, size_t outcome, const char *why,
                       int r)
{
    metrics_add(v->service->metrics, METRIC_ORDERS, outcome, 1);
    LOG(log_of(v), LOG_WARNING, "order_dropped", LOG_UUID("order_id", v->checked.request.order_id),
        LOG_TEXT("why", why), LOG_ERRNO(r), LOG_TRACE(envelope->trace_id));
}

/* To the risk-manager whose the key is, so that two of them seldom want the same rows; when it takes nothing,
 * to the next one that does: the row locks are the guard, whoever decides. -EAGAIN: none takes it. */
static int send_by_key(struct validator *v, struct uuid key, const void *bytes, size_t length)
{
    size_t count = v->config->risk_managers.count, first = shard_of(key, count);
    int r = -EAGAIN;

    for (size_t i = 0; i < count && r == -EAGAIN; i++)
        r = pipe_send(v->risk_managers[(first + i) % count], bytes, length);
    return r;
}

static int pass_on(struct validator *v, const struct envelope *received)
{
    struct envelope envelope = *received;

    envelope.sent_at = clock_now();
    buffer_clear(&v->out);
    int r = order_checked_encode(&envelope, &v->checked, &v->out);
    return r < 0 ? r : send_by_key(v, v->checked.request.trader_id, v->out.data, v->out.length);
}

static void tell_bad_message(struct validator *v, size_t length, int r)
{
    metrics_add(v->service->metrics, METRIC_BAD_MESSAGES, 0, 1);
    LOG(log_of(v), LOG_WARNING, "bad_message", LOG_I64("length", length), LOG_ERRNO(r));
}

static void check_order(struct validator *v, const struct envelope *envelope, int64_t start_us)
{
    const struct instrument *instrument = NULL;
    int r = instruments_find(v->instruments, v->checked.request.symbol, &instrument);

    if (r < 0) {
        drop_order(v, envelope, ORDERS_NO_INSTRUMENTS, "whether the symbol exists is not known", r);
        return;
    }
    v->checked.faults_count = validate_order(instrument, &v->checked.request, v->checked.faults);
    v->checked.validator_us = (uint64_t)(clock_monotonic_us() - start_us);
    r = pass_on(v, envelope);
    if (r < 0) {
        drop_order(v, envelope, ORDERS_NOT_PASSED_ON, "the risk-manager takes nothing", r);
        return;
    }
    metrics_add(v->service->metrics, METRIC_ORDERS,
                v->checked.faults_count == 0 ? ORDERS_PASSED : ORDERS_FAULTY, 1);
    metrics_observe_us(v->service->metrics, METRIC_STAGE, STAGE_CHECK, clock_monotonic_us() - start_us);
    trace_add_stage(v->service->tracer, "validate", envelope->trace_id, v->checked.request.order_id,
                    envelope->sent_at, v->checked.faults_count == 0 ? "passed" : "faulty");
    LOG(log_of(v), LOG_DEBUG, "order_checked", LOG_UUID("order_id", v->checked.request.order_id),
        LOG_I64("faults", v->checked.faults_count), LOG_TRACE(envelope->trace_id));
}

/* What is asked about an order that exists needs no verdict: it goes on as it came, to the risk-manager of
 * the trader who asks. Operations ask about anybody's order, so theirs goes by the order. */
static void pass_command_on(struct validator *v, const uint8_t *bytes, size_t length)
{
    const struct order_command *command = &v->command;
    struct envelope envelope;

    int r = order_command_decode(bytes, length, &envelope, &v->command);
    if (r < 0) {
        tell_bad_message(v, length, r);
        return;
    }
    struct instant now = clock_now();
    deadline_arrive(&envelope, now, pipe_waited_max_us(v->in));
    if (deadline_has_passed(&envelope, now))
        r = -ETIME;
    else
        r = send_by_key(v, command->has_trader_id ? command->trader_id : command->order_id, bytes, length);
    metrics_add(v->service->metrics, METRIC_COMMANDS, r < 0 ? COMMANDS_DROPPED : COMMANDS_PASSED, 1);
    if (r < 0)
        LOG(log_of(v), LOG_WARNING, "command_dropped", LOG_UUID("order_id", command->order_id), LOG_ERRNO(r),
            LOG_TRACE(envelope.trace_id));
}

/* A halt is for everybody's orders: any risk-manager may record it. */
static void pass_halt_on(struct validator *v, const uint8_t *bytes, size_t length)
{
    struct envelope envelope;

    int r = halt_request_decode(bytes, length, &envelope, &v->halt);
    if (r < 0) {
        tell_bad_message(v, length, r);
        return;
    }
    r = send_by_key(v, v->halt.halt_id, bytes, length);
    metrics_add(v->service->metrics, METRIC_COMMANDS, r < 0 ? COMMANDS_DROPPED : COMMANDS_PASSED, 1);
    if (r < 0)
        LOG(log_of(v), LOG_WARNING, "halt_dropped", LOG_UUID("halt_id", v->halt.halt_id), LOG_ERRNO(r),
            LOG_TRACE(envelope.trace_id));
}

static void take_message(struct validator *v, const uint8_t *bytes, size_t length)
{
    int64_t start_us = clock_monotonic_us();
    struct instant now = clock_now();
    struct envelope envelope;

    int r = envelope_decode(bytes, length, &envelope);
    if (r == 0 && envelope.type == MESSAGE_ORDER_COMMAND) {
        pass_command_on(v, bytes, length);
        return;
    }
    if (r == 0 && envelope.type == MESSAGE_HALT_REQUEST) {
        pass_halt_on(v, bytes, length);
        return;
    }
    r = order_request_decode(bytes, length, &envelope, &v->checked.request);
    if (r < 0) {
        tell_bad_message(v, length, r);
        return;
    }
    deadline_arrive(&envelope, now, pipe_waited_max_us(v->in));
    metrics_observe_us(v->service->metrics, METRIC_STAGE, STAGE_QUEUE, now.us - envelope.sent_at.us);
    if (deadline_has_passed(&envelope, now))
        drop_order(v, &envelope, ORDERS_EXPIRED, "its deadline has passed", -ETIME);
    else
        check_order(v, &envelope, start_us);
}

static void refresh_instruments(struct validator *v)
{
    int r = instruments_refresh(v->instruments);

    if (r < 0) {
        metrics_add(v->service->metrics, METRIC_RELOAD_FAILURES, 0, 1);
        if (!v->has_failed)
            LOG(log_of(v), LOG_WARNING, "instruments_not_read", LOG_ERRNO(r),
                LOG_TEXT("detail", instruments_error(v->instruments)));
        v->has_failed = true;
        if (instruments_loaded(v->instruments))
            health_set(v->service->health, CHECK_INSTRUMENTS, HEALTH_DEGRADED,
                       "cannot be read; the old ones stay");
        return;
    }
    if (!instruments_loaded(v->instruments))
        return;
    if (v->has_failed || metrics_value(v->service->metrics, METRIC_INSTRUMENTS, 0) == 0)
        LOG(log_of(v), LOG_INFO, "instruments_read", LOG_I64("count", instruments_count(v->instruments)));
    v->has_failed = false;
    health_set(v->service->health, CHECK_INSTRUMENTS, HEALTH_OK, NULL);
    metrics_set(v->service->metrics, METRIC_INSTRUMENTS, 0, (int64_t)instruments_count(v->instruments));
}

/* One is enough, since it takes the orders of those that are away, too. Returns whether all are there. */
static bool look_at_risk_managers(struct validator *v)
{
    size_t count = v->config->risk_managers.count, there = 0;
    char detail[64];

    for (size_t i = 0; i < count; i++)
        there += pipe_can_send(v->risk_managers[i]);
    (void)snprintf(detail, sizeof(detail), "%zu of %zu take orders", there, count);
    health_set(v->service->health, CHECK_RISK_MANAGERS,
               there == count ? HEALTH_OK
               : there > 0    ? HEALTH_DEGRADED
                              : HEALTH_FAILING,
               detail);
    return there == count;
}

static void turn(struct validator *v)
{
    const int fds[] = {v->service->stop_fd};
    const uint8_t *bytes;
    size_t length;
    int refresh_ms = instruments_refresh_in_ms(v->instruments);
    int wait_ms = look_at_risk_managers(v) ? IDLE_MS : AWAY_MS;

    (void)pipe_poll(&v->in, 1, fds, ARRAY_LEN(fds), refresh_ms < wait_ms ? refresh_ms : wait_ms, NULL);
    for (int i = 0; i < ORDERS_PER_TURN && pipe_receive(v->in, &bytes, &length) == 0; i++)
        take_message(v, bytes, length);
}

static int open_all(struct validator *v)
{
    struct pipe_keys keys = pipe_config_keys(&v->config->pipe);

    int r = instruments_create(v->config->database, v->config->reload_ms, &v->instruments);
    if (r == 0)
        r = pipe_context_create(&keys, &v->context);
    explicit_bzero(&keys, sizeof(keys));
    for (size_t i = 0; r == 0 && i < v->config->risk_managers.count; i++)
        r = pipe_connect(v->context, PIPE_PUSH, v->config->risk_managers.items[i], 0, &v->risk_managers[i]);
    return r == 0 ? pipe_bind(v->context, PIPE_PULL, v->config->bind, 0, &v->in) : r;
}

static void close_all(struct validator *v)
{
    pipe_destroy(&v->in);
    for (size_t i = 0; i < ARRAY_LEN(v->risk_managers); i++)
        pipe_destroy(&v->risk_managers[i]);
    pipe_context_destroy(&v->context);
    instruments_destroy(&v->instruments);
    buffer_release(&v->out);
    free(v);
}

int validator_run(struct service *service)
{
    struct validator *v = calloc(1, sizeof(*v));

    if (v == NULL)
        return -ENOMEM;
    v->service = service;
    v->config = service->config;
    int r = open_all(v);
    if (r < 0)
        LOG_ALARM(&service->log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    while (r == 0 && !service_stopping(service)) {
        service_beat(service);
        refresh_instruments(v);
        turn(v);
    }
    close_all(v);
    return r;
}
