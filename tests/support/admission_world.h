/* SPDX-License-Identifier: Apache-2.0 */
/* A world for admission tests: a private PostgreSQL with the schema and a few rows, a real validator, one or
 * two real risk-managers, and pipes with which the test plays gateway, executor and audit-writer.
 *
 * Whatever cannot be set up fails the test. Instruments: AAPL (tick 0.01, lot 1, last price 150), MSFT (tick
 * 0.05, lot 10, last price 300), DARK (not tradable), NEW (no price yet). Traders 0 to WORLD_TRADERS − 1,
 * each with cash 1,000,000 and 500 AAPL. */
#ifndef OXE_TESTS_SUPPORT_ADMISSION_WORLD_H
#define OXE_TESTS_SUPPORT_ADMISSION_WORLD_H

#include <libpq-fe.h>
#include <sys/types.h>

#include "common/pipe.h"
#include "proto/proto.h"
#include "tests/support/postgres.h"

enum { WORLD_LANES = 4, WORLD_TRADERS = 20, WORLD_RISK_MANAGERS = 2 };

struct world {
    struct postgres *postgres;
    PGconn *sql; /* superuser */
    char directory[64];
    int validator_port; /* of the probes */
    int risk_ports[WORLD_RISK_MANAGERS];
    pid_t validator;
    pid_t second_validator; /* 0: none */
    pid_t risk_managers[WORLD_RISK_MANAGERS];
    struct pipe_context *context;
    struct pipe *to_validator;
    struct pipe *to_risk[WORLD_RISK_MANAGERS]; /* past the validator */
    struct pipe *answers;
    struct pipe *lanes[WORLD_LANES]; /* of all risk-managers */
    struct pipe *audit;
    struct uuid_source ids;
    uint64_t requests;
};

/* risk_managers: 1 or 2. The environment variables set before (OXE_OUTBOX_MAX_AGE …) reach the services. */
void world_begin(struct world *world, size_t risk_managers);
/* Adds a validator at "validator1" which names the two risk-managers the other way round: a trader's orders
 * through the one validator and through the other meet in the database alone. */
void world_add_validator(struct world *world);
/* Ends the services by SIGTERM and expects each to end well. */
void world_end(struct world *world);

struct uuid world_trader(size_t number);

/* A MARKET BUY of 10 AAPL with a fresh id and key; fields may be changed before it is sent. The fingerprint
 * is the caller's to change with them. */
struct order_request world_order(struct world *world, size_t trader);
void world_send(struct world *world, const struct order_request *request);
/* Past the validator, without faults. deadline 0: none. */
void world_send_checked(struct world *world, size_t risk_manager, const struct order_request *request,
                        struct instant deadline);

/* The next answer; the struct is large, static and good until the next call. Fails the test after 30 s. */
const struct answer *world_answer(struct world *world);
/* NULL when none comes within wait_ms. */
const struct answer *world_answer_within(struct world *world, int wait_ms);
/* Sends through the validator and takes the answer, which must be this request's. */
const struct answer *world_ask(struct world *world, const struct order_request *request);

/* Runs SQL as the superuser; fails the test when PostgreSQL refuses. */
void world_sql(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first value of a query as text (static, good until the next call); "" for NULL or no row. */
const char *world_value(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One series of a probe port's /metrics, as "name{label}"
 * without the service label's part; -1 when it is not there. */
long world_metric(int port, const char *name, const char *label);
/* The same for one that is no whole number. */
double world_metric_fraction(int port, const char *name, const char *label);
/* The HTTP status of a path at a probe port; 0 when it cannot be reached. */
int world_status(int port, const char *path);
/* Waits until the status is there, up to 20 s. */
void world_await_status(int port, const char *path, int status);
/* Waits until the path is answered with 200 and the text in it, up to 20 s. */
void world_await_text(int port, const char *path, const char *wanted);

#endif
