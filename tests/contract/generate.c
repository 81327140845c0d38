/* SPDX-License-Identifier: Apache-2.0 */
/* See generate.h.
 *
 * Long: one generator walks every keyword of a schema. */
#include "tests/contract/generate.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/operations.h"

enum { NESTED_MAX = 80, LONG_TEXT = 5000, DIGITS_MAX = 60, TOO_LARGE = 17000, VALUE_MAX = 64 };

/* splitmix64 */
static uint64_t draw(struct generator *g)
{
    uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(struct generator *g, size_t bound)
{
    return (size_t)(draw(g) % bound);
}

static bool one_in(struct generator *g, size_t n)
{
    return below(g, n) == 0;
}

static const char *one_of(struct generator *g, const char *const *texts)
{
    size_t count = 0;

    while (texts[count] != NULL)
        count++;
    return texts[below(g, count)];
}

/* --- values --- */

static const char *const odd_numbers[] = {
    "0",     "-0",    "-1",    "1e400",       "-1e400",     "1e-400",  "1E+5",        "0.00000001",
    "1e",    "01",    "1.",    ".5",          "+1",         "0x10",    "NaN",         "Infinity",
    "1e1e1", "1_000", "1,000", "0.000000001", "9999999999", "1e10",    "10000000000", "9999999999.99999999",
    "--1",   "1e+",   "1e-8",  "100e-2",      "0.1e1",      "1e00001", "0e0",         "-0.0e-0",
    NULL,
};
static const char *const odd_texts[] = {
    "\"\"",
    "\" \"",
    "\"AAPL \"",
    "\"aapl\"",
    "\"\\u0000\"",
    "\"AA\\u0000PL\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\xd0\x90\xd0\x90PL\"",
    "\"\xe2\x80\xae\"",
    "\"\xc0\xaf\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xe9t\xe9\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\t\"",
    "\"\\t\\n\\r\\b\\f\\/\\\\\\\"\"",
    "\"\x7f\"",
    "\"'; DROP TABLE oxe.orders; --\"",
    "\"${jndi:ldap://x}\"",
    "\"%s%n%d\"",
    "\"../../etc/passwd\"",
    "\"null\"",
    "\"true\"",
    "\"\xef\xbc\x91\"",
    "\"1e400\"",
    "\"-0\"",
    "\"NaN\"",
    "\" 1\"",
    "\"1 \"",
    "\"+1\"",
    "\"0x1\"",
    "\"1,5\"",
    "\"\xd9\xa1\"",
    NULL,
};
static const char *const odd_words[] = {"null", "true",      "false",   "[]",  "{}", "[1]", "{\"a\":1}",
                                        "Null", "undefined", "[[],{}]", "'x'", "",   NULL};

static void add_digits(struct generator *g, struct buffer *out, size_t max)
{
    for (size_t count = below(g, max) + 1; count > 0; count--)
        buffer_append_char(out, (char)('0' + below(g, 10)));
}

static void add_number(struct generator *g, struct buffer *out)
{
    if (one_in(g, 4))
        buffer_append_char(out, '-');
    add_digits(g, out, one_in(g, 4) ? DIGITS_MAX : 6);
    if (one_in(g, 2)) {
        buffer_append_char(out, '.');
        add_digits(g, out, one_in(g, 4) ? DIGITS_MAX : 9);
    }
    if (one_in(g, 4)) {
        buffer_append_text(out, one_of(g, (const char *const[]){"e", "E", "e+", "e-", NULL}));
        add_digits(g, out, one_in(g, 4) ? 20 : 2);
    }
}

static void add_two_bytes(struct generator *g, struct buffer *out)
{
    buffer_append_char(out, (char)(0xc3 + below(g, 20)));
    buffer_append_char(out, (char)(0x80 + below(g, 64)));
}

/* Any text, most of it Unicode, some of it no UTF-8. */
static void add_text(struct generator *g, struct buffer *out)
{
    size_t length = one_in(g, 20) ? LONG_TEXT : below(g, 24);

    buffer_append_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (one_in(g, 6))
            buffer_append_format(out, "\\u%04x", (unsigned)below(g, 0x10000));
        else if (one_in(g, 12))
            buffer_append_char(out, (char)below(g, 256));
        else if (one_in(g, 4))
            add_two_bytes(g, out);
        else
            buffer_append_char(out, (char)('A' + below(g, 26)));
    }
    buffer_append_char(out, '"');
}

