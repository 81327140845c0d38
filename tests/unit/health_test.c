/* SPDX-License-Identifier: Apache-2.0 */
/* Health bodies after the contract, and a probe port that garbage, slow clients and crowds cannot take down.
 */
#include "common/health.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <yajl/yajl_tree.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/port.h"

static const char *const checks[] = {"postgresql", "redis"};

enum { POSTGRESQL, REDIS };

static void expect_status(const char *body, const char *path, const char *wanted)
{
    char error[256];
    yajl_val tree = yajl_tree_parse(body, error, sizeof(error));
    const char *top[] = {"status", NULL};
    const char *check[] = {"checks", path, "status", NULL};
    const char *detail[] = {"checks", path, "detail", NULL};

    cr_assert_not_null(tree, "%s in %s", error, body);
    yajl_val value = yajl_tree_get(tree, path == NULL ? top : check, yajl_t_string);
    cr_assert_not_null(value, "%s", body);
    cr_expect_str_eq(YAJL_GET_STRING(value), wanted, "%s", body);
    if (path != NULL && strcmp(wanted, "ok") != 0)
        cr_expect_not_null(yajl_tree_get(tree, detail, yajl_t_string), "a bad check says why: %s", body);
    yajl_tree_free(tree);
}

static void expect_metric(struct health *health, const char *line)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);

    health_render_metrics(health, &text);
    cr_expect_not_null(strstr(text.data, line), "no '%s' in:\n%s", line, text.data);
}

Test(health, readiness_is_the_worst_of_the_checks)
{
    static const struct {
        enum health_status postgresql, redis;
        int http;
        const char *status;
    } cases[] = {
        {HEALTH_OK, HEALTH_OK, 200, "ok"},
        {HEALTH_OK, HEALTH_DEGRADED, 200, "degraded"},
        {HEALTH_DEGRADED, HEALTH_OK, 200, "degraded"},
        {HEALTH_FAILING, HEALTH_OK, 503, "failing"},
        {HEALTH_DEGRADED, HEALTH_FAILING, 503, "failing"},
    };
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(health_create("tester", "1.2.3", checks, ARRAY_LEN(checks), &health), 0);
    cr_expect_eq(health_render_ready(health, &body), 503, "checks start as failing");
    expect_status(body.data, "redis", "failing");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        health_set(health, POSTGRESQL, cases[i].postgresql, cases[i].postgresql == HEALTH_OK ? NULL : "away");
        health_set(health, REDIS, cases[i].redis, cases[i].redis == HEALTH_OK ? NULL : "away");
        buffer_clear(&body);
        cr_expect_eq(health_render_ready(health, &body), cases[i].http, "case %zu", i);
        expect_status(body.data, NULL, cases[i].status);
    }
}

Test(health, the_body_is_that_of_the_contract)
{
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(health_create("tester", "1.2.3", checks, ARRAY_LEN(checks), &health), 0);
    health_set(health, POSTGRESQL, HEALTH_OK, NULL);
    health_set(health, REDIS, HEALTH_DEGRADED, "slow \"today\"");
    (void)health_render_ready(health, &body);
    cr_expect_str_eq(body.data,
                     "{\"status\":\"degraded\",\"service\":\"tester\",\"version\":\"1.2.3\",\"checks\":{"
                     "\"postgresql\":{\"status\":\"ok\"},"
                     "\"redis\":{\"status\":\"degraded\",\"detail\":\"slow \\\"today\\\"\"}}}\n");
    buffer_clear(&body);
    cr_expect_eq(health_render_live(health, &body), 200);
    cr_expect_str_eq(body.data, "{\"status\":\"ok\",\"service\":\"tester\",\"version\":\"1.2.3\","
                                "\"checks\":{\"loop\":{\"status\":\"ok\"}}}\n");
}

