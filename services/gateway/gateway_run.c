/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/gateway_run.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "common/issuer.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/linger.h"
#include "services/gateway/edge/web.h"
#include "services/gateway/gateway.h"
#include "services/gateway/live/hub.h"
#include "services/gateway/live/stream.h"
#include "services/gateway/operations/auth.h"
#include "services/gateway/operations/export.h"
#include "services/gateway/operations/forward.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/rates.h"
#include "services/gateway/operations/sign_in.h"

enum {
    TURN_MS = 20, /* the longest sleep: deadlines are met this well */
    TOKEN_CACHE_SETS = 8192,
    TRADER_CACHE_ENTRIES = 16384,
    QUEUE_MAX = 4096,
    BODY_MAX = 32 * 1024 * 1024,
    SHED_TELL_US = 1000 * 1000,
    DRAIN_MARGIN_MS = 2500, /* beyond the request timeout: WebSockets close within 2 s */
};

enum gateway_check {
    CHECK_DATABASE,
    CHECK_COMPLIANCE,
    CHECK_REDIS,
    CHECK_KEYS,
    CHECK_VALIDATORS,
    CHECK_CLOCK
};

const char *const gateway_checks[] = {
    [CHECK_DATABASE] = "postgresql",   [CHECK_COMPLIANCE] = "postgresql_compliance",
    [CHECK_REDIS] = "redis",           [CHECK_KEYS] = "jwks",
    [CHECK_VALIDATORS] = "validators", [CHECK_CLOCK] = CLOCK_WATCH_CHECK,
};
const size_t gateway_check_count = ARRAY_LEN(gateway_checks);
const struct clock_watch_place gateway_clock = {offsetof(struct gateway_config, database_trader), CHECK_CLOCK,
                                                METRIC_CLOCK_OFFSET};

