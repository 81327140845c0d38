/* SPDX-License-Identifier: Apache-2.0 */
/* Last prices for subscribers: MarketDataRequest(V) in, W, X and MarketDataRequestReject(Y) out.
 *
 * Pure. A subscription is a session, an MDReqID and a set of symbols; it ends with an unsubscribe or with the
 * session. Only trade prices (MDEntryType 2) at the top of the book are offered. Bounds:
 * MARKET_DATA_SUBSCRIPTIONS_MAX in all, more are rejected. Each W and X carries one symbol. */
#ifndef OXE_EXCHANGE_SIM_MARKET_DATA_H
#define OXE_EXCHANGE_SIM_MARKET_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "services/exchange-sim/core/sink.h"
#include "services/exchange-sim/core/symbols.h"

enum {
    MARKET_DATA_SUBSCRIPTIONS_MAX = 1024,
    MARKET_DATA_ID_MAX = 65, /* with NUL */
};

struct market_data;

/* symbols and sink are borrowed. */
int market_data_create(const struct symbols *symbols, const struct sink *sink,
                       struct market_data **ret_market_data);
void market_data_destroy(struct market_data **market_data);

/* Answers one MarketDataRequest, unless it is not VALID. */
struct fix_fault market_data_request(struct market_data *market_data, uint32_t session,
                                     const struct fix_message *message, struct instant now);
/* The price of `symbol` is a new one: X to whoever subscribed to it. */
void market_data_update(const struct market_data *market_data, size_t symbol, struct instant now);
void market_data_forget_session(struct market_data *market_data, uint32_t session);

#endif
