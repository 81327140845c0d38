/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/report.h"

#include <string.h>

static void put_optional(struct fix_body *body, uint32_t tag, struct fix_text text)
{
    if (text.length > 0)
        fix_put_text(body, tag, text.text, text.length);
}

static void put_optional_char(struct fix_body *body, uint32_t tag, char value)
{
    if (value != '\0')
        fix_put_char(body, tag, value);
}

static void put_optional_decimal(struct fix_body *body, uint32_t tag, struct decimal value)
{
    if (value.units != 0)
        fix_put_decimal(body, tag, value);
}

static void put_order_id(struct fix_body *body, const struct order *order)
{
    if (order != NULL && order->number != 0)
        fix_put_numbered(body, FIX_ORDER_ID, 'O', order->number);
    else
        fix_put_string(body, FIX_ORDER_ID, "NONE");
}

static void put_ids(struct fix_body *body, const struct report *report)
{
    put_optional(body, FIX_CL_ORD_ID, report->cl_ord_id);
    put_optional(body, FIX_ORIG_CL_ORD_ID, report->orig_cl_ord_id);
    put_optional(body, FIX_ORD_STATUS_REQ_ID, report->status_request_id);
}

void report_order(const struct report *report, struct fix_body *ret_body)
{
    struct fix_body *body = ret_body;
    const struct order *order = report->order;
    bool refused = order->status == STATUS_REJECTED;
    fix_body_clear(body);
    put_order_id(body, order);
    if (!refused)
        put_ids(body, report);
    if (report->execution != 0)
        fix_put_numbered(body, FIX_EXEC_ID, 'E', report->execution);
    else
        fix_put_char(body, FIX_EXEC_ID, '0');
    fix_put_char(body, FIX_EXEC_TYPE, report->type);
    fix_put_char(body, FIX_ORD_STATUS, order->status);
    if (refused) {
        fix_put_u64(body, FIX_ORD_REJ_REASON, (uint64_t)report->reason);
        put_ids(body, report);
    }
    put_optional(body, FIX_SYMBOL, report->symbol);
    fix_put_char(body, FIX_SIDE, order->side);
    put_optional_decimal(body, FIX_ORDER_QTY, order->quantity);
    put_optional_char(body, FIX_ORD_TYPE, order->type);
    put_optional_decimal(body, FIX_PRICE, order->price);
    put_optional_decimal(body, FIX_STOP_PX, order->stop_price);
    put_optional_char(body, FIX_TIME_IN_FORCE, order->time_in_force);
    if (report->fill != NULL) {
        fix_put_decimal(body, FIX_LAST_QTY, report->fill->quantity);
        fix_put_decimal(body, FIX_LAST_PX, report->fill->price);
    }
    fix_put_decimal(body, FIX_LEAVES_QTY, order_leaves(order));
    fix_put_decimal(body, FIX_CUM_QTY, order->cum_quantity);
    fix_put_decimal(body, FIX_AVG_PX, order_average_price(order));
    fix_put_time(body, FIX_TRANSACT_TIME, report->time);
    if (report->text != NULL)
        fix_put_string(body, FIX_TEXT, report->text);
}

void report_refusal(const struct order_request *request, uint64_t execution, int reason, const char *text,
                    struct fix_body *ret_body)
{
    enum { SYMBOL_MAX = 64 }; /* a client may have sent any text */
    struct order order = {.quantity = request->quantity,
                          .price = request->price,
                          .stop_price = request->stop_price,
                          .side = request->side,
                          .type = request->type,
                          .status = STATUS_REJECTED};
    struct report report = {.order = &order,
                            .symbol = request->symbol,
                            .cl_ord_id = request->cl_ord_id,
                            .status_request_id = request->status_request_id,
                            .execution = execution,
                            .type = execution != 0 ? EXEC_REJECTED : EXEC_STATUS,
                            .reason = reason,
                            .time = request->time,
                            .text = text};
    if (report.symbol.length > SYMBOL_MAX)
        report.symbol.length = SYMBOL_MAX;
    report_order(&report, ret_body);
}

void report_cancel_reject(const struct order_request *request, const struct order *order, int reason,
                          const char *text, struct fix_body *ret_body)
{
    struct fix_body *body = ret_body;
    fix_body_clear(body);
    put_order_id(body, order);
    put_optional(body, FIX_CL_ORD_ID, request->cl_ord_id);
    put_optional(body, FIX_ORIG_CL_ORD_ID, request->orig_cl_ord_id);
    fix_put_char(body, FIX_ORD_STATUS, order != NULL ? order->status : STATUS_REJECTED);
    fix_put_char(body, FIX_CXL_REJ_RESPONSE_TO, request->message == 'F' ? '1' : '2');
    fix_put_u64(body, FIX_CXL_REJ_REASON, (uint64_t)reason);
    fix_put_time(body, FIX_TRANSACT_TIME, request->time);
    fix_put_string(body, FIX_TEXT, text);
}

void report_business_reject(const struct fix_message *message, int reason, struct fix_text ref_id,
                            const char *text, struct fix_body *ret_body)
{
    fix_body_clear(ret_body);
    fix_put_u64(ret_body, FIX_REF_SEQ_NUM, message->seq);
    if (message->type.length <= 8)
        fix_put_text(ret_body, FIX_REF_MSG_TYPE, message->type.text, message->type.length);
    put_optional(ret_body, FIX_BUSINESS_REJECT_REF_ID, ref_id);
    fix_put_u64(ret_body, FIX_BUSINESS_REJECT_REASON, (uint64_t)reason);
    fix_put_string(ret_body, FIX_TEXT, text);
}
