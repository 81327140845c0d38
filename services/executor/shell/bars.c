/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/bars.h"

#include "services/executor/shell/statement.h"

enum { PRUNE_US = 60 * 1000000, CONFIRM_US = 5 * 1000000 };

static const struct schema_field price_fields[] = {
    ROW_FIELD(struct price, symbol, symbol),
    ROW_FIELD(struct price, price, price),
};
static const struct schema_record price_record = ROW_RECORD(struct price, price_fields);

static const struct schema_field bar_fields[] = {
    ROW_FIELD(struct price, symbol, symbol), ROW_FIELD(struct price, open, open),
    ROW_FIELD(struct price, high, high),     ROW_FIELD(struct price, low, low),
    ROW_FIELD(struct price, close, price),
};
static const struct schema_record bar_record = ROW_RECORD(struct price, bar_fields);

static bool is_changed(const void *item)
{
    const struct price *price = item;
    return price->changed;
}

static bool stands(const void *item)
{
    const struct price *price = item;
    return price->changed || price->current;
}

/* Sends a statement about prices that `includes` accepts, when there are any; record NULL: it names none. */
static void send(struct executor *executor, enum statement statement, const struct schema_record *record,
                 bool (*includes)(const void *item))
{
    const struct prices *prices = &executor->prices;
    if (record != NULL && statement_add_rows(executor, record, prices->items, sizeof(prices->items[0]),
                                             prices->count, includes) == 0)
        return;
    db_args_text(&executor->args, executor->config->trading_tz);
    db_args_text(&executor->args, executor->config->trading_day_start);
    (void)statement_send(executor, statement);
}

void bars_send(struct executor *executor)
{
    int64_t now_us = clock_monotonic_us();
    if (!executor->lanes[0].owned)
        prices_session_ended(&executor->prices);
    executor->prices_confirmed = executor->lanes[0].ready && now_us >= executor->prices_confirm_us;
    send(executor, SQL_WRITE_PRICES, &price_record, executor->prices_confirmed ? stands : is_changed);
    if (!executor->lanes[0].owned)
        return;
    send(executor, SQL_WRITE_BARS, &bar_record, is_changed);
    send(executor, SQL_COUNT_VOLUMES, NULL, NULL);
    if (now_us < executor->bars_prune_us)
        return;
    executor->bars_prune_us = now_us + PRUNE_US;
    (void)statement_send(executor, SQL_PRUNE_BARS);
}

void bars_written(struct executor *executor)
{
    prices_written(&executor->prices);
    if (executor->prices_confirmed)
        executor->prices_confirm_us = clock_monotonic_us() + CONFIRM_US;
}