Test(health, a_watched_folder_is_a_check_of_its_own)
{
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(health_create("tester", "1.2.3", NULL, 0, &health), 0);
    (void)health_render_ready(health, &body);
    cr_expect_null(strstr(body.data, "disk"));
    health_watch_disk(health, "/nowhere/at/all");
    buffer_clear(&body);
    cr_expect_eq(health_render_ready(health, &body), 503);
    expect_status(body.data, "disk", "failing");
    cr_expect_not_null(strstr(body.data, "/nowhere/at/all: No such file or directory"), "%s", body.data);
    expect_metric(health, "oxe_ready{service=\"tester\"} 0\n");
    expect_metric(health, "oxe_check{service=\"tester\",check=\"disk\",status=\"failing\"} 1\n");
    health_watch_disk(health, "/proc"); /* without a block of its own, and so never full */
    buffer_clear(&body);
    cr_expect_eq(health_render_ready(health, &body), 200);
    expect_status(body.data, "disk", "ok");
    expect_metric(health, "oxe_ready{service=\"tester\"} 1\n");
}

Test(health, a_draining_service_is_alive_and_not_ready)
{
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(health_create("tester", "1.2.3", NULL, 0, &health), 0);
    cr_expect_eq(health_render_ready(health, &body), 200);
    health_set_draining(health);
    buffer_clear(&body);
    cr_expect_eq(health_render_ready(health, &body), 503);
    expect_status(body.data, "draining", "failing");
    buffer_clear(&body);
    cr_expect_eq(health_render_live(health, &body), 200);
}

Test(health, a_long_detail_is_cut)
{
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
    char detail[HEALTH_DETAIL_MAX + 50];

    memset(detail, 'x', sizeof(detail) - 1);
    detail[sizeof(detail) - 1] = '\0';
    cr_assert_eq(health_create("tester", "1.2.3", checks, 1, &health), 0);
    health_set(health, 0, HEALTH_FAILING, detail);
    (void)health_render_ready(health, &body);
    detail[HEALTH_DETAIL_MAX] = '\0';
    cr_expect_null(strstr(body.data, detail));
    detail[HEALTH_DETAIL_MAX - 1] = '\0';
    cr_expect_not_null(strstr(body.data, detail));
}

Test(health, a_loop_that_does_not_turn_is_not_alive, .timeout = HEALTH_BEAT_MAX_MS / 1000 + 5)
{
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    cr_assert_eq(health_create("tester", "1.2.3", NULL, 0, &health), 0);
    (void)poll(NULL, 0, HEALTH_BEAT_MAX_MS + 10); /* the passing of time is what this tests */
    cr_expect_eq(health_render_live(health, &body), 503);
    expect_status(body.data, "loop", "failing");
    buffer_clear(&body);
    cr_expect_eq(health_render_ready(health, &body), 503, "nor is it ready");
    expect_status(body.data, NULL, "failing");
    expect_status(body.data, "loop", "failing");
    expect_metric(health, "oxe_ready{service=\"tester\"} 0\n");
    health_beat(health);
    buffer_clear(&body);
    cr_expect_eq(health_render_live(health, &body), 200);
    buffer_clear(&body);
    cr_expect_eq(health_render_ready(health, &body), 200);
    cr_expect_null(strstr(body.data, "loop"));
}

Test(health, metrics_say_what_readiness_says)
{
    CLEANUP(health_destroy) struct health *health = NULL;

    cr_assert_eq(health_create("tester", "1.2.3", checks, ARRAY_LEN(checks), &health), 0);
    expect_metric(health, "oxe_ready{service=\"tester\"} 0\n");
    health_set(health, POSTGRESQL, HEALTH_OK, NULL);
    health_set(health, REDIS, HEALTH_DEGRADED, "slow");
    expect_metric(health, "oxe_ready{service=\"tester\"} 1\n");
    expect_metric(health, "oxe_check{service=\"tester\",check=\"redis\",status=\"ok\"} 0\n"
                          "oxe_check{service=\"tester\",check=\"redis\",status=\"degraded\"} 1\n"
                          "oxe_check{service=\"tester\",check=\"redis\",status=\"failing\"} 0\n");
    expect_metric(health, "oxe_loop_age_seconds{service=\"tester\"} 0.0");
    health_set_draining(health);
    expect_metric(health, "oxe_ready{service=\"tester\"} 0\n");
}

struct fixture {
    struct health *health;
    struct metrics *metrics;
    struct probe *probe;
    int port;
    char address[64];
};

static const struct metric_def defs[] = {{"oxe_turns_total", METRIC_COUNTER, "Turns.", NULL, NULL}};

