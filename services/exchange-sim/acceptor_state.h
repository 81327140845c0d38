/* What the acceptor holds; for acceptor*.c only. */
#ifndef OXE_EXCHANGE_SIM_ACCEPTOR_STATE_H
#define OXE_EXCHANGE_SIM_ACCEPTOR_STATE_H

#include "services/exchange-sim/acceptor.h"
#include "services/exchange-sim/connection.h"
#include "services/exchange-sim/fault.h"
#include "services/exchange-sim/session.h"

struct client {
    struct source source; /* first: epoll's data points here */
    struct connection connection;
    struct member *member;            /* NULL: not logged on */
    int64_t since_us;                 /* connected, or closing, since then */
    bool closing;                     /* send what is queued, then close */
    bool wants_write;                 /* EPOLLOUT is on */
    bool backlog;                     /* there may be whole messages left in `in` */
    uint64_t resend_next, resend_end; /* what is being repeated; next > end: nothing */
};

struct member {
    struct session session;
    struct client *client; /* NULL: not connected */
    uint64_t sealed_in, sealed_out;
};

struct acceptor {
    const struct service *service;
    const struct exchange_sim_config *config;
    int epoll_fd;
    struct source listener_source;
    int listener;
    struct exchange *exchange;
    struct journal *journal;
    struct faults *faults;
    struct member *members[ACCEPTOR_SESSIONS_MAX];
    size_t member_count;
    struct client *clients[ACCEPTOR_CONNECTIONS_MAX];
    size_t client_count;
    struct turn turn;           /* of the turn that is under way: the sink has no other way to the time */
    struct fix_message message; /* the one being handled; large, hence not on the stack */
    struct session_actions actions;
    char entry[JOURNAL_ENTRY_MAX] __attribute__((aligned(8)));
};

/* A session that was not known; -ENOBUFS, -ENOMEM, -EINVAL. */
int acceptor_add_member(struct acceptor *acceptor, const char *comp_id, struct member **ret_member);

#endif
