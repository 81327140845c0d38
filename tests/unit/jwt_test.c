/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: only our keys, only their own algorithm, only within time, issuer and audience.
 *
 * Long: each way to forge a token is a case of its own, beside its helpers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/jwt.h"
#include "services/gateway/io/token_cache.h"
#include "services/gateway/io/trader_cache.h"

#define NOW_S INT64_C(1760702465)

static const struct instant now = {NOW_S * 1000000};

/* Keys are costly to make: one set for all cases of a process. */
static struct keys {
    cjose_jwk_t *rsa, *ec, *foreign;
    struct jwks *jwks;
} keys;

static void text_free(char **text)
{
    free(*text);
}
#define AUTO_TEXT CLEANUP(text_free) char *

static cjose_jwk_t *make_rsa(size_t bits, const char *kid)
{
    static const uint8_t exponent[] = {1, 0, 1};
    cjose_err error;
    cjose_jwk_t *key = cjose_jwk_create_RSA_random(bits, exponent, sizeof(exponent), &error);

    cr_assert_not_null(key);
    cr_assert(cjose_jwk_set_kid(key, kid, strlen(kid), &error));
    return key;
}

static cjose_jwk_t *make_ec(cjose_jwk_ec_curve curve, const char *kid)
{
    cjose_err error;
    cjose_jwk_t *key = cjose_jwk_create_EC_random(curve, &error);

    cr_assert_not_null(key);
    cr_assert(cjose_jwk_set_kid(key, kid, strlen(kid), &error));
    return key;
}

/* The public half as JSON text with further members. */
static char *public_json(const cjose_jwk_t *key, const char *members)
{
    cjose_err error;
    char *text = cjose_jwk_to_json(key, false, &error);
    json_t *object = json_loads(text, 0, NULL), *more = json_loads(members, 0, NULL);

    cjose_get_dealloc()(text);
    cr_assert(object != NULL && more != NULL);
    (void)json_object_update(object, more);
    char *result = json_dumps(object, 0);
    json_decref(object);
    json_decref(more);
    return result;
}

static struct jwks *make_jwks(const char *const *texts, size_t count, int *ret_result)
{
    CLEANUP(buffer_release) struct buffer json = BUFFER_INIT(0);
    struct jwks *jwks = NULL;

    buffer_append_text(&json, "{\"keys\":[");
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&json, "%s%s", i == 0 ? "" : ",", texts[i]);
    buffer_append_text(&json, "]}");
    *ret_result = jwks_parse(json.data, json.length, &jwks);
    return jwks;
}

static void setup(void)
{
    int r;

    keys.rsa = make_rsa(2048, "rsa-1");
    keys.ec = make_ec(CJOSE_JWK_EC_P_256, "ec-1");
    keys.foreign = make_ec(CJOSE_JWK_EC_P_256, "ec-1");
    AUTO_TEXT rsa = public_json(keys.rsa, "{\"use\":\"sig\",\"alg\":\"RS256\"}");
    AUTO_TEXT ec = public_json(keys.ec, "{}");
    keys.jwks = make_jwks((const char *[]){rsa, ec}, 2, &r);
    cr_assert_eq(r, 0);
    cr_assert_eq(jwks_count(keys.jwks), 2u);
}

static void teardown(void)
{
    jwks_destroy(&keys.jwks);
    cjose_jwk_release(keys.rsa);
    cjose_jwk_release(keys.ec);
    cjose_jwk_release(keys.foreign);
}

TestSuite(jwt, .init = setup, .fini = teardown);

/* A token signed with cjose. header: JSON object text. */
static char *sign(const cjose_jwk_t *key, const char *header, const char *claims)
{
    cjose_err error;
    json_t *protected = json_loads(header, 0, NULL);
    const char *text;

    cr_assert_not_null(protected, "%s", header);
    cjose_jws_t *jws =
        cjose_jws_sign(key, (cjose_header_t *)protected, (const uint8_t *)claims, strlen(claims), &error);
    cr_assert_not_null(jws, "%s %s", header, claims);
    cr_assert(cjose_jws_export(jws, &text, &error));
    char *token = strdup(text);
    cjose_jws_release(jws);
    json_decref(protected);
    return token;
}

static char *base64url(const void *bytes, size_t length)
{
    cjose_err error;
    char *text = NULL;
    size_t text_length;

    cr_assert(cjose_base64url_encode(bytes, length, &text, &text_length, &error));
    char *copy = strndup(text, text_length);
    cjose_get_dealloc()(text);
    return copy;
}

