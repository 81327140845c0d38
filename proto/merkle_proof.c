/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/merkle_proof.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "proto/base64.h"
#include "proto/line.h"

/* Leaves begin … end - 1, whose begin is a multiple of the largest power of two within. */
struct range {
    uint64_t begin, end;
};

/* Of n >= 2 leaves, how many are in the left subtree: the largest power of two below n. */
static uint64_t left_of(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Recursion goes no deeper than 63: each step halves the range. */
static int hash_range(struct range range, merkle_reader read, void *context,
                      uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    uint64_t count = range.end - range.begin;
    uint8_t left[MERKLE_HASH_BYTES], right[MERKLE_HASH_BYTES];

    if ((count & (count - 1)) == 0) {
        unsigned int level = (unsigned int)__builtin_ctzll(count);
        return read(context, level, range.begin >> level, ret_hash);
    }
    uint64_t middle = range.begin + left_of(count);
    int r = hash_range((struct range){range.begin, middle}, read, context, left);
    if (r == 0)
        r = hash_range((struct range){middle, range.end}, read, context, right);
    if (r == 0)
        r = merkle_join(left, right, ret_hash);
    return r;
}

/* The ranges come from the root's side; the proof has them the other way round. */
static int hash_ranges(const struct range *ranges, size_t count, merkle_reader read, void *context,
                       struct merkle_proof *ret_proof)
{
    struct merkle_proof proof = {.count = count};

    for (size_t i = 0; i < count; i++) {
        int r = hash_range(ranges[count - 1 - i], read, context, proof.hashes[i]);
        if (r < 0)
            return r;
    }
    *ret_proof = proof;
    return 0;
}

static bool is_size(uint64_t size)
{
    return size <= INT64_MAX;
}

int merkle_proof_include(uint64_t index, uint64_t size, merkle_reader read, void *context,
                         struct merkle_proof *ret_proof)
{
    struct range ranges[MERKLE_PROOF_MAX], at = {0, size};
    size_t count = 0;

    if (index >= size || !is_size(size))
        return -EINVAL;
    while (at.end - at.begin > 1) {
        uint64_t middle = at.begin + left_of(at.end - at.begin);
        bool is_left = index < middle;
        ranges[count++] = is_left ? (struct range){middle, at.end} : (struct range){at.begin, middle};
        at = is_left ? (struct range){at.begin, middle} : (struct range){middle, at.end};
    }
    return hash_ranges(ranges, count, read, context, ret_proof);
}

int merkle_proof_extend(uint64_t old_size, uint64_t size, merkle_reader read, void *context,
                        struct merkle_proof *ret_proof)
{
    struct range ranges[MERKLE_PROOF_MAX], at = {0, size};
    size_t count = 0;

    if (old_size > size || !is_size(size))
        return -EINVAL;
    if (old_size == 0 || old_size == size)
        return hash_ranges(ranges, 0, read, context, ret_proof);
    /* SUBPROOF of the RFC: down to the largest complete subtree at which the old tree ends. */
    while (old_size != at.end) {
        uint64_t middle = at.begin + left_of(at.end - at.begin);
        bool is_left = old_size <= middle;
        ranges[count++] = is_left ? (struct range){middle, at.end} : (struct range){at.begin, middle};
        at = is_left ? (struct range){at.begin, middle} : (struct range){middle, at.end};
    }
    if (at.begin > 0) /* else it is the old tree itself, whose root is known */
        ranges[count++] = at;
    return hash_ranges(ranges, count, read, context, ret_proof);
}

static int compare_root(const uint8_t *hash, const uint8_t *root)
{
    return memcmp(hash, root, MERKLE_HASH_BYTES) == 0 ? 0 : -EBADMSG;
}

int merkle_proof_check_inclusion(uint64_t index, uint64_t size,
                                 const uint8_t leaf_hash[static MERKLE_HASH_BYTES],
                                 const struct merkle_proof *proof,
                                 const uint8_t root[static MERKLE_HASH_BYTES])
{
    uint8_t hash[MERKLE_HASH_BYTES];
    uint64_t last = size - 1;
    int r = 0;

    if (index >= size || !is_size(size))
        return -EINVAL;
    memcpy(hash, leaf_hash, sizeof(hash));
    /* RFC 9162, section 2.1.3.2. */
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return -EBADMSG;
        if ((index & 1) != 0 || index == last) {
            r = merkle_join(proof->hashes[i], hash, hash);
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            r = merkle_join(hash, proof->hashes[i], hash);
        }
        if (r < 0)
            return r;
        index >>= 1;
        last >>= 1;
    }
    return last == 0 ? compare_root(hash, root) : -EBADMSG;
}

