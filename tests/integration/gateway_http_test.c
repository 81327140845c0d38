/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's lines: what comes over them that is no request, how many there are, and pages that ask. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"

static void expect_problem(const struct reply *reply, long status, const char *code)
{
    cr_expect_eq(reply->status, status, "%ld instead of %ld: %s", reply->status, status, reply->body.data);
    cr_expect_str_eq(json_text(reply->json, "code"), code, "%s", reply->body.data);
    cr_expect_str_eq(reply_header(reply, "Content-Type"), "application/problem+json");
    cr_expect_str_eq(json_text(reply->json, "request_id"), reply_header(reply, "X-Request-Id"));
}

static void exchange_bytes(int port, const char *bytes, size_t length, struct buffer *ret_answer)
{
    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 5};
    char chunk[4096];
    ssize_t got;

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
    buffer_clear(ret_answer);
    while ((got = read(fd, chunk, sizeof(chunk))) > 0)
        buffer_append(ret_answer, chunk, (size_t)got);
}

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Whether the gateway answers on this connection, which stays open; else it has been closed. */
static bool is_served(int fd)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[1024];

    return send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 && read(fd, answer, sizeof(answer)) > 0;
}

Test(gateway_http, one_address_gets_so_many_connections_and_no_more, .timeout = 60)
{
    enum { LIMIT = 4 };
    struct gateway_world gateway;
    int fds[LIMIT];

    cr_assert_eq(setenv("OXE_CONNECTIONS_PER_ADDRESS", "4", 1), 0);
    gateway_begin(&gateway);
    for (int i = 0; i < LIMIT; i++) {
        fds[i] = connect_to(gateway.port);
        cr_expect(is_served(fds[i]), "connection %d", i);
    }
    CLEANUP_CLOSE int refused = connect_to(gateway.port);
    cr_expect_not(is_served(refused));
    cr_expect_eq(world_metric(gateway.probe_port, "oxe_http_connections_refused_total", ""), 1);
    cr_expect(is_served(fds[0]), "the others are not disturbed");
    (void)close(fds[0]);
    for (int i = 0; i < 1000 && world_metric(gateway.probe_port, "oxe_http_connections", "") == LIMIT; i++)
        (void)poll(NULL, 0, 5);
    fds[0] = connect_to(gateway.port);
    cr_expect(is_served(fds[0]), "who goes makes place");
    for (int i = 0; i < LIMIT; i++)
        (void)close(fds[i]);
    gateway_end(&gateway);
}

Test(gateway_http, pages_of_listed_origins_may_ask, .timeout = 60)
{
    struct gateway_world gateway;

    cr_assert_eq(setenv("OXE_ORIGINS", "https://trade.example,http://localhost:5173", 1), 0);
    gateway_begin(&gateway);
    AUTO_REPLY listed =
        instance_call(&(struct call){.path = "/readyz", .header = "Origin: https://trade.example"});
    cr_expect_str_eq(reply_header(&listed, "Access-Control-Allow-Origin"), "https://trade.example");
    cr_expect_str_eq(reply_header(&listed, "Vary"), "origin");
    cr_expect_not_null(strstr(reply_header(&listed, "Access-Control-Expose-Headers"), "retry-after"));
    AUTO_REPLY foreign =
        instance_call(&(struct call){.path = "/readyz", .header = "Origin: https://trade.example.evil"});
    cr_expect_str_eq(reply_header(&foreign, "Access-Control-Allow-Origin"), "");
    cr_expect_str_eq(reply_header(&foreign, "Vary"), "origin", "what a cache must know also then");
    char own[64];
    (void)snprintf(own, sizeof(own), "Origin: http://127.0.0.1:%d", gateway.port);
    AUTO_REPLY screen = instance_call(&(struct call){.path = "/readyz", .header = own});
    cr_expect_str_eq(reply_header(&screen, "Access-Control-Allow-Origin"), own + 8,
                     "the screen is always ours");
    AUTO_REPLY preflight = instance_call(
        &(struct call){.method = "OPTIONS", .path = ORDERS, .header = "Origin: http://localhost:5173"});
    cr_expect_eq(preflight.status, 204);
    cr_expect_str_eq(reply_header(&preflight, "Access-Control-Allow-Origin"), "http://localhost:5173");
    cr_expect_not_null(strstr(reply_header(&preflight, "Access-Control-Allow-Headers"), "idempotency-key"));
    cr_expect_not_null(strstr(reply_header(&preflight, "Access-Control-Allow-Methods"), "POST"));
    AUTO_REPLY refusal =
        instance_call(&(struct call){.path = "/api/v1/account", .header = "Origin: https://trade.example"});
    expect_problem(&refusal, 401, "UNAUTHENTICATED");
    cr_expect_str_eq(reply_header(&refusal, "Access-Control-Allow-Origin"), "https://trade.example",
                     "a page may read why");
    gateway_end(&gateway);
}

