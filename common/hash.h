/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits. Stable for ever: what is stored follows it (uuid_hash). */
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

#endif
