/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's frame code against RFC 6455, byte by byte,
 * through /ws/echo of a gateway that is built with it. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "tests/support/gateway_world.h"

enum {
    ANSWER_MS = 20000,
    ECHO_MAX = 32 * 1024 * 1024,
    FIN = 0x80,
    CONTINUATION = 0x0,
    TEXT = 0x1,
    BINARY = 0x2,
    CLOSE = 0x8,
    PING = 0x9,
    PONG = 0xa,
};

static struct gateway_world gateway;

static void begin(void)
{
    gateway_begin(&gateway);
}

static void end(void)
{
    gateway_end(&gateway);
}

TestSuite(ws_echo, .init = begin, .fini = end, .timeout = 120);

static void send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        cr_assert_gt(sent, 0, "%s", strerror(errno));
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* False: the end of the stream. */
static bool receive(int fd, char *bytes, size_t length)
{
    for (size_t have = 0; have < length;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        cr_assert_eq(poll(&readable, 1, ANSWER_MS), 1, "the gateway says nothing");
        ssize_t count = recv(fd, bytes + have, length - have, 0);
        if (count <= 0)
            return false;
        have += (size_t)count;
    }
    return true;
}

static int open_echo(void)
{
    static const char request[] = "GET /ws/echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                  "Sec-WebSocket-Version: 13\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)gateway.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char head[1024] = "";
    size_t length = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    send_all(fd, request, sizeof(request) - 1);
    while (strstr(head, "\r\n\r\n") == NULL) {
        cr_assert(length < sizeof(head) - 1 && receive(fd, head + length, 1), "%s", head);
        length++;
    }
    cr_assert_eq(strncmp(head, "HTTP/1.1 101 ", 13), 0, "%s", head);
    cr_assert_not_null(strcasestr(head, "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "%s",
                       head);
    return fd;
}

/* first: FIN, reserved bits and opcode. Masked, as a client must. */
static void append_frame(struct buffer *out, int first, const char *payload, size_t length)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t size = length < 126 ? 0 : length <= UINT16_MAX ? 2 : 8;

    buffer_append_char(out, (char)first);
    buffer_append_char(out, (char)(0x80 | (size == 0 ? length : size == 2 ? 126 : 127)));
    for (size_t i = size; i > 0; i--)
        buffer_append_char(out, (char)(length >> (8 * (i - 1))));
    buffer_append(out, mask, sizeof(mask));
    size_t begin_at = out->length;
    buffer_append(out, payload, length);
    cr_assert(!buffer_failed(out));
    for (size_t i = 0; i < length; i++)
        out->data[begin_at + i] = (char)(out->data[begin_at + i] ^ mask[i % 4]);
}

/* The next frame from the gateway: its first byte, or -1 at the end of the stream. */
static int next_frame(int fd, struct buffer *ret_payload)
{
    uint8_t head[2], size[8];
    CLEANUP_FREE char *payload = NULL;

    buffer_clear(ret_payload);
    if (!receive(fd, (char *)head, sizeof(head)))
        return -1;
    cr_assert_eq(head[1] & 0x80, 0, "a server does not mask");
    size_t length = head[1], size_length = head[1] < 126 ? 0 : head[1] == 126 ? 2 : 8;
    if (size_length > 0) {
        cr_assert(receive(fd, (char *)size, size_length));
        length = 0;
        for (size_t i = 0; i < size_length; i++)
            length = length << 8 | size[i];
    }
    cr_assert_leq(length, (size_t)ECHO_MAX);
    payload = malloc(length + 1);
    cr_assert(payload != NULL && receive(fd, payload, length));
    buffer_append(ret_payload, payload, length);
    return head[0];
}

static void expect_frame(int fd, int first, const char *payload, size_t length, const char *fact)
{
    CLEANUP(buffer_release) struct buffer got = BUFFER_INIT(0);
    int kind = next_frame(fd, &got);

    cr_assert_eq(kind, first, "%s: 0x%x instead of 0x%x", fact, (unsigned int)kind, (unsigned int)first);
    cr_assert(got.length == length && (length == 0 || memcmp(got.data, payload, length) == 0),
              "%s: %zu bytes", fact, got.length);
}

