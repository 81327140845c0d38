/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs against RFC 6962's recursive definitions at every size, against the vectors that Certificate
 * Transparency's implementations share, and with every bit of them turned. */
#include "proto/merkle_proof.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/tile.h"
#include "tests/unit/proto_support.h"

enum { LEAVES_MAX = 140, BIG_LEAVES = 70000 };

/* Leaf hashes, and a reader of their nodes that builds each from its leaves. */
struct leaves {
    uint8_t (*hashes)[MERKLE_HASH_BYTES];
    uint64_t count;
};

static void hash_leaf(const void *bytes, size_t length, uint8_t ret_hash[32])
{
    uint8_t input[64] = {0};

    memcpy(input + 1, bytes, length);
    cr_assert_eq(EVP_Digest(input, 1 + length, ret_hash, NULL, EVP_sha256(), NULL), 1);
}

static struct leaves make_leaves(uint64_t count)
{
    struct leaves leaves = {malloc(count * MERKLE_HASH_BYTES), count};

    for (uint64_t i = 0; i < count; i++)
        hash_leaf(&i, sizeof(i), leaves.hashes[i]);
    return leaves;
}

/* MTH of the leaves from `first` on, RFC 6962 section 2.1 to the letter. */
static void naive_root(const struct leaves *leaves, uint64_t first, uint64_t count, uint8_t ret_root[32])
{
    uint8_t left[32], right[32];
    uint64_t k = 1;

    if (count == 1) {
        memcpy(ret_root, leaves->hashes[first], 32);
        return;
    }
    while (2 * k < count)
        k *= 2;
    naive_root(leaves, first, k, left);
    naive_root(leaves, first + k, count - k, right);
    cr_assert_eq(merkle_join(left, right, ret_root), 0);
}

static int read_node(void *context, unsigned int level, uint64_t index, uint8_t ret_hash[static 32])
{
    const struct leaves *leaves = context;

    cr_assert_leq((index + 1) << level, leaves->count, "node %u/%lu is not there", level,
                  (unsigned long)index);
    naive_root(leaves, index << level, UINT64_C(1) << level, ret_hash);
    return 0;
}

static struct merkle_proof include(struct leaves *leaves, uint64_t index, uint64_t size)
{
    struct merkle_proof proof;

    cr_assert_eq(merkle_proof_include(index, size, read_node, leaves, &proof), 0);
    return proof;
}

static struct merkle_proof extend(struct leaves *leaves, uint64_t old_size, uint64_t size)
{
    struct merkle_proof proof;

    cr_assert_eq(merkle_proof_extend(old_size, size, read_node, leaves, &proof), 0);
    return proof;
}

Test(merkle_proof, every_leaf_of_every_tree_is_included_and_nowhere_else)
{
    struct leaves leaves = make_leaves(LEAVES_MAX);
    uint8_t root[32];

    for (uint64_t size = 1; size <= LEAVES_MAX; size++) {
        naive_root(&leaves, 0, size, root);
        for (uint64_t index = 0; index < size; index++) {
            struct merkle_proof proof = include(&leaves, index, size);
            const uint8_t *leaf = leaves.hashes[index];
            cr_assert_eq(merkle_proof_check_inclusion(index, size, leaf, &proof, root), 0, "%lu of %lu",
                         (unsigned long)index, (unsigned long)size);
            for (uint64_t other = 0; other < size; other++) {
                if (other != index)
                    cr_assert_eq(merkle_proof_check_inclusion(other, size, leaf, &proof, root), -EBADMSG);
            }
            cr_assert_eq(merkle_proof_check_inclusion(index, size, leaves.hashes[(index + 1) % LEAVES_MAX],
                                                      &proof, root),
                         -EBADMSG);
        }
    }
    free(leaves.hashes);
}

Test(merkle_proof, every_tree_extends_every_earlier_one_and_no_other)
{
    struct leaves leaves = make_leaves(LEAVES_MAX);
    uint8_t root[32], old_root[32], other[32];
    const struct merkle empty = {0};

    for (uint64_t size = 1; size <= LEAVES_MAX; size++) {
        naive_root(&leaves, 0, size, root);
        for (uint64_t old_size = 0; old_size <= size; old_size++) {
            struct merkle_proof proof = extend(&leaves, old_size, size);
            if (old_size == 0)
                cr_assert_eq(merkle_root(&empty, old_root), 0);
            else
                naive_root(&leaves, 0, old_size, old_root);
            cr_assert_eq(merkle_proof_check_extension(old_size, old_root, size, root, &proof), 0,
                         "%lu to %lu", (unsigned long)old_size, (unsigned long)size);
            memcpy(other, old_root, sizeof(other));
            other[31] ^= 1;
            cr_assert_eq(merkle_proof_check_extension(old_size, other, size, root, &proof), -EBADMSG);
            if (old_size > 0 && old_size < size) {
                cr_assert_eq(merkle_proof_check_extension(old_size, old_root, size, other, &proof), -EBADMSG);
                cr_assert_lt(merkle_proof_check_extension(old_size - 1, old_root, size, root, &proof), 0);
            }
        }
    }
    free(leaves.hashes);
}

