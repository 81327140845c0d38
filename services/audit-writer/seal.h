/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint over what is in the log: whether the last one still fits, what the next one covers, its text
 * and signature. Pure: no database, no clock, no files.
 *
 * The next checkpoint is computed from the rows themselves, beginning at the tree of the last signed one. So
 * what was changed in the database behind everyone's back is not signed: a checkpoint says that the log of
 * before is the beginning of the log of now. */
#ifndef OXE_AUDIT_WRITER_SEAL_H
#define OXE_AUDIT_WRITER_SEAL_H

#include "proto/checkpoint.h"

enum {
    SEAL_LEAVES_MAX = 32768, /* more than the last, that one checkpoint covers */
    SEAL_TILES_MAX = SEAL_LEAVES_MAX / 255 + MERKLE_TILE_LEVELS,
    SEAL_FORMER_KEYS_MAX = 32,
};

/* Why nothing may be signed; SEAL_SOUND: nothing speaks against it. */
enum seal_fault {
    SEAL_SOUND,
    SEAL_UNKNOWN_SIGNATURE, /* the last checkpoint is signed by none of the log's keys */
    SEAL_OTHER_TREE,        /* the stored tree is not that of the last checkpoint */
    SEAL_ROLLED_BACK,       /* this process has signed a later checkpoint, or another of that size */
    SEAL_CUT,               /* the log has fewer entries than the last checkpoint */
    SEAL_ROWS_MISSING,      /* entries that were written are not there */
    SEAL_ROWS_CHANGED,      /* entries are not those that were written */
    SEAL_FAULT_COUNT,
};

/* A sentence for the log and for readiness. */
const char *seal_fault_text(enum seal_fault fault);

/* What the database says. */
struct seal_state {
    struct merkle written; /* the tree that audit-writer has built while writing */
    struct merkle sealed;  /* that of the last checkpoint */
    const char *note;      /* the last checkpoint; NULL: there is none yet */
    size_t note_length;
};

/* The log's keys: the one that signs, and those that have signed. */
struct seal_keys {
    const struct note_signer *signer;
    struct note_key former[SEAL_FORMER_KEYS_MAX];
    size_t former_count;
};

/* What this process has signed last; size 0 with `any` false: nothing yet. */
struct seal_memory {
    bool any;
    uint64_t size;
    uint8_t root[MERKLE_HASH_BYTES];
};

struct seal_tile {
    unsigned int level;
    uint64_t place;
    uint8_t hash[MERKLE_HASH_BYTES];
};

/* The next checkpoint on its way. */
struct seal {
    struct merkle tree;
    struct seal_tile tiles[SEAL_TILES_MAX]; /* completed since the last one */
    size_t tile_count;
};

/* Whether what the database says fits together and with what was signed. -ENOMEM. */
int seal_judge(const struct seal_state *state, const struct seal_keys *keys, const struct seal_memory *memory,
               enum seal_fault *ret_fault);

/* How many entries the next checkpoint covers. */
uint64_t seal_size(const struct seal_state *state);

/* The tree of the last checkpoint and `count` leaf hashes behind it, as many as seal_size asks for.
 * *ret_fault: SEAL_ROWS_CHANGED when that is not the tree that was written. -ENOMEM. */
int seal_extend(const struct seal_state *state, const uint8_t (*hashes)[MERKLE_HASH_BYTES], size_t count,
                struct seal *ret_seal, enum seal_fault *ret_fault);

/* Appends the signed checkpoint of the tree, and says in *ret_memory what was signed. -ENOMEM, -EIO,
 * -ENOBUFS. */
int seal_sign(const struct merkle *tree, const struct seal_keys *keys, struct buffer *note,
              struct seal_memory *ret_memory);

#endif
