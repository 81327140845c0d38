/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/gateway_config.h"

#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/cleanup.h"
#include "common/issuer.h"
#include "common/suite_config.h"
#include "proto/proto.h"
#include "services/gateway/edge/loopback.h"
#include "services/gateway/edge/web_headers.h"
#include "services/gateway/io/jwks_source.h"
#include "services/gateway/io/probes.h"
#include "services/gateway/operations/people.h"

static const char *check_feature(const char *text)
{
    int percent;

    return feature_parse(text, &percent) < 0 ? "must be false, true or a percentage such as 25%" : NULL;
}

static const char reach_loopback[] = "loopback", reach_published[] = "published-on-loopback";

static const char *check_reach(const char *text)
{
    return strcmp(text, reach_loopback) != 0 && strcmp(text, reach_published) != 0
               ? "must be loopback or published-on-loopback"
               : NULL;
}

#define ITEM(member) offsetof(struct gateway_config, member)

const struct config_item gateway_config_items[] = {
    SERVICE_CONFIG_ITEMS(struct gateway_config),
    SERVICE_CONFIG_TRACES(struct gateway_config),
    PIPE_CONFIG_ITEMS(struct gateway_config),
    {"OXE_GATEWAY_LISTEN", CONFIG_TEXT, ITEM(listen), "127.0.0.1:8080", 3, 100,
     "address:port of the public HTTP and WebSocket interface", address_check},
    {"OXE_CONNECTIONS_MAX", CONFIG_INTEGER, ITEM(connections_max), "20000", 1, 1000000,
     "connections of clients at once, WebSockets included; more are closed at the door", NULL},
    {"OXE_CONNECTIONS_PER_ADDRESS", CONFIG_INTEGER, ITEM(connections_per_address), "1000", 1, 1000000,
     "of these, from one address; what a proxy in front brings comes from one", NULL},
    {"OXE_TLS_CERTIFICATE", CONFIG_TEXT, ITEM(tls_certificate), "", 0, 511,
     "PEM file with the certificate and its chain, read again on SIGHUP; empty: no TLS", NULL},
    {"OXE_TLS_KEY", CONFIG_TEXT, ITEM(tls_key), "", 0, 511, "PEM file with the certificate's key", NULL},
    {"OXE_DATABASE_TRADER", CONFIG_SECRET, ITEM(database_trader), NULL, 1, 511,
     "libpq conninfo of role oxe_trader: reads under row-level security", NULL},
    {"OXE_DATABASE_COMPLIANCE", CONFIG_SECRET, ITEM(database_compliance), NULL, 1, 511,
     "libpq conninfo of role oxe_compliance: reads of every trader's rows", NULL},
    {"OXE_DATABASE_CONNECTIONS", CONFIG_INTEGER, ITEM(database_connections), "4", 1, 32,
     "connections to PostgreSQL as oxe_trader; half as many as oxe_compliance", NULL},
    SUITE_CONFIG_REDIS(struct gateway_config),
    {"OXE_ANSWER_BIND", CONFIG_TEXT, ITEM(answer_bind), NULL, 1, 128,
     "endpoint where this gateway binds its PULL for answers", NULL},
    {"OXE_ANSWER_ADDRESS", CONFIG_TEXT, ITEM(answer_address), "", 0, 128,
     "that endpoint as the risk-managers reach it; empty: as bound", NULL},
    {"OXE_VALIDATORS", CONFIG_LIST, ITEM(validators), NULL, 1, 64, "endpoints of the validators", NULL},
    {"OXE_JWKS", CONFIG_TEXT, ITEM(jwks), NULL, 1, 511,
     "the keys that sign tokens: a file (read again when it changes) or an https:// URL", jwks_source_check},
    {"OXE_JWKS_REFRESH", CONFIG_DURATION, ITEM(jwks_refresh_ms), "5m", 1000, 86400000,
     "how often the keys are fetched from a URL", NULL},
    {"OXE_JWKS_MAX_AGE", CONFIG_DURATION, ITEM(jwks_max_age_ms), "24h", 0, INT64_C(31536000000),
     "how long keys hold that can no longer be read or fetched; then tokens are answered 503; 0: for ever",
     NULL},
    {"OXE_JWT_ISSUER", CONFIG_TEXT, ITEM(jwt_issuer), NULL, 1, 511,
     "iss that a token must have; the word any: not checked", NULL},
    {"OXE_JWT_AUDIENCE", CONFIG_LIST, ITEM(jwt_audience), "", 0, 64,
     "aud of a token must name one of these; the word any: not checked; empty: a token with an aud is "
     "refused, and OXE_JWT_AUTHORIZED_PARTIES is required",
     NULL},
    {"OXE_JWT_AUTHORIZED_PARTIES", CONFIG_LIST, ITEM(jwt_parties), "", 0, 64,
     "azp of a token must be one of these; empty: not checked", NULL},
    {"OXE_DEVELOPMENT_KEYS", CONFIG_TEXT, ITEM(development_keys), "", 0, 511,
     "folder of a development issuer: whoever reaches the gateway may sign in as anybody; empty: nobody may",
     NULL},
    {"OXE_DEVELOPMENT_PEOPLE", CONFIG_LIST, ITEM(development_people),
     "alice:trader,bob:trader,carol:compliance,olga:operations", 1, 64,
     "who they may be, each as subject:role", NULL},
    {"OXE_DEVELOPMENT_REACH", CONFIG_TEXT, ITEM(development_reach), reach_loopback, 1, 32,
     "why only this machine reaches the gateway then: loopback (it listens nowhere else) or "
     "published-on-loopback (its container's port is published on 127.0.0.1 alone)",
     check_reach},
    {"ORDER_EXECUTION_V2_ENABLED", CONFIG_TEXT, ITEM(feature), "false", 1, 16,
     "whether orders are taken: false, true, or the percentage of traders, sticky per trader; until oxectl "
     "flag sets it",
     check_feature},
    {"OXE_ORIGINS", CONFIG_LIST, ITEM(origins), "", 0, 64,
     "origins (https://host) whose pages may ask, and open the WebSocket, besides the gateway's own host",
     NULL},
    {"OXE_WEB_ROOT", CONFIG_TEXT, ITEM(web_root), "", 0, 511,
     "folder of the screen, a static export of the web application, served at /; empty: no files are", NULL},
    {"OXE_WEB_IDENTITY_ORIGINS", CONFIG_LIST, ITEM(web_identity_origins), "", 0, 8,
     "origins (https://host) of an identity provider whose scripts, frames and images the screen takes, and "
     "which it asks",
     NULL},
    SUITE_CONFIG_AUDIT_POLICY(struct gateway_config, audit_policy),
    PROBE_ROUND_CONFIG(struct gateway_config, probes),
    {"OXE_WEBSOCKET_PING", CONFIG_DURATION, ITEM(websocket_ping_ms), "20s", 100, 600000,
     "how often a WebSocket is pinged; one that is silent for three times as long is cut", NULL},
    {"OXE_WS_PER_TRADER", CONFIG_INTEGER, ITEM(websockets_per_trader), "20", 1, 1000000,
     "WebSockets of a trader at once, of each gateway; a further one closes the oldest with 4429", NULL},
    {"OXE_PREVIEWS_PER_MINUTE", CONFIG_INTEGER, ITEM(previews_per_minute), "600", 0, 1000000,
     "previews of a trader in any minute, over all gateways; 0: no limit", NULL},
    {"OXE_CANCELS_PER_MINUTE", CONFIG_INTEGER, ITEM(cancels_per_minute), "600", 0, 1000000,
     "cancels of a trader in any minute, likewise", NULL},
    {"OXE_READS_PER_MINUTE", CONFIG_INTEGER, ITEM(reads_per_minute), "6000", 0, 1000000,
     "reads of a trader or a compliance officer in any minute, likewise; opening a WebSocket is one", NULL},
    {"OXE_PARKED_MAX", CONFIG_INTEGER, ITEM(parked_max), "4096", 1, 1000000,
     "requests that wait for an answer at once; more get 503", NULL},
    {"OXE_ORDER_WAIT_MAX", CONFIG_DURATION, ITEM(order_wait_max_ms), "100ms", 0, 60000,
     "how long orders wait for their answer before new ones get 503, so that those taken keep their latency; "
     "0: however long",
     NULL},
    {"OXE_REQUEST_TIMEOUT", CONFIG_DURATION, ITEM(request_timeout_ms), "5s", 100, 60000,
     "after which a request is answered 503", NULL},
    SUITE_CONFIG_TRADING_DAY(struct gateway_config),
};

