/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of the tree (C2SP tlog-tiles): 256 consecutive hashes of one level, or as many as there are yet, and
 * the bundles of entries below those of level 0. Where a tile is, what it is called, what follows from it. */
#ifndef OXE_PROTO_TILE_H
#define OXE_PROTO_TILE_H

#include <stdbool.h>

#include "proto/merkle.h"

enum {
    TILE_WIDTH = 1 << MERKLE_TILE_HEIGHT,
    TILE_PATH_MAX = 64, /* with NUL */
};

struct tile {
    bool entries;       /* a bundle of entries; level is 0 then */
    unsigned int level; /* each hash is of 256^level leaves */
    uint64_t index;     /* of the tile in its level */
    unsigned int width; /* hashes, or entries: 1 … TILE_WIDTH; below that it is partial */
};

/* "0/x001/234", "1/000.p/17", "entries/000": what follows "/tile/". -EINVAL: it names none. */
int tile_parse(const char *path, size_t length, struct tile *ret_tile);
void tile_format(const struct tile *tile, char ret_path[static TILE_PATH_MAX]);

/* Whether a tree of `size` leaves has all of the tile. */
bool tile_is_within(const struct tile *tile, uint64_t size);

/* The tile of a tree of `size` leaves that has the node whose subtree has 2^level leaves (a merkle_reader's),
 * and which of its hashes are below that node. */
struct tile tile_of(unsigned int level, uint64_t index, uint64_t size, size_t *ret_first, size_t *ret_count);

/* The root of a complete subtree of `count` hashes, a power of two up to TILE_WIDTH. -ENOMEM. */
int tile_root(const uint8_t (*hashes)[MERKLE_HASH_BYTES], size_t count,
              uint8_t ret_hash[static MERKLE_HASH_BYTES]);

#endif
