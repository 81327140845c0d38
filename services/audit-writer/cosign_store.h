/* SPDX-License-Identifier: Apache-2.0 */
/* The database side of cosigning, on a session of its own, which another thread uses: neither recording nor
 * signing waits for it.
 *
 * Every function returns 0 or a negative errno of common/db.h. */
#ifndef OXE_AUDIT_WRITER_COSIGN_STORE_H
#define OXE_AUDIT_WRITER_COSIGN_STORE_H

#include "common/db.h"
#include "proto/merkle_proof.h"

/* As db_create, with the statements of the functions below. */
int cosign_store_open(const char *conninfo, const char *process, struct db **ret_db);

struct cosign_state {
    const char *note; /* the newest checkpoint; NULL: there is none. Until the next call */
    size_t note_length;
    uint64_t size; /* of it */
    bool published_any;
    uint64_t published; /* size of the last one that was published */
};

int cosign_store_read(struct db *db, struct cosign_state *ret_state);
/* The proof that the tree of old_size leaves is the beginning of that of `size`, from what the database has
 * now. -EUCLEAN: hashes are missing. */
int cosign_store_prove(struct db *db, uint64_t old_size, uint64_t size, struct merkle_proof *ret_proof);
/* Harmless when repeated. */
int cosign_store_publish(struct db *db, uint64_t size, const struct buffer *note);

#endif
