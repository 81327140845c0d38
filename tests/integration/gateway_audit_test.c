/* SPDX-License-Identifier: Apache-2.0 */
/* Searching the audit log over HTTP, with the real gateway and PostgreSQL. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/audit_log.h"
#include "tests/support/gateway_world.h"

#define AUDIT    "/api/v1/audit"
#define TRADER_1 "0199aabb-ccdd-7000-8000-000000000001"
#define TRADER_2 "0199aabb-ccdd-7000-8000-000000000002"
#define TRADER_9 "0199aabb-ccdd-7000-8000-000000000009"
#define ORDER_8  "0199f0a5-7d0c-7000-8000-000000000008"

static char *token_of(const struct gateway_world *gateway, const char *subject, const char *role)
{
    char claims[64];

    (void)snprintf(claims, sizeof(claims), ",\"oxe_role\":\"%s\"", role);
    return gateway_token_with(gateway->key, subject, 3600, claims);
}

static void begin(struct gateway_world *gateway, int entries)
{
    gateway_begin(gateway);
    if (entries > 0)
        audit_log_append(&gateway->world, entries);
}

Test(gateway_audit, is_for_the_role_compliance_alone, .timeout = 60)
{
    struct gateway_world gateway;
    static const char *const paths[] = {AUDIT, AUDIT "/export", AUDIT "?limit=0", AUDIT "/export?nonsense"};

    begin(&gateway, 20);
    AUTO_TEXT trader = gateway_token(&gateway, "trader-0");
    AUTO_TEXT nobody = gateway_token(&gateway, "nobody");
    AUTO_TEXT operations = token_of(&gateway, "olga", "operations");
    AUTO_TEXT compliance = token_of(&gateway, "carol", "compliance");
    AUTO_TEXT both = token_of(&gateway, "trader-0", "compliance");
    AUTO_TEXT expired = gateway_token_with(gateway.key, "carol", -31, ",\"oxe_role\":\"compliance\"");
    const struct {
        const char *fact, *token;
        long status;
        const char *code;
    } cases[] = {
        {"no token", NULL, 401, "UNAUTHENTICATED"},   {"expired", expired, 401, "UNAUTHENTICATED"},
        {"a trader", trader, 403, "FORBIDDEN"},       {"no trader", nobody, 403, "FORBIDDEN"},
        {"operations", operations, 403, "FORBIDDEN"},
    };

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        for (size_t j = 0; j < ARRAY_LEN(cases); j++) {
            AUTO_REPLY reply = gateway_get(cases[j].token, paths[i]);
            cr_expect_eq(reply.status, cases[j].status, "%s, %s: %s", paths[i], cases[j].fact,
                         reply.body.data);
            cr_expect_str_eq(json_text(reply.json, "code"), cases[j].code, "%s, %s", paths[i], cases[j].fact);
            cr_expect_str_eq(reply_header(&reply, "Content-Type"), "application/problem+json");
        }
    }
    for (size_t i = 0; i < 2; i++) {
        AUTO_REPLY officer = gateway_get(compliance, paths[i]);
        cr_expect_eq(officer.status, 200, "compliance needs no account: %s", officer.body.data);
        AUTO_REPLY trading = gateway_get(both, paths[i]);
        cr_expect_eq(trading.status, 200, "and may have one: %s", trading.body.data);
        AUTO_REPLY posted =
            instance_call(&(struct call){.method = "POST", .path = paths[i], .token = compliance});
        cr_expect_eq(posted.status, 405);
        cr_expect_str_eq(reply_header(&posted, "Allow"), "GET, HEAD, OPTIONS");
    }
    gateway_end(&gateway);
}

/* Walks all pages of a search; the entries' numbers in their order, "1,2,3". Whatever is recorded is there to
 * be read: each page may add entries to the log. */
