/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/paper_log.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base64.h"
#include "tests/support/audit_key.h"

struct note_signer *paper_signer(const char *name, enum note_kind kind, uint8_t seed)
{
    struct note_signer *signer = NULL;
    char directory[] = "/tmp/paper_log.XXXXXX", path[64];

    cr_assert_not_null(mkdtemp(directory));
    audit_key_write(directory, "key", seed);
    (void)snprintf(path, sizeof(path), "%s/key", directory);
    cr_assert_eq(note_signer_load(path, name, kind, &signer), 0);
    (void)unlink(path);
    (void)rmdir(directory);
    return signer;
}

static void leaf(int fork, uint64_t i, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    memset(ret_hash, (int)(i * 7 % 251), MERKLE_HASH_BYTES);
    ret_hash[0] = i < PAPER_SHARED ? 0 : (uint8_t)fork;
    ret_hash[1] = (uint8_t)(i >> 8);
}

/* A merkle_reader: context is the fork. */
static int read_node(void *context, unsigned int level, uint64_t index, uint8_t *ret_hash)
{
    struct merkle tree = {0};
    uint8_t hash[MERKLE_HASH_BYTES];

    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        leaf(*(const int *)context, i, hash);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    return merkle_root(&tree, ret_hash);
}

void paper_root(int fork, uint64_t size, uint8_t ret_root[static MERKLE_HASH_BYTES])
{
    struct merkle tree = {0};
    uint8_t hash[MERKLE_HASH_BYTES];

    cr_assert_leq(size, PAPER_LEAVES_MAX);
    for (uint64_t i = 0; i < size; i++) {
        leaf(fork, i, hash);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    cr_assert_eq(merkle_root(&tree, ret_root), 0);
}

void paper_proof(int fork, uint64_t old_size, uint64_t size, struct merkle_proof *ret_proof)
{
    cr_assert_eq(merkle_proof_extend(old_size, size, read_node, &fork, ret_proof), 0);
}

void paper_checkpoint(int fork, uint64_t size, const struct note_signer *signer, struct buffer *out)
{
    struct checkpoint checkpoint = {.size = size};
    struct buffer text = BUFFER_INIT(0);

    memcpy(checkpoint.origin, note_signer_key(signer)->name, sizeof(checkpoint.origin));
    paper_root(fork, size, checkpoint.root);
    checkpoint_append(&checkpoint, &text);
    buffer_append(out, text.data, text.length);
    buffer_append_char(out, '\n');
    cr_assert_eq(note_sign(signer, text.data, text.length, 1, out), 0);
    buffer_release(&text);
}

void paper_request(int fork, uint64_t old_size, uint64_t size, const struct note_signer *signer,
                   struct buffer *out)
{
    struct merkle_proof proof = {0};

    if (old_size <= size)
        paper_proof(fork, old_size, size, &proof);
    buffer_append_format(out, "old %" PRIu64 "\n", old_size);
    for (size_t i = 0; i < proof.count; i++) {
        base64_append(out, proof.hashes[i], MERKLE_HASH_BYTES);
        buffer_append_char(out, '\n');
    }
    buffer_append_char(out, '\n');
    paper_checkpoint(fork, size, signer, out);
}
