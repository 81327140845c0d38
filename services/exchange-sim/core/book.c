/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/book.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct node {
    uint64_t order;
    int64_t price;
    int64_t left;
    uint32_t previous, next; /* within the level; next links the free list too */
    enum book_ladder ladder;
};

struct level {
    int64_t price;
    uint32_t head, tail;
    size_t orders;
    __int128 left;
};

/* Levels sorted so that the best is the last one: trading happens at the best, and there the array is cheap
 * to change. */
struct ladder {
    struct level *levels;
    size_t count, capacity;
};

struct book {
    struct node *nodes; /* nodes[0] is unused, for 0 is 'none' */
    uint32_t node_count, node_capacity, free_head;
    struct ladder ladders[BOOK_LADDERS];
};

/* Whether a smaller price is the better one. */
static bool low_first(enum book_ladder ladder)
{
    return ladder == BOOK_ASKS || ladder == BOOK_STOP_BUYS;
}

int book_create(struct book **ret_book)
{
    struct book *book = calloc(1, sizeof(*book));
    if (book == NULL)
        return -ENOMEM;
    book->node_count = 1;
    *ret_book = book;
    return 0;
}

void book_destroy(struct book **book)
{
    if (*book == NULL)
        return;
    for (size_t i = 0; i < BOOK_LADDERS; i++)
        free((*book)->ladders[i].levels);
    free((*book)->nodes);
    free(*book);
    *book = NULL;
}

/* The index of the level with this price, or of the place where it belongs. */
static size_t find_level(const struct ladder *ladder, bool low, int64_t price, bool *ret_found)
{
    size_t low_index = 0, high_index = ladder->count;
    while (low_index < high_index) {
        size_t middle = (low_index + high_index) / 2;
        int64_t at = ladder->levels[middle].price;
        if (at == price) {
            *ret_found = true;
            return middle;
        }
        if (low ? at > price : at < price)
            low_index = middle + 1;
        else
            high_index = middle;
    }
    *ret_found = false;
    return low_index;
}

static int reserve_level(struct ladder *ladder)
{
    if (ladder->count < ladder->capacity)
        return 0;
    size_t capacity = ladder->capacity == 0 ? 64 : ladder->capacity * 2;
    struct level *levels = realloc(ladder->levels, capacity * sizeof(*levels));
    if (levels == NULL)
        return -ENOMEM;
    ladder->levels = levels;
    ladder->capacity = capacity;
    return 0;
}

static int reserve_node(struct book *book)
{
    if (book->free_head != 0)
        return 0;
    if (book->node_count > BOOK_ORDERS_MAX) /* nodes[0] is not one of them */
        return -ENOBUFS;
    if (book->node_count < book->node_capacity)
        return 0;
    uint32_t capacity = book->node_capacity == 0 ? 256 : book->node_capacity * 2;
    struct node *nodes = realloc(book->nodes, capacity * sizeof(*nodes));
    if (nodes == NULL)
        return -ENOMEM;
    book->nodes = nodes;
    book->node_capacity = capacity;
    return 0;
}

int book_add(struct book *book, enum book_ladder which, uint64_t order, struct decimal price,
             struct decimal quantity, uint32_t *ret_handle)
{
    assert(order != 0 && decimal_is_positive(quantity));
    struct ladder *ladder = &book->ladders[which];
    int error = reserve_node(book);
    if (error == 0)
        error = reserve_level(ladder);
    if (error < 0)
        return error;
    bool found = false;
    size_t at = find_level(ladder, low_first(which), price.units, &found);
    if (!found) {
        memmove(ladder->levels + at + 1, ladder->levels + at, (ladder->count - at) * sizeof(*ladder->levels));
        ladder->levels[at] = (struct level){.price = price.units};
        ladder->count++;
    }
    uint32_t handle = book->free_head;
    if (handle != 0)
        book->free_head = book->nodes[handle].next;
    else
        handle = book->node_count++;
    struct level *level = &ladder->levels[at];
    book->nodes[handle] = (struct node){.order = order,
                                        .price = price.units,
                                        .left = quantity.units,
                                        .previous = level->tail,
                                        .ladder = which};
    if (level->tail != 0)
        book->nodes[level->tail].next = handle;
    else
        level->head = handle;
    level->tail = handle;
    level->orders++;
    level->left += quantity.units;
    *ret_handle = handle;
    return 0;
}