static void start(struct fixture *fixture)
{
    int r = -EADDRINUSE;

    *fixture = (struct fixture){0};
    cr_assert_eq(health_create("tester", "1.2.3", checks, ARRAY_LEN(checks), &fixture->health), 0);
    cr_assert_eq(metrics_create(defs, ARRAY_LEN(defs), "tester", &fixture->metrics), 0);
    /* Another process may take a free port before it is bound here. */
    for (int i = 0; i < 10 && r == -EADDRINUSE; i++) {
        fixture->port = port_free();
        (void)snprintf(fixture->address, sizeof(fixture->address), "127.0.0.1:%d", fixture->port);
        r = probe_start(fixture->address, fixture->health, NULL, fixture->metrics, &fixture->probe);
    }
    cr_assert_eq(r, 0, "%d", r);
}

static void stop(struct fixture *fixture)
{
    probe_stop(&fixture->probe);
    metrics_destroy(&fixture->metrics);
    health_destroy(&fixture->health);
}

struct response {
    long status;
    char type[128];
    char body[16384];
    size_t length;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    struct response *response = data;

    if (count * size > sizeof(response->body) - 1 - response->length)
        return 0;
    memcpy(response->body + response->length, bytes, count * size);
    response->length += count * size;
    response->body[response->length] = '\0';
    return count * size;
}

static void request(const struct fixture *fixture, const char *method, const char *path, const char *entity,
                    struct response *ret_response)
{
    CURL *curl = curl_easy_init();
    char url[256];
    const char *type = NULL;

    memset(ret_response, 0, sizeof(*ret_response));
    (void)snprintf(url, sizeof(url), "http://%s%s", fixture->address, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_response);
    if (entity != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, entity);
    CURLcode code = curl_easy_perform(curl);
    cr_assert_eq(code, CURLE_OK, "%s %s: %s", method, path, curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_response->status);
    (void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    (void)snprintf(ret_response->type, sizeof(ret_response->type), "%s", type != NULL ? type : "");
    curl_easy_cleanup(curl);
}

Test(probe, pages_have_their_status_and_type)
{
    static const struct {
        const char *method, *path;
        long status;
        const char *type, *text;
    } cases[] = {
        {"GET", "/healthz", 200, "application/json", "\"loop\""},
        {"GET", "/healthz?x=1", 200, "application/json", "\"loop\""},
        {"HEAD", "/healthz", 200, "application/json", ""},
        {"GET", "/readyz", 503, "application/json", "\"failing\""},
        {"GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8",
         "oxe_turns_total{service=\"tester\"} 7\n"},
        {"GET", "/", 404, "application/problem+json", "\"status\":404"},
        {"GET", "/healthz/", 404, "application/problem+json", "\"status\":404"},
        {"GET", "/../etc/passwd", 404, "application/problem+json", "\"status\":404"},
        {"POST", "/healthz", 405, "application/problem+json", "\"status\":405"},
        {"DELETE", "/metrics", 405, "application/problem+json", "\"status\":405"},
    };
    struct fixture fixture;

    start(&fixture);
    metrics_add(fixture.metrics, 0, 0, 7);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct response response;
        request(&fixture, cases[i].method, cases[i].path, NULL, &response);
        cr_expect_eq(response.status, cases[i].status, "%s %s: %ld", cases[i].method, cases[i].path,
                     response.status);
        cr_expect_str_eq(response.type, cases[i].type, "%s %s", cases[i].method, cases[i].path);
        cr_expect_not_null(strstr(response.body, cases[i].text), "%s %s: %s", cases[i].method, cases[i].path,
                           response.body);
    }
    stop(&fixture);
}

Test(probe, what_the_service_sets_is_what_the_probe_shows)
{
    struct fixture fixture;
    struct response response;

    start(&fixture);
    health_set(fixture.health, POSTGRESQL, HEALTH_OK, NULL);
    health_set(fixture.health, REDIS, HEALTH_OK, NULL);
    request(&fixture, "GET", "/readyz", NULL, &response);
    cr_expect_eq(response.status, 200);
    health_set(fixture.health, REDIS, HEALTH_FAILING, "connection refused");
    request(&fixture, "GET", "/readyz", NULL, &response);
    cr_expect_eq(response.status, 503);
    cr_expect_not_null(strstr(response.body, "connection refused"));
    stop(&fixture);
}

