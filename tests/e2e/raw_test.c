/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on the gateway's socket that are no request, too much of one, or half of one. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "tests/support/instance.h"

enum {
    ANSWER_MS = 10000,
    HALF_CONNECTIONS = 200,
    HALF_MS = 20000, /* the gateway gives a request 10 s */
    FILL_MS = 2000,
    BODY_BYTES = 20 * 1024 * 1024,
};

TestSuite(raw, .timeout = 120);

static int connect_gateway(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)instance_port()),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s",
              strerror(errno));
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Sends as much as the gateway takes and reads until it closes; false when it does not. */
static bool converse(int fd, const char *bytes, size_t length, struct buffer *ret_answer)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)ANSWER_MS * 1000;
    size_t sent = 0;
    char chunk[16384];

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = (short)(POLLIN | (sent < length ? POLLOUT : 0))};
        int64_t left_ms = (end_us - clock_monotonic_us()) / 1000;
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0)
            return false;
        if ((wait.revents & POLLOUT) != 0) {
            ssize_t count = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
            sent = count < 0 ? length : sent + (size_t)count;
        }
        if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            ssize_t count = read(fd, chunk, sizeof(chunk));
            if (count <= 0 && (count == 0 || errno != EAGAIN))
                return true;
            if (count > 0)
                buffer_append(ret_answer, chunk, (size_t)count);
        }
    }
}

static void expect_problem(const char *name, const struct buffer *answer, long status, const char *code)
{
    char error[256];
    const char *text = answer->data == NULL ? "" : answer->data;
    const char *body = strstr(text, "\r\n\r\n");

    cr_assert(strncmp(text, "HTTP/1.1 ", 9) == 0, "%s: '%.200s'", name, text);
    cr_assert_eq(atol(text + 9), status, "%s: '%.400s'", name, text);
    cr_assert(strstr(text, "application/problem+json") != NULL && body != NULL, "%s: '%.400s'", name, text);
    yajl_val json = yajl_tree_parse(body + 4, error, sizeof(error));
    static const char *const members[] = {"type", "title", "status", "code", "detail", "request_id"};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        cr_assert_str_not_empty(json_text(json, members[i]), "%s has no %s: %s", name, members[i], body);
    cr_assert_str_eq(json_text(json, "code"), code, "%s: %s", name, body);
    yajl_tree_free(json);
}

static void expect_unharmed(const char *token, const char *processes)
{
    AUTO_REPLY made = order_submit(token, "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}");
    cr_assert_eq(made.status, 201, "%ld %s", made.status, made.body.data);
    AUTO_REPLY order = order_await(token, json_text(made.json, "id"), "DONE", FILL_MS);
    AUTO_TEXT now = instance_processes();
    cr_assert_str_eq(now, processes, "processes before:\n%safter:\n%s", processes, now);
}

/* What the HTTP parser cannot read at all, libh2o answers
 * with its own plain 400; the rest is a problem document. */
