/* SPDX-License-Identifier: Apache-2.0 */
/* The instruments in memory, as PostgreSQL last told them.
 *
 * The set is replaced whole; while the database is away the old one stays. It is read every few seconds, and
 * sooner for a symbol that is not in it. */
#ifndef OXE_VALIDATOR_INSTRUMENTS_H
#define OXE_VALIDATOR_INSTRUMENTS_H

#include "common/db.h"
#include "services/validator/validate.h"

enum { INSTRUMENTS_MAX = 100000 };

struct instruments;

/* period_ms: of reading again. */
int instruments_create(const char *conninfo, int64_t period_ms, struct instruments **ret_instruments);
void instruments_destroy(struct instruments **instruments);

/* Reads the set when it is time. 0 also when it is not; -ENOBUFS: more than INSTRUMENTS_MAX; -EINVAL: a tick
 * or lot that is not positive; errors as db.h. */
int instruments_refresh(struct instruments *instruments);
/* Milliseconds until instruments_refresh has something to do. */
int instruments_refresh_in_ms(const struct instruments *instruments);
bool instruments_loaded(const struct instruments *instruments);
size_t instruments_count(const struct instruments *instruments);
/* Of the last failure, for the log. */
const char *instruments_error(const struct instruments *instruments);

/* *ret_instrument is NULL when there is no such symbol in a set that is fresh enough to say so (at most a
 * quarter of a second old; read now if need be). Otherwise errors as instruments_refresh: whether it exists
 * is not known. */
int instruments_find(struct instruments *instruments, const char *symbol,
                     const struct instrument **ret_instrument);

#endif
