/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/new_order.h"

#include "common/cleanup.h"

static const struct json_member members[] = {
    {"symbol", JSON_SYMBOL, .required = true},
    {"side", JSON_WORD, .words = "BUY or SELL"},
    {"quantity", JSON_DECIMAL, .required = true},
    {"order_type", JSON_WORD, .required = true, .words = "MARKET, LIMIT or STOP"},
    {"time_in_force", JSON_WORD, .words = "DAY, GTC, IOC or FOK"},
    {"price", JSON_DECIMAL, .nullable = true},
    {"stop_loss", JSON_DECIMAL, .nullable = true},
    {"take_profit", JSON_DECIMAL, .nullable = true},
};

int new_order_parse(const char *body, size_t length, struct order_request *order, struct faults *ret_faults,
                    char ret_detail[static JSON_BODY_DETAIL_MAX])
{
    order->side = SIDE_BUY;
    order->time_in_force = TIME_IN_FORCE_DAY;
    return json_body_parse(body, length, &schema_order_request, members, ARRAY_LEN(members), order, NULL,
                           ret_faults, ret_detail);
}
