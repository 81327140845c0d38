/* SPDX-License-Identifier: Apache-2.0 */
/* The audit entry's encoding is the documented one, and covers every field. */
#include "proto/audit_leaf.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/sample.h"
#include "tests/unit/proto_support.h"

static struct audit_entry sample_entry(void)
{
    struct event event = sample_event();

    return (struct audit_entry){.log_seq = 1000,
                                .has_trader_seq = true,
                                .trader_seq = 42,
                                .event = event,
                                .recorded_at = {event.occurred_at.us + 2500}};
}

/* The text of the `index`th fenced block of docs/audit.md, without its last newline. */
static void documented_block(unsigned int index, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer file = BUFFER_INIT(0);

    support_read_file("docs/audit.md", &file);
    const char *at = file.data;
    for (unsigned int fence = 0; fence < 2 * index; fence++) {
        at = strstr(at, "\n```");
        cr_assert_not_null(at);
        at += 4;
    }
    at = strstr(at, "\n```");
    cr_assert_not_null(at);
    at = strchr(at + 1, '\n') + 1;
    const char *end = strstr(at, "\n```");
    cr_assert_not_null(end);
    buffer_append(out, at, (size_t)(end - at));
}

Test(audit_leaf, encoding_and_hash_are_the_documented_ones)
{
    CLEANUP(buffer_release)
    struct buffer hex = BUFFER_INIT(0), hash_text = BUFFER_INIT(0), bytes = BUFFER_INIT(0),
                  expected_hash = BUFFER_INIT(0);
    struct audit_entry entry = sample_entry();
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX], hash[AUDIT_LEAF_HASH_BYTES];

    documented_block(1, &hex);
    documented_block(2, &hash_text);
    support_append_hex(&bytes, hex.data);
    support_append_hex(&expected_hash, hash_text.data);
    size_t length = audit_leaf_encode(&entry, encoding);
    cr_expect(length == bytes.length && memcmp(encoding, bytes.data, length) == 0);
    cr_assert_eq(audit_leaf_hash(&entry, hash), 0);
    cr_expect(expected_hash.length == sizeof(hash) && memcmp(hash, expected_hash.data, sizeof(hash)) == 0);
}

Test(audit_leaf, hash_is_that_of_a_zero_byte_and_the_encoding)
{
    struct audit_entry entry = sample_entry();
    uint8_t input[1 + AUDIT_LEAF_ENCODING_MAX] = {0}, expected[32], hash[32];
    size_t length = audit_leaf_encode(&entry, input + 1);

    cr_assert_eq(EVP_Digest(input, 1 + length, expected, NULL, EVP_sha256(), NULL), 1);
    cr_assert_eq(audit_leaf_hash(&entry, hash), 0);
    cr_expect_eq(memcmp(hash, expected, sizeof(hash)), 0);
}

/* Each makes another entry; together they touch every field. */
#define CHANGES(X)                                                                                           \
    X(log_seq, entry->log_seq++)                                                                             \
    X(event_id, entry->event.event_id.bytes[15]++)                                                           \
    X(order_id, entry->event.order_id.bytes[0]++)                                                            \
    X(no_order_id, entry->event.has_order_id = false)                                                        \
    X(trader_id, entry->event.trader_id.bytes[0]++)                                                          \
    X(no_trader_id, entry->event.has_trader_id = false)                                                      \
    X(trader_seq, entry->trader_seq++)                                                                       \
    X(no_trader_seq, entry->has_trader_seq = false)                                                          \
    X(action, entry->event.action = AUDIT_ACTION_CANCELLED)                                                  \
    X(status, entry->event.status = ORDER_STATUS_FILLED)                                                     \
    X(no_status, entry->event.has_status = false)                                                            \
    X(execution_state, entry->event.execution_state = EXECUTION_STATE_DONE)                                  \
    X(no_execution_state, entry->event.has_execution_state = false)                                          \
    X(symbol, entry->event.symbol[0]++)                                                                      \
    X(no_symbol, entry->event.symbol[0] = '\0')                                                              \
    X(side, entry->event.side = SIDE_SELL)                                                                   \
    X(no_side, entry->event.has_side = false)                                                                \
    X(quantity, entry->event.quantity.units++)                                                               \
    X(no_quantity, entry->event.has_quantity = false)                                                        \
    X(price, entry->event.price.units++)                                                                     \
    X(no_price, entry->event.has_price = false)                                                              \
    X(total_filled, entry->event.total_filled.units++)                                                       \
    X(no_total_filled, entry->event.has_total_filled = false)                                                \
    X(average_price, entry->event.average_price.units++)                                                     \
    X(no_average_price, entry->event.has_average_price = false)                                              \
    X(venue, entry->event.venue[0]++)                                                                        \
    X(no_venue, entry->event.venue[0] = '\0')                                                                \
    X(venue_exec_id, entry->event.venue_exec_id[0]++)                                                        \
    X(no_venue_exec_id, entry->event.venue_exec_id[0] = '\0')                                                \
    X(reason, entry->event.reason[0]++)                                                                      \
    X(no_reason, entry->event.reason[0] = '\0')                                                              \
    X(message, entry->event.message[0]++)                                                                    \
    X(no_message, entry->event.message[0] = '\0')                                                            \
    X(actor, entry->event.actor[0]++)                                                                        \
    X(trace_id, entry->event.trace_id[15]++)                                                                 \
    X(no_trace_id, entry->event.has_trace_id = false)                                                        \
    X(occurred_at, entry->event.occurred_at.us++)                                                            \
    X(recorded_at, entry->recorded_at.us++)

