/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/admission_world.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/port.h"
#include "tests/support/process.h"
#include "tests/support/schema.h"

enum { ANSWER_WAIT_MS = 30 * 1000, STATUS_WAIT_US = 20 * 1000 * 1000, POLL_MS = 5 };

void world_sql(struct world *world, const char *format, ...)
{
    char sql[4096];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    PGresult *result = PQexec(world->sql, sql);
    ExecStatusType status = PQresultStatus(result);
    cr_assert(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql,
              PQerrorMessage(world->sql));
    PQclear(result);
}

const char *world_value(struct world *world, const char *format, ...)
{
    static char value[4096];
    char sql[4096];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    PGresult *result = PQexec(world->sql, sql);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(world->sql));
    (void)snprintf(value, sizeof(value), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

struct uuid world_trader(size_t number)
{
    struct uuid id = {.bytes = {0x01, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0x70, 0x00, 0x80}};

    id.bytes[15] = (uint8_t)number;
    return id;
}

static void add_rows(struct world *world)
{
    char id[UUID_TEXT_MAX];

    world_sql(world, "INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size, tradable) VALUES "
                     "('AAPL', 'Apple', 0.01, 1, true), ('MSFT', 'Microsoft', 0.05, 10, true), "
                     "('DARK', 'Dark', 0.01, 1, false), ('NEW', 'New', 0.01, 1, true)");
    world_sql(
        world,
        "INSERT INTO oxe.last_prices (symbol, price) VALUES ('AAPL', 150), ('MSFT', 300), ('DARK', 10)");
    for (size_t i = 0; i < WORLD_TRADERS; i++) {
        uuid_format(world_trader(i), id);
        world_sql(world,
                  "INSERT INTO oxe.traders (id, subject, cash, opening_cash) VALUES ('%s', 'trader-%zu', "
                  "1000000, 1000000)",
                  id, i);
        world_sql(world,
                  "INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost) VALUES "
                  "('%s', 'AAPL', 500, 500, 50000)",
                  id);
    }
    world_sql(world, "DELETE FROM oxe.outbox"); /* as if audit-writer had recorded the openings */
}

static void set(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set(const char *name, const char *format, ...)
{
    char value[1024];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    cr_assert_eq(setenv(name, value, 1), 0);
}

static void set_database(const struct world *world, const char *role)
{
    char host[128];

    cr_assert_eq(sscanf(postgres_conninfo(world->postgres), "host=%127s", host), 1);
    set("OXE_DATABASE", "host=%s dbname=postgres user=%s", host, role);
}

static pid_t start_service(struct world *world, const char *binary_variable, const char *log_name, int port)
{
    const char *binary = getenv(binary_variable);
    char log[128];

    cr_assert_not_null(binary, "%s is not set", binary_variable);
    set("OXE_PROBE_LISTEN", "127.0.0.1:%d", port);
    (void)snprintf(log, sizeof(log), "%s/%s.log", world->directory, log_name);
    const char *const argv[] = {binary, NULL};
    pid_t pid = process_start(argv, NULL, log, SIGKILL);
    cr_assert_gt(pid, 0);
    return pid;
}

static void start_services(struct world *world, size_t risk_managers)
{
    const char *dir = world->directory;
    char name[32];

    set("OXE_LANES", "%d", WORLD_LANES);
    set("OXE_TRADING_TZ", "UTC");
    /* Nobody confirms the prices here. */
    if (getenv("OXE_PRICE_MAX_AGE") == NULL)
        set("OXE_PRICE_MAX_AGE", "1h");
    set("OXE_AUDIT_WRITERS", "ipc://%s/audit", dir);
    set_database(world, "oxe_risk");
    for (size_t i = 0; i < risk_managers; i++) {
        set("OXE_RISK_BIND", "ipc://%s/risk%zu", dir, i);
        set("OXE_LANE_BIND", "ipc://%s/lanes%zu", dir, i);
        (void)snprintf(name, sizeof(name), "risk%zu", i);
        world->risk_ports[i] = port_free();
        world->risk_managers[i] = start_service(world, "OXE_RISK_MANAGER_BINARY", name, world->risk_ports[i]);
    }
    set_database(world, "oxe_validator");
    set("OXE_VALIDATOR_BIND", "ipc://%s/validator", dir);
    if (risk_managers == 2)
        set("OXE_RISK_MANAGERS", "ipc://%s/risk0,ipc://%s/risk1", dir, dir);
    else
        set("OXE_RISK_MANAGERS", "ipc://%s/risk0", dir);
    world->validator_port = port_free();
    world->validator = start_service(world, "OXE_VALIDATOR_BINARY", "validator", world->validator_port);
}

static struct pipe *open_pipe(struct world *world, bool bind, enum pipe_kind kind, const char *name)
{
    struct pipe *pipe = NULL;
    char endpoint[256];

    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/%s", world->directory, name);
    int r = bind ? pipe_bind(world->context, kind, endpoint, 0, &pipe)
                 : pipe_connect(world->context, kind, endpoint, 0, &pipe);
    cr_assert_eq(r, 0, "%s: %d", endpoint, r);
    return pipe;
}

static void open_pipes(struct world *world, size_t risk_managers)
{
    char name[64];

    cr_assert_eq(pipe_context_create(NULL, &world->context), 0);
    world->answers = open_pipe(world, true, PIPE_PULL, "answers");
    world->audit = open_pipe(world, true, PIPE_PULL, "audit");
    world->to_validator = open_pipe(world, false, PIPE_PUSH, "validator");
    for (size_t i = 0; i < risk_managers; i++) {
        (void)snprintf(name, sizeof(name), "risk%zu", i);
        world->to_risk[i] = open_pipe(world, false, PIPE_PUSH, name);
    }
}

static size_t take_body(char *bytes, size_t size, size_t count, void *body)
{
    buffer_append(body, bytes, size * count);
    return size * count;
}

static int get(int port, const char *path, struct buffer *body)
{
    long status = 0;
    char url[256];
    CURL *curl = curl_easy_init();

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 2000L);
    if (curl_easy_perform(curl) == CURLE_OK)
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return (int)status;
}

int world_status(int port, const char *path)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    return get(port, path, &body);
}

