/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan reads is enough for each proof and no more than the tiles that the tree has; the proofs are
 * those of a reader of the whole tree. */
#include "services/gateway/operations/proof_plan.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_TREES = 40, BIG_TREE = 140000 };

static void hash_leaf(uint64_t index, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    cr_assert_eq(EVP_Digest(&index, sizeof(index), ret_hash, NULL, EVP_sha256(), NULL), 1);
}

/* The root of 2^level leaves. */
static int read_node(void *context, unsigned int level, uint64_t index,
                     uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct merkle tree = {0};
    uint8_t leaf[MERKLE_HASH_BYTES];

    (void)context;
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        hash_leaf(i, leaf);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
    }
    return merkle_root(&tree, ret_hash);
}

/* As the database would: each part from its own level. */
static void fill(struct proof_plan *plan)
{
    cr_assert_eq(proof_plan_open(plan), 0);
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct proof_plan_part *part = &plan->parts[i];
        uint64_t width = plan->size >> part->level * MERKLE_TILE_HEIGHT;
        cr_assert_gt(part->count, 0);
        cr_assert_leq(part->first + part->count, width, "hashes that the tree has not");
        cr_assert_eq(part->first / TILE_WIDTH, (part->first + part->count - 1) / TILE_WIDTH, "of two tiles");
        for (size_t k = 0; k < part->count; k++)
            cr_assert_eq(read_node(NULL, part->level * MERKLE_TILE_HEIGHT, part->first + k,
                                   plan->hashes[part->at + k]),
                         0);
    }
}

static void expect_proofs(uint64_t size, const uint64_t *entries, size_t count, const uint8_t *root)
{
    struct proof_plan plan = {.size = size};
    struct merkle_proof proof;
    uint8_t leaf[MERKLE_HASH_BYTES];

    for (size_t i = 0; i < count; i++)
        cr_assert_eq(proof_plan_add(&plan, entries[i]), 0);
    fill(&plan);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(proof_plan_prove(&plan, entries[i], &proof), 0);
        hash_leaf(entries[i], leaf);
        cr_assert_eq(merkle_proof_check_inclusion(entries[i], size, leaf, &proof, root), 0, "%lu of %lu",
                     (unsigned long)entries[i], (unsigned long)size);
    }
    proof_plan_release(&plan);
}

Test(proof_plan, every_entry_of_every_small_tree)
{
    struct merkle tree = {0};
    uint64_t entries[SMALL_TREES];
    uint8_t leaf[MERKLE_HASH_BYTES], root[MERKLE_HASH_BYTES];

    for (uint64_t size = 1; size <= SMALL_TREES; size++) {
        hash_leaf(size - 1, leaf);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
        cr_assert_eq(merkle_root(&tree, root), 0);
        for (uint64_t i = 0; i < size; i++) {
            entries[i] = i;
            expect_proofs(size, &i, 1, root);
        }
        expect_proofs(size, entries, size, root);
    }
}

Test(proof_plan, entries_all_over_a_tree_of_three_levels)
{
    struct merkle tree = {0};
    uint64_t entries[PROOF_PLAN_ENTRIES_MAX];
    uint8_t leaf[MERKLE_HASH_BYTES], root[MERKLE_HASH_BYTES];

    for (uint64_t i = 0; i < BIG_TREE; i++) {
        hash_leaf(i, leaf);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
    }
    cr_assert_eq(merkle_root(&tree, root), 0);
    for (uint64_t i = 0; i < PROOF_PLAN_ENTRIES_MAX; i++)
        entries[i] = i * (BIG_TREE - 1) / (PROOF_PLAN_ENTRIES_MAX - 1); /* the first and the last, too */
    expect_proofs(BIG_TREE, entries, PROOF_PLAN_ENTRIES_MAX, root);
}

Test(proof_plan, as_many_entries_as_it_takes_fit_the_largest_tree)
{
    struct proof_plan plan = {.size = INT64_MAX};

    for (uint64_t i = 0; i < PROOF_PLAN_ENTRIES_MAX; i++)
        cr_assert_eq(proof_plan_add(&plan, i * (INT64_MAX / PROOF_PLAN_ENTRIES_MAX)), 0);
    cr_assert_leq(plan.part_count, PROOF_PLAN_TILES_MAX);
}

Test(proof_plan, an_entry_beyond_the_tree_is_refused)
{
    struct proof_plan plan = {.size = 5};

    cr_assert_eq(proof_plan_add(&plan, 5), -EINVAL);
    cr_assert_eq(plan.part_count, 0);
    plan.size = 0;
    cr_assert_eq(proof_plan_add(&plan, 0), -EINVAL);
}
