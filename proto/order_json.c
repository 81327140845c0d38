/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/order_json.h"

#include <string.h>

#include "proto/json.h"
#include "proto/reject.h"

/* What was ordered. */
static void append_terms(struct buffer *out, const struct order_view *order)
{
    buffer_append_text(out, "{\"id\":");
    json_append_uuid(out, order->id);
    buffer_append_text(out, ",\"trader_id\":");
    json_append_uuid(out, order->trader_id);
    buffer_append_text(out, ",\"symbol\":");
    json_append_text(out, order->symbol);
    buffer_append_text(out, ",\"side\":");
    json_append_text(out, side_text(order->side));
    buffer_append_text(out, ",\"quantity\":");
    json_append_decimal(out, order->quantity);
    buffer_append_text(out, ",\"order_type\":");
    json_append_text(out, order_type_text(order->order_type));
    buffer_append_text(out, ",\"time_in_force\":");
    json_append_text(out, time_in_force_text(order->time_in_force));
    buffer_append_text(out, ",\"price\":");
    json_append_optional_decimal(out, order->has_price, order->price);
    buffer_append_text(out, ",\"stop_loss\":");
    json_append_optional_decimal(out, order->has_stop_loss, order->stop_loss);
    buffer_append_text(out, ",\"take_profit\":");
    json_append_optional_decimal(out, order->has_take_profit, order->take_profit);
}

/* What became of it. */
static void append_course(struct buffer *out, const struct order_view *order)
{
    buffer_append_text(out, ",\"status\":");
    json_append_text(out, order_status_text(order->status));
    buffer_append_text(out, ",\"execution_state\":");
    json_append_text(out, execution_state_text(order->execution_state));
    buffer_append_text(out, ",\"attempts\":");
    buffer_append_i64(out, (int64_t)order->attempts);
    buffer_append_text(out, ",\"next_check_at\":");
    json_append_optional_instant(out, order->has_next_check_at, order->next_check_at);
    buffer_append_text(out, ",\"filled_quantity\":");
    json_append_decimal(out, order->filled_quantity);
    buffer_append_text(out, ",\"average_price\":");
    json_append_optional_decimal(out, order->has_average_price, order->average_price);
    buffer_append_text(out, ",\"reason\":");
    json_append_optional_text(out, order->reason);
    buffer_append_text(out, ",\"idempotent_key\":");
    json_append_text(out, order->idempotent_key);
    buffer_append_text(out, ",\"parent_order_id\":");
    json_append_optional_uuid(out, order->has_parent_order_id, order->parent_order_id);
    buffer_append_text(out, ",\"cancel_requested_at\":");
    json_append_optional_instant(out, order->has_cancel_requested_at, order->cancel_requested_at);
    buffer_append_text(out, ",\"created_at\":");
    json_append_instant(out, order->created_at);
    buffer_append_text(out, ",\"updated_at\":");
    json_append_instant(out, order->updated_at);
}

void order_json_render_open(const struct order_view *order, struct buffer *out)
{
    append_terms(out, order);
    append_course(out, order);
}

void order_json_render(const struct order_view *order, struct buffer *out)
{
    order_json_render_open(order, out);
    buffer_append_char(out, '}');
}

static void append_figure(struct buffer *out, const char *member, const char *text)
{
    struct decimal value;

    if (text[0] == '\0')
        return;
    buffer_append_text(out, member);
    if (decimal_parse(text, strlen(text), &value) == 0)
        json_append_decimal(out, value);
    else
        json_append_text(out, text);
}

void fault_json_render(const struct fault *fault, struct buffer *out)
{
    const char *code = fault->code <= INT32_MAX ? reject_text((enum reject_code)fault->code) : "";

    buffer_append_text(out, "{\"field\":");
    json_append_text(out, fault->field);
    buffer_append_text(out, ",\"code\":");
    json_append_text(out, code[0] != '\0' ? code : reject_text(REJECT_INTERNAL));
    buffer_append_text(out, ",\"message\":");
    json_append_text(out, fault->message);
    append_figure(out, ",\"limit\":", fault->limit);
    append_figure(out, ",\"actual\":", fault->actual);
    buffer_append_char(out, '}');
}