/* Turns each bit, takes a hash away, adds one: `check` must refuse each. */
#define CHECK_SPOILED(proof, check)                                                                          \
    do {                                                                                                     \
        const struct merkle_proof sound = (proof);                                                           \
        struct merkle_proof bad = sound;                                                                     \
        cr_assert_eq(check(&bad), 0);                                                                        \
        for (size_t bit = 0; bit < sound.count * 256; bit++) {                                               \
            bad = sound;                                                                                     \
            bad.hashes[bit / 256][bit % 256 / 8] ^= (uint8_t)(1 << bit % 8);                                 \
            cr_assert_eq(check(&bad), -EBADMSG, "bit %zu", bit);                                             \
        }                                                                                                    \
        bad = sound;                                                                                         \
        bad.count--;                                                                                         \
        cr_assert_eq(check(&bad), -EBADMSG);                                                                 \
        bad = sound;                                                                                         \
        bad.count++;                                                                                         \
        cr_assert_eq(check(&bad), -EBADMSG);                                                                 \
    } while (0)

static struct leaves spoiled_leaves;
static uint8_t spoiled_root[32], spoiled_old_root[32];

static int check_inclusion(const struct merkle_proof *proof)
{
    return merkle_proof_check_inclusion(41, 100, spoiled_leaves.hashes[41], proof, spoiled_root);
}

static int check_extension(const struct merkle_proof *proof)
{
    return merkle_proof_check_extension(77, spoiled_old_root, 100, spoiled_root, proof);
}

Test(merkle_proof, no_bit_of_a_proof_may_differ)
{
    spoiled_leaves = make_leaves(100);
    naive_root(&spoiled_leaves, 0, 100, spoiled_root);
    naive_root(&spoiled_leaves, 0, 77, spoiled_old_root);
    CHECK_SPOILED(include(&spoiled_leaves, 41, 100), check_inclusion);
    CHECK_SPOILED(extend(&spoiled_leaves, 77, 100), check_extension);
    free(spoiled_leaves.hashes);
}

Test(merkle_proof, sizes_that_no_tree_has_are_refused)
{
    struct leaves leaves = make_leaves(4);
    struct merkle_proof proof = {0};
    uint8_t hash[32] = {0};
    const uint64_t max = UINT64_MAX;

    cr_expect_eq(merkle_proof_include(4, 4, read_node, &leaves, &proof), -EINVAL);
    cr_expect_eq(merkle_proof_include(0, 0, read_node, &leaves, &proof), -EINVAL);
    cr_expect_eq(merkle_proof_include(0, max, read_node, &leaves, &proof), -EINVAL);
    cr_expect_eq(merkle_proof_extend(5, 4, read_node, &leaves, &proof), -EINVAL);
    cr_expect_eq(merkle_proof_check_inclusion(0, 0, hash, &proof, hash), -EINVAL);
    cr_expect_eq(merkle_proof_check_inclusion(max, max, hash, &proof, hash), -EINVAL);
    cr_expect_eq(merkle_proof_check_extension(5, hash, 4, hash, &proof), -EINVAL);
    cr_expect_eq(merkle_proof_check_extension(max, hash, max, hash, &proof), -EINVAL);
    free(leaves.hashes);
}

static const char *const shared_leaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};

static struct leaves make_shared_leaves(void)
{
    struct leaves leaves = {malloc(ARRAY_LEN(shared_leaves) * MERKLE_HASH_BYTES), ARRAY_LEN(shared_leaves)};

    for (size_t i = 0; i < leaves.count; i++) {
        CLEANUP(buffer_release) struct buffer bytes = BUFFER_INIT(0);
        buffer_append_text(&bytes, "");
        support_append_hex(&bytes, shared_leaves[i]);
        hash_leaf(bytes.data, bytes.length, leaves.hashes[i]);
    }
    return leaves;
}

