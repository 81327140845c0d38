/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/sequence.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 256 };

int sequence_create(struct sequence **ret_sequence)
{
    struct sequence *sequence = calloc(1, sizeof(*sequence));

    if (sequence == NULL)
        return -ENOMEM;
    *ret_sequence = sequence;
    return 0;
}

void sequence_destroy(struct sequence **sequence)
{
    if (*sequence == NULL)
        return;
    free((*sequence)->entries);
    free((*sequence)->hashes);
    free((*sequence)->entry_traders);
    free((*sequence)->traders);
    free((*sequence)->slots);
    free(*sequence);
    *sequence = NULL;
}

static void clear_slots(struct sequence *sequence)
{
    if (sequence->slots != NULL)
        memset(sequence->slots, 0xff, 2 * sequence->capacity * sizeof(*sequence->slots));
}

void sequence_clear(struct sequence *sequence)
{
    sequence->count = 0;
    sequence->trader_count = 0;
    clear_slots(sequence);
}

/* The slot of a trader, or the empty one where it belongs. Half of the slots are always empty. */
static uint32_t *find_slot(const struct sequence *sequence, struct uuid trader_id)
{
    size_t mask = 2 * sequence->capacity - 1;
    size_t at = (size_t)uuid_hash(trader_id) & mask;

    while (sequence->slots[at] != SEQUENCE_NO_TRADER &&
           uuid_compare(sequence->traders[sequence->slots[at]].id, trader_id) != 0)
        at = (at + 1) & mask;
    return &sequence->slots[at];
}

/* Grows one array; on -ENOMEM it is as it was. */
static int grow(void *array, size_t count, size_t size)
{
    void *grown = realloc(*(void **)array, count * size);

    if (grown == NULL)
        return -ENOMEM;
    *(void **)array = grown;
    return 0;
}

static int reserve(struct sequence *sequence, size_t count)
{
    size_t capacity = sequence->capacity > 0 ? sequence->capacity : CAPACITY_FIRST;

    if (count > SEQUENCE_ENTRIES_MAX)
        return -ENOBUFS;
    if (count <= sequence->capacity)
        return 0;
    while (capacity < count)
        capacity *= 2;
    if (grow(&sequence->entries, capacity, sizeof(*sequence->entries)) < 0 ||
        grow(&sequence->hashes, capacity, sizeof(*sequence->hashes)) < 0 ||
        grow(&sequence->entry_traders, capacity, sizeof(*sequence->entry_traders)) < 0 ||
        grow(&sequence->traders, capacity, sizeof(*sequence->traders)) < 0 ||
        grow(&sequence->slots, 2 * capacity, sizeof(*sequence->slots)) < 0)
        return -ENOMEM;
    sequence->capacity = capacity;
    clear_slots(sequence);
    for (uint32_t i = 0; i < sequence->trader_count; i++)
        *find_slot(sequence, sequence->traders[i].id) = i;
    return 0;
}

/* A trader is told of what happens to an order; halts and other changes by operations are not numbered. */
static bool is_traders(const struct event *event)
{
    return event->has_trader_id && event->has_order_id && audit_action_is_of_order(event->action);
}

static uint32_t count_trader(struct sequence *sequence, struct uuid trader_id)
{
    uint32_t *slot = find_slot(sequence, trader_id);

    if (*slot == SEQUENCE_NO_TRADER) {
        *slot = (uint32_t)sequence->trader_count++;
        sequence->traders[*slot] = (struct sequence_trader){.id = trader_id};
    }
    sequence->traders[*slot].added++;
    return *slot;
}

int sequence_add(struct sequence *sequence, const struct event *events, size_t count)
{
    int r = reserve(sequence, sequence->count + count);
    if (r < 0)
        return r;
    for (size_t i = 0; i < count; i++) {
        size_t at = sequence->count++;
        sequence->entries[at] = (struct audit_entry){.event = events[i]};
        sequence->entry_traders[at] =
            is_traders(&events[i]) ? count_trader(sequence, events[i].trader_id) : SEQUENCE_NO_TRADER;
    }
    return 0;
}

int sequence_set_last(struct sequence *sequence, struct uuid trader_id, uint64_t last_seq)
{
    uint32_t index = sequence->capacity > 0 ? *find_slot(sequence, trader_id) : SEQUENCE_NO_TRADER;

    if (index == SEQUENCE_NO_TRADER)
        return -ENOENT;
    if (last_seq < sequence->traders[index].added)
        return -ERANGE;
    sequence->traders[index].last_seq = last_seq;
    return 0;
}

static void number_traders(struct sequence *sequence)
{
    for (size_t i = 0; i < sequence->trader_count; i++)
        sequence->traders[i].given = 0;
    for (size_t i = 0; i < sequence->count; i++) {
        struct audit_entry *entry = &sequence->entries[i];
        uint32_t index = sequence->entry_traders[i];
        entry->has_trader_seq = index != SEQUENCE_NO_TRADER;
        if (!entry->has_trader_seq)
            continue;
        struct sequence_trader *trader = &sequence->traders[index];
        entry->trader_seq = trader->last_seq - trader->added + ++trader->given;
    }
}

int sequence_assign(struct sequence *sequence, struct sequence_state *state, struct instant now)
{
    struct sequence_state next = *state;

    assert(state->tree.size == state->next_log_seq - 1);
    for (size_t i = 0; i < sequence->trader_count; i++)
        if (sequence->traders[i].last_seq == 0)
            return -EINVAL;
    if (now.us > next.last_recorded_at.us)
        next.last_recorded_at = now;
    number_traders(sequence);
    for (size_t i = 0; i < sequence->count; i++) {
        struct audit_entry *entry = &sequence->entries[i];
        entry->log_seq = next.next_log_seq++;
        entry->recorded_at = next.last_recorded_at;
        int r = audit_leaf_hash(entry, sequence->hashes[i]);
        if (r == 0)
            r = merkle_append(&next.tree, sequence->hashes[i]);
        if (r < 0)
            return r;
    }
    *state = next;
    return 0;
}
