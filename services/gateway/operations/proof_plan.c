/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/proof_plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void proof_plan_release(struct proof_plan *plan)
{
    free(plan->hashes);
    plan->hashes = NULL;
}

/* The part of the tile that has this hash; NULL: none yet. The last ones are the likeliest. */
static struct proof_plan_part *find_part(struct proof_plan *plan, unsigned int level, uint64_t first)
{
    for (size_t i = plan->part_count; i-- > 0;) {
        struct proof_plan_part *part = &plan->parts[i];
        if (part->level == (int)level && part->first / TILE_WIDTH == first / TILE_WIDTH)
            return part;
    }
    return NULL;
}

/* A merkle_reader that reads nothing: it notes what would be read. */
static int note_node(void *context, unsigned int level, uint64_t index,
                     uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct proof_plan *plan = context;
    size_t within, count;
    struct tile tile = tile_of(level, index, plan->size, &within, &count);
    uint64_t first = tile.index * TILE_WIDTH + within;
    struct proof_plan_part *part = find_part(plan, tile.level, first);

    memset(ret_hash, 0, MERKLE_HASH_BYTES);
    if (part == NULL) {
        assert(plan->part_count < PROOF_PLAN_TILES_MAX);
        plan->parts[plan->part_count++] =
            (struct proof_plan_part){.level = tile.level, .first = first, .count = count};
        return 0;
    }
    uint64_t end = part->first + part->count;
    if (end < first + count)
        end = first + count;
    if (part->first > first)
        part->first = first;
    part->count = (size_t)(end - part->first);
    return 0;
}

int proof_plan_add(struct proof_plan *plan, uint64_t index)
{
    struct merkle_proof unused;

    return merkle_proof_include(index, plan->size, note_node, plan, &unused);
}

int proof_plan_open(struct proof_plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->part_count; i++) {
        plan->parts[i].at = count;
        count += plan->parts[i].count;
    }
    plan->hashes = calloc(count > 0 ? count : 1, MERKLE_HASH_BYTES);
    return plan->hashes == NULL ? -ENOMEM : 0;
}

static int read_node(void *context, unsigned int level, uint64_t index,
                     uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct proof_plan *plan = context;
    size_t within, count;
    struct tile tile = tile_of(level, index, plan->size, &within, &count);
    uint64_t first = tile.index * TILE_WIDTH + within;
    const struct proof_plan_part *part = find_part(plan, tile.level, first);

    assert(part != NULL && first >= part->first && first + count <= part->first + part->count);
    return tile_root((const uint8_t(*)[MERKLE_HASH_BYTES])plan->hashes + part->at + (first - part->first),
                     count, ret_hash);
}

int proof_plan_prove(struct proof_plan *plan, uint64_t index, struct merkle_proof *ret_proof)
{
    return merkle_proof_include(index, plan->size, read_node, plan, ret_proof);
}
