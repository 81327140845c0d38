/* SPDX-License-Identifier: Apache-2.0 */
/* What a client writes: the head of a request, the body of an order, of a
 * resolve or of a halt, a query, a cursor, a token, a path and the headers of
 * a file, and what a build wrote beside a page. The first byte chooses. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/jwt.h"
#include "services/gateway/edge/http_head.h"
#include "services/gateway/edge/http_params.h"
#include "services/gateway/edge/idempotency.h"
#include "services/gateway/edge/web_headers.h"
#include "services/gateway/edge/web_path.h"
#include "services/gateway/operations/bodies.h"
#include "services/gateway/operations/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct query {
    bool has;
    char text[HTTP_PARAM_TEXT_MAX];
    char symbol[SYMBOL_MAX];
    enum order_status status;
    struct instant instant;
    int64_t integer;
};

static const struct http_param params[] = {
    {"a", HTTP_PARAM_TEXT, offsetof(struct query, text), offsetof(struct query, has), 0, 0},
    {"b", HTTP_PARAM_SYMBOL, offsetof(struct query, symbol), offsetof(struct query, has), 0, 0},
    {"c", HTTP_PARAM_ORDER_STATUS, offsetof(struct query, status), offsetof(struct query, has), 0, 0},
    {"d", HTTP_PARAM_INSTANT, offsetof(struct query, instant), offsetof(struct query, has), 0, 0},
    {"e", HTTP_PARAM_INTEGER, offsetof(struct query, integer), offsetof(struct query, has), 1, 500},
};

static void check_faults(const struct faults *faults)
{
    assert(faults->count <= FAULTS_MAX);
    for (size_t i = 0; i < faults->count; i++)
        assert(reject_text((enum reject_code)faults->items[i].code)[0] != '\0');
}

/* Whatever is accepted can be sent on: the codec refuses what is no text, no number, too long. */
static void try_order(const char *text, size_t length)
{
    static const struct envelope envelope;
    struct order_request order = {.trader_id = {{1}}, .received_at = {1}};
    struct faults faults = {0};
    struct buffer bytes = BUFFER_INIT(0);
    char detail[JSON_BODY_DETAIL_MAX];

    int r = json_body_parse(&bodies_new_order, text, length, &order, &faults, detail);
    check_faults(&faults);
    assert(r == 0 || r == -EBADMSG || (r == -EINVAL && faults.count > 0));
    if (r < 0)
        return;
    assert(decimal_is_positive(order.quantity) && order_is_symbol(order.symbol, strlen(order.symbol)));
    idempotency_derive_key(&order, order.idempotent_key);
    assert(idempotency_key_is_valid(order.idempotent_key, strlen(order.idempotent_key)));
    idempotency_fingerprint(&order, order.fingerprint);
    assert(order_request_encode(&envelope, &order, &bytes) == 0);
    buffer_release(&bytes);
}

static void try_resolve(const char *text, size_t length)
{
    static const struct envelope envelope;
    struct order_command command = {.kind = ORDER_COMMAND_RESOLVE, .received_at = {1}};
    struct faults faults = {0};
    struct buffer bytes = BUFFER_INIT(0);
    char detail[JSON_BODY_DETAIL_MAX];

    int r = json_body_parse(&bodies_resolve, text, length, &command, &faults, detail);
    check_faults(&faults);
    assert(r == 0 || r == -EBADMSG || (r == -EINVAL && faults.count > 0));
    if (r < 0)
        return;
    assert(command.reason[0] != '\0' &&
           (command.action == RESOLVE_ACTION_FILL) == (command.venue_exec_id[0] != '\0'));
    assert(order_command_encode(&envelope, &command, &bytes) == 0);
    buffer_release(&bytes);
}

static void try_halt(const char *text, size_t length)
{
    static const struct envelope envelope;
    struct halt_request halt = {.received_at = {1}};
    struct faults faults = {0};
    struct buffer bytes = BUFFER_INIT(0);
    char detail[JSON_BODY_DETAIL_MAX];

    int r = json_body_parse(&bodies_halt, text, length, &halt, &faults, detail);
    check_faults(&faults);
    assert(r == 0 || r == -EBADMSG || (r == -EINVAL && faults.count > 0));
    if (r < 0)
        return;
    assert(halt.reason[0] != '\0');
    assert(halt_request_encode(&envelope, &halt, &bytes) == 0);
    buffer_release(&bytes);
}

