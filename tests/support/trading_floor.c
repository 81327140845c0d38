/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one world, which every test of the executor begins and ends alike. */
#include "tests/support/trading_floor.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
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
#include "proto/lane.h"
#include "tests/support/audit_key.h"
#include "tests/support/port.h"
#include "tests/support/process.h"
#include "tests/support/schema.h"

enum { WAIT_US = 30 * 1000 * 1000, POLL_MS = 1, SQL_MAX = 4096 };

static void set(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set(const char *name, const char *format, ...)
{
    char value[SQL_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    cr_assert_eq(setenv(name, value, 1), 0);
}

/* ---- SQL ---- */

static PGresult *run(struct floor *floor, const char *sql)
{
    PGresult *result = PQexec(floor->sql, sql);
    ExecStatusType status = PQresultStatus(result);

    cr_assert(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql,
              PQerrorMessage(floor->sql));
    return result;
}

void floor_sql(struct floor *floor, const char *format, ...)
{
    char sql[SQL_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    PQclear(run(floor, sql));
}

static const char *value_of(struct floor *floor, const char *sql)
{
    static char value[SQL_MAX];
    PGresult *result = run(floor, sql);

    (void)snprintf(value, sizeof(value), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

const char *floor_value(struct floor *floor, const char *format, ...)
{
    char sql[SQL_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    return value_of(floor, sql);
}

void floor_await(struct floor *floor, const char *query, const char *wanted)
{
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    const char *value;

    while (strcmp(value = value_of(floor, query), wanted) != 0) {
        cr_assert_lt(clock_monotonic_us(), until_us, "%s is still '%s', not '%s'", query, value, wanted);
        (void)poll(NULL, 0, POLL_MS);
    }
}

void floor_await_quiet(struct floor *floor)
{
    floor_await(floor, "SELECT count(*) FROM oxe.open_orders", "0");
}

/* ---- processes ---- */

static pid_t start(struct floor *floor, const char *variable, const char *log_name)
{
    char log[128];
    const char *program = getenv(variable);

    cr_assert_not_null(program, "%s names the program", variable);
    (void)snprintf(log, sizeof(log), "%s/%s.log", floor->directory, log_name);
    pid_t pid = process_start((const char *const[]){program, NULL}, NULL, log, SIGKILL);
    cr_assert_gt(pid, 0);
    return pid;
}

static void start_exchange(struct floor *floor)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/instruments.csv", floor->directory);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    (void)fputs("symbol,name,tick_size,lot_size,tradable,price\nAAPL,Apple,0.01,1,true,150.00\n"
                "MSFT,Microsoft,0.01,1,true,400.00\n",
                file);
    (void)fclose(file);
    set("OXE_PROBE_LISTEN", "127.0.0.1:%d", port_free());
    set("OXE_SIM_LISTEN", "127.0.0.1:%d", floor->fix_port);
    set("OXE_SIM_CONTROL_LISTEN", "127.0.0.1:%d", floor->control_port);
    set("OXE_SIM_DATA", "%s/exchange", floor->directory);
    set("OXE_SIM_INSTRUMENTS", "%s", path);
    set("OXE_SIM_VOLATILITY_BP", "0");
    set("OXE_SIM_LEVELS", "1");
    set("OXE_SIM_LEVEL_QUANTITY", "1000000");
    set("OXE_SIM_STEP", "50ms");
    set("OXE_SIM_PUBLISH", "100ms");
    floor->exchange = start(floor, "OXE_EXCHANGE_SIM_BINARY", "exchange-sim");
}

static void start_audit_writer(struct floor *floor)
{
    set("OXE_PROBE_LISTEN", "127.0.0.1:%d", port_free());
    set("OXE_DATABASE", "%s user=oxe_audit", postgres_conninfo(floor->postgres));
    set("OXE_AUDIT_BIND", "ipc://%s/audit", floor->directory);
    set("OXE_BROADCASTER", "ipc://%s/broadcaster", floor->directory);
    audit_key_set(floor->directory);
    floor->audit_writer = start(floor, "OXE_AUDIT_WRITER_BINARY", "audit-writer");
}

void floor_start_executor(struct floor *floor, size_t number, int lanes)
{
    set("OXE_INSTANCE", "%zu", number);
    /* Its orders come past admission: asked for their age, the rules would refuse what nobody let through. */
    cr_assert_eq(setenv("OXE_DECISION_MAX_AGE", "0s", 0), 0);
    set("OXE_PROBE_LISTEN", "127.0.0.1:%d", floor->probe_ports[number]);
    set("OXE_DATABASE", "%s user=oxe_executor", postgres_conninfo(floor->postgres));
    set("OXE_LANES", "%d", lanes);
    set("OXE_RISK_LANES", "ipc://%s/lane", floor->directory);
    set("OXE_AUDIT_WRITERS", "ipc://%s/audit", floor->directory);
    set("OXE_FIX_PORT", "%d", floor->fix_port);
    floor->executors[number] = start(floor, "OXE_EXECUTOR_BINARY", "executor");
}

int floor_stop_executor(struct floor *floor, size_t number, int signal)
{
    (void)kill(floor->executors[number], signal);
    int status = process_wait(floor->executors[number]);
    floor->executors[number] = 0;
    return status;
}

/* ---- begin and end ---- */

static void seed(struct floor *floor)
{
    floor_sql(floor, "INSERT INTO oxe.instruments (symbol, name, tick_size, lot_size, tradable)"
                     " VALUES ('AAPL', 'Apple', 0.01, 1, true), ('MSFT', 'Microsoft', 0.01, 1, true),"
                     " ('GONE', 'Gone', 0.01, 1, false)");
    floor_sql(floor,
              "INSERT INTO oxe.traders (id, subject, cash, opening_cash, short_selling)"
              " SELECT format('00000000-0000-7000-8000-%%s', lpad(i::text, 12, '0'))::uuid, 'trader-' || i,"
              " 10000000, 10000000, true FROM generate_series(0, %d) AS i",
              FLOOR_TRADERS - 1);
    floor_sql(floor, "INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost)"
                     " SELECT id, 'AAPL', 1000, 1000, 100000 FROM oxe.traders");
    floor_sql(floor, "DELETE FROM oxe.outbox"); /* as if audit-writer had recorded the openings */
}

void floor_begin(struct floor *floor)
{
    const char *root = getenv("OXE_SOURCE_ROOT");
    char endpoint[LANE_ENDPOINT_MAX], base[128];

    *floor = (struct floor){.fix_port = port_free(), .control_port = port_free()};
    (void)snprintf(floor->directory, sizeof(floor->directory), "/tmp/oxe-floor-XXXXXX");
    cr_assert_not_null(mkdtemp(floor->directory));
    cr_assert_eq(postgres_start(&floor->postgres), 0);
    cr_assert_not_null(root, "OXE_SOURCE_ROOT names the source tree");
    cr_assert_eq(schema_apply(postgres_conninfo(floor->postgres), root), 0);
    floor->sql = PQconnectdb(postgres_conninfo(floor->postgres));
    cr_assert_eq(PQstatus(floor->sql), CONNECTION_OK);
    seed(floor);
    for (size_t i = 0; i < FLOOR_EXECUTORS_MAX; i++)
        floor->probe_ports[i] = port_free();
    cr_assert_eq(pipe_context_create(NULL, &floor->context), 0);
    (void)snprintf(base, sizeof(base), "ipc://%s/lane", floor->directory);
    for (int lane = 0; lane < FLOOR_LANES; lane++) {
        cr_assert_eq(lane_endpoint(base, lane, endpoint), 0);
        cr_assert_eq(pipe_bind(floor->context, PIPE_PUSH, endpoint, 0, &floor->lanes[lane]), 0);
    }
    /* What a test has set itself stays. */
    (void)setenv("EXCHANGE_API_RATE_LIMIT", "0", 0);
    (void)setenv("OXE_LOG_LEVEL", "info", 0);
    start_exchange(floor);
    start_audit_writer(floor);
}

static void end(pid_t *pid, const char *name)
{
    if (*pid == 0)
        return;
    (void)kill(*pid, SIGTERM);
    int status = process_wait(*pid);
    cr_expect_eq(status, 0, "%s ends with %d", name, status);
    *pid = 0;
}

void floor_end(struct floor *floor)
{
    for (size_t i = 0; i < FLOOR_EXECUTORS_MAX; i++)
        end(&floor->executors[i], "executor");
    end(&floor->audit_writer, "audit-writer");
    end(&floor->exchange, "exchange-sim");
    for (int lane = 0; lane < FLOOR_LANES; lane++)
        pipe_destroy(&floor->lanes[lane]);
    pipe_context_destroy(&floor->context);
    PQfinish(floor->sql);
    postgres_stop(&floor->postgres);
    if (getenv("OXE_KEEP_LOGS") == NULL)
        process_remove_tree(floor->directory);
}

/* ---- admission ---- */

static void fill_events(const struct floor_order *order, struct uuid id, struct uuid trader_id,
                        struct floor *floor, struct event_batch *batch)
{
    struct instant now = clock_now();

    batch->events_count = 2;
    for (size_t i = 0; i < batch->events_count; i++) {
        struct event *event = &batch->events[i];
        *event = (struct event){
            .event_id = uuid_next(&floor->ids, now),
            .has_order_id = true,
            .order_id = id,
            .has_trader_id = true,
            .trader_id = trader_id,
            .action = i == 0 ? AUDIT_ACTION_SUBMITTED : AUDIT_ACTION_APPROVED,
            .has_status = true,
            .status = ORDER_STATUS_PENDING,
            .has_execution_state = true,
            .execution_state = EXECUTION_STATE_ADMITTED,
            .has_quantity = true,
            .quantity = decimal_from_units(order->quantity * DECIMAL_ONE),
            .occurred_at = now,
        };
        (void)snprintf(event->symbol, sizeof(event->symbol), "%s", order->symbol);
        (void)snprintf(event->actor, sizeof(event->actor), "test");
    }
}

static void insert_outbox(struct floor *floor, const struct floor_order *order, struct uuid id,
                          struct uuid trader_id)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    CLEANUP_FREE struct event_batch *batch = malloc(sizeof(*batch));
    struct envelope envelope = {.id = uuid_next(&floor->ids, clock_now()), .sent_at = clock_now()};

    cr_assert_not_null(batch);
    fill_events(order, id, trader_id, floor, batch);
    cr_assert_eq(event_batch_encode(&envelope, batch, &bytes), 0);
    const char *values[] = {bytes.data};
    const int lengths[] = {(int)bytes.length}, formats[] = {1};
    PGresult *result = PQexecParams(floor->sql, "INSERT INTO oxe.outbox (batch) VALUES ($1::bytea)", 1, NULL,
                                    values, lengths, formats, 0);
    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(floor->sql));
    PQclear(result);
}

/* One order with all that hangs on it, as one statement. */
static void insert_order(struct floor *floor, const struct floor_order *order, const char *id,
                         const char *trader, int lane)
{
    char price[32] = "NULL", expires[64] = "NULL";
    const char *stop_loss = order->stop_loss == NULL ? "NULL" : order->stop_loss;
    const char *take_profit = order->take_profit == NULL ? "NULL" : order->take_profit;
    const char *side = order->side == SIDE_BUY ? "buy" : "sell";

    if (order->price != NULL)
        (void)snprintf(price, sizeof(price), "%s", order->price);
    if (order->expires_in_ms != 0)
        (void)snprintf(expires, sizeof(expires), "now() + interval '%d ms'", order->expires_in_ms);
    floor_sql(
        floor,
        "WITH o AS (INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, "
        "time_in_force, price, stop_loss, take_profit,"
        " status, execution_state, lane, reserve_price, reserve_quantity, reserved, idempotent_key, "
        "fingerprint,"
        " actor, trace_id, expires_at, created_at, updated_at) VALUES ('%s', '%s', '%s', '%s', %d, '%s', "
        "'%s', %s, %s, %s,"
        " 'PENDING', 'ADMITTED', %d, %s, %d, %d * %s, 'key-%s', sha256('x'), 'test', decode(md5('%s'), "
        "'hex'), %s,"
        " now(), now()) RETURNING *),"
        " l AS (INSERT INTO oxe.open_orders SELECT lane, id FROM o),"
        " p AS (INSERT INTO oxe.positions AS p (trader_id, symbol, open_%s, reducing_%s)"
        "       SELECT trader_id, symbol, quantity, quantity - reserve_quantity FROM o"
        "       ON CONFLICT (trader_id, symbol) DO UPDATE SET open_%s = p.open_%s + excluded.open_%s,"
        "       reducing_%s = p.reducing_%s + excluded.reducing_%s)"
        " UPDATE oxe.traders t SET reserved = t.reserved + o.reserved, open_orders = t.open_orders + 1 FROM o"
        " WHERE t.id = o.trader_id",
        id, trader, order->symbol, side_text(order->side), order->quantity,
        order_type_text(order->order_type), time_in_force_text(order->time_in_force), price, stop_loss,
        take_profit, lane, order->reserve_price == NULL ? "0" : order->reserve_price,
        order->reserve_price == NULL ? 0 : order->quantity, order->quantity,
        order->reserve_price == NULL ? "0" : order->reserve_price, id, id, expires, side, side, side, side,
        side, side, side, side);
}

static void push_order(struct floor *floor, int lane, struct uuid id)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    CLEANUP_FREE struct admitted *message = malloc(sizeof(*message));
    struct envelope envelope = {.id = uuid_next(&floor->ids, clock_now()), .sent_at = clock_now()};

    cr_assert_not_null(message);
    message->lane = (uint64_t)lane;
    message->orders_count = 1;
    message->orders[0].order_id = id;
    cr_assert_eq(admitted_encode(&envelope, message, &bytes), 0);
    /* Nobody there yet: the sweep is for that. */
    (void)pipe_send(floor->lanes[lane], bytes.data, bytes.length);
}

struct uuid floor_admit(struct floor *floor, const struct floor_order *order, int count, bool push)
{
    struct uuid id = {{0}}, trader_id;
    char id_text[UUID_TEXT_MAX], trader[64];

    (void)snprintf(trader, sizeof(trader), "00000000-0000-7000-8000-%012zu", order->trader);
    cr_assert_eq(uuid_parse(trader, strlen(trader), &trader_id), 0);
    int lane = lane_of(trader_id, FLOOR_LANES);
    for (int i = 0; i < count; i++) {
        id = uuid_next(&floor->ids, clock_now());
        uuid_format(id, id_text);
        floor_sql(floor, "BEGIN");
        insert_order(floor, order, id_text, trader, lane);
        insert_outbox(floor, order, id, trader_id);
        floor_sql(floor, "COMMIT");
        if (push)
            push_order(floor, lane, id);
    }
    return id;
}

/* ---- commands ---- */

static void push_command(struct floor *floor, struct uuid id)
{
    CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
    CLEANUP_FREE struct commanded *message = malloc(sizeof(*message));
    struct envelope envelope = {.id = uuid_next(&floor->ids, clock_now()), .sent_at = clock_now()};

    cr_assert_not_null(message);
    message->lane = strtoul(floor_order(floor, id, "lane"), NULL, 10);
    message->orders_count = 1;
    message->orders[0].order_id = id;
    cr_assert_eq(commanded_encode(&envelope, message, &bytes), 0);
    (void)pipe_send(floor->lanes[message->lane], bytes.data, bytes.length);
}

void floor_cancel(struct floor *floor, struct uuid id, bool push)
{
    char text[UUID_TEXT_MAX];

    uuid_format(id, text);
    floor_sql(floor,
              "WITH o AS (UPDATE oxe.orders SET cancel_requested_at = now(), updated_at = now()"
              " WHERE id = '%s' AND execution_state <> 'DONE' RETURNING *)"
              " INSERT INTO oxe.commands (id, lane, order_id, kind, actor, created_at)"
              " SELECT gen_random_uuid(), lane, id, 'CANCEL', 'test', now() FROM o",
              text);
    if (push)
        push_command(floor, id);
}

void floor_resolve(struct floor *floor, struct uuid id, enum resolve_action action, const char *quantity,
                   const char *price, const char *exec_id, bool push)
{
    char text[UUID_TEXT_MAX], figures[128] = "NULL, NULL, NULL";

    uuid_format(id, text);
    if (quantity != NULL)
        (void)snprintf(figures, sizeof(figures), "%s, %s, '%s'", quantity, price, exec_id);
    floor_sql(floor,
              "INSERT INTO oxe.commands (id, lane, order_id, kind, action, quantity, price, venue_exec_id,"
              " reason, actor, created_at)"
              " SELECT gen_random_uuid(), lane, id, 'RESOLVE', '%s', %s, 'asked by telephone',"
              " 'operator-1', now() FROM oxe.orders WHERE id = '%s'",
              resolve_action_text(action), figures, text);
    if (push)
        push_command(floor, id);
}

static void order_query(char *sql, size_t size, struct uuid id, const char *expression)
{
    char text[UUID_TEXT_MAX];

    uuid_format(id, text);
    (void)snprintf(sql, size, "SELECT %s FROM oxe.orders WHERE id = '%s'", expression, text);
}

const char *floor_order(struct floor *floor, struct uuid id, const char *expression)
{
    char sql[SQL_MAX];

    order_query(sql, sizeof(sql), id, expression);
    return value_of(floor, sql);
}

void floor_await_order(struct floor *floor, struct uuid id, const char *expression, const char *wanted)
{
    char sql[SQL_MAX];

    order_query(sql, sizeof(sql), id, expression);
    floor_await(floor, sql, wanted);
}

const char *floor_trail(struct floor *floor, struct uuid id)
{
    char text[UUID_TEXT_MAX];

    uuid_format(id, text);
    floor_await(floor, "SELECT count(*) FROM oxe.outbox", "0");
    return floor_value(floor,
                       "SELECT string_agg(action::text, ' ' ORDER BY log_seq) FROM oxe.execution_logs"
                       " WHERE order_id = '%s' AND action <> 'ACKNOWLEDGED'",
                       text);
}

/* ---- what is true in the end ---- */

struct buffer floor_control(const struct floor *floor, const char *command)
{
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)floor->control_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct buffer answer = BUFFER_INIT(0);
    char bytes[65536];
    ssize_t length;

    /* It may be starting still. */
    int connected = -1;
    for (int waited_ms = 0; connected != 0 && waited_ms < 20000; waited_ms += 10) {
        connected = connect(fd, (const struct sockaddr *)&address, sizeof(address));
        if (connected != 0)
            (void)poll(NULL, 0, 10);
    }
    cr_assert_eq(connected, 0, "the exchange does not listen");
    cr_assert_eq(dprintf(fd, "%s\n", command), (int)strlen(command) + 1);
    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    while ((length = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_append(&answer, bytes, (size_t)length);
    cr_assert_eq(length, 0, "the exchange closes after its answer");
    cr_assert_not(buffer_failed(&answer));
    return answer;
}

void floor_tell_exchange(struct floor *floor, const char *command)
{
    CLEANUP(buffer_release) struct buffer answer = floor_control(floor, command);

    cr_assert(answer.length == 0 || strstr(answer.data, "\"error\"") == NULL, "%s: %s", command, answer.data);
}

void floor_await_at_exchange(struct floor *floor, struct uuid id, const char *quantity)
{
    char text[UUID_TEXT_MAX], wanted[64];

    uuid_format(id, text);
    (void)snprintf(wanted, sizeof(wanted), "\"quantity\":%s,", quantity);
    for (int i = 0; i < 1500; i++) {
        CLEANUP(buffer_release) struct buffer orders = floor_control(floor, "orders");
        char *line = orders.length > 0 ? strstr(orders.data, text) : NULL;
        char *end = line == NULL ? NULL : strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        if (line != NULL && strstr(line, wanted) != NULL)
            return;
        (void)poll(NULL, 0, 20);
    }
    cr_assert_fail("the exchange does not have %s of %s", quantity, text);
}

const char *floor_probe(struct floor *floor, size_t number, const char *path)
{
    static char answer[1 << 17];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)floor->probe_ports[number])};
    char request[128];
    size_t length = 0;
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    int n =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    cr_assert_eq(send(fd, request, (size_t)n, 0), n);
    for (ssize_t got; (got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0)) > 0;)
        length += (size_t)got;
    answer[length] = '\0';
    return answer;
}

