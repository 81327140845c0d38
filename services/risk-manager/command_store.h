/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of commands made durable: one small transaction of two round trips, apart from admissions.
 *
 * The first locks the orders (their traders before them, as everywhere) and reads them; command_decide
 * decides; the second marks the cancels, inserts the commands and their events, and commits.
 *
 * When the answer to COMMIT gets lost, running the batch again would not tell: the lane's owner may have
 * carried the commands out and deleted them by then. So the first round trip also learns the transaction's
 * number, and PostgreSQL itself is asked what became of it (pg_xact_status). */
#ifndef OXE_RISK_MANAGER_COMMAND_STORE_H
#define OXE_RISK_MANAGER_COMMAND_STORE_H

#include "services/risk-manager/admission.h"
#include "services/risk-manager/command.h"

struct command_store;

struct command_report {
    bool outcome_unknown;   /* of a failed run: the COMMIT may have happened */
    int64_t transaction_id; /* to ask by */
    bool wrote_outbox;
    int64_t db_us; /* waiting for PostgreSQL */
};

/* The admission, which sets up the connection's session, is borrowed. -ENOMEM. */
int command_store_create(struct admission *admission, int db_timeout_ms, struct command_store **ret_store);
void command_store_destroy(struct command_store **store);

/* Decides and records the batch. Errors are db.h's. After one, nothing was recorded, or
 * report->outcome_unknown is set; the slots then stay as they were decided. */
int command_store_run(struct command_store *store, struct db *db, struct command_batch *batch,
                      struct command_report *ret_report);

/* What became of a COMMIT: 1 committed, 0 rolled back, -EAGAIN still under way (its session has not ended),
 * -ENODATA PostgreSQL does not know any more. Other errors are db.h's. */
int command_store_outcome(struct command_store *store, struct db *db, int64_t transaction_id);

#endif