static char *walk(struct gateway_world *gateway, const char *token, const char *filter, int limit, int added)
{
    struct buffer found = BUFFER_INIT(0);
    char path[512], cursor[64] = "";

    do {
        (void)snprintf(path, sizeof(path), AUDIT "?limit=%d%s%s%s%s", limit, *filter != '\0' ? "&" : "",
                       filter, *cursor != '\0' ? "&cursor=" : "", cursor);
        AUTO_REPLY page = gateway_get(token, path);
        cr_assert_eq(page.status, 200, "%s: %s", path, page.body.data);
        size_t count = json_count(page.json, "entries");
        cr_expect_leq(count, (size_t)limit);
        for (size_t i = 0; i < count; i++) {
            char member[64];
            (void)snprintf(member, sizeof(member), "entries/%zu/log_seq", i);
            buffer_append_format(&found, "%s%s", found.length > 0 ? "," : "", json_text(page.json, member));
        }
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(page.json, "next_cursor"));
        cr_expect(strcmp(cursor, "null") == 0 || count == (size_t)limit, "only the last page is not full");
        if (added > 0 && strcmp(cursor, "null") != 0)
            audit_log_append(&gateway->world, added--);
    } while (strcmp(cursor, "null") != 0);
    return found.data == NULL ? strdup("") : found.data;
}

/* The text with the times in the places of ~ and ^. */
static void put_times(char target[static 256], const char *text, const char *early, const char *late)
{
    size_t length = 0;

    for (; *text != '\0'; text++) {
        const char *time = *text == '~' ? early : *text == '^' ? late : NULL;
        length += (size_t)snprintf(target + length, 256 - length, time != NULL ? "%s" : "%.1s",
                                   time != NULL ? time : text);
        cr_assert_lt(length, 256u);
    }
}

/* What a filter should find is asked of PostgreSQL without the gateway's statements. */
static const struct {
    const char *filter, *condition; /* ~ an early and ^ a late time */
} filters[] = {
    {"", "true"},
    {"trader_id=" TRADER_1, "trader_id = '" TRADER_1 "'"},
    {"trader_id=" TRADER_9, "false"},
    {"order_id=" ORDER_8, "order_id = '" ORDER_8 "'"},
    {"action=SUBMITTED", "action = 'SUBMITTED'"},
    {"action=FILLED", "action = 'FILLED'"},
    {"action=HALTED", "action = 'HALTED'"},
    {"action=REJECTED", "action = 'REJECTED'"},
    {"action=IN_DOUBT", "false"},
    {"from=~", "recorded_at >= '~'"},
    {"to=^", "recorded_at < '^'"},
    {"from=~&to=^", "recorded_at >= '~' AND recorded_at < '^'"},
    {"from=^&to=~", "false"},
    {"from=~&to=~", "false"},
    {"from=1970-01-01T00:00:00Z", "true"},
    {"to=1970-01-01T00:00:00Z", "false"},
    {"from=2999-01-01T00:00:00Z", "false"},
    {"to=2999-01-01T00:00:00%2b09:00", "true"},
    {"action=HALTED&from=~", "action = 'HALTED' AND recorded_at >= '~'"},
    {"action=FILLED&to=^", "action = 'FILLED' AND recorded_at < '^'"},
    {"trader_id=" TRADER_1 "&from=~", "trader_id = '" TRADER_1 "' AND recorded_at >= '~'"},
    {"trader_id=" TRADER_1 "&to=^", "trader_id = '" TRADER_1 "' AND recorded_at < '^'"},
    {"trader_id=" TRADER_1 "&action=HALTED", "trader_id = '" TRADER_1 "' AND action = 'HALTED'"},
    {"trader_id=" TRADER_1 "&action=EXECUTED&to=^",
     "trader_id = '" TRADER_1 "' AND action = 'EXECUTED' AND recorded_at < '^'"},
    {"order_id=" ORDER_8 "&action=EXECUTED", "order_id = '" ORDER_8 "' AND action = 'EXECUTED'"},
    {"order_id=" ORDER_8 "&action=HALTED", "false"},
    {"order_id=" ORDER_8 "&to=1970-01-01T00:00:00Z", "false"},
    {"trader_id=" TRADER_2 "&order_id=" ORDER_8, "trader_id = '" TRADER_2 "' AND order_id = '" ORDER_8 "'"},
    {"trader_id=" TRADER_1 "&order_id=" ORDER_8, "false"},
};