/* A token put together by hand; signature may be NULL. */
static char *forge(const char *header, const char *claims, const void *signature, size_t signature_length)
{
    AUTO_TEXT first = base64url(header, strlen(header));
    AUTO_TEXT second = base64url(claims, strlen(claims));
    AUTO_TEXT third = signature == NULL ? strdup("") : base64url(signature, signature_length);
    char *token;

    cr_assert_gt(asprintf(&token, "%s.%s.%s", first, second, third), 0);
    return token;
}

#define GOOD       "\"sub\":\"user_1\",\"iss\":\"https://issuer.example\",\"aud\":\"oxe\",\"exp\":1760702525"
#define RSA_HEADER "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}"
#define EC_HEADER  "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"typ\":\"JWT\"}"

static struct config_list audience = {.items = {"oxe", "frontend"}, .count = 2};
static const struct jwt_policy policy = {.issuer = "https://issuer.example", .audience = &audience};

static enum jwt_fault verify(const char *token, struct jwt_claims *claims)
{
    return jwt_verify(keys.jwks, &policy, token, strlen(token), now, claims);
}

Test(jwt, rs256_and_es256_of_our_keys_are_accepted)
{
    AUTO_TEXT rsa = sign(keys.rsa, RSA_HEADER, "{" GOOD "}");
    AUTO_TEXT ec = sign(keys.ec, EC_HEADER, "{" GOOD ",\"oxe_role\":\"operations\"}");
    struct jwt_claims claims;

    cr_assert_eq(verify(rsa, &claims), JWT_VALID);
    cr_expect_str_eq(claims.subject, "user_1");
    cr_expect_eq(claims.role, JWT_ROLE_TRADER);
    cr_expect_eq(claims.expires_at.us, INT64_C(1760702525000000));
    cr_assert_eq(verify(ec, &claims), JWT_VALID);
    cr_expect_eq(claims.role, JWT_ROLE_OPERATIONS);
}

Test(jwt, alg_none_is_refused)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"kid\":\"rsa-1\"}",
        "{\"alg\":\"None\",\"kid\":\"rsa-1\"}",
        "{\"alg\":\"NONE\"}",
        "{\"alg\":\"\",\"kid\":\"rsa-1\"}",
        "{\"kid\":\"rsa-1\"}",
        "{\"alg\":null,\"kid\":\"ec-1\"}",
        "{\"alg\":[\"RS256\"],\"kid\":\"rsa-1\"}",
    };

    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct jwt_claims claims = {.subject = "untouched"};
        AUTO_TEXT unsigned_token = forge(headers[i], "{" GOOD "}", NULL, 0);
        AUTO_TEXT signed_token = forge(headers[i], "{" GOOD "}", "0123456789012345", 16);
        cr_expect_neq(verify(unsigned_token, &claims), JWT_VALID, "%s", headers[i]);
        cr_expect_neq(verify(signed_token, &claims), JWT_VALID, "%s", headers[i]);
        cr_expect_str_eq(claims.subject, "untouched");
    }
}

/* The classic: the public key, which everybody has, as the secret of an HMAC. */
Test(jwt, hs256_with_our_public_key_as_the_secret_is_refused)
{
    static const char header[] = "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", claims_text[] = "{" GOOD "}";
    AUTO_TEXT secret = public_json(keys.rsa, "{}");
    AUTO_TEXT first = base64url(header, strlen(header));
    AUTO_TEXT second = base64url(claims_text, strlen(claims_text));
    AUTO_TEXT input = NULL;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int mac_length;
    struct jwt_claims claims;

    cr_assert_gt(asprintf(&input, "%s.%s", first, second), 0);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)input, strlen(input), mac, &mac_length);
    AUTO_TEXT token = forge(header, claims_text, mac, mac_length);
    cr_expect_eq(verify(token, &claims), JWT_ALGORITHM);
}

Test(jwt, a_genuine_hs256_token_is_refused)
{
    static const uint8_t secret[32] = "a secret of thirty-two bytes ...";
    cjose_err error;
    cjose_jwk_t *key = cjose_jwk_create_oct_spec(secret, sizeof(secret), &error);
    AUTO_TEXT token = sign(key, "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", "{" GOOD "}");
    struct jwt_claims claims;

    cr_expect_eq(verify(token, &claims), JWT_ALGORITHM);
    cjose_jwk_release(key);
}

