/* SPDX-License-Identifier: Apache-2.0 */
/* The database side of sealing, on a session of its own: reading hashes and writing checkpoints never holds
 * up or breaks the session that records events.
 *
 * seal_store_begin opens a transaction that seal_store_write commits and seal_store_abandon rolls back. Every
 * function returns 0 or a negative errno of common/db.h; after an error the transaction is gone, or its
 * outcome unknown. -ESTALE: another audit-writer has taken over. -EUCLEAN: a stored tree is not a tree. */
#ifndef OXE_AUDIT_WRITER_SEAL_STORE_H
#define OXE_AUDIT_WRITER_SEAL_STORE_H

#include "common/db.h"
#include "services/audit-writer/seal.h"

/* As db_create, with the statements of the functions below. */
int seal_store_open(const char *conninfo, const char *process, struct db **ret_db);

/* *ret_state's note points into the result until the next call. */
int seal_store_begin(struct db *db, int64_t epoch, struct seal_state *ret_state);
/* The leaf hashes of entries after + 1 … upto, at most SEAL_LEAVES_MAX; *ret_count is less when some are
 * missing.
 */
int seal_store_leaves(struct db *db, uint64_t after, uint64_t upto, uint8_t (*ret_hashes)[MERKLE_HASH_BYTES],
                      size_t *ret_count);
int seal_store_write(struct db *db, int64_t epoch, const struct seal *seal, const struct buffer *note);
void seal_store_abandon(struct db *db);

#endif
