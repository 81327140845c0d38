/* SPDX-License-Identifier: Apache-2.0 */
/* The audit-writer: puts every event that a committed transaction left in the outbox into execution_logs,
 * once and in order, and then tells the status-broadcaster (docs/decisions/0029 and 0033).
 *
 * Several may run; one is active: the one whose database session holds an advisory lock. The others wait for
 * it and throw wakes away. Whoever takes over raises the epoch in audit_state, so that nothing of a former
 * one can commit afterwards. Nothing kept in memory outlives a transaction: what happens next is always read
 * from the database, so a COMMIT of unknown outcome needs no answer.
 *
 * The active one also signs checkpoints of the log (sealer.h), has them cosigned by witnesses, and publishes
 * them (cosigner.h). Once a day an authority outside stamps one with its time (stamper.h). */
#ifndef OXE_AUDIT_WRITER_AUDIT_WRITER_H
#define OXE_AUDIT_WRITER_AUDIT_WRITER_H

#include "common/service.h"

int audit_writer_run(struct service *service);

#endif
