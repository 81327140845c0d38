/* SPDX-License-Identifier: Apache-2.0 */
/* What the acceptor holds; for acceptor*.c only. */
#ifndef OXE_EXCHANGE_SIM_ACCEPTOR_STATE_H
#define OXE_EXCHANGE_SIM_ACCEPTOR_STATE_H

#include "services/exchange-sim/faults/fault.h"
#include "services/exchange-sim/faults/line_delay.h"
#include "services/exchange-sim/session/acceptor.h"
#include "services/exchange-sim/session/connection.h"
#include "services/exchange-sim/session/session.h"

struct client {
    struct connection connection;     /* first: its source is what the loop gives */
    struct member *member;            /* NULL: not logged on */
    int64_t since_us;                 /* connected, or closing, since then */
    bool closing;                     /* send what is queued, then close */
    bool backlog;                     /* there may be whole messages left in `in` */
    uint64_t resend_next, resend_end; /* what is being repeated; next > end: nothing */
    int64_t frozen_until_us;          /* a fault: neither read nor written until then; 0: not */
    struct line_delay delay;          /* a fault: what may leave when */
};

struct acceptor {
    struct exchange_sim_parts parts;
    struct source listener;
    struct members members;
    struct client *clients[ACCEPTOR_CONNECTIONS_MAX];
    size_t client_count;
    struct turn turn;           /* of the turn that is under way: the sink has no other way to the time */
    struct fix_message message; /* the one being handled; large, hence not on the stack */
    struct session_actions actions;
    char entry[JOURNAL_ENTRY_MAX] __attribute__((aligned(8)));
};

/* Queues a message; its number is drawn already. `first_sent`: it is a repetition; NULL: it is none. */
void acceptor_queue(struct acceptor *acceptor, struct member *member, const char *type, uint64_t seq,
                    const struct instant *first_sent, const char *body, size_t body_length);

/* Parts of acceptor_faults.c. */
/* The connection goes silent for as long as the fault says. */
void acceptor_freeze(struct acceptor *acceptor, struct client *client, const struct fault *fault);
/* Reading and writing go on. */
void acceptor_thaw(struct acceptor *acceptor, struct client *client);
/* Before a message of a session gets its number. */
void acceptor_misnumber(struct acceptor *acceptor, struct member *member);
/* Writes what may be written. 0, -EAGAIN or -errno as connection_flush. */
int acceptor_write(struct acceptor *acceptor, struct client *client);

#endif