Test(jwt, the_algorithm_is_pinned_by_the_type_of_the_key)
{
    AUTO_TEXT ps = sign(keys.rsa, "{\"alg\":\"PS256\",\"kid\":\"rsa-1\"}", "{" GOOD "}");
    AUTO_TEXT rs512 = sign(keys.rsa, "{\"alg\":\"RS512\",\"kid\":\"rsa-1\"}", "{" GOOD "}");
    AUTO_TEXT es_for_rsa = sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}", "{" GOOD "}");
    AUTO_TEXT rs_for_ec = sign(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", "{" GOOD "}");
    const char *const tokens[] = {ps, rs512, es_for_rsa, rs_for_ec};

    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        struct jwt_claims claims;
        cr_expect_eq(verify(tokens[i], &claims), JWT_ALGORITHM, "token %zu", i);
    }
}

/* r and s, 32 bytes each: libcjose itself overlooks more, and reads on past less. */
Test(jwt, an_es256_signature_has_64_bytes)
{
    AUTO_TEXT token = sign(keys.ec, EC_HEADER, "{" GOOD "}");
    struct jwt_claims claims;

    cr_assert_eq(verify(token, &claims), JWT_VALID);
    for (size_t cut = 1; cut <= 84; cut++) {
        AUTO_TEXT shorter = strndup(token, strlen(token) - cut);
        cr_expect_neq(verify(shorter, &claims), JWT_VALID, "%zu characters less", cut);
    }
    for (const char *more = "AAAAAAAA"; *more != '\0'; more++) {
        AUTO_TEXT longer = NULL;
        cr_assert_gt(asprintf(&longer, "%s%s", token, more), 0);
        cr_expect_neq(verify(longer, &claims), JWT_VALID, "%s", more);
    }
}

Test(jwt, only_our_keys_count)
{
    AUTO_TEXT foreign = sign(keys.foreign, EC_HEADER, "{" GOOD "}");
    AUTO_TEXT no_kid = sign(keys.ec, "{\"alg\":\"ES256\"}", "{" GOOD "}");
    AUTO_TEXT other_kid = sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"ec-2\"}", "{" GOOD "}");
    AUTO_TEXT longer_kid = sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"ec-1 \"}", "{" GOOD "}");
    AUTO_TEXT path_kid = sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"../../dev/null\"}", "{" GOOD "}");
    AUTO_TEXT number_kid = forge("{\"alg\":\"ES256\",\"kid\":1}", "{" GOOD "}", "x", 1);
    AUTO_TEXT own_jwk = public_json(keys.foreign, "{}");
    AUTO_TEXT header = NULL;
    struct jwt_claims claims;

    /* A key that the token brings along, or points to, is no key of ours. */
    cr_assert_gt(asprintf(&header,
                          "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"jku\":\"https://evil.example\",\"jwk\":%s}",
                          own_jwk),
                 0);
    AUTO_TEXT embedded = sign(keys.foreign, header, "{" GOOD "}");
    cr_expect_eq(verify(foreign, &claims), JWT_SIGNATURE);
    cr_expect_eq(verify(embedded, &claims), JWT_SIGNATURE);
    cr_expect_eq(verify(no_kid, &claims), JWT_UNKNOWN_KEY);
    cr_expect_eq(verify(other_kid, &claims), JWT_UNKNOWN_KEY);
    cr_expect_eq(verify(longer_kid, &claims), JWT_UNKNOWN_KEY);
    cr_expect_eq(verify(path_kid, &claims), JWT_UNKNOWN_KEY);
    cr_expect_eq(verify(number_kid, &claims), JWT_UNKNOWN_KEY);
}

Test(jwt, an_extension_that_must_be_understood_is_refused)
{
    AUTO_TEXT token =
        sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"crit\":[\"b64\"],\"b64\":false}", "{" GOOD "}");
    struct jwt_claims claims;

    cr_expect_eq(verify(token, &claims), JWT_MALFORMED);
}