/* What passes ends in an empty line and has no bare line end before it. */
static void try_head(const char *text, size_t length)
{
    const char *fault = http_head_fault(text, length);

    if (fault != NULL) {
        assert(fault[0] != '\0');
        return;
    }
    const char *end = memmem(text, length, "\r\n\r\n", 4);
    assert(end != NULL);
    for (const char *c = text; c < end; c++)
        assert(*c != '\n' || (c > text && c[-1] == '\r'));
}

static void try_query(const char *text, size_t length)
{
    struct query query = {.has = false};
    struct faults faults;
    char value[64];

    (void)http_params_parse(text, length, params, sizeof(params) / sizeof(params[0]), &query, &faults);
    check_faults(&faults);
    (void)http_params_find(text, length, "a", value, sizeof(value));
}

static void try_token(const char *text, size_t length)
{
    static const struct jwt_policy policy = {0};
    static struct jwks *jwks;
    static const char keys[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\","
                               "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                               "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
                               "{\"kty\":\"RSA\",\"kid\":\"r\",\"e\":\"AQAB\",\"n\":"
                               "\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu"
                               "1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-"
                               "5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Qvz"
                               "qY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
                               "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-"
                               "G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}]}";
    struct jwt_claims claims;

    if (jwks == NULL)
        assert(jwks_parse(keys, sizeof(keys) - 1, &jwks) == 0);
    assert(jwt_verify(jwks, &policy, text, length, (struct instant){1}, &claims) != JWT_VALID);
    struct jwks *other = NULL;
    if (jwks_parse(text, length, &other) == 0)
        assert(jwks_count(other) <= JWKS_KEYS_MAX);
    jwks_destroy(&other);
}

/* What is taken stays within the root: it has no empty, dot or hidden segment, and no byte that ends a name.
 */
static void try_file(const char *text, size_t length)
{
    char path[WEB_PATH_MAX];

    if (web_path_parse(text, length, path) < 0)
        return;
    assert(path[0] != '/' && path[0] != '.' && strlen(path) < sizeof(path));
    assert(strstr(path, "//") == NULL && strstr(path, "/.") == NULL && strchr(path, '\\') == NULL);
    (void)web_path_type(path);
    (void)web_path_is_page(path);
    for (size_t left = strlen(path); left > 0; left = strlen(path)) {
        web_path_leave(path);
        assert(strlen(path) < left);
    }
}

/* Whatever a build wrote, no directive is added to a policy and no header to an answer. */
static void try_file_headers(const char *text, size_t length)
{
    static const struct config_list none = {.count = 0};
    enum web_coding codings[WEB_CODING_COUNT];
    struct buffer policy = BUFFER_INIT(0);
    size_t directives = 0;

    web_headers_codings(text, length, codings);
    (void)web_headers_accept_html(text, length);
    (void)web_headers_etag_matches(text, length, "\"a-1\"");
    (void)web_headers_append_policy(&policy, text, length, &none);
    for (size_t i = 0; i < policy.length; i++) {
        assert((unsigned char)policy.data[i] >= 0x20 && (unsigned char)policy.data[i] < 0x7f);
        directives += policy.data[i] == ';';
    }
    assert(directives == 10);
    buffer_release(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uuid id;

    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t length = size - 1;
    switch (data[0]) {
    case 'r':
        try_resolve(text, length);
        break;
    case 'a':
        try_halt(text, length);
        break;
    case 'h':
        try_head(text, length);
        break;
    case 'q':
        try_query(text, length);
        break;
    case 'c':
        (void)cursor_parse(text, length, "orders", &id);
        break;
    case 't':
        try_token(text, length);
        break;
    case 'w':
        try_file(text, length);
        break;
    case 'e':
        try_file_headers(text, length);
        break;
    default:
        try_order(text, length);
        break;
    }
    return 0;
}
