/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/gateway_world.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/event_frame.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_MS = 5000, POLL_MS = 5 };

/* Unless the test has set it. */
static void set_default(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set_default(const char *name, const char *format, ...)
{
    char value[1024];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    cr_assert_eq(setenv(name, value, 0), 0);
}

static void set_environment(struct gateway_world *gateway)
{
    const char *directory = gateway->world.directory;
    char host[128], url[64];

    cr_assert_eq(sscanf(postgres_conninfo(gateway->world.postgres), "host=%127s", host), 1);
    set_default("OXE_GATEWAY_LISTEN", "127.0.0.1:%d", gateway->port);
    set_default("OXE_ANSWER_BIND", "ipc://%s/gateway", directory);
    set_default("OXE_VALIDATORS", "ipc://%s/validator", directory);
    set_default("OXE_DATABASE_TRADER", "host=%s dbname=postgres user=oxe_trader", host);
    set_default("OXE_DATABASE_COMPLIANCE", "host=%s dbname=postgres user=oxe_compliance", host);
    set_default("OXE_REDIS_URL", "%s", redis_url(gateway->redis));
    set_default("OXE_JWKS", "%s/jwks.json", directory);
    set_default("OXE_JWT_ISSUER", "test-issuer");
    set_default("OXE_JWT_AUDIENCE", "oxe");
    set_default("ORDER_EXECUTION_V2_ENABLED", "true");
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", gateway->port);
    cr_assert_eq(setenv("OXE_URL", url, 1), 0);
}

static pid_t start_process(const struct gateway_world *gateway, const char *name, int probe_port)
{
    const char *binary = getenv("OXE_GATEWAY_BINARY");
    const char *const argv[] = {binary, NULL};
    char log[128], listen[32];

    cr_assert_not_null(binary, "OXE_GATEWAY_BINARY is not set");
    (void)snprintf(log, sizeof(log), "%s/%s.log", gateway->world.directory, name);
    (void)snprintf(listen, sizeof(listen), "127.0.0.1:%d", probe_port);
    cr_assert_eq(setenv("OXE_PROBE_LISTEN", listen, 1), 0);
    pid_t pid = process_start(argv, NULL, log, SIGKILL);
    cr_assert_gt(pid, 0);
    world_await_status(probe_port, "/readyz", 200);
    return pid;
}

void gateway_start(struct gateway_world *gateway)
{
    gateway->gateway = start_process(gateway, "gateway", gateway->probe_port);
}

int gateway_stop(struct gateway_world *gateway)
{
    cr_assert(process_is_running(gateway->gateway), "the gateway has ended before its time");
    (void)kill(gateway->gateway, SIGTERM);
    return gateway_wait(gateway);
}

int gateway_wait(struct gateway_world *gateway)
{
    int status = process_wait(gateway->gateway);

    gateway->gateway = 0;
    return status;
}

/* With Redis, as far as that runs: a session that begins before it would wait for the comparison. */
static void await_redis(const struct gateway_world *gateway)
{
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        AUTO_REPLY reply = gateway_get(NULL, "/readyz");
        if (strcmp(json_text(reply.json, "checks/redis/status"), "ok") == 0)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("the gateway (port %d) does not reach Redis", gateway->port);
}

static void begin(struct gateway_world *gateway, size_t risk_managers)
{
    *gateway = (struct gateway_world){.port = port_free(), .probe_port = port_free()};
    world_begin(&gateway->world, risk_managers);
    cr_assert_eq(redis_start(NULL, &gateway->redis), 0);
    cr_assert_eq(cache_create(redis_url(gateway->redis), NULL, &gateway->publisher), 0);
    gateway->key = gateway_make_key("test-1");
    gateway_write_jwks(gateway, (const cjose_jwk_t *[]){gateway->key, NULL});
    set_environment(gateway);
    gateway_start(gateway);
    await_redis(gateway);
}

void gateway_begin(struct gateway_world *gateway)
{
    begin(gateway, 1);
}

void gateway_set_database(const struct gateway_world *gateway, const char *role)
{
    char host[128], conninfo[256];

    cr_assert_eq(sscanf(postgres_conninfo(gateway->world.postgres), "host=%127s", host), 1);
    (void)snprintf(conninfo, sizeof(conninfo), "host=%s dbname=postgres user=%s", host, role);
    cr_assert_eq(setenv("OXE_DATABASE", conninfo, 1), 0);
}

char *gateway_oxectl(const char *arguments, int *ret_status)
{
    char line[2048];

    cr_assert_not_null(getenv("OXE_CTL_BINARY"), "OXE_CTL_BINARY is not set");
    (void)snprintf(line, sizeof(line), "%s %s 2>&1", getenv("OXE_CTL_BINARY"), arguments);
    cr_assert_eq(setenv("OXE_ACTOR", "tests", 0), 0);
    return instance_run((const char *const[]){"sh", "-c", line, NULL}, ret_status);
}

static void set_path(const char *name, const struct gateway_world *gateway, const char *file)
{
    char endpoint[128];

    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/%s", gateway->world.directory, file);
    cr_assert_eq(setenv(name, endpoint, 1), 0);
}

void gateway_begin_pair(struct gateway_world *gateway)
{
    int port = port_free();
    char listen[32];

    begin(gateway, 2);
    world_add_validator(&gateway->world);
    (void)snprintf(listen, sizeof(listen), "127.0.0.1:%d", port);
    (void)snprintf(gateway->second_url, sizeof(gateway->second_url), "http://%s", listen);
    cr_assert_eq(setenv("OXE_GATEWAY_LISTEN", listen, 1), 0);
    set_path("OXE_ANSWER_BIND", gateway, "gateway1");
    set_path("OXE_VALIDATORS", gateway, "validator1");
    gateway->second_probe_port = port_free();
    gateway->second = start_process(gateway, "gateway1", gateway->second_probe_port);
}

void gateway_end(struct gateway_world *gateway)
{
    if (gateway->gateway > 0) {
        int status = gateway_stop(gateway);
        cr_expect_eq(status, 0, "the gateway ends with %d", status);
    }
    if (gateway->second > 0) {
        (void)kill(gateway->second, SIGTERM);
        cr_expect_eq(process_wait(gateway->second), 0, "the second gateway ends badly");
    }
    cjose_jwk_release(gateway->key);
    cache_destroy(&gateway->publisher);
    redis_stop(&gateway->redis);
    world_end(&gateway->world);
}

cjose_jwk_t *gateway_make_key(const char *kid)
{
    cjose_err error;
    cjose_jwk_t *key = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);

    cr_assert(key != NULL && cjose_jwk_set_kid(key, kid, strlen(kid), &error));
    return key;
}