Test(probe, a_large_body_is_refused)
{
    struct fixture fixture;
    struct response response;
    static char entity[8192];

    memset(entity, 'x', sizeof(entity) - 1);
    start(&fixture);
    request(&fixture, "POST", "/healthz", entity, &response);
    cr_expect_eq(response.status, 413);
    stop(&fixture);
}

static int connect_to(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)fixture->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Whether the server ends the connection within timeout_ms, whatever it says before. */
static bool is_ended(int fd, int timeout_ms)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    char bytes[4096];

    while (clock_monotonic_us() < deadline_us) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        if (poll(&item, 1, 100) > 0 && recv(fd, bytes, sizeof(bytes), 0) <= 0)
            return true;
    }
    return false;
}

Test(probe, garbage_is_dropped_and_the_port_goes_on)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11},
        {"\0\0\0\0\0\0\0\0\r\n\r\n", 12},
        {"GET\r\n\r\n", 7},
        {"GET /healthz HTTP/9.9\r\n\r\n", 25},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24},
        {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 27},
        {"GET http://[::1 HTTP/1.1\r\n\r\n", 28},
        {"POST /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 46},
        {"POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 58},
    };
    struct fixture fixture;
    struct response response;

    start(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_CLOSE int fd = connect_to(&fixture);
        cr_assert_eq(send(fd, cases[i].bytes, cases[i].length, MSG_NOSIGNAL), (ssize_t)cases[i].length);
        cr_expect(is_ended(fd, 4000), "case %zu is kept open", i);
        request(&fixture, "GET", "/healthz", NULL, &response);
        cr_expect_eq(response.status, 200, "after case %zu", i);
    }
    stop(&fixture);
}

Test(probe, slow_clients_are_cut_off_and_do_not_hold_up_others)
{
    struct fixture fixture;
    struct response response;
    int fds[200];

    start(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = connect_to(&fixture);
        (void)send(fds[i], "GET /healthz HT", 15, MSG_NOSIGNAL);
    }
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        cr_expect(is_ended(fds[i], 5000), "client %zu is kept", i);
        (void)close(fds[i]);
    }
    request(&fixture, "GET", "/healthz", NULL, &response);
    cr_expect_eq(response.status, 200);
    stop(&fixture);
}

Test(probe, stop_is_prompt_with_clients_that_hang_on)
{
    struct fixture fixture;
    int fds[10];

    start(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = connect_to(&fixture);
        if (i % 2 == 0)
            (void)send(fds[i], "GET /metr", 9, MSG_NOSIGNAL);
    }
    int64_t before_us = clock_monotonic_us();
    stop(&fixture);
    cr_expect_lt(clock_monotonic_us() - before_us, 900000);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        (void)close(fds[i]);
}

Test(probe, a_stopped_port_can_be_opened_again)
{
    struct fixture fixture;

    start(&fixture);
    for (int i = 0; i < 5; i++) {
        struct response response;
        request(&fixture, "GET", "/healthz", NULL, &response);
        cr_expect_eq(response.status, 200);
        probe_stop(&fixture.probe);
        cr_assert_eq(probe_start(fixture.address, fixture.health, NULL, NULL, &fixture.probe), 0);
    }
    stop(&fixture);
}

Test(probe, a_bad_or_taken_address_is_an_error)
{
    static const struct {
        const char *address;
        int error;
    } cases[] = {
        {"", -EINVAL},
        {"127.0.0.1", -EINVAL},
        {"127.0.0.1:", -EINVAL},
        {"127.0.0.1:0", -EINVAL},
        {"127.0.0.1:x", -EINVAL},
        {"127.0.0.1:65536", -EINVAL},
        {":8080", -EINVAL},
        {"127.0.0.1:-1", -EINVAL},
        {"192.0.2.1:8080", -EADDRNOTAVAIL},
    };
    struct fixture fixture;
    struct probe *second = NULL;

    start(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int r = probe_start(cases[i].address, fixture.health, NULL, NULL, &second);
        cr_expect_eq(r, cases[i].error, "'%s' gives %d", cases[i].address, r);
    }
    cr_expect_eq(probe_start(fixture.address, fixture.health, NULL, NULL, &second), -EADDRINUSE);
    cr_expect_null(second);
    stop(&fixture);
}
