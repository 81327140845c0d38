/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of a bearer token (JWT, RFC 7519; compact JWS): pure, the time comes in.
 *
 * The key is found by kid in our own set, never taken from the token; the key's type pins the algorithm; the
 * signature is checked before a claim is read; then exp, nbf, iss, aud and azp, with JWT_LEEWAY_S for clocks
 * that differ. Tokens are never logged. */
#ifndef OXE_COMMON_JWT_H
#define OXE_COMMON_JWT_H

#include <stddef.h>

#include "common/clock.h"
#include "common/config.h"
#include "common/jwks.h"

enum {
    JWT_LEEWAY_S = 30,
    JWT_TOKEN_MAX = 8192,  /* bytes */
    JWT_SUBJECT_MAX = 129, /* with NUL */
};

enum jwt_fault {
    JWT_VALID,
    JWT_MALFORMED,   /* no compact JWS */
    JWT_ALGORITHM,   /* not the one that the key's type pins; none and HS256 among them */
    JWT_UNKNOWN_KEY, /* no kid, or none of ours */
    JWT_SIGNATURE,
    JWT_CLAIMS, /* the payload is no object, or sub, exp, nbf or oxe_role is missing or ill-formed */
    JWT_EXPIRED,
    JWT_NOT_YET,
    JWT_ISSUER,
    JWT_AUDIENCE,
    JWT_PARTY, /* azp is none of the authorized parties */
};

enum jwt_role { JWT_ROLE_TRADER, JWT_ROLE_COMPLIANCE, JWT_ROLE_OPERATIONS, JWT_ROLE_COUNT };

/* aud and azp are separate questions: for whom a token is, and to whom it was issued. Each must hold. */
struct jwt_policy {
    const char *issuer; /* NULL: not checked */
    /* Who we are: aud must name one of them. Empty: we are nobody's audience, so a token that has an aud is
     * for others (RFC 7519, 4.1.3). NULL: not checked. */
    const struct config_list *audience;
    const struct config_list *parties; /* azp must be one of them; NULL or empty: not checked */
};

struct jwt_claims {
    char subject[JWT_SUBJECT_MAX];
    enum jwt_role role;
    struct instant expires_at;           /* exp, without leeway */
    uint8_t key_print[JWKS_PRINT_BYTES]; /* of the key that signed it: see jwks_has */
};

enum jwt_fault jwt_verify(const struct jwks *jwks, const struct jwt_policy *policy, const char *token,
                          size_t length, struct instant now, struct jwt_claims *ret_claims);

/* The same for a signed text that need not be a token for us: key, algorithm and signature, and, when it is
 * claims (an object), exp and nbf. sub, iss, aud and oxe_role are not looked at. */
enum jwt_fault jwt_verify_signature(const struct jwks *jwks, const char *token, size_t length,
                                    struct instant now);

/* Whether verified claims are past exp and the leeway. */
bool jwt_is_expired(const struct jwt_claims *claims, struct instant now);

/* "trader", as oxe_role says it. */
const char *jwt_role_text(enum jwt_role role);

/* A sentence for the problem document; says nothing about the keys. */
const char *jwt_fault_text(enum jwt_fault fault);

#endif