#define OPERATION(name_, method_, path_, access_, run_, ...)                                                 \
    {.name = #name_, .method = method_, .path = path_, .access = access_, .run = run_, __VA_ARGS__},
static const struct operation operations[] = {
#include "services/gateway/operations.def"
};
#undef OPERATION
static const struct routes routes = {operations, ARRAY_LEN(operations)};

void gateway_run_live(struct request *request)
{
    struct buffer *body = request_body(request);
    int status = health_render_live(request->gateway->service->health, body);

    request_answer_json(request, status, body);
}

void gateway_run_ready(struct request *request)
{
    struct buffer *body = request_body(request);
    int status = health_render_ready(request->gateway->service->health, body);

    request_answer_json(request, status, body);
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
    return db_pool_create(gateway->edge.context.loop, &options, ret_pool);
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
    gateway->edge.body = BUFFER_INIT(BODY_MAX);
    gateway->shed.wait_max_us = config->order_wait_max_ms * 1000;
    int r = feature_parse(config->feature, &gateway->settings.percent);
    if (r == 0)
        r = handles_create((size_t)config->parked_max, first_generation, &gateway->edge.parked);
    if (r == 0)
        r = handles_create(EXPORTS_MAX, first_generation, &gateway->exports);
    if (r == 0)
        r = token_cache_create(TOKEN_CACHE_SETS, &gateway->tokens);
    if (r == 0)
        r = trader_cache_create(TRADER_CACHE_ENTRIES, &gateway->trader_cache);
    if (r == 0)
        r = jwks_source_create(config->jwks, config->jwks_refresh_ms, config->jwks_max_age_ms,
                               gateway_log(gateway), &gateway->jwks);
    if (r == 0)
        r = sign_in_open(gateway);
    gateway->edge.development = gateway->issuer != NULL;
    if (r == 0)
        r = probes_create(&config->probes, &gateway->probes);
    if (r == 0)
        r = linger_create(gateway->edge.context.loop, &gateway->edge.linger);
    if (r == 0)
        r = open_pool(gateway, "trader", config->database_trader, connections, &gateway->traders);
    if (r == 0)
        r = open_pool(gateway, "compliance", config->database_compliance, (connections + 1) / 2,
                      &gateway->compliance);
    if (r == 0)
        r = hub_create(gateway, &gateway->hub);
    gateway->settings.service = gateway->service;
    gateway->settings.pool = gateway->traders;
    gateway->settings.traders = gateway->trader_cache;
    if (r == 0)
        r = rate_limit_create(gateway->edge.context.loop, config->redis_url, config->redis_password,
                              gateway_log(gateway), rates_decided, gateway, &gateway->rates);
    if (r == 0)
        r = forward_create(gateway, &gateway->forward);
    return r;
}

static void report(struct gateway *gateway)
{
    struct health *health = gateway->service->health;
    struct metrics *metrics = gateway_metrics(gateway);
    bool traders = db_pool_ready(gateway->traders) > 0, compliance = db_pool_ready(gateway->compliance) > 0;
    const char *missing = !traders                   ? "no connection"
                          : !gateway->settings.known ? "the feature flag is not known yet"
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
    bool validators = forward_can_send(gateway->forward);
    health_set(health, CHECK_VALIDATORS, validators ? HEALTH_OK : HEALTH_DEGRADED,
               validators ? NULL : "none is connected; orders, cancels and halts are answered 503");
    metrics_set(metrics, METRIC_ORDERS_WAITING, 0, (int64_t)gateway->shed.under_way);
    metrics_set(metrics, METRIC_PARKED, 0, (int64_t)handles_count(gateway->edge.parked));
    metrics_set(metrics, METRIC_EXPORTS, 0, (int64_t)handles_count(gateway->exports));
    metrics_set(metrics, METRIC_CONNECTIONS, 0, (int64_t)gateway->edge.connection_count);
    metrics_set(metrics, METRIC_WEBSOCKETS, 0, (int64_t)hub_sessions(gateway->hub));
    metrics_set(metrics, METRIC_DATABASE_PENDING, 0,
                (int64_t)(db_pool_pending(gateway->traders) + db_pool_pending(gateway->compliance)));
    metrics_set_millionths(metrics, METRIC_FEATURE_RATIO, 0, INT64_C(10000) * gateway->settings.percent);
}

/* One line a second for all that are refused. */
static void tell_shed(struct gateway *gateway, int64_t now_us)
{
    if (gateway->shed_untold == 0 || now_us < gateway->shed_tell_us)
        return;
    LOG(gateway_log(gateway), LOG_WARNING, "orders_shed", LOG_I64("orders", gateway->shed_untold),
        LOG_I64("under_way", gateway->shed.under_way), LOG_I64("under_way_max", gateway->shed.under_way_max));
    gateway->shed_untold = 0;
    gateway->shed_tell_us = now_us + SHED_TELL_US;
}

static void turn(struct gateway *gateway)
{
    /* ZeroMQ's descriptor tells of a change once, so what a turn's budget left is looked for by ourselves. */
    bool more = forward_receive(gateway);

    (void)h2o_evloop_run(gateway->edge.context.loop, more ? 0 : TURN_MS);
    int64_t now_us = clock_monotonic_us();
    service_beat(gateway->service);
    if (jwks_source_poll(gateway->jwks, now_us))
        token_cache_clear(gateway->tokens);
    http_tick(&gateway->edge, now_us);
    hub_tick(gateway->hub, now_us);
    rate_limit_tick(gateway->rates, now_us);
    settings_watch_tick(&gateway->settings, now_us);
    linger_tick(gateway->edge.linger, now_us);
    db_pool_tick(gateway->traders, now_us);
    db_pool_tick(gateway->compliance, now_us);
    tell_shed(gateway, now_us);
    report(gateway);
}

/* What waits is answered, WebSockets are told to come back elsewhere; both within a bound. */
static void drain(struct gateway *gateway)
{
    int64_t timeout_ms = gateway->config->request_timeout_ms + DRAIN_MARGIN_MS;
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;

    gateway->edge.draining = true;
    health_set_draining(gateway->service->health);
    hub_close_all(gateway->hub);
    http_drain(&gateway->edge);
    LOG(gateway_log(gateway), LOG_INFO, "draining", LOG_I64("parked", handles_count(gateway->edge.parked)),
        LOG_I64("websockets", hub_sessions(gateway->hub)));
    while ((gateway->edge.connection_count > 0 || handles_count(gateway->edge.parked) > 0) &&
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
    linger_destroy(&gateway->edge.linger);
    forward_destroy(&gateway->forward);
    http_release(&gateway->edge);
    jwks_source_destroy(&gateway->jwks);
    issuer_destroy(&gateway->issuer);
    probes_destroy(&gateway->probes);
    trader_cache_destroy(&gateway->trader_cache);
    token_cache_destroy(&gateway->tokens);
    handles_destroy(&gateway->edge.parked);
    handles_destroy(&gateway->exports);
    buffer_release(&gateway->edge.body);
}

int gateway_run(struct service *service)
{
    struct gateway gateway = {.service = service, .config = service->config};
    struct edge *edge = &gateway.edge;

    raise_descriptor_limit();
    edge->service = service;
    edge->config = gateway.config;
    edge->routes = &routes;
    edge->begin = auth_begin;
    edge->gateway = &gateway;
    http_init(edge);
    int r = open_state(&gateway);
    if (r == 0)
        r = http_listen(edge);
    if (r == 0) {
        LOG(&service->log, LOG_INFO, "listening", LOG_TEXT("address", gateway.config->listen));
        web_check_root(edge);
        while (!service_stopping(service)) {
            if (service_take_reload(service))
                http_reload(edge);
            turn(&gateway);
        }
        drain(&gateway);
    }
    release(&gateway);
    return r;
}