static void add_nested(struct generator *g, struct buffer *out)
{
    size_t levels = below(g, NESTED_MAX) + 1;
    bool object = one_in(g, 2);

    for (size_t i = 0; i < levels; i++)
        buffer_append_text(out, object ? "{\"a\":" : "[");
    buffer_append_char(out, '1');
    for (size_t i = 0; i < levels; i++)
        buffer_append_char(out, object ? '}' : ']');
}

static void add_odd_value(struct generator *g, struct buffer *out)
{
    switch (below(g, 8)) {
    case 0:
        buffer_append_text(out, one_of(g, odd_numbers));
        break;
    case 1:
        buffer_append_format(out, "\"%s\"", one_of(g, odd_numbers));
        break;
    case 2:
        buffer_append_text(out, one_of(g, odd_texts));
        break;
    case 3:
        buffer_append_text(out, one_of(g, odd_words));
        break;
    case 4:
        add_text(g, out);
        break;
    case 5:
        add_nested(g, out);
        break;
    case 6:
        buffer_append_char(out, '"');
        add_number(g, out);
        buffer_append_char(out, '"');
        break;
    default:
        add_number(g, out);
    }
}

/* --- bodies --- */

/* A member with values that the contract allows. Halts name what is not there, so that none is ever in force.
 */
struct member {
    const char *name;
    bool required;
    const char *values[8];
};

static const struct member order_members[] = {
    {"symbol", true, {"\"AAPL\"", "\"MSFT\"", "\"TSLA\"", "\"ZZZZ\"", NULL}},
    {"quantity", true, {"1", "\"2\"", "10", "1.5", "100000", "1e1", NULL}},
    {"order_type", true, {"\"MARKET\"", "\"LIMIT\"", "\"STOP\"", NULL}},
    {"side", false, {"\"BUY\"", "\"SELL\"", NULL}},
    {"time_in_force", false, {"\"DAY\"", "\"GTC\"", "\"IOC\"", "\"FOK\"", NULL}},
    {"price", false, {"150", "\"150.5\"", "150.25", "null", "1", "390", NULL}},
    {"stop_loss", false, {"140", "null", "\"145.5\"", "0.01", NULL}},
    {"take_profit", false, {"160", "null", "1000", "170.123", NULL}},
};
static const struct member halt_members[] = {
    {"scope", true, {"\"TRADER\"", "\"SYMBOL\"", NULL}}, {"reason", true, {"\"news\"", "\"\xc3\xa9\"", NULL}},
    {"trader_id", false, {"\"" NO_SUCH_ID "\"", NULL}},  {"symbol", false, {"\"ZZZZ\"", NULL}},
    {"cancel_open", false, {"true", "false", NULL}},
};
static const struct member resolution_members[] = {
    {"action", true, {"\"RETRY\"", "\"REJECT\"", "\"CANCEL\"", "\"FILL\"", NULL}},
    {"reason", true, {"\"told\"", NULL}},
    {"quantity", false, {"1", "\"1\"", NULL}},
    {"price", false, {"150", NULL}},
    {"venue_exec_id", false, {"\"X-1\"", NULL}},
};
static const char *const odd_names[] = {
    "stoploss", "stopLoss",     "SYMBOL",  "trader_id", "id",   "status",         "",      "__proto__",
    "symbol ",  "sym\\u0062ol", "\\u0000", "\xc3\xa9",  "\xe9", "idempotent_key", "a/b~c", NULL,
};

static void add_member(struct generator *g, const struct member *member, size_t oddness)
{
    struct buffer *out = &g->body;

    if (out->length > 1)
        buffer_append_char(out, ',');
    buffer_append_format(out, "\"%s\":", one_in(g, 40 * oddness) ? one_of(g, odd_names) : member->name);
    if (one_in(g, 3 * oddness))
        add_odd_value(g, out);
    else
        buffer_append_text(out, one_of(g, member->values));
}

