/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange itself: orders in, reports out, books and price paths in between.
 *
 * Pure but for memory: messages and the time come in as arguments; what is to be sent goes to the sink; what
 * must be remembered goes to the journal as entries that the caller commits before anything that was sent
 * leaves the process. exchange_load takes those entries back. One refused or malformed message never affects
 * another. Running out of memory or of a bound is answered as a refusal.
 *
 * PossResend(97) is read and makes no difference: a ClOrdID that the session has used is refused as a
 * duplicate, one that it has not is a new order. The latter is what FIX 4.4 wants (order state changes,
 * F.1.b); the former departs from it, for there the order's present state is told, with ExecType I. Venues do
 * either, and whoever repeats itself must know what DUPLICATE means. */
#ifndef OXE_EXCHANGE_SIM_EXCHANGE_H
#define OXE_EXCHANGE_SIM_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/exchange-sim/core/trading.h"

enum { EXCHANGE_SETTLE_MAX = 4096 };

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

/* The hooks are copied. */
void exchange_set_hooks(struct exchange *exchange, const struct exchange_hooks *hooks);
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

/* The price must be a positive multiple of the tick, else -EINVAL. exchange_settle draws the consequences. */
int exchange_set_price(struct exchange *exchange, size_t symbol, struct decimal price);

#endif
