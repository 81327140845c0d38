/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/gateway.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "common/issuer.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/linger.h"
#include "services/gateway/edge/web.h"
#include "services/gateway/gateway_run.h"
#include "services/gateway/live/hub.h"
#include "services/gateway/operations/operations.h"

enum {
    TURN_MS = 20, /* the longest sleep: deadlines are met this well */
    TOKEN_CACHE_SETS = 8192,
    TRADER_CACHE_ENTRIES = 16384,
    QUEUE_MAX = 4096,
    BODY_MAX = 32 * 1024 * 1024,
    MESSAGE_MAX = 64 * 1024,
    DRAIN_MARGIN_MS = 2500, /* beyond the request timeout: WebSockets close within 2 s */
};

const char *const gateway_checks[] = {
    [CHECK_DATABASE] = "postgresql",   [CHECK_COMPLIANCE] = "postgresql_compliance",
    [CHECK_REDIS] = "redis",           [CHECK_KEYS] = "jwks",
    [CHECK_VALIDATORS] = "validators", [CHECK_CLOCK] = CLOCK_WATCH_CHECK,
};
const size_t gateway_check_count = ARRAY_LEN(gateway_checks);
const struct clock_watch_place gateway_clock = {offsetof(struct gateway_config, database_trader), CHECK_CLOCK,
                                                METRIC_CLOCK_OFFSET};

static const char *const status_classes[] = {"2xx", "3xx", "4xx", "5xx", NULL};

static const char *const answer_labels[] = {"unreadable",      "created",      "replayed",  "rejected",
                                            "key_reused",      "unavailable",  "accepted",  "not_found",
                                            "not_cancellable", "not_in_doubt", "previewed", NULL};
static const char *const frame_labels[] = {"live", "log", NULL};
static const char *const export_labels[] = {
    [EXPORT_COMPLETE] = "complete", [EXPORT_CLIENT_GONE] = "client_gone", [EXPORT_CUT] = "cut", NULL};

const struct metric_def gateway_metric_defs[] = {
    [METRIC_REQUESTS] = {"oxe_http_requests_total", METRIC_COUNTER,
                         "Requests by operation and class of status.", "operation", routes_operation_names,
                         "class", status_classes},
    [METRIC_REQUEST_SECONDS] = {"oxe_http_request_seconds", METRIC_HISTOGRAM,
                                "Time from a request to its answer.", "operation", routes_operation_names},
    [METRIC_PARKED] = {"oxe_http_parked", METRIC_GAUGE, "Requests that wait for an answer from elsewhere.",
                       NULL, NULL},
    [METRIC_CONNECTIONS] = {"oxe_http_connections", METRIC_GAUGE, "Connections of clients.", NULL, NULL},
    [METRIC_CONNECTIONS_REFUSED] = {"oxe_http_connections_refused_total", METRIC_COUNTER,
                                    "Connections beyond a limit, closed at the door.", NULL, NULL},
    [METRIC_WEBSOCKETS] = {"oxe_websockets", METRIC_GAUGE, "WebSockets.", NULL, NULL},
    [METRIC_DATABASE_PENDING] = {"oxe_database_pending", METRIC_GAUGE, "Reads that wait or run.", NULL, NULL},
    [METRIC_ANSWERS] = {"oxe_answers_total", METRIC_COUNTER, "Answers from risk-managers by outcome.",
                        "outcome", answer_labels},
    [METRIC_FRAMES_SENT] = {"oxe_websocket_frames_total", METRIC_COUNTER,
                            "Order events sent, as they came or read from the log.", "source", frame_labels},
    [METRIC_EVENT_AGE] = {"oxe_websocket_event_age_seconds", METRIC_HISTOGRAM,
                          "From an event's happening to its sending, for sessions that were open then.", NULL,
                          NULL},
    [METRIC_CATCH_UPS] = {"oxe_websocket_log_reads_total", METRIC_COUNTER,
                          "Reads of the log for a session behind.", NULL, NULL},
    [METRIC_SLOW_CLOSED] = {"oxe_websocket_slow_total", METRIC_COUNTER,
                            "WebSockets closed for reading too slowly.", NULL, NULL},
    [METRIC_FEATURE_RATIO] = {"oxe_feature_ratio", METRIC_GAUGE_MILLIONTHS,
                              "Share of traders whose orders are taken, from 0 to 1.", NULL, NULL},
    [METRIC_LAST_BACKUP] = {"oxe_backup_last_success_timestamp_seconds", METRIC_GAUGE,
                            "When the last good backup of the database was finished; 0: there is none.", NULL,
                            NULL},
    [METRIC_EXPORTS] = {"oxe_audit_exports", METRIC_GAUGE, "Exports of the audit log under way.", NULL, NULL},
    [METRIC_EXPORTS_ENDED] = {"oxe_audit_exports_total", METRIC_COUNTER,
                              "Exports of the audit log that have begun and ended, by how.", "end",
                              export_labels},
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};
const size_t gateway_metric_count = ARRAY_LEN(gateway_metric_defs);

