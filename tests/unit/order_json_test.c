/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's Order and Fault, letter for letter. */
#include "proto/order_json.h"

#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/reject.h"
#include "tests/support/sample.h"

static const char full[] =
    "{\"id\":\"0199f0a5-7d0c-7000-8000-000000000001\",\"trader_id\":\"0199f000-0000-7000-8000-00000000000a\","
    "\"symbol\":\"AAPL\",\"side\":\"BUY\",\"quantity\":100,\"order_type\":\"LIMIT\",\"time_in_force\":"
    "\"DAY\","
    "\"price\":150.5,\"stop_loss\":145,\"take_profit\":160,\"status\":\"PARTIAL\",\"execution_state\":"
    "\"WORKING\","
    "\"attempts\":1,\"next_check_at\":\"2025-10-17T12:01:35.000000Z\",\"filled_quantity\":50,"
    "\"average_price\":150.45,\"reason\":\"EXCHANGE_UNAVAILABLE\",\"idempotent_key\":\"my-key-1\","
    "\"parent_order_id\":\"0199f0a5-7d0c-7000-8000-0000000000ff\","
    "\"cancel_requested_at\":\"2025-10-17T12:01:07.000000Z\",\"created_at\":\"2025-10-17T12:01:05.000000Z\","
    "\"updated_at\":\"2025-10-17T12:01:06.234567Z\"}";

Test(order_json, an_order_has_every_member_of_the_contract)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct order_view order = sample_order_view();

    order_json_render(&order, &out);
    cr_expect_str_eq(out.data, full);
}

Test(order_json, what_is_absent_is_null)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct order_view order = sample_order_view();

    order.has_price = order.has_stop_loss = order.has_take_profit = false;
    order.has_next_check_at = order.has_average_price = false;
    order.has_parent_order_id = order.has_cancel_requested_at = false;
    order.reason[0] = '\0';
    order_json_render(&order, &out);
    cr_expect_str_eq(
        out.data,
        "{\"id\":\"0199f0a5-7d0c-7000-8000-000000000001\","
        "\"trader_id\":\"0199f000-0000-7000-8000-00000000000a\",\"symbol\":\"AAPL\",\"side\":\"BUY\","
        "\"quantity\":100,\"order_type\":\"LIMIT\",\"time_in_force\":\"DAY\",\"price\":null,"
        "\"stop_loss\":null,\"take_profit\":null,\"status\":\"PARTIAL\","
        "\"execution_state\":\"WORKING\",\"attempts\":1,\"next_check_at\":null,\"filled_quantity\":50,"
        "\"average_price\":null,\"reason\":null,\"idempotent_key\":\"my-key-1\","
        "\"parent_order_id\":null,\"cancel_requested_at\":null,"
        "\"created_at\":\"2025-10-17T12:01:05.000000Z\",\"updated_at\":\"2025-10-17T12:01:06.234567Z\"}");
}

Test(order_json, an_open_order_lacks_only_the_brace)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct order_view order = sample_order_view();

    order_json_render_open(&order, &out);
    cr_assert_eq(out.length, sizeof(full) - 2);
    cr_expect_eq(memcmp(out.data, full, out.length), 0);
}

Test(order_json, a_key_is_escaped)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    struct order_view order = sample_order_view();

    memcpy(order.idempotent_key, "a\"b\\c", 6);
    order_json_render(&order, &out);
    cr_expect_not_null(strstr(out.data, "\"idempotent_key\":\"a\\\"b\\\\c\""));
}

Test(order_json, the_figures_of_a_fault_are_numbers_only_when_they_are_decimals)
{
    static const struct {
        const char *limit, *actual, *expected;
    } cases[] = {
        {"12000.50", "15050", ",\"limit\":12000.5,\"actual\":15050}"},
        {"ACTIVE", "SUSPENDED", ",\"limit\":\"ACTIVE\",\"actual\":\"SUSPENDED\"}"},
        {"", "-1", ",\"actual\":-1}"},
        {"1e3", "1e400", ",\"limit\":1000,\"actual\":\"1e400\"}"},
        {"0x10", "+1", ",\"limit\":\"0x10\",\"actual\":\"+1\"}"},
        {"", "", "}"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0), expected = BUFFER_INIT(0);
        struct fault fault = {.field = "/quantity", .code = REJECT_LOT_SIZE, .message = "Say \"10\"."};

        memcpy(fault.limit, cases[i].limit, strlen(cases[i].limit) + 1);
        memcpy(fault.actual, cases[i].actual, strlen(cases[i].actual) + 1);
        fault_json_render(&fault, &out);
        buffer_append_text(&expected,
                           "{\"field\":\"/quantity\",\"code\":\"LOT_SIZE\",\"message\":\"Say \\\"10\\\".\"");
        buffer_append_text(&expected, cases[i].expected);
        cr_expect_str_eq(out.data, expected.data);
    }
}

Test(order_json, an_unknown_code_is_internal)
{
    static const uint64_t codes[] = {0, 1000000, UINT64_MAX, UINT64_C(0x100000006)};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
        struct fault fault = {.code = codes[i], .message = "x"};

        fault_json_render(&fault, &out);
        cr_expect_str_eq(out.data, "{\"field\":\"\",\"code\":\"INTERNAL\",\"message\":\"x\"}");
    }
}
