/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of a run of entries: made of any part of any tree, they hold, and for nothing else. */
#include "proto/log_range.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

enum { LEAVES = 70 };

static const char note[] = "log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log AAAAAAAA\n";

static void leaf(uint64_t index, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    memset(ret_hash, (int)index + 1, MERKLE_HASH_BYTES);
}

static struct merkle tree_of(uint64_t size)
{
    struct merkle tree = {0};
    uint8_t hash[MERKLE_HASH_BYTES];

    for (uint64_t i = 0; i < size; i++) {
        leaf(i, hash);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    return tree;
}

static int read_node(void *context, unsigned int level, uint64_t index,
                     uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    struct merkle tree = {0};
    uint8_t hash[MERKLE_HASH_BYTES];

    (void)context;
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        leaf(i, hash);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    return merkle_root(&tree, ret_hash);
}

static struct checkpoint checkpoint_of(uint64_t size)
{
    struct checkpoint checkpoint = {.origin = "log", .size = size};
    const struct merkle tree = tree_of(size);

    cr_assert_eq(merkle_root(&tree, checkpoint.root), 0);
    return checkpoint;
}

static struct log_range range_of(uint64_t first, uint64_t last, uint64_t size)
{
    struct log_range range = {.first = first,
                              .last = last,
                              .before = tree_of(first - 1),
                              .checkpoint = note,
                              .checkpoint_length = sizeof(note) - 1};

    cr_assert_eq(merkle_proof_extend(last, size, read_node, NULL, &range.after), 0);
    return range;
}

/* From the proof's own tree on, as who verifies does it; `other`: this leaf is another one. */
static int check(const struct log_range *range, const struct checkpoint *checkpoint, uint64_t other)
{
    struct merkle tree = range->before;
    uint8_t hash[MERKLE_HASH_BYTES];

    for (uint64_t i = range->first; i <= range->last; i++) {
        leaf(i - 1, hash);
        hash[0] ^= i == other ? 1 : 0;
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    return log_range_check(range, &tree, checkpoint);
}

Test(log_range, each_run_of_entries_is_proved_and_no_other)
{
    for (uint64_t size = 1; size <= LEAVES; size += 3) {
        const struct checkpoint checkpoint = checkpoint_of(size);
        for (uint64_t first = 1; first <= size + 1; first++) {
            for (uint64_t last = first - 1; last <= size; last += 5) {
                struct log_range range = range_of(first, last, size);
                cr_expect_eq(check(&range, &checkpoint, 0), 0, "%d to %d of %d", (int)first, (int)last,
                             (int)size);
                if (last < first)
                    continue;
                cr_expect_eq(check(&range, &checkpoint, first), -EBADMSG);
                cr_expect_eq(check(&range, &checkpoint, last), -EBADMSG);
                if (first > 1) { /* another past */
                    range.before.nodes[__builtin_ctzll(first - 1)][0] ^= 1;
                    cr_expect_eq(check(&range, &checkpoint, 0), -EBADMSG);
                }
            }
        }
    }
}

Test(log_range, what_is_written_is_read)
{
    struct log_range range = range_of(36, 41, 60), read;
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0), again = BUFFER_INIT(0);

    range.lower = (struct log_range_entry){.length = 3, .bytes = {1, 2, 3}};
    range.upper = (struct log_range_entry){.length = 2, .bytes = {4, 5}};
    range.before = tree_of(34);
    log_range_append(&range, &text);
    cr_assert_eq(log_range_parse(text.data, text.length, &read), 0);
    cr_expect_eq(read.first, 36u);
    cr_expect_eq(read.last, 41u);
    cr_expect_eq(read.before.size, 34u);
    cr_expect_eq(read.lower.length, 3u);
    cr_expect_eq(read.upper.length, 2u);
    cr_expect_eq(read.checkpoint_length, sizeof(note) - 1);
    log_range_append(&read, &again);
    cr_expect_str_eq(again.data, text.data);
    for (size_t length = 0; length < text.length - (sizeof(note) - 1); length++)
        cr_expect_eq(log_range_parse(text.data, length, &read), -EBADMSG, "%zu", length);
}

Test(log_range, what_is_almost_one_is_refused)
{
    static const char *const cases[] = {
        "oxe log-range@v2\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\n\nx",
        "oxe log-range@v1\nfirst 0\nlast 2\nbefore AAAAAAAAAAA=\n\nx",
        "oxe log-range@v1\nfirst 2\nlast 2\nbefore AAAAAAAAAAA=\n\nx",
        "oxe log-range@v1\nfirst 01\nlast 2\nbefore AAAAAAAAAAA=\n\nx",
        "oxe log-range@v1\nfirst 1\nlast x\nbefore AAAAAAAAAAA=\n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\nlower \n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\nlower AQ==\n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAE=\n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\nAQ==\n\nx",
        "oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\n\n",
        "oxe log-range@v1\nfirst 9223372036854775807\nlast 9223372036854775805\nbefore AAAAAAAAAAA=\n\nx",
    };
    struct log_range range;

    cr_expect_eq(log_range_parse("oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\n\nx",
                                 strlen("oxe log-range@v1\nfirst 1\nlast 2\nbefore AAAAAAAAAAA=\n\nx"),
                                 &range),
                 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(log_range_parse(cases[i], strlen(cases[i]), &range), -EBADMSG, "%s", cases[i]);
}

Test(log_range, an_entry_says_when_it_was_recorded)
{
    struct log_range_entry entry = {.length = 11, .bytes = {1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2}};
    struct instant instant;

    cr_expect(log_range_recorded(&entry, &instant));
    cr_expect_eq(instant.us, 258);
    entry.bytes[2] = 0;
    cr_expect_not(log_range_recorded(&entry, &instant));
    entry.length = 0;
    cr_expect_not(log_range_recorded(&entry, &instant));
}
