/* SPDX-License-Identifier: Apache-2.0 */
/* The database side of cosigning, on a session of its own, which another thread uses: neither recording nor
 * signing waits for it.
 *
 * Every function returns 0 or a negative errno of common/db.h. */
#ifndef OXE_AUDIT_WRITER_COSIGN_STORE_H
#define OXE_AUDIT_WRITER_COSIGN_STORE_H

#include "common/buffer.h"
#include "proto/merkle_proof.h"

struct cosign_store;

/* conninfo as db_create. Connects nothing yet. */
int cosign_store_create(const char *conninfo, const char *process, struct cosign_store **ret_store);
void cosign_store_destroy(struct cosign_store **store);
const char *cosign_store_error(const struct cosign_store *store);

struct cosign_state {
    const char *note; /* the newest checkpoint; NULL: there is none. Until the next call */
    size_t note_length;
    uint64_t size; /* of it */
    bool published_any;
    uint64_t published; /* size of the last one that was published */
};

int cosign_store_read(struct cosign_store *store, struct cosign_state *ret_state);
/* The proof that the tree of old_size leaves is the beginning of that of `size`, from what the database has
 * now. -EUCLEAN: hashes are missing. */
int cosign_store_prove(struct cosign_store *store, uint64_t old_size, uint64_t size,
                       struct merkle_proof *ret_proof);
/* Harmless when repeated. */
int cosign_store_publish(struct cosign_store *store, uint64_t size, const struct buffer *note);

#endif