Test(jwt, whatever_is_changed_breaks_the_signature)
{
    AUTO_TEXT token = sign(keys.rsa, RSA_HEADER, "{" GOOD "}");
    struct jwt_claims claims;

    for (size_t i = 0, length = strlen(token); i < length; i += 7) {
        char kept = token[i];
        if (kept == '.')
            continue;
        token[i] = kept == 'A' ? 'B' : 'A';
        cr_expect_neq(verify(token, &claims), JWT_VALID, "character %zu", i);
        token[i] = kept;
    }
    cr_expect_eq(verify(token, &claims), JWT_VALID);
}

Test(jwt, garbage_is_refused)
{
    static const char *const tokens[] = {"",
                                         ".",
                                         "..",
                                         "...",
                                         "a.b.c",
                                         "e30.e30.",
                                         "x",
                                         "a.b",
                                         "Bearer a.b.c",
                                         "e30.e30.e30.e30",
                                         " ",
                                         "e30.e3=0.AAAA",
                                         "e30.e.AAAA",
                                         "e30.e30.AAAA=",
                                         "e3 0.e30.AAAA",
                                         "e30.e30.AAA+",
                                         "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEifQ.eyJzdWIiOiJ1IiwiZXhwL=.AAAA",
                                         "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEifQ.e30.AAAAA"};
    static char endless[JWT_TOKEN_MAX + 2];

    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        struct jwt_claims claims;
        cr_expect_neq(verify(tokens[i], &claims), JWT_VALID, "'%s'", tokens[i]);
    }
    memset(endless, 'a', sizeof(endless) - 1);
    struct jwt_claims claims;
    cr_expect_eq(verify(endless, &claims), JWT_MALFORMED);
}

/* Any payload will do when only the signature is asked for; of claims, the times count. */
Test(jwt, a_signature_alone_is_verified_with_the_same_rules)
{
    static const char stranger[] = "{\"alg\":\"ES256\",\"kid\":\"ec-2\"}",
                      other[] = "{\"alg\":\"RS256\",\"kid\":\"ec-1\"}",
                      none[] = "{\"alg\":\"none\",\"kid\":\"ec-1\"}", nameless[] = "{\"alg\":\"ES256\"}";
    static const struct {
        const char *header, *payload;
        enum jwt_fault fault;
    } cases[] = {
        {EC_HEADER, "foo", JWT_VALID},
        {EC_HEADER, "[1]", JWT_VALID},
        {EC_HEADER, "{" GOOD "}", JWT_VALID},
        {EC_HEADER, "{\"exp\":1760702525}", JWT_VALID},
        {EC_HEADER, "{\"exp\":1760702525,\"oxe_role\":\"king\",\"iss\":\"anybody\"}", JWT_VALID},
        {EC_HEADER, " \n{\"exp\":1760702435}", JWT_EXPIRED},
        {EC_HEADER, "{\"exp\":1760702525,\"nbf\":1760702496}", JWT_NOT_YET},
        {EC_HEADER, "{\"exp\":\"tomorrow\"}", JWT_CLAIMS},
        {EC_HEADER, "{\"exp\":1760702525,\"nbf\":null}", JWT_CLAIMS},
        {EC_HEADER, "{\"sub\":\"u\"}", JWT_CLAIMS},
        {EC_HEADER, "{\"exp\":1760702435,\"exp\":1760702525}", JWT_CLAIMS},
        {EC_HEADER, "{\"exp\":1760702525", JWT_CLAIMS},
        {stranger, "foo", JWT_UNKNOWN_KEY},
        {nameless, "foo", JWT_UNKNOWN_KEY},
        {other, "foo", JWT_ALGORITHM},
        {none, "foo", JWT_ALGORITHM},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool signs = cases[i].header != other && cases[i].header != none;
        AUTO_TEXT token = signs ? sign(keys.ec, cases[i].header, cases[i].payload)
                                : forge(cases[i].header, cases[i].payload, "0123456789012345", 16);
        enum jwt_fault fault = jwt_verify_signature(keys.jwks, token, strlen(token), now);
        cr_expect_eq(fault, cases[i].fault, "%s %s: %s", cases[i].header, cases[i].payload,
                     jwt_fault_text(fault));
        cr_expect_neq(jwt_verify_signature(NULL, token, strlen(token), now), JWT_VALID, "without a key");
    }
    AUTO_TEXT foreign = sign(keys.foreign, EC_HEADER, "foo");
    cr_expect_eq(jwt_verify_signature(keys.jwks, foreign, strlen(foreign), now), JWT_SIGNATURE);
    cr_expect_eq(jwt_verify_signature(keys.jwks, "", 0, now), JWT_MALFORMED);
}

