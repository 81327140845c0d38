/* SPDX-License-Identifier: Apache-2.0 */
/* The decision about a batch of commands, cancels and resolves of orders that exist: pure, no database.
 *
 * Whoever reads the database fills in what stands there (fields marked `in`), under the orders' locks.
 * command_decide then goes through the slots one after the other, so that each sees what those before ask,
 * and leaves in each what to answer and whether to record it. Only an order's own trader, or operations, may
 * learn that it exists. A command changes no execution state: that is its lane owner's to do. */
#ifndef OXE_RISK_MANAGER_COMMAND_H
#define OXE_RISK_MANAGER_COMMAND_H

#include "proto/proto.h"

enum { COMMANDS_MAX = 50 };

enum command_outcome {
    COMMAND_RECORDED = 1, /* to be recorded */
    COMMAND_REPEATED,     /* the same is under way: nothing to write */
    COMMAND_REFUSED,      /* nothing to write; `answer` says why */
    COMMAND_EXPIRED,      /* nobody waits for it any more: nothing to write, nothing to answer */
};

struct command_slot {
    struct envelope envelope;
    struct order_command command;
    int64_t taken_us; /* monotonic, when it came */

    bool is_found;           /* in: there is such an order */
    struct order_view order; /* in; as it is after the command when that is recorded */
    int lane;                /* in: the order's */
    bool is_waiting;         /* in: the same resolve is recorded and not carried out yet */
    bool is_held;            /* in: it is DONE, and the exchange may still hold it */
    bool is_recalled;        /* in: it is being cancelled there */

    enum command_outcome outcome;
    enum answer_outcome answer;
    char detail[128]; /* with ANSWER_UNAVAILABLE */
};

struct command_batch {
    size_t count;
    struct command_slot slots[COMMANDS_MAX];
};

/* Clears every `in` field and outcome. */
void command_begin(struct command_batch *batch);

/* Decides every slot. */
void command_decide(struct command_batch *batch, struct instant now);

/* Makes a slot's answer the 503 with this reason. */
void command_unavailable(struct command_slot *slot, const char *detail);

/* Whether the resolve asks for just this; what operations say about it may differ. */
bool command_same_resolve(const struct order_command *command, enum resolve_action action,
                          struct decimal quantity, struct decimal price, const char *venue_exec_id);

/* The events of what is recorded, in order: CANCEL_REQUESTED or RESOLVED of each. A reason that does not fit
 * the event's message is cut. */
void command_events(const struct command_batch *batch, struct instant now, struct uuid_source *ids,
                    struct event_batch *ret_events);

/* head and as much of the text as fits into target[max], never half of a UTF-8 sequence. head fits. */
void command_write_message(char *target, size_t max, const char *head, const char *text);

#endif
