/* SPDX-License-Identifier: Apache-2.0 */
/* Garbage over HTTP: each piece gets its 4xx problem document, and no process is the worse for it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/instance.h"

enum { FILL_MS = 2000, DEEP = 5000 };

TestSuite(garbage, .timeout = 120);

#define ORDERS "/api/v1/orders"

static void expect_problem(const char *name, const struct reply *reply, long status, const char *code,
                           const char *fault)
{
    char type[96] = "/problems/";

    cr_assert_eq(reply->status, status, "%s: %ld %s", name, reply->status, reply->body.data);
    cr_assert_str_eq(reply_header(reply, "Content-Type"), "application/problem+json", "%s", name);
    cr_assert_str_eq(json_text(reply->json, "code"), code, "%s: %s", name, reply->body.data);
    cr_assert_eq(atol(json_text(reply->json, "status")), status, "%s", name);
    for (const char *c = code; *c != '\0'; c++)
        (void)snprintf(type + strlen(type), 2, "%c", *c == '_' ? '-' : *c | 0x20);
    cr_assert_str_eq(json_text(reply->json, "type"), type, "%s", name);
    cr_assert_str_not_empty(json_text(reply->json, "title"), "%s", name);
    cr_assert_str_not_empty(json_text(reply->json, "detail"), "%s", name);
    cr_assert_str_not_empty(json_text(reply->json, "request_id"), "%s", name);
    if (fault != NULL)
        cr_assert_str_eq(json_text(reply->json, "errors/0/code"), fault, "%s: %s", name, reply->body.data);
}

/* An order still fills, and the processes are those of before. */
static void expect_unharmed(const char *token, const char *processes)
{
    AUTO_REPLY made = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_assert_eq(made.status, 201, "%ld %s", made.status, made.body.data);
    AUTO_REPLY order = order_await(token, json_text(made.json, "id"), "DONE", FILL_MS);
    cr_assert_str_eq(json_text(order.json, "status"), "FILLED");
    AUTO_TEXT now = instance_processes();
    cr_assert_str_eq(now, processes, "processes before:\n%safter:\n%s", processes, now);
}

/* A body with one member as given in place of a good one. */
#define SYMBOL(value)   "{\"symbol\":" value ",\"quantity\":1,\"order_type\":\"MARKET\"}"
#define QUANTITY(value) "{\"symbol\":\"AAPL\",\"quantity\":" value ",\"order_type\":\"MARKET\"}"
#define TYPE(value)     "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":" value "}"
#define MORE(members)   "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"," members "}"

