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
#include "services/exchange-sim/core/book.h"
#include "services/exchange-sim/core/instruments.h"
#include "services/exchange-sim/core/orders.h"
#include "services/exchange-sim/faults/fault.h"
#include "services/exchange-sim/fix/fix.h"
#include "services/exchange-sim/journal.h"

enum { EXCHANGE_SETTLE_MAX = 4096, EXCHANGE_LATE_FILLS_MAX = 1024 };

struct exchange_config {
    int levels; /* as in struct liquidity */
    struct decimal level_quantity;
    int spread_ticks;
    int64_t volatility_bp;
    uint64_t seed;
    size_t orders_expected; /* the order table is made this large at once */
};

/* Takes a message for a session. `keep`: it has a number for ever and is resent; otherwise it is of use only
 * now. */
struct exchange_sink {
    void *context;
    void (*send)(void *context, uint32_t session, const char *type, const struct fix_body *body, bool keep);
    /* The rest is for faults, and NULL where there are none. A session's CompID: */
    const char *(*client)(void *context, uint32_t session);
    /* As send with `keep`, but it is not written: only a resend brings it. */
    void (*keep)(void *context, uint32_t session, const char *type, const struct fix_body *body);
    /* Once more what was just sent, with its number and PossDupFlag. */
    void (*repeat)(void *context, uint32_t session, const char *type, const struct fix_body *body);
};

struct exchange_counts {
    uint64_t orders, rejected, executions, cancels, replaces, status_answers;
};

struct exchange;

/* instruments and sink are copied. */
int exchange_create(const struct exchange_config *config, const struct instrument *instruments,
                    size_t instrument_count, const struct exchange_sink *sink,
                    struct exchange **ret_exchange);
void exchange_destroy(struct exchange **exchange);

/* Loading: every entry of the journal that is not a session's, in order; then exchange_load_end, with the
 * journal for what is to come (borrowed; NULL: nothing is remembered).
 * -EBADMSG: the entry contradicts what is known. -ENOENT: an order's symbol is not listed any more. */
int exchange_load(struct exchange *exchange, const struct journal_entry *entry);
int exchange_load_end(struct exchange *exchange, struct journal *journal);

/* An application message of a session, sound as far as fix_parse can tell. */
void exchange_receive(struct exchange *exchange, uint32_t session, const struct fix_message *message,
                      struct instant now);
/* The session is logged off: its subscriptions end. */
void exchange_forget_session(struct exchange *exchange, uint32_t session);

/* Misbehaves as `faults` says; borrowed. The sink has all its functions then. */
void exchange_set_faults(struct exchange *exchange, struct faults *faults);
/* What a fault put off until now; and when there is more to do, INT64_MAX: not for a reason of time. */
void exchange_run_due(struct exchange *exchange, struct instant now);
struct instant exchange_due(const struct exchange *exchange);
/* Lets go what a fault that is about to be cleared holds back; returns how many reports. */
size_t exchange_release_fault(struct exchange *exchange, uint32_t fault);
/* Tells a session of a fill of an order that nobody sent. */
void exchange_stray(struct exchange *exchange, uint32_t session, const struct fault *fault,
                    struct instant now);

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

/* For the control port. Symbols are indexes below exchange_symbol_count; -1: unknown. */
size_t exchange_symbol_count(const struct exchange *exchange);
int exchange_symbol(const struct exchange *exchange, struct fix_text symbol);
const struct instrument *exchange_instrument(const struct exchange *exchange, size_t symbol);
struct decimal exchange_price(const struct exchange *exchange, size_t symbol);
/* The price must be a positive multiple of the tick, else -EINVAL. exchange_settle draws the consequences. */
int exchange_set_price(struct exchange *exchange, size_t symbol, struct decimal price);
const struct book *exchange_book(const struct exchange *exchange, size_t symbol);
struct liquidity exchange_liquidity(const struct exchange *exchange, size_t symbol);
struct orders *exchange_orders(struct exchange *exchange);
const struct exchange_counts *exchange_counts(const struct exchange *exchange);

#endif
