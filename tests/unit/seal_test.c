/* SPDX-License-Identifier: Apache-2.0 */
/* When a checkpoint may follow the last one, and what it says. */
#include "services/audit-writer/seal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/audit_key.h"

static struct note_signer *make_signer(const char *name, uint8_t seed)
{
    struct note_signer *signer = NULL;
    char directory[] = "/tmp/seal_test.XXXXXX", path[64];

    cr_assert_not_null(mkdtemp(directory));
    audit_key_write(directory, "key", seed);
    (void)snprintf(path, sizeof(path), "%s/key", directory);
    cr_assert_eq(note_signer_load(path, name, NOTE_ED25519, &signer), 0);
    (void)unlink(path);
    (void)rmdir(directory);
    return signer;
}

/* Leaf i of log `log`: two logs differ in every leaf from the sixth on. */
static void leaf(uint8_t log, size_t i, uint8_t ret_hash[static MERKLE_HASH_BYTES])
{
    memset(ret_hash, (int)(i * 7 % 251), MERKLE_HASH_BYTES);
    ret_hash[0] = i < 5 ? 0 : log;
    ret_hash[1] = (uint8_t)(i >> 8);
}

static struct merkle tree_of(uint8_t log, size_t size)
{
    struct merkle tree = {0};
    uint8_t hash[MERKLE_HASH_BYTES];

    for (size_t i = 0; i < size; i++) {
        leaf(log, i, hash);
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    return tree;
}

static void sign(uint8_t log, size_t size, const struct seal_keys *keys, struct buffer *note,
                 struct seal_memory *ret_memory)
{
    const struct merkle tree = tree_of(log, size);

    cr_assert_eq(seal_sign(&tree, keys, note, ret_memory), 0);
}

enum { NO_NOTE = -1 };

Test(seal, what_may_not_be_signed)
{
    static const struct {
        const char *fact;
        int noted;              /* entries of the last checkpoint, or NO_NOTE */
        size_t sealed, written; /* of the stored trees */
        uint8_t note_log, sealed_log, written_log;
        int remembered; /* entries of what was signed here last, or NO_NOTE */
        uint8_t remembered_log;
        enum seal_fault fault;
    } cases[] = {
        {"a log begins", NO_NOTE, 0, 0, 1, 1, 1, NO_NOTE, 1, SEAL_SOUND},
        {"a log that has entries begins", NO_NOTE, 0, 9, 1, 1, 1, NO_NOTE, 1, SEAL_SOUND},
        {"it goes on", 9, 9, 12, 1, 1, 1, 9, 1, SEAL_SOUND},
        {"it stands still", 9, 9, 9, 1, 1, 1, 9, 1, SEAL_SOUND},
        {"another has signed since", 9, 9, 12, 1, 1, 1, 7, 1, SEAL_SOUND},
        {"a first time here", 9, 9, 12, 1, 1, 1, NO_NOTE, 1, SEAL_SOUND},
        {"the checkpoints are gone", NO_NOTE, 9, 12, 1, 1, 1, NO_NOTE, 1, SEAL_OTHER_TREE},
        {"everything is gone", NO_NOTE, 0, 0, 1, 1, 1, 9, 1, SEAL_ROLLED_BACK},
        {"an older database", 7, 7, 12, 1, 1, 1, 9, 1, SEAL_ROLLED_BACK},
        {"another history of that size", 9, 9, 12, 2, 2, 2, 9, 1, SEAL_ROLLED_BACK},
        {"a stored tree that is longer", 9, 10, 12, 1, 1, 1, 9, 1, SEAL_OTHER_TREE},
        {"a stored tree of another log", 9, 9, 12, 1, 2, 2, 9, 1, SEAL_OTHER_TREE},
        {"a shorter log", 9, 9, 8, 1, 1, 1, 9, 1, SEAL_CUT},
        {"a log of that size with others in it", 9, 9, 9, 1, 1, 2, 9, 1, SEAL_ROWS_CHANGED},
    };
    CLEANUP(note_signer_destroy) struct note_signer *signer = make_signer("log", 1);
    struct seal_keys keys = {.signer = signer};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0), other = BUFFER_INIT(0);
        struct seal_memory memory = {0}, unused;
        struct seal_state state = {.written = tree_of(cases[i].written_log, cases[i].written),
                                   .sealed = tree_of(cases[i].sealed_log, cases[i].sealed)};
        enum seal_fault fault = SEAL_FAULT_COUNT;
        if (cases[i].noted != NO_NOTE) {
            sign(cases[i].note_log, (size_t)cases[i].noted, &keys, &note, &unused);
            state.note = note.data;
            state.note_length = note.length;
        }
        if (cases[i].remembered != NO_NOTE)
            sign(cases[i].remembered_log, (size_t)cases[i].remembered, &keys, &other, &memory);
        cr_assert_eq(seal_judge(&state, &keys, &memory, &fault), 0);
        cr_expect_eq(fault, cases[i].fault, "%s: %s", cases[i].fact, seal_fault_text(fault));
    }
}

