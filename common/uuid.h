/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs: 16 bytes in network order. New ones are UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then
 * a 12-bit sub-millisecond fraction (6.2, method 3) and random bits, so that ids made by one process
 * only grow. */
#ifndef OXE_COMMON_UUID_H
#define OXE_COMMON_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

enum { UUID_TEXT_MAX = 37 };

struct uuid {
    uint8_t bytes[16];
};

/* State of one generator; zero it to begin. Not shared between threads. */
struct uuid_source {
    uint64_t last; /* the 60 time bits given out last */
};

/* Draws the next UUIDv7 at `now`; greater than every earlier
 * one of this source, also when the clock steps back. */
struct uuid uuid_next(struct uuid_source *source, struct instant now);

/* Lower-case text with hyphens, NUL included. */
void uuid_format(struct uuid id, char buffer[UUID_TEXT_MAX]);

/* Accepts exactly 36 characters, either case. -EINVAL otherwise. */
int uuid_parse(const char *text, size_t length, struct uuid *ret_id);

int uuid_compare(struct uuid a, struct uuid b);
bool uuid_is_nil(struct uuid id);

/* FNV-1a over the 16 bytes. Stable for ever: lanes and
 * risk-managers are chosen by it, and orders store their lane. */
uint64_t uuid_hash(struct uuid id);

#endif
