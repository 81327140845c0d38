/* SPDX-License-Identifier: Apache-2.0 */
/* Where the keys come from: a file, read again when it changes, or a URL, fetched by a thread off the loop.
 *
 * The set is swapped whole, an empty one too. The last good one stays when no well-formed one can be had, but
 * not for ever: what was revoked meanwhile would open the door. jwks_source_poll, once a turn, is where a
 * swap happens: pointers from jwks_source_current hold until the next poll. An unknown kid asks for an early
 * fetch, at most one every JWKS_EARLY_FETCH_MS. */
#ifndef OXE_GATEWAY_JWKS_SOURCE_H
#define OXE_GATEWAY_JWKS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/jwks.h"
#include "common/log.h"

enum { JWKS_EARLY_FETCH_MS = 10000, JWKS_FILE_CHECK_MS = 1000 };

struct jwks_source;

/* location: an absolute or relative path, https://…, or http:// to a loopback address. NULL when it may be
 * used, otherwise what is wrong with it: fits a config_item's check. */
const char *jwks_source_check(const char *location);

/* refresh_ms: how often a URL is fetched. max_age_ms: how long a set holds after it was last seen at its
 * location; 0: for ever. -ENOMEM, -EAGAIN (no thread). */
int jwks_source_create(const char *location, int64_t refresh_ms, int64_t max_age_ms, const struct log *log,
                       struct jwks_source **ret_source);
/* Waits for a fetch under way, which is cut short. */
void jwks_source_destroy(struct jwks_source **source);

/* True when the set was replaced, or is too old. */
bool jwks_source_poll(struct jwks_source *source, int64_t now_us);
/* NULL until the first set has come, and while there is none that is young enough. */
const struct jwks *jwks_source_current(const struct jwks_source *source);
/* A token named a kid that is not in the set. */
void jwks_source_missed(struct jwks_source *source, int64_t now_us);

#endif
