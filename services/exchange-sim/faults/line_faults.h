/* SPDX-License-Identifier: Apache-2.0 */
/* What faults do to a client's line: it falls silent, it is slow, its numbers jump. */
#ifndef OXE_EXCHANGE_SIM_LINE_FAULTS_H
#define OXE_EXCHANGE_SIM_LINE_FAULTS_H

#include "services/exchange-sim/faults/fault.h"
#include "services/exchange-sim/faults/line_delay.h"
#include "services/exchange-sim/session/connection.h"
#include "services/exchange-sim/session/session.h"

/* Of one connection; zeroed, it does as it should. Times are monotonic. */
struct line_faults {
    int64_t frozen_until_us; /* neither read nor written until then; 0: not */
    struct line_delay delay; /* what may leave when */
};

/* The connection goes silent for as long as the fault says. */
void line_faults_freeze(struct line_faults *line, struct connection *connection, const struct fault *fault,
                        int64_t now_us);
/* Reading and writing go on; false: they did before. */
bool line_faults_thaw(struct line_faults *line, struct connection *connection);

/* Writes what may be written; connection_flush says what is returned. */
int line_faults_write(struct line_faults *line, struct connection *connection, struct faults *faults,
                      const struct session *session, int64_t now_us);

/* Before a message of a session gets its number: skips some. True: the client is told by a SequenceReset of
 * this number and body. */
bool line_faults_misnumber(struct faults *faults, struct session *session, int64_t now_us, uint64_t *ret_seq,
                           struct fix_body *ret_body);

#endif
