/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/idempotency.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>

/* Eight lines of "name=value\n", each value at most 24 bytes. */
enum { CANONICAL_MAX = 512 };

bool idempotency_key_is_valid(const char *key, size_t length)
{
    if (length == 0 || length >= IDEMPOTENT_KEY_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (key[i] < 0x21 || key[i] > 0x7e)
            return false;
    }
    return true;
}

struct instant idempotency_stamp(struct idempotency_clock *clock, struct instant now)
{
    clock->last_us = now.us > clock->last_us ? now.us : clock->last_us + 1;
    return (struct instant){clock->last_us};
}

static const char *optional_decimal(bool has, struct decimal value, char buffer[static DECIMAL_TEXT_MAX])
{
    if (!has)
        return "-";
    decimal_format(value, buffer);
    return buffer;
}

void idempotency_derive_key(const struct order_request *order, char ret_key[static IDEMPOTENT_KEY_MAX])
{
    char trader[UUID_TEXT_MAX], quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], time[INSTANT_TEXT_MAX];

    uuid_format(order->trader_id, trader);
    decimal_format(order->quantity, quantity);
    instant_format(order->received_at, time);
    int length = snprintf(ret_key, IDEMPOTENT_KEY_MAX, "%s:%s:%s:%s:%s:v1", trader, order->symbol, quantity,
                          optional_decimal(order->has_price, order->price, price), time);
    assert(length > 0 && length < IDEMPOTENT_KEY_MAX);
}

void idempotency_fingerprint(const struct order_request *order,
                             uint8_t ret_fingerprint[static IDEMPOTENCY_FINGERPRINT_BYTES])
{
    char text[CANONICAL_MAX], quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    char stop_loss[DECIMAL_TEXT_MAX], take_profit[DECIMAL_TEXT_MAX];
    unsigned int digest_length = 0;

    decimal_format(order->quantity, quantity);
    int length = snprintf(text, sizeof(text),
                          "symbol=%s\nside=%s\nquantity=%s\norder_type=%s\ntime_in_force=%s\nprice=%s\n"
                          "stop_loss=%s\ntake_profit=%s\n",
                          order->symbol, side_text(order->side), quantity, order_type_text(order->order_type),
                          time_in_force_text(order->time_in_force),
                          optional_decimal(order->has_price, order->price, price),
                          optional_decimal(order->has_stop_loss, order->stop_loss, stop_loss),
                          optional_decimal(order->has_take_profit, order->take_profit, take_profit));
    assert(length > 0 && (size_t)length < sizeof(text));
    int hashed = EVP_Digest(text, (size_t)length, ret_fingerprint, &digest_length, EVP_sha256(), NULL);
    assert(hashed == 1 && digest_length == IDEMPOTENCY_FINGERPRINT_BYTES);
}
