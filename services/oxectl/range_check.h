/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run of entries is what the log has at their places: each row's fields give its hash, the rows
 * follow each other without a gap, and their hashes make the tree that was signed. Pure, in constant memory.
 *
 * A row whose fields do not give its hash has one or the other changed. Which, shows at the next root that is
 * known; until then both trees are built, the one of the fields and the one of the hashes as they stand. */
#ifndef OXE_OXECTL_RANGE_CHECK_H
#define OXE_OXECTL_RANGE_CHECK_H

#include "proto/audit_columns.h"
#include "proto/merkle.h"

enum { RANGE_CHECK_PROBLEM_BYTES = 256 };

struct range_check {
    struct merkle tree;   /* by the fields */
    struct merkle stated; /* by the hashes as they stand; the same while `bad` is 0 */
    uint64_t good;        /* entries up to here are proved by a root that is known */
    bool by_tiles;        /* so say stored tiles alone, which are not signed */
    uint64_t suspect;     /* the end of the first tile whose stored root is another; 0: none */
    uint64_t bad;         /* the first entry whose fields do not give its hash; 0: none */
    uint64_t bad_count;
    bool tile_ended; /* the last entry was the last of a tile of level 0, whose roots are: */
    uint8_t tile[MERKLE_HASH_BYTES], stated_tile[MERKLE_HASH_BYTES];
    uint8_t hash[MERKLE_HASH_BYTES]; /* of the last entry */
    struct instant recorded_at;      /* the last entry's */
    char problem[RANGE_CHECK_PROBLEM_BYTES];
};

/* The entries come after those of the tree. */
void range_check_begin(struct range_check *ret_check, const struct merkle *before);

/* The next row. -EBADMSG: it is not a row, or not the next, and `problem` says so. -ENOMEM. */
int range_check_row(struct range_check *check, const char *const columns[static AUDIT_COLUMNS]);

/* What was stored as the root of the tile that has just ended: it tells later where to look. */
void range_check_tile(struct range_check *check, const uint8_t stored[static MERKLE_HASH_BYTES]);

/* A root is known for the entries so far: whether that of the fields is it, and that of the hashes as they
 * stand. -EBADMSG: `problem` says what was changed, as far as it can be known. */
int range_check_judge(struct range_check *check, bool holds, bool stated_holds);

/* The same by the root of the whole tree. */
int range_check_root(struct range_check *check, const uint8_t root[static MERKLE_HASH_BYTES]);

#endif
