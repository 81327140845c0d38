/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/web_headers.h"

#define HASH  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
#define OTHER "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"

Test(web_headers, the_coding_follows_the_weights)
{
    static const struct {
        const char *accept, *codings;
    } cases[] = {
        {NULL, "identity"},
        {"", "identity"},
        {"gzip, deflate, br, zstd", "br gzip identity"},
        {"gzip", "gzip identity"},
        {"GZIP", "gzip identity"},
        {"br;q=0.5, gzip", "gzip br identity"},
        {"br;q=0, gzip", "gzip identity"},
        {"br;q=0.000,gzip;q=0", "identity"},
        {"gzip ; q=0.1 ,\tbr ;q=0.1", "br gzip identity"},
        {"*", "br gzip identity"},
        {"*;q=0", "identity"},
        {"*, br;q=0", "gzip identity"},
        {"*;q=0, br", "br identity"},
        {"identity", "identity"},
        {"identity;q=0.5, gzip;q=0.4, br;q=0.6", "br identity"},
        {"br;q=2, gzip;q=x", "identity"},
        {"br;q=, gzip;q=1.5", "identity"},
        {"br;q=0.1234, gzip;q=.5", "identity"},
        {"brotli, x-gzip", "identity"},
        {",,;q=1,gzip,", "gzip identity"},
    };
    static const char *const names[WEB_CODING_COUNT] = {"identity", "gzip", "br"};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum web_coding codings[WEB_CODING_COUNT];
        char text[64] = "";
        const char *accept = cases[i].accept;
        web_headers_codings(accept, accept == NULL ? 0 : strlen(accept), codings);
        for (size_t j = 0;; j++) {
            (void)strcat(strcat(text, j == 0 ? "" : " "), names[codings[j]]);
            if (codings[j] == WEB_IDENTITY)
                break;
        }
        cr_expect_str_eq(text, cases[i].codings, "%s: %s", accept, text);
    }
}

Test(web_headers, a_browser_names_html)
{
    static const struct {
        const char *accept;
        bool html;
    } cases[] = {
        {"text/html,application/xhtml+xml,*/*;q=0.8", true},
        {"TEXT/HTML;q=0.5", true},
        {"text/html;q=0", false},
        {"*/*", false},
        {"application/json", false},
        {"text/htmlx", false},
        {"", false},
        {NULL, false},
        {"text/html;level=1;q=0.4", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *accept = cases[i].accept;
        cr_expect_eq(web_headers_accept_html(accept, accept == NULL ? 0 : strlen(accept)), cases[i].html,
                     "%s", accept);
    }
}

Test(web_headers, entity_tags_are_compared_weakly)
{
    static const struct {
        const char *header;
        bool matches;
    } cases[] = {
        {"\"a-1\"", true}, {"W/\"a-1\"", true}, {"\"b\", \"a-1\"", true}, {"*", true}, {"\"a-10\"", false},
        {"a-1", false},    {"\"A-1\"", false},  {"w/\"a-1\"", false},     {"", false}, {NULL, false},
        {"\"a-1", false},  {"W/", false},       {"\"a-1\"x", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *header = cases[i].header;
        cr_expect_eq(web_headers_etag_matches(header, header == NULL ? 0 : strlen(header), "\"a-1\""),
                     cases[i].matches, "%s", header);
    }
}

#define REST                                                                                                 \
    "; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; "                  \
    "frame-ancestors 'none'"

Test(web_headers, a_page_runs_its_own_scripts_and_no_others)
{
    static const struct config_list none = {.count = 0};
    static const struct {
        const char *hashes, *scripts;
        int result;
    } cases[] = {
        {"", "", 0},
        {"\n", "", 0},
        {HASH, " " HASH, 0},
        {HASH " " OTHER "\n", " " HASH " " OTHER, 0},
        {"'unsafe-inline'", "", -EINVAL},
        {HASH " 'unsafe-inline'", "", -EINVAL},
        {HASH "; img-src *", "", -EINVAL},
        {HASH "\n\n", "", -EINVAL},
        {HASH "\r\nSet-Cookie: a=b\r\n", "", -EINVAL},
        {HASH "  " OTHER, "", -EINVAL},
        {HASH " ", "", -EINVAL},
        {" " HASH, "", -EINVAL},
        {"'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF='", "", -EINVAL},
        {"'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu*U='", "", -EINVAL},
        {"https://evil.example", "", -EINVAL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer policy = BUFFER_INIT(0);
        char expected[1024];
        (void)snprintf(
            expected, sizeof(expected),
            "default-src 'none'; script-src 'self'%s; style-src 'self' 'unsafe-inline'; img-src 'self' "
            "data: blob:; font-src 'self'; connect-src 'self'" REST,
            cases[i].scripts);
        int r = web_headers_append_policy(&policy, cases[i].hashes, strlen(cases[i].hashes), &none);
        cr_expect_eq(r, cases[i].result, "%s: %d", cases[i].hashes, r);
        cr_expect_str_eq(policy.data, expected, "%s: %s", cases[i].hashes, policy.data);
    }
}

Test(web_headers, an_identity_provider_gets_what_it_needs)
{
    static const struct config_list identity = {
        .items = {"https://clerk.example.com", "https://img.example.com:8443"}, .count = 2};
    CLEANUP(buffer_release) struct buffer policy = BUFFER_INIT(0);
#define BOTH " https://clerk.example.com https://img.example.com:8443"

    cr_expect_eq(web_headers_append_policy(&policy, HASH, strlen(HASH), &identity), 0);
    cr_expect_str_eq(policy.data, "default-src 'none'; script-src 'self' " HASH BOTH
                                  "; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:" BOTH
                                  "; font-src 'self'; connect-src 'self'" BOTH "; frame-src" BOTH REST);
}

Test(web_headers, an_origin_is_a_scheme_and_a_host)
{
    static const struct {
        const char *text;
        bool origin;
    } cases[] = {
        {"https://clerk.example.com", true},
        {"https://a:8443", true},
        {"http://a", false},
        {"https://", false},
        {"https://a/", false},
        {"https://a b", false},
        {"https://a; script-src *", false},
        {"https://a:", false},
        {"https://a:1x", false},
        {"*", false},
        {"'unsafe-inline'", false},
        {"https://*.a", false},
        {"https://A", false},
        {"https://u@a", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(web_headers_is_origin(cases[i].text), cases[i].origin, "%s", cases[i].text);
}
