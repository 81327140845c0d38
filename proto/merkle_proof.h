/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of RFC 6962 (sections 2.1.1, 2.1.2; the same in RFC 9162): that a
 * leaf is in a tree, and that a tree is the beginning of a later one. Making
 * one reads a few roots of complete subtrees, checking one reads nothing.
 *
 * -EBADMSG: the proof does not hold, or has too few or too many hashes. -EINVAL: no such leaf or tree.
 * -ENOMEM (hashing), and whatever the reader returns. */
#ifndef OXE_PROTO_MERKLE_PROOF_H
#define OXE_PROTO_MERKLE_PROOF_H

#include "common/buffer.h"
#include "proto/merkle.h"

enum { MERKLE_PROOF_MAX = 64 }; /* hashes; sizes are below 2^63 */

struct merkle_proof {
    size_t count;
    uint8_t hashes[MERKLE_PROOF_MAX][MERKLE_HASH_BYTES]; /* from the leaf's side to the root's */
};

/* Gives the root of the complete subtree of the 2^level leaves from `index` * 2^level on. */
typedef int (*merkle_reader)(void *context, unsigned int level, uint64_t index,
                             uint8_t ret_hash[static MERKLE_HASH_BYTES]);

int merkle_proof_include(uint64_t index, uint64_t size, merkle_reader read, void *context,
                         struct merkle_proof *ret_proof);
/* old_size may be 0 or size: the proof is empty then. */
int merkle_proof_extend(uint64_t old_size, uint64_t size, merkle_reader read, void *context,
                        struct merkle_proof *ret_proof);

int merkle_proof_check_inclusion(uint64_t index, uint64_t size,
                                 const uint8_t leaf_hash[static MERKLE_HASH_BYTES],
                                 const struct merkle_proof *proof,
                                 const uint8_t root[static MERKLE_HASH_BYTES]);
int merkle_proof_check_extension(uint64_t old_size, const uint8_t old_root[static MERKLE_HASH_BYTES],
                                 uint64_t size, const uint8_t root[static MERKLE_HASH_BYTES],
                                 const struct merkle_proof *proof);

/* As C2SP writes it: each hash in base64 on a line, and an empty line behind the last. merkle_proof_take
 * moves *at behind that. -EBADMSG: it is none, or too long. */
void merkle_proof_append(const struct merkle_proof *proof, struct buffer *out);
int merkle_proof_take(const char **at, const char *end, struct merkle_proof *ret_proof);

#endif
