/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/merkle.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

enum { NODE_PREFIX = 0x01 };

int merkle_join(const uint8_t left[static MERKLE_HASH_BYTES], const uint8_t right[static MERKLE_HASH_BYTES],
                uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    uint8_t input[1 + 2 * MERKLE_HASH_BYTES];

    input[0] = NODE_PREFIX;
    memcpy(input + 1, left, MERKLE_HASH_BYTES);
    memcpy(input + 1 + MERKLE_HASH_BYTES, right, MERKLE_HASH_BYTES);
    return EVP_Digest(input, sizeof(input), ret_hash, NULL, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
}

int merkle_append(struct merkle *tree, const uint8_t leaf_hash[static MERKLE_HASH_BYTES])
{
    uint8_t tiles[MERKLE_TILE_LEVELS][MERKLE_HASH_BYTES];
    size_t count;

    return merkle_append_tiles(tree, leaf_hash, tiles, &count);
}

int merkle_append_tiles(struct merkle *tree, const uint8_t leaf_hash[static MERKLE_HASH_BYTES],
                        uint8_t ret_tiles[static MERKLE_TILE_LEVELS][MERKLE_HASH_BYTES], size_t *ret_count)
{
    uint8_t node[MERKLE_HASH_BYTES];
    unsigned int level = 0;

    memcpy(node, leaf_hash, sizeof(node));
    *ret_count = 0;
    /* A carry: each complete subtree on the way joins with the new one of its size. */
    while (tree->size >> level & 1) {
        int r = merkle_join(tree->nodes[level], node, node);
        if (r < 0)
            return r;
        if (++level % MERKLE_TILE_HEIGHT == 0)
            memcpy(ret_tiles[(*ret_count)++], node, sizeof(node));
    }
    memcpy(tree->nodes[level], node, sizeof(node));
    tree->size++;
    return 0;
}

int merkle_root(const struct merkle *tree, uint8_t ret_root[static MERKLE_HASH_BYTES])
{
    uint8_t root[MERKLE_HASH_BYTES];
    unsigned int level = 0;

    if (tree->size == 0)
        return EVP_Digest("", 0, ret_root, NULL, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
    while ((tree->size >> level & 1) == 0)
        level++;
    memcpy(root, tree->nodes[level], sizeof(root));
    for (level++; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0)
            continue;
        int r = merkle_join(tree->nodes[level], root, root);
        if (r < 0)
            return r;
    }
    memcpy(ret_root, root, sizeof(root));
    return 0;
}

size_t merkle_serialise(const struct merkle *tree, uint8_t ret_bytes[static MERKLE_SERIALISED_MAX])
{
    uint8_t *at = ret_bytes;

    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(tree->size >> shift);
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if ((tree->size >> level & 1) == 0)
            continue;
        memcpy(at, tree->nodes[level], MERKLE_HASH_BYTES);
        at += MERKLE_HASH_BYTES;
    }
    return (size_t)(at - ret_bytes);
}

int merkle_parse(const uint8_t *bytes, size_t length, struct merkle *ret_tree)
{
    uint64_t size = 0;

    if (length < 8)
        return -EBADMSG;
    for (size_t i = 0; i < 8; i++)
        size = size << 8 | bytes[i];
    if (length != 8 + (size_t)__builtin_popcountll(size) * MERKLE_HASH_BYTES)
        return -EBADMSG;
    *ret_tree = (struct merkle){.size = size};
    const uint8_t *at = bytes + 8;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if ((size >> level & 1) == 0)
            continue;
        memcpy(ret_tree->nodes[level], at, MERKLE_HASH_BYTES);
        at += MERKLE_HASH_BYTES;
    }
    return 0;
}
