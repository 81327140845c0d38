/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of cancels share. */
#ifndef OXE_TESTS_E2E_CANCEL_SUPPORT_H
#define OXE_TESTS_E2E_CANCEL_SUPPORT_H

#include "tests/support/proof.h"

/* A BUY that rests below the market, and one that is filled at once. */
#define RESTS(symbol, quantity, price)                                                                       \
    "{\"symbol\":\"" symbol "\",\"quantity\":" quantity ",\"order_type\":\"LIMIT\",\"price\":" price         \
    ",\"time_in_force\":\"GTC\"}"
#define FILLS(symbol, quantity)                                                                              \
    "{\"symbol\":\"" symbol "\",\"quantity\":" quantity ",\"order_type\":\"MARKET\"}"

struct reply cancel_ask(const char *token, const char *order_id);
/* Expects 202 and a cancel that is under way. */
void cancel_accepted(const char *token, const char *order_id);
/* After each test: nothing is armed, and the lines that were cut stand again. */
void cancel_clear(void);

#endif
