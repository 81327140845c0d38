/* SPDX-License-Identifier: Apache-2.0 */
/* A trading floor for tests of the executor: a private PostgreSQL with the schema,
 * a real exchange-sim whose market stands still, a real audit-writer, and executors
 * that the test starts and ends. The test itself plays the risk-manager: it admits
 * orders in one transaction, as that does, and may push their ids to the lanes.
 *
 * Whatever cannot be set up fails the running Criterion test. Instruments: AAPL at 150, MSFT at 400, and
 * GONE, which the exchange does not list. Traders 0 to FLOOR_TRADERS − 1, each with cash 10,000,000 and 1,000
 * AAPL that cost 100 each. */
#ifndef OXE_TESTS_SUPPORT_TRADING_FLOOR_H
#define OXE_TESTS_SUPPORT_TRADING_FLOOR_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "common/pipe.h"
#include "proto/proto.h"
#include "tests/support/postgres.h"

enum { FLOOR_LANES = 4, FLOOR_TRADERS = 8, FLOOR_EXECUTORS_MAX = 3 };

struct floor {
    struct postgres *postgres;
    PGconn *sql; /* superuser */
    char directory[64];
    int fix_port, control_port;
    pid_t exchange, audit_writer;
    pid_t executors[FLOOR_EXECUTORS_MAX]; /* 0: not running */
    int probe_ports[FLOOR_EXECUTORS_MAX];
    struct pipe_context *context;
    struct pipe *lanes[FLOOR_LANES];
    struct uuid_source ids;
    unsigned int admitted;
};

/* Names of environment variables for all executors of the test may be set before. */
void floor_begin(struct floor *floor);
/* Ends what still runs; expects the services to end well. */
void floor_end(struct floor *floor);

/* lanes: OXE_LANES. Does not wait until it is ready. */
void floor_start_executor(struct floor *floor, size_t number, int lanes);
/* Sends the signal and waits for the end; returns the exit status, 128 + signal for a killed one. */
int floor_stop_executor(struct floor *floor, size_t number, int signal);

struct floor_order {
    size_t trader;
    const char *symbol;
    enum side side;
    enum order_type order_type;
    enum time_in_force time_in_force;
    int quantity;
    const char *price;                   /* NULL: none */
    const char *reserve_price;           /* NULL: reserves nothing */
    int expires_in_ms;                   /* 0: never */
    const char *stop_loss, *take_profit; /* NULL: none */
};

/* Inserts `count` such orders, one transaction, ADMITTED, with what risk-manager writes beside them: the list
 * of open orders, reservations, open quantities, SUBMITTED and APPROVED in the outbox. push: tells the lane
 * too. Returns the last order's id. */
struct uuid floor_admit(struct floor *floor, const struct floor_order *order, int count, bool push);

/* What a trader's cancel leaves behind: the request on the order, and a command for its lane. */
void floor_cancel(struct floor *floor, struct uuid id, bool push);
/* What operations leave behind; quantity, price and exec_id only with FILL, else NULL. */
void floor_resolve(struct floor *floor, struct uuid id, enum resolve_action action, const char *quantity,
                   const char *price, const char *exec_id, bool push);

/* A column of the order, or an expression over them, as floor_value. */
const char *floor_order(struct floor *floor, struct uuid id, const char *expression);
/* Waits until the expression over the order's columns is `wanted`. */
void floor_await_order(struct floor *floor, struct uuid id, const char *expression, const char *wanted);
/* The actions about the order in the log, when all events are there; as floor_value. */
const char *floor_trail(struct floor *floor, struct uuid id);
/* Sends the exchange's control port a command and forgets the answer, which must be no error. */
void floor_tell_exchange(struct floor *floor, const char *command);
/* Waits until the exchange has the order with this quantity. */
void floor_await_at_exchange(struct floor *floor, struct uuid id, const char *quantity);
/* Ends the exchange by SIGKILL; starts it again on its journal. */
void floor_kill_exchange(struct floor *floor);
void floor_restart_exchange(struct floor *floor);

/* Waits until nothing is open; fails the test after 30 s. */
void floor_await_quiet(struct floor *floor);
/* Waits until the query's first value is `wanted`; fails the test after 30 s. */
void floor_await(struct floor *floor, const char *query, const char *wanted);
/* Fails the test when an invariant of invariants.sql is broken, or when the exchange's own books and ours
 * differ (exchange_books.sql). Nothing may be in flight. */
void floor_check(struct floor *floor);

/* What the probe port of an executor answers, head and all (static, good until the next call); the second
 * waits until it holds `wanted`. */
const char *floor_probe(struct floor *floor, size_t number, const char *path);
void floor_await_probe(struct floor *floor, size_t number, const char *path, const char *wanted);

/* The first value of a query as text (static, good until the next call); "" for NULL or no row. */
const char *floor_value(struct floor *floor, const char *format, ...) __attribute__((format(printf, 2, 3)));
void floor_sql(struct floor *floor, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the exchange's control port answers to a command; the caller's to release. */
struct buffer floor_control(const struct floor *floor, const char *command);

#endif
