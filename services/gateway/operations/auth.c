/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/auth.h"

#include <stdio.h>
#include <string.h>

#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rates.h"

_Static_assert((int)JWT_SUBJECT_MAX == (int)ACTOR_MAX, "whoever has a token can be named in the log");

static const char challenge[] = "Bearer realm=\"oxe\"";
static const char challenge_invalid[] = "Bearer realm=\"oxe\", error=\"invalid_token\"";

static void refuse_token(struct request *request, const char *header, const char *detail)
{
    request_add_header(request, "www-authenticate", header);
    request_refuse(request, REJECT_UNAUTHENTICATED, detail);
}

/* The token of "Authorization: Bearer …". False when there is none. */
static bool read_authorization(struct request *request)
{
    size_t length;
    const char *text = request_header(request, "authorization", &length);

    if (text == NULL || length < 8 || !h2o_lcstris(text, 6, H2O_STRLIT("bearer")) || text[6] != ' ')
        return false;
    size_t at = 7;
    while (at < length && text[at] == ' ')
        at++;
    request->token = text + at;
    request->token_length = length - at;
    return request->token_length > 0;
}

enum jwt_fault auth_verify(struct gateway *gateway, const char *token, size_t length,
                           struct jwt_claims *ret_claims)
{
    struct jwt_policy policy = gateway_config_policy(gateway->config);
    struct instant now = clock_now();

    if (length > JWT_TOKEN_MAX)
        return JWT_MALFORMED;
    if (token_cache_find(gateway->tokens, token, length, now, ret_claims))
        return JWT_VALID;
    enum jwt_fault fault =
        jwt_verify(jwks_source_current(gateway->jwks), &policy, token, length, now, ret_claims);
    if (fault == JWT_VALID)
        token_cache_add(gateway->tokens, token, length, ret_claims);
    else if (fault == JWT_UNKNOWN_KEY)
        jwks_source_missed(gateway->jwks, clock_monotonic_us());
    return fault;
}

static void proceed(struct request *request)
{
    struct faults faults = {0};

    if (request->bad_subject == NULL) {
        rates_begin(request, request->operation->rate, request->operation->run);
        return;
    }
    faults_add(&faults, strstr(request->route->path, "{id}") != NULL ? "id" : "symbol", REJECT_INVALID_VALUE,
               NULL, NULL, "%s", request->bad_subject);
    request_refuse_params(request, &faults);
}

static void proceed_as(struct request *request, const struct cached_trader *trader)
{
    request->trader_id = trader->id;
    request->orders_per_minute = trader->orders_per_minute;
    proceed(request);
}

static void on_trader(struct request *request, const PGresult *const *results)
{
    if (PQntuples(results[0]) == 0) {
        request_refuse(
            request, REJECT_ACCOUNT_UNKNOWN,
            "The token is valid, but its subject has no account here; ask operations to open one.");
        return;
    }
    struct cached_trader trader = {.id = db_get_uuid(results[0], 0, 0),
                                   .orders_per_minute = db_get_i64(results[0], 0, 1)};
    trader_cache_add(request->gateway->trader_cache, request->claims.subject, &trader, clock_monotonic_us());
    proceed_as(request, &trader);
}

static void find_trader(struct request *request)
{
    struct query query = query_as_subject(request);

    db_args_text(query_step(&query, STATEMENT_FIND_TRADER), request->claims.subject);
    query_send(&query, on_trader);
}

static void refuse_role(struct request *request)
{
    char roles[64] = "", detail[160];
    size_t length = 0;

    for (enum jwt_role role = 0; role < JWT_ROLE_COUNT; role++) {
        if ((request->operation->access & 1u << role) != 0)
            length += (size_t)snprintf(roles + length, sizeof(roles) - length, "%s%s",
                                       length > 0 ? " or " : "", jwt_role_text(role));
    }
    (void)snprintf(detail, sizeof(detail),
                   "This needs the role %s, which the token does not give; use a token that does.", roles);
    request_refuse(request, REJECT_FORBIDDEN, detail);
}

void auth_begin(struct request *request)
{
    struct gateway *gateway = request->gateway;
    const struct operation *operation = request->operation;

    if (operation->access == ROUTE_PUBLIC) {
        proceed(request);
        return;
    }
    bool found = read_authorization(request);
    if (!found && operation->read_token != NULL)
        found = operation->read_token(request);
    if (!found) {
        refuse_token(request, challenge,
                     "There is no bearer token; get one and send it as Authorization: Bearer.");
        return;
    }
    if (jwks_source_current(gateway->jwks) == NULL) {
        request_unavailable(request, "The keys that sign tokens are not known now; try again shortly.");
        return;
    }
    enum jwt_fault fault = auth_verify(gateway, request->token, request->token_length, &request->claims);
    if (fault != JWT_VALID) {
        refuse_token(request, challenge_invalid, jwt_fault_text(fault));
        return;
    }
    if ((operation->access & 1u << request->claims.role) == 0) {
        refuse_role(request);
        return;
    }
    struct cached_trader trader;
    if (request->claims.role != JWT_ROLE_TRADER)
        proceed(request);
    else if (trader_cache_find(gateway->trader_cache, request->claims.subject, clock_monotonic_us(), &trader))
        proceed_as(request, &trader);
    else
        find_trader(request);
}
