/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions that the exchange knows, whether their clients are connected or not: found by CompID, and kept
 * in the journal.
 *
 * Pure but for memory. Bound: MEMBERS_MAX. Pointers to members stay valid. */
#ifndef OXE_EXCHANGE_SIM_MEMBERS_H
#define OXE_EXCHANGE_SIM_MEMBERS_H

#include "common/buffer.h"
#include "services/exchange-sim/journal.h"
#include "services/exchange-sim/session/session.h"

enum { MEMBERS_MAX = 512 };

struct client;

struct member {
    struct session session;
    uint32_t index;        /* by which the exchange and the journal call it */
    struct client *client; /* NULL: not connected; for the acceptor */
    uint64_t sealed_in, sealed_out;
};

struct members {
    size_t count;
    struct member *items[MEMBERS_MAX];
};

void members_release(struct members *members);

/* The member with this CompID, which the journal is told of when it is new. -ENOBUFS, -ENOMEM, -EINVAL. */
int members_find_or_add(struct members *members, struct fix_text comp_id, struct journal *journal,
                        struct member **ret_member);
/* Takes the session entries of the journal; returns 1 for any other entry. -EBADMSG as exchange_load. */
int members_load(struct members *members, const struct journal_entry *entry);
/* Tells the journal that both numbers began anew. */
void members_record_reset(struct member *member, struct journal *journal);
/* Puts the numbers that have changed into the journal. */
void members_seal(struct members *members, struct journal *journal);
/* One JSON object a line for each. */
void members_describe(const struct members *members, struct buffer *out);

#endif
