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

#include "common/pipe_config.h"
#include "common/service.h"

struct audit_writer_config {
    struct service_config common;
    struct pipe_config pipe;
    char database[CONFIG_TEXT_MAX];
    char bind[CONFIG_TEXT_MAX];
    char broadcaster[CONFIG_TEXT_MAX];
    int64_t rows_max;
    char origin[CONFIG_TEXT_MAX];      /* the log's name */
    char key[CONFIG_TEXT_MAX];         /* file of the key that signs its checkpoints */
    char former_keys[CONFIG_TEXT_MAX]; /* file of the verifier keys of those that have signed; "": none */
    char policy[CONFIG_TEXT_MAX];      /* file that names the witnesses and their quorum; "": no witness */
    char tsa[CONFIG_TEXT_MAX];         /* URL of a time-stamping authority; "": none */
    char tsa_roots[CONFIG_TEXT_MAX];   /* file of the certificates that its own leads to */
};

enum audit_writer_check {
    CHECK_POSTGRESQL,
    CHECK_BROADCASTER,
    CHECK_CHECKPOINTS,
    CHECK_WITNESSES,
    CHECK_TIME_STAMPS,
    CHECK_CLOCK,
    CHECK_COUNT
};

enum audit_writer_metric {
    METRIC_ACTIVE,
    METRIC_ROWS,
    METRIC_EVENTS,
    METRIC_BATCHES,
    METRIC_PUT_ASIDE,
    METRIC_BAD_WAKES,
    METRIC_DATABASE_ERRORS,
    METRIC_NOT_BROADCAST,
    METRIC_BATCH_ROWS,
    METRIC_BATCH_EVENTS,
    METRIC_LAG,
    METRIC_OUTBOX_AGE,
    METRIC_EVENT_AGE,
    METRIC_TAKE_TIME,
    METRIC_COMMIT_TIME,
    METRIC_CHECKPOINTS,
    METRIC_CHECKPOINT_SIZE,
    METRIC_UNSEALED,
    METRIC_CONTRADICTED,
    METRIC_PUBLISHED_SIZE,
    METRIC_UNWITNESSED,
    METRIC_WITNESS_CONTRADICTS,
    METRIC_WITNESS_REFUSALS,
    METRIC_CLOCK_OFFSET,
    METRIC_COUNT
};

int audit_writer_run(struct service *service);

#endif