#define WITHOUT_EXP "\"sub\":\"user_1\",\"iss\":\"https://issuer.example\",\"aud\":\"oxe\""
#define WITHOUT_ISS "\"sub\":\"user_1\",\"aud\":\"oxe\",\"exp\":1760702525"
#define WITHOUT_AUD "\"sub\":\"user_1\",\"iss\":\"https://issuer.example\",\"exp\":1760702525"
#define WITHOUT_SUB "\"iss\":\"https://issuer.example\",\"aud\":\"oxe\",\"exp\":1760702525"

Test(jwt, every_claim_is_checked)
{
    static const struct {
        const char *claims;
        enum jwt_fault fault;
    } cases[] = {
        /* exp: with 30 s of leeway */
        {"{" WITHOUT_EXP ",\"exp\":1760702436}", JWT_VALID},
        {"{" WITHOUT_EXP ",\"exp\":1760702435}", JWT_EXPIRED},
        {"{" WITHOUT_EXP ",\"exp\":0}", JWT_EXPIRED},
        {"{" WITHOUT_EXP ",\"exp\":1760702436.9}", JWT_VALID},
        {"{" WITHOUT_EXP "}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":\"1760702525\"}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":null}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":-1}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":9223372036854775807}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":1e300}", JWT_CLAIMS},
        {"{" WITHOUT_EXP ",\"exp\":1,\"exp\":1760702525}", JWT_CLAIMS},
        /* nbf */
        {"{" GOOD ",\"nbf\":1760702495}", JWT_VALID},
        {"{" GOOD ",\"nbf\":1760702496}", JWT_NOT_YET},
        {"{" GOOD ",\"nbf\":\"now\"}", JWT_CLAIMS},
        {"{" GOOD ",\"nbf\":null}", JWT_CLAIMS},
        /* iss */
        {"{" WITHOUT_ISS "}", JWT_ISSUER},
        {"{" WITHOUT_ISS ",\"iss\":\"https://issuer.example/\"}", JWT_ISSUER},
        {"{" WITHOUT_ISS ",\"iss\":\"https://evil.example\"}", JWT_ISSUER},
        {"{" WITHOUT_ISS ",\"iss\":[\"https://issuer.example\"]}", JWT_ISSUER},
        /* aud */
        {"{" WITHOUT_AUD "}", JWT_AUDIENCE},
        {"{" WITHOUT_AUD ",\"aud\":\"ox\"}", JWT_AUDIENCE},
        {"{" WITHOUT_AUD ",\"aud\":[]}", JWT_AUDIENCE},
        {"{" WITHOUT_AUD ",\"aud\":[\"a\",\"frontend\"]}", JWT_VALID},
        {"{" WITHOUT_AUD ",\"aud\":[\"a\",{\"oxe\":1}]}", JWT_AUDIENCE},
        /* sub */
        {"{" WITHOUT_SUB "}", JWT_CLAIMS},
        {"{" WITHOUT_SUB ",\"sub\":\"\"}", JWT_CLAIMS},
        {"{" WITHOUT_SUB ",\"sub\":7}", JWT_CLAIMS},
        {"{" WITHOUT_SUB ",\"sub\":\"a\\u0000b\"}", JWT_CLAIMS},
        {"{" WITHOUT_SUB
         ",\"sub\":\"1234567890123456789012345678901234567890123456789012345678901234567890123456789012"
         "3456789012345678901234567890123456789012345678\"}",
         JWT_VALID},
        {"{" WITHOUT_SUB
         ",\"sub\":\"1234567890123456789012345678901234567890123456789012345678901234567890123456789012"
         "34567890123456789012345678901234567890123456789\"}",
         JWT_CLAIMS},
        /* oxe_role */
        {"{" GOOD ",\"oxe_role\":\"compliance\"}", JWT_VALID},
        {"{" GOOD ",\"oxe_role\":null}", JWT_VALID},
        {"{" GOOD ",\"oxe_role\":\"admin\"}", JWT_CLAIMS},
        {"{" GOOD ",\"oxe_role\":[\"operations\"]}", JWT_CLAIMS},
        /* the payload itself */
        {"[]", JWT_CLAIMS},
        {"\"x\"", JWT_CLAIMS},
        {"{" GOOD "", JWT_CLAIMS},
        {"", JWT_CLAIMS},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct jwt_claims claims;
        AUTO_TEXT token = cases[i].claims[0] == '\0' ? sign(keys.ec, EC_HEADER, " ")
                                                     : sign(keys.ec, EC_HEADER, cases[i].claims);
        enum jwt_fault fault = verify(token, &claims);
        cr_expect_eq(fault, cases[i].fault, "%s: %s", cases[i].claims, jwt_fault_text(fault));
    }
}

