/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/audit_leaf.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

enum {
    ENCODING_VERSION = 1,
    WORD_MAX = 33,      /* an enum's longest text, with NUL */
    LEAF_PREFIX = 0x00, /* RFC 9162 section 2.1.1: what sets a leaf apart from a node */
};

/* Bounded by AUDIT_LEAF_ENCODING_MAX, because every text of an event is. */
struct writer {
    uint8_t *at;
};

_Static_assert(AUDIT_LEAF_ENCODING_MAX >= 1 + 4 * 9 + 3 * 17 + 4 * (5 + WORD_MAX) + 4 * 9 + 2 * 9 +
                                              (5 + SYMBOL_MAX) + (5 + VENUE_MAX) + (5 + VENUE_EXEC_ID_MAX) +
                                              (5 + REASON_MAX) + (5 + EVENT_MESSAGE_MAX) + (5 + ACTOR_MAX) +
                                              (5 + TRACE_ID_BYTES),
               "an encoding fits its bound");

static void put_bytes(struct writer *writer, const void *bytes, size_t length)
{
    memcpy(writer->at, bytes, length);
    writer->at += length;
}

static void put_big_endian(struct writer *writer, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--)
        *writer->at++ = (uint8_t)(value >> 8 * (i - 1));
}

static bool put_presence(struct writer *writer, bool has)
{
    *writer->at++ = has ? 1 : 0;
    return has;
}

static void put_number(struct writer *writer, bool has, uint64_t value)
{
    if (put_presence(writer, has))
        put_big_endian(writer, value, 8);
}

static void put_uuid(struct writer *writer, bool has, struct uuid id)
{
    if (put_presence(writer, has))
        put_bytes(writer, id.bytes, sizeof(id.bytes));
}

static void put_variable(struct writer *writer, const void *bytes, size_t length)
{
    if (!put_presence(writer, length > 0))
        return;
    put_big_endian(writer, length, 4);
    put_bytes(writer, bytes, length);
}

/* "" is absent: a column is NULL or a text that says something. */
static void put_text(struct writer *writer, const char *text, size_t max)
{
    size_t length = strnlen(text, max);

    assert(length < max);
    put_variable(writer, text, length);
}

static void put_word(struct writer *writer, bool has, const char *word)
{
    put_text(writer, has ? word : "", WORD_MAX);
}

size_t audit_leaf_encode(const struct audit_entry *entry, uint8_t ret_bytes[static AUDIT_LEAF_ENCODING_MAX])
{
    const struct event *event = &entry->event;
    struct writer writer = {ret_bytes};

    put_big_endian(&writer, ENCODING_VERSION, 1);
    put_number(&writer, true, entry->log_seq);
    put_uuid(&writer, true, event->event_id);
    put_uuid(&writer, event->has_order_id, event->order_id);
    put_uuid(&writer, event->has_trader_id, event->trader_id);
    put_number(&writer, entry->has_trader_seq, entry->trader_seq);
    put_word(&writer, true, audit_action_text(event->action));
    put_word(&writer, event->has_status, order_status_text(event->status));
    put_word(&writer, event->has_execution_state, execution_state_text(event->execution_state));
    put_text(&writer, event->symbol, sizeof(event->symbol));
    put_word(&writer, event->has_side, side_text(event->side));
    put_number(&writer, event->has_quantity, (uint64_t)event->quantity.units);
    put_number(&writer, event->has_price, (uint64_t)event->price.units);
    put_number(&writer, event->has_total_filled, (uint64_t)event->total_filled.units);
    put_number(&writer, event->has_average_price, (uint64_t)event->average_price.units);
    put_text(&writer, event->venue, sizeof(event->venue));
    put_text(&writer, event->venue_exec_id, sizeof(event->venue_exec_id));
    put_text(&writer, event->reason, sizeof(event->reason));
    put_text(&writer, event->message, sizeof(event->message));
    put_text(&writer, event->actor, sizeof(event->actor));
    put_variable(&writer, event->trace_id, event->has_trace_id ? sizeof(event->trace_id) : 0);
    put_number(&writer, true, (uint64_t)event->occurred_at.us);
    put_number(&writer, true, (uint64_t)entry->recorded_at.us);
    return (size_t)(writer.at - ret_bytes);
}

int audit_leaf_hash(const struct audit_entry *entry, uint8_t ret_hash[static AUDIT_LEAF_HASH_BYTES])
{
    uint8_t input[1 + AUDIT_LEAF_ENCODING_MAX];

    input[0] = LEAF_PREFIX;
    size_t length = 1 + audit_leaf_encode(entry, input + 1);
    return EVP_Digest(input, length, ret_hash, NULL, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
}
