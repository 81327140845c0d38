/* SPDX-License-Identifier: Apache-2.0 */
/* The development token issuer: tokens signed by an ES256 key that lies in a folder. For development and
 * tests only: in production tokens come from the identity provider, and this key is not among the gateway's.
 * `oxectl issuer` makes the folder. */
#ifndef OXE_COMMON_ISSUER_H
#define OXE_COMMON_ISSUER_H

#include "common/clock.h"

#define ISSUER_NAME     "oxe-development" /* iss of its tokens */
#define ISSUER_AUDIENCE "oxe"             /* aud */
#define ISSUER_KEY_FILE "issuer.json"     /* in the folder; the private key */

struct issuer;

/* -errno when the key cannot be read; -EBADMSG: it is not a key. */
int issuer_load(const char *directory, struct issuer **ret_issuer);
/* A token from now until expires_at, of whole seconds; role NULL: without oxe_role. The caller's to free.
 * -EIO: it cannot be signed. */
int issuer_sign(const struct issuer *issuer, const char *subject, const char *role, struct instant now,
                struct instant expires_at, char **ret_token);
void issuer_destroy(struct issuer **issuer);

#endif