/* A close with this code comes, then the end of the stream. code 0: a close without one. */
static void expect_close(int fd, int code, const char *fact)
{
    CLEANUP(buffer_release) struct buffer got = BUFFER_INIT(0);
    int kind = next_frame(fd, &got);

    cr_assert_eq(kind, FIN | CLOSE, "%s: 0x%x instead of a close", fact, (unsigned int)kind);
    int came = got.length < 2 ? 0 : (uint8_t)got.data[0] << 8 | (uint8_t)got.data[1];
    cr_assert_eq(came, code, "%s: %d instead of %d", fact, came, code);
    cr_assert_eq(next_frame(fd, &got), -1, "%s: nothing comes after a close", fact);
}

Test(ws_echo, messages_of_any_size_come_back)
{
    static const size_t sizes[] = {0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024, ECHO_MAX};
    CLEANUP_FREE char *payload = malloc(ECHO_MAX);
    CLEANUP_CLOSE int fd = open_echo();

    memset(payload, 'x', ECHO_MAX);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int opcode = TEXT; opcode <= BINARY; opcode++) {
            CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
            char fact[64];
            (void)snprintf(fact, sizeof(fact), "opcode %d, %zu bytes", opcode, sizes[i]);
            payload[0] = opcode == BINARY ? '\xff' : 'x';
            append_frame(&out, FIN | opcode, payload, sizes[i]);
            send_all(fd, out.data, out.length);
            expect_frame(fd, FIN | opcode, payload, sizes[i], fact);
        }
    }
}

static const struct fragments {
    const char *fact;
    struct {
        int first;
        const char *payload;
    } sent[6], answers[4];
} fragments[] = {
    {"two fragments", {{TEXT, "Hel"}, {FIN | CONTINUATION, "lo"}}, {{FIN | TEXT, "Hello"}}},
    {"binary fragments",
     {{BINARY, "\xff\xfe"}, {CONTINUATION, ""}, {FIN | CONTINUATION, "\xfd"}},
     {{FIN | BINARY, "\xff\xfe\xfd"}}},
    {"empty fragments", {{TEXT, ""}, {CONTINUATION, ""}, {FIN | CONTINUATION, ""}}, {{FIN | TEXT, ""}}},
    {"a code point in two fragments",
     {{TEXT, "\xce"}, {FIN | CONTINUATION, "\xba"}},
     {{FIN | TEXT, "\xce\xba"}}},
    {"a ping", {{FIN | PING, "are you there"}}, {{FIN | PONG, "are you there"}}},
    {"a ping between fragments",
     {{TEXT, "Hel"}, {FIN | PING, "p"}, {CONTINUATION, "l"}, {FIN | PING, ""}, {FIN | CONTINUATION, "o"}},
     {{FIN | PONG, "p"}, {FIN | PONG, ""}, {FIN | TEXT, "Hello"}}},
    {"a pong that nobody asked for", {{FIN | PONG, "x"}, {FIN | TEXT, "y"}}, {{FIN | TEXT, "y"}}},
    {"two messages", {{FIN | TEXT, "a"}, {FIN | BINARY, "b"}}, {{FIN | TEXT, "a"}, {FIN | BINARY, "b"}}},
};

/* In one piece, and byte by byte. */
Test(ws_echo, fragments_are_put_together_and_control_frames_come_between)
{
    for (size_t i = 0; i < ARRAY_LEN(fragments); i++) {
        const struct fragments *f = &fragments[i];
        for (size_t piece = 1; piece <= 1000; piece += 999) {
            CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
            CLEANUP_CLOSE int fd = open_echo();
            for (size_t k = 0; k < ARRAY_LEN(f->sent) && f->sent[k].payload != NULL; k++)
                append_frame(&out, f->sent[k].first, f->sent[k].payload, strlen(f->sent[k].payload));
            for (size_t at = 0; at < out.length; at += piece)
                send_all(fd, out.data + at, piece < out.length - at ? piece : out.length - at);
            for (size_t k = 0; k < ARRAY_LEN(f->answers) && f->answers[k].payload != NULL; k++)
                expect_frame(fd, f->answers[k].first, f->answers[k].payload, strlen(f->answers[k].payload),
                             f->fact);
        }
    }
}

