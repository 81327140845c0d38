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
    };
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
    struct gateway_world gateway;

    gateway_begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        exchange_bytes(gateway.port, cases[i].request, strlen(cases[i].request), &answer);
        cr_expect_eq(
            strncmp(answer.data == NULL ? "" : answer.data, cases[i].answer, strlen(cases[i].answer)), 0,
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