void gateway_live(struct request *request)
{
    struct gateway *gateway = request->gateway;

    buffer_clear(&gateway->body);
    int status = health_render_live(gateway->service->health, &gateway->body);
    request_answer_json(request, status, &gateway->body);
}

void gateway_ready(struct request *request)
{
    struct gateway *gateway = request->gateway;

    buffer_clear(&gateway->body);
    int status = health_render_ready(gateway->service->health, &gateway->body);
    request_answer_json(request, status, &gateway->body);
}

static void on_answers(void *context)
{
    (void)submit_receive(context);
}

static void on_nothing(void *context)
{
    (void)context;
}

static int open_pipes(struct gateway *gateway)
{
    const struct gateway_config *config = gateway->config;
    struct pipe_keys keys = pipe_config_keys(&config->pipe);

    int r = pipe_context_create(&keys, &gateway->pipes);
    if (r == 0)
        r = pipe_bind(gateway->pipes, PIPE_PULL, config->answer_bind, 0, &gateway->answers);
    if (r == 0)
        r = pipe_connect(gateway->pipes, PIPE_PUSH, config->validators.items[0], 0, &gateway->validators);
    for (size_t i = 1; i < config->validators.count && r == 0; i++)
        r = pipe_also_connect(gateway->validators, config->validators.items[i]);
    if (r == 0)
        r = watch_create(gateway->context.loop, pipe_fd(gateway->answers), on_answers, on_nothing, gateway,
                         &gateway->answers_watch);
    return r;
}

static int open_pool(struct gateway *gateway, const char *name, const char *conninfo, size_t connections,
                     struct db_pool **ret_pool)
{
    struct db_pool_options options = {
        .name = name,
        .conninfo = conninfo,
        .application_name = "oxe-gateway",
        .statements = statements,
        .statement_count = ARRAY_LEN(statements),
        .begin = STATEMENT_BEGIN_READ,
        .commit = STATEMENT_COMMIT,
        .connections = connections,
        .queue_max = QUEUE_MAX,
        .log = gateway_log(gateway),
    };
    return db_pool_create(gateway->context.loop, &options, ret_pool);
}

/* Ten thousand WebSockets are ten thousand descriptors. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_state(struct gateway *gateway)
{
    const struct gateway_config *config = gateway->config;
    uint32_t first_generation = 1;
    size_t connections = (size_t)config->database_connections;

    (void)getrandom(&first_generation, sizeof(first_generation), 0);
    gateway->body = BUFFER_INIT(BODY_MAX);
    gateway->message = BUFFER_INIT(MESSAGE_MAX);
    gateway->answer = calloc(1, sizeof(*gateway->answer));
    int r = gateway->answer == NULL ? -ENOMEM : 0;
    if (r == 0)
        r = feature_parse(config->feature, &gateway->feature.percent);
    if (r == 0)
        r = parked_create((size_t)config->parked_max, first_generation, &gateway->parked);
    if (r == 0)
        r = parked_create(EXPORTS_MAX, first_generation, &gateway->exports);
    if (r == 0)
        r = token_cache_create(TOKEN_CACHE_SETS, &gateway->tokens);
    if (r == 0)
        r = trader_cache_create(TRADER_CACHE_ENTRIES, &gateway->trader_cache);
    if (r == 0)
        r = jwks_source_create(config->jwks, config->jwks_refresh_ms, config->jwks_max_age_ms,
                               gateway_log(gateway), &gateway->jwks);
    if (r == 0)
        r = sign_in_open(gateway);
    if (r == 0)
        r = probes_create(&config->probes, &gateway->probes);
    if (r == 0)
        r = linger_create(gateway->context.loop, &gateway->linger);
    if (r == 0)
        r = open_pool(gateway, "trader", config->database_trader, connections, &gateway->traders);
    if (r == 0)
        r = open_pool(gateway, "compliance", config->database_compliance, (connections + 1) / 2,
                      &gateway->compliance);
    if (r == 0)
        r = hub_create(gateway, &gateway->hub);
    if (r == 0)
        r = rate_limit_create(gateway->context.loop, config->redis_url, config->redis_password,
                              gateway_log(gateway), rates_decided, gateway, &gateway->rates);
    if (r == 0)
        r = open_pipes(gateway);
    return r;
}

static void report(struct gateway *gateway)
{
    struct health *health = gateway->service->health;
    struct metrics *metrics = gateway_metrics(gateway);
    bool traders = db_pool_ready(gateway->traders) > 0, compliance = db_pool_ready(gateway->compliance) > 0;
    const char *missing = !traders                  ? "no connection"
                          : !gateway->feature.known ? "the feature flag is not known yet"
                                                    : NULL;

    health_set(health, CHECK_DATABASE, missing == NULL ? HEALTH_OK : HEALTH_FAILING, missing);
    /* Without it events that Redis loses come late, and compliance cannot read; trading goes on. */
    health_set(health, CHECK_COMPLIANCE, compliance ? HEALTH_OK : HEALTH_DEGRADED,
               compliance ? NULL : "no connection");
    bool redis = hub_redis_is_up(gateway->hub) && rate_limit_is_shared(gateway->rates);
    health_set(health, CHECK_REDIS, redis ? HEALTH_OK : HEALTH_DEGRADED,
               redis ? NULL : "no connection; events come from the log, and each gateway counts rates alone");
    const struct jwks *keys = jwks_source_current(gateway->jwks);
    health_set(health, CHECK_KEYS,
               keys == NULL            ? HEALTH_FAILING
               : jwks_count(keys) == 0 ? HEALTH_DEGRADED
                                       : HEALTH_OK,
               keys == NULL            ? "no keys, or none that were seen lately"
               : jwks_count(keys) == 0 ? "the set of keys is empty, so every token is refused"
                                       : NULL);
    /* Reads and events go on. */
    bool validators = pipe_can_send(gateway->validators);
    health_set(health, CHECK_VALIDATORS, validators ? HEALTH_OK : HEALTH_DEGRADED,
               validators ? NULL : "none is connected; orders, cancels and halts are answered 503");
    metrics_set(metrics, METRIC_PARKED, 0, (int64_t)parked_count(gateway->parked));
    metrics_set(metrics, METRIC_EXPORTS, 0, (int64_t)parked_count(gateway->exports));
    metrics_set(metrics, METRIC_CONNECTIONS, 0, (int64_t)gateway->connection_count);
    metrics_set(metrics, METRIC_WEBSOCKETS, 0, (int64_t)hub_sessions(gateway->hub));
    metrics_set(metrics, METRIC_DATABASE_PENDING, 0,
                (int64_t)(db_pool_pending(gateway->traders) + db_pool_pending(gateway->compliance)));
    metrics_set_millionths(metrics, METRIC_FEATURE_RATIO, 0, INT64_C(10000) * gateway->feature.percent);
}