void world_await_status(int port, const char *path, int status)
{
    int64_t until_us = clock_monotonic_us() + STATUS_WAIT_US;
    int now = 0;

    while ((now = world_status(port, path)) != status && clock_monotonic_us() < until_us)
        (void)poll(NULL, 0, POLL_MS);
    cr_assert_eq(now, status, "%s is %d, not %d", path, now, status);
}

void world_await_text(int port, const char *path, const char *wanted)
{
    int64_t until_us = clock_monotonic_us() + STATUS_WAIT_US;

    for (;;) {
        CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
        if (get(port, path, &body) == 200 && body.data != NULL && strstr(body.data, wanted) != NULL)
            return;
        cr_assert_lt(clock_monotonic_us(), until_us, "%s does not say %s: %s", path, wanted,
                     body.data == NULL ? "no answer" : body.data);
        (void)poll(NULL, 0, POLL_MS);
    }
}

/* The validator is ready as soon as it reaches one risk-manager. */
static void await_risk_managers(int validator_port, size_t risk_managers)
{
    world_await_text(validator_port, "/readyz",
                     risk_managers == 2 ? "2 of 2 take orders" : "1 of 1 take orders");
}

/* After the risk-managers are there: an attempt that came too early would be repeated late, and what they
 * push meanwhile only wakes, so it would be dropped. */
