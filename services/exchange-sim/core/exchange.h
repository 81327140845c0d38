/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange itself: orders in, reports out, books and price paths in between.
 *
 * Pure but for memory: messages and the time come in as arguments; what is to be sent goes to the sink; what
 * must be remembered goes to the journal as entries that the caller commits before anything that was sent
 * leaves the process. exchange_load takes those entries back. One refused or malformed message never affects
 * another. Running out of memory or of a bound is answered as a refusal. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_H
#define OXE_EXCHANGE_SIM_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "services/exchange-sim/core/liquidity.h"
#include "services/exchange-sim/core/order_request.h"
#include "services/exchange-sim/core/orders.h"
#include "services/exchange-sim/core/sink.h"
#include "services/exchange-sim/core/symbols.h"
#include "services/exchange-sim/fix/fix.h"
#include "services/exchange-sim/journal.h"

enum { EXCHANGE_SETTLE_MAX = 4096 };

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
    /* Sends the report with exchange_send: as it is, otherwise, later, or never. */
    void (*on_report)(void *context, const struct exchange_news *news, struct instant now);
    /* Books the fill of the order with exchange_trade. */
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

struct exchange;

/* instruments and sink are copied. */
int exchange_create(const struct exchange_config *config, const struct instrument *instruments,
                    size_t instrument_count, const struct sink *sink, struct exchange **ret_exchange);
void exchange_destroy(struct exchange **exchange);

/* Loading: every entry of the journal that is not a session's, in order; then exchange_load_end, with the
 * journal for what is to come (borrowed; NULL: nothing is remembered).
 * -EBADMSG: the entry contradicts what is known. -ENOENT: an order's symbol is no longer listed. */
int exchange_load(struct exchange *exchange, const struct journal_entry *entry);
int exchange_load_end(struct exchange *exchange, struct journal *journal);

/* An application message of a session, sound as far as fix_parse can tell. */
void exchange_receive(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                      struct instant now);
/* The session is logged off: its subscriptions end. */
void exchange_forget_session(struct exchange *exchange, uint32_t session);

/* For the hooks, which are copied. */
void exchange_set_hooks(struct exchange *exchange, const struct exchange_hooks *hooks);
void exchange_send(struct exchange *exchange, uint32_t session, const char *type, const struct fix_body *body,
                   enum sink_way way);
/* A fill of an order: counted, told and recorded. */
void exchange_trade(struct exchange *exchange, struct order *order, const struct book_fill *fill,
                    struct instant now);
uint64_t exchange_next_execution(struct exchange *exchange);
/* Quotes may have come back: what waits for them meets them with the next exchange_settle. */
void exchange_quotes_changed(struct exchange *exchange);

/* One step of every price path. */
void exchange_step(struct exchange *exchange);
/* What follows from prices that have moved: stops trigger, resting orders that were reached are filled; about
 * EXCHANGE_SETTLE_MAX fills a call. False when more is to be done: call it again after a commit. */
bool exchange_settle(struct exchange *exchange, struct instant now);
/* Tells subscribers which prices have changed since the last call. */
void exchange_publish(struct exchange *exchange, struct instant now);
/* Puts what is only gathered (the last ExecID, and with `prices` the price paths) into the journal; call
 * before each commit. */
void exchange_seal(struct exchange *exchange, bool prices);

/* The end of a trading day: DAY orders that came before `end` expire, at most `max` a call. False when there
 * may be more. */
bool exchange_end_day(struct exchange *exchange, struct instant end, struct instant now, size_t max);
/* Cancels an order that nobody asked to cancel, as exchanges may. false: no open order goes by that ClOrdID.
 */
bool exchange_take_away(struct exchange *exchange, const char *cl_ord_id, struct instant now);

/* For whoever looks at it. */
const struct symbols *exchange_symbols(const struct exchange *exchange);
struct liquidity exchange_liquidity(const struct exchange *exchange, size_t symbol);
struct orders *exchange_orders(struct exchange *exchange);
uint64_t exchange_count(const struct exchange *exchange, enum exchange_count count);
/* The price must be a positive multiple of the tick, else -EINVAL. exchange_settle draws the consequences. */
int exchange_set_price(struct exchange *exchange, size_t symbol, struct decimal price);

#endif
