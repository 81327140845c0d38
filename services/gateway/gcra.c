#include "services/gateway/gcra.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4 };

#define PERIOD_US (GCRA_PERIOD_S * INT64_C(1000000))

struct gcra_verdict gcra_take(int64_t *tat_us, int64_t limit, int64_t now_us)
{
    assert(limit > 0);
    int64_t interval_us = PERIOD_US / limit > 0 ? PERIOD_US / limit : 1;
    int64_t next_us = (*tat_us > now_us ? *tat_us : now_us) + interval_us;
    int64_t burst_us = interval_us * limit;
    struct gcra_verdict verdict = {.passes = next_us - burst_us <= now_us};

    if (verdict.passes)
        *tat_us = next_us;
    else
        verdict.retry_us = next_us - burst_us - now_us;
    int64_t used_us = *tat_us - now_us;
    verdict.full_us = used_us;
    verdict.remaining = used_us < burst_us ? (burst_us - used_us) / interval_us : 0;
    return verdict;
}

struct entry {
    struct uuid id;
    unsigned int kind;
    int64_t tat_us; /* not after now: as good as free */
};

struct gcra_table {
    size_t sets;
    struct entry entries[];
};

int gcra_table_create(size_t sets, struct gcra_table **ret_table)
{
    assert(sets > 0 && (sets & (sets - 1)) == 0);
    struct gcra_table *table = calloc(1, sizeof(*table) + sets * WAYS * sizeof(table->entries[0]));

    if (table == NULL)
        return -ENOMEM;
    table->sets = sets;
    *ret_table = table;
    return 0;
}

void gcra_table_destroy(struct gcra_table **table)
{
    free(*table);
    *table = NULL;
}

static struct entry *group_of(struct gcra_table *table, struct uuid id)
{
    return &table->entries[(uuid_hash(id) & (table->sets - 1)) * WAYS];
}

struct gcra_verdict gcra_table_take(struct gcra_table *table, unsigned int kind, struct uuid id,
                                    int64_t limit, int64_t now_us)
{
    struct entry *group = group_of(table, id), *victim = group;

    for (size_t i = 0; i < WAYS; i++) {
        if (group[i].tat_us != 0 && group[i].kind == kind && uuid_compare(group[i].id, id) == 0)
            return gcra_take(&group[i].tat_us, limit, now_us);
        if (group[i].tat_us < victim->tat_us)
            victim = &group[i];
    }
    *victim = (struct entry){.id = id, .kind = kind};
    return gcra_take(&victim->tat_us, limit, now_us);
}