const size_t gateway_config_item_count = ARRAY_LEN(gateway_config_items);

const char *gateway_config_answer_address(const struct gateway_config *config)
{
    return config->answer_address[0] != '\0' ? config->answer_address : config->answer_bind;
}

static bool is_any(const char *text)
{
    return strcmp(text, "any") == 0;
}

struct jwt_policy gateway_config_policy(const struct gateway_config *config)
{
    bool any_audience = config->jwt_audience.count == 1 && is_any(config->jwt_audience.items[0]);

    return (struct jwt_policy){.issuer = is_any(config->jwt_issuer) ? NULL : config->jwt_issuer,
                               .audience = any_audience ? NULL : &config->jwt_audience,
                               .parties = &config->jwt_parties};
}

/* A gateway that takes tokens from an identity provider, or that others can reach, makes none. */
static const char *check_development(const struct gateway_config *gateway)
{
    struct person person;

    if (gateway->development_keys[0] == '\0')
        return NULL;
    if (strstr(gateway->jwks, "://") != NULL || gateway->web_identity_origins.count > 0)
        return "OXE_DEVELOPMENT_KEYS is for development: it goes neither with an OXE_JWKS that is a URL nor "
               "with OXE_WEB_IDENTITY_ORIGINS";
    if (strcmp(gateway->jwt_issuer, ISSUER_NAME) != 0)
        return "OXE_DEVELOPMENT_KEYS needs OXE_JWT_ISSUER=" ISSUER_NAME;
    if (strcmp(gateway->development_reach, reach_loopback) == 0 &&
        !loopback_is_named(gateway->listen, strlen(gateway->listen)))
        return "OXE_DEVELOPMENT_KEYS needs an OXE_GATEWAY_LISTEN of 127.0.0.1, [::1] or localhost: whoever "
               "reaches the gateway could be anybody";
    for (size_t i = 0; i < gateway->development_people.count; i++) {
        if (people_parse(gateway->development_people.items[i], &person) < 0)
            return "OXE_DEVELOPMENT_PEOPLE are subjects with a role, such as alice:trader or "
                   "carol:compliance";
    }
    return NULL;
}

