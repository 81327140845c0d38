/* SPDX-License-Identifier: Apache-2.0 */
/* The frontier's roots against RFC 9162's recursive definition, computed from all leaves. */
#include "proto/merkle.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/unit/proto_support.h"

enum { LEAVES_MAX = 300 };

static void sha256(const void *bytes, size_t length, uint8_t ret_hash[32])
{
    cr_assert_eq(EVP_Digest(bytes, length, ret_hash, NULL, EVP_sha256(), NULL), 1);
}

/* Leaf i holds its own number as two bytes. */
static void leaf_hash(size_t i, uint8_t ret_hash[32])
{
    uint8_t input[3] = {0x00, (uint8_t)(i >> 8), (uint8_t)i};

    sha256(input, sizeof(input), ret_hash);
}

/* MTH of the leaves from `first` on, RFC 9162 section 2.1.1 to the letter. */
static void naive_root(size_t first, size_t count, uint8_t ret_root[32])
{
    uint8_t input[65] = {0x01};
    size_t k = 1;

    if (count == 0) {
        sha256("", 0, ret_root);
        return;
    }
    if (count == 1) {
        leaf_hash(first, ret_root);
        return;
    }
    while (2 * k < count)
        k *= 2;
    naive_root(first, k, input + 1);
    naive_root(first + k, count - k, input + 33);
    sha256(input, sizeof(input), ret_root);
}

Test(merkle, roots_are_those_of_the_rfc_at_every_size)
{
    struct merkle tree = {0};
    uint8_t root[32], expected[32], leaf[32];

    for (size_t size = 0; size <= LEAVES_MAX; size++) {
        cr_assert_eq(merkle_root(&tree, root), 0);
        naive_root(0, size, expected);
        cr_assert_eq(memcmp(root, expected, sizeof(root)), 0, "at size %zu", size);
        cr_assert_eq(tree.size, size);
        leaf_hash(size, leaf);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
    }
}

Test(merkle, known_roots)
{
    /* Leaves of the test vectors that Certificate Transparency's implementations share: "", 00, 10, 2021,
     * 3031, … */
    static const struct {
        const char *leaf;
        const char *root;
    } cases[] = {
        {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {"606162636465666768696a6b6c6d6e6f",
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    struct merkle tree = {0};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer input = BUFFER_INIT(0), expected = BUFFER_INIT(0);
        uint8_t leaf[32], root[32];

        buffer_append_char(&input, '\0');
        support_append_hex(&input, cases[i].leaf);
        support_append_hex(&expected, cases[i].root);
        sha256(input.data, input.length, leaf);
        cr_assert_eq(merkle_append(&tree, leaf), 0);
        cr_assert_eq(merkle_root(&tree, root), 0);
        cr_expect_eq(memcmp(root, expected.data, sizeof(root)), 0, "of %zu leaves", i + 1);
    }
}

Test(merkle, a_stored_tree_goes_on_where_it_was)
{
    struct merkle tree = {0};
    uint8_t bytes[MERKLE_SERIALISED_MAX], leaf[32], root[32], expected[32];

    for (size_t size = 0; size < LEAVES_MAX; size++) {
        struct merkle stored;
        size_t length = merkle_serialise(&tree, bytes);

        cr_assert_eq(length, 8 + 32 * (size_t)__builtin_popcountll(size));
        memset(&stored, 0xa5, sizeof(stored));
        cr_assert_eq(merkle_parse(bytes, length, &stored), 0);
        leaf_hash(size, leaf);
        cr_assert_eq(merkle_append(&stored, leaf), 0);
        tree = stored;
    }
    cr_assert_eq(merkle_root(&tree, root), 0);
    naive_root(0, LEAVES_MAX, expected);
    cr_expect_eq(memcmp(root, expected, sizeof(root)), 0);
}

Test(merkle, a_length_that_does_not_fit_the_size_is_refused)
{
    static const struct {
        uint64_t size;
        size_t length;
        int result;
    } cases[] = {
        {0, 8, 0},
        {0, 7, -EBADMSG},
        {0, 0, -EBADMSG},
        {0, 40, -EBADMSG},
        {3, 72, 0},
        {3, 71, -EBADMSG},
        {3, 40, -EBADMSG},
        {3, 104, -EBADMSG},
        {4, 40, 0},
        {UINT64_MAX, MERKLE_SERIALISED_MAX, 0},
        {UINT64_MAX, 8, -EBADMSG},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[MERKLE_SERIALISED_MAX] = {0};
        struct merkle tree;

        for (size_t k = 0; k < 8; k++)
            bytes[k] = (uint8_t)(cases[i].size >> (56 - 8 * k));
        cr_expect_eq(merkle_parse(bytes, cases[i].length, &tree), cases[i].result, "%zu", i);
    }
}