void gateway_write_jwks(const struct gateway_world *gateway, const cjose_jwk_t *const *keys)
{
    char path[128], temporary[160];
    cjose_err error;

    (void)snprintf(path, sizeof(path), "%s/jwks.json", gateway->world.directory);
    (void)snprintf(temporary, sizeof(temporary), "%s.new", path);
    FILE *file = fopen(temporary, "we");
    cr_assert_not_null(file);
    (void)fputs("{\"keys\":[", file);
    for (size_t i = 0; keys[i] != NULL; i++) {
        char *text = cjose_jwk_to_json(keys[i], false, &error);
        (void)fprintf(file, "%s%s", i == 0 ? "" : ",", text);
        cjose_get_dealloc()(text);
    }
    (void)fputs("]}\n", file);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(rename(temporary, path), 0);
}

char *gateway_token_with(const cjose_jwk_t *key, const char *subject, int ttl_s, const char *claims)
{
    char payload[1024];
    cjose_err error;
    const char *text;
    int64_t expires_s = clock_now().us / 1000000 + ttl_s;
    cjose_header_t *header = cjose_header_new(&error);

    cr_assert(cjose_header_set(header, "alg", "ES256", &error));
    cr_assert(cjose_header_set(header, "kid", cjose_jwk_get_kid(key, &error), &error));
    (void)snprintf(payload, sizeof(payload),
                   "{\"sub\":\"%s\",\"iss\":\"test-issuer\",\"aud\":\"oxe\",\"exp\":%lld%s}", subject,
                   (long long)expires_s, claims);
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)payload, strlen(payload), &error);
    cr_assert(jws != NULL && cjose_jws_export(jws, &text, &error));
    char *token = strdup(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
}

char *gateway_token(const struct gateway_world *gateway, const char *subject)
{
    return gateway_token_with(gateway->key, subject, 3600, "");
}

char *gateway_trader(struct gateway_world *gateway, const char *subject, const char *settings)
{
    world_sql(&gateway->world,
              "INSERT INTO oxe.traders (id, subject, cash) VALUES (gen_random_uuid(), '%s', 1000000)",
              subject);
    if (settings != NULL)
        world_sql(&gateway->world, "UPDATE oxe.traders SET %s WHERE subject = '%s'", settings, subject);
    return gateway_token(gateway, subject);
}

struct reply gateway_get(const char *token, const char *path)
{
    return instance_call(&(struct call){.path = path, .token = token});
}

