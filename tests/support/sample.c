/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sample.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/reject.h"

#define ONE  DECIMAL_ONE
#define NOON ((struct instant){INT64_C(1760702465000000)}) /* 2025-10-17T12:01:05Z */

static struct uuid id(const char *text)
{
    struct uuid value;
    int r = uuid_parse(text, strlen(text), &value);

    assert(r == 0);
    return value;
}

static struct instant after(int64_t us)
{
    return (struct instant){NOON.us + us};
}

#define ORDER_ID  id("0199f0a5-7d0c-7000-8000-000000000001")
#define PARENT_ID id("0199f0a5-7d0c-7000-8000-0000000000ff")
#define TRADER_ID id("0199f000-0000-7000-8000-00000000000a")
#define EVENT_ID  id("0199f0a5-7d0c-7000-8000-000000000e01")

static void fill_trace(uint8_t trace_id[static TRACE_ID_BYTES])
{
    for (size_t i = 0; i < TRACE_ID_BYTES; i++)
        trace_id[i] = (uint8_t)(0x10 + i);
}

struct envelope sample_envelope(uint32_t type)
{
    struct envelope envelope = {
        .type = type,
        .id = id("0199f0a5-7d0c-7000-8000-00000000aaaa"),
        .sent_at = NOON,
        .deadline = after(5000000),
    };

    fill_trace(envelope.trace_id);
    return envelope;
}

struct fault sample_fault(void)
{
    return (struct fault){
        .field = "/quantity",
        .code = REJECT_INSUFFICIENT_BUYING_POWER,
        .message = "The order costs 15,050.00 and 12,000.50 is free: send at most 79, or add cash.",
        .limit = "12000.5",
        .actual = "15050",
    };
}

struct order_view sample_order_view(void)
{
    return (struct order_view){
        .id = ORDER_ID,
        .trader_id = TRADER_ID,
        .symbol = "AAPL",
        .side = SIDE_BUY,
        .quantity = {100 * ONE},
        .order_type = ORDER_TYPE_LIMIT,
        .time_in_force = TIME_IN_FORCE_DAY,
        .has_price = true,
        .price = {15050 * ONE / 100},
        .has_stop_loss = true,
        .stop_loss = {145 * ONE},
        .has_take_profit = true,
        .take_profit = {160 * ONE},
        .status = ORDER_STATUS_PARTIAL,
        .execution_state = EXECUTION_STATE_WORKING,
        .attempts = 1,
        .has_next_check_at = true,
        .next_check_at = after(30000000),
        .filled_quantity = {50 * ONE},
        .has_average_price = true,
        .average_price = {15045 * ONE / 100},
        .reason = "EXCHANGE_UNAVAILABLE",
        .idempotent_key = "my-key-1",
        .has_parent_order_id = true,
        .parent_order_id = PARENT_ID,
        .has_cancel_requested_at = true,
        .cancel_requested_at = after(2000000),
        .created_at = NOON,
        .updated_at = after(1234567),
    };
}

struct event sample_event(void)
{
    struct event event = {
        .event_id = EVENT_ID,
        .has_order_id = true,
        .order_id = ORDER_ID,
        .has_trader_id = true,
        .trader_id = TRADER_ID,
        .action = AUDIT_ACTION_FILLED,
        .has_status = true,
        .status = ORDER_STATUS_PARTIAL,
        .has_execution_state = true,
        .execution_state = EXECUTION_STATE_WORKING,
        .symbol = "AAPL",
        .has_quantity = true,
        .quantity = {50 * ONE},
        .has_price = true,
        .price = {15045 * ONE / 100},
        .has_total_filled = true,
        .total_filled = {50 * ONE},
        .has_average_price = true,
        .average_price = {15045 * ONE / 100},
        .venue = "SIM",
        .venue_exec_id = "E-1001",
        .reason = "LATE",
        .message = "50 at 150.45 – \"späte\" Ausführung",
        .actor = "executor",
        .occurred_at = NOON,
        .has_trace_id = true,
        .has_side = true,
        .side = SIDE_BUY,
    };

    fill_trace(event.trace_id);
    return event;
}

static struct order_request sample_request(void)
{
    struct order_request request = {
        .handle = UINT64_C(0xfedcba9876543210),
        .reply_to = "ipc:///run/oxe/gateway-0.answer",
        .preview = true,
        .order_id = ORDER_ID,
        .trader_id = TRADER_ID,
        .actor = "user_2abc",
        .symbol = "AAPL",
        .side = SIDE_SELL,
        .quantity = {100 * ONE},
        .order_type = ORDER_TYPE_STOP,
        .time_in_force = TIME_IN_FORCE_GTC,
        .has_price = true,
        .price = {15050 * ONE / 100},
        .has_stop_loss = true,
        .stop_loss = {160 * ONE},
        .has_take_profit = true,
        .take_profit = {INT64_C(14500000001)},
        .idempotent_key = "my-key-1",
        .received_at = NOON,
    };

    for (size_t i = 0; i < sizeof(request.fingerprint); i++)
        request.fingerprint[i] = (uint8_t)(0xff - i);
    return request;
}