#define FOLLOWS "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"

Test(gateway_http, whatever_comes_over_the_line_is_refused_and_harmless, .timeout = 60)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        {"GARBAGE\r\n\r\n", "HTTP/1.1 400 "},
        {"GET\r\n\r\n", "HTTP/1.1 400 "},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n"
         "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
         "HTTP/1.1 200 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", "HTTP/1.1 400 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
         "HTTP/1.1 400 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n", "HTTP/1.1 413 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 400 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
        {"POST " ORDERS " HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n",
         "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nand more", "HTTP/1.1 200 "},
        {"OPTIONS " ORDERS " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 204 "},
        {"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "},
        /* What two readers could take for different requests: refused, and what follows is not read. */
        {"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n" FOLLOWS,
         "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" FOLLOWS,
         "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}" FOLLOWS,
         "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\nHost: x\n\n" FOLLOWS, "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"GET /no/such/path HTTP/1.1\r\nHost : x\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"\x16\x03\x01\x02", "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nBad Name: x", "HTTP/1.1 400 "},
        {"GET /healthz HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"POST " ORDERS " HTTP/2.0\r\nHost: x\r\n\r\n" FOLLOWS, "HTTP/1.1 400 "},
        {"GET http://x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "},
    };
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
    struct gateway_world gateway;

    gateway_begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        exchange_bytes(gateway.port, cases[i].request, strlen(cases[i].request), &answer);
        cr_expect_eq(
            strncmp(answer.data == NULL ? "" : answer.data, cases[i].answer, strlen(cases[i].answer)), 0,
            "%s: %s", cases[i].request, answer.data);
        cr_expect(strstr(cases[i].answer, " 4") == NULL ||
                      strstr(answer.data, "content-type: application/problem+json") != NULL,
                  "%s: %s", cases[i].request, answer.data);
        const char *first = strstr(answer.data, "HTTP/1.1 ");
        cr_expect(first == NULL || strstr(first + 1, "HTTP/1.1 ") == NULL, "%s: two answers: %s",
                  cases[i].request, answer.data);
    }
    CLEANUP_FREE char *large = malloc(20 * 1000 * 1000);
    memset(large, 'a', 20 * 1000 * 1000);
    for (int i = 0; i < 3; i++) {
        AUTO_REPLY reply =
            instance_call(&(struct call){.path = ORDERS,
                                         .body = large,
                                         .body_length = 20 * 1000 * 1000,
                                         .key = "k",
                                         .header = i == 2 ? "Transfer-Encoding: chunked" : NULL});
        expect_problem(&reply, 413, "BODY_TOO_LARGE");
        cr_expect_str_eq(reply_header(&reply, "Idempotency-Key"), "k");
    }
    AUTO_REPLY alive = gateway_get(NULL, "/readyz");
    cr_expect_eq(alive.status, 200);
    gateway_end(&gateway);
}

/* name is repeated until the head has `length` bytes, its end included. */
static void make_head(struct buffer *head, const char *name, size_t length, bool whole)
{
    static const char end[] = "\r\n\r\n";

    buffer_clear(head);
    buffer_append_format(head, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s", name);
    while (head->length < length - (whole ? sizeof(end) - 1 : 0))
        buffer_append_char(head, 'a');
    buffer_append_text(head, whole ? end : "");
}

/* From anybody, as soon as it has come: nobody waits for the end of a head without end. */
Test(gateway_http, a_head_has_sixteen_kilobytes_and_a_hundred_headers, .timeout = 60)
{
    enum { MAX = 16 * 1024 };
    static const struct {
        const char *name;
        size_t length;
        bool whole;
        const char *answer;
    } cases[] = {
        {"A: ", MAX, true, "HTTP/1.1 200 "},         {"A: ", MAX + 1, true, "HTTP/1.1 431 "},
        {"A: ", MAX, false, "HTTP/1.1 431 "},        {"A: ", 256 * 1024, false, "HTTP/1.1 431 "},
        {"A: ", 1024 * 1024, true, "HTTP/1.1 431 "}, {"", MAX, false, "HTTP/1.1 431 "},
    };
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), head = BUFFER_INIT(0);
    struct gateway_world gateway;

    gateway_begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        make_head(&head, cases[i].name, cases[i].length, cases[i].whole);
        exchange_bytes(gateway.port, head.data, head.length, &answer);
        cr_expect_eq(
            strncmp(answer.data == NULL ? "" : answer.data, cases[i].answer, strlen(cases[i].answer)), 0,
            "%zu: %s", i, answer.data);
    }
    cr_expect_not_null(strstr(answer.data, "\"code\":\"HEAD_TOO_LARGE\""), "%s", answer.data);
    for (int headers = 100; headers <= 101; headers++) {
        buffer_clear(&head);
        buffer_append_text(&head, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (int i = 2; i < headers; i++)
            buffer_append_text(&head, "A:\r\n");
        buffer_append_text(&head, "\r\n");
        exchange_bytes(gateway.port, head.data, head.length, &answer);
        cr_expect_eq(strncmp(answer.data, headers == 100 ? "HTTP/1.1 200 " : "HTTP/1.1 431 ", 13), 0,
                     "%d: %s", headers, answer.data);
    }
    gateway_end(&gateway);
}

