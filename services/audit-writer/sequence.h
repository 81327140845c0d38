/* SPDX-License-Identifier: Apache-2.0 */
/* The order of all events: which place each event gets in the log and among its trader's events. Pure: no
 * database, no clock.
 *
 * A sequence collects the events of one transaction (sequence_add), says how many numbers each trader needs
 * (`traders`), is told where they end (sequence_set_last), and gives every event its log_seq, trader_seq,
 * recorded_at and leaf hash (sequence_assign). It owns its arrays; they keep their memory over
 * sequence_clear, so that a running service allocates seldom. */
#ifndef OXE_AUDIT_WRITER_SEQUENCE_H
#define OXE_AUDIT_WRITER_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/audit_leaf.h"
#include "proto/merkle.h"
#include "proto/proto.h"

/* Entries of one transaction: more than any batch of outbox rows within its bound of bytes can hold. */
enum { SEQUENCE_ENTRIES_MAX = 65536 };

/* The end of the log: oxe.audit_state. */
struct sequence_state {
    uint64_t next_log_seq;
    struct instant last_recorded_at;
    struct merkle tree; /* of next_log_seq - 1 leaves */
};

struct sequence_trader {
    struct uuid id;
    uint64_t added;    /* events of this transaction that need a number */
    uint64_t given;    /* how many of them have theirs */
    uint64_t last_seq; /* of the trader after this transaction; 0 until sequence_set_last */
};

struct sequence {
    struct audit_entry *entries;
    uint8_t (*hashes)[AUDIT_LEAF_HASH_BYTES];
    uint32_t *entry_traders; /* index into traders, or SEQUENCE_NO_TRADER */
    size_t count;
    size_t capacity;
    struct sequence_trader *traders; /* in the order in which they appeared; never more than entries */
    size_t trader_count;
    uint32_t *slots; /* hash table of indexes into traders, twice `capacity` places */
};

#define SEQUENCE_NO_TRADER UINT32_MAX

/* -ENOMEM. */
int sequence_create(struct sequence **ret_sequence);
void sequence_destroy(struct sequence **sequence);
void sequence_clear(struct sequence *sequence);

/* Appends the events of one outbox row, in order. All or nothing: -ENOBUFS past SEQUENCE_ENTRIES_MAX,
 * -ENOMEM. */
int sequence_add(struct sequence *sequence, const struct event *events, size_t count);

/* The trader's last number after this transaction. -ENOENT: not among `traders`; -ERANGE: less than it added.
 */
int sequence_set_last(struct sequence *sequence, struct uuid trader_id, uint64_t last_seq);

/* Gives every entry its place, and moves *state to the new end of the log. `now` never takes recorded_at
 * back. -EINVAL when a trader's last number is missing, -ENOMEM (hashing); *state is untouched then. */
int sequence_assign(struct sequence *sequence, struct sequence_state *state, struct instant now);

#endif
