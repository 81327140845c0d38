/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields a message may and must have, and of what type: a table of rules, and one reader for all of
 * them.
 *
 * Pure. What is read lands in a struct of the table's owner; texts point into the message. */
#ifndef OXE_EXCHANGE_SIM_MESSAGE_RULES_H
#define OXE_EXCHANGE_SIM_MESSAGE_RULES_H

#include "services/exchange-sim/fix/fix.h"

enum { MESSAGE_RULES_MAX = 32 };

struct message_rule {
    uint32_t tag;
    enum fix_kind kind;
    const char *allowed_in, *required_by; /* one letter per message type */
    size_t offset;                        /* 1 more than where the value is stored; 0: it is only checked */
    const char *values;                   /* of a FIX_KIND_ENUM */
    bool repeats;
    uint32_t counted_by; /* the field that says how often, if there is one, stands before; 0: it need not */
};

/* The offset of a member. */
#define MESSAGE_INTO(type, member) (offsetof(type, member) + 1)

/* Reads a message of this type. The first fault counts; what can be read after it is read. `closed`: a field
 * without a rule is one, too, unless users may define it. `into` may be NULL when all is only checked. */
struct fix_fault message_rules_read(const struct fix_message *message, char type,
                                    const struct message_rule *rules, size_t rule_count, bool closed,
                                    void *into);

#endif