static void expect_hashes(const struct merkle_proof *proof, const char *const hashes[3])
{
    size_t count = 0;

    for (; count < 3 && hashes[count] != NULL; count++) {
        CLEANUP(buffer_release) struct buffer expected = BUFFER_INIT(0);
        support_append_hex(&expected, hashes[count]);
        cr_expect_eq(memcmp(proof->hashes[count], expected.data, 32), 0, "hash %zu", count);
    }
    cr_expect_eq(proof->count, count);
}

/* The vectors of Certificate Transparency's merkletree tests. */
Test(merkle_proof, known_proofs)
{
    static const struct {
        uint64_t index, size;
        const char *hashes[3];
    } inclusions[] = {
        {0, 1, {NULL}},
        {0,
         8,
         {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {5,
         8,
         {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
        {1,
         5,
         {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    static const struct {
        uint64_t old_size, size;
        const char *hashes[3];
    } extensions[] = {
        {1, 1, {NULL}},
        {1,
         8,
         {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {6,
         8,
         {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2,
         5,
         {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    struct leaves leaves = make_shared_leaves();

    for (size_t i = 0; i < ARRAY_LEN(inclusions); i++) {
        struct merkle_proof proof = include(&leaves, inclusions[i].index, inclusions[i].size);
        expect_hashes(&proof, inclusions[i].hashes);
    }
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
        struct merkle_proof proof = extend(&leaves, extensions[i].old_size, extensions[i].size);
        expect_hashes(&proof, extensions[i].hashes);
    }
    free(leaves.hashes);
}

/* --- from tiles, as the log serves them --- */

/* The hashes of levels 0, 1 and 2, collected as audit-writer does. */
struct levels {
    uint8_t (*hashes[3])[MERKLE_HASH_BYTES];
    size_t count[3];
    uint64_t size;
};

static int read_tile(void *context, unsigned int level, uint64_t index, uint8_t ret_hash[static 32])
{
    const struct levels *levels = context;
    size_t first, count;
    struct tile tile = tile_of(level, index, levels->size, &first, &count);

    cr_assert(tile_is_within(&tile, levels->size));
    cr_assert_lt(tile.level, 3);
    cr_assert_leq(tile.index * TILE_WIDTH + first + count, levels->count[tile.level]);
    return tile_root(levels->hashes[tile.level] + tile.index * TILE_WIDTH + first, count, ret_hash);
}

Test(merkle_proof, tiles_give_the_proofs_of_a_large_tree)
{
    struct levels levels = {.size = BIG_LEAVES};
    struct merkle tree = {0}, old_tree = {0};
    uint8_t tiles[MERKLE_TILE_LEVELS][32], root[32], old_root[32];
    struct merkle_proof proof;
    size_t completed;
    const uint64_t old_size = 65537;

    for (size_t level = 0; level < 3; level++)
        levels.hashes[level] = malloc(BIG_LEAVES * 32);
    for (uint64_t i = 0; i < BIG_LEAVES; i++) {
        if (i == old_size)
            old_tree = tree;
        hash_leaf(&i, sizeof(i), levels.hashes[0][levels.count[0]++]);
        cr_assert_eq(merkle_append_tiles(&tree, levels.hashes[0][i], tiles, &completed), 0);
        for (size_t level = 0; level < completed; level++)
            memcpy(levels.hashes[level + 1][levels.count[level + 1]++], tiles[level], 32);
    }
    /* The example of the specification: 273 full tiles, one of 112; one full tile, one of 17; one of 1. */
    cr_assert_eq(levels.count[1], 273);
    cr_assert_eq(levels.count[2], 1);
    cr_assert_eq(merkle_root(&tree, root), 0);
    cr_assert_eq(merkle_root(&old_tree, old_root), 0);
    for (uint64_t i = 0; i < BIG_LEAVES; i += 997) {
        cr_assert_eq(merkle_proof_include(i, BIG_LEAVES, read_tile, &levels, &proof), 0);
        cr_expect_eq(merkle_proof_check_inclusion(i, BIG_LEAVES, levels.hashes[0][i], &proof, root), 0);
    }
    cr_assert_eq(merkle_proof_extend(old_size, BIG_LEAVES, read_tile, &levels, &proof), 0);
    cr_expect_eq(merkle_proof_check_extension(old_size, old_root, BIG_LEAVES, root, &proof), 0);
    for (size_t level = 0; level < 3; level++)
        free(levels.hashes[level]);
}
