/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of commands made durable: one small transaction of two round trips, apart from admissions.
 *
 * The first locks the orders and reads them; command_decide decides; the second marks the cancels, inserts
 * the commands and their events, and commits.
 *
 * When the answer to COMMIT gets lost, running the batch again would not tell: the lane's owner may have
 * carried the commands out and deleted them by then. So the first round trip also learns the transaction's
 * number, and PostgreSQL itself is asked what became of it (pg_xact_status). A standby that was promoted in
 * between, or a server that crashed, does not know: its numbers may be those of other transactions. */
#ifndef OXE_RISK_MANAGER_COMMAND_STORE_H
#define OXE_RISK_MANAGER_COMMAND_STORE_H

#include "services/risk-manager/admission.h"
#include "services/risk-manager/command.h"

enum { COMMAND_HISTORY_MAX = 48 };

/* A transaction to ask by what became of it. */
struct command_transaction {
    int64_t id; /* 0: none */
    char history[COMMAND_HISTORY_MAX];
};

struct command_report {
    bool outcome_unknown; /* of a failed run: the COMMIT may have happened */
    struct command_transaction transaction;
    bool wrote_outbox;
    int64_t db_us; /* waiting for PostgreSQL */
};

/* Decides and records the batch. Errors are db.h's. After one, nothing was recorded, or
 * report->outcome_unknown is set; the slots then stay as they were decided. */
int command_store_run(struct risk_manager_parts *parts, struct command_batch *batch,
                      struct command_report *ret_report);

/* From the result of transaction_id.sql. */
void command_store_take_transaction(const PGresult *result, struct command_transaction *ret_transaction);

/* What became of a COMMIT: 1 committed, also where a synchronous standby is waited for; 0 rolled back,
 * -EAGAIN still under way (its session has not ended), -ENODATA PostgreSQL does not know any more, or is not
 * the server any more that it was. Other errors are db.h's. */
int command_store_outcome(struct risk_manager_parts *parts, const struct command_transaction *transaction);

#endif
