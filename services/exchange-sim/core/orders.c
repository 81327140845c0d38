/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/orders.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"

enum { CHUNK = 8192 };

struct id {
    uint32_t order;
    uint32_t session;
    char text[CL_ORD_ID_MAX];
};

struct slot {
    uint32_t hash;
    uint32_t id; /* 0: free */
};

/* Orders and ids live in chunks that never move. Index 0 of both is unused. */
struct orders {
    struct order **order_chunks;
    struct id **id_chunks;
    size_t order_chunk_count, id_chunk_count;
    uint64_t order_count, id_count;
    struct slot *slots;
    size_t slot_count; /* a power of two, at most two thirds used */
};

int orders_create(size_t expected, struct orders **ret_orders)
{
    struct orders *orders = calloc(1, sizeof(*orders));
    if (orders == NULL)
        return -ENOMEM;
    orders->slot_count = 1024;
    while (orders->slot_count < expected * 2)
        orders->slot_count *= 2;
    orders->slots = calloc(orders->slot_count, sizeof(*orders->slots));
    if (orders->slots == NULL) {
        orders_destroy(&orders);
        return -ENOMEM;
    }
    *ret_orders = orders;
    return 0;
}

void orders_destroy(struct orders **orders)
{
    if (*orders == NULL)
        return;
    for (size_t i = 0; i < (*orders)->order_chunk_count; i++)
        free((*orders)->order_chunks[i]);
    for (size_t i = 0; i < (*orders)->id_chunk_count; i++)
        free((*orders)->id_chunks[i]);
    free((*orders)->order_chunks);
    free((*orders)->id_chunks);
    free((*orders)->slots);
    free(*orders);
    *orders = NULL;
}

static uint32_t hash_of(uint32_t session, struct fix_text text)
{
    uint64_t hash = hash_bytes(HASH_START ^ session, text.text, text.length);
    return (uint32_t)(hash ^ hash >> 32);
}

static struct id *id_at(const struct orders *orders, uint64_t id)
{
    return &orders->id_chunks[id / CHUNK][id % CHUNK];
}

/* Makes sure that item number `index` of a chunked array is there. */
static int reserve_item(void ***chunks, size_t *chunk_count, uint64_t index, size_t item_size)
{
    if (index / CHUNK < *chunk_count)
        return 0;
    void **grown = realloc(*chunks, (*chunk_count + 1) * sizeof(*grown));
    if (grown == NULL)
        return -ENOMEM;
    *chunks = grown;
    void *chunk = calloc(CHUNK, item_size);
    if (chunk == NULL)
        return -ENOMEM;
    (*chunks)[(*chunk_count)++] = chunk;
    return 0;
}

static void insert_slot(struct slot *slots, size_t slot_count, struct slot slot)
{
    size_t at = slot.hash & (slot_count - 1);
    while (slots[at].id != 0)
        at = (at + 1) & (slot_count - 1);
    slots[at] = slot;
}

static int reserve_slot(struct orders *orders)
{
    if ((orders->id_count + 1) * 3 <= orders->slot_count * 2)
        return 0;
    size_t slot_count = orders->slot_count * 2;
    struct slot *slots = calloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < orders->slot_count; i++)
        if (orders->slots[i].id != 0)
            insert_slot(slots, slot_count, orders->slots[i]);
    free(orders->slots);
    orders->slots = slots;
    orders->slot_count = slot_count;
    return 0;
}

static int add_id(struct orders *orders, uint64_t order, uint32_t session, struct fix_text text,
                  uint32_t *ret_id)
{
    assert(text.length > 0 && text.length < CL_ORD_ID_MAX);
    if (orders->id_count == ORDERS_MAX)
        return -ENOBUFS;
    uint64_t id = orders->id_count + 1;
    int error = reserve_item((void ***)&orders->id_chunks, &orders->id_chunk_count, id, sizeof(struct id));
    if (error == 0)
        error = reserve_slot(orders);
    if (error < 0)
        return error;
    struct id *entry = id_at(orders, id);
    entry->order = (uint32_t)order;
    entry->session = session;
    memcpy(entry->text, text.text, text.length);
    entry->text[text.length] = '\0';
    insert_slot(orders->slots, orders->slot_count,
                (struct slot){.hash = hash_of(session, text), .id = (uint32_t)id});
    orders->id_count = id;
    *ret_id = (uint32_t)id;
    return 0;
}

int orders_add(struct orders *orders, uint32_t session, struct fix_text cl_ord_id, struct order **ret_order)
{
    assert(orders_find(orders, session, cl_ord_id) == NULL);
    if (orders->order_count == ORDERS_MAX)
        return -ENOBUFS;
    uint64_t number = orders->order_count + 1;
    int error = reserve_item((void ***)&orders->order_chunks, &orders->order_chunk_count, number,
                             sizeof(struct order));
    uint32_t id = 0;
    if (error == 0)
        error = add_id(orders, number, session, cl_ord_id, &id);
    if (error < 0)
        return error;
    struct order *order = &orders->order_chunks[number / CHUNK][number % CHUNK];
    *order = (struct order){.number = number, .session = session, .first_id = id, .current_id = id};
    orders->order_count = number;
    *ret_order = order;
    return 0;
}

int orders_add_id(struct orders *orders, struct order *order, struct fix_text cl_ord_id, bool replaces)
{
    uint32_t id = 0;
    int error = add_id(orders, order->number, order->session, cl_ord_id, &id);
    if (error == 0 && replaces)
        order->current_id = id;
    return error;
}

struct order *orders_get(struct orders *orders, uint64_t number)
{
    if (number == 0 || number > orders->order_count)
        return NULL;
    return &orders->order_chunks[number / CHUNK][number % CHUNK];
}

struct order *orders_find(struct orders *orders, uint32_t session, struct fix_text cl_ord_id)
{
    uint32_t hash = hash_of(session, cl_ord_id);
    for (size_t at = hash & (orders->slot_count - 1); orders->slots[at].id != 0;
         at = (at + 1) & (orders->slot_count - 1)) {
        if (orders->slots[at].hash != hash)
            continue;
        const struct id *id = id_at(orders, orders->slots[at].id);
        if (id->session == session && fix_text_equals(cl_ord_id, id->text))
            return orders_get(orders, id->order);
    }
    return NULL;
}

const char *orders_id(const struct orders *orders, uint32_t id)
{
    assert(id != 0 && id <= orders->id_count);
    return id_at(orders, id)->text;
}

uint64_t orders_count(const struct orders *orders)
{
    return orders->order_count;
}

struct decimal order_average_price(const struct order *order)
{
    if (order->cum_quantity.units == 0)
        return decimal_zero();
    int64_t cum = order->cum_quantity.units;
    __int128 quotient = order->notional / cum, twice = 2 * (order->notional % cum);
    if (twice > cum || (twice == cum && (quotient & 1) != 0))
        quotient++;
    return decimal_from_units((int64_t)quotient);
}

void order_fill(struct order *order, struct decimal quantity, struct decimal price)
{
    order->cum_quantity.units += quantity.units;
    order->notional += (__int128)quantity.units * price.units;
    if (order_open(order))
        order->status = order->cum_quantity.units >= order->quantity.units ? STATUS_FILLED : STATUS_PARTIAL;
}