/* RFC 9162, section 2.1.4.2, for 0 < old_size < size. */
static int check_growth(uint64_t old_size, const uint8_t *old_root, uint64_t size, const uint8_t *root,
                        const struct merkle_proof *proof)
{
    uint8_t old_hash[MERKLE_HASH_BYTES], hash[MERKLE_HASH_BYTES];
    uint64_t index = old_size - 1, last = size - 1;
    bool whole = (old_size & (old_size - 1)) == 0; /* the old tree is a complete subtree of the new one */
    int r = 0;

    if (!whole && proof->count == 0)
        return -EBADMSG;
    for (; (index & 1) != 0; index >>= 1)
        last >>= 1;
    memcpy(old_hash, whole ? old_root : proof->hashes[0], sizeof(old_hash));
    memcpy(hash, old_hash, sizeof(hash));
    for (size_t i = whole ? 0 : 1; i < proof->count; i++) {
        const uint8_t *next = proof->hashes[i];
        if (last == 0)
            return -EBADMSG;
        if ((index & 1) != 0 || index == last) {
            r = merkle_join(next, old_hash, old_hash);
            if (r == 0)
                r = merkle_join(next, hash, hash);
            for (; (index & 1) == 0 && index != 0; index >>= 1)
                last >>= 1;
        } else {
            r = merkle_join(hash, next, hash);
        }
        if (r < 0)
            return r;
        index >>= 1;
        last >>= 1;
    }
    if (last != 0 || compare_root(old_hash, old_root) < 0)
        return -EBADMSG;
    return compare_root(hash, root);
}

int merkle_proof_check_extension(uint64_t old_size, const uint8_t old_root[static MERKLE_HASH_BYTES],
                                 uint64_t size, const uint8_t root[static MERKLE_HASH_BYTES],
                                 const struct merkle_proof *proof)
{
    const struct merkle empty = {0};
    uint8_t empty_root[MERKLE_HASH_BYTES];

    if (old_size > size || !is_size(size))
        return -EINVAL;
    if (old_size > 0 && old_size < size)
        return check_growth(old_size, old_root, size, root, proof);
    if (proof->count != 0)
        return -EBADMSG;
    if (old_size == size)
        return compare_root(old_root, root);
    int r = merkle_root(&empty, empty_root);
    return r == 0 ? compare_root(old_root, empty_root) : r;
}

void merkle_proof_append(const struct merkle_proof *proof, struct buffer *out)
{
    for (size_t i = 0; i < proof->count; i++) {
        base64_append(out, proof->hashes[i], MERKLE_HASH_BYTES);
        buffer_append_char(out, '\n');
    }
    buffer_append_char(out, '\n');
}

int merkle_proof_take(const char **at, const char *end, struct merkle_proof *ret_proof)
{
    const char *line;
    size_t length, decoded;

    ret_proof->count = 0;
    while ((line = line_take(at, end, "", &length)) != NULL && length > 0) {
        if (ret_proof->count == MERKLE_PROOF_MAX ||
            base64_decode(line, length, ret_proof->hashes[ret_proof->count], MERKLE_HASH_BYTES, &decoded) <
                0 ||
            decoded != MERKLE_HASH_BYTES)
            return -EBADMSG;
        ret_proof->count++;
    }
    return line != NULL ? 0 : -EBADMSG;
}
