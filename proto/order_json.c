/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/order_json.h"

#include <string.h>

#include "proto/json.h"
#include "proto/reject.h"

/* The contract's members are those of the message, in its order. */
void order_json_render_open(const struct order_view *order, struct buffer *out)
{
    buffer_append_char(out, '{');
    json_append_members(out, &schema_order_view, order);
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
