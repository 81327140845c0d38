/* SPDX-License-Identifier: Apache-2.0 */
/* Admission: a decided batch made durable, in one transaction of two round trips.
 *
 * The first locks the traders and reads what the decisions need, the second writes what batch_decide said and
 * commits. Whoever answers does so after admission_run returned 0: what a slot says is then true, or (nothing
 * to write) was true under the locks. */
#ifndef OXE_RISK_MANAGER_ADMISSION_H
#define OXE_RISK_MANAGER_ADMISSION_H

#include "common/db.h"
#include "services/risk-manager/batch.h"
#include "services/risk-manager/outbox.h"
#include "services/risk-manager/parts.h"

struct admission;

/* What one run tells apart from the slots. */
struct admission_report {
    bool outcome_unknown; /* of a failed run: the COMMIT may have happened */
    bool wrote_outbox;
    int64_t read_us; /* waiting for the first round trip */
    int64_t write_us;
};

/* What audit-writer has not taken yet, when it was last looked at. */
struct admission_backlog {
    int64_t oldest_us;
    int64_t rows_max; /* no more than these wait */
    bool is_behind;
};

/* Both are borrowed. -EINVAL: the collar is no number; -ENOMEM. */
int admission_create(const struct risk_manager_config *config, struct outbox *outbox,
                     struct admission **ret_admission);
void admission_destroy(struct admission **admission);

/* Connects with these; calls admission_run on it only. */
int admission_open_db(const char *conninfo, struct db **ret_db);

/* Prepares the session of a fresh connection; at once 0 when that is done. Every other call here does it
 * itself. Errors are db.h's. */
int admission_set_up_session(struct admission *admission, struct db *db);

/* Decides and records the batch (batch->slots[0 … count − 1] with envelope and checked set). Errors are
 * db.h's. After one, nothing was recorded, or report->outcome_unknown is set: then running the same batch
 * again finds what was recorded by its keys. -ECANCELED: some request cannot be stored; others may. */
int admission_run(struct admission *admission, struct db *db, struct batch *batch,
                  struct admission_report *ret_report);

/* Looks at the outbox once a second, for the time when no batch comes by. Errors are db.h's. */
int admission_look_at_outbox(struct admission *admission, struct db *db);
const struct admission_backlog *admission_backlog(const struct admission *admission);

#endif