void floor_await_probe(struct floor *floor, size_t number, const char *path, const char *wanted)
{
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    const char *got = floor_probe(floor, number, path);

    while (strstr(got, wanted) == NULL && clock_monotonic_us() < until_us) {
        (void)poll(NULL, 0, 100);
        got = floor_probe(floor, number, path);
    }
    cr_assert_not_null(strstr(got, wanted), "%s says %s", path, got);
}

void floor_kill_exchange(struct floor *floor)
{
    (void)kill(floor->exchange, SIGKILL);
    (void)process_wait(floor->exchange);
    floor->exchange = 0;
}

void floor_restart_exchange(struct floor *floor)
{
    start_exchange(floor);
}

/* Each row of the statement is a promise that is broken. */
static void expect_no_rows(struct floor *floor, const char *file_name, const char *argument)
{
    CLEANUP(buffer_release) struct buffer sql = BUFFER_INIT(0);
    char path[512], bytes[4096];
    size_t length;

    (void)snprintf(path, sizeof(path), "%s/tests/support/%s", getenv("OXE_SOURCE_ROOT"), file_name);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buffer_append(&sql, bytes, length);
    (void)fclose(file);
    PGresult *result =
        PQexecParams(floor->sql, sql.data, argument == NULL ? 0 : 1, NULL, &argument, NULL, NULL, 0);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(floor->sql));
    for (int row = 0; row < PQntuples(result); row++)
        cr_expect_fail("%s: %s", PQgetvalue(result, row, 0), PQgetvalue(result, row, 1));
    PQclear(result);
}

void floor_check(struct floor *floor)
{
    floor_await(floor, "SELECT count(*) FROM oxe.outbox", "0");
    expect_no_rows(floor, "invariants.sql", NULL);
    CLEANUP(buffer_release) struct buffer books = floor_control(floor, "executions");
    CLEANUP(buffer_release) struct buffer orders = floor_control(floor, "orders");
    buffer_append(&books, orders.data, orders.length);
    expect_no_rows(floor, "exchange_books.sql", books.data);
}
