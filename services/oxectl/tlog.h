/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as the gateway publishes it: checkpoints and tiles, and what follows from them. Each function
 * says on standard error what is wrong, and returns 0 or an exit status. */
#ifndef OXE_OXECTL_TLOG_H
#define OXE_OXECTL_TLOG_H

#include "proto/audit_leaf.h"
#include "proto/checkpoint.h"
#include "proto/merkle_proof.h"
#include "proto/policy.h"
#include "proto/tile.h"
#include "services/oxectl/oxectl.h"

enum { TLOG_LEVELS = MERKLE_LEVELS / MERKLE_TILE_HEIGHT };

struct tlog_tile {
    bool fetched;
    uint64_t index;
    unsigned int width;
    uint8_t hashes[TILE_WIDTH][MERKLE_HASH_BYTES];
};

/* A checkpoint, and the tiles of its tree that were fetched last, one a level. */
struct tlog {
    const struct context *context;
    struct checkpoint checkpoint;
    struct buffer note; /* the checkpoint as it was signed */
    struct tlog_tile tiles[TLOG_LEVELS];
    int status; /* why tlog_read has failed */
};

void tlog_release(struct tlog *log);

/* Whether one of the policy's keys of this log has signed the note. */
bool tlog_is_signed(const struct policy *policy, const struct note *note,
                    const struct checkpoint *checkpoint);
/* Whether the note is a checkpoint that is to be believed: signed by one of the log's keys, and with the
 * quorum of witnesses if the arguments name a policy. */
int tlog_verify(const struct args *args, const char *note, size_t length, struct checkpoint *ret_checkpoint);
/* The same of one that was kept, which may be older than any witness: no quorum is asked for. */
int tlog_verify_kept(const struct args *args, const char *note, size_t length,
                     struct checkpoint *ret_checkpoint);
/* Of a verified note, which witnesses of the policy have cosigned it, and when: one line each. */
void tlog_print_witnesses(const struct args *args, const char *note, size_t length);
/* Reads a file of at most length_max bytes; `what` it should be is told when it is longer, or empty. */
int tlog_read_file(const char *path, size_t length_max, const char *what, struct buffer *ret_text);
/* "NAME: N entries, root …" on standard output. */
void tlog_print_checkpoint(const struct checkpoint *checkpoint);
/* The last checkpoint, verified. */
int tlog_open(const struct context *context, const struct args *args, struct tlog *ret_log);

/* A merkle_reader over tiles: context is the log. -EIO: log->status says what the command returns. */
int tlog_read(void *log, unsigned int level, uint64_t index, uint8_t ret_hash[static MERKLE_HASH_BYTES]);
/* The hashes of a tile of the checkpoint's tree; NULL: log->status. */
const struct tlog_tile *tlog_tile(struct tlog *log, struct tile tile);
/* The encoding of the entry at `index`, into AUDIT_LEAF_ENCODING_MAX bytes. */
int tlog_entry(const struct tlog *log, uint64_t index, uint8_t *ret_bytes, size_t *ret_length);
/* The tree of the first `size` leaves. */
int tlog_tree(struct tlog *log, uint64_t size, struct merkle *ret_tree);

#endif
