/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/range_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"

static int fail(struct range_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct range_check *check, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(check->problem, sizeof(check->problem), format, arguments);
    va_end(arguments);
    return -EBADMSG;
}

void range_check_begin(struct range_check *ret_check, const struct merkle *before)
{
    *ret_check = (struct range_check){.tree = *before, .good = before->size};
}

/* The hash that the row states; false: that is no hash. */
static bool read_hash(const char *text, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    return text != NULL && strlen(text) == (size_t)2 * MERKLE_HASH_BYTES &&
           hex_parse(text, MERKLE_HASH_BYTES, ret_hash) == 0;
}

/* Adds a leaf; ret_tile is the root of the tile that it ends, if it ends one. */
static int append(struct merkle *tree, const uint8_t *hash, uint8_t *ret_tile, bool *ret_ended)
{
    uint8_t tiles[MERKLE_TILE_LEVELS][MERKLE_HASH_BYTES];
    size_t count = 0;
    int r = merkle_append_tiles(tree, hash, tiles, &count);

    if (r < 0)
        return r;
    *ret_ended = count > 0;
    if (count > 0)
        memcpy(ret_tile, tiles[0], MERKLE_HASH_BYTES);
    return 0;
}

int range_check_row(struct range_check *check, const char *const columns[static AUDIT_COLUMNS])
{
    uint8_t *hash = check->hash, stated[MERKLE_HASH_BYTES];
    uint64_t expected = check->tree.size + 1;
    struct audit_entry entry;
    enum audit_column bad;
    int r = audit_columns_read(columns, &entry, &bad);

    if (r < 0)
        return fail(check, "entry %" PRIu64 " is not what was recorded: its %s is none", expected,
                    audit_columns[bad].name);
    if (entry.log_seq != expected)
        return fail(check, "entry %" PRIu64 " is missing: in its place is entry %" PRIu64, expected,
                    entry.log_seq);
    if (!read_hash(columns[AUDIT_COLUMN_HASH], stated))
        return fail(check, "entry %" PRIu64 " is not what was recorded: its hash is none", expected);
    r = audit_leaf_hash(&entry, hash);
    if (r < 0)
        return r;
    if (memcmp(hash, stated, sizeof(stated)) != 0) {
        if (check->bad_count++ == 0) {
            check->bad = expected;
            check->stated = check->tree;
        }
    }
    check->recorded_at = entry.recorded_at;
    r = append(&check->tree, hash, check->tile, &check->tile_ended);
    if (r == 0 && check->bad > 0)
        r = append(&check->stated, stated, check->stated_tile, &check->tile_ended);
    return r;
}

void range_check_tile(struct range_check *check, const uint8_t stored[static MERKLE_HASH_BYTES])
{
    if (check->bad > 0 || check->suspect > 0)
        return;
    if (memcmp(check->tile, stored, MERKLE_HASH_BYTES) != 0) {
        check->suspect = check->tree.size;
        return;
    }
    check->good = check->tree.size;
    check->by_tiles = true;
}

/* All hashes fit their entries, so whoever changed one has computed its hash anew. */
static int judge_rehashed(struct range_check *check, bool holds)
{
    uint64_t last = check->suspect > 0 ? check->suspect : check->tree.size;
    const char *how = check->by_tiles || check->suspect > 0
                          ? " (so say the stored tiles, which may have been changed as well)"
                          : "";

    if (holds)
        return fail(check,
                    "the stored tile of entries %" PRIu64 " to %" PRIu64
                    " is not theirs; they are what was recorded",
                    check->good + 1, last);
    if (check->good + 1 == last)
        return fail(check, "entry %" PRIu64 " is not the one that was signed, though its hash fits it%s",
                    last, how);
    return fail(check,
                "of entries %" PRIu64 " to %" PRIu64
                " one or more are not those that were signed, though their hashes fit them%s",
                check->good + 1, last, how);
}

int range_check_judge(struct range_check *check, bool holds, bool stated_holds)
{
    char more[64] = "";

    if (check->bad == 0 && check->suspect == 0 && holds) {
        check->good = check->tree.size;
        check->by_tiles = false;
        return 0;
    }
    if (check->bad == 0)
        return judge_rehashed(check, holds);
    if (check->bad_count > 1)
        (void)snprintf(more, sizeof(more), ", nor are %" PRIu64 " more", check->bad_count - 1);
    if (stated_holds)
        return fail(check,
                    "entry %" PRIu64 " is not what was recorded%s: fields were changed, the hash was not",
                    check->bad, more);
    if (holds)
        return fail(check, "the hash of entry %" PRIu64 " is not what was recorded%s; the fields are",
                    check->bad, more);
    return fail(check,
                "entry %" PRIu64 " is not what was recorded%s: the fields do not give the hash, and neither "
                "is what was signed",
                check->bad, more);
}

int range_check_root(struct range_check *check, const uint8_t root[static MERKLE_HASH_BYTES])
{
    uint8_t computed[MERKLE_HASH_BYTES], stated[MERKLE_HASH_BYTES];
    int r = merkle_root(&check->tree, computed);

    if (r == 0)
        r = merkle_root(check->bad > 0 ? &check->stated : &check->tree, stated);
    if (r < 0)
        return r;
    return range_check_judge(check, memcmp(computed, root, sizeof(computed)) == 0,
                             memcmp(stated, root, sizeof(stated)) == 0);
}
