/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/row.h"
#include "services/executor/shell/turn_store.h"

/* How long an order waits for a price that was heard on the session that stands. The owner of lane 0 confirms
 * those that stand still every 5 s. */
enum { PRICE_WAIT_US = 10000000 };

static const struct schema_field world_fields[] = {
#define RISK_LIMIT(type, name, kind) ROW_FIELD(struct turn_world, name, account.limits.name),
#include "proto/trader_limits.def"
    ROW_FIELD(struct turn_world, currency, account.currency),
    ROW_FIELD(struct turn_world, cash, account.cash),
    ROW_FIELD(struct turn_world, reserved, account.reserved),
    ROW_FIELD(struct turn_world, open_orders, account.open_orders),
    ROW_FIELD(struct turn_world, quantity, held.quantity),
    ROW_FIELD(struct turn_world, reducing_buy, held.reducing_buy),
    ROW_FIELD(struct turn_world, reducing_sell, held.reducing_sell),
    ROW_OPTIONAL(struct turn_world, loss, account.loss),
    ROW_OPTIONAL(struct turn_world, margin, account.margin),
    ROW_OPTIONAL(struct turn_world, unpriced, account.unpriced),
    ROW_FIELD(struct turn_world, own_margin, own_margin),
    ROW_FIELD(struct turn_world, its_currency, market.currency),
    ROW_FLAGGED(struct turn_world, last_price, market.has_last_price, market.last_price),
    ROW_OPTIONAL(struct turn_world, price_age_us, market.price_age_us),
};
static const struct schema_record world_record = ROW_RECORD(struct turn_world, world_fields);

/* Another lane of the trader has moved its account between two statements of this turn. */
static bool has_moved(const struct turn *turn, const struct turn_order *order, const struct turn_world *world)
{
    if (order == NULL || order->account == TURN_NONE)
        return false;
    const struct ledger_account *money = &turn->accounts[order->account].read;
    const struct ledger_position *held = &turn->positions[order->position].read;
    return decimal_compare(money->cash, world->account.cash) != 0 ||
           decimal_compare(money->reserved, world->account.reserved) != 0 ||
           money->open_orders != world->account.open_orders ||
           decimal_compare(held->quantity, world->held.quantity) != 0 ||
           decimal_compare(held->reducing_buy, world->held.reducing_buy) != 0 ||
           decimal_compare(held->reducing_sell, world->held.reducing_sell) != 0;
}

int turn_anew_store_read(struct executor *executor, const PGresult *result)
{
    struct turn *turn = executor->turn;
    int64_t now_us = clock_monotonic_us();
    struct row_reader reader;
    int r = row_reader_open(result, &world_record, &reader);
    /* Without a row, which cannot be, it waits. */
    for (size_t i = 0; i < turn->anew_count; i++)
        turn->worlds[i] = (struct turn_world){.waits = true};
    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        size_t place = (size_t)db_get_i64(result, row, 0);
        struct turn_world *world = &turn->worlds[place];
        const struct turn_fact *fact = &turn->facts[turn->move_count - turn->anew_count + place];
        const struct turn_order *order = turn_find_order(turn, fact->order_id);
        r = row_read(&reader, row, world);
        world->market.price_age_max_us = executor->config->price_age_max_ms * 1000;
        world->market.market_collar_pct = executor->market_collar_pct;
        int64_t stands_us = order == NULL ? 0 : now_us - executor->lanes[order->record.lane].ready_us;
        world->waits = has_moved(turn, order, world) ||
                       (stands_us < PRICE_WAIT_US && world->market.price_age_us > stands_us);
    }
    return r;
}
