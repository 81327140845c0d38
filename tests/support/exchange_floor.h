/* SPDX-License-Identifier: Apache-2.0 */
/* An exchange for unit tests that writes what it sends into a text: one line a message, "session:type" and
 * the fields that matter. MsgType is followed by ~ when the message is of use only now, by ! when it is kept
 * for a resend but not written, by = when it is the last one once more.
 *
 * AAPL stands at 150: bids from 149.99 down, asks from 150.01 up, 1000 at each of two levels. MSFT stands at
 * 410, AAP at 1, DELISTED is not tradable. */
#ifndef OXE_TESTS_SUPPORT_EXCHANGE_FLOOR_H
#define OXE_TESTS_SUPPORT_EXCHANGE_FLOOR_H

#include "services/exchange-sim/core/exchange.h"

extern const struct instant exchange_floor_now;

/* Its journal is still to be loaded: exchange_load_end. */
struct exchange *exchange_floor_create(void);

/* A request of a session; the header, and TransactTime where it is required, are added. */
void exchange_floor_request(struct exchange *exchange, uint32_t session, const char *type, const char *fields,
                            struct instant now);

/* What was sent since the last call; good until the next. */
const char *exchange_floor_answers(void);

#endif
