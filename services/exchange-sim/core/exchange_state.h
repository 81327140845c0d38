/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange holds; for exchange*.c only. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_STATE_H
#define OXE_EXCHANGE_SIM_EXCHANGE_STATE_H

#include "services/exchange-sim/core/exchange.h"
#include "services/exchange-sim/core/market_data.h"
#include "services/exchange-sim/core/order_request.h"
#include "services/exchange-sim/core/price_path.h"
#include "services/exchange-sim/faults/held.h"
#include "services/exchange-sim/records.h"

struct symbol {
    struct instrument instrument;
    struct price_path path;
    struct book *book;
    struct decimal published; /* the price that subscribers know */
    bool moved;               /* the price has changed since resting orders were last compared with it */
    bool recorded;            /* the journal knows the path as it is */
};

/* A fill that a cancelled order will get. */
struct late_fill {
    uint64_t order;
    struct decimal quantity, price;
    struct instant due;
};

struct exchange {
    struct exchange_config config;
    struct exchange_sink sink;
    struct journal *journal;
    struct symbol *symbols; /* sorted by symbol */
    size_t symbol_count;
    struct orders *orders;
    struct market_data *market_data;
    struct faults *faults; /* NULL: none */
    struct held *held;
    struct late_fill late_fills[EXCHANGE_LATE_FILLS_MAX];
    size_t late_fill_count;
    struct exchange_counts counts;
    uint64_t last_execution, sealed_execution;
    uint64_t last_priority;
    uint64_t expire_next; /* where exchange_end_day goes on; 0: at the beginning */
    struct book_fill fills[BOOK_FILLS_MAX];
};

/* Parts of exchange.c. */
void exchange_record(struct exchange *exchange, enum record_type type, const void *bytes, size_t length);
void exchange_record_state(struct exchange *exchange, const struct order *order);
void exchange_send(struct exchange *exchange, uint32_t session, const char *type,
                   const struct fix_body *body);
/* Tells what happened to an order. `request` (may be NULL) is the cancel or replace request that did it. */
void exchange_report(struct exchange *exchange, const struct order *order, char type,
                     const struct order_request *request, const struct book_fill *fill, struct instant now,
                     const char *text);
/* A fill of an order, told and recorded; exchange_trade lets faults have a say in how many there are. */
void exchange_trade_once(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                         struct instant now);
void exchange_trade(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                    struct instant now);
/* Lets an order meet the book now: a MARKET or LIMIT order, or a STOP whose trigger has come. Returns the
 * number of fills. */
size_t exchange_meet_book(struct exchange *exchange, struct order *order, struct instant now);
void exchange_take_out(struct exchange *exchange, struct order *order);

/* Where an order rests: its ladder, and the price that it waits for. */
enum book_ladder exchange_place_of(const struct order *order, struct decimal *ret_price);

/* Parts of exchange_faults.c. */
/* What a fault may select by. `order` and `request` may be NULL, not both. */
struct fault_subject exchange_subject(const struct exchange *exchange, uint32_t session,
                                      const struct order *order, const struct order_request *request);
/* Sends a report, unless a fault has it otherwise. */
void exchange_tell(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                   const char *type, const struct fix_body *body, struct instant now);
/* The rest of an order that was just cancelled may be filled after all. */
void exchange_schedule_late_fill(struct exchange *exchange, const struct order *order, struct decimal rest,
                                 struct instant now);
/* Whether a fault has taken the synthetic quotes of a symbol away. */
bool exchange_without_quotes(const struct exchange *exchange, size_t symbol);
/* A query about the order brings out what was withheld. */
void exchange_release_queried(struct exchange *exchange, const struct order *order);

#endif
