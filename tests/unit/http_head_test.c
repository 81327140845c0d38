/* SPDX-License-Identifier: Apache-2.0 */
/* What a lenient reader of HTTP/1 could read in two ways. */
#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/http_head.h"

#define HOST "Host: x\r\n"

static const struct {
    const char *fact, *head;
    bool good;
} cases[] = {
    {"a GET", "GET / HTTP/1.1\r\n" HOST "\r\n", true},
    {"with what follows", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\n",
     true},
    {"an empty line before", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", true},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", false},
    {"blanks around a value", "GET / HTTP/1.1\r\nHost: \t x \t\r\n\r\n", true},
    {"an empty value", "GET / HTTP/1.1\r\nHost:\r\nA:\r\n\r\n", true},
    {"letters beyond ASCII in a value", "GET / HTTP/1.1\r\n" HOST "A: \xc3\xa4\r\n\r\n", true},
    {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", true},
    {"HTTP/1.0 with two", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", false},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", false},
    {"two Hosts", "GET / HTTP/1.1\r\n" HOST "hOST: y\r\n\r\n", false},
    {"two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", false},
    {"a list of lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 2, 2\r\n\r\n{}", false},
    {"a signed length", "POST / HTTP/1.1\r\n" HOST "Content-Length: +2\r\n\r\n{}", false},
    {"a hexadecimal length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x2\r\n\r\n{}", false},
    {"no length", "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n{}", false},
    {"a length of 18 digits", "POST / HTTP/1.1\r\n" HOST "Content-Length: 000000000000000002\r\n\r\n{}",
     true},
    {"a length of 19 digits", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0000000000000000002\r\n\r\n{}",
     false},
    {"chunks", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", false},
    {"chunks and a length",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\ntransfer-encoding: identity\r\n\r\n{}", false},
    {"bare LF after the request line", "GET / HTTP/1.1\n" HOST "\r\n", false},
    {"bare LF after a header", "GET / HTTP/1.1\r\nHost: x\n\r\n", false},
    {"bare LF at the end", "GET / HTTP/1.1\r\n" HOST "\n", false},
    {"bare CR in a value", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", false},
    {"CR CR LF", "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", false},
    {"a folded header", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", false},
    {"a blank before the first header", "GET / HTTP/1.1\r\n " HOST "\r\n", false},
    {"a blank before the colon", "GET / HTTP/1.1\r\n" HOST "Content-Length : 2\r\n\r\n", false},
    {"no colon", "GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", false},
    {"no name", "GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", false},
    {"a name that is none", "GET / HTTP/1.1\r\n" HOST "A(b): c\r\n\r\n", false},
    {"a control character", "GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n", false},
    {"two blanks in the request line", "GET  / HTTP/1.1\r\n" HOST "\r\n", false},
    {"a blank at its end", "GET / HTTP/1.1 \r\n" HOST "\r\n", false},
    {"a tab in it", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", false},
    {"no target", "GET HTTP/1.1\r\n" HOST "\r\n", false},
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", false},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", false},
    {"no end", "GET / HTTP/1.1\r\n" HOST, false},
    {"nothing", "", false},
};

Test(http_head, what_could_be_read_in_two_ways_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *fault = http_head_fault(cases[i].head, strlen(cases[i].head));
        cr_expect_eq(fault == NULL, cases[i].good, "%s: %s", cases[i].fact, fault == NULL ? "passes" : fault);
        cr_expect(fault == NULL || fault[strlen(fault) - 1] == '.', "%s", fault);
    }
}

Test(http_head, a_nul_is_no_character_of_a_head)
{
    static const char heads[][40] = {"GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n",
                                     "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
                                     "GET / HTTP/1.1\r\nHo\0st: x\r\n\r\n"};

    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        cr_expect_not_null(http_head_fault(heads[i], sizeof(heads[i])), "head %zu", i);
}

/* Whatever the cut, nothing outside the bytes is read (the sanitizers watch) and half a head is no head. */
Test(http_head, every_cut_is_refused)
{
    static const char head[] = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n";

    for (size_t length = 0; length < strlen(head); length++) {
        CLEANUP_FREE char *copy = strndup(head, length);
        cr_expect_not_null(http_head_fault(copy, length), "%zu bytes", length);
    }
}

Test(http_head, a_line_that_is_not_whole_is_not_blamed_for_its_end)
{
    static const char head[] = "GET / HTTP/1.1\r\nA B: c";

    cr_expect_str_eq(http_head_fault(head, sizeof(head) - 1), http_head_fault_unknown);
}

Test(http_head, an_absolute_target_has_its_path_behind_the_origin)
{
    static const struct {
        const char *target;
        size_t length;
    } targets[] = {
        {"/a", 0},
        {"*", 0},
        {"", 0},
        {"http://x/a", 8},
        {"HTTPS://x:1/", 11},
        {"http://x/a//b", 8},
        {"http://x", 0},
        {"http:///a", 0},
        {"http://x?/", 0},
        {"ftp://x/", 0},
        {"http://", 0},
        {"/http://x/a", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        cr_expect_eq(http_head_origin_length(targets[i].target, strlen(targets[i].target)), targets[i].length,
                     "%s", targets[i].target);
}