Test(gateway_audit, each_filter_finds_its_entries, .timeout = 120)
{
    struct gateway_world gateway;
    char early[64], late[64];

    begin(&gateway, 600);
    AUTO_TEXT token = token_of(&gateway, "carol", "compliance");
    (void)snprintf(early, sizeof(early), "%s", audit_log_time(&gateway.world, 201));
    (void)snprintf(late, sizeof(late), "%s", audit_log_time(&gateway.world, 401));
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        char filter[256], condition[256];
        put_times(filter, filters[i].filter, early, late);
        put_times(condition, filters[i].condition, early, late);
        const char *expected = world_value(
            &gateway.world,
            "SELECT string_agg(log_seq::text, ',' ORDER BY log_seq) FROM oxe.execution_logs WHERE %s",
            condition);
        cr_expect_eq(strcmp(filters[i].condition, "false") == 0, *expected == '\0', "%s is a case", filter);
        for (int limit = 7; limit <= 1000; limit += 993) {
            AUTO_TEXT found = walk(&gateway, token, filter, limit, 0);
            cr_expect_str_eq(found, expected, "%s in pages of %d", filter, limit);
        }
    }
    gateway_end(&gateway);
}

Test(gateway_audit, entries_are_those_of_the_orders_trail, .timeout = 60)
{
    struct gateway_world gateway;

    begin(&gateway, 60);
    AUTO_TEXT token = token_of(&gateway, "carol", "compliance");
    AUTO_TEXT trader = gateway_token(&gateway, "trader-0");
    AUTO_REPLY made = order_submit(trader, "{\"symbol\":\"AAPL\",\"quantity\":10,\"order_type\":\"MARKET\"}");
    cr_assert_eq(made.status, 201);
    /* One entry more, of that order; audit-writer does not run here. */
    world_sql(
        &gateway.world,
        "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO oxe.execution_logs (log_seq, "
        "event_id, order_id, "
        "trader_id, trader_seq, action, status, execution_state, symbol, quantity, price, total_filled, "
        "average_price, venue, reason, message, actor, \"timestamp\", recorded_at, leaf_hash) VALUES "
        "(61, gen_random_uuid(), '%s', '%s', 999, 'REJECTED', 'REJECTED', 'DONE', 'AAPL', 0.00000001, "
        "9999999999.99999999, 10, 150.4500, 'SIM', 'HALTED', E'a \"b\"\\n\\u20ac', 'risk', "
        "now(), now(), sha256('x')); COMMIT",
        json_text(made.json, "id"), json_text(made.json, "trader_id"));
    char path[128];
    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s/audit", json_text(made.json, "id"));
    AUTO_REPLY trail = gateway_get(trader, path);
    (void)snprintf(path, sizeof(path), AUDIT "?order_id=%s", json_text(made.json, "id"));
    AUTO_REPLY found = gateway_get(token, path);
    char *entries = strstr(trail.body.data, "\"entries\":[");
    cr_assert_not_null(entries, "%s", trail.body.data);
    entries[strlen(entries) - 1] = '\0';
    cr_expect_eq(json_count(found.json, "entries"), 1u);
    cr_expect_not_null(strstr(found.body.data, entries), "%s has %s", found.body.data, entries);
    cr_expect_str_eq(json_text(found.json, "entries/0/quantity"), "0.00000001");
    cr_expect_str_eq(json_text(found.json, "entries/0/price"), "9999999999.99999999");
    cr_expect_str_eq(json_text(found.json, "entries/0/average_price"), "150.45");
    cr_expect_str_eq(json_text(found.json, "entries/0/message"), "a \"b\"\n\xe2\x82\xac");
    AUTO_REPLY halts = gateway_get(token, AUDIT "?action=HALTED&limit=2");
    cr_expect_str_eq(json_text(halts.json, "entries/1/trader_id"), "null", "entry 20 halts everyone");
    cr_expect_str_eq(json_text(halts.json, "entries/1/trader_seq"), "null");
    gateway_end(&gateway);
}

