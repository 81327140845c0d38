/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange holds; for exchange*.c only. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_STATE_H
#define OXE_EXCHANGE_SIM_EXCHANGE_STATE_H

#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/core/market_data.h"
#include "services/exchange-sim/records.h"

struct exchange {
    struct exchange_config config;
    struct sink sink;
    struct exchange_hooks hooks;
    struct journal *journal;
    struct symbols symbols;
    struct orders *orders;
    struct market_data *market_data;
    uint64_t counts[EXCHANGE_COUNTS];
    uint64_t last_execution, sealed_execution;
    uint64_t last_priority;
    uint64_t expire_next; /* where exchange_end_day goes on; 0: at the beginning */
    struct book_fill fills[BOOK_FILLS_MAX];
};

/* Parts of exchange.c. */
void exchange_record(struct exchange *exchange, enum record_type type, const void *bytes, size_t length);
void exchange_record_state(struct exchange *exchange, const struct order *order);
/* Tells of an order. `request` (may be NULL): the cancel or replace request that did it, or the one that
 * asks. */
void exchange_report(struct exchange *exchange, const struct order *order, char type,
                     const struct order_request *request, const struct book_fill *fill, struct instant now,
                     const char *text);
/* A fill of an order, as it comes from the book; the hook has its say. */
void exchange_fill(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                   struct instant now);
/* Lets an order meet the book now: a MARKET or LIMIT order, or a STOP whose trigger has come. Returns the
 * number of fills. */
size_t exchange_meet_book(struct exchange *exchange, struct order *order, struct instant now);
void exchange_take_out(struct exchange *exchange, struct order *order);
/* Takes an order out of the book and ends it, in that status. */
void exchange_end_order(struct exchange *exchange, struct order *order, char status, struct instant now,
                        const char *text);

/* Where an order rests: its ladder, and the price that it waits for. */
enum book_ladder exchange_place_of(const struct order *order, struct decimal *ret_price);

/* Whether a hook has taken the synthetic quotes of a symbol away. */
bool exchange_without_quotes(const struct exchange *exchange, size_t symbol);

#endif
