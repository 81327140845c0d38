/* SPDX-License-Identifier: Apache-2.0 */
/* A proof that a run of entries is in the log, all of them and in their order, to be checked without the log:
 * the tree before the first entry, the hashes by which the tree at the last one grows to that of a
 * checkpoint, and the signed checkpoint (docs/audit.md). The entries themselves stand in a file of
 * their own.
 *
 * It may hold the entry before the first and the one behind
 * the last, so that one sees what the run lies between. */
#ifndef OXE_PROTO_LOG_RANGE_H
#define OXE_PROTO_LOG_RANGE_H

#include "common/buffer.h"
#include "proto/audit_leaf.h"
#include "proto/checkpoint.h"
#include "proto/merkle_proof.h"

struct log_range_entry {
    size_t length; /* 0: there is none */
    uint8_t bytes[AUDIT_LEAF_ENCODING_MAX];
};

struct log_range {
    uint64_t first, last; /* log_seq; last is first - 1 when it is empty */
    struct merkle before; /* the tree of all entries before `lower` and `first` */
    struct log_range_entry lower, upper;
    struct merkle_proof after; /* from behind `last` and `upper` to the checkpoint */
    const char *checkpoint;    /* a signed note; borrowed */
    size_t checkpoint_length;
};

void log_range_append(const struct log_range *range, struct buffer *out);
/* Borrows text for the checkpoint. -EBADMSG: it is no such proof. */
int log_range_parse(const char *text, size_t length, struct log_range *ret_range);

/* Whether the tree, grown to the end of the range, is the beginning of the checkpoint's. */
int log_range_check(const struct log_range *range, const struct merkle *tree,
                    const struct checkpoint *checkpoint);

/* When an entry was recorded, by its encoding; false: it is no entry. */
bool log_range_recorded(const struct log_range_entry *entry, struct instant *ret_instant);

#endif
