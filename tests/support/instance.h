/* SPDX-License-Identifier: Apache-2.0 */
/* The instance of the suite that a test runs against, seen through the front door: ./oxe, HTTP and JSON.
 *
 * tests/e2e/with-instance.sh starts it, names it in the environment (OXE_HOME, OXE_HTTP_PORT, OXE_URL,
 * OXE_FRONT_DOOR, OXE_BUILD) and ends it. What the environment cannot give (no instance, ./oxe fails, no
 * answer over HTTP) fails the running Criterion test; what the suite answers is the test's to judge.
 *
 * Strings that are returned are the caller's to free; struct reply is released by reply_release. */
#ifndef OXE_TESTS_SUPPORT_INSTANCE_H
#define OXE_TESTS_SUPPORT_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yajl/yajl_tree.h>

#include "common/buffer.h"
#include "common/cleanup.h"

const char *instance_url(void);
int instance_port(void);

/* Where probes listen, from the instance's port on (deploy/local/instance.sh). */
enum instance_probe { INSTANCE_GATEWAY = 10, INSTANCE_EXECUTOR = 20 };

/* The figure of a series without labels of its own; one that is not there fails the test. */
long instance_metric(enum instance_probe probe, const char *service, const char *name);

/* Runs argv (closed by NULL) and returns its standard output without the last newline; *ret_status is its
 * exit status. NULL for ret_status: anything but 0 fails the test. */
char *instance_run(const char *const *argv, int *ret_status);
/* The same with ./oxe before the arguments: instance_oxe((const char *[]){"status", "--json", NULL}, NULL).
 */
char *instance_oxe(const char *const *arguments, int *ret_status);
/* One statement, or several, through ./oxe psql: rows in lines, columns separated by '|'. */
char *instance_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* role NULL: none in the token. */
char *instance_token(const char *subject, const char *role);

/* Opens an account with cash and returns a token for it. limits: "name = value, …" of oxe.traders, or NULL.
 */
char *instance_trader(const char *subject, const char *cash, const char *limits);
/* Gives the trader a position to sell. */
void instance_position(const char *subject, const char *symbol, const char *quantity);
/* Moves the simulated exchange's price. */
void instance_price(const char *symbol, const char *price);

/* Each process with its pid and its restarts, one a line; equal texts mean that nothing has restarted. */
char *instance_processes(void);

struct call {
    const char *url;    /* NULL: the instance's */
    const char *method; /* NULL: GET, or POST with a body */
    const char *path;   /* with query */
    const char *token;  /* NULL: no Authorization header */
    const char *body;   /* NULL: none */
    size_t body_length; /* 0: strlen(body) */
    const char *key;    /* Idempotency-Key; NULL: none */
    const char *type;   /* Content-Type; NULL: application/json with a body; "": none */
    const char *header; /* one more, "Name: value" */
};

struct reply {
    long status;
    struct buffer headers; /* as they came, one a line */
    struct buffer body;
    yajl_val json; /* NULL: the body is no JSON */
};

struct reply instance_call(const struct call *call);
void reply_release(struct reply *reply);
/* A header's value, "" when it did not come. Holds until the next call. */
const char *reply_header(const struct reply *reply, const char *name);

/* A member by its path ("errors/0/code") as text: strings as they are, numbers as they came, true, false,
 * null; "" when it is not there. Holds as long as the value. */
const char *json_text(yajl_val value, const char *path);
/* Elements of the array at path; 0 when there is none. */
size_t json_count(yajl_val value, const char *path);

/* POST of an order. */
struct reply order_submit(const char *token, const char *body);
struct reply order_get(const char *token, const char *order_id);
/* Asks until execution_state is `state`; fails the test after timeout_ms. */
struct reply order_await(const char *token, const char *order_id, const char *state, int timeout_ms);
/* Asks for the trail until it has `entries` of them, not
 * counting ACKNOWLEDGED; fails the test after timeout_ms. */
struct reply order_trail(const char *token, const char *order_id, size_t entries, int timeout_ms);
/* An entry that is there or not as the exchange's messages fall into turns. */
bool trail_is_acknowledged(yajl_val entry);

/* Fails the test when tests/support/invariants.sql still returns rows after
 * ten seconds: open orders fill at any time, and what is on its way then is
 * no break. The same for the exchange's own books (exchange_books.sql).
 */
void instance_check_invariants(void);

#define AUTO_REPLY CLEANUP(reply_release) struct reply
#define AUTO_TEXT  CLEANUP_FREE char *

#endif
