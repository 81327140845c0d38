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

struct admission_settings {
    int lanes;
    struct decimal market_collar_pct;
    int64_t price_age_max_us; /* 0: any */
    const char *trading_tz;   /* borrowed */
    const char *trading_day_start;
    int64_t outbox_age_max_us;
    int64_t outbox_rows_max;
    int db_timeout_ms; /* of one round trip */
};

struct admission;

/* What one run tells apart from the slots. */
struct admission_report {
    bool outcome_unknown; /* of a failed run: the COMMIT may have happened */
    bool wrote_outbox;
    int64_t read_us; /* waiting for the first round trip */
    int64_t write_us;
};

/* What audit-writer has not taken yet, when it was last looked at. */
struct admission_outbox {
    int64_t oldest_us;
    int64_t rows_max; /* no more than these wait */
    bool is_behind;
};

int admission_create(const struct admission_settings *settings, struct admission **ret_admission);
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
const struct admission_outbox *admission_outbox(const struct admission *admission);

#endif