static void add_object(struct generator *g, const struct member *members, size_t count)
{
    size_t oddness = one_in(g, 2) ? 1 : 8; /* half of the bodies are nearly right */

    buffer_append_char(&g->body, '{');
    for (size_t i = 0; i < count; i++) {
        if (members[i].required ? !one_in(g, 15 * oddness) : one_in(g, 3))
            add_member(g, &members[i], oddness);
        if (one_in(g, 30 * oddness))
            add_member(g, &members[below(g, count)], oddness);
    }
    buffer_append_char(&g->body, '}');
}

static void put_around(struct generator *g, const char *before, const char *after)
{
    struct buffer *value = &g->value;

    buffer_clear(value);
    buffer_append_text(value, before);
    buffer_append(value, g->body.data, g->body.length);
    buffer_append_text(value, after);
    buffer_clear(&g->body);
    buffer_append(&g->body, value->data, value->length);
}

/* Every byte with a NUL after it, as UTF-16 has it. */
static void widen(struct generator *g)
{
    buffer_clear(&g->value);
    for (size_t i = 0; i < g->body.length; i++)
        buffer_append(&g->value, (char[]){g->body.data[i], '\0'}, 2);
    buffer_clear(&g->body);
    buffer_append(&g->body, g->value.data, g->value.length);
}

static void pad(struct generator *g)
{
    while (g->body.length < TOO_LARGE)
        buffer_append_char(&g->body, ' ');
}

/* What befalls a body as a whole. */
static void spoil(struct generator *g)
{
    struct buffer *body = &g->body;

    switch (below(g, 10)) {
    case 0:
        put_around(g, "\xef\xbb\xbf", "");
        break;
    case 1:
        put_around(g, "[", "]");
        break;
    case 2:
        put_around(g, "", one_of(g, (const char *const[]){"x", "{}", ",", " \n\t", "\xff", "//", NULL}));
        break;
    case 3:
        body->length = below(g, body->length + 1);
        break;
    case 4:
        buffer_clear(body);
        add_odd_value(g, body);
        break;
    case 5:
        widen(g);
        break;
    case 6:
        pad(g);
        break;
    default:
        for (size_t i = below(g, 4) + 1; i > 0; i--)
            body->data[below(g, body->length)] = (char)below(g, 256);
    }
}

static void make_body(struct generator *g, const struct member *members, size_t count, struct call *call)
{
    static const char *const types[] = {"application/json; charset=utf-8",
                                        "application/json;charset=\"utf-8\"",
                                        "APPLICATION/JSON",
                                        "application/json; charset=latin1",
                                        "application/json, text/plain",
                                        "application/problem+json",
                                        "text/plain",
                                        "multipart/form-data",
                                        "application/json;",
                                        "application/json; x=\xff",
                                        "",
                                        "*/*",
                                        NULL};

    buffer_clear(&g->body);
    add_object(g, members, count);
    if (one_in(g, 8))
        spoil(g);
    call->body = g->body.length == 0 ? "" : g->body.data;
    call->body_length = g->body.length;
    if (one_in(g, 12))
        call->type = one_of(g, types);
}

/* --- heads --- */

/* Bytes that a header may hold on its way through the client. */
static void make_key(struct generator *g, struct call *call)
{
    size_t length = one_in(g, 6) ? 120 + below(g, 20) : below(g, 40) + 1;

    if (one_in(g, 5)) {
        call->key = one_of(
            g, (const char *const[]){"again", "two words", "k\xc3\xa9y", "\xff", "a\tb", "\"q\"", NULL});
        return;
    }
    for (size_t i = 0; i < length; i++)
        g->key[i] = (char)('!' + below(g, '~' - '!' + 1));
    g->key[length] = '\0';
    call->key = g->key;
}

