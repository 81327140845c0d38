/* SPDX-License-Identifier: Apache-2.0 */
/* One Idempotency-Key is one order; lists and single orders show the caller's own, and no other's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/instance.h"

enum { FILL_MS = 2000 };

TestSuite(idempotency, .timeout = 120);
TestSuite(reads, .timeout = 120);

#define ORDER "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}"

static struct reply submit_with_key(const char *token, const char *key, const char *body)
{
    return instance_call(&(struct call){.path = "/api/v1/orders", .token = token, .key = key, .body = body});
}

Test(idempotency, the_same_key_and_order_find_the_order_as_it_is_now)
{
    AUTO_TEXT token = instance_trader("same-key", "100000", NULL);
    AUTO_REPLY first = submit_with_key(token, "key-1", ORDER);

    cr_assert_eq(first.status, 201, "%s", first.body.data);
    cr_assert_str_empty(reply_header(&first, "Idempotent-Replayed"));
    cr_assert_str_eq(reply_header(&first, "Idempotency-Key"), "key-1");
    AUTO_REPLY done = order_await(token, json_text(first.json, "id"), "DONE", FILL_MS);
    /* Written otherwise, with the defaults spelt out: the same order. */
    AUTO_REPLY again = submit_with_key(token, "key-1",
                                       "{\"order_type\":\"MARKET\",\"side\":\"BUY\",\"quantity\":\"1.0\","
                                       "\"symbol\":\"AAPL\",\"time_in_force\":\"DAY\",\"price\":null}");
    cr_assert_eq(again.status, 200, "%s", again.body.data);
    cr_assert_str_eq(reply_header(&again, "Idempotent-Replayed"), "true");
    cr_assert_str_eq(reply_header(&again, "Idempotency-Key"), "key-1");
    cr_assert_str_eq(json_text(again.json, "id"), json_text(first.json, "id"));
    cr_assert_str_eq(json_text(again.json, "status"), "FILLED");
    AUTO_TEXT orders = instance_sql("SELECT count(*) FROM oxe.orders o JOIN oxe.traders t ON t.id = "
                                    "o.trader_id WHERE t.subject = 'same-key'");
    cr_assert_str_eq(orders, "1");
}

Test(idempotency, the_same_key_with_another_order_is_refused_and_not_recorded)
{
    AUTO_TEXT token = instance_trader("reused-key", "100000", NULL);
    AUTO_REPLY first = submit_with_key(token, "key-1", ORDER);
    AUTO_REPLY other =
        submit_with_key(token, "key-1", "{\"symbol\":\"AAPL\",\"quantity\":2,\"order_type\":\"MARKET\"}");

    cr_assert_eq(first.status, 201, "%s", first.body.data);
    cr_assert_eq(other.status, 422, "%s", other.body.data);
    cr_assert_str_eq(json_text(other.json, "code"), "IDEMPOTENCY_KEY_REUSED");
    cr_assert_str_empty(json_text(other.json, "order_id"));
    AUTO_TEXT orders = instance_sql("SELECT count(*) FROM oxe.orders o JOIN oxe.traders t ON t.id = "
                                    "o.trader_id WHERE t.subject = 'reused-key'");
    cr_assert_str_eq(orders, "1");
}

Test(idempotency, a_refused_order_is_refused_again_as_the_same_order)
{
    AUTO_TEXT token = instance_trader("refused-key", "1", NULL);
    AUTO_REPLY first = submit_with_key(token, "key-1", ORDER);
    cr_assert_eq(first.status, 422, "%s", first.body.data);
    /* What was refused stays refused, whatever has changed since. */
    AUTO_TEXT richer = instance_sql(
        "UPDATE oxe.traders SET cash = 100000, opening_cash = 100000 WHERE subject = 'refused-key'");
    AUTO_REPLY again = submit_with_key(token, "key-1", ORDER);

    cr_assert_eq(again.status, 422, "%s", again.body.data);
    cr_assert_eq(strlen(json_text(first.json, "order_id")), 36);
    cr_assert_str_eq(json_text(again.json, "order_id"), json_text(first.json, "order_id"));
    cr_assert_str_eq(json_text(again.json, "code"), json_text(first.json, "code"));
    cr_assert_str_eq(json_text(again.json, "detail"), json_text(first.json, "detail"));
    cr_assert_str_eq(json_text(again.json, "errors/0/actual"), json_text(first.json, "errors/0/actual"));
}

Test(idempotency, a_key_belongs_to_one_trader)
{
    AUTO_TEXT one = instance_trader("key-of-one", "100000", NULL);
    AUTO_TEXT two = instance_trader("key-of-two", "100000", NULL);
    AUTO_REPLY first = submit_with_key(one, "shared", ORDER);
    AUTO_REPLY second = submit_with_key(two, "shared", ORDER);

    cr_assert_eq(first.status, 201, "%s", first.body.data);
    cr_assert_eq(second.status, 201, "%s", second.body.data);
    cr_assert_str_neq(json_text(first.json, "id"), json_text(second.json, "id"));
}