static const struct {
    const char *name, *bytes;
    bool unreadable;
} no_requests[] = {
    {"words", "hello, is there anybody?\r\n\r\n", true},
    {"binary", "\x16\x03\x01\x02\xff\x01\xfc\x03\x03\r\n\r\n", true},
    {"no version", "GET /\r\n\r\n", true},
    {"a header without a colon", "GET /readyz HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", true},
    {"a control character in a header", "GET /readyz HTTP/1.1\r\nHost: x\r\nA: \x01\x02\r\n\r\n", true},
    {"a negative length", "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
    {"a length in words", "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n"},
    {"a broken chunk",
     "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n"},
    {"an unknown transfer encoding",
     "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: brotli\r\n\r\n"},
};

Test(raw, what_is_no_request_gets_a_problem_and_the_connection_ends)
{
    AUTO_TEXT token = instance_trader("raw", "100000", NULL);
    AUTO_TEXT processes = instance_processes();

    for (size_t i = 0; i < ARRAY_LEN(no_requests); i++) {
        CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
        CLEANUP_CLOSE int fd = connect_gateway();
        cr_assert(converse(fd, no_requests[i].bytes, strlen(no_requests[i].bytes), &answer), "%s: still open",
                  no_requests[i].name);
        if (no_requests[i].unreadable)
            cr_assert(answer.data != NULL && strncmp(answer.data, "HTTP/1.1 400 ", 13) == 0, "%s: '%s'",
                      no_requests[i].name, answer.data);
        else
            expect_problem(no_requests[i].name, &answer, 400, "MALFORMED_REQUEST");
    }
    expect_unharmed(token, processes);
}

Test(raw, twenty_megabytes_are_refused_as_too_large)
{
    AUTO_TEXT token = instance_trader("twenty", "100000", NULL);
    AUTO_TEXT processes = instance_processes();
    static const char *const lengths[] = {"Content-Length: 20971520", "Transfer-Encoding: chunked"};

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        CLEANUP(buffer_release) struct buffer request = BUFFER_INIT((size_t)BODY_BYTES + 65536);
        CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
        CLEANUP_CLOSE int fd = connect_gateway();
        buffer_append_format(&request,
                             "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                             "Content-Type: application/json\r\n%s\r\n\r\n%s",
                             token, lengths[i], i == 1 ? "1400000\r\n" : "");
        size_t start = request.length;
        while (request.length - start < BODY_BYTES)
            buffer_append_text(&request, "{\"symbol\":\"AAPL\"}");
        cr_assert(converse(fd, request.data, request.length, &answer), "%s: still open", lengths[i]);
        expect_problem(lengths[i], &answer, 413, "BODY_TOO_LARGE");
        cr_assert(strcasestr(answer.data, "\r\nidempotency-key:") != NULL, "%s", answer.data);
    }
    expect_unharmed(token, processes);
}

/* Each stops in the middle: of the request line, of the headers, of the body. */
static const char *const halves[] = {
    "",
    "PO",
    "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bea",
    "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
    "100\r\n\r\n{\"sym",
};

Test(raw, half_requests_hold_up_nobody_and_end_in_time)
{
    AUTO_TEXT token = instance_trader("half", "100000", NULL);
    AUTO_TEXT processes = instance_processes();
    static int fds[HALF_CONNECTIONS];
    char chunk[4096];

    for (size_t i = 0; i < HALF_CONNECTIONS; i++) {
        const char *half = halves[i % ARRAY_LEN(halves)];
        fds[i] = connect_gateway();
        cr_assert_eq(send(fds[i], half, strlen(half), MSG_NOSIGNAL), (ssize_t)strlen(half));
    }
    expect_unharmed(token, processes);
    int64_t end_us = clock_monotonic_us() + (int64_t)HALF_MS * 1000;
    for (size_t i = 0; i < HALF_CONNECTIONS; i++) {
        for (;;) {
            struct pollfd wait = {.fd = fds[i], .events = POLLIN};
            int64_t left_ms = (end_us - clock_monotonic_us()) / 1000;
            cr_assert(left_ms > 0 && poll(&wait, 1, (int)left_ms) == 1,
                      "half a request ('%.20s') keeps its connection for %d ms",
                      halves[i % ARRAY_LEN(halves)], HALF_MS);
            if (read(fds[i], chunk, sizeof(chunk)) <= 0)
                break;
        }
        (void)close(fds[i]);
    }
    expect_unharmed(token, processes);
}

Test(raw, requests_in_small_pieces_and_in_a_row_are_answered)
{
    AUTO_TEXT token = instance_trader("pieces", "100000", NULL);
    CLEANUP(buffer_release) struct buffer request = BUFFER_INIT(0);
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
    static const char body[] = "{\"symbol\":\"AAPL\",\"quantity\":1,\"order_type\":\"MARKET\"}";
    CLEANUP_CLOSE int fd = connect_gateway();
    int created = 0;

    for (int i = 0; i < 3; i++)
        buffer_append_format(&request,
                             "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
                             token, sizeof(body) - 1, i == 2 ? "Connection: close\r\n" : "", body);
    for (size_t at = 0; at < request.length; at += 100) {
        size_t length = request.length - at < 100 ? request.length - at : 100;
        cr_assert_eq(send(fd, request.data + at, length, MSG_NOSIGNAL), (ssize_t)length);
    }
    cr_assert(converse(fd, NULL, 0, &answer));
    for (const char *at = answer.data; at != NULL && (at = strstr(at, "HTTP/1.1 201")) != NULL; at++)
        created++;
    cr_assert_eq(created, 3, "%s", answer.data);
}
