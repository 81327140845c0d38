/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/sequence.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

enum { NOW_US = 1000 };

static struct uuid id_of(uint32_t number)
{
    struct uuid id = {{0}};

    memcpy(id.bytes, &number, sizeof(number));
    id.bytes[15] = 1;
    return id;
}

static struct event event_of(enum audit_action action, uint32_t trader)
{
    return (struct event){
        .event_id = id_of(7),
        .has_order_id = true,
        .order_id = id_of(8),
        .has_trader_id = true,
        .trader_id = id_of(trader),
        .action = action,
        .actor = "risk-manager",
        .occurred_at = {.us = 5},
    };
}

static struct event halt(void)
{
    struct event event = event_of(AUDIT_ACTION_HALTED, 0);

    event.has_trader_id = false;
    event.has_order_id = false;
    return event;
}

static struct sequence *new_sequence(void)
{
    struct sequence *sequence = NULL;

    cr_assert_eq(sequence_create(&sequence), 0);
    return sequence;
}

/* Tells every trader's last number, as if each stood at `before` until now. */
static void set_lasts(struct sequence *sequence, uint64_t before)
{
    for (size_t i = 0; i < sequence->trader_count; i++)
        cr_assert_eq(
            sequence_set_last(sequence, sequence->traders[i].id, before + sequence->traders[i].added), 0);
}

static struct sequence_state first_state(void)
{
    return (struct sequence_state){.next_log_seq = 1};
}

Test(sequence, log_seq_goes_on_without_a_gap_over_transactions)
{
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();
    uint64_t expected = 1;

    for (int round = 0; round < 3; round++) {
        const struct event events[] = {event_of(AUDIT_ACTION_SUBMITTED, 1), halt(),
                                       event_of(AUDIT_ACTION_APPROVED, 2)};
        sequence_clear(sequence);
        cr_assert_eq(sequence_add(sequence, events, ARRAY_LEN(events)), 0);
        set_lasts(sequence, (uint64_t)round);
        cr_assert_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), 0);
        for (size_t i = 0; i < sequence->count; i++)
            cr_expect_eq(sequence->entries[i].log_seq, expected++);
    }
    cr_expect_eq(state.next_log_seq, 10);
    cr_expect_eq(state.tree.size, 9);
}

Test(sequence, each_trader_is_counted_apart_and_in_order)
{
    static const struct {
        uint32_t trader;
        uint64_t seq;
    } cases[] = {{1, 101}, {2, 101}, {1, 102}, {1, 103}, {3, 101}, {2, 102}};
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct event event = event_of(AUDIT_ACTION_FILLED, cases[i].trader);
        cr_assert_eq(sequence_add(sequence, &event, 1), 0);
    }
    cr_assert_eq(sequence->trader_count, 3);
    cr_expect_eq(sequence->traders[0].added, 3);
    set_lasts(sequence, 100);
    cr_assert_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_expect(sequence->entries[i].has_trader_seq);
        cr_expect_eq(sequence->entries[i].trader_seq, cases[i].seq, "entry %zu has %lu", i,
                     (unsigned long)sequence->entries[i].trader_seq);
    }
}

Test(sequence, what_is_not_about_a_traders_order_has_no_trader_seq)
{
    struct event cases[5] = {halt(), event_of(AUDIT_ACTION_HALTED, 1), event_of(AUDIT_ACTION_RESUMED, 1),
                             event_of(AUDIT_ACTION_RESOLVED, 1), event_of(AUDIT_ACTION_LIMITS_CHANGED, 1)};
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();

    cases[3].has_order_id = false;
    cr_assert_eq(sequence_add(sequence, cases, ARRAY_LEN(cases)), 0);
    cr_expect_eq(sequence->trader_count, 0);
    cr_assert_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_not(sequence->entries[i].has_trader_seq);
}

