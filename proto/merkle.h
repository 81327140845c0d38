/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 9162 section 2.1 with SHA-256, built leaf by leaf: what is kept is the frontier, the
 * roots of the complete subtrees that the leaves so far make up (one for each set bit of the size), so
 * appending costs one hash on average and no leaf is read again.
 *
 * A zeroed struct is the empty tree. Its serialised form is public (docs/audit.md). -ENOMEM: hashing
 * failed; the tree is as it was. */
#ifndef OXE_PROTO_MERKLE_H
#define OXE_PROTO_MERKLE_H

#include <stddef.h>
#include <stdint.h>

enum {
    MERKLE_HASH_BYTES = 32,
    MERKLE_LEVELS = 64,
    MERKLE_TILE_HEIGHT = 8, /* a tile has the 256 hashes below one of the level above it (tile.h) */
    MERKLE_TILE_LEVELS = MERKLE_LEVELS / MERKLE_TILE_HEIGHT - 1, /* above the leaves */
    MERKLE_SERIALISED_MAX = 8 + MERKLE_LEVELS * MERKLE_HASH_BYTES,
};

struct merkle {
    uint64_t size;                                   /* leaves */
    uint8_t nodes[MERKLE_LEVELS][MERKLE_HASH_BYTES]; /* [level]: root of 2^level leaves; used where bit
                                                        `level` of size is set */
};

int merkle_append(struct merkle *tree, const uint8_t leaf_hash[static MERKLE_HASH_BYTES]);
/* The same, and the roots of the full tiles that this leaf
 * completes: ret_tiles[i] is that of 256^(i+1) leaves.
 */
int merkle_append_tiles(struct merkle *tree, const uint8_t leaf_hash[static MERKLE_HASH_BYTES],
                        uint8_t ret_tiles[static MERKLE_TILE_LEVELS][MERKLE_HASH_BYTES], size_t *ret_count);

/* The hash of an inner node. ret_hash may be one of the others. */
int merkle_join(const uint8_t left[static MERKLE_HASH_BYTES], const uint8_t right[static MERKLE_HASH_BYTES],
                uint8_t ret_hash[static MERKLE_HASH_BYTES]);

/* MTH of all leaves; of none it is SHA-256 of the empty string. */
int merkle_root(const struct merkle *tree, uint8_t ret_root[static MERKLE_HASH_BYTES]);

/* The size, 8 bytes big-endian, then the roots from the largest subtree to the smallest. Returns the length.
 */
size_t merkle_serialise(const struct merkle *tree, uint8_t ret_bytes[static MERKLE_SERIALISED_MAX]);
/* -EBADMSG when the length does not fit the size. */
int merkle_parse(const uint8_t *bytes, size_t length, struct merkle *ret_tree);

#endif
