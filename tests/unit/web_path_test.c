/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/web_path.h"

static int parse(const char *target, char path[static WEB_PATH_MAX])
{
    return web_path_parse(target, strlen(target), path);
}

Test(web_path, a_target_names_a_file_or_a_folder)
{
    static const struct {
        const char *target, *path;
    } cases[] = {
        {"/", ""},
        {"/?a=/../b", ""},
        {"/orders", "orders"},
        {"/orders/", "orders/"},
        {"/orders/?id=1", "orders/"},
        {"/_next/static/chunks/a-1.js", "_next/static/chunks/a-1.js"},
        {"/orders/__next.!KGF1dGhlZCk.orders.txt", "orders/__next.!KGF1dGhlZCk.orders.txt"},
        {"/a%20b/(group)/[id]%21.js", "a b/(group)/[id]!.js"},
        {"/%6Frders/", "orders/"},
        {"/caf%C3%A9.txt", "caf\xc3\xa9.txt"},
        {"/a..b/..", NULL},
        {"/a..b", "a..b"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[WEB_PATH_MAX] = "untouched";
        int r = parse(cases[i].target, path);
        cr_expect_eq(r, cases[i].path == NULL ? -EINVAL : 0, "%s: %d", cases[i].target, r);
        cr_expect_str_eq(path, cases[i].path == NULL ? "untouched" : cases[i].path, "%s", cases[i].target);
    }
}

Test(web_path, what_could_be_read_in_two_ways_is_refused)
{
    static const char *const targets[] = {
        "",
        "orders",
        "*",
        "//",
        "//evil.example/",
        "/a//b",
        "/.",
        "/..",
        "/./a",
        "/../a",
        "/a/../b",
        "/a/..",
        "/%2e%2e/a",
        "/%2E./a",
        "/.%2e",
        "/%2e",
        "/a%2fb",
        "/a%2Fb",
        "/a\\b",
        "/a%5cb",
        "/a%00b",
        "/%00",
        "/a%0ab",
        "/a%7f",
        "/a%",
        "/a%4",
        "/a%4g",
        "/%zz",
        "/a%ff",
        "/a%c3",
        "/%c0%ae%c0",
        "/a#b",
        "/.git/../x",
        "/%2e%2e%2fetc/passwd",
        "/..%5c..%5c",
        "/a/%2e%2e/%2e%2e/etc/passwd",
    };

    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        char path[WEB_PATH_MAX];
        cr_expect_eq(parse(targets[i], path), -EINVAL, "%s", targets[i]);
    }
}

Test(web_path, dot_files_and_endless_names_are_never_served)
{
    static const char *const targets[] = {"/.env", "/.git/config", "/a/.htaccess", "/%2eenv", "/...", "/..a"};
    char path[WEB_PATH_MAX], target[4 * WEB_PATH_MAX];

    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        cr_expect_eq(parse(targets[i], path), -ENOENT, "%s", targets[i]);
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    cr_expect_eq(web_path_parse(target, WEB_PATH_MAX, path), 0, "it fits with its NUL");
    cr_expect_eq(strlen(path), (size_t)WEB_PATH_MAX - 1);
    cr_expect_eq(web_path_parse(target, WEB_PATH_MAX + 1, path), -ENOENT);
    cr_expect_eq(web_path_parse(target, sizeof(target), path), -ENOENT);
    for (size_t i = 2; i < sizeof(target); i += 2)
        target[i] = '/';
    cr_expect_eq(web_path_parse(target, sizeof(target), path), -ENOENT);
}

Test(web_path, the_api_answers_for_itself)
{
    static const struct {
        const char *path;
        bool reserved;
    } cases[] = {
        {"/api", true},        {"/api/v2/x", true}, {"/ws/", true},   {"/healthz", true},
        {"/metrics", true},    {"/readyz/x", true}, {"/dev/x", true}, {"/checkpoint", true},
        {"/tile/0/000", true}, {"/", false},        {"/apis", false}, {"/devices", false},
        {"/a/api", false},     {"//api", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(web_path_is_reserved(cases[i].path, strlen(cases[i].path)), cases[i].reserved, "%s",
                     cases[i].path);
}

Test(web_path, a_page_has_no_extension)
{
    static const struct {
        const char *path, *around;
        bool page;
    } cases[] = {
        {"orders/anything", "orders/", true},
        {"orders/a.b/", "orders/", false},
        {"orders/x.js", "orders/", false},
        {"a.b/c", "a.b/", true},
        {"orders", "", true},
        {"a/b/c/", "a/b/", true},
        {"", "", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[WEB_PATH_MAX];
        (void)stpcpy(path, cases[i].path);
        cr_expect_eq(web_path_is_page(path), cases[i].page, "%s", path);
        web_path_leave(path);
        cr_expect_str_eq(path, cases[i].around, "%s", cases[i].path);
    }
}

Test(web_path, only_known_types_are_served)
{
    static const struct {
        const char *path, *type;
    } cases[] = {
        {"index.html", "text/html; charset=utf-8"},
        {"a/b.min.js", "text/javascript; charset=utf-8"},
        {"a.css", "text/css; charset=utf-8"},
        {"a.json", "application/json"},
        {"a.svg", "image/svg+xml"},
        {"a.woff2", "font/woff2"},
        {"a.png", "image/png"},
        {"favicon.ico", "image/x-icon"},
        {"a.txt", "text/plain; charset=utf-8"},
        {"a.webmanifest", "application/manifest+json"},
        {"a.js.map", NULL},
        {"index.html.csp", NULL},
        {"a.js.br", NULL},
        {"a.js.gz", NULL},
        {"a.js/b", NULL},
        {"LICENSE", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *type = web_path_type(cases[i].path);
        cr_expect_eq(type == NULL, cases[i].type == NULL, "%s", cases[i].path);
        if (type != NULL && cases[i].type != NULL)
            cr_expect_str_eq(type, cases[i].type, "%s", cases[i].path);
    }
}

Test(web_path, hashed_names_never_change)
{
    cr_expect(web_path_is_immutable("_next/static/chunks/a.js"));
    cr_expect(web_path_is_immutable("_next/static/media/a.woff2"));
    cr_expect_not(web_path_is_immutable("_next/static/oxe/_buildManifest.js"));
    cr_expect_not(web_path_is_immutable("_next/data.json"));
    cr_expect_not(web_path_is_immutable("a/_next/static/a.js"));
    cr_expect_not(web_path_is_immutable("index.html"));
}