/* Who a token is for and to whom it was issued are two questions; neither answers the other. */
Test(jwt, audience_and_authorized_party_must_both_hold)
{
    static const struct config_list ours = {.items = {"oxe", "frontend"}, .count = 2}, nobody = {.count = 0};
    static const struct config_list parties = {.items = {"https://app.example", "desk"}, .count = 2};
    enum { OPEN, BOTH, AUDIENCES, PARTIES, POLICIES };
    static const struct jwt_policy policies[POLICIES] = {
        [OPEN] = {0},
        [BOTH] = {.audience = &ours, .parties = &parties},
        [AUDIENCES] = {.audience = &ours, .parties = &nobody},
        [PARTIES] = {.audience = &nobody, .parties = &parties},
    };
#define ALL(fault)                                                                                           \
    {                                                                                                        \
        JWT_VALID, fault, fault, fault                                                                       \
    }
    static const struct {
        const char *claims;
        enum jwt_fault faults[POLICIES];
    } cases[] = {
        {"", {JWT_VALID, JWT_AUDIENCE, JWT_AUDIENCE, JWT_PARTY}},
        {",\"azp\":\"desk\"", {JWT_VALID, JWT_AUDIENCE, JWT_AUDIENCE, JWT_VALID}},
        {",\"azp\":\"oxe\"", {JWT_VALID, JWT_AUDIENCE, JWT_AUDIENCE, JWT_PARTY}},
        {",\"azp\":[\"desk\"]", {JWT_VALID, JWT_AUDIENCE, JWT_AUDIENCE, JWT_PARTY}},
        {",\"azp\":null", {JWT_VALID, JWT_AUDIENCE, JWT_AUDIENCE, JWT_PARTY}},
        {",\"aud\":\"oxe\"", {JWT_VALID, JWT_PARTY, JWT_VALID, JWT_AUDIENCE}},
        {",\"aud\":\"oxe\",\"azp\":\"desk\"", {JWT_VALID, JWT_VALID, JWT_VALID, JWT_AUDIENCE}},
        {",\"aud\":\"oxe\",\"azp\":\"other\"", {JWT_VALID, JWT_PARTY, JWT_VALID, JWT_AUDIENCE}},
        {",\"aud\":\"desk\",\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":\"other\",\"azp\":\"oxe\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":\"other\",\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":[\"other\",\"frontend\"],\"azp\":\"desk\"",
         {JWT_VALID, JWT_VALID, JWT_VALID, JWT_AUDIENCE}},
        {",\"aud\":[],\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":null,\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":\"\",\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":{\"oxe\":1},\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
        {",\"aud\":[[\"oxe\"]],\"azp\":\"desk\"", ALL(JWT_AUDIENCE)},
    };
#undef ALL

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[256];
        struct jwt_claims claims;
        (void)snprintf(text, sizeof(text), "{\"sub\":\"user_1\",\"exp\":1760702525%s}", cases[i].claims);
        AUTO_TEXT token = sign(keys.ec, EC_HEADER, text);
        for (int p = 0; p < POLICIES; p++) {
            enum jwt_fault fault = jwt_verify(keys.jwks, &policies[p], token, strlen(token), now, &claims);
            cr_expect_eq(fault, cases[i].faults[p], "policy %d, %s: %s", p, text, jwt_fault_text(fault));
        }
    }
}

Test(jwt, without_a_policy_issuer_and_audience_are_free)
{
    static const struct jwt_policy open_policy = {0};
    AUTO_TEXT token = sign(keys.ec, EC_HEADER, "{\"sub\":\"user_1\",\"exp\":1760702525}");
    struct jwt_claims claims;

    cr_expect_eq(jwt_verify(keys.jwks, &open_policy, token, strlen(token), now, &claims), JWT_VALID);
}

Test(jwt, a_key_set_takes_only_keys_that_may_sign_tokens)
{
    cjose_jwk_t *small = make_rsa(1024, "small");
    cjose_jwk_t *p384 = make_ec(CJOSE_JWK_EC_P_384, "p384");
    AUTO_TEXT small_text = public_json(small, "{}");
    AUTO_TEXT p384_text = public_json(p384, "{}");
    AUTO_TEXT for_encryption = public_json(keys.ec, "{\"use\":\"enc\"}");
    AUTO_TEXT encrypts = public_json(keys.ec, "{\"key_ops\":[\"encrypt\"]}");
    AUTO_TEXT no_list = public_json(keys.ec, "{\"key_ops\":\"verify\"}");
    AUTO_TEXT other_algorithm = public_json(keys.rsa, "{\"alg\":\"PS256\"}");
    AUTO_TEXT nameless = public_json(keys.ec, "{\"kid\":\"\"}");
    AUTO_TEXT good = public_json(keys.ec, "{\"kid\":\"same\",\"key_ops\":[\"sign\",\"verify\"]}");
    AUTO_TEXT second = public_json(keys.rsa, "{\"kid\":\"same\"}");
    const char *const bad[] = {
        small_text,
        p384_text,
        for_encryption,
        encrypts,
        no_list,
        other_algorithm,
        nameless,
        "{\"kty\":\"oct\",\"kid\":\"oct\",\"k\":\"c2VjcmV0\"}",
        "{\"kty\":\"RSA\",\"kid\":\"empty\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"off\",\"x\":\"AQ\",\"y\":\"AQ\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"pad\",\"x\":\"AA=A\",\"y\":\"AAAAA\"}",
        "7"};
    int r;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct jwks *jwks = make_jwks(&bad[i], 1, &r);
        cr_assert_eq(r, 0, "%s", bad[i]);
        cr_expect_eq(jwks_count(jwks), 0u, "%s", bad[i]);
        jwks_destroy(&jwks);
    }
    struct jwks *jwks = make_jwks((const char *[]){"{}", good, second}, 3, &r);
    cr_assert_eq(r, 0);
    cr_expect_eq(jwks_count(jwks), 1u);
    cr_expect_str_eq(jwks_find(jwks, "same")->algorithm, "ES256");
    cr_expect_null(jwks_find(jwks, ""));
    jwks_destroy(&jwks);
    cjose_jwk_release(small);
    cjose_jwk_release(p384);
}

/* Whoever revokes the last key publishes an empty set: it is one, and verifies nothing. */
Test(jwt, an_empty_set_is_a_set)
{
    static const char text[] = "{\"keys\":[]}";
    CLEANUP(jwks_destroy) struct jwks *empty = NULL;
    AUTO_TEXT token = sign(keys.ec, EC_HEADER, "{" GOOD "}");
    struct jwt_claims claims;

    cr_assert_eq(jwks_parse(text, strlen(text), &empty), 0);
    cr_expect_eq(jwks_count(empty), 0u);
    cr_expect_eq(jwt_verify(empty, &policy, token, strlen(token), now, &claims), JWT_UNKNOWN_KEY);
}

/* What a session keeps of its token tells whether the token would verify against another set. */
Test(jwt, verified_claims_name_the_key_that_signed_them)
{
    cjose_jwk_t *other = make_ec(CJOSE_JWK_EC_P_256, "ec-1");
    AUTO_TEXT same_text = public_json(keys.ec, "{}");
    AUTO_TEXT other_text = public_json(other, "{}");
    AUTO_TEXT renamed_text = public_json(keys.ec, "{\"kid\":\"ec-2\"}");
    AUTO_TEXT token = sign(keys.ec, EC_HEADER, "{" GOOD "}");
    const struct {
        const char *key;
        bool has;
    } cases[] = {{same_text, true}, {other_text, false}, {renamed_text, false}, {"{}", false}};
    struct jwt_claims claims;

    cr_assert_eq(verify(token, &claims), JWT_VALID);
    cr_expect(jwks_has(keys.jwks, claims.key_print));
    cr_expect_not(jwks_has(NULL, claims.key_print));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int r;
        CLEANUP(jwks_destroy) struct jwks *set = make_jwks(&cases[i].key, 1, &r);
        cr_expect_eq(jwks_has(set, claims.key_print), cases[i].has, "%s", cases[i].key);
    }
    cjose_jwk_release(other);
}

