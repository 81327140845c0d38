/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile client tries beside forged tokens: other traders' rows on shared connections, SQL in every
 * value that reaches the database, lines in the logs. docs/security.md names each threat with its tests. */
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"

TestSuite(security, .timeout = 120);

struct reader {
    pthread_t thread;
    char trader_id[37];
    char *token;
    char *order_id;
    int asked, foreign, unavailable;
    char oddity[256];
};

enum { READERS = 8, ROUNDS = 60 };

/* Each answer must be about the reader alone. */
static void *read_all(void *argument)
{
    struct reader *reader = argument;
    char order[64];
    const char *const paths[] = {"/api/v1/account", ORDERS, order};
    const char *const members[] = {"trader_id", "orders/0/trader_id", "trader_id"};

    (void)snprintf(order, sizeof(order), ORDERS "/%s", reader->order_id);
    for (int i = 0; i < ROUNDS * 3; i++) {
        AUTO_REPLY reply = gateway_get(reader->token, paths[i % 3]);
        reader->asked++;
        if (reply.status == 503) {
            reader->unavailable++;
        } else if (reply.status != 200 ||
                   strcmp(json_text(reply.json, members[i % 3]), reader->trader_id) != 0) {
            reader->foreign++;
            (void)snprintf(reader->oddity, sizeof(reader->oddity), "%s: %ld %.200s", paths[i % 3],
                           reply.status, reply.body.data);
        }
    }
    return NULL;
}