static void turn(struct gateway *gateway)
{
    /* ZeroMQ's descriptor tells of a change once, so what a turn's budget left is looked for by ourselves. */
    bool more = submit_receive(gateway);

    (void)h2o_evloop_run(gateway->context.loop, more ? 0 : TURN_MS);
    int64_t now_us = clock_monotonic_us();
    service_beat(gateway->service);
    if (jwks_source_poll(gateway->jwks, now_us))
        token_cache_clear(gateway->tokens);
    http_tick(gateway, now_us);
    hub_tick(gateway->hub, now_us);
    rate_limit_tick(gateway->rates, now_us);
    feature_flag_tick(gateway, now_us);
    linger_tick(gateway->linger, now_us);
    db_pool_tick(gateway->traders, now_us);
    db_pool_tick(gateway->compliance, now_us);
    report(gateway);
}

/* What waits is answered, WebSockets are told to come back elsewhere; both within a bound. */
static void drain(struct gateway *gateway)
{
    int64_t timeout_ms = gateway->config->request_timeout_ms + DRAIN_MARGIN_MS;
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;

    gateway->draining = true;
    health_set_draining(gateway->service->health);
    hub_close_all(gateway->hub);
    http_drain(gateway);
    LOG(gateway_log(gateway), LOG_INFO, "draining", LOG_I64("parked", parked_count(gateway->parked)),
        LOG_I64("websockets", hub_sessions(gateway->hub)));
    while ((gateway->connection_count > 0 || parked_count(gateway->parked) > 0) &&
           clock_monotonic_us() < deadline_us)
        turn(gateway);
    export_cut_all(gateway);
}

/* The reverse of open_state. The pools fail their jobs into what still stands; connections end before the
 * slots that their requests hold. */
static void release(struct gateway *gateway)
{
    db_pool_destroy(&gateway->traders);
    db_pool_destroy(&gateway->compliance);
    hub_destroy(&gateway->hub);
    rate_limit_destroy(&gateway->rates);
    linger_destroy(&gateway->linger);
    watch_destroy(&gateway->answers_watch);
    http_release(gateway);
    pipe_destroy(&gateway->validators);
    pipe_destroy(&gateway->answers);
    pipe_context_destroy(&gateway->pipes);
    jwks_source_destroy(&gateway->jwks);
    issuer_destroy(&gateway->issuer);
    probes_destroy(&gateway->probes);
    trader_cache_destroy(&gateway->trader_cache);
    token_cache_destroy(&gateway->tokens);
    parked_destroy(&gateway->parked);
    parked_destroy(&gateway->exports);
    free(gateway->answer);
    buffer_release(&gateway->body);
    buffer_release(&gateway->message);
}

int gateway_run(struct service *service)
{
    struct gateway gateway = {.service = service, .config = service->config};

    raise_descriptor_limit();
    http_init(&gateway);
    int r = open_state(&gateway);
    if (r == 0)
        r = http_listen(&gateway);
    if (r == 0) {
        LOG(&service->log, LOG_INFO, "listening", LOG_TEXT("address", gateway.config->listen));
        web_check_root(&gateway);
        while (!service_stopping(service)) {
            if (service_take_reload(service))
                http_reload(&gateway);
            turn(&gateway);
        }
        drain(&gateway);
    }
    release(&gateway);
    return r;
}
