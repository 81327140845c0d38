/* SPDX-License-Identifier: Apache-2.0 */
/* The control port: a client sends one line, the exchange answers in JSON lines and closes.
 *
 * Commands are a table in control.c. Long answers are made piece by piece, as the client reads them: a list
 * of a million executions costs neither memory nor a pause in trading. It has no authentication and is meant
 * for loopback. Bounds: CONTROL_CONNECTIONS_MAX, CONTROL_LINE_MAX bytes of a line, CONTROL_IDLE_MS without
 * progress. */
#ifndef OXE_EXCHANGE_SIM_CONTROL_H
#define OXE_EXCHANGE_SIM_CONTROL_H

#include "services/exchange-sim/session/acceptor.h"

enum {
    CONTROL_CONNECTIONS_MAX = 32,
    CONTROL_LINE_MAX = 512,
    CONTROL_IDLE_MS = 30000,
};

struct control;

/* The parts are borrowed. Listens. */
int control_create(const struct exchange_sim_parts *parts, struct control **ret_control);
void control_destroy(struct control **control);

/* Goes on with answers, and sends; after each commit. True when there is more to do at once. */
bool control_flush(struct control *control);
/* True once after `end-day` was asked for. */
bool control_take_end_day(struct control *control);

#endif