/* One connection serves all of them, is killed now and then, and breaks off in the middle of transactions. */
Test(security, a_shared_connection_keeps_nothing_of_the_trader_before)
{
    struct gateway_world gateway;
    struct reader readers[READERS];

    cr_assert_eq(setenv("OXE_DATABASE_CONNECTIONS", "1", 1), 0);
    gateway_begin(&gateway);
    for (size_t i = 0; i < READERS; i++) {
        char subject[32];
        (void)snprintf(subject, sizeof(subject), "trader-%zu", i);
        readers[i] = (struct reader){.token = gateway_token(&gateway, subject)};
        uuid_format(world_trader(i), readers[i].trader_id);
        AUTO_REPLY made =
            order_submit(readers[i].token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
        cr_assert_eq(made.status, 201, "%s", made.body.data);
        readers[i].order_id = strdup(json_text(made.json, "id"));
    }
    for (size_t i = 0; i < READERS; i++)
        cr_assert_eq(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
    for (int i = 0; i < 5; i++)
        world_sql(&gateway.world,
                  "SELECT pg_sleep(0.2), pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                  "usename = 'oxe_trader'");
    for (size_t i = 0; i < READERS; i++) {
        cr_assert_eq(pthread_join(readers[i].thread, NULL), 0);
        cr_expect_eq(readers[i].foreign, 0, "%s", readers[i].oddity);
        cr_expect_lt(readers[i].unavailable, readers[i].asked, "nothing was read");
        free(readers[i].token);
        free(readers[i].order_id);
    }
    gateway_end(&gateway);
}

static const char *const hostile[] = {
    "'; DROP TABLE oxe.orders; --",
    "' OR '1'='1",
    "$1",
    "\\'; SELECT pg_sleep(10); --",
    "%27%3B+DROP+TABLE+oxe.orders%3B--",
    "AAPL' UNION SELECT * FROM oxe.traders --",
};

/* Wherever a client's text reaches SQL it is a value and nothing else. */
Test(security, sql_in_a_value_is_a_value)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT operations = gateway_token_with(gateway.key, "o'hara", 3600, ",\"oxe_role\":\"operations\"");
    AUTO_TEXT tables =
        strdup(world_value(&gateway.world, "SELECT count(*) FROM pg_tables WHERE schemaname = 'oxe'"));
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        CLEANUP(buffer_release) struct buffer path = BUFFER_INIT(0), body = BUFFER_INIT(0);
        char *escaped = curl_easy_escape(NULL, hostile[i], 0);
        static const char *const queries[] = {"symbol", "status", "cursor", "created_from", "limit"};
        for (size_t q = 0; q < ARRAY_LEN(queries); q++) {
            buffer_clear(&path);
            buffer_append_format(&path, ORDERS "?%s=%s", queries[q], escaped);
            AUTO_REPLY list = gateway_get(token, path.data);
            cr_expect_eq(list.status, 400, "%s: %ld %s", path.data, list.status, list.body.data);
        }
        buffer_clear(&path);
        buffer_append_format(&path, ORDERS "/%s", escaped);
        AUTO_REPLY order = gateway_get(token, path.data);
        cr_expect(order.status == 400 || order.status == 404, "%s: %ld", path.data, order.status);
        curl_free(escaped);

        buffer_append_text(&body, "{\"scope\":\"SYMBOL\",\"symbol\":\"DARK\",\"reason\":");
        buffer_append_json_text(&body, hostile[i], strlen(hostile[i]));
        buffer_append_text(&body, "}");
        AUTO_REPLY halt = instance_call(
            &(struct call){.path = "/api/v1/admin/halts", .token = operations, .body = body.data});
        cr_expect_eq(halt.status, 201, "%s", halt.body.data);
        cr_expect_str_eq(json_text(halt.json, "reason"), hostile[i]);
        cr_expect_str_eq(json_text(halt.json, "created_by"), "o'hara");
        cr_expect_str_eq(
            world_value(&gateway.world, "SELECT reason FROM oxe.halts ORDER BY created_at DESC LIMIT 1"),
            hostile[i]);
    }
    AUTO_REPLY keyed =
        instance_call(&(struct call){.path = ORDERS,
                                     .token = token,
                                     .body = "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}",
                                     .key = "';DROP/**/TABLE/**/oxe.orders;--"});
    cr_expect_eq(keyed.status, 201, "%s", keyed.body.data);
    cr_expect_str_eq(world_value(&gateway.world, "SELECT idempotent_key FROM oxe.orders"),
                     "';DROP/**/TABLE/**/oxe.orders;--");
    cr_expect_str_eq(world_value(&gateway.world, "SELECT count(*) FROM pg_tables WHERE schemaname = 'oxe'"),
                     tables);
    gateway_end(&gateway);
}

/* Every line of the file is one JSON object. */
static void expect_json_lines(const char *path)
{
    FILE *file = fopen(path, "re");
    CLEANUP_FREE char *line = NULL;
    size_t size = 0, lines = 0;
    char error[256];

    cr_assert_not_null(file, "%s", path);
    while (getline(&line, &size, file) > 0) {
        yajl_val value = yajl_tree_parse(line, error, sizeof(error));
        cr_expect(YAJL_IS_OBJECT(value), "%s: %s", path, line);
        cr_expect_null(strstr(line, "\"event\":\"forged\""), "%s: %s", path, line);
        yajl_tree_free(value);
        lines++;
    }
    (void)fclose(file);
    cr_expect_gt(lines, 0, "%s", path);
}

Test(security, nobody_writes_lines_into_the_logs)
{
    struct gateway_world gateway;
    char path[160];
    static const char *const logs[] = {"gateway.log", "validator.log", "risk0.log"};

    cr_assert_eq(setenv("OXE_LOG_LEVEL", "debug", 1), 0);
    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT forger = gateway_token(&gateway, "x\\n{\\\"event\\\":\\\"forged\\\"}");
    AUTO_TEXT operations = gateway_token_with(gateway.key, "op\\n{\\\"event\\\":\\\"forged\\\"}", 3600,
                                              ",\"oxe_role\":\"operations\"");
    AUTO_REPLY account = gateway_get(forger, "/api/v1/account");
    cr_expect_eq(account.status, 403, "%s", account.body.data);
    AUTO_REPLY named = instance_call(&(struct call){
        .path = "/api/v1/account", .token = token, .header = "X-Request-Id: a\",\"event\":\"forged"});
    cr_expect_eq(named.status, 200, "%s", named.body.data);
    cr_expect_null(strstr(reply_header(&named, "X-Request-Id"), "forged"), "an id of ours takes its place");
    AUTO_REPLY halt = instance_call(&(struct call){
        .path = "/api/v1/admin/halts",
        .token = operations,
        .body = "{\"scope\":\"ALL\",\"reason\":\"a drill\\n{\\\"event\\\":\\\"forged\\\"}\"}"});
    cr_expect(halt.status == 201 || halt.status == 422, "%s", halt.body.data);
    AUTO_REPLY order =
        order_submit(token, "{\"symbol\":\"A\\n{\\\"event\\\":\\\"forged\\\"}\",\"quantity\":1}");
    cr_expect_eq(order.status, 422, "%s", order.body.data);
    AUTO_REPLY halted = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_expect(halted.status == 201 || halted.status == 422, "%s", halted.body.data);
    for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", gateway.world.directory, logs[i]);
        expect_json_lines(path);
    }
    gateway_end(&gateway);
}
