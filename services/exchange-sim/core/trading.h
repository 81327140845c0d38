/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an order that the exchange has taken: it meets the book, trades, rests and ends, the client
 * is told of it, and the journal gets it. What comes in and what time brings is decided in exchange.h.
 *
 * Pure but for memory, as exchange.h says. */
#ifndef OXE_EXCHANGE_SIM_TRADING_H
#define OXE_EXCHANGE_SIM_TRADING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "services/exchange-sim/core/liquidity.h"
#include "services/exchange-sim/core/market_data.h"
#include "services/exchange-sim/core/order_request.h"
#include "services/exchange-sim/core/orders.h"
#include "services/exchange-sim/core/sink.h"
#include "services/exchange-sim/core/symbols.h"
#include "services/exchange-sim/journal.h"
#include "services/exchange-sim/records.h"

struct exchange_config {
    int levels; /* as in struct liquidity */
    struct decimal level_quantity;
    int spread_ticks;
    int64_t volatility_bp;
    uint64_t seed;
    size_t orders_expected; /* the order table is made this large at once */
};

/* A report on its way to a session. */
struct exchange_news {
    uint32_t session;
    const struct order *order;           /* NULL: about none that is known */
    const struct order_request *request; /* that it answers; may be NULL when there is an order */
    const char *type;                    /* MsgType */
    char exec_type;                      /* EXEC_…; '\0' when the type is not 8 */
    const struct fix_body *body;
};

/* Points at which somebody else may take a hand in what the exchange does (faults/). NULL: the exchange does
 * what is right. */
struct exchange_hooks {
    void *context;
    /* A sound request has come; `order` is the one that it names, or NULL. False: it is passed over.
     * *ret_reason is set to refuse it for that reason (102 or 103). */
    bool (*on_request)(void *context, const struct order_request *request, const struct order *order,
                       int *ret_reason);
    /* Sends the report with trading_send: as it is, otherwise, later, or never. */
    void (*on_report)(void *context, const struct exchange_news *news, struct instant now);
    /* Books the fill of the order with trading_execute. */
    void (*on_fill)(void *context, struct order *order, const struct book_fill *fill, struct instant now);
    /* A client has cancelled an order, of which `rest` was open. */
    void (*on_cancel)(void *context, const struct order *order, struct decimal rest, struct instant now);
    /* A client asks for the order; the answer has not been made yet. */
    void (*on_query)(void *context, const struct order *order);
    /* Whether a symbol is without synthetic quotes. */
    bool (*without_quotes)(const void *context, size_t symbol);
};

/* What is counted; exchange_sim_metric begins with the same. */
enum exchange_count {
    EXCHANGE_ORDERS,
    EXCHANGE_REJECTED,
    EXCHANGE_EXECUTIONS,
    EXCHANGE_CANCELS,
    EXCHANGE_REPLACES,
    EXCHANGE_STATUS_ANSWERS,
    EXCHANGE_COUNTS,
};

/* What the exchange holds. Others may look at it; trading*.c and exchange*.c change it. */
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

/* The synthetic quotes of a symbol as they are now, and whether a hook has taken them away. */
struct liquidity trading_liquidity(const struct exchange *exchange, size_t symbol);
bool trading_without_quotes(const struct exchange *exchange, size_t symbol);

void trading_record(struct exchange *exchange, enum record_type type, const void *bytes, size_t length);
void trading_record_state(struct exchange *exchange, const struct order *order);

static inline uint64_t trading_next_execution(struct exchange *exchange)
{
    return ++exchange->last_execution;
}
void trading_send(struct exchange *exchange, uint32_t session, const char *type, const struct fix_body *body,
                  enum sink_way way);
/* Sends a report, unless the hook has it otherwise. */
void trading_tell(struct exchange *exchange, const struct exchange_news *news, struct instant now);
/* Tells of an order. `request` (may be NULL): the cancel or replace request that did it, or the one that
 * asks. */
void trading_report(struct exchange *exchange, const struct order *order, char type,
                    const struct order_request *request, const struct book_fill *fill, struct instant now,
                    const char *text);

/* A fill of an order: counted, told and recorded. */
void trading_execute(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                     struct instant now);
/* A fill of an order, as it comes from the book; the hook has its say. */
void trading_fill(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                  struct instant now);

/* Where an order rests: its ladder, and the price that it waits for. */
enum book_ladder trading_ladder_of(const struct order *order, struct decimal *ret_price);
/* An order that has just come, or come anew, goes where it belongs. */
void trading_place(struct exchange *exchange, struct order *order, struct instant now);
/* Lets an order meet the book now: a MARKET or LIMIT order, or a STOP whose trigger has come. Returns the
 * number of fills. */
size_t trading_meet_book(struct exchange *exchange, struct order *order, struct instant now);
void trading_take_out(struct exchange *exchange, struct order *order);
/* Takes an order out of the book and ends it, in that status. */
void trading_end(struct exchange *exchange, struct order *order, char status, struct instant now,
                 const char *text);

#endif
