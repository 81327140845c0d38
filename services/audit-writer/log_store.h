/* SPDX-License-Identifier: Apache-2.0 */
/* The database side of audit-writer: the session that holds the lock, and the transaction that moves outbox
 * rows into the log.
 *
 * Every function returns 0 or a negative errno of common/db.h. After any error of log_store_move the
 * transaction is gone or its outcome unknown: either way the next call reads where the log ends anew.
 * -ESTALE: another audit-writer has taken over. -EUCLEAN: audit_state contradicts itself; nothing is written.
 */
#ifndef OXE_AUDIT_WRITER_LOG_STORE_H
#define OXE_AUDIT_WRITER_LOG_STORE_H

#include "common/db.h"
#include "services/audit-writer/sequence.h"

struct log_store;

/* As db_create, with the statements of the functions below. */
int log_store_open_db(const char *conninfo, const char *process, struct db **ret_db);
/* On this connection, which is borrowed. -ENOMEM. */
int log_store_create(struct db *db, struct log_store **ret_store);
void log_store_destroy(struct log_store **store);

/* How a new session plans its statements. */
int log_store_begin_session(struct log_store *store);
/* Tries to become the active one: the lock, a higher epoch, this month's partitions and the next ones. */
int log_store_take_over(struct log_store *store, bool *ret_active);
/* Of the active one. */
int64_t log_store_epoch(const struct log_store *store);
/* process: its name in the heartbeats. */
int log_store_beat(struct log_store *store, const char *process);
/* Ends the session of an active one whose heartbeat is older than age_ms. */
int log_store_evict(struct log_store *store, int64_t age_ms, size_t *ret_evicted);
int log_store_make_partitions(struct log_store *store, int64_t *ret_made);

/* What one transaction moved. */
struct log_store_moved {
    size_t rows;       /* taken from the outbox */
    size_t put_aside;  /* of these, what could not be read */
    bool more;         /* a bound was reached: there may be more rows */
    int64_t oldest_us; /* age of the oldest row */
    int64_t take_us;   /* until the rows were here */
    int64_t commit_us; /* from there to the end */
};

/* Moves the oldest outbox rows, at most rows_max, into the log in one transaction. The entries are in
 * *sequence then; without rows it is empty. */
int log_store_move(struct log_store *store, size_t rows_max, struct sequence *sequence,
                   struct log_store_moved *ret_moved);

#endif