Test(jwt, what_is_no_key_set_is_refused)
{
    static const char *const texts[] = {"",        "{}", "[]", "{\"keys\":{}}", "{\"keys\":1}", "{\"keys\":[",
                                        "nonsense"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct jwks *jwks = NULL;
        cr_expect_eq(jwks_parse(texts[i], strlen(texts[i]), &jwks), -EINVAL, "%s", texts[i]);
        cr_expect_null(jwks);
    }
}

static void cache_add(struct token_cache *cache, const char *token, int64_t expires_s)
{
    struct jwt_claims claims = {.expires_at = {expires_s * 1000000}};

    (void)snprintf(claims.subject, sizeof(claims.subject), "of %s", token);
    token_cache_add(cache, token, strlen(token), &claims);
}

static bool cache_has(struct token_cache *cache, const char *token, struct instant at)
{
    struct jwt_claims claims;

    if (!token_cache_find(cache, token, strlen(token), at, &claims))
        return false;
    cr_expect_eq(strncmp(claims.subject, "of ", 3), 0);
    cr_expect_str_eq(claims.subject + 3, token);
    return true;
}

Test(token_cache, a_token_is_known_until_it_expires)
{
    CLEANUP(token_cache_destroy) struct token_cache *cache = NULL;

    cr_assert_eq(token_cache_create(4, &cache), 0);
    cr_expect_not(cache_has(cache, "a", now));
    cache_add(cache, "a", NOW_S + 10);
    cr_expect(cache_has(cache, "a", now));
    cr_expect(cache_has(cache, "a", (struct instant){(NOW_S + 39) * 1000000}));
    cr_expect_not(cache_has(cache, "a", (struct instant){(NOW_S + 40) * 1000000}));
    cr_expect_not(cache_has(cache, "b", now));
    token_cache_clear(cache);
    cr_expect_not(cache_has(cache, "a", now));
}

