/* SPDX-License-Identifier: Apache-2.0 */
/* Where the gateway's keys come from: a file that changes, a URL. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

static void await_status(const char *token, const char *path, long status)
{
    long now = 0;

    for (int i = 0; i < 600; i++) {
        AUTO_REPLY reply = gateway_get(token, path);
        now = reply.status;
        if (now == status)
            return;
        (void)poll(NULL, 0, 10);
    }
    cr_assert_fail("%s answers %ld, never %ld", path, now, status);
}

Test(gateway_keys, keys_are_taken_and_dropped_as_the_file_changes, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    cjose_jwk_t *next = gateway_make_key("test-2");
    AUTO_TEXT old_token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT new_token = gateway_token_with(next, "trader-0", 3600, "");
    await_status(old_token, "/api/v1/account", 200);
    await_status(new_token, "/api/v1/account", 401);
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){gateway.key, next, NULL});
    await_status(new_token, "/api/v1/account", 200);
    await_status(old_token, "/api/v1/account", 200);
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){next, NULL});
    await_status(old_token, "/api/v1/account", 401); /* although it was verified before */
    await_status(new_token, "/api/v1/account", 200);
    cjose_jwk_release(next);
    gateway_end(&gateway);
}

/* The first key goes, then every key, then one comes back: what was open by it closes, and only that. */
Test(gateway_keys, a_revoked_key_opens_nothing_and_keeps_nothing_open, .timeout = 60)
{
    struct gateway_world gateway;

    gateway_begin(&gateway);
    cjose_jwk_t *next = gateway_make_key("test-2"), *forged = gateway_make_key("test-2");
    AUTO_TEXT old_token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT new_token = gateway_token_with(next, "trader-0", 3600, "");
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){gateway.key, next, NULL});
    await_status(new_token, "/api/v1/account", 200);
    CLEANUP(ws_client_destroy) struct ws_client *of_old = gateway_watch(&gateway, old_token, "");
    CLEANUP(ws_client_destroy) struct ws_client *of_new = gateway_watch(&gateway, new_token, "");
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){next, NULL});
    cr_expect_eq(gateway_close_code(of_old, 10000), 4401);
    cr_expect_eq(gateway_close_code(of_new, 1500), 0, "its key is still there");
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){NULL});
    cr_expect_eq(gateway_close_code(of_new, 10000), 4401);
    await_status(new_token, "/api/v1/account", 401);
    await_status(old_token, "/api/v1/account", 401);
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){next, NULL});
    await_status(new_token, "/api/v1/account", 200);
    CLEANUP(ws_client_destroy) struct ws_client *again = gateway_watch(&gateway, new_token, "");
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){forged, NULL});
    cr_expect_eq(gateway_close_code(again, 10000), 4401, "another key of the same name");
    cjose_jwk_release(next);
    cjose_jwk_release(forged);
    gateway_end(&gateway);
}

Test(gateway_keys, a_file_that_is_no_set_or_gone_changes_nothing_until_it_is_too_old, .timeout = 60)
{
    struct gateway_world gateway;
    char path[160];

    cr_assert_eq(setenv("OXE_JWKS_MAX_AGE", "3s", 1), 0);
    gateway_begin(&gateway);
    (void)snprintf(path, sizeof(path), "%s/jwks.json", gateway.world.directory);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    CLEANUP(ws_client_destroy) struct ws_client *client = gateway_watch(&gateway, token, "");
    cr_expect_eq(gateway_close_code(client, 5000), 0, "a file that stays is seen again and again");
    FILE *file = fopen(path, "we");
    cr_assert(file != NULL && fputs("{\"keys\":{}}", file) >= 0 && fclose(file) == 0);
    cr_expect_eq(gateway_close_code(client, 1500), 0);
    AUTO_REPLY still = gateway_get(token, "/api/v1/account");
    cr_expect_eq(still.status, 200, "%s", still.body.data);
    await_status(token, "/api/v1/account", 503);
    cr_expect_eq(gateway_close_code(client, 5000), 4401);
    AUTO_REPLY ready = gateway_get(NULL, "/readyz");
    cr_expect_eq(ready.status, 503);
    cr_assert_eq(unlink(path), 0);
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){gateway.key, NULL});
    await_status(token, "/api/v1/account", 200);
    gateway_end(&gateway);
}

