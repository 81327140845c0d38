/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/bodies.h"

#include "common/cleanup.h"

enum { REASON_CHARACTERS_MAX = 500 };

static const struct json_member order_members[] = {
    {"symbol", JSON_SYMBOL, .required = true},
    {"side", JSON_WORD, .words = "BUY or SELL"},
    {"quantity", JSON_DECIMAL, .required = true},
    {"order_type", JSON_WORD, .required = true, .words = "MARKET, LIMIT or STOP"},
    {"time_in_force", JSON_WORD, .words = "DAY, GTC, IOC or FOK"},
    {"price", JSON_DECIMAL, .nullable = true},
    {"stop_loss", JSON_DECIMAL, .nullable = true},
    {"take_profit", JSON_DECIMAL, .nullable = true},
};

static void begin_order(void *message)
{
    struct order_request *order = message;

    order->side = SIDE_BUY;
    order->time_in_force = TIME_IN_FORCE_DAY;
}

const struct json_body bodies_new_order = {&schema_order_request, order_members, ARRAY_LEN(order_members),
                                           .begin = begin_order};

static const struct json_member halt_members[] = {
    {"scope", JSON_WORD, .required = true, .words = "ALL, TRADER or SYMBOL"},
    {"trader_id", JSON_UUID, .goes_with = HALT_SCOPE_TRADER},
    {"symbol", JSON_SYMBOL, .goes_with = HALT_SCOPE_SYMBOL},
    {"reason", JSON_SENTENCE, .required = true, .max = REASON_CHARACTERS_MAX},
    {"cancel_open", JSON_BOOLEAN},
};

static void begin_halt(void *message)
{
    ((struct halt_request *)message)->has_cancel_open = true;
}

const struct json_body bodies_halt = {&schema_halt_request, halt_members, ARRAY_LEN(halt_members),
                                      .begin = begin_halt};

static const struct json_member resolve_members[] = {
    {"action", JSON_WORD, .required = true, .words = "RETRY, REJECT, CANCEL or FILL"},
    {"quantity", JSON_DECIMAL, .goes_with = RESOLVE_ACTION_FILL},
    {"price", JSON_DECIMAL, .goes_with = RESOLVE_ACTION_FILL},
    {"venue_exec_id", JSON_PRINTABLE, .goes_with = RESOLVE_ACTION_FILL},
    {"reason", JSON_SENTENCE, .required = true, .max = REASON_CHARACTERS_MAX},
};

const struct json_body bodies_resolve = {&schema_order_command, resolve_members, ARRAY_LEN(resolve_members)};