static const struct body_case {
    const char *body;
    long status;
    const char *code, *fault;
} bodies[] = {
    {"", 400, "MALFORMED_JSON", NULL},
    {" ", 400, "MALFORMED_JSON", NULL},
    {"hello", 400, "MALFORMED_JSON", NULL},
    {"{", 400, "MALFORMED_JSON", NULL},
    {"{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"", 400, "MALFORMED_JSON", NULL},
    {MORE("\"price\":1,"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("1") "x", 400, "MALFORMED_JSON", NULL},
    {QUANTITY("1") QUANTITY("1"), 400, "MALFORMED_JSON", NULL},
    {"{'symbol':'AAPL'}", 400, "MALFORMED_JSON", NULL},
    {"\xef\xbb\xbf" QUANTITY("1"), 400, "MALFORMED_JSON", NULL},
    {SYMBOL("\"AA\xff\xfePL\""), 400, "MALFORMED_JSON", NULL},
    {SYMBOL("\"A\xc0\x80\""), 400, "MALFORMED_JSON", NULL},
    {SYMBOL("\"\xed\xa0\x80\""), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("NaN"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("Infinity"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("-"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("+1"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("01"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("1."), 400, "MALFORMED_JSON", NULL},
    {QUANTITY(".5"), 400, "MALFORMED_JSON", NULL},
    {QUANTITY("0x10"), 400, "MALFORMED_JSON", NULL},
    {"[]", 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {"null", 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {"42", 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {"\"order\"", 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {"{}", 422, "VALIDATION_FAILED", "REQUIRED"},
    {"{\"quantity\":1,\"order_type\":\"MARKET\"}", 422, "VALIDATION_FAILED", "REQUIRED"},
    {SYMBOL("null"), 422, "VALIDATION_FAILED", "REQUIRED"},
    {SYMBOL("7"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {SYMBOL("[\"AAPL\"]"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {SYMBOL("\"\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {SYMBOL("\"aapl\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {SYMBOL("\"ABCDEFGHIJKLMNOPQ\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {SYMBOL("\"AAPL'; DROP TABLE oxe.orders; --\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {SYMBOL("\"AA\\u0000PL\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {SYMBOL("\"AAPL\\u0001\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("true"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {QUANTITY("{}"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {QUANTITY("[1]"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {QUANTITY("\"\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("\"ten\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("\"NaN\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("\" 1\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("\"1,5\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {QUANTITY("0"), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {QUANTITY("-0"), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {QUANTITY("-1"), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {QUANTITY("\"-0.00000001\""), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {QUANTITY("0.000000001"), 422, "VALIDATION_FAILED", "TOO_PRECISE"},
    {QUANTITY("1e-400"), 422, "VALIDATION_FAILED", "TOO_PRECISE"},
    {QUANTITY("1e400"), 422, "VALIDATION_FAILED", "OUT_OF_RANGE"},
    {QUANTITY("10000000000"), 422, "VALIDATION_FAILED", "OUT_OF_RANGE"},
    {QUANTITY("-1e400"), 422, "VALIDATION_FAILED", "OUT_OF_RANGE"},
    {QUANTITY("99999999999999999999999999999999999999"), 422, "VALIDATION_FAILED", "OUT_OF_RANGE"},
    {QUANTITY("1e99999999999999999999"), 422, "VALIDATION_FAILED", "OUT_OF_RANGE"},
    {TYPE("\"market\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {TYPE("\"ICEBERG\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {TYPE("1"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {TYPE("\"LIMIT\""), 422, "VALIDATION_FAILED", "PRICE_REQUIRED"},
    {TYPE("\"STOP\""), 422, "VALIDATION_FAILED", "PRICE_REQUIRED"},
    {MORE("\"side\":\"HOLD\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {MORE("\"side\":null"), 422, "VALIDATION_FAILED", "INVALID_TYPE"},
    {MORE("\"time_in_force\":\"FOREVER\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {MORE("\"stoploss\":145"), 422, "VALIDATION_FAILED", "UNKNOWN_FIELD"},
    {MORE("\"stopLoss\":145"), 422, "VALIDATION_FAILED", "UNKNOWN_FIELD"},
    {MORE("\"trader_id\":\"0199f0a5-7d0c-7000-8000-000000000001\""), 422, "VALIDATION_FAILED",
     "UNKNOWN_FIELD"},
    {MORE("\"\":1"), 422, "VALIDATION_FAILED", "UNKNOWN_FIELD"},
    {MORE("\"status\":{\"a\":[1,2]}"), 422, "VALIDATION_FAILED", "UNKNOWN_FIELD"},
    {MORE("\"quantity\":2"), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {MORE("\"symb\\u006fl\":\"MSFT\""), 422, "VALIDATION_FAILED", "INVALID_VALUE"},
    {MORE("\"price\":0"), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {MORE("\"stop_loss\":-5"), 422, "VALIDATION_FAILED", "NOT_POSITIVE"},
    {MORE("\"take_profit\":1.000000001"), 422, "VALIDATION_FAILED", "TOO_PRECISE"},
};

Test(garbage, every_bad_body_gets_its_problem)
{
    AUTO_TEXT token = instance_trader("bodies", "100000", NULL);
    AUTO_TEXT processes = instance_processes();

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct body_case *test = &bodies[i];
        AUTO_REPLY reply = order_submit(token, test->body);
        expect_problem(test->body, &reply, test->status, test->code, test->fault);
        cr_assert_str_not_empty(reply_header(&reply, "Idempotency-Key"), "%s", test->body);
    }
    /* What could not be stored as an order is not recorded; PRICE_REQUIRED is the validator's to say. */
    AUTO_TEXT recorded = instance_sql("SELECT count(*) FROM oxe.orders o JOIN oxe.traders t ON t.id = "
                                      "o.trader_id WHERE t.subject = 'bodies' AND o.order_type = 'MARKET'");
    cr_assert_str_eq(recorded, "0");
    expect_unharmed(token, processes);
}

Test(garbage, deep_and_large_bodies_are_refused_without_being_walked)
{
    static const struct {
        const char *open, *close;
    } nestings[] = {{"[", "]"}, {"{\"a\":", "}"}, {"{\"symbol\":[", "]}"}};
    AUTO_TEXT token = instance_trader("deep", "100000", NULL);
    AUTO_TEXT processes = instance_processes();
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    for (size_t i = 0; i < ARRAY_LEN(nestings); i++) {
        size_t levels = DEEP / strlen(nestings[i].open);
        buffer_clear(&body);
        for (size_t level = 0; level < levels; level++)
            buffer_append_text(&body, nestings[i].open);
        buffer_append_char(&body, '1');
        for (size_t level = 0; level < levels; level++)
            buffer_append_text(&body, nestings[i].close);
        AUTO_REPLY reply = order_submit(token, body.data);
        expect_problem(nestings[i].open, &reply, 400, "MALFORMED_JSON", NULL);
    }
    buffer_clear(&body);
    buffer_append_text(&body, "{\"symbol\":\"");
    while (body.length <= 16 * 1024)
        buffer_append_char(&body, 'A');
    buffer_append_text(&body, "\"}");
    AUTO_REPLY reply = order_submit(token, body.data);
    expect_problem("a body just over 16 KiB", &reply, 413, "BODY_TOO_LARGE", NULL);
    expect_unharmed(token, processes);
}

/* Everything about a request but its body. path NULL: POST of a good order. */
static const struct request_case {
    const char *method, *path, *key, *type, *header;
    long status;
    const char *code, *fault;
} requests[] = {
    {.type = "", .status = 415, .code = "UNSUPPORTED_MEDIA_TYPE"},
    {.type = "text/plain", .status = 415, .code = "UNSUPPORTED_MEDIA_TYPE"},
    {.type = "application/jsonp", .status = 415, .code = "UNSUPPORTED_MEDIA_TYPE"},
    {.type = "application/json; charset=latin1", .status = 415, .code = "UNSUPPORTED_MEDIA_TYPE"},
    {.type = "application/x-www-form-urlencoded", .status = 415, .code = "UNSUPPORTED_MEDIA_TYPE"},
    {.header = "Idempotency-Key;", .status = 400, .code = "IDEMPOTENCY_KEY_INVALID"},
    {.key = "two words", .status = 400, .code = "IDEMPOTENCY_KEY_INVALID"},
    {.key = "k\xc3\xa9y", .status = 400, .code = "IDEMPOTENCY_KEY_INVALID"},
    {.key = "twice", .header = "Idempotency-Key: twice", .status = 400, .code = "IDEMPOTENCY_KEY_INVALID"},
    {.key = "0123456789012345678901234567890123456789012345678901234567890123"
            "01234567890123456789012345678901234567890123456789012345678901234",
     .status = 400,
     .code = "IDEMPOTENCY_KEY_INVALID"},
    {.method = "PUT", .path = ORDERS, .status = 405, .code = "METHOD_NOT_ALLOWED"},
    {.method = "DELETE", .path = ORDERS, .status = 405, .code = "METHOD_NOT_ALLOWED"},
    {.method = "BREW", .path = ORDERS, .status = 405, .code = "METHOD_NOT_ALLOWED"},
    {.method = "POST", .path = "/api/v1/account", .status = 405, .code = "METHOD_NOT_ALLOWED"},
    {.path = "/api", .status = 404, .code = "NOT_FOUND"},
    {.path = "/metrics", .status = 404, .code = "NOT_FOUND"},
    {.path = "/api/v1/nothing", .status = 404, .code = "NOT_FOUND"},
    {.path = "/api/v1/../../../../etc/passwd", .status = 400, .code = "MALFORMED_REQUEST"},
    {.path = "/api/v2/orders", .status = 404, .code = "NOT_FOUND"},
    {.path = ORDERS "/0199f0a5-7d0c-7000-8000-000000000001", .status = 404, .code = "NOT_FOUND"},
    {.path = ORDERS "/42", .status = 400, .code = "MALFORMED_REQUEST"},
    {.path = ORDERS "/0199f0a5-7d0c-7000-8000-00000000000g", .status = 400, .code = "MALFORMED_REQUEST"},
    {.path = ORDERS "/%27%20OR%201=1", .status = 400, .code = "MALFORMED_REQUEST"},
    {.path = ORDERS "/42/audit", .status = 400, .code = "MALFORMED_REQUEST"},
    {.path = ORDERS "?status=OPEN", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?symbol=aapl", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=0", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=501", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=-1", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=ten", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=99999999999999999999",
     .status = 400,
     .code = "MALFORMED_REQUEST",
     .fault = "INVALID_VALUE"},
    {.path = ORDERS "?limit=1&limit=2", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?cursor=", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?cursor=garbage", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?created_from=yesterday",
     .status = 400,
     .code = "MALFORMED_REQUEST",
     .fault = "INVALID_VALUE"},
    {.path = ORDERS "?created_to=2025-02-30T00:00:00Z",
     .status = 400,
     .code = "MALFORMED_REQUEST",
     .fault = "INVALID_VALUE"},
    {.path = ORDERS "?symbol=%ff", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?symbol=%zz", .status = 400, .code = "MALFORMED_REQUEST", .fault = "INVALID_VALUE"},
    {.path = ORDERS "?statuss=FILLED", .status = 400, .code = "MALFORMED_REQUEST", .fault = "UNKNOWN_FIELD"},
};

Test(garbage, every_bad_request_gets_its_problem)
{
    AUTO_TEXT token = instance_trader("requests", "100000", NULL);
    AUTO_TEXT processes = instance_processes();

    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        const struct request_case *test = &requests[i];
        char name[256];
        bool submits = test->path == NULL;
        AUTO_REPLY reply = instance_call(&(struct call){.method = test->method,
                                                        .path = submits ? ORDERS : test->path,
                                                        .token = token,
                                                        .body = submits ? QUANTITY("1") : NULL,
                                                        .key = test->key,
                                                        .type = test->type,
                                                        .header = test->header});
        (void)snprintf(name, sizeof(name), "request %zu: %s %s", i, test->method == NULL ? "" : test->method,
                       submits ? ORDERS : test->path);
        expect_problem(name, &reply, test->status, test->code, test->fault);
        if (test->status == 405)
            cr_assert_str_not_empty(reply_header(&reply, "Allow"), "%s", name);
    }
    expect_unharmed(token, processes);
}

static char *oxectl_token(const char *keys, const char *ttl)
{
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/bin/oxectl", getenv("OXE_HOME"));
    return instance_run((const char *[]){path, "token", "--keys", keys, "--ttl", ttl, "tokens", NULL}, NULL);
}

/* A genuine token's part with one character changed. */
static char *tamper(const char *token, int part)
{
    char *changed = strdup(token);
    char *at = changed;

    for (int i = 0; i < part; i++)
        at = strchr(at, '.') + 1;
    at += 12;
    *at = *at == 'A' ? 'B' : 'A';
    return changed;
}

static void expect_unauthenticated(const char *name, const char *token)
{
    AUTO_REPLY post = order_submit(token, QUANTITY("1"));
    AUTO_REPLY get = instance_call(&(struct call){.path = "/api/v1/account", .token = token});

    expect_problem(name, &post, 401, "UNAUTHENTICATED", NULL);
    expect_problem(name, &get, 401, "UNAUTHENTICATED", NULL);
    cr_assert(strncmp(reply_header(&get, "WWW-Authenticate"), "Bearer", 6) == 0, "%s", name);
}

Test(garbage, a_token_that_does_not_verify_opens_nothing)
{
    AUTO_TEXT token = instance_trader("tokens", "100000", NULL);
    AUTO_TEXT processes = instance_processes();
    char keys[512], foreign_keys[512], issuer[512];
    (void)snprintf(keys, sizeof(keys), "%s/keys", getenv("OXE_HOME"));
    (void)snprintf(foreign_keys, sizeof(foreign_keys), "%s/foreign-keys", getenv("OXE_HOME"));
    (void)snprintf(issuer, sizeof(issuer), "%s/bin/oxectl", getenv("OXE_HOME"));
    AUTO_TEXT made = instance_run((const char *[]){issuer, "issuer", foreign_keys, NULL}, NULL);
    AUTO_TEXT expired = oxectl_token(keys, "-3600");
    AUTO_TEXT foreign = oxectl_token(foreign_keys, "3600");
    AUTO_TEXT header = tamper(token, 0);
    AUTO_TEXT payload = tamper(token, 1);
    AUTO_TEXT signature = tamper(token, 2);
    CLEANUP(buffer_release) struct buffer unsigned_token = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer endless = BUFFER_INIT(0);
    const char *dot = strchr(token, '.'), *last = strrchr(token, '.');
    /* {"alg":"none","typ":"JWT"}, the genuine claims, no signature */
    buffer_append_format(&unsigned_token, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0%.*s.", (int)(last - dot), dot);
    while (endless.length < 16000)
        buffer_append_text(&endless, "abcdefgh");

    expect_unauthenticated("no token", NULL);
    expect_unauthenticated("a word", "garbage");
    expect_unauthenticated("only dots", "..");
    expect_unauthenticated("expired", expired);
    expect_unauthenticated("of a foreign issuer", foreign);
    expect_unauthenticated("alg none", unsigned_token.data);
    expect_unauthenticated("another header", header);
    expect_unauthenticated("other claims", payload);
    expect_unauthenticated("another signature", signature);
    expect_unauthenticated("endless", endless.data);
    AUTO_TEXT stranger = instance_token("nobody-knows-me", NULL);
    AUTO_REPLY unknown = order_submit(stranger, QUANTITY("1"));
    expect_problem("no account", &unknown, 403, "ACCOUNT_UNKNOWN", NULL);
    expect_unharmed(token, processes);
}