Test(token_cache, a_full_group_forgets_what_expires_first)
{
    CLEANUP(token_cache_destroy) struct token_cache *cache = NULL;

    cr_assert_eq(token_cache_create(1, &cache), 0); /* one group of four */
    cache_add(cache, "a", NOW_S + 40);
    cache_add(cache, "b", NOW_S + 10);
    cache_add(cache, "c", NOW_S + 30);
    cache_add(cache, "d", NOW_S + 20);
    cache_add(cache, "e", NOW_S + 50);
    cr_expect_not(cache_has(cache, "b", now));
    cr_expect(cache_has(cache, "a", now) && cache_has(cache, "c", now) && cache_has(cache, "d", now) &&
              cache_has(cache, "e", now));
}

Test(trader_cache, a_subject_is_known_for_ten_seconds)
{
    CLEANUP(trader_cache_destroy) struct trader_cache *cache = NULL;
    struct cached_trader found, alice = {.id = {{1, 2, 3}}, .orders_per_minute = 7};

    cr_assert_eq(trader_cache_create(8, &cache), 0);
    cr_expect_not(trader_cache_find(cache, "alice", 5, &found));
    trader_cache_add(cache, "alice", &alice, 5);
    cr_assert(trader_cache_find(cache, "alice", 10000004, &found));
    cr_expect_eq(uuid_compare(found.id, alice.id), 0);
    cr_expect_eq(found.orders_per_minute, 7);
    cr_expect_not(trader_cache_find(cache, "alice", 10000005, &found));
    cr_expect_not(trader_cache_find(cache, "alic", 5, &found));
    trader_cache_clear(cache);
    cr_expect_not(trader_cache_find(cache, "alice", 6, &found));
}

Test(trader_cache, subjects_that_differ_in_the_last_digit_do_not_evict_each_other)
{
    CLEANUP(trader_cache_destroy) struct trader_cache *cache = NULL;
    struct cached_trader found;
    char subject[16];
    int kept = 0;

    cr_assert_eq(trader_cache_create(16384, &cache), 0);
    for (int i = 0; i < 200; i++) {
        (void)snprintf(subject, sizeof(subject), "load-%d", i);
        trader_cache_add(cache, subject, &(struct cached_trader){.id = {{(uint8_t)i}}}, 5);
    }
    for (int i = 0; i < 200; i++) {
        (void)snprintf(subject, sizeof(subject), "load-%d", i);
        kept += trader_cache_find(cache, subject, 6, &found) && found.id.bytes[0] == i;
    }
    cr_expect_geq(kept, 190, "%d of 200 are remembered", kept);
}