static struct level *level_of(struct book *book, const struct node *node, size_t *ret_index)
{
    bool found = false;
    struct ladder *ladder = &book->ladders[node->ladder];
    *ret_index = find_level(ladder, low_first(node->ladder), node->price, &found);
    assert(found);
    return &ladder->levels[*ret_index];
}

void book_remove(struct book *book, uint32_t handle)
{
    assert(handle != 0 && handle < book->node_count && book->nodes[handle].order != 0);
    struct node *node = &book->nodes[handle];
    size_t index = 0;
    struct level *level = level_of(book, node, &index);
    if (node->previous != 0)
        book->nodes[node->previous].next = node->next;
    else
        level->head = node->next;
    if (node->next != 0)
        book->nodes[node->next].previous = node->previous;
    else
        level->tail = node->previous;
    level->orders--;
    level->left -= node->left;
    if (level->orders == 0) {
        struct ladder *ladder = &book->ladders[node->ladder];
        ladder->count--;
        memmove(ladder->levels + index, ladder->levels + index + 1,
                (ladder->count - index) * sizeof(*ladder->levels));
    }
    *node = (struct node){.next = book->free_head};
    book->free_head = handle;
}

void book_reduce(struct book *book, uint32_t handle, struct decimal quantity)
{
    struct node *node = &book->nodes[handle];
    assert(decimal_is_positive(quantity) && quantity.units < node->left);
    size_t index = 0;
    struct level *level = level_of(book, node, &index);
    level->left -= node->left - quantity.units;
    node->left = quantity.units;
}

static bool acceptable(bool buy, struct decimal limit, int64_t price)
{
    return limit.units == 0 || (buy ? price <= limit.units : price >= limit.units);
}

static bool better_or_same(bool buy, int64_t a, int64_t b)
{
    return buy ? a <= b : a >= b;
}

/* The synthetic side of a match: where in the quotes it is, and what is left there. */
struct quotes {
    int level;
    int64_t price, left; /* left 0: there are no more quotes */
};

static void load_quote(struct quotes *quotes, const struct liquidity *liquidity, bool buy)
{
    quotes->price =
        (buy ? liquidity_ask(liquidity, quotes->level) : liquidity_bid(liquidity, quotes->level)).units;
    quotes->left = liquidity_quantity(liquidity, quotes->level).units;
}

size_t book_match(struct book *book, const struct liquidity *liquidity, bool buy, struct decimal limit,
                  struct decimal quantity, struct book_fill fills[static BOOK_FILLS_MAX],
                  struct decimal *ret_left)
{
    struct ladder *ladder = &book->ladders[buy ? BOOK_ASKS : BOOK_BIDS];
    struct quotes quotes = {0};
    load_quote(&quotes, liquidity, buy);
    int64_t left = quantity.units;
    size_t count = 0;
    while (left > 0 && count < BOOK_FILLS_MAX) {
        const struct level *level = ladder->count > 0 ? &ladder->levels[ladder->count - 1] : NULL;
        bool client = level != NULL && (quotes.left == 0 || better_or_same(buy, level->price, quotes.price));
        if (!client && quotes.left == 0)
            break;
        int64_t price = client ? level->price : quotes.price;
        if (!acceptable(buy, limit, price))
            break;
        uint32_t handle = client ? level->head : 0;
        int64_t offered = client ? book->nodes[handle].left : quotes.left;
        int64_t traded = offered < left ? offered : left;
        fills[count++] = (struct book_fill){.order = client ? book->nodes[handle].order : 0,
                                            .quantity = decimal_from_units(traded),
                                            .price = decimal_from_units(price)};
        left -= traded;
        if (!client) {
            quotes.left -= traded;
            if (quotes.left == 0) {
                quotes.level++;
                load_quote(&quotes, liquidity, buy);
            }
        } else if (traded == offered) {
            book_remove(book, handle);
        } else {
            book_reduce(book, handle, decimal_from_units(offered - traded));
        }
    }
    *ret_left = decimal_from_units(left);
    return count;
}

