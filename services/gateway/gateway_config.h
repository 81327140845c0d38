/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's configuration: what its table of variables fills. */
#ifndef OXE_GATEWAY_CONFIG_H
#define OXE_GATEWAY_CONFIG_H

#include "common/jwt.h"
#include "common/pipe_config.h"
#include "common/service.h"
#include "proto/feature.h"

struct gateway_config {
    struct service_config common;
    struct pipe_config pipe;
    char listen[CONFIG_TEXT_MAX];
    int64_t connections_max;
    int64_t connections_per_address;
    char tls_certificate[CONFIG_TEXT_MAX];
    char tls_key[CONFIG_TEXT_MAX];
    char database_trader[CONFIG_TEXT_MAX];
    char database_compliance[CONFIG_TEXT_MAX];
    int64_t database_connections;
    char redis_url[CONFIG_TEXT_MAX];
    char redis_password[CONFIG_TEXT_MAX];
    char answer_bind[CONFIG_TEXT_MAX];
    char answer_address[CONFIG_TEXT_MAX];
    struct config_list validators;
    char jwks[CONFIG_TEXT_MAX];
    int64_t jwks_refresh_ms;
    int64_t jwks_max_age_ms;
    char jwt_issuer[CONFIG_TEXT_MAX];
    struct config_list jwt_audience;
    struct config_list jwt_parties;
    char development_keys[CONFIG_TEXT_MAX];
    struct config_list development_people;
    char development_reach[CONFIG_TEXT_MAX];
    char feature[CONFIG_TEXT_MAX];
    struct config_list origins;
    char web_root[CONFIG_TEXT_MAX];
    struct config_list web_identity_origins;
    char audit_policy[CONFIG_TEXT_MAX];
    struct config_list probes;
    int64_t websocket_ping_ms;
    int64_t websockets_per_trader;
    int64_t previews_per_minute;
    int64_t cancels_per_minute;
    int64_t reads_per_minute;
    int64_t parked_max;
    int64_t order_wait_max_ms;
    int64_t request_timeout_ms;
    char trading_tz[CONFIG_TEXT_MAX];
    char trading_day_start[CONFIG_TEXT_MAX];
};

extern const struct config_item gateway_config_items[];
extern const size_t gateway_config_item_count;

/* What no single item can tell: NULL or a sentence. */
const char *gateway_config_check(const void *config);

/* What a token must say to be one for us; borrows from config. */
struct jwt_policy gateway_config_policy(const struct gateway_config *config);

/* What goes into reply_to. */
const char *gateway_config_answer_address(const struct gateway_config *config);

#endif