static struct order_command sample_command(void)
{
    return (struct order_command){
        .handle = UINT64_C(0xfedcba9876543211),
        .reply_to = "ipc:///run/oxe/gateway-0.answer",
        .kind = ORDER_COMMAND_RESOLVE,
        .order_id = ORDER_ID,
        .has_trader_id = true,
        .trader_id = TRADER_ID,
        .actor = "ops_1",
        .has_action = true,
        .action = RESOLVE_ACTION_FILL,
        .has_quantity = true,
        .quantity = {100 * ONE},
        .has_price = true,
        .price = {15045 * ONE / 100},
        .venue_exec_id = "E-1001",
        .reason = "The exchange's desk confirmed the fill by phone",
        .received_at = NOON,
    };
}

static struct fault symbol_fault(void)
{
    return (struct fault){
        .field = "", .code = REJECT_UNKNOWN_SYMBOL, .message = "No instrument is called AAPLE."};
}

int sample_fill(uint32_t type, void *message)
{
    switch (type) {
    case MESSAGE_ORDER_REQUEST:
        *(struct order_request *)message = sample_request();
        return 0;
    case MESSAGE_ORDER_CHECKED:
        *(struct order_checked *)message = (struct order_checked){
            .request = sample_request(), .faults_count = 1, .faults = {symbol_fault()}, .validator_us = 12};
        return 0;
    case MESSAGE_ANSWER:
        *(struct answer *)message = (struct answer){
            .handle = 7,
            .outcome = ANSWER_REJECTED,
            .has_order = true,
            .order = sample_order_view(),
            .faults_count = 2,
            .faults = {sample_fault(), symbol_fault()},
            .warnings_count = 1,
            .warnings = {sample_fault()},
            .validator_us = 12,
            .risk_us = 830,
            .db_us = 640,
            .detail = "a word about it",
            .has_preview = true,
            .preview = {.has_estimated_price = true,
                        .estimated_price = {15050 * ONE / 100},
                        .has_estimated_cost = true,
                        .estimated_cost = {15050 * ONE},
                        .has_buying_power_after = true,
                        .buying_power_after = {84950 * ONE},
                        .has_position_after = true,
                        .position_after = {100 * ONE}},
        };
        return 0;
    case MESSAGE_ADMITTED:
        *(struct admitted *)message =
            (struct admitted){.lane = 3, .orders_count = 2, .orders = {{ORDER_ID}, {PARENT_ID}}};
        return 0;
    case MESSAGE_OUTBOX_WAKE:
        *(struct outbox_wake *)message = (struct outbox_wake){};
        return 0;
    case MESSAGE_EVENT_BATCH: {
        struct event_batch *batch = message;

        batch->events_count = 2;
        batch->events[0] = sample_event();
        batch->events[1] = (struct event){
            .event_id = EVENT_ID, .action = AUDIT_ACTION_HALTED, .actor = "ops", .occurred_at = after(1)};
        return 0;
    }
    case MESSAGE_LOGGED_EVENTS: {
        struct logged_events *logged = message;

        logged->events_count = 1;
        logged->events[0] = (struct logged_event){
            .log_seq = 1000, .has_trader_seq = true, .trader_seq = 42, .event = sample_event()};
        return 0;
    }
    case MESSAGE_ORDER_COMMAND:
        *(struct order_command *)message = sample_command();
        return 0;
    case MESSAGE_COMMANDED:
        *(struct commanded *)message =
            (struct commanded){.lane = 3, .orders_count = 1, .orders = {{ORDER_ID}}};
        return 0;
    case MESSAGE_HALT_REQUEST:
        *(struct halt_request *)message = (struct halt_request){
            .handle = 9,
            .reply_to = "ipc:///run/oxe/gateway-0.answer",
            .lift = true,
            .halt_id = ORDER_ID,
            .actor = "ops_1",
            .received_at = NOON,
            .has_scope = true,
            .scope = HALT_SCOPE_TRADER,
            .has_trader_id = true,
            .trader_id = TRADER_ID,
            .symbol = "AAPL",
            .reason = "Orders that nobody can explain",
            .has_cancel_open = true,
            .cancel_open = true,
        };
        return 0;
    default:
        return -EINVAL;
    }
}

static void append_line(struct buffer *out, int depth)
{
    buffer_append_char(out, '\n');
    for (int i = 0; i < depth; i++)
        buffer_append_text(out, "  ");
}

void sample_indent(const char *json, struct buffer *out)
{
    bool in_text = false;
    int depth = 0;

    for (; *json != '\0'; json++) {
        if (!in_text && (*json == '}' || *json == ']'))
            append_line(out, --depth);
        buffer_append_char(out, *json);
        if (in_text && *json == '\\')
            buffer_append_char(out, *++json);
        else if (*json == '"')
            in_text = !in_text;
        else if (!in_text && (*json == '{' || *json == '[')) {
            depth++;
            if (json[1] != '}' && json[1] != ']')
                append_line(out, depth);
        } else if (!in_text && *json == ',')
            append_line(out, depth);
        else if (!in_text && *json == ':')
            buffer_append_char(out, ' ');
    }
    buffer_append_char(out, '\n');
}
