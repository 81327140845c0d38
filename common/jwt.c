/* SPDX-License-Identifier: Apache-2.0 */
#include "common/jwt.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "common/base64url.h"
#include "common/cleanup.h"

#define US_PER_S INT64_C(1000000)
/* 9999-12-31T23:59:59Z: what struct instant can print. */
#define SECONDS_MAX INT64_C(253402300799)

static void cleanup_jws(cjose_jws_t **jws)
{
    cjose_jws_release(*jws);
}

const char *jwt_fault_text(enum jwt_fault fault)
{
    static const char *const texts[] = {
        [JWT_VALID] = "The token is valid.",
        [JWT_MALFORMED] = "The token is not a signed JWT in compact form; send it as it was issued.",
        [JWT_ALGORITHM] =
            "The token's algorithm is not accepted; get one that is signed with RS256 or ES256.",
        [JWT_UNKNOWN_KEY] = "The token names no key that is accepted here; get a fresh one.",
        [JWT_SIGNATURE] = "The token's signature does not verify; send it as it was issued.",
        [JWT_CLAIMS] =
            "A claim (sub, exp, nbf, oxe_role) is missing or of the wrong form; get a token that has it.",
        [JWT_EXPIRED] = "The token has expired; get a fresh one.",
        [JWT_NOT_YET] = "The token is not valid yet; wait until its nbf.",
        [JWT_ISSUER] = "The token comes from another issuer; get one from the issuer that is accepted here.",
        [JWT_AUDIENCE] = "The token is meant for another audience; get one for this service.",
        [JWT_PARTY] =
            "The token was issued to a party that is not accepted here; get one by an application that is.",
    };
    return texts[fault];
}

/* Of 64 bytes: r and s. */
enum { ES256_SIGNATURE_LENGTH = 86 };

static enum jwt_fault check_signature(const struct jwks *jwks, cjose_jws_t *jws, size_t signature_length,
                                      const struct jwks_key **ret_key)
{
    cjose_err error;
    json_t *header = (json_t *)cjose_jws_get_protected(jws);
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    const char *kid = json_string_value(json_object_get(header, "kid"));

    /* Extensions that must be understood, and none is. */
    if (json_object_get(header, "crit") != NULL)
        return JWT_MALFORMED;
    if (algorithm == NULL || (strcmp(algorithm, "RS256") != 0 && strcmp(algorithm, "ES256") != 0))
        return JWT_ALGORITHM;
    const struct jwks_key *key = kid == NULL ? NULL : jwks_find(jwks, kid);
    if (key == NULL)
        return JWT_UNKNOWN_KEY;
    if (strcmp(algorithm, key->algorithm) != 0)
        return JWT_ALGORITHM;
    /* libcjose reads r and s and does not mind what is missing or comes behind them. */
    if (strcmp(algorithm, "ES256") == 0 && signature_length != ES256_SIGNATURE_LENGTH)
        return JWT_SIGNATURE;
    if (!cjose_jws_verify(jws, key->jwk, &error))
        return JWT_SIGNATURE;
    *ret_key = key;
    return JWT_VALID;
}

/* A NumericDate; fractions of a second are dropped. */
static bool read_date(const json_t *claims, const char *name, int64_t *ret_seconds)
{
    const json_t *value = json_object_get(claims, name);
    int64_t seconds;

    if (json_is_integer(value))
        seconds = json_integer_value(value);
    else if (json_is_real(value) && json_real_value(value) >= 0 &&
             json_real_value(value) <= (double)SECONDS_MAX)
        seconds = (int64_t)json_real_value(value);
    else
        return false;
    if (seconds < 0 || seconds > SECONDS_MAX)
        return false;
    *ret_seconds = seconds;
    return true;
}

const char *jwt_role_text(enum jwt_role role)
{
    static const char *const texts[JWT_ROLE_COUNT] = {
        [JWT_ROLE_TRADER] = "trader",
        [JWT_ROLE_COMPLIANCE] = "compliance",
        [JWT_ROLE_OPERATIONS] = "operations",
    };

    return texts[role];
}

static bool read_role(const json_t *claims, enum jwt_role *ret_role)
{
    const json_t *claim = json_object_get(claims, "oxe_role");

    *ret_role = JWT_ROLE_TRADER;
    if (claim == NULL || json_is_null(claim))
        return true;
    for (enum jwt_role role = 0; role < JWT_ROLE_COUNT; role++) {
        if (json_is_string(claim) && strcmp(json_string_value(claim), jwt_role_text(role)) == 0) {
            *ret_role = role;
            return true;
        }
    }
    return false;
}

static bool listed(const struct config_list *list, const json_t *value)
{
    const char *text = json_string_value(value);

    for (size_t i = 0; text != NULL && i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0)
            return true;
    }
    return false;
}

static bool audience_matches(const struct config_list *audience, const json_t *claims)
{
    const json_t *aud = json_object_get(claims, "aud");
    const json_t *entry;
    size_t i;

    if (audience == NULL || (audience->count == 0 && aud == NULL) || listed(audience, aud))
        return true;
    json_array_foreach(aud, i, entry)
    {
        if (listed(audience, entry))
            return true;
    }
    return false;
}

static bool party_matches(const struct config_list *parties, const json_t *claims)
{
    return parties == NULL || parties->count == 0 || listed(parties, json_object_get(claims, "azp"));
}

static bool is_past(struct instant expires_at, struct instant now)
{
    return now.us >= expires_at.us + JWT_LEEWAY_S * US_PER_S;
}