/* --check, with what would leave a token's origin or purpose unchecked. */
Test(gateway_keys, a_gateway_that_would_take_tokens_for_anybody_does_not_start, .timeout = 60)
{
    static const struct {
        const char *environment, *said;
    } cases[] = {
        {"OXE_JWT_ISSUER=test-issuer OXE_JWT_AUDIENCE=oxe", ""},
        {"OXE_JWT_ISSUER=any OXE_JWT_AUDIENCE=any", ""},
        {"OXE_JWT_ISSUER=any OXE_JWT_AUTHORIZED_PARTIES=https://app.example", ""},
        {"OXE_JWT_AUDIENCE=oxe", "OXE_JWT_ISSUER: is required"},
        {"OXE_JWT_ISSUER= OXE_JWT_AUDIENCE=oxe", "OXE_JWT_ISSUER: "},
        {"OXE_JWT_ISSUER=any", "OXE_JWT_AUDIENCE or OXE_JWT_AUTHORIZED_PARTIES is required"},
        {"OXE_JWT_ISSUER=any OXE_JWT_AUDIENCE=",
         "OXE_JWT_AUDIENCE or OXE_JWT_AUTHORIZED_PARTIES is required"},
        {"OXE_JWT_ISSUER=any OXE_JWT_AUDIENCE=oxe,any", "the word any alone"},
    };
    struct gateway_world gateway;

    gateway_begin(&gateway);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char line[512];
        int status;
        (void)snprintf(line, sizeof(line),
                       "env -u OXE_JWT_ISSUER -u OXE_JWT_AUDIENCE %s \"$OXE_GATEWAY_BINARY\" --check 2>&1",
                       cases[i].environment);
        AUTO_TEXT said = instance_run((const char *const[]){"sh", "-c", line, NULL}, &status);
        cr_expect_eq(status == 0, cases[i].said[0] == '\0', "%s: %d %s", cases[i].environment, status, said);
        cr_expect_not_null(strstr(said, cases[i].said), "%s: %s", cases[i].environment, said);
    }
    gateway_end(&gateway);
}

/* A web server with one page, for as long as the test runs. */
struct page_server {
    int fd;
    int port;
    _Atomic(const char *) text;
    _Atomic int served;
};

static void *serve_pages(void *context)
{
    struct page_server *server = context;

    for (;;) {
        CLEANUP_CLOSE int fd = accept(server->fd, NULL, NULL);
        char request[4096];
        if (fd < 0 || read(fd, request, sizeof(request)) <= 0)
            continue;
        const char *text = server->text;
        (void)dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                      strlen(text), text);
        server->served++;
    }
    return NULL;
}

static void start_page_server(struct page_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    pthread_t thread;

    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(server->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(server->fd, 8), 0);
    cr_assert_eq(getsockname(server->fd, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&thread, NULL, serve_pages, server), 0);
    (void)pthread_detach(thread);
}

static char *jwks_text(const cjose_jwk_t *key)
{
    cjose_err error;
    char *member = cjose_jwk_to_json(key, false, &error), *text;

    cr_assert_gt(asprintf(&text, "{\"keys\":[%s]}", member), 0);
    cjose_get_dealloc()(member);
    return text;
}

Test(gateway_keys, keys_come_from_a_url_and_an_unknown_one_is_looked_for, .timeout = 60)
{
    static struct page_server server;
    struct gateway_world gateway;
    char url[64];
    cjose_jwk_t *first = gateway_make_key("url-1"), *second = gateway_make_key("url-2");
    AUTO_TEXT first_text = jwks_text(first);
    AUTO_TEXT second_text = jwks_text(second);
    AUTO_TEXT old_token = gateway_token_with(first, "trader-0", 3600, "");
    AUTO_TEXT new_token = gateway_token_with(second, "trader-0", 3600, "");

    server.text = first_text;
    start_page_server(&server);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/jwks.json", server.port);
    cr_assert_eq(setenv("OXE_JWKS", url, 1) | setenv("OXE_JWKS_REFRESH", "1h", 1), 0);
    gateway_begin(&gateway);
    await_status(old_token, "/api/v1/account", 200);
    server.text = second_text;
    await_status(new_token, "/api/v1/account", 200);
    await_status(old_token, "/api/v1/account", 401);
    int served = server.served;
    for (int i = 0; i < 50; i++)
        await_status(old_token, "/api/v1/account", 401);
    cr_expect_eq(server.served, served, "unknown kids do not make it fetch without end");
    server.text = "<html>sorry</html>";
    await_status(new_token, "/api/v1/account", 200);
    gateway_end(&gateway);
    cjose_jwk_release(first);
    cjose_jwk_release(second);
}

Test(gateway_keys, a_url_that_fails_changes_nothing_and_one_that_is_empty_does, .timeout = 60)
{
    static struct page_server server;
    struct gateway_world gateway;
    char url[64];
    cjose_jwk_t *key = gateway_make_key("url-1");
    AUTO_TEXT text = jwks_text(key);
    AUTO_TEXT token = gateway_token_with(key, "trader-0", 3600, "");

    server.text = text;
    start_page_server(&server);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/jwks.json", server.port);
    cr_assert_eq(setenv("OXE_JWKS", url, 1) | setenv("OXE_JWKS_REFRESH", "1s", 1), 0);
    gateway_begin(&gateway);
    await_status(token, "/api/v1/account", 200);
    server.text = "<html>sorry</html>";
    for (int served = server.served; server.served < served + 2;)
        (void)poll(NULL, 0, 10);
    await_status(token, "/api/v1/account", 200);
    server.text = "{\"keys\":[]}";
    await_status(token, "/api/v1/account", 401);
    server.text = text;
    await_status(token, "/api/v1/account", 200);
    gateway_end(&gateway);
    cjose_jwk_release(key);
}