static void make_header(struct generator *g, struct call *call)
{
    static const char *const names[] = {"X-Request-Id",
                                        "traceparent",
                                        "Origin",
                                        "Accept",
                                        "Accept-Charset",
                                        "Cookie",
                                        "Forwarded",
                                        "Idempotency-Key",
                                        "If-Match",
                                        "Range",
                                        "Content-Encoding",
                                        "X-HTTP-Method-Override",
                                        "Via",
                                        NULL};
    static const char *const values[] = {"a",
                                         "DELETE",
                                         "00-00000000000000000000000000000000-0000000000000000-00",
                                         "https://example.org",
                                         "null",
                                         "\xff\xfe",
                                         "bytes=0-1",
                                         "gzip",
                                         "../../x",
                                         "a=b; c=d",
                                         "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                         NULL};

    (void)snprintf(g->header, sizeof(g->header), "%s: %s", one_of(g, names), one_of(g, values));
    call->header = g->header;
}

/* --- paths --- */

static void add_to_path(struct generator *g, const char *text)
{
    size_t length = strlen(g->path);

    (void)snprintf(g->path + length, sizeof(g->path) - length, "%s", text);
}

/* Percent-encoded but for letters and digits. */
static void add_encoded(struct generator *g, const char *text, size_t length)
{
    char byte[4];

    for (const char *end = text + length; text < end; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || *text == '-' || *text == '_';
        (void)snprintf(byte, sizeof(byte), plain ? "%c" : "%%%02X", (unsigned char)*text);
        add_to_path(g, byte);
    }
}

static void add_parameter_value(struct generator *g)
{
    static const char *const values[] = {"1",
                                         "50",
                                         "500",
                                         "501",
                                         "0",
                                         "-1",
                                         "1e2",
                                         "99999999999999999999",
                                         "FILLED",
                                         "REJECTED",
                                         "filled",
                                         "AAPL",
                                         "aapl",
                                         "2025-01-01T00:00:00Z",
                                         "2025-01-01T00:00:00.123456Z",
                                         "2025-02-30T00:00:00Z",
                                         "yesterday",
                                         "2025-01-01T00:00:00+02:00",
                                         "2025-01-01",
                                         "0000-00-00T00:00:00Z",
                                         "9999-12-31T23:59:59Z",
                                         NO_SUCH_ID,
                                         "",
                                         NULL};

    if (one_in(g, 5)) {
        buffer_clear(&g->value);
        add_odd_value(g, &g->value);
        add_encoded(g, g->value.data, g->value.length < VALUE_MAX ? g->value.length : VALUE_MAX);
    } else if (one_in(g, 10)) {
        add_to_path(g, one_of(g, (const char *const[]){"%ff", "%zz", "%00", "%", "%4", "+", "%0d%0a", NULL}));
    } else {
        const char *value = one_of(g, values);
        add_encoded(g, value, strlen(value));
    }
}

static void make_query(struct generator *g)
{
    static const char *const names[] = {"status", "symbol",    "created_from", "created_to", "limit",
                                        "cursor", "trader_id", "order_id",     "action",     "from",
                                        "to",     "format",    "offset",       "Status",     "%73tatus",
                                        "",       NULL};

    for (size_t count = below(g, 4); count > 0; count--) {
        add_to_path(g, strchr(g->path, '?') == NULL ? "?" : one_in(g, 10) ? "&&" : "&");
        add_to_path(g, one_of(g, names));
        if (!one_in(g, 12))
            add_to_path(g, "=");
        add_parameter_value(g);
    }
}

/* Ids stay one segment of the path, or the request would be another operation's. */
static void add_id(struct generator *g)
{
    static const char *const ids[] = {NO_SUCH_ID,
                                      "42",
                                      "0199F0A5-7D0C-7000-8000-000000000001",
                                      "0199f0a57d0c70008000000000000001",
                                      "{0199f0a5-7d0c-7000-8000-000000000001}",
                                      "0199f0a5-7d0c-7000-8000-00000000000g",
                                      "00000000-0000-0000-0000-000000000000",
                                      "ffffffff-ffff-ffff-ffff-ffffffffffff",
                                      "%00",
                                      "%ff",
                                      "%zz",
                                      "%27%20OR%201=1",
                                      "a;b",
                                      "~",
                                      "\xc3\xa9",
                                      NULL};

    add_to_path(g, one_in(g, 3) ? g->order_id : one_of(g, ids));
}

/* --- requests --- */

static const char *make_lookup(struct generator *g, struct call *call)
{
    static const struct {
        const char *operation, *method, *after_id;
    } lookups[] = {{"getOrder", "GET", ""},
                   {"cancelOrder", "POST", "/cancel"},
                   {"getOrderAudit", "GET", "/audit"},
                   {"proveOrder", "GET", "/proofs"}};
    size_t i = below(g, ARRAY_LEN(lookups));

    add_to_path(g, "/api/v1/orders/");
    add_id(g);
    add_to_path(g, lookups[i].after_id);
    call->method = lookups[i].method;
    return lookups[i].operation;
}

static const char *make_admin(struct generator *g, struct call *call)
{
    switch (below(g, 3)) {
    case 0:
        add_to_path(g, "/api/v1/admin/halts");
        make_body(g, halt_members, ARRAY_LEN(halt_members), call);
        return "createHalt";
    case 1:
        add_to_path(g, "/api/v1/admin/halts/");
        add_id(g);
        call->method = "DELETE";
        return "liftHalt";
    default:
        add_to_path(g, "/api/v1/admin/orders/");
        add_id(g);
        add_to_path(g, "/resolve");
        make_body(g, resolution_members, ARRAY_LEN(resolution_members), call);
        return "resolveOrder";
    }
}

static const char *make_wrong(struct generator *g, struct call *call)
{
    call->method = one_of(g, (const char *const[]){"PUT", "PATCH", "BREW", "delete", "TRACE", NULL});
    add_to_path(g, one_of(g, (const char *const[]){"/api/v1/orders", "/api/v1/account", "/healthz", NULL}));
    return "wrongMethod";
}

/* An export is one of nobody: there are thousands of requests. */
static const char *make_read(struct generator *g)
{
    static const struct {
        const char *operation, *path;
    } reads[] = {{"getAccount", "/api/v1/account"},
                 {"listPositions", "/api/v1/positions"},
                 {"listInstruments", "/api/v1/instruments"},
                 {"live", "/healthz"},
                 {"ready", "/readyz"},
                 {"searchAudit", "/api/v1/audit"},
                 {"searchAudit", "/api/v1/audit"},
                 {"getCheckpoint", "/checkpoint"},
                 {"getAuditPolicy", "/audit-policy"},
                 {"getAuditStamp", "/audit-stamp"},
                 {"getTile", "/tile/0/000.p/1"},
                 {"getTile", "/tile/1/x001/000"},
                 {"getEntryBundle", "/tile/entries/000.p/9"},
                 {"exportAudit", "/api/v1/audit/export?trader_id=" NO_SUCH_ID}};
    size_t i = below(g, ARRAY_LEN(reads));

    add_to_path(g, reads[i].path);
    make_query(g);
    return reads[i].operation;
}

const char *generate_request(struct generator *g, struct call *call)
{
    const char *operation;
    size_t kind = below(g, 100);

    g->path[0] = '\0';
    *call = (struct call){.path = g->path};
    if (kind < 50) {
        operation = "submitOrder";
        add_to_path(g, "/api/v1/orders");
        make_body(g, order_members, ARRAY_LEN(order_members), call);
        if (one_in(g, 3))
            make_key(g, call);
    } else if (kind < 62) {
        operation = "previewOrder";
        add_to_path(g, "/api/v1/orders/preview");
        make_body(g, order_members, ARRAY_LEN(order_members), call);
    } else if (kind < 72) {
        operation = "listOrders";
        add_to_path(g, "/api/v1/orders");
        make_query(g);
    } else if (kind < 82) {
        operation = make_lookup(g, call);
    } else if (kind < 90) {
        operation = make_admin(g, call);
    } else if (kind < 92) {
        operation = make_wrong(g, call);
    } else {
        operation = make_read(g);
    }
    if (one_in(g, 12))
        make_header(g, call);
    return operation;
}

void generator_release(struct generator *g)
{
    buffer_release(&g->body);
    buffer_release(&g->value);
}
