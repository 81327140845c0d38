/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness says to a checkpoint that it is asked to cosign (C2SP tlog-witness, add-checkpoint). Pure:
 * no clock, no files, no sockets.
 *
 * A witness vouches for one thing: that each checkpoint of a log which it has cosigned is the beginning of
 * the next. So it cosigns what extends the last one it has seen, by proof, and nothing else. */
#ifndef OXE_WITNESS_ADD_CHECKPOINT_H
#define OXE_WITNESS_ADD_CHECKPOINT_H

#include "proto/checkpoint.h"
#include "proto/merkle_proof.h"

enum {
    ADD_PROOF_MAX = 63,       /* hashes, by the specification */
    ADD_BODY_MAX = 32 * 1024, /* bytes of a request */
    ADD_LOGS_MAX = 32,        /* keys of logs that are known */
};

/* A request. Borrows the body. */
struct add_checkpoint {
    uint64_t old_size; /* of the checkpoint that the proof begins at */
    struct merkle_proof proof;
    struct note note;
    struct checkpoint checkpoint; /* what the note says; its signature is add_checkpoint_judge's to verify */
};

/* -EBADMSG: it is no such request. */
int add_checkpoint_parse(const char *body, size_t length, struct add_checkpoint *ret_request);

/* The keys of the logs that are known; several may have one origin, their name. */
struct add_logs {
    struct note_key keys[ADD_LOGS_MAX];
    size_t count;
};

/* The last checkpoint of a log that was cosigned. */
struct add_seen {
    char origin[NOTE_NAME_MAX];
    uint64_t size;
    uint8_t root[MERKLE_HASH_BYTES];
};

enum add_verdict {
    ADD_COSIGN,
    ADD_UNKNOWN_LOG,
    ADD_UNKNOWN_KEY,  /* no signature of the log's keys, or a wrong one */
    ADD_BACKWARDS,    /* the old size is above the checkpoint's */
    ADD_OTHER_SIZE,   /* the old size is not that of the last checkpoint */
    ADD_INCONSISTENT, /* the proof does not show that the checkpoint extends the last one */
    ADD_VERDICT_COUNT,
};

/* The HTTP status of a verdict, and what it says to people. */
int add_verdict_status(enum add_verdict verdict);
const char *add_verdict_text(enum add_verdict verdict);

/* seen: of the request's origin; NULL: nothing yet. -ENOMEM. */
int add_checkpoint_judge(const struct add_checkpoint *request, const struct add_logs *logs,
                         const struct add_seen *seen, enum add_verdict *ret_verdict);

#endif