Test(reads, the_list_is_newest_first_and_its_cursor_leads_to_the_end)
{
    AUTO_TEXT token = instance_trader("lister", "100000", NULL);
    char ids[5][37], path[256], cursor[200] = "";
    size_t seen = 0;

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        AUTO_REPLY made = order_submit(token, ORDER);
        cr_assert_eq(made.status, 201, "%s", made.body.data);
        (void)snprintf(ids[i], sizeof(ids[i]), "%s", json_text(made.json, "id"));
    }
    for (int page = 0; page < 3; page++) {
        (void)snprintf(path, sizeof(path), "/api/v1/orders?limit=2%s%s", page == 0 ? "" : "&cursor=", cursor);
        AUTO_REPLY list = instance_call(&(struct call){.path = path, .token = token});
        cr_assert_eq(list.status, 200, "%s", list.body.data);
        cr_assert_str_eq(json_text(list.json, "ok"), "true");
        cr_assert_eq(json_count(list.json, "orders"), page < 2 ? 2 : 1);
        for (size_t i = 0; i < json_count(list.json, "orders"); i++) {
            char member[32];
            (void)snprintf(member, sizeof(member), "orders/%zu/id", i);
            cr_assert_str_eq(json_text(list.json, member), ids[ARRAY_LEN(ids) - 1 - seen++]);
        }
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(list.json, "next_cursor"));
    }
    cr_assert_str_eq(cursor, "null");
}

Test(reads, the_list_filters_by_status_symbol_and_time)
{
    AUTO_TEXT token = instance_trader("filterer", "2000", NULL);
    AUTO_REPLY filled = order_submit(token, ORDER);
    cr_assert_eq(filled.status, 201, "%s", filled.body.data);
    AUTO_REPLY refused =
        order_submit(token, "{\"symbol\":\"MSFT\",\"quantity\":1000,\"order_type\":\"MARKET\"}");
    cr_assert_eq(refused.status, 422, "%s", refused.body.data);
    AUTO_REPLY done = order_await(token, json_text(filled.json, "id"), "DONE", FILL_MS);
    const struct {
        const char *query;
        size_t orders;
    } cases[] = {
        {"", 2},
        {"?status=FILLED", 1},
        {"?status=REJECTED", 1},
        {"?status=CANCELLED", 0},
        {"?symbol=AAPL", 1},
        {"?symbol=AAPL&status=REJECTED", 0},
        {"?created_from=2020-01-01T00:00:00Z", 2},
        {"?created_to=2020-01-01T00:00:00Z", 0},
        {"?created_from=2020-01-01T00:00:00%2B02:00&created_to=2100-01-01T00:00:00Z&limit=500", 2},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "/api/v1/orders%s", cases[i].query);
        AUTO_REPLY list = instance_call(&(struct call){.path = path, .token = token});
        cr_assert_eq(list.status, 200, "%s: %s", path, list.body.data);
        cr_assert_eq(json_count(list.json, "orders"), cases[i].orders, "%s: %s", path, list.body.data);
    }
}

Test(reads, another_traders_order_is_as_one_that_does_not_exist)
{
    static const char nowhere[] = "0199f0a5-7d0c-7000-8000-000000000001";
    AUTO_TEXT owner = instance_trader("owner", "100000", NULL);
    AUTO_TEXT other = instance_trader("other", "100000", NULL);
    AUTO_REPLY made = order_submit(owner, ORDER);
    const char *id = json_text(made.json, "id");

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    for (int audit = 0; audit < 2; audit++) {
        char path[128], missing_path[128];
        (void)snprintf(path, sizeof(path), "/api/v1/orders/%s%s", id, audit ? "/audit" : "");
        (void)snprintf(missing_path, sizeof(missing_path), "/api/v1/orders/%s%s", nowhere,
                       audit ? "/audit" : "");
        AUTO_REPLY foreign = instance_call(&(struct call){.path = path, .token = other});
        AUTO_REPLY missing = instance_call(&(struct call){.path = missing_path, .token = other});
        cr_assert_eq(foreign.status, 404, "%s", foreign.body.data);
        cr_assert_eq(missing.status, 404, "%s", missing.body.data);
        cr_assert_str_eq(json_text(foreign.json, "code"), "NOT_FOUND");
        cr_assert_str_eq(json_text(foreign.json, "detail"), json_text(missing.json, "detail"));
    }
    AUTO_REPLY list = instance_call(&(struct call){.path = "/api/v1/orders", .token = other});
    cr_assert_eq(json_count(list.json, "orders"), 0, "%s", list.body.data);
}

Test(reads, compliance_reads_any_trail_but_no_traders_order)
{
    AUTO_TEXT owner = instance_trader("audited", "100000", NULL);
    AUTO_TEXT compliance = instance_token("carol", "compliance");
    AUTO_REPLY made = order_submit(owner, ORDER);
    const char *id = json_text(made.json, "id");

    cr_assert_eq(made.status, 201, "%s", made.body.data);
    AUTO_REPLY trail = order_trail(compliance, id, 2, FILL_MS);
    cr_assert_str_eq(json_text(trail.json, "entries/0/action"), "SUBMITTED");
    cr_assert_str_eq(json_text(trail.json, "entries/0/actor"), "audited");
    AUTO_REPLY order = order_get(compliance, id);
    cr_assert_eq(order.status, 403, "%s", order.body.data);
}

Test(reads, instruments_are_listed_by_symbol_with_the_exchanges_last_price)
{
    AUTO_TEXT token = instance_trader("browser", "0", NULL);
    AUTO_REPLY list = instance_call(&(struct call){.path = "/api/v1/instruments", .token = token});

    cr_assert_eq(list.status, 200, "%s", list.body.data);
    cr_assert(json_count(list.json, "instruments") >= 9);
    cr_assert_str_eq(json_text(list.json, "instruments/0/symbol"), "AAPL");
    cr_assert_str_eq(json_text(list.json, "instruments/0/tick_size"), "0.01");
    cr_assert_str_eq(json_text(list.json, "instruments/0/lot_size"), "1");
    cr_assert_str_eq(json_text(list.json, "instruments/0/tradable"), "true");
    double price = atof(json_text(list.json, "instruments/0/last_price"));
    cr_assert(price > 100 && price < 200, "%s", list.body.data);
}
