/* SPDX-License-Identifier: Apache-2.0 */
/* The screen's files, as the gateway serves them: which, under what headers, and none outside of the folder.
 *
 * Long: one folder of files and one gateway serve all cases. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define HASH "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
#define HTML "Accept: text/html,*/*;q=0.8\r\n"

enum { LARGE_BYTES = 8 * 1024 * 1024 };

static char root[64];

static void write_bytes(const char *name, const char *bytes, size_t length)
{
    char path[256], folder[256];

    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0700);
    }
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
}

static void write_file(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

/* What a build leaves behind. */
static void make_root(void)
{
    (void)strcpy(root, "/tmp/oxe-web-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    write_file("index.html", "<p>index");
    write_file("index.html.csp", HASH "\n");
    write_file("404.html", "<p>404");
    write_file("404.html.csp", HASH "\n");
    write_file("orders/index.html", "<p>orders");
    write_file("orders/index.html.csp", HASH " " HASH "\n");
    write_file("orders/__next.!KGF1dGhlZCk.orders.txt", "flight");
    write_file("bare/index.html", "<p>no hashes");
    write_file("odd/index.html", "<p>odd hashes");
    write_file("odd/index.html.csp", "'unsafe-inline'\n");
    write_file("_next/static/chunks/a.js", "identity");
    write_file("_next/static/chunks/a.js.br", "brotli");
    write_file("_next/static/chunks/a.js.gz", "gz");
    write_file("_next/static/chunks/a.js.map", "map");
    write_file("_next/static/only.css", "css");
    write_file("_next/static/oxe/_buildManifest.js", "manifest");
    write_file("_next/static/(group)/[id]!.js", "odd name");
    write_file("empty.txt", "");
    write_file("files/a.txt", "no page here");
    write_file("dev/index.html", "reserved");
    write_file(".env", "SECRET");
    write_file(".git/config.txt", "SECRET");
    char *large = malloc(LARGE_BYTES);
    memset(large, 'x', LARGE_BYTES);
    write_bytes("large.txt", large, LARGE_BYTES);
    free(large);
    char link[256], outside[128];
    (void)snprintf(outside, sizeof(outside), "%s.outside", root);
    (void)mkdir(outside, 0700);
    (void)snprintf(link, sizeof(link), "../%s.outside/secret.txt", strrchr(root, '/') + 1);
    write_file(link, "SECRET");
    (void)snprintf(link, sizeof(link), "%s/link", root);
    cr_assert_eq(symlink(outside, link), 0);
    (void)strcat(outside, "/secret.txt");
    (void)snprintf(link, sizeof(link), "%s/link.txt", root);
    cr_assert_eq(symlink(outside, link), 0);
    (void)snprintf(link, sizeof(link), "%s/_next/static/only.css.br", root);
    cr_assert_eq(symlink(outside, link), 0);
    (void)snprintf(link, sizeof(link), "%s/pipe.txt", root);
    cr_assert_eq(mkfifo(link, 0600), 0);
}

static void remove_root(void)
{
    char line[160];

    (void)snprintf(line, sizeof(line), "rm -rf %s %s.outside", root, root);
    cr_assert_eq(system(line), 0);
}

static void begin(struct gateway_world *gateway)
{
    make_root();
    cr_assert_eq(setenv("OXE_WEB_ROOT", root, 1), 0);
    gateway_begin(gateway);
}

static void end(struct gateway_world *gateway)
{
    gateway_end(gateway);
    remove_root();
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

/* The whole answer to one request on a connection of its own. */
struct page {
    int status;
    struct buffer bytes;
    const char *body;
    size_t body_length;
};

static void page_release(struct page *answer)
{
    buffer_release(&answer->bytes);
}

#define AUTO_PAGE CLEANUP(page_release) struct page

static struct page ask(const struct gateway_world *gateway, const char *method, const char *target,
                       const char *headers)
{
    CLEANUP(buffer_release) struct buffer request = BUFFER_INIT(0);
    CLEANUP_CLOSE int fd = connect_to(gateway->port);
    struct page answer = {.bytes = BUFFER_INIT(0)};
    char chunk[65536];
    ssize_t got;

    buffer_append_format(&request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method, target,
                         headers);
    cr_assert_eq(send(fd, request.data, request.length, MSG_NOSIGNAL), (ssize_t)request.length);
    while ((got = read(fd, chunk, sizeof(chunk))) > 0)
        buffer_append(&answer.bytes, chunk, (size_t)got);
    cr_assert_eq(sscanf(answer.bytes.data, "HTTP/1.1 %d ", &answer.status), 1, "%s: %s", target,
                 answer.bytes.data);
    char *head_end = strstr(answer.bytes.data, "\r\n\r\n");
    cr_assert_not_null(head_end, "%s: %s", target, answer.bytes.data);
    head_end[2] = '\0';
    answer.body = head_end + 4;
    answer.body_length = answer.bytes.length - (size_t)(answer.body - answer.bytes.data);
    return answer;
}

/* A header's value, "" without one; it holds until the next call. */
static const char *header(const struct page *answer, const char *name)
{
    static char value[4096];
    char line[64];

    (void)snprintf(line, sizeof(line), "\r\n%s: ", name);
    const char *at = strcasestr(answer->bytes.data, line);
    if (at == NULL)
        return "";
    at += strlen(line);
    (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

Test(gateway_web, each_path_has_its_answer, .timeout = 60)
{
    static const struct {
        const char *target, *headers;
        int status;
        const char *type, *body; /* body NULL: a problem document */
    } cases[] = {
        {"/", HTML, 200, "text/html; charset=utf-8", "<p>index"},
        {"/?a=b", HTML, 200, "text/html; charset=utf-8", "<p>index"},
        {"/index.html", "", 200, "text/html; charset=utf-8", "<p>index"},
        {"/orders/", HTML, 200, "text/html; charset=utf-8", "<p>orders"},
        {"/orders/?id=1", "", 200, "text/html; charset=utf-8", "<p>orders"},
        {"/%6frders/", "", 200, "text/html; charset=utf-8", "<p>orders"},
        {"/orders/anything", HTML, 200, "text/html; charset=utf-8", "<p>orders"},
        {"/orders/any/thing/?a", HTML, 200, "text/html; charset=utf-8", "<p>orders"},
        {"/orders/__next.!KGF1dGhlZCk.orders.txt", "", 200, "text/plain; charset=utf-8", "flight"},
        {"/_next/static/chunks/a.js", "", 200, "text/javascript; charset=utf-8", "identity"},
        {"/_next/static/(group)/[id]!.js", "", 200, "text/javascript; charset=utf-8", "odd name"},
        {"/_next/static/%28group%29/%5Bid%5D%21.js", "", 200, "text/javascript; charset=utf-8", "odd name"},
        {"/empty.txt", "", 200, "text/plain; charset=utf-8", ""},
        {"/orders/anything", "", 404, "application/problem+json", NULL},
        {"/orders/missing.js", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/nothing", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/nothing/", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/nothing", "Accept: application/json\r\n", 404, "application/problem+json", NULL},
        {"/files/anything", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/files", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/files/", "", 404, "application/problem+json", NULL},
        {"/_next/", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/_next/static/chunks/a.js.map", "", 404, "application/problem+json", NULL},
        {"/_next/static/chunks/a.js.br", "", 404, "application/problem+json", NULL},
        {"/_next/static/chunks/a.js.gz", "", 404, "application/problem+json", NULL},
        {"/index.html.csp", "", 404, "application/problem+json", NULL},
        {"/.env", HTML, 404, "text/html; charset=utf-8", "<p>404"},
        {"/.git/config.txt", "", 404, "application/problem+json", NULL},
        {"/link/secret.txt", "", 404, "application/problem+json", NULL},
        {"/link.txt", "", 404, "application/problem+json", NULL},
        {"/pipe.txt", "", 404, "application/problem+json", NULL},
        {"/api/v1/nothing", HTML, 404, "application/problem+json", NULL},
        {"/api/", HTML, 404, "application/problem+json", NULL},
        {"/ws/nothing", HTML, 404, "application/problem+json", NULL},
        {"/metrics", HTML, 404, "application/problem+json", NULL},
        {"/healthz/x", HTML, 404, "application/problem+json", NULL},
        {"/dev/", HTML, 404, "application/problem+json", NULL},
        {"/x/../api/nothing", HTML, 404, "application/problem+json", NULL},
    };
    struct gateway_world gateway;

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_PAGE answer = ask(&gateway, "GET", cases[i].target, cases[i].headers);
        cr_expect_eq(answer.status, cases[i].status, "%s: %d %s", cases[i].target, answer.status,
                     answer.body);
        cr_expect_str_eq(header(&answer, "content-type"), cases[i].type, "%s: %s", cases[i].target,
                         header(&answer, "content-type"));
        cr_expect_str_eq(header(&answer, "x-content-type-options"), "nosniff", "%s", cases[i].target);
        cr_expect_str_neq(header(&answer, "x-request-id"), "", "%s", cases[i].target);
        cr_expect_null(memmem(answer.body, answer.body_length, "SECRET", 6), "%s", cases[i].target);
        if (cases[i].body != NULL)
            cr_expect_str_eq(answer.body, cases[i].body, "%s: %s", cases[i].target, answer.body);
        else
            cr_expect_not_null(strstr(answer.body, "\"code\":\"NOT_FOUND\""), "%s: %s", cases[i].target,
                               answer.body);
        AUTO_PAGE head = ask(&gateway, "HEAD", cases[i].target, cases[i].headers);
        cr_expect_eq(head.status, cases[i].status, "HEAD %s: %d", cases[i].target, head.status);
        cr_expect_eq(head.body_length, 0, "HEAD %s: %s", cases[i].target, head.body);
        cr_expect_str_eq(header(&head, "content-type"), cases[i].type, "HEAD %s", cases[i].target);
        if (cases[i].body != NULL)
            cr_expect_eq(atol(header(&head, "content-length")), (long)strlen(cases[i].body), "HEAD %s",
                         cases[i].target);
    }
    AUTO_PAGE posted = ask(&gateway, "POST", "/orders/", HTML "Content-Length: 0\r\n");
    cr_expect_eq(posted.status, 404);
    cr_expect_gt(
        world_metric(gateway.probe_port, "oxe_http_requests_total", "operation=\"web\",class=\"2xx\""), 0);
    end(&gateway);
}

Test(gateway_web, no_way_leads_out_of_the_folder, .timeout = 60)
{
    static const char *const targets[] = {
        "/..",
        "/../",
        "/../etc/passwd",
        "/../../../../etc/passwd",
        "/orders/../../etc/passwd",
        "/orders/../index.html",
        "/%2e%2e/etc/passwd",
        "/%2e%2e%2fetc%2fpasswd",
        "/%2E%2E/%2E%2E/etc/passwd",
        "/.%2e/etc/passwd",
        "/..%5cetc%5cpasswd",
        "/..\\etc\\passwd",
        "/orders%2findex.html",
        "/orders\\index.html",
        "//etc/passwd",
        "//evil.example/",
        "//evil.example/..",
        "/orders//index.html",
        "/./index.html",
        "/orders/./index.html",
        "/index.html%00.txt",
        "/%00",
        "/a%0d%0aSet-Cookie:%20a=b",
        "/index.html%",
        "/index.html%4",
        "/%zz",
        "/%c0%ae%c0%ae/etc/passwd",
        "/%ff",
        "/index.html#a",
    };
    CLEANUP(buffer_release) struct buffer target = BUFFER_INIT(0);
    struct gateway_world gateway;

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        AUTO_PAGE answer = ask(&gateway, "GET", targets[i], HTML);
        cr_expect_eq(answer.status, 400, "%s: %d %s", targets[i], answer.status, answer.body);
        cr_expect_not_null(strstr(answer.body, "\"code\":\"MALFORMED_REQUEST\""), "%s: %s", targets[i],
                           answer.body);
        cr_expect_str_eq(header(&answer, "location"), "", "%s", targets[i]);
    }
    for (size_t length = 200; length <= 100 * 1000; length *= 5) {
        buffer_clear(&target);
        while (target.length < length)
            buffer_append_text(&target, "/aaaaaaa");
        AUTO_PAGE answer = ask(&gateway, "GET", target.data, "");
        cr_expect_eq(answer.status, length < 16 * 1024 ? 404 : 431, "%zu: %d", length, answer.status);
    }
    buffer_clear(&target);
    buffer_append_char(&target, '/');
    while (target.length < 500)
        buffer_append_char(&target, 'a');
    AUTO_PAGE named = ask(&gateway, "GET", target.data, HTML);
    cr_expect_eq(named.status, 404, "no file has so long a name: %d", named.status);
    AUTO_PAGE alive = ask(&gateway, "GET", "/readyz", "");
    cr_expect_eq(alive.status, 200);
    end(&gateway);
}

Test(gateway_web, a_folder_without_its_slash_leads_to_the_page, .timeout = 60)
{
    struct gateway_world gateway;

    begin(&gateway);
    AUTO_PAGE plain = ask(&gateway, "GET", "/orders", "");
    cr_expect_eq(plain.status, 308, "%d", plain.status);
    cr_expect_str_eq(header(&plain, "location"), "/orders/");
    cr_expect_eq(plain.body_length, 0);
    AUTO_PAGE query = ask(&gateway, "GET", "/%6Frders?id=1&b=/../%2e", "");
    cr_expect_eq(query.status, 308, "%d", query.status);
    cr_expect_str_eq(header(&query, "location"), "/%6Frders/?id=1&b=/../%2e");
    AUTO_PAGE absolute = ask(&gateway, "GET", "http://x/orders?id=1", "");
    cr_expect_eq(absolute.status, 308, "%d", absolute.status);
    cr_expect_str_eq(header(&absolute, "location"), "/orders/?id=1");
    end(&gateway);
}

Test(gateway_web, what_the_build_compressed_is_sent_to_whoever_takes_it, .timeout = 60)
{
    static const struct {
        const char *headers, *body, *coding;
    } cases[] = {
        {"", "identity", ""},
        {"Accept-Encoding: gzip, deflate, br\r\n", "brotli", "br"},
        {"Accept-Encoding: gzip\r\n", "gz", "gzip"},
        {"Accept-Encoding: br;q=0, gzip\r\n", "gz", "gzip"},
        {"Accept-Encoding: br;q=0, gzip;q=0\r\n", "identity", ""},
        {"Accept-Encoding: br;q=0.1, gzip;q=0.2\r\n", "gz", "gzip"},
        {"Accept-Encoding: identity\r\n", "identity", ""},
    };
    struct gateway_world gateway;
    char *etags[3];

    begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_PAGE answer = ask(&gateway, "GET", "/_next/static/chunks/a.js", cases[i].headers);
        cr_expect_str_eq(answer.body, cases[i].body, "%s: %s", cases[i].headers, answer.body);
        cr_expect_str_eq(header(&answer, "content-encoding"), cases[i].coding, "%s", cases[i].headers);
        cr_expect_str_eq(header(&answer, "content-type"), "text/javascript; charset=utf-8");
        cr_expect_str_eq(header(&answer, "vary"), "accept-encoding");
        cr_expect_eq(atol(header(&answer, "content-length")), (long)strlen(cases[i].body));
        if (i < ARRAY_LEN(etags))
            etags[i] = strdup(header(&answer, "etag"));
        AUTO_PAGE head = ask(&gateway, "HEAD", "/_next/static/chunks/a.js", cases[i].headers);
        cr_expect_str_eq(header(&head, "content-encoding"), cases[i].coding, "%s", cases[i].headers);
        cr_expect_eq(atol(header(&head, "content-length")), (long)strlen(cases[i].body));
    }
    cr_expect(strcmp(etags[0], etags[1]) != 0 && strcmp(etags[1], etags[2]) != 0 &&
              strcmp(etags[0], etags[2]) != 0);
    for (size_t i = 0; i < ARRAY_LEN(etags); i++)
        free(etags[i]);
    AUTO_PAGE linked = ask(&gateway, "GET", "/_next/static/only.css", "Accept-Encoding: br, gzip\r\n");
    cr_expect_str_eq(linked.body, "css", "a sibling that is a link out of the folder is none: %s",
                     linked.body);
    end(&gateway);
}

Test(gateway_web, caches_ask_again_for_all_but_hashed_names, .timeout = 60)
{
    struct gateway_world gateway;
    char headers[256];

    begin(&gateway);
    AUTO_PAGE hashed = ask(&gateway, "GET", "/_next/static/chunks/a.js", "");
    cr_expect_str_eq(header(&hashed, "cache-control"), "public, max-age=31536000, immutable");
    AUTO_PAGE manifest = ask(&gateway, "GET", "/_next/static/oxe/_buildManifest.js", "");
    cr_expect_str_eq(header(&manifest, "cache-control"), "no-cache",
                     "its name stays, and what is in it does not");
    AUTO_PAGE unknown = ask(&gateway, "GET", "/_next/static/chunks/b.js", "");
    cr_expect_str_eq(header(&unknown, "cache-control"), "no-store",
                     "what is missing is not missing for ever");
    AUTO_PAGE unknown_page = ask(&gateway, "GET", "/_next/static/chunks/b.js", HTML);
    cr_expect_str_eq(header(&unknown_page, "cache-control"), "no-cache");
    AUTO_PAGE page = ask(&gateway, "GET", "/orders/", HTML);
    cr_expect_str_eq(header(&page, "cache-control"), "no-cache");
    AUTO_TEXT etag = strdup(header(&page, "etag"));
    cr_expect(etag[0] == '"' && strlen(etag) > 8, "%s", etag);
    (void)snprintf(headers, sizeof(headers), "If-None-Match: \"x\", W/%s\r\n", etag);
    for (int i = 0; i < 2; i++) {
        AUTO_PAGE same = ask(&gateway, i == 0 ? "GET" : "HEAD", "/orders/", headers);
        cr_expect_eq(same.status, 304, "%d", same.status);
        cr_expect_eq(same.body_length, 0);
        cr_expect_str_eq(header(&same, "etag"), etag);
        cr_expect_str_eq(header(&same, "cache-control"), "no-cache");
        cr_expect_str_eq(header(&same, "vary"), "accept-encoding");
        cr_expect_str_eq(header(&same, "content-length"), "");
    }
    AUTO_PAGE other = ask(&gateway, "GET", "/orders/", "If-None-Match: \"x\"\r\n");
    cr_expect_eq(other.status, 200);
    /* The same length, and dated as before: a build may date all files alike. */
    char path[128];
    struct stat before;
    (void)snprintf(path, sizeof(path), "%s/orders/index.html", root);
    cr_assert_eq(stat(path, &before), 0);
    write_file("orders/index.html", "<p>ORDERS");
    cr_assert_eq(utimensat(AT_FDCWD, path, (const struct timespec[]){before.st_atim, before.st_mtim}, 0), 0);
    AUTO_PAGE changed = ask(&gateway, "GET", "/orders/", headers);
    cr_expect_eq(changed.status, 200);
    cr_expect_str_eq(changed.body, "<p>ORDERS");
    AUTO_PAGE missing = ask(&gateway, "GET", "/nothing", HTML "If-None-Match: *\r\n");
    cr_expect_eq(missing.status, 404, "a page that is not there is not unchanged");
    AUTO_PAGE range = ask(&gateway, "GET", "/index.html", "Range: bytes=0-0,1-1\r\n");
    cr_expect_eq(range.status, 200, "ranges are passed over");
    cr_expect_str_eq(header(&range, "accept-ranges"), "", "and none are promised");
    cr_expect_str_eq(range.body, "<p>index");
    end(&gateway);
}

Test(gateway_web, a_page_may_run_what_the_build_hashed, .timeout = 60)
{
#define POLICY(hashes, identity, frames)                                                                     \
    "default-src 'none'; script-src 'self'" hashes identity "; style-src 'self' 'unsafe-inline'; img-src "   \
    "'self' data: blob:" identity "; font-src 'self'; connect-src 'self'" identity frames                    \
    "; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors "  \
    "'none'"
    static const struct {
        const char *target;
        bool page;
        const char *policy, *policy_with_identity;
    } cases[] = {
#define CLERK " https://clerk.example.com"
        {"/", true, POLICY(" " HASH, "", ""), POLICY(" " HASH, CLERK, "; frame-src" CLERK)},
        {"/orders/", true, POLICY(" " HASH " " HASH, "", ""),
         POLICY(" " HASH " " HASH, CLERK, "; frame-src" CLERK)},
        {"/orders/x", true, POLICY(" " HASH " " HASH, "", ""),
         POLICY(" " HASH " " HASH, CLERK, "; frame-src" CLERK)},
        {"/nothing", true, POLICY(" " HASH, "", ""), POLICY(" " HASH, CLERK, "; frame-src" CLERK)},
        {"/bare/", true, POLICY("", "", ""), POLICY("", CLERK, "; frame-src" CLERK)},
        {"/odd/", true, POLICY("", "", ""), POLICY("", CLERK, "; frame-src" CLERK)},
        {"/_next/static/chunks/a.js", false, POLICY("", "", ""), POLICY("", CLERK, "; frame-src" CLERK)},
    };
    struct gateway_world gateway;

    begin(&gateway);
    for (int identity = 0; identity < 2; identity++) {
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            AUTO_PAGE answer = ask(&gateway, "GET", cases[i].target, HTML);
            const char *policy = identity ? cases[i].policy_with_identity : cases[i].policy;
            cr_expect_str_eq(header(&answer, "content-security-policy"), policy, "%s: %s", cases[i].target,
                             header(&answer, "content-security-policy"));
            cr_expect_str_eq(header(&answer, "referrer-policy"), cases[i].page ? "no-referrer" : "");
            cr_expect_str_eq(header(&answer, "cross-origin-opener-policy"),
                             cases[i].page ? "same-origin" : "");
            cr_expect_eq(strstr(header(&answer, "permissions-policy"), "camera=()") != NULL, cases[i].page);
            cr_expect_str_eq(header(&answer, "strict-transport-security"), "", "without TLS");
        }
        cr_assert_eq(gateway_stop(&gateway), 0);
        cr_assert_eq(setenv("OXE_WEB_IDENTITY_ORIGINS", "https://clerk.example.com", 1), 0);
        gateway_start(&gateway);
    }
    end(&gateway);
}

Test(gateway_web, the_folder_may_be_replaced_and_missing, .timeout = 60)
{
    struct gateway_world gateway;
    char away[80];

    begin(&gateway);
    (void)snprintf(away, sizeof(away), "%s.outside/away", root);
    cr_assert_eq(rename(root, away), 0);
    AUTO_PAGE missing = ask(&gateway, "GET", "/", HTML);
    cr_expect_eq(missing.status, 404);
    cr_expect_not_null(strstr(missing.body, "OXE_WEB_ROOT"), "%s", missing.body);
    AUTO_PAGE api = ask(&gateway, "GET", "/readyz", "");
    cr_expect_eq(api.status, 200);
    cr_assert_eq(mkdir(root, 0700), 0);
    write_file("index.html", "<p>new");
    AUTO_PAGE replaced = ask(&gateway, "GET", "/", HTML);
    cr_expect_str_eq(replaced.body, "<p>new");
    AUTO_PAGE bare = ask(&gateway, "GET", "/nothing", HTML);
    cr_expect_eq(bare.status, 404);
    cr_expect_str_eq(header(&bare, "content-type"), "application/problem+json", "without a 404.html");
    cr_assert_eq(gateway_stop(&gateway), 0);
    remove_root();
    gateway_start(&gateway);
    AUTO_PAGE none = ask(&gateway, "GET", "/", HTML);
    cr_expect_eq(none.status, 404, "a gateway starts without its folder");
    cr_assert_eq(gateway_stop(&gateway), 0);
    cr_assert_eq(unsetenv("OXE_WEB_ROOT"), 0);
    gateway_start(&gateway);
    AUTO_PAGE unset = ask(&gateway, "GET", "/../etc/passwd", HTML);
    cr_expect_eq(unset.status, 404);
    cr_expect_not_null(strstr(unset.body, "There is nothing at this path"), "%s", unset.body);
    end(&gateway);
}

/* Descriptors of the gateway. */
static int count_files(const struct gateway_world *gateway)
{
    char line[64], text[16] = "";

    (void)snprintf(line, sizeof(line), "ls /proc/%d/fd | wc -l", (int)gateway->gateway);
    FILE *pipe = popen(line, "re");
    cr_assert_not_null(fgets(text, sizeof(text), pipe));
    (void)pclose(pipe);
    return atoi(text);
}

Test(gateway_web, large_files_come_whole_and_broken_readers_leave_nothing, .timeout = 60)
{
    enum { READERS = 50 };
    static const char request[] = "GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    struct gateway_world gateway;
    int fds[READERS];

    begin(&gateway);
    AUTO_PAGE whole = ask(&gateway, "GET", "/large.txt", "");
    cr_expect_eq(whole.body_length, LARGE_BYTES);
    int before = count_files(&gateway);
    for (int i = 0; i < READERS; i++) {
        fds[i] = connect_to(gateway.port);
        cr_assert_eq(write(fds[i], request, sizeof(request) - 1), (ssize_t)sizeof(request) - 1);
    }
    AUTO_PAGE beside = ask(&gateway, "GET", "/orders/", HTML);
    cr_expect_eq(beside.status, 200, "who does not read holds up nobody");
    for (int i = 0; i < READERS; i++)
        (void)close(fds[i]);
    int after = 0;
    for (int i = 0; i < 200 && (after = count_files(&gateway)) > before + 2; i++)
        (void)usleep(25000);
    cr_expect_leq(after, before + 2, "%d descriptors before, %d after", before, after);
    /* One that gets shorter on its way ends its connection: the client sees that it is not whole. */
    CLEANUP_CLOSE int fd = connect_to(gateway.port);
    char chunk[65536], path[128];
    size_t length = 0;
    ssize_t got;
    cr_assert_eq(write(fd, request, sizeof(request) - 1), (ssize_t)sizeof(request) - 1);
    cr_assert_gt(read(fd, chunk, sizeof(chunk)), 0);
    (void)snprintf(path, sizeof(path), "%s/large.txt", root);
    cr_assert_eq(truncate(path, 10), 0);
    while ((got = read(fd, chunk, sizeof(chunk))) > 0)
        length += (size_t)got;
    cr_expect_lt(length, LARGE_BYTES);
    AUTO_PAGE alive = ask(&gateway, "GET", "/orders/", HTML);
    cr_expect_eq(alive.status, 200);
    end(&gateway);
}

/* How often the gateway holds the large file open. */
static int count_large(const struct gateway_world *gateway)
{
    char folder[32], path[PATH_MAX], target[PATH_MAX];
    int count = 0;

    (void)snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)gateway->gateway);
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = '\0';
        count += strstr(target, "/large.txt") != NULL;
    }
    (void)closedir(dir);
    return count;
}

/* The connection ends with its write timeout, and so does what it holds. */
Test(gateway_web, who_does_not_read_is_cut, .timeout = 120)
{
    static const char request[] = "GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    struct gateway_world gateway;
    long open = 0;

    begin(&gateway);
    cr_assert_eq(count_large(&gateway), 0);
    CLEANUP_CLOSE int fd = connect_to(gateway.port);
    cr_assert_eq(write(fd, request, sizeof(request) - 1), (ssize_t)sizeof(request) - 1);
    for (int i = 0; i < 500 && count_large(&gateway) == 0; i++)
        (void)usleep(10000);
    cr_assert_eq(count_large(&gateway), 1, "it holds the file as long as the connection lasts");
    struct instant began = clock_now();
    do {
        (void)usleep(200000);
        open = world_metric(gateway.probe_port, "oxe_http_connections", "");
    } while (open > 0 && clock_now().us - began.us < INT64_C(60000000));
    int64_t took_s = (clock_now().us - began.us) / 1000000;
    cr_expect(took_s >= 15 && took_s < 45, "%ld connections after %lld s", open, (long long)took_s);
    cr_expect_eq(count_large(&gateway), 0);
    end(&gateway);
}