static void open_lanes(struct world *world, size_t risk_managers)
{
    char name[64], endpoint[256];

    for (int lane = 0; lane < WORLD_LANES; lane++) {
        (void)snprintf(name, sizeof(name), "lanes0-%d", lane);
        world->lanes[lane] = open_pipe(world, false, PIPE_PULL, name);
        (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/lanes1-%d", world->directory, lane);
        if (risk_managers == 2)
            cr_assert_eq(pipe_also_connect(world->lanes[lane], endpoint), 0);
    }
}

void world_begin(struct world *world, size_t risk_managers)
{
    *world = (struct world){.validator = 0};
    (void)snprintf(world->directory, sizeof(world->directory), "/tmp/oxe-admission-XXXXXX");
    cr_assert_not_null(mkdtemp(world->directory));
    cr_assert_eq(postgres_start(&world->postgres), 0);
    cr_assert_eq(schema_apply(postgres_conninfo(world->postgres), getenv("OXE_SOURCE_ROOT")), 0);
    world->sql = PQconnectdb(postgres_conninfo(world->postgres));
    cr_assert_eq(PQstatus(world->sql), CONNECTION_OK);
    add_rows(world);
    open_pipes(world, risk_managers);
    start_services(world, risk_managers);
    for (size_t i = 0; i < risk_managers; i++)
        world_await_status(world->risk_ports[i], "/readyz", 200);
    await_risk_managers(world->validator_port, risk_managers);
    open_lanes(world, risk_managers);
}

void world_add_validator(struct world *world)
{
    const char *dir = world->directory;
    int port = port_free();

    set("OXE_VALIDATOR_BIND", "ipc://%s/validator1", dir);
    set("OXE_RISK_MANAGERS", "ipc://%s/risk1,ipc://%s/risk0", dir, dir);
    set_database(world, "oxe_validator");
    world->second_validator = start_service(world, "OXE_VALIDATOR_BINARY", "validator1", port);
    await_risk_managers(port, 2);
}

static void end_service(pid_t pid, const char *name)
{
    if (pid <= 0)
        return;
    cr_expect(process_is_running(pid), "%s has ended before its time", name);
    (void)kill(pid, SIGTERM);
    int status = process_wait(pid);
    cr_expect_eq(status, 0, "%s ends with %d", name, status);
}

void world_end(struct world *world)
{
    end_service(world->validator, "validator");
    end_service(world->second_validator, "second validator");
    for (size_t i = 0; i < WORLD_RISK_MANAGERS; i++) {
        end_service(world->risk_managers[i], "risk-manager");
        pipe_destroy(&world->to_risk[i]);
    }
    for (int lane = 0; lane < WORLD_LANES; lane++)
        pipe_destroy(&world->lanes[lane]);
    pipe_destroy(&world->to_validator);
    pipe_destroy(&world->answers);
    pipe_destroy(&world->audit);
    pipe_context_destroy(&world->context);
    PQfinish(world->sql);
    postgres_stop(&world->postgres);
    if (getenv("OXE_KEEP_LOGS") == NULL)
        process_remove_tree(world->directory);
}

struct order_request world_order(struct world *world, size_t trader)
{
    struct order_request request = {
        .handle = ++world->requests,
        .order_id = uuid_next(&world->ids, clock_now()),
        .trader_id = world_trader(trader),
        .symbol = "AAPL",
        .side = SIDE_BUY,
        .quantity = decimal_from_units(10 * DECIMAL_ONE),
        .order_type = ORDER_TYPE_MARKET,
        .time_in_force = TIME_IN_FORCE_DAY,
        .received_at = clock_now(),
    };

    (void)snprintf(request.reply_to, sizeof(request.reply_to), "ipc://%s/answers", world->directory);
    (void)snprintf(request.actor, sizeof(request.actor), "trader-%zu", trader);
    (void)snprintf(request.idempotent_key, sizeof(request.idempotent_key), "key-%d-%llu", (int)getpid(),
                   (unsigned long long)world->requests);
    memset(request.fingerprint, 0x5a, sizeof(request.fingerprint));
    return request;
}

static struct envelope make_envelope(const struct order_request *request, struct instant deadline)
{
    struct envelope envelope = {.id = request->order_id, .sent_at = clock_now(), .deadline = deadline};

    memset(envelope.trace_id, 0x7e, sizeof(envelope.trace_id));
    return envelope;
}

/* A pipe that has just been opened, or whose peer has just been started, takes a moment. */
static void push(struct pipe *pipe, const struct buffer *bytes)
{
    for (int i = 0; i < 2000; i++) {
        if (pipe_send(pipe, bytes->data, bytes->length) == 0)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("nobody takes the message");
}

void world_send(struct world *world, const struct order_request *request)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    struct envelope envelope =
        make_envelope(request, (struct instant){clock_now().us + ANSWER_WAIT_MS * 1000});

    cr_assert_eq(order_request_encode(&envelope, request, &bytes), 0);
    push(world->to_validator, &bytes);
}

void world_send_checked(struct world *world, size_t risk_manager, const struct order_request *request,
                        struct instant deadline)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    static struct order_checked checked;
    struct envelope envelope = make_envelope(request, deadline);

    checked.request = *request;
    cr_assert_eq(order_checked_encode(&envelope, &checked, &bytes), 0);
    push(world->to_risk[risk_manager], &bytes);
}

const struct answer *world_answer_within(struct world *world, int wait_ms)
{
    static struct answer answer;
    struct envelope envelope;
    const uint8_t *bytes;
    size_t length;

    if (pipe_receive(world->answers, &bytes, &length) < 0 &&
        (pipe_poll(&world->answers, 1, NULL, 0, wait_ms, NULL) <= 0 ||
         pipe_receive(world->answers, &bytes, &length) < 0))
        return NULL;
    cr_assert_eq(answer_decode(bytes, length, &envelope, &answer), 0);
    return &answer;
}

const struct answer *world_answer(struct world *world)
{
    const struct answer *answer = world_answer_within(world, ANSWER_WAIT_MS);

    cr_assert_not_null(answer, "no answer came");
    return answer;
}

const struct answer *world_ask(struct world *world, const struct order_request *request)
{
    world_send(world, request);
    const struct answer *answer = world_answer(world);
    cr_assert_eq(answer->handle, request->handle);
    return answer;
}

double world_metric_fraction(int port, const char *name, const char *label)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(get(port, "/metrics", &body), 200);
    for (char *line = strtok(body.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *value = strrchr(line, ' ');
        if (strncmp(line, name, strlen(name)) == 0 && strchr("{ ", line[strlen(name)]) != NULL &&
            value != NULL && (label == NULL || strstr(line, label) != NULL))
            return strtod(value, NULL);
    }
    return -1;
}

long world_metric(int port, const char *name, const char *label)
{
    return (long)world_metric_fraction(port, name, label);
}
