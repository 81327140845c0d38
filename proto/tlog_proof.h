/* SPDX-License-Identifier: Apache-2.0 */
/* A proof that an entry is in the log, to be checked without it (C2SP tlog-proof): the entry's place, the
 * hashes from it to the root, and the signed checkpoint that has this root. The entry's canonical encoding
 * goes along as extra data. */
#ifndef OXE_PROTO_TLOG_PROOF_H
#define OXE_PROTO_TLOG_PROOF_H

#include "common/buffer.h"
#include "proto/audit_leaf.h"
#include "proto/merkle_proof.h"

struct tlog_proof {
    uint64_t index; /* of the entry, from 0 */
    struct merkle_proof path;
    uint8_t entry[AUDIT_LEAF_ENCODING_MAX];
    size_t entry_length;
    const char *checkpoint; /* a signed note; borrowed */
    size_t checkpoint_length;
};

void tlog_proof_append(const struct tlog_proof *proof, struct buffer *out);
/* Borrows text for the checkpoint. -EBADMSG: it is no proof of an entry. */
int tlog_proof_parse(const char *text, size_t length, struct tlog_proof *ret_proof);

#endif
