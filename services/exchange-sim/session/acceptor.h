/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX side of the shell: the listening socket, its connections, and the sessions that they carry.
 *
 * Sessions outlive connections and processes: their numbers and what they sent are in the journal.
 * Application messages go to the exchange; what it sends back comes in through the sink of acceptor_sink.
 * Nothing reaches a socket before acceptor_flush, which the loop calls after the commit. Bounds:
 * ACCEPTOR_CONNECTIONS_MAX, MEMBERS_MAX, ACCEPTOR_OUT_MAX bytes that wait for a peer. */
#ifndef OXE_EXCHANGE_SIM_ACCEPTOR_H
#define OXE_EXCHANGE_SIM_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/faults/exchange_faults.h"
#include "services/exchange-sim/journal.h"
#include "services/exchange-sim/parts.h"
#include "services/exchange-sim/session/connection.h"
#include "services/exchange-sim/session/members.h"

enum {
    ACCEPTOR_CONNECTIONS_MAX = 512,
    ACCEPTOR_OUT_MAX = 32 * 1024 * 1024,
    ACCEPTOR_LOGON_MS = 10000, /* a connection that has not logged on by then is closed */
    ACCEPTOR_CLOSE_MS = 1000,  /* how long a closing connection may linger */
};

struct acceptor;

/* Does not listen yet. The parts are borrowed, and need not be there yet. */
int acceptor_create(const struct exchange_sim_parts *parts, struct acceptor **ret_acceptor);
void acceptor_destroy(struct acceptor **acceptor);

struct sink acceptor_sink(struct acceptor *acceptor);
/* The CompID of a session of this acceptor. */
const char *acceptor_client(const void *acceptor, uint32_t session);
/* The sessions: to load them, to seal them before each commit, to show them. */
struct members *acceptor_members(struct acceptor *acceptor);
/* Loading is over: all parts are there; listens. */
int acceptor_start(struct acceptor *acceptor);

/* Goes on with connections whose input was left over because the journal was to be committed first. */
void acceptor_resume(struct acceptor *acceptor);
bool acceptor_has_backlog(const struct acceptor *acceptor);
/* Heartbeats and time-outs; ten times a second. */
void acceptor_tick(struct acceptor *acceptor);
/* Goes on with resends, and sends; after each commit. */
void acceptor_flush(struct acceptor *acceptor);
/* When the next bytes of a line that a fault made slow may leave, monotonic; INT64_MAX: none wait. */
int64_t acceptor_due_us(const struct acceptor *acceptor);

/* The end: no new connections, a Logout to everybody. acceptor_idle tells when all are gone. */
void acceptor_stop(struct acceptor *acceptor);
bool acceptor_idle(const struct acceptor *acceptor);

#endif
