/* SPDX-License-Identifier: Apache-2.0 */
/* A log on paper: any number of leaves, any fork of them, signed by any key; and what it sends to a witness.
 * Two forks share their first PAPER_SHARED leaves and no other. Everything is asserted. */
#ifndef OXE_TESTS_SUPPORT_PAPER_LOG_H
#define OXE_TESTS_SUPPORT_PAPER_LOG_H

#include "proto/checkpoint.h"
#include "proto/merkle_proof.h"

enum { PAPER_SHARED = 5, PAPER_LEAVES_MAX = 4096 };

/* A key of which every byte is `seed`. */
struct note_signer *paper_signer(const char *name, enum note_kind kind, uint8_t seed);

void paper_root(int fork, uint64_t size, uint8_t ret_root[static MERKLE_HASH_BYTES]);
void paper_proof(int fork, uint64_t old_size, uint64_t size, struct merkle_proof *ret_proof);

/* Appends the signed checkpoint of `size` leaves, with the signer's name as its origin. */
void paper_checkpoint(int fork, uint64_t size, const struct note_signer *signer, struct buffer *out);
/* Appends a whole request of C2SP tlog-witness. */
void paper_request(int fork, uint64_t old_size, uint64_t size, const struct note_signer *signer,
                   struct buffer *out);

#endif