/* OWS around a value is no part of it (RFC 9112, 5), whoever reads it: h2o or the gateway. */
Test(gateway_http, blanks_around_a_headers_value_are_no_part_of_it, .timeout = 60)
{
    static const char order[] = "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}";
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), request = BUFFER_INIT(0);
    static const char *const blanks[] = {"", " ", "\t", " \t  "};
    struct gateway_world gateway;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
        const char *b = blanks[i];
        buffer_clear(&request);
        buffer_append_format(
            &request,
            "POST " ORDERS " HTTP/1.1\r\nHost:%sx%s\r\nAuthorization:%sBearer %s%s\r\n"
            "Content-Type:%sapplication/json; charset=utf-8%s\r\nIdempotency-Key:%sk-%zu%s\r\n"
            "Content-Length:%s%zu%s\r\nX-Request-Id:%sr-%zu%s\r\nConnection:%sclose%s\r\n\r\n%s",
            b, b, b, token, b, b, b, b, i, b, b, sizeof(order) - 1, b, b, i, b, b, b, order);
        exchange_bytes(gateway.port, request.data, request.length, &answer);
        cr_expect_eq(strncmp(answer.data, "HTTP/1.1 201 ", 13), 0, "%zu: %s", i, answer.data);
        char key[32];
        (void)snprintf(key, sizeof(key), "idempotency-key: k-%zu\r\n", i);
        cr_expect_not_null(strcasestr(answer.data, key), "%s", answer.data);
        (void)snprintf(key, sizeof(key), "x-request-id: r-%zu\r\n", i);
        cr_expect_not_null(strcasestr(answer.data, key), "%s", answer.data);
        buffer_clear(&request);
        buffer_append_format(&request,
                             "GET /ws/orders/events HTTP/1.1\r\nHost: x\r\nConnection:%sUpgrade%s\r\n"
                             "Upgrade:%swebsocket%s\r\nSec-WebSocket-Version:%s13%s\r\n"
                             "Sec-WebSocket-Key:%sdGhlIHNhbXBsZSBub25jZQ==%s\r\n"
                             "Authorization:%sBearer %s%s\r\n\r\n\x88\x80%c%c%c%c",
                             b, b, b, b, b, b, b, b, b, token, b, 1, 2, 3, 4);
        exchange_bytes(gateway.port, request.data, request.length, &answer);
        cr_expect_eq(strncmp(answer.data, "HTTP/1.1 101 ", 13), 0, "%zu: %s", i, answer.data);
    }
    gateway_end(&gateway);
}

/* The head is judged when the body has come, be it asked for, in pieces, or after another request. */
Test(gateway_http, well_formed_requests_are_answered_however_they_come, .timeout = 60)
{
    static const struct {
        const char *fact, *request, *answers[3];
    } cases[] = {
        {"a body that waits to be asked for",
         "POST /healthz HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: "
         "close\r\n\r\n{}",
         {"HTTP/1.1 100 ", "HTTP/1.1 405 "}},
        {"two in a row",
         "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: "
         "close\r\n\r\n",
         {"HTTP/1.1 200 ", "HTTP/1.1 404 "}},
        {"one with a body, then another",
         "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /healthz HTTP/1.1\r\nHost: "
         "x\r\n"
         "Connection: close\r\n\r\n",
         {"HTTP/1.1 404 ", "HTTP/1.1 200 "}},
    };
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
    struct gateway_world gateway;

    gateway_begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        exchange_bytes(gateway.port, cases[i].request, strlen(cases[i].request), &answer);
        const char *at = answer.data;
        for (size_t a = 0; at != NULL && cases[i].answers[a] != NULL; a++)
            at = strstr(at, cases[i].answers[a]);
        cr_expect_not_null(at, "%s: %s", cases[i].fact, answer.data);
    }
    gateway_end(&gateway);
}
