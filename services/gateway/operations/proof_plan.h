/* SPDX-License-Identifier: Apache-2.0 */
/* Which hashes of the log the inclusion proofs of some entries take, and the proofs themselves once these
 * hashes are there. Pure: the caller reads the hashes in between.
 *
 * Zeroed, it is empty; proof_plan_release ends it. */
#ifndef OXE_GATEWAY_PROOF_PLAN_H
#define OXE_GATEWAY_PROOF_PLAN_H

#include "proto/merkle_proof.h"
#include "proto/tile.h"

enum {
    PROOF_PLAN_ENTRIES_MAX = 50,
    /* An entry's path lies in one tile of each level, and its last part in the last one of each. */
    PROOF_PLAN_TILES_MAX = (PROOF_PLAN_ENTRIES_MAX + 1) * (MERKLE_TILE_LEVELS + 1),
};

/* Consecutive hashes of one tile: `count` from `first` on, counted within their level. */
struct proof_plan_part {
    int level; /* of the tiles: each hash is of 256^level leaves */
    uint64_t first;
    size_t count;
    size_t at; /* where they go in hashes */
};

struct proof_plan {
    uint64_t size; /* of the tree */
    struct proof_plan_part parts[PROOF_PLAN_TILES_MAX];
    size_t part_count;
    uint8_t (*hashes)[MERKLE_HASH_BYTES];
};

void proof_plan_release(struct proof_plan *plan);

/* Adds what the proof of this entry takes, of at most PROOF_PLAN_ENTRIES_MAX of them. -EINVAL: it is not in a
 * tree of this size. */
int proof_plan_add(struct proof_plan *plan, uint64_t index);
/* Room for all of it: then the hashes of parts[i] go to hashes[parts[i].at] and on. -ENOMEM. */
int proof_plan_open(struct proof_plan *plan);
/* The proof of an entry that was added, once every hash is there. -ENOMEM. */
int proof_plan_prove(struct proof_plan *plan, uint64_t index, struct merkle_proof *ret_proof);

#endif