Test(sequence, recorded_at_never_goes_back)
{
    static const int64_t clocks_us[] = {500, 900, 400, 900, 901};
    static const int64_t recorded_us[] = {500, 900, 900, 900, 901};
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();

    for (size_t i = 0; i < ARRAY_LEN(clocks_us); i++) {
        const struct event event = halt();
        sequence_clear(sequence);
        cr_assert_eq(sequence_add(sequence, &event, 1), 0);
        cr_assert_eq(sequence_assign(sequence, &state, (struct instant){clocks_us[i]}), 0);
        cr_expect_eq(sequence->entries[0].recorded_at.us, recorded_us[i]);
        cr_expect_eq(state.last_recorded_at.us, recorded_us[i]);
    }
}

Test(sequence, hashes_and_tree_are_those_of_the_entries)
{
    const struct event events[] = {event_of(AUDIT_ACTION_SUBMITTED, 1), event_of(AUDIT_ACTION_APPROVED, 1),
                                   halt()};
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();
    struct merkle tree = {0};
    uint8_t hash[AUDIT_LEAF_HASH_BYTES], root[MERKLE_HASH_BYTES], expected_root[MERKLE_HASH_BYTES];

    cr_assert_eq(sequence_add(sequence, events, ARRAY_LEN(events)), 0);
    set_lasts(sequence, 0);
    cr_assert_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), 0);
    for (size_t i = 0; i < sequence->count; i++) {
        cr_assert_eq(audit_leaf_hash(&sequence->entries[i], hash), 0);
        cr_expect_arr_eq(sequence->hashes[i], hash, sizeof(hash));
        cr_assert_eq(merkle_append(&tree, hash), 0);
    }
    cr_assert_eq(merkle_root(&tree, expected_root), 0);
    cr_assert_eq(merkle_root(&state.tree, root), 0);
    cr_expect_arr_eq(root, expected_root, sizeof(root));
}

Test(sequence, a_missing_or_wrong_last_number_is_refused_and_moves_nothing)
{
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    const struct event events[] = {event_of(AUDIT_ACTION_SUBMITTED, 1), event_of(AUDIT_ACTION_APPROVED, 1)};
    struct sequence_state state = first_state();

    cr_expect_eq(sequence_set_last(sequence, id_of(1), 5), -ENOENT);
    cr_assert_eq(sequence_add(sequence, events, ARRAY_LEN(events)), 0);
    cr_expect_eq(sequence_set_last(sequence, id_of(9), 5), -ENOENT);
    cr_expect_eq(sequence_set_last(sequence, id_of(1), 1), -ERANGE);
    cr_expect_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), -EINVAL);
    cr_expect_eq(state.next_log_seq, 1);
    cr_expect_eq(state.tree.size, 0);
    cr_expect_eq(state.last_recorded_at.us, 0);
}

Test(sequence, many_traders_are_told_apart)
{
    enum { TRADERS = 5000, ROUNDS = 3 };
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    struct sequence_state state = first_state();

    for (uint32_t i = 0; i < TRADERS * ROUNDS; i++) {
        const struct event event = event_of(AUDIT_ACTION_FILLED, i % TRADERS);
        cr_assert_eq(sequence_add(sequence, &event, 1), 0);
    }
    cr_assert_eq(sequence->trader_count, TRADERS);
    set_lasts(sequence, 0);
    cr_assert_eq(sequence_assign(sequence, &state, (struct instant){NOW_US}), 0);
    for (uint32_t i = 0; i < TRADERS * ROUNDS; i++)
        cr_assert_eq(sequence->entries[i].trader_seq, i / TRADERS + 1);
}

Test(sequence, more_than_the_bound_is_refused)
{
    CLEANUP(sequence_destroy) struct sequence *sequence = new_sequence();
    const struct event event = halt();

    for (size_t i = 0; i < SEQUENCE_ENTRIES_MAX; i++)
        cr_assert_eq(sequence_add(sequence, &event, 1), 0);
    cr_expect_eq(sequence_add(sequence, &event, 1), -ENOBUFS);
    cr_expect_eq(sequence_add(sequence, &event, 0), 0);
    cr_expect_eq(sequence->count, SEQUENCE_ENTRIES_MAX);
}