#define CHANGE_FUNCTION(name, change)                                                                        \
    static void change_##name(struct audit_entry *entry)                                                     \
    {                                                                                                        \
        change;                                                                                              \
    }
CHANGES(CHANGE_FUNCTION)

Test(audit_leaf, every_change_of_any_field_gives_another_hash)
{
#define CHANGE_ROW(name, change) {#name, change_##name},
    static const struct {
        const char *name;
        void (*apply)(struct audit_entry *entry);
    } changes[] = {CHANGES(CHANGE_ROW)};
    uint8_t hashes[ARRAY_LEN(changes) + 1][AUDIT_LEAF_HASH_BYTES];
    struct audit_entry original = sample_entry();

    cr_assert_eq(audit_leaf_hash(&original, hashes[ARRAY_LEN(changes)]), 0);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct audit_entry entry = sample_entry();

        changes[i].apply(&entry);
        cr_assert_eq(audit_leaf_hash(&entry, hashes[i]), 0);
        cr_expect_neq(memcmp(hashes[i], hashes[ARRAY_LEN(changes)], AUDIT_LEAF_HASH_BYTES), 0,
                      "%s is not covered", changes[i].name);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(memcmp(hashes[i], hashes[k], AUDIT_LEAF_HASH_BYTES), 0, "%s and %s",
                          changes[i].name, changes[k].name);
    }
}

Test(audit_leaf, a_text_that_moves_to_the_next_field_is_another_entry)
{
    struct audit_entry first = sample_entry(), second = sample_entry();
    uint8_t a[32], b[32];

    memcpy(first.event.venue, "AB", 3);
    memcpy(first.event.venue_exec_id, "C", 2);
    memcpy(second.event.venue, "A", 2);
    memcpy(second.event.venue_exec_id, "BC", 3);
    cr_assert_eq(audit_leaf_hash(&first, a), 0);
    cr_assert_eq(audit_leaf_hash(&second, b), 0);
    cr_expect_neq(memcmp(a, b, sizeof(a)), 0);
}

Test(audit_leaf, what_is_absent_is_not_hashed_from_rubbish)
{
    struct audit_entry first = {.log_seq = 1, .event = {.action = AUDIT_ACTION_HALTED, .actor = "ops"}},
                       second;
    uint8_t a[32], b[32];

    memset(&second, 0xa5, sizeof(second));
    second.log_seq = 1;
    second.has_trader_seq = false;
    second.recorded_at.us = 0;
    struct event *event = &second.event;
    memset(&event->event_id, 0, sizeof(event->event_id));
    event->has_order_id = event->has_trader_id = event->has_status = event->has_execution_state = false;
    event->has_side = event->has_quantity = event->has_price = event->has_total_filled = false;
    event->has_average_price = event->has_trace_id = false;
    event->symbol[0] = event->venue[0] = event->venue_exec_id[0] = event->reason[0] = event->message[0] =
        '\0';
    memcpy(event->actor, "ops", 4);
    event->action = AUDIT_ACTION_HALTED;
    event->occurred_at.us = 0;
    cr_assert_eq(audit_leaf_hash(&first, a), 0);
    cr_assert_eq(audit_leaf_hash(&second, b), 0);
    cr_expect_eq(memcmp(a, b, sizeof(a)), 0);
}

Test(audit_leaf, the_longest_entry_fits)
{
    struct audit_entry entry = sample_entry();
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX];

    entry.event.action = AUDIT_ACTION_CANCEL_REQUESTED;
    memset(entry.event.symbol, 'x', SYMBOL_MAX - 1);
    memset(entry.event.venue, 'x', VENUE_MAX - 1);
    memset(entry.event.venue_exec_id, 'x', VENUE_EXEC_ID_MAX - 1);
    memset(entry.event.reason, 'x', REASON_MAX - 1);
    memset(entry.event.message, 'x', EVENT_MESSAGE_MAX - 1);
    memset(entry.event.actor, 'x', ACTOR_MAX - 1);
    cr_expect_leq(audit_leaf_encode(&entry, encoding), sizeof(encoding));
}

Test(audit_leaf, every_action_can_be_encoded)
{
    struct audit_entry entry = sample_entry();
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX], word[64];
    int found = 0;

    for (int action = 1; action < 64; action++) {
        const char *text = audit_action_text((enum audit_action)action);
        size_t length = strlen(text);
        if (length == 0)
            continue;
        entry.event.action = (enum audit_action)action;
        word[0] = (uint8_t)length;
        memcpy(word + 1, text, length);
        size_t whole = audit_leaf_encode(&entry, encoding);
        cr_expect_not_null(memmem(encoding, whole, word, length + 1), "%s", text);
        found++;
    }
    cr_expect_gt(found, 15);
}
