/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits, and splitmix64. Stable for ever: what is stored follows them. */
#ifndef OXE_COMMON_HASH_H
#define OXE_COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* The hash of what went before and these bytes; HASH_START when nothing did. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* splitmix64 (Steele, Lea, Flood 2014): the mix of a state that goes on by HASH_STEP is a random sequence,
 * whatever it begins with. */
#define HASH_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t hash_mix(uint64_t state)
{
    state = (state ^ (state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    state = (state ^ (state >> 27)) * UINT64_C(0x94d049bb133111eb);
    return state ^ (state >> 31);
}

#endif