Test(gateway_audit, pages_hold_while_entries_arrive, .timeout = 60)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer expected = BUFFER_INIT(0);

    begin(&gateway, 100);
    AUTO_TEXT token = token_of(&gateway, "carol", "compliance");
    /* Nine pages' worth arrive between the pages, less with each: 9 + 8 + … + 1. */
    AUTO_TEXT all = walk(&gateway, token, "", 13, 9);
    for (int i = 1; i <= 145; i++)
        buffer_append_format(&expected, "%s%d", i > 1 ? "," : "", i);
    cr_expect_str_eq(all, expected.data);
    AUTO_TEXT first = walk(&gateway, token, "trader_id=" TRADER_1, 5, 9);
    cr_expect_str_eq(first,
                     world_value(&gateway.world, "SELECT string_agg(log_seq::text, ',' ORDER BY log_seq) "
                                                 "FROM oxe.execution_logs WHERE trader_id = '" TRADER_1 "'"));
    gateway_end(&gateway);
}

Test(gateway_audit, what_is_no_query_is_refused, .timeout = 60)
{
    struct gateway_world gateway;
    static const struct {
        const char *path, *field;
    } cases[] = {
        {AUDIT "?trader_id=7", "/trader_id"},
        {AUDIT "?order_id=", "/order_id"},
        {AUDIT "?action=filled", "/action"},
        {AUDIT "?action=FILLED&action=FILLED", "/action"},
        {AUDIT "?from=yesterday", "/from"},
        {AUDIT "?to=2025-10-17", "/to"},
        {AUDIT "?limit=0", "/limit"},
        {AUDIT "?limit=1001", "/limit"},
        {AUDIT "?limit=1e2", "/limit"},
        {AUDIT "?cursor=made-up", "/cursor"},
        {AUDIT "?trader=" TRADER_1, "/trader"},
        {AUDIT "?format=csv", "/format"},
        {AUDIT "/export?format=xml", "/format"},
        {AUDIT "/export?format=", "/format"},
        {AUDIT "/export?order_id=" ORDER_8, "/order_id"},
        {AUDIT "/export?limit=5", "/limit"},
        {AUDIT "/export?trader_id=x", "/trader_id"},
        {AUDIT "/export?from=1", "/from"},
        {AUDIT "/export?to=1", "/to"},
    };
    char path[256];

    begin(&gateway, 20);
    AUTO_TEXT token = token_of(&gateway, "carol", "compliance");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_REPLY reply = gateway_get(token, cases[i].path);
        cr_expect_eq(reply.status, 400, "%s: %s", cases[i].path, reply.body.data);
        cr_expect_str_eq(json_text(reply.json, "code"), "MALFORMED_REQUEST");
        cr_expect_str_eq(json_text(reply.json, "errors/0/field"), cases[i].field, "%s", reply.body.data);
        cr_expect_eq(json_count(reply.json, "errors"), 1u, "%s", reply.body.data);
    }
    AUTO_REPLY several = gateway_get(token, AUDIT "?trader_id=7&limit=0&x=1");
    cr_expect_eq(json_count(several.json, "errors"), 3u);

    /* A cursor belongs to its filters. */
    AUTO_REPLY page = gateway_get(token, AUDIT "?limit=1&action=FILLED");
    (void)snprintf(path, sizeof(path), AUDIT "?limit=1&action=SUBMITTED&cursor=%s",
                   json_text(page.json, "next_cursor"));
    AUTO_REPLY foreign = gateway_get(token, path);
    cr_expect_eq(foreign.status, 400);
    (void)snprintf(path, sizeof(path), AUDIT "?limit=7&action=FILLED&cursor=%s",
                   json_text(page.json, "next_cursor"));
    AUTO_REPLY own = gateway_get(token, path);
    cr_expect_eq(own.status, 200, "another limit is no other filter");
    AUTO_REPLY orders = gateway_get(token, AUDIT "?limit=100");
    cr_expect_eq(json_count(orders.json, "entries"), 20u);
    cr_expect_str_eq(json_text(orders.json, "next_cursor"), "null");
    gateway_end(&gateway);
}

