/* A set of public keys that may sign tokens (JWKS, RFC 7517), immutable once parsed. Pure.
 *
 * A key is taken when it has a kid, is RSA of at least 2048 bits or EC on P-256, and is not marked for
 * anything but signatures. Its type pins the one algorithm that it verifies: RS256 or ES256. All others are
 * passed over, symmetric ones above all. */
#ifndef OXE_COMMON_JWKS_H
#define OXE_COMMON_JWKS_H

#include <cjose/cjose.h>
#include <stddef.h>

enum {
    JWKS_KEYS_MAX = 64,
    JWKS_KID_MAX = 129, /* with NUL */
    JWKS_TEXT_MAX = 1024 * 1024,
};

struct jwks;

struct jwks_key {
    char kid[JWKS_KID_MAX];
    const char *algorithm; /* "RS256" or "ES256" */
    cjose_jwk_t *jwk;
};

/* -EINVAL: not a JWKS; -ENOKEY: no usable key in it; -ENOMEM. Of keys with one kid the first counts. */
int jwks_parse(const char *json, size_t length, struct jwks **ret_jwks);
void jwks_destroy(struct jwks **jwks);

/* NULL: no such key. jwks NULL: there is none. */
const struct jwks_key *jwks_find(const struct jwks *jwks, const char *kid);
size_t jwks_count(const struct jwks *jwks);

#endif