static enum jwt_fault check_times(const json_t *claims, struct instant now, struct instant *ret_expires_at)
{
    int64_t expires_s, not_before_s = 0;

    if (!read_date(claims, "exp", &expires_s) ||
        (json_object_get(claims, "nbf") != NULL && !read_date(claims, "nbf", &not_before_s)))
        return JWT_CLAIMS;
    struct instant expires_at = {expires_s * US_PER_S};
    if (is_past(expires_at, now))
        return JWT_EXPIRED;
    if ((not_before_s - JWT_LEEWAY_S) * US_PER_S > now.us)
        return JWT_NOT_YET;
    *ret_expires_at = expires_at;
    return JWT_VALID;
}

static enum jwt_fault check_claims(const json_t *claims, const struct jwt_policy *policy, struct instant now,
                                   struct jwt_claims *ret_claims)
{
    const json_t *subject = json_object_get(claims, "sub");
    size_t subject_length = json_string_length(subject);
    struct jwt_claims found = {.role = JWT_ROLE_TRADER};

    if (!json_is_string(subject) || subject_length == 0 || subject_length >= JWT_SUBJECT_MAX ||
        strlen(json_string_value(subject)) != subject_length || !read_role(claims, &found.role))
        return JWT_CLAIMS;
    enum jwt_fault fault = check_times(claims, now, &found.expires_at);
    if (fault != JWT_VALID)
        return fault;
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    if (policy->issuer != NULL && (issuer == NULL || strcmp(issuer, policy->issuer) != 0))
        return JWT_ISSUER;
    if (!audience_matches(policy->audience, claims))
        return JWT_AUDIENCE;
    if (!party_matches(policy->parties, claims))
        return JWT_PARTY;
    memcpy(found.subject, json_string_value(subject), subject_length + 1);
    *ret_claims = found;
    return JWT_VALID;
}

bool jwt_is_expired(const struct jwt_claims *claims, struct instant now)
{
    return is_past(claims->expires_at, now);
}

/* Header, payload and signature, each base64url. */
static bool is_compact(const char *token, size_t length)
{
    const char *end = token + length;

    for (int part = 0; part < 3; part++) {
        const char *dot = memchr(token, '.', (size_t)(end - token));
        if ((dot == NULL) != (part == 2))
            return false;
        const char *stop = dot == NULL ? end : dot;
        if (!base64url_is_valid(token, (size_t)(stop - token)))
            return false;
        token = stop + 1;
    }
    return true;
}

/* The payload, which lives as long as the JWS. */
static enum jwt_fault open_jws(const struct jwks *jwks, const char *token, size_t length,
                               cjose_jws_t **ret_jws, const struct jwks_key **ret_key,
                               const char **ret_payload, size_t *ret_payload_length)
{
    CLEANUP(cleanup_jws) cjose_jws_t *jws = NULL;
    cjose_err error;
    uint8_t *payload;

    if (length > JWT_TOKEN_MAX || !is_compact(token, length))
        return JWT_MALFORMED;
    const char *last_dot = memrchr(token, '.', length);
    jws = cjose_jws_import(token, length, &error);
    if (jws == NULL || last_dot == NULL)
        return JWT_MALFORMED;
    enum jwt_fault fault = check_signature(jwks, jws, length - (size_t)(last_dot + 1 - token), ret_key);
    if (fault != JWT_VALID)
        return fault;
    if (!cjose_jws_get_plaintext(jws, &payload, ret_payload_length, &error))
        return JWT_CLAIMS;
    *ret_payload = (const char *)payload;
    *ret_jws = jws;
    jws = NULL;
    return JWT_VALID;
}

enum jwt_fault jwt_verify(const struct jwks *jwks, const struct jwt_policy *policy, const char *token,
                          size_t length, struct instant now, struct jwt_claims *ret_claims)
{
    CLEANUP(cleanup_jws) cjose_jws_t *jws = NULL;
    json_auto_t *claims = NULL;
    const struct jwks_key *key;
    const char *payload;
    size_t payload_length;

    enum jwt_fault fault = open_jws(jwks, token, length, &jws, &key, &payload, &payload_length);
    if (fault != JWT_VALID)
        return fault;
    claims = json_loadb(payload, payload_length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(claims))
        return JWT_CLAIMS;
    fault = check_claims(claims, policy, now, ret_claims);
    if (fault == JWT_VALID)
        memcpy(ret_claims->key_print, key->print, sizeof(ret_claims->key_print));
    return fault;
}

enum jwt_fault jwt_verify_signature(const struct jwks *jwks, const char *token, size_t length,
                                    struct instant now)
{
    CLEANUP(cleanup_jws) cjose_jws_t *jws = NULL;
    json_auto_t *claims = NULL;
    const struct jwks_key *key;
    const char *payload;
    size_t payload_length, at = 0;
    struct instant expires_at;

    enum jwt_fault fault = open_jws(jwks, token, length, &jws, &key, &payload, &payload_length);
    if (fault != JWT_VALID)
        return fault;
    while (at < payload_length && strchr(" \t\r\n", payload[at]) != NULL && payload[at] != '\0')
        at++;
    if (at == payload_length || payload[at] != '{')
        return JWT_VALID;
    claims = json_loadb(payload, payload_length, JSON_REJECT_DUPLICATES, NULL);
    return json_is_object(claims) ? check_times(claims, now, &expires_at) : JWT_CLAIMS;
}
