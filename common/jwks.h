/* SPDX-License-Identifier: Apache-2.0 */
/* A set of public keys that may sign tokens (JWKS, RFC 7517), immutable once parsed. Pure.
 *
 * A key is taken when it has a kid, is RSA of at least 2048 bits or EC on P-256, and is not marked for
 * anything but signatures. Its type pins the one algorithm that it verifies: RS256 or ES256. All others are
 * passed over, symmetric ones above all. A set without a key that is taken is a set too: it verifies nothing.
 */
#ifndef OXE_COMMON_JWKS_H
#define OXE_COMMON_JWKS_H

#include <cjose/cjose.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JWKS_KEYS_MAX = 64,
    JWKS_KID_MAX = 129, /* with NUL */
    JWKS_TEXT_MAX = 1024 * 1024,
    JWKS_PRINT_BYTES = 32,
};

struct jwks;

struct jwks_key {
    char kid[JWKS_KID_MAX];
    const char *algorithm;           /* "RS256" or "ES256" */
    uint8_t print[JWKS_PRINT_BYTES]; /* of the kid and the public key: the same print is the same key */
    cjose_jwk_t *jwk;
};

/* -EINVAL: not a JWKS; -ENOMEM. Of keys with one kid the first counts. */
int jwks_parse(const char *json, size_t length, struct jwks **ret_jwks);
void jwks_destroy(struct jwks **jwks);

/* NULL: no such key. jwks NULL: there is none. */
const struct jwks_key *jwks_find(const struct jwks *jwks, const char *kid);
/* Whether the key with this print is in the set: what it signed still verifies. */
bool jwks_has(const struct jwks *jwks, const uint8_t print[static JWKS_PRINT_BYTES]);
size_t jwks_count(const struct jwks *jwks);

#endif
