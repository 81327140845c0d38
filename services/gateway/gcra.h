/* Rate limits by the generic cell rate algorithm (ITU-T I.371): pure, microseconds come in.
 *
 * A limit of N a minute lets N through at once, and then one each Nth of a minute: whoever has been silent
 * for t may send what comes up in t, never more than N. A table of callers is kept for the time when nobody
 * else keeps one; it is bounded, and under pressure forgets those who are nearest to their full allowance. */
#ifndef OXE_GATEWAY_GCRA_H
#define OXE_GATEWAY_GCRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/uuid.h"

enum { GCRA_PERIOD_S = 60 };

struct gcra_verdict {
    bool passes;
    int64_t remaining; /* how many more would pass now */
    int64_t full_us;   /* until all of the limit is there again */
    int64_t retry_us;  /* of one that does not pass: until one will */
};

/* *tat_us: the theoretical arrival time, 0 to begin; moves on when it passes. limit: 1 and more a minute. */
struct gcra_verdict gcra_take(int64_t *tat_us, int64_t limit, int64_t now_us);

struct gcra_table;

/* sets: a power of two; four callers each. -ENOMEM. */
int gcra_table_create(size_t sets, struct gcra_table **ret_table);
void gcra_table_destroy(struct gcra_table **table);
/* kind: limits of different kinds do not count together. */
struct gcra_verdict gcra_table_take(struct gcra_table *table, unsigned int kind, struct uuid id,
                                    int64_t limit, int64_t now_us);

#endif
