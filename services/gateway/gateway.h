/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's one state, born in gateway_run, and what its files share. */
#ifndef OXE_GATEWAY_GATEWAY_H
#define OXE_GATEWAY_GATEWAY_H

#include <h2o.h>

#include "common/pipe.h"
#include "common/service.h"
#include "services/gateway/edge/parked.h"
#include "services/gateway/edge/request.h"
#include "services/gateway/gateway_config.h"
#include "services/gateway/io/db_pool.h"
#include "services/gateway/io/jwks_source.h"
#include "services/gateway/io/probes.h"
#include "services/gateway/io/rate_limit.h"
#include "services/gateway/io/token_cache.h"
#include "services/gateway/io/trader_cache.h"
#include "services/gateway/io/watch.h"
#include "services/gateway/operations/idempotency.h"

#include "gateway_sql.h"

enum gateway_check {
    CHECK_DATABASE,
    CHECK_COMPLIANCE,
    CHECK_REDIS,
    CHECK_KEYS,
    CHECK_VALIDATORS,
    CHECK_CLOCK
};

enum gateway_metric {
    METRIC_REQUESTS,
    METRIC_REQUEST_SECONDS,
    METRIC_PARKED,
    METRIC_CONNECTIONS,
    METRIC_CONNECTIONS_REFUSED,
    METRIC_WEBSOCKETS,
    METRIC_DATABASE_PENDING,
    METRIC_ANSWERS,
    METRIC_FRAMES_SENT,
    METRIC_EVENT_AGE,
    METRIC_CATCH_UPS,
    METRIC_SLOW_CLOSED,
    METRIC_FEATURE_RATIO,
    METRIC_LAST_BACKUP,
    METRIC_EXPORTS,
    METRIC_EXPORTS_ENDED,
    METRIC_CLOCK_OFFSET,
};

enum { HTTP_ADDRESS_BUCKETS = 1024 };

/* A client's connection, for the drain: h2o does not list the idle ones. */
struct connection;
struct lingering;
struct hub;

/* ORDER_EXECUTION_V2_ENABLED in force: see feature_flag.c. */
struct feature_flag {
    bool known; /* the database has been asked once */
    int percent;
    bool asking;
    int64_t next_poll_us;
    int64_t last_limit_change, limit_changes; /* what the trader cache was filled under */
};

struct gateway {
    struct service *service;
    const struct gateway_config *config;
    struct feature_flag feature;
    struct uuid_source ids;
    struct idempotency_clock stamps;
    bool draining;

    h2o_globalconf_t http;
    h2o_context_t context;
    bool context_ready;
    h2o_accept_ctx_t accept; /* its ssl_ctx: NULL without TLS */
    h2o_socket_t *listener;
    struct connection *connections; /* list */
    size_t connection_count;
    struct connection *by_address[HTTP_ADDRESS_BUCKETS]; /* lists */
    struct lingering *linger;

    struct pipe_context *pipes;
    struct pipe *validators;
    struct pipe *answers;
    struct watch *answers_watch;
    struct answer *answer; /* too large for the stack; reused */

    struct db_pool *traders;
    struct db_pool *compliance;
    struct parked *parked;
    struct parked *exports; /* of struct export; bounded, without deadlines */
    struct jwks_source *jwks;
    struct issuer *issuer; /* of the development sign-in; NULL: there is none */
    struct probes *probes;
    struct token_cache *tokens;
    struct trader_cache *trader_cache;
    struct rate_limit *rates;
    struct hub *hub;

    struct buffer body;    /* of the answer being written; reused */
    struct buffer message; /* to a validator; reused */
    int64_t next_sweep_us;
    int64_t next_web_complaint_us;
};

static inline const struct log *gateway_log(const struct gateway *gateway)
{
    return &gateway->service->log;
}

static inline struct metrics *gateway_metrics(const struct gateway *gateway)
{
    return gateway->service->metrics;
}

/* --- auth.c --- */

/* Verifies the token, finds the trader, runs the operation; or answers 401, 403, 503. */
void auth_begin(struct request *request);
/* Verifies one token, from the cache when it can. JWT_VALID, or the fault. */
enum jwt_fault auth_verify(struct gateway *gateway, const char *token, size_t length,
                           struct jwt_claims *ret_claims);

/* --- rates.c --- */

/* Counts the request; then runs next, or answers 429. */
void rates_begin(struct request *request, enum rate_kind kind, void (*next)(struct request *request));
/* The rate limit's word. */
void rates_decided(void *context, uint64_t token, const struct rate_verdict *verdict);

/* --- feature_flag.c --- */

/* Follows the flag in the database; once a turn. While that is away, what was known last stays. */
void feature_flag_tick(struct gateway *gateway, int64_t now_us);

/* --- export.c --- */

enum { EXPORTS_MAX = 4 };
/* Series of METRIC_EXPORTS_ENDED. */
enum export_end { EXPORT_COMPLETE, EXPORT_CLIENT_GONE, EXPORT_CUT };

/* Cuts what is still being exported. */
void export_cut_all(struct gateway *gateway);

/* --- submit.c --- */

/* Takes what has come from the risk-managers, bounded by turn; true when there may be more. */
bool submit_receive(struct gateway *gateway);

/* --- sign_in.c --- */

/* Loads the keys of the development sign-in, where there are to be any. */
int sign_in_open(struct gateway *gateway);

/* --- commands.c --- */

/* The answer to a cancel or resolve. */
void halts_answer(struct request *request, const struct answer *answer);
void commands_answer(struct request *request, const struct answer *answer);

#endif
