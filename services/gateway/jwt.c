#include "services/gateway/jwt.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/base64url.h"

#define US_PER_S INT64_C(1000000)
/* 9999-12-31T23:59:59Z: what struct instant can print. */
#define SECONDS_MAX INT64_C(253402300799)

static void cleanup_json(json_t **json)
{
    json_decref(*json);
}

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
            "The token lacks a claim, or one has the wrong form (sub, exp, nbf, oxe_role); get one that has "
            "them.",
        [JWT_EXPIRED] = "The token has expired; get a fresh one.",
        [JWT_NOT_YET] = "The token is not valid yet; wait until its nbf.",
        [JWT_ISSUER] = "The token comes from another issuer; get one from the issuer that is accepted here.",
        [JWT_AUDIENCE] = "The token is meant for another audience; get one for this service.",
    };
    return texts[fault];
}

static enum jwt_fault check_signature(const struct jwks *jwks, cjose_jws_t *jws)
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
    return cjose_jws_verify(jws, key->jwk, &error) ? JWT_VALID : JWT_SIGNATURE;
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

static bool read_role(const json_t *claims, enum jwt_role *ret_role)
{
    static const char *const names[] = {
        [JWT_ROLE_TRADER] = "trader",
        [JWT_ROLE_COMPLIANCE] = "compliance",
        [JWT_ROLE_OPERATIONS] = "operations",
    };
    const json_t *claim = json_object_get(claims, "oxe_role");

    *ret_role = JWT_ROLE_TRADER;
    if (claim == NULL || json_is_null(claim))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_is_string(claim) && strcmp(json_string_value(claim), names[i]) == 0) {
            *ret_role = (enum jwt_role)i;
            return true;
        }
    }
    return false;
}

static bool listed(const struct config_list *audience, const json_t *value)
{
    const char *text = json_string_value(value);

    for (size_t i = 0; text != NULL && i < audience->count; i++) {
        if (strcmp(audience->items[i], text) == 0)
            return true;
    }
    return false;
}

static bool audience_matches(const struct config_list *audience, const json_t *claims)
{
    const json_t *aud = json_object_get(claims, "aud");
    const json_t *entry;
    size_t i;

    if (audience == NULL || audience->count == 0 || listed(audience, aud) ||
        listed(audience, json_object_get(claims, "azp")))
        return true;
    json_array_foreach(aud, i, entry)
    {
        if (listed(audience, entry))
            return true;
    }
    return false;
}

static enum jwt_fault check_claims(const json_t *claims, const struct jwt_policy *policy, struct instant now,
                                   struct jwt_claims *ret_claims)
{
    const json_t *subject = json_object_get(claims, "sub");
    size_t subject_length = json_string_length(subject);
    int64_t expires_s, not_before_s = 0;
    enum jwt_role role;

    if (!json_is_string(subject) || subject_length == 0 || subject_length >= ACTOR_MAX ||
        strlen(json_string_value(subject)) != subject_length || !read_date(claims, "exp", &expires_s) ||
        !read_role(claims, &role))
        return JWT_CLAIMS;
    if (json_object_get(claims, "nbf") != NULL && !read_date(claims, "nbf", &not_before_s))
        return JWT_CLAIMS;
    struct jwt_claims found = {.role = role, .expires_at = {expires_s * US_PER_S}};
    if (jwt_is_expired(&found, now))
        return JWT_EXPIRED;
    if ((not_before_s - JWT_LEEWAY_S) * US_PER_S > now.us)
        return JWT_NOT_YET;
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    if (policy->issuer[0] != '\0' && (issuer == NULL || strcmp(issuer, policy->issuer) != 0))
        return JWT_ISSUER;
    if (!audience_matches(policy->audience, claims))
        return JWT_AUDIENCE;
    memcpy(found.subject, json_string_value(subject), subject_length + 1);
    *ret_claims = found;
    return JWT_VALID;
}

bool jwt_is_expired(const struct jwt_claims *claims, struct instant now)
{
    return now.us >= claims->expires_at.us + JWT_LEEWAY_S * US_PER_S;
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

enum jwt_fault jwt_verify(const struct jwks *jwks, const struct jwt_policy *policy, const char *token,
                          size_t length, struct instant now, struct jwt_claims *ret_claims)
{
    CLEANUP(cleanup_jws) cjose_jws_t *jws = NULL;
    CLEANUP(cleanup_json) json_t *claims = NULL;
    cjose_err error;
    uint8_t *payload;
    size_t payload_length;

    if (length > JWT_TOKEN_MAX || !is_compact(token, length))
        return JWT_MALFORMED;
    jws = cjose_jws_import(token, length, &error);
    if (jws == NULL)
        return JWT_MALFORMED;
    enum jwt_fault fault = check_signature(jwks, jws);
    if (fault != JWT_VALID)
        return fault;
    if (!cjose_jws_get_plaintext(jws, &payload, &payload_length, &error))
        return JWT_CLAIMS;
    claims = json_loadb((const char *)payload, payload_length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(claims))
        return JWT_CLAIMS;
    return check_claims(claims, policy, now, ret_claims);
}