Test(seal, a_checkpoint_is_the_logs_when_one_of_its_keys_has_signed_it)
{
    CLEANUP(note_signer_destroy) struct note_signer *old = make_signer("log", 1);
    CLEANUP(note_signer_destroy) struct note_signer *new = make_signer("log", 2);
    CLEANUP(note_signer_destroy) struct note_signer *elsewhere = make_signer("elsewhere", 1);
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0);
    struct seal_keys keys = {.signer = old};
    struct seal_memory memory = {0};
    enum seal_fault fault;

    sign(1, 9, &keys, &note, &memory);
    struct seal_state state = {
        .written = tree_of(1, 9), .sealed = tree_of(1, 9), .note = note.data, .note_length = note.length};
    keys.signer = new;
    cr_assert_eq(seal_judge(&state, &keys, &memory, &fault), 0);
    cr_expect_eq(fault, SEAL_UNKNOWN_SIGNATURE);
    keys.former[keys.former_count++] = *note_signer_key(elsewhere);
    cr_assert_eq(seal_judge(&state, &keys, &memory, &fault), 0);
    cr_expect_eq(fault, SEAL_UNKNOWN_SIGNATURE, "the same key under another name");
    keys.former[keys.former_count++] = *note_signer_key(old);
    cr_assert_eq(seal_judge(&state, &keys, &memory, &fault), 0);
    cr_expect_eq(fault, SEAL_SOUND);
    for (size_t i = 0; i < note.length; i++) {
        note.data[i] ^= 1;
        cr_assert_eq(seal_judge(&state, &keys, &memory, &fault), 0);
        cr_expect_eq(fault, SEAL_UNKNOWN_SIGNATURE, "byte %zu", i);
        note.data[i] ^= 1;
    }
}

Test(seal, the_next_one_covers_what_was_written_and_names_full_tiles)
{
    enum { OLD = 250, SIZE = 70000 };
    static uint8_t hashes[SEAL_LEAVES_MAX][MERKLE_HASH_BYTES];
    static struct seal seal;
    struct seal_state state = {.written = tree_of(1, SIZE), .sealed = tree_of(1, OLD)};
    enum seal_fault fault = SEAL_FAULT_COUNT;
    size_t tiles[3] = {0};

    while (state.sealed.size < SIZE) {
        uint64_t size = seal_size(&state);
        cr_assert_leq(size - state.sealed.size, SEAL_LEAVES_MAX);
        for (size_t i = 0; i < size - state.sealed.size; i++)
            leaf(1, state.sealed.size + i, hashes[i]);
        cr_assert_eq(
            seal_extend(&state, (const uint8_t(*)[32])hashes, size - state.sealed.size, &seal, &fault), 0);
        cr_assert_eq(fault, SEAL_SOUND);
        cr_assert_eq(seal.tree.size, size);
        for (size_t i = 0; i < seal.tile_count; i++) {
            cr_assert_leq(seal.tiles[i].level, 2);
            cr_expect_eq(seal.tiles[i].place, tiles[seal.tiles[i].level]++,
                         "each is named once and in order");
        }
        state.sealed = seal.tree;
    }
    cr_expect_eq(tiles[1], SIZE / 256);
    cr_expect_eq(tiles[2], 1);
    cr_expect_eq(memcmp(&state.sealed, &state.written, sizeof(state.sealed)), 0);

    state.sealed = tree_of(1, SIZE - 3);
    for (size_t i = 0; i < 3; i++)
        leaf(1, SIZE - 3 + i, hashes[i]);
    hashes[1][5] ^= 1;
    cr_assert_eq(seal_extend(&state, (const uint8_t(*)[32])hashes, 3, &seal, &fault), 0);
    cr_expect_eq(fault, SEAL_ROWS_CHANGED);
}

Test(seal, former_keys_are_one_a_line)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = make_signer("log", 1);
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct seal_keys keys = {0};
    char key[NOTE_KEY_TEXT_MAX];
    size_t line = 0;

    note_key_format(note_signer_key(signer), key);
    buffer_append_format(&text, "# old\n\n%s\n%s", key, key);
    cr_assert_eq(note_keys_parse(text.data, text.length, NOTE_ED25519, SEAL_FORMER_KEYS_MAX, keys.former,
                                 &keys.former_count, &line),
                 0);
    cr_expect_eq(keys.former_count, 2);
    cr_assert_eq(
        note_keys_parse("", 0, NOTE_ED25519, SEAL_FORMER_KEYS_MAX, keys.former, &keys.former_count, &line),
        0);
    cr_expect_eq(keys.former_count, 0);
    buffer_append_text(&text, "\nlog+00000000+AAAA\n");
    cr_assert_eq(note_keys_parse(text.data, text.length, NOTE_ED25519, SEAL_FORMER_KEYS_MAX, keys.former,
                                 &keys.former_count, &line),
                 -EINVAL);
    cr_expect_eq(line, 5);
    buffer_clear(&text);
    for (int i = 0; i <= SEAL_FORMER_KEYS_MAX; i++)
        buffer_append_format(&text, "%s\n", key);
    cr_assert_eq(note_keys_parse(text.data, text.length, NOTE_ED25519, SEAL_FORMER_KEYS_MAX, keys.former,
                                 &keys.former_count, &line),
                 -ENOBUFS);
}