#define LONG_CONTROL                                                                                         \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"   \
    "01234567890123456789012345"

Test(ws_echo, what_breaks_the_protocol_is_closed_with_its_code)
{
    static const struct {
        const char *fact;
        int code;
        int first;
        const char *payload;
        int second; /* 0, and no payload: none */
        const char *second_payload;
    } cases[] = {
        {"RSV1", 1002, FIN | 0x40 | TEXT, "x", 0, NULL},
        {"RSV2", 1002, FIN | 0x20 | TEXT, "x", 0, NULL},
        {"RSV3", 1002, FIN | 0x10 | BINARY, "x", 0, NULL},
        {"RSV1 in a ping", 1002, FIN | 0x40 | PING, "x", 0, NULL},
        {"RSV2 in a continuation", 1002, TEXT, "x", FIN | 0x20 | CONTINUATION, "y"},
        {"opcode 3", 1002, FIN | 0x3, "x", 0, NULL},
        {"opcode 7", 1002, FIN | 0x7, "", 0, NULL},
        {"opcode 11", 1002, FIN | 0xb, "x", 0, NULL},
        {"opcode 15", 1002, FIN | 0xf, "", 0, NULL},
        {"a ping in fragments", 1002, PING, "x", FIN | CONTINUATION, "y"},
        {"a ping of 126 bytes", 1002, FIN | PING, LONG_CONTROL, 0, NULL},
        {"a close of 126 bytes", 1002, FIN | CLOSE, LONG_CONTROL, 0, NULL},
        {"a continuation of nothing", 1002, FIN | CONTINUATION, "x", 0, NULL},
        {"a continuation of what has ended", 1002, CONTINUATION, "x", FIN | CONTINUATION, "y"},
        {"a message within a message", 1002, TEXT, "x", FIN | TEXT, "y"},
        {"text that is no UTF-8", 1007, FIN | TEXT, "\xff", 0, NULL},
        {"text in Latin-1", 1007, FIN | TEXT, "caf\xe9!", 0, NULL},
        {"text that ends within a code point", 1007, FIN | TEXT, "\xce", 0, NULL},
        {"a surrogate", 1007, FIN | TEXT, "\xed\xa0\x80", 0, NULL},
        {"an overlong slash", 1007, FIN | TEXT, "\xc0\xaf", 0, NULL},
        {"above U+10FFFF", 1007, FIN | TEXT, "\xf4\x90\x80\x80", 0, NULL},
        {"no UTF-8 across fragments", 1007, TEXT, "\xce", FIN | CONTINUATION, "x"},
        {"no UTF-8 in a fragment, told at once", 1007, TEXT, "\xff", 0, NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
        CLEANUP_CLOSE int fd = open_echo();
        append_frame(&out, cases[i].first, cases[i].payload, strlen(cases[i].payload));
        if (cases[i].second_payload != NULL)
            append_frame(&out, cases[i].second, cases[i].second_payload, strlen(cases[i].second_payload));
        send_all(fd, out.data, out.length);
        expect_close(fd, cases[i].code, cases[i].fact);
    }
}

Test(ws_echo, frames_that_are_not_masked_are_closed_with_1002)
{
    static const char *const frames[] = {"\x81\x05Hello", "\x82\x01x", "\x89\x01x", "\x88\x02\x03\xe8"};

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        CLEANUP_CLOSE int fd = open_echo();
        send_all(fd, frames[i], strlen(frames[i]));
        expect_close(fd, 1002, frames[i]);
    }
}

