/* Tiles of the tree (C2SP tlog-tiles): 256 consecutive hashes of one level, or as many as there are yet, and
 * the bundles of entries below those of level 0. Where a tile is, what it is called, what follows from it. */
#ifndef OXE_PROTO_TILE_H
#define OXE_PROTO_TILE_H

#include <stdbool.h>

#include "proto/merkle.h"

enum { TILE_WIDTH = 1 << MERKLE_TILE_HEIGHT };

struct tile {
    bool entries;       /* a bundle of entries; level is 0 then */
    unsigned int level; /* each hash is of 256^level leaves */
    uint64_t index;     /* of the tile in its level */
    unsigned int width; /* hashes, or entries: 1 … TILE_WIDTH; below that it is partial */
};

/* "0/x001/234", "1/000.p/17", "entries/000": what follows "/tile/". -EINVAL: it names none. */
int tile_parse(const char *path, size_t length, struct tile *ret_tile);

/* Whether a tree of `size` leaves has all of the tile. */
bool tile_is_within(const struct tile *tile, uint64_t size);

#endif
