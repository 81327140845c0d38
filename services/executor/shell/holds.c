/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/holds.h"

#include <string.h>

#include "services/executor/shell/statement.h"

enum {
    LOOK_US = 500000,
    PAGE = 1000, /* orders looked at each time; those behind them come the next time */
};

/* Those looked at: what has ended meanwhile is left out. */
struct page {
    size_t count;
    struct uuid ids[PAGE];
    bool stays[PAGE];
};

void holds_keep(struct executor *executor, struct open_order *open)
{
    if (id_queue_push(&executor->lanes[open->lane].held, open->order.order_id) < 0)
        order_table_remove(executor->open, open->order.order_id);
}

static void take_page(struct executor *executor, struct page *page)
{
    page->count = 0;
    for (struct lane *lane = executor->lanes; lane < &executor->lanes[LANES_MAX]; lane++) {
        while (lane->ready && !lane->handing_over && page->count < PAGE &&
               id_queue_pop(&lane->held, &page->ids[page->count]))
            page->count += order_table_find_waiting(executor->open, page->ids[page->count]) != NULL;
    }
    memset(page->stays, 0, sizeof(page->stays));
}

static int read_page(struct executor *executor, struct page *page)
{
    const PGresult *result;
    const struct uuid *id;
    DB_ARGS_COLUMN(&executor->args, id, page->ids, page->count, true, db_args_uuid(&executor->args, *id));
    int r = statement_run(executor, SQL_HELD_ORDERS, &result);
    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        int64_t place = db_get_i64(result, row, 0);
        page->stays[place] = strcmp(db_get_text(result, row, 1), db_get_text(result, row, 2)) == 0;
    }
    return r;
}

int holds_look(struct executor *executor)
{
    struct page page;
    size_t freed = 0;
    if (clock_monotonic_us() < executor->holds_at_us)
        return 0;
    take_page(executor, &page);
    int r = page.count == 0 ? 0 : read_page(executor, &page);
    for (size_t i = 0; r == 0 && i < page.count; i++) {
        const struct open_order *open = order_table_find_waiting(executor->open, page.ids[i]);
        if (open == NULL)
            continue;
        struct lane *lane = &executor->lanes[open->lane];
        if (id_queue_push(page.stays[i] ? &lane->held : &lane->waiting, page.ids[i]) < 0)
            order_table_remove(executor->open, page.ids[i]);
        freed += !page.stays[i];
    }
    /* Where some are free, more of them may be. */
    executor->holds_at_us = freed > 0 ? 0 : clock_monotonic_us() + LOOK_US;
    return r;
}