Test(gateway_audit, an_empty_log_is_an_empty_answer, .timeout = 60)
{
    struct gateway_world gateway;

    begin(&gateway, 0);
    AUTO_TEXT token = token_of(&gateway, "carol", "compliance");
    AUTO_REPLY none = gateway_get(token, AUDIT);
    cr_expect_str_eq(none.body.data, "{\"entries\":[],\"next_cursor\":null}");
    AUTO_REPLY ndjson = gateway_get(token, AUDIT "/export");
    cr_expect_eq(ndjson.status, 200);
    cr_expect_eq(ndjson.body.length, 0u, "%s", ndjson.body.data);
    AUTO_REPLY csv = gateway_get(token, AUDIT "/export?format=csv&trader_id=" TRADER_1);
    cr_expect_str_eq(csv.body.data,
                     "log_seq,event_id,order_id,trader_id,trader_seq,action,status,execution_state,symbol,"
                     "quantity,price,total_filled,average_price,venue,reason,message,actor,timestamp,"
                     "recorded_at,hash,side,venue_exec_id,trace_id\r\n");
    gateway_end(&gateway);
}

/* The plan of a file's statement for these values, as the gateway runs it. The caller's to free. */
static char *explain(struct gateway_world *gateway, const char *file, const char *values)
{
    char path[512], sql[4096];
    struct buffer plan = BUFFER_INIT(0);

    (void)snprintf(path, sizeof(path), "%s/services/gateway/sql/%s.sql", getenv("OXE_SOURCE_ROOT"), file);
    FILE *stream = fopen(path, "re");
    cr_assert_not_null(stream, "%s", path);
    sql[fread(sql, 1, sizeof(sql) - 1, stream)] = '\0';
    (void)fclose(stream);
    world_sql(&gateway->world, "SET ROLE oxe_compliance; SET plan_cache_mode = force_custom_plan");
    world_sql(&gateway->world, "PREPARE explained AS %s", sql);
    (void)snprintf(sql, sizeof(sql), "EXPLAIN (COSTS OFF) EXECUTE explained (%s)", values);
    PGresult *lines = PQexec(gateway->world.sql, sql);
    cr_assert_eq(PQresultStatus(lines), PGRES_TUPLES_OK, "%s", PQerrorMessage(gateway->world.sql));
    for (int i = 0; i < PQntuples(lines); i++)
        buffer_append_format(&plan, "%s\n", PQgetvalue(lines, i, 0));
    PQclear(lines);
    world_sql(&gateway->world, "DEALLOCATE explained; RESET ROLE");
    return plan.data;
}

Test(gateway_audit, each_filter_is_served_by_an_index, .timeout = 60)
{
    struct gateway_world gateway;
    static const struct {
        const char *file, *values, *index, *condition;
    } cases[] = {
        {"search_audit", "100, 20000, NULL, NULL, 101", "_pkey on ", "(log_seq > '100'::bigint)"},
        {"search_audit", "0, 20000, NULL, 'FILLED', 101", "_pkey on ", "(log_seq > '0'::bigint)"},
        {"search_audit", "0, 20000, '" ORDER_8 "', NULL, 101", "_order_id_log_seq_idx on ", "(order_id = "},
        {"search_rare_audit", "0, 20000, 'HALTED', 101", "_action_log_seq_idx on ", "(action = ANY "},
        {"search_rare_audit", "0, 20000, 'REJECTED', 101", "_action_log_seq_idx on ", "(action = ANY "},
        {"search_trader_audit", "0, 20000, NULL, NULL, 101, '" TRADER_1 "', 0, 6000",
         "_trader_id_trader_seq_idx on ", "(trader_seq > '0'::bigint)"},
        {"search_trader_audit", "0, 20000, NULL, NULL, 101, '" TRADER_1 "', 0, 6000",
         "_trader_id_trader_seq_idx on ", "(trader_seq IS NULL)"},
    };

    begin(&gateway, 20000);
    world_sql(&gateway.world, "ANALYZE oxe.execution_logs");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_TEXT plan = explain(&gateway, cases[i].file, cases[i].values);
        cr_expect_not_null(strstr(plan, cases[i].index), "%s (%s): %s", cases[i].file, cases[i].values, plan);
        cr_expect_not_null(strstr(plan, cases[i].condition), "%s (%s): %s", cases[i].file, cases[i].values,
                           plan);
    }
    gateway_end(&gateway);
}
