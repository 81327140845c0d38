/* SPDX-License-Identifier: Apache-2.0 */
/* Time: struct instant is a moment in UTC as microseconds since 1970; monotonic time is for timeouts only.
 *
 * Pure cores receive instants as arguments and never call clock_now. Errors: -EINVAL not an RFC 3339
 * timestamp, -ERANGE outside years 1970 to 9999. */
#ifndef OXE_COMMON_CLOCK_H
#define OXE_COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { INSTANT_TEXT_MAX = 32 };

struct instant {
    int64_t us; /* since 1970-01-01T00:00:00Z; 0 stands for 'none' where a field is optional */
};

struct instant clock_now(void);

/* Microseconds of CLOCK_MONOTONIC. */
int64_t clock_monotonic_us(void);

/* RFC 3339 in UTC with exactly 6 fraction digits and Z: 2025-10-17T12:01:05.000000Z. Returns its length (27).
 */
size_t instant_format(struct instant instant, char buffer[INSTANT_TEXT_MAX]);

/* Parses RFC 3339 with any offset and 0 to 9 fraction digits (digits past the 6th are cut off). */
int instant_parse(const char *text, size_t length, struct instant *ret_instant);

#endif
