/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of the audit log: its canonical encoding, its leaf hash in the Merkle tree (RFC 9162), its JSON.
 *
 * The encoding is public and permanent: docs/audit.md describes it for whoever verifies a log without
 * this code. It covers every column of execution_logs but the hash itself. */
#ifndef OXE_PROTO_AUDIT_LEAF_H
#define OXE_PROTO_AUDIT_LEAF_H

#include "proto/proto.h"

enum {
    AUDIT_LEAF_HASH_BYTES = 32,
    AUDIT_LEAF_ENCODING_MAX = 1536, /* longest encoding */
};

struct audit_entry {
    uint64_t log_seq;
    bool has_trader_seq;
    uint64_t trader_seq;
    struct event event;
    struct instant recorded_at;
};

/* Writes the canonical encoding and returns its length. */
size_t audit_leaf_encode(const struct audit_entry *entry, uint8_t ret_bytes[static AUDIT_LEAF_ENCODING_MAX]);

/* SHA-256(0x00 || encoding). -ENOMEM. */
int audit_leaf_hash(const struct audit_entry *entry, uint8_t ret_hash[static AUDIT_LEAF_HASH_BYTES]);

#endif
