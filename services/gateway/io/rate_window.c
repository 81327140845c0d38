/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/rate_window.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { WAYS = 4, CAPACITY_FIRST = 8 };

#define PERIOD_US (RATE_PERIOD_S * INT64_C(1000000))

void rate_window_release(struct rate_window *window)
{
    free(window->times);
    *window = (struct rate_window){0};
}

static int64_t time_of(const struct rate_window *window, size_t index)
{
    return window->times[(window->first + index) % window->capacity];
}

static void forget_old(struct rate_window *window, int64_t now_us)
{
    while (window->count > 0 && time_of(window, 0) + PERIOD_US <= now_us) {
        window->first = (window->first + 1) % window->capacity;
        window->count--;
    }
}

static bool grow(struct rate_window *window)
{
    size_t capacity = window->capacity == 0 ? CAPACITY_FIRST : window->capacity * 2;
    int64_t *times = malloc(capacity * sizeof(*times));

    if (times == NULL)
        return false;
    for (size_t i = 0; i < window->count; i++)
        times[i] = time_of(window, i);
    free(window->times);
    *window = (struct rate_window){.times = times, .capacity = capacity, .count = window->count};
    return true;
}

struct rate_verdict rate_window_look(struct rate_window *window, int64_t limit, int64_t now_us)
{
    assert(limit > 0);
    forget_old(window, now_us);
    int64_t used = (int64_t)window->count;
    struct rate_verdict verdict = {.passes = used < limit, .remaining = used < limit ? limit - used : 0};

    if (used > 0)
        verdict.full_us = time_of(window, window->count - 1) + PERIOD_US - now_us;
    /* The limit may have been lowered: as many must go as are too many. */
    if (!verdict.passes)
        verdict.retry_us = time_of(window, (size_t)(used - limit)) + PERIOD_US - now_us;
    return verdict;
}

struct rate_verdict rate_window_take(struct rate_window *window, int64_t limit, int64_t now_us)
{
    struct rate_verdict verdict = rate_window_look(window, limit, now_us);

    if (!verdict.passes)
        return verdict;
    if (window->count == window->capacity && !grow(window))
        return (struct rate_verdict){.retry_us = PERIOD_US};
    window->times[(window->first + window->count++) % window->capacity] = now_us;
    verdict.remaining--;
    verdict.full_us = PERIOD_US;
    return verdict;
}

struct entry {
    struct uuid id;
    enum rate_kind kind;
    struct rate_window window; /* empty: as good as free */
};

struct rate_table {
    size_t sets;
    struct entry entries[];
};

int rate_table_create(size_t sets, struct rate_table **ret_table)
{
    assert(sets > 0 && (sets & (sets - 1)) == 0);
    struct rate_table *table = calloc(1, sizeof(*table) + sets * WAYS * sizeof(table->entries[0]));

    if (table == NULL)
        return -ENOMEM;
    table->sets = sets;
    *ret_table = table;
    return 0;
}

void rate_table_destroy(struct rate_table **table)
{
    if (*table == NULL)
        return;
    for (size_t i = 0; i < (*table)->sets * WAYS; i++)
        rate_window_release(&(*table)->entries[i].window);
    free(*table);
    *table = NULL;
}

struct rate_window *rate_table_window(struct rate_table *table, enum rate_kind kind, struct uuid id,
                                      int64_t now_us)
{
    /* Each kind in a group of its own: the four of one caller would fill one, and push others out. */
    size_t set = (uuid_hash(id) + (size_t)kind) & (table->sets - 1);
    struct entry *group = &table->entries[set * WAYS], *victim = group;

    for (size_t i = 0; i < WAYS; i++) {
        if (group[i].kind == kind && uuid_compare(group[i].id, id) == 0)
            return &group[i].window;
        forget_old(&group[i].window, now_us);
        if (group[i].window.count < victim->window.count)
            victim = &group[i];
    }
    rate_window_release(&victim->window);
    *victim = (struct entry){.id = id, .kind = kind};
    return &victim->window;
}