char *gateway_log_event(struct gateway_world *gateway, size_t trader, enum audit_action action)
{
    struct world *world = &gateway->world;
    CLEANUP(buffer_release) struct buffer frame = BUFFER_INIT(0);
    struct instant now = clock_now();
    bool fill = action == AUDIT_ACTION_FILLED;
    char id[UUID_TEXT_MAX], order[UUID_TEXT_MAX], event_id[UUID_TEXT_MAX];
    struct event event = {
        .has_order_id = true,
        .order_id = uuid_next(&world->ids, now),
        .action = action,
        .has_status = true,
        .status = fill ? ORDER_STATUS_PARTIAL : ORDER_STATUS_PENDING,
        .has_execution_state = true,
        .execution_state = fill ? EXECUTION_STATE_WORKING : EXECUTION_STATE_ADMITTED,
        .symbol = "AAPL",
        .has_quantity = true,
        .quantity = {INT64_C(5000000000)},
        .has_price = true,
        .price = {INT64_C(15045000000)},
        .has_total_filled = true,
        .total_filled = {fill ? INT64_C(5000000000) : 0},
        .has_average_price = fill,
        .average_price = {INT64_C(15045000000)},
        .message = "a \"quoted\" \xe2\x82\xac word",
        .occurred_at = now,
        .has_side = true,
        .side = SIDE_SELL,
    };

    uuid_format(world_trader(trader), id);
    uuid_format(event.order_id, order);
    uuid_format(uuid_next(&world->ids, now), event_id);
    /* In one transaction, and as the one role that may. */
    world_sql(world, "BEGIN; SET LOCAL session_replication_role = replica");
    long long seq = atoll(world_value(
        world,
        "INSERT INTO oxe.audit_traders VALUES ('%s', 1) ON CONFLICT (trader_id) DO UPDATE SET last_seq = "
        "audit_traders.last_seq + 1 RETURNING last_seq",
        id));
    world_sql(
        world,
        "INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, status, "
        "execution_state, symbol, quantity, price, total_filled, average_price, message, actor, "
        "\"timestamp\", "
        "recorded_at, leaf_hash, side) SELECT coalesce(max(log_seq), 0) + 1, '%s', '%s', '%s', %lld, '%s', "
        "'%s', "
        "'%s', "
        "'AAPL', 50, 150.45, %s, '%s', 'test', oxe.ts(%lld), now(), sha256(''), 'SELL' FROM "
        "oxe.execution_logs; "
        "COMMIT",
        event_id, order, id, seq, audit_action_text(action), order_status_text(event.status),
        execution_state_text(event.execution_state), fill ? "50, 150.45" : "0, NULL", event.message,
        (long long)now.us);
    cr_assert_eq(event_frame_render(&event, (uint64_t)seq, &frame), 0);
    return strdup(frame.data);
}

void gateway_publish(struct gateway_world *gateway, size_t trader, const char *frames)
{
    char channel[64] = "orders:";
    const char *argv[] = {"PUBLISH", channel, frames};
    const size_t lengths[] = {7, 43, strlen(frames)};

    uuid_format(world_trader(trader), channel + 7);
    cr_assert_eq(cache_ensure(gateway->publisher, WAIT_MS), 0);
    cr_assert_eq(cache_append(gateway->publisher, 3, argv, lengths), 0);
    cr_assert_eq(cache_flush(gateway->publisher, WAIT_MS, NULL, 0), 0, "%s", cache_error(gateway->publisher));
}

struct ws_client *gateway_watch(const struct gateway_world *gateway, const char *token, const char *query)
{
    struct ws_client *client = NULL;
    char url[256], header[2048];
    const char *headers[] = {header, NULL};
    int status = 0;

    (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/orders/events%s", gateway->port, query);
    (void)snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
    int r = ws_client_open(url, headers, WAIT_MS, &client, &status);
    cr_assert_eq(r, 0, "the WebSocket does not open: %d, status %d", r, status);
    return client;
}

const char *gateway_next(struct ws_client *client)
{
    const char *text = NULL;
    size_t length;

    int r = ws_client_next(client, WAIT_MS, &text, &length);
    cr_assert_eq(r, 0, "no frame: %d, close code %d", r, r == -ESHUTDOWN ? ws_client_close_code(client) : 0);
    return text;
}

int gateway_close_code(struct ws_client *client, int timeout_ms)
{
    const char *text;
    size_t length;
    int r;

    while ((r = ws_client_next(client, timeout_ms, &text, &length)) == 0)
        ;
    return r == -ESHUTDOWN ? ws_client_close_code(client) : 0;
}
