/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/live_prices.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/json.h"
#include "proto/order.h"
#include "proto/row.h"

enum {
    READ_US = 500 * 1000,
    QUERY_TIMEOUT_US = 2 * 1000 * 1000,
};

struct live_price {
    char symbol[SYMBOL_MAX];
    struct decimal price;
    struct instant at;
};

/* Of last_prices.sql, and of the frame. */
static const struct schema_field fields[] = {
    ROW_FIELD(struct live_price, symbol, symbol),
    ROW_FIELD(struct live_price, last_price, price),
    ROW_FIELD(struct live_price, last_price_at, at),
};
static const struct schema_record live_price_record = ROW_RECORD(struct live_price, fields);

struct live_prices {
    struct gateway *gateway;
    struct live_price items[LIVE_PRICES_MAX]; /* by symbol */
    size_t count;
    uint64_t generation; /* of which symbol stands where */
    size_t watches;
    bool asking;
    bool fresh;
    int64_t next_us;
    struct buffer text; /* of the frame being made; reused */
};

struct price_watch {
    size_t count;
    uint64_t generation; /* in which the items were looked up */
    struct watched {
        char symbol[SYMBOL_MAX];
        const struct live_price *price; /* NULL: none yet */
        struct instant at;              /* of the price told last */
    } items[LIVE_PRICES_WATCH_MAX];
};

int live_prices_create(struct gateway *gateway, struct live_prices **ret_prices)
{
    struct live_prices *prices = calloc(1, sizeof(*prices));

    if (prices == NULL)
        return -ENOMEM;
    prices->gateway = gateway;
    *ret_prices = prices;
    return 0;
}

void live_prices_destroy(struct live_prices **prices)
{
    if (*prices == NULL)
        return;
    buffer_release(&(*prices)->text);
    free(*prices);
    *prices = NULL;
}

void live_prices_unwatch(struct live_prices *prices, struct price_watch **watch)
{
    if (*watch == NULL)
        return;
    prices->watches--;
    free(*watch);
    *watch = NULL;
}

int live_prices_watch(struct live_prices *prices, const json_t *symbols, struct price_watch **watch)
{
    size_t count = json_array_size(symbols);

    if (!json_is_array(symbols) || count > LIVE_PRICES_WATCH_MAX)
        return -EINVAL;
    struct price_watch *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const json_t *symbol = json_array_get(symbols, i);
        if (!json_is_string(symbol) ||
            !order_is_symbol(json_string_value(symbol), json_string_length(symbol))) {
            free(made);
            return -EINVAL;
        }
        utf8_copy(made->items[i].symbol, SYMBOL_MAX, json_string_value(symbol), json_string_length(symbol));
    }
    made->count = count;
    live_prices_unwatch(prices, watch);
    prices->watches++;
    *watch = made;
    if (count == 0)
        live_prices_unwatch(prices, watch);
    return 0;
}

static void on_prices(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct live_prices *prices = context;
    struct live_price price;
    struct row_reader reader;

    (void)token;
    prices->asking = false;
    if (error < 0)
        return;
    int r = row_reader_open(results[0], &live_price_record, &reader);
    assert(r == 0); /* the statement has what a price needs */
    size_t before = prices->count;
    prices->count = 0;
    for (int row = 0; row < PQntuples(results[0]) && prices->count < LIVE_PRICES_MAX; row++) {
        if (row_read(&reader, row, &price) < 0)
            continue;
        struct live_price *item = &prices->items[prices->count++];
        prices->generation += strcmp(item->symbol, price.symbol) != 0;
        *item = price;
    }
    prices->generation += prices->count != before;
    prices->fresh = true;
}

bool live_prices_tick(struct live_prices *prices, int64_t now_us)
{
    bool fresh = prices->fresh;

    prices->fresh = false;
    if (prices->watches == 0 || prices->asking || now_us < prices->next_us)
        return fresh;
    prices->next_us = now_us + READ_US;
    struct db_job *job = db_job_create();
    if (job == NULL)
        return fresh;
    (void)db_job_step(job, STATEMENT_LAST_PRICES);
    prices->asking =
        db_pool_submit(prices->gateway->traders, &job, now_us + QUERY_TIMEOUT_US, on_prices, prices, 0) == 0;
    return fresh;
}

static int compare_symbol(const void *symbol, const void *price)
{
    return strcmp(symbol, ((const struct live_price *)price)->symbol);
}

static void look_up(const struct live_prices *prices, struct price_watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        watch->items[i].price = bsearch(watch->items[i].symbol, prices->items, prices->count,
                                        sizeof(prices->items[0]), compare_symbol);
    watch->generation = prices->generation;
}

void live_prices_tell(struct live_prices *prices, struct price_watch *watch, struct ws *ws)
{
    struct buffer *text = &prices->text;
    size_t told = 0;

    buffer_clear(text);
    if (watch->generation != prices->generation)
        look_up(prices, watch);
    for (size_t i = 0; i < watch->count; i++) {
        const struct live_price *price = watch->items[i].price;
        if (price == NULL || price->at.us == watch->items[i].at.us)
            continue;
        watch->items[i].at = price->at;
        buffer_append_text(text, told++ == 0 ? "{\"event\":\"prices\",\"prices\":[{" : ",{");
        json_append_members(text, &live_price_record, price);
        buffer_append_char(text, '}');
    }
    if (told == 0)
        return;
    buffer_append_text(text, "]}");
    struct ws_frame *frame = buffer_failed(text) ? NULL : ws_frame_text(text->data, text->length);
    if (frame != NULL)
        (void)ws_send(ws, frame);
    ws_frame_unref(&frame);
}
