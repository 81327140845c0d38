/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations and the live streams stand on: born in gateway_run.c, which opens and ends each
 * part. */
#ifndef OXE_GATEWAY_GATEWAY_H
#define OXE_GATEWAY_GATEWAY_H

#include "common/service.h"
#include "gateway_sql.h"
#include "services/gateway/edge/edge.h"
#include "services/gateway/edge/request.h"
#include "services/gateway/gateway_config.h"
#include "services/gateway/gateway_metrics.h"
#include "services/gateway/io/db_pool.h"
#include "services/gateway/io/jwks_source.h"
#include "services/gateway/io/probes.h"
#include "services/gateway/io/rate_limit.h"
#include "services/gateway/io/token_cache.h"
#include "services/gateway/io/trader_cache.h"
#include "services/gateway/operations/settings_watch.h"
#include "services/gateway/operations/shed.h"

struct forward;
struct hub;
struct issuer;

/* Pointers to what each file keeps of its own. */
struct gateway {
    struct service *service;
    const struct gateway_config *config;
    struct edge edge;
    struct db_pool *traders;
    struct db_pool *compliance;
    struct forward *forward;
    struct handles *exports; /* of struct export; bounded, without deadlines */
    struct jwks_source *jwks;
    struct issuer *issuer; /* of the development sign-in; NULL: there is none */
    struct probes *probes;
    struct token_cache *tokens;
    struct trader_cache *trader_cache;
    struct rate_limit *rates;
    struct shed shed;
    int64_t shed_untold; /* since the log's last line about it */
    int64_t shed_tell_us;
    struct settings settings;
    struct hub *hub;
};

static inline const struct log *gateway_log(const struct gateway *gateway)
{
    return &gateway->service->log;
}

static inline struct metrics *gateway_metrics(const struct gateway *gateway)
{
    return gateway->service->metrics;
}

#endif