/* The first byte is enough; the rest of what the header announces is not waited for. */
Test(ws_echo, a_message_that_is_too_long_is_closed_with_1009)
{
    /* 32 MiB and a byte; 2^63 − 1; and a fragment of 32 MiB, with one more byte to come. */
    static const char over[] = "\x82\xff\0\0\0\0\x02\0\0\x01maskx",
                      endless[] = "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmaskx",
                      one_more[] = "\x80\x81maskx";
    CLEANUP_CLOSE int first = open_echo(), second = open_echo(), third = open_echo();
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    CLEANUP_FREE char *most = calloc(1, ECHO_MAX);

    send_all(first, over, sizeof(over) - 1);
    expect_close(first, 1009, "32 MiB and a byte");
    send_all(second, endless, sizeof(endless) - 1);
    expect_close(second, 1009, "what cannot be");
    append_frame(&out, BINARY, most, ECHO_MAX);
    send_all(third, out.data, out.length);
    send_all(third, one_more, sizeof(one_more) - 1);
    expect_close(third, 1009, "32 MiB and a byte in two fragments");
}

Test(ws_echo, the_limit_of_the_order_events_is_theirs)
{
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    CLEANUP_FREE char *text = malloc(16 * 1024 + 1);

    memset(text, ' ', 16 * 1024 + 1);
    cr_assert_not_null(strstr(gateway_next(client), "session.ready"));
    cr_assert_eq(ws_client_send(client, text, 16 * 1024 + 1, ANSWER_MS), 0);
    cr_expect_eq(gateway_close_code(client, ANSWER_MS), 1009);
}

static void expect_answer_to_close(const char *payload, size_t length, int code, const char *fact)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    CLEANUP_CLOSE int fd = open_echo();

    append_frame(&out, FIN | CLOSE, payload, length);
    append_frame(&out, FIN | TEXT, "nobody reads this", 17);
    send_all(fd, out.data, out.length);
    expect_close(fd, code, fact);
}

Test(ws_echo, a_close_is_answered_with_its_code_and_a_bad_one_with_1002)
{
    static const int good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999};
    static const int bad[] = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
    char payload[32], fact[32];

    for (size_t i = 0; i < ARRAY_LEN(good) + ARRAY_LEN(bad); i++) {
        int code = i < ARRAY_LEN(good) ? good[i] : bad[i - ARRAY_LEN(good)];
        payload[0] = (char)(code >> 8);
        payload[1] = (char)code;
        memcpy(payload + 2, "bye", 3);
        (void)snprintf(fact, sizeof(fact), "a close with %d", code);
        expect_answer_to_close(payload, 2, i < ARRAY_LEN(good) ? code : 1002, fact);
        expect_answer_to_close(payload, 5, i < ARRAY_LEN(good) ? code : 1002, fact);
    }
    expect_answer_to_close("", 0, 0, "a close without a code");
    expect_answer_to_close("\x03", 1, 1002, "half a code");
    expect_answer_to_close("\x03\xe8\xff\xfe", 4, 1007, "a reason that is no UTF-8");
}

Test(ws_echo, a_drain_closes_it_with_1001)
{
    CLEANUP(buffer_release) struct buffer got = BUFFER_INIT(0), out = BUFFER_INIT(0);
    CLEANUP_CLOSE int fd = open_echo();

    append_frame(&out, FIN | TEXT, "x", 1);
    send_all(fd, out.data, out.length);
    expect_frame(fd, FIN | TEXT, "x", 1, "it is open");
    (void)kill(gateway.gateway, SIGTERM);
    cr_assert_eq(next_frame(fd, &got), FIN | CLOSE);
    cr_expect(got.length >= 2 && memcmp(got.data, "\x03\xe9", 2) == 0);
    buffer_clear(&out);
    append_frame(&out, FIN | CLOSE, "\x03\xe9", 2);
    send_all(fd, out.data, out.length);
    cr_expect_eq(next_frame(fd, &got), -1);
    cr_expect_eq(gateway_wait(&gateway), 0);
}
