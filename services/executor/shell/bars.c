/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/bars.h"

enum { PRUNE_US = 60 * 1000000 };

enum column { OPEN, HIGH, LOW, CLOSE, COLUMNS };

static struct decimal column_of(const struct price *price, enum column column)
{
    const struct decimal values[COLUMNS] = {
        [OPEN] = price->open, [HIGH] = price->high, [LOW] = price->low, [CLOSE] = price->price};
    return values[column];
}

static void add_day(struct executor *executor)
{
    db_args_text(&executor->args, executor->config->trading_tz);
    db_args_text(&executor->args, executor->config->trading_day_start);
}

/* The prices that have changed; false when none has. */
static bool add_bars(struct executor *executor)
{
    struct db_args *args = &executor->args;
    const struct prices *prices = &executor->prices;
    size_t changed = 0;
    db_args_clear(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < prices->count; i++) {
        if (!prices->items[i].changed)
            continue;
        db_args_text(args, prices->items[i].symbol);
        changed++;
    }
    db_args_array_end(args);
    for (enum column column = OPEN; column < COLUMNS; column++) {
        db_args_array_begin(args);
        for (size_t i = 0; i < prices->count; i++) {
            if (prices->items[i].changed)
                db_args_decimal(args, column_of(&prices->items[i], column));
        }
        db_args_array_end(args);
    }
    add_day(executor);
    return changed > 0;
}

int bars_send(struct executor *executor)
{
    int64_t now_us = clock_monotonic_us();
    int r = 0;
    if (add_bars(executor))
        r = db_send(executor->db, SQL_WRITE_BARS, &executor->args);
    db_args_clear(&executor->args);
    add_day(executor);
    if (r >= 0)
        r = db_send(executor->db, SQL_COUNT_VOLUMES, &executor->args);
    if (r < 0 || now_us < executor->bars_prune_us)
        return r;
    executor->bars_prune_us = now_us + PRUNE_US;
    return db_send(executor->db, SQL_PRUNE_BARS, NULL);
}