const char *gateway_config_check(const void *config)
{
    const struct gateway_config *gateway = config;

    if (strlen(gateway_config_answer_address(gateway)) >= sizeof(((struct order_request *)NULL)->reply_to))
        return "OXE_ANSWER_ADDRESS is longer than 128 characters";
    if ((gateway->tls_certificate[0] == '\0') != (gateway->tls_key[0] == '\0'))
        return "OXE_TLS_CERTIFICATE and OXE_TLS_KEY go together";
    if (check_development(gateway) != NULL)
        return check_development(gateway);
    if (probe_round_check(&gateway->probes) != NULL)
        return probe_round_check(&gateway->probes);
    if (gateway->jwt_audience.count == 0 && gateway->jwt_parties.count == 0)
        return "OXE_JWT_AUDIENCE or OXE_JWT_AUTHORIZED_PARTIES is required; OXE_JWT_AUDIENCE=any takes "
               "tokens for anybody";
    for (size_t i = 0; i < gateway->web_identity_origins.count; i++) {
        if (!web_headers_is_origin(gateway->web_identity_origins.items[i]))
            return "OXE_WEB_IDENTITY_ORIGINS are origins such as https://clerk.example.com, without a path";
    }
    for (size_t i = 0; i < gateway->jwt_audience.count && gateway->jwt_audience.count > 1; i++) {
        if (is_any(gateway->jwt_audience.items[i]))
            return "OXE_JWT_AUDIENCE is the word any alone, or a list without it";
    }
    return NULL;
}