bool book_can_fill(const struct book *book, const struct liquidity *liquidity, bool buy, struct decimal limit,
                   struct decimal quantity)
{
    const struct ladder *ladder = &book->ladders[buy ? BOOK_ASKS : BOOK_BIDS];
    size_t fills = 0, at_level = ladder->count;
    uint32_t handle = at_level > 0 ? ladder->levels[at_level - 1].head : 0;
    struct quotes quotes = {0};
    load_quote(&quotes, liquidity, buy);
    int64_t left = quantity.units;
    while (left > 0 && fills < BOOK_FILLS_MAX) {
        const struct node *node = handle != 0 ? &book->nodes[handle] : NULL;
        bool client = node != NULL && (quotes.left == 0 || better_or_same(buy, node->price, quotes.price));
        if ((!client && quotes.left == 0) || !acceptable(buy, limit, client ? node->price : quotes.price))
            return false;
        int64_t offered = client ? node->left : quotes.left;
        left -= offered < left ? offered : left;
        fills++;
        if (!client) {
            quotes.level++;
            load_quote(&quotes, liquidity, buy);
            continue;
        }
        handle = node->next;
        if (handle == 0 && --at_level > 0)
            handle = ladder->levels[at_level - 1].head;
    }
    return left == 0;
}

size_t book_cross(struct book *book, const struct liquidity *liquidity,
                  struct book_fill fills[static BOOK_FILLS_MAX])
{
    size_t count = 0;
    if (liquidity_quantity(liquidity, 0).units == 0)
        return 0;
    for (int side = 0; side < 2; side++) {
        bool bids = side == 0;
        struct ladder *ladder = &book->ladders[bids ? BOOK_BIDS : BOOK_ASKS];
        int64_t quote = (bids ? liquidity_ask(liquidity, 0) : liquidity_bid(liquidity, 0)).units;
        while (count < BOOK_FILLS_MAX && ladder->count > 0) {
            const struct level *level = &ladder->levels[ladder->count - 1];
            if (bids ? level->price < quote : level->price > quote)
                break;
            const struct node *node = &book->nodes[level->head];
            fills[count++] = (struct book_fill){.order = node->order,
                                                .quantity = decimal_from_units(node->left),
                                                .price = decimal_from_units(node->price)};
            book_remove(book, level->head);
        }
    }
    return count;
}

bool book_would_trigger(bool buy, struct decimal trigger, struct decimal price)
{
    return buy ? price.units >= trigger.units : price.units <= trigger.units;
}

uint64_t book_trigger(struct book *book, struct decimal price)
{
    for (int side = 0; side < 2; side++) {
        bool buy = side == 0;
        struct ladder *ladder = &book->ladders[buy ? BOOK_STOP_BUYS : BOOK_STOP_SELLS];
        if (ladder->count == 0)
            continue;
        const struct level *level = &ladder->levels[ladder->count - 1];
        if (!book_would_trigger(buy, decimal_from_units(level->price), price))
            continue;
        uint64_t order = book->nodes[level->head].order;
        book_remove(book, level->head);
        return order;
    }
    return 0;
}

bool book_level_at(const struct book *book, enum book_ladder which, size_t index,
                   struct book_level *ret_level)
{
    const struct ladder *ladder = &book->ladders[which];
    if (index >= ladder->count)
        return false;
    const struct level *level = &ladder->levels[ladder->count - 1 - index];
    *ret_level = (struct book_level){
        .price = decimal_from_units(level->price),
        .quantity = decimal_from_units(level->left > INT64_MAX ? INT64_MAX : (int64_t)level->left),
        .orders = level->orders,
    };
    return true;
}
