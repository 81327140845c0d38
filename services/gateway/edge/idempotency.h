/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys and the fingerprint of an order: pure.
 *
 * The key in force is the client's, or derived as {trader_id}:{symbol}:{quantity}:{price}:{timestamp}:v1 with
 * canonical numbers, "-" for no price, and the gateway's time of receipt (RFC 3339, microseconds, Z). The
 * fingerprint tells whether two requests with one key are the same order. */
#ifndef OXE_GATEWAY_IDEMPOTENCY_H
#define OXE_GATEWAY_IDEMPOTENCY_H

#include "proto/proto.h"

enum { IDEMPOTENCY_FINGERPRINT_BYTES = 32 };

/* Whether it is 1 to 128 visible ASCII characters. */
bool idempotency_key_is_valid(const char *key, size_t length);

/* One gateway never gives one timestamp twice, also when the clock steps back: zero it to begin. */
struct idempotency_clock {
    int64_t last_us;
};
struct instant idempotency_stamp(struct idempotency_clock *clock, struct instant now);

/* Reads trader_id, symbol, quantity, price and received_at of the order. Always fits (124 characters). */
void idempotency_derive_key(const struct order_request *order, char ret_key[static IDEMPOTENT_KEY_MAX]);

/* SHA-256 over the canonical text of what the trader ordered: the eight members, defaults applied. */
void idempotency_fingerprint(const struct order_request *order,
                             uint8_t ret_fingerprint[static IDEMPOTENCY_FINGERPRINT_BYTES]);

#endif
