/* SPDX-License-Identifier: Apache-2.0 */
/* See instance.h. */
#include "tests/support/instance.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

enum { CALL_TIMEOUT_MS = 15000, POLL_MS = 20, SQL_MAX = 16384, ARGUMENTS_MAX = 16, SETTLE_MS = 10000 };

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    cr_assert(value != NULL && *value != '\0', "%s is not set: run this through tests/e2e/with-instance.sh",
              name);
    return value;
}

const char *instance_url(void)
{
    return environment("OXE_URL");
}

int instance_port(void)
{
    return atoi(environment("OXE_HTTP_PORT"));
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

static void run_child(const char *const *argv, int out)
{
    (void)dup2(out, STDOUT_FILENO);
    (void)execvp(argv[0], (char *const *)argv);
    _exit(127);
}

char *instance_run(const char *const *argv, int *ret_status)
{
    struct buffer out = BUFFER_INIT(0);
    int pipe_fds[2], status = 0;
    char bytes[65536];
    ssize_t length;

    cr_assert(pipe(pipe_fds) == 0);
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0) {
        (void)close(pipe_fds[0]);
        run_child(argv, pipe_fds[1]);
    }
    (void)close(pipe_fds[1]);
    while ((length = read(pipe_fds[0], bytes, sizeof(bytes))) > 0)
        buffer_append(&out, bytes, (size_t)length);
    (void)close(pipe_fds[0]);
    cr_assert(waitpid(pid, &status, 0) == pid);
    buffer_append(&out, "", 0);
    cr_assert(!buffer_failed(&out));
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (out.data == NULL)
        out.data = strdup("");
    if (out.length > 0 && out.data[out.length - 1] == '\n')
        out.data[out.length - 1] = '\0';
    if (ret_status == NULL)
        cr_assert(status == 0, "%s %s … ended with %d: %s", argv[0], argv[1], status, out.data);
    else
        *ret_status = status;
    return out.data;
}

char *instance_oxe(const char *const *arguments, int *ret_status)
{
    const char *argv[ARGUMENTS_MAX] = {environment("OXE_FRONT_DOOR")};

    for (size_t i = 0; arguments[i] != NULL; i++) {
        cr_assert(i + 2 < ARGUMENTS_MAX);
        argv[i + 1] = arguments[i];
    }
    return instance_run(argv, ret_status);
}

char *instance_sql(const char *format, ...)
{
    char sql[SQL_MAX];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    cr_assert(length > 0 && length < SQL_MAX);
    return instance_oxe((const char *[]){"psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, NULL}, NULL);
}

char *instance_token(const char *subject, const char *role)
{
    if (role == NULL)
        return instance_oxe((const char *[]){"token", subject, NULL}, NULL);
    return instance_oxe((const char *[]){"token", subject, "--role", role, NULL}, NULL);
}

long instance_metric(enum instance_probe probe, const char *service, const char *name)
{
    char url[64], series[128];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/metrics", instance_port() + (int)probe);
    (void)snprintf(series, sizeof(series), "\n%s{service=\"%s\"} ", name, service);
    AUTO_TEXT metrics = instance_run((const char *[]){"curl", "-fsS", url, NULL}, NULL);
    const char *at = strstr(metrics, series);
    cr_assert_not_null(at, "no%s", series);
    return atol(at + strlen(series));
}

char *instance_trader(const char *subject, const char *cash, const char *limits)
{
    AUTO_TEXT done = instance_sql(
        "INSERT INTO oxe.traders (id, subject, cash, opening_cash) VALUES (gen_random_uuid(), '%s', %s, %s);"
        "UPDATE oxe.traders SET %s WHERE subject = '%s'",
        subject, cash, cash, limits == NULL ? "status = status" : limits, subject);

    return instance_token(subject, NULL);
}

void instance_position(const char *subject, const char *symbol, const char *quantity)
{
    AUTO_TEXT done = instance_sql("INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, "
                                  "cost) SELECT id, '%s', %s, %s, %s FROM oxe.traders WHERE subject = '%s'",
                                  symbol, quantity, quantity, quantity, subject);
}

void instance_price(const char *symbol, const char *price)
{
    AUTO_TEXT done = instance_oxe((const char *[]){"ctl", "sim", "price", symbol, price, NULL}, NULL);
}

char *instance_processes(void)
{
    AUTO_TEXT json = instance_oxe((const char *[]){"status", "--json", NULL}, NULL);
    struct buffer out = BUFFER_INIT(0);
    char error[256];
    yajl_val list = yajl_tree_parse(json, error, sizeof(error));

    cr_assert(json_count(list, "") > 0, "./oxe status --json: %s", json);
    for (size_t i = 0; i < json_count(list, ""); i++) {
        yajl_val process = YAJL_GET_ARRAY(list)->values[i];
        buffer_append_format(&out, "%s %s %s\n", json_text(process, "name"), json_text(process, "pid"),
                             json_text(process, "restarts"));
    }
    yajl_tree_free(list);
    return out.data;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    buffer_append(context, bytes, size * count);
    return size * count;
}

static struct curl_slist *call_headers(const struct call *call)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    const char *type = call->type != NULL ? call->type : call->body != NULL ? "application/json" : NULL;

    if (call->token != NULL) {
        buffer_append_format(&line, "Authorization: Bearer %s", call->token);
        list = curl_slist_append(list, line.data);
        buffer_clear(&line);
    }
    if (call->key != NULL) {
        buffer_append_format(&line, "Idempotency-Key: %s", call->key);
        list = curl_slist_append(list, line.data);
        buffer_clear(&line);
    }
    if (type != NULL) {
        buffer_append_format(&line, "Content-Type:%s%s", *type == '\0' ? "" : " ", type);
        list = curl_slist_append(list, line.data);
    }
    return call->header == NULL ? list : curl_slist_append(list, call->header);
}

static void call_prepare(CURL *curl, const struct call *call, const char *url, struct curl_slist *headers,
                         struct reply *reply)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)CALL_TIMEOUT_MS);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply->body);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply->headers);
    if (call->body != NULL) {
        size_t length = call->body_length > 0 ? call->body_length : strlen(call->body);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    }
    if (call->method != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

struct reply instance_call(const struct call *call)
{
    CLEANUP(buffer_release) struct buffer url = BUFFER_INIT(0);
    struct reply reply = {.headers = BUFFER_INIT(0), .body = BUFFER_INIT(0)};
    char error[256];
    CURL *curl = curl_easy_init();

    cr_assert(curl != NULL);
    buffer_append_format(&url, "%s%s", call->url != NULL ? call->url : instance_url(), call->path);
    struct curl_slist *headers = call_headers(call);
    call_prepare(curl, call, url.data, headers, &reply);
    CURLcode code = curl_easy_perform(curl);
    cr_assert(code == CURLE_OK, "%s: %s", call->path, curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (reply.body.data == NULL)
        reply.body.data = strdup("");
    reply.json = yajl_tree_parse(reply.body.data, error, sizeof(error));
    return reply;
}

void reply_release(struct reply *reply)
{
    buffer_release(&reply->headers);
    buffer_release(&reply->body);
    if (reply->json != NULL)
        yajl_tree_free(reply->json);
    reply->json = NULL;
}

const char *reply_header(const struct reply *reply, const char *name)
{
    static char value[1024];
    size_t length = strlen(name);

    value[0] = '\0';
    for (const char *line = reply->headers.data; line != NULL && *line != '\0';) {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            line += length + 1;
            line += strspn(line, " ");
            (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r\n"), line);
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return value;
}

static yajl_val json_step(yajl_val value, const char *name, size_t length)
{
    if (YAJL_IS_ARRAY(value)) {
        size_t index = strtoul(name, NULL, 10);
        return index < YAJL_GET_ARRAY(value)->len ? YAJL_GET_ARRAY(value)->values[index] : NULL;
    }
    for (size_t i = 0; YAJL_IS_OBJECT(value) && i < YAJL_GET_OBJECT(value)->len; i++) {
        const char *key = YAJL_GET_OBJECT(value)->keys[i];
        if (strlen(key) == length && memcmp(key, name, length) == 0)
            return YAJL_GET_OBJECT(value)->values[i];
    }
    return NULL;
}

static yajl_val json_at(yajl_val value, const char *path)
{
    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, "/");
        value = json_step(value, path, length);
        path += length + (path[length] == '/');
    }
    return value;
}

const char *json_text(yajl_val value, const char *path)
{
    value = json_at(value, path);
    if (value == NULL)
        return "";
    if (YAJL_IS_STRING(value))
        return YAJL_GET_STRING(value);
    if (YAJL_IS_NUMBER(value))
        return YAJL_GET_NUMBER(value);
    return YAJL_IS_TRUE(value) ? "true" : YAJL_IS_FALSE(value) ? "false" : YAJL_IS_NULL(value) ? "null" : "";
}

size_t json_count(yajl_val value, const char *path)
{
    value = json_at(value, path);
    return YAJL_IS_ARRAY(value) ? YAJL_GET_ARRAY(value)->len : 0;
}

struct reply order_submit(const char *token, const char *body)
{
    return instance_call(&(struct call){.path = "/api/v1/orders", .token = token, .body = body});
}

static struct reply get_of_order(const char *token, const char *order_id, const char *suffix)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/api/v1/orders/%s%s", order_id, suffix);
    return instance_call(&(struct call){.path = path, .token = token});
}

struct reply order_get(const char *token, const char *order_id)
{
    return get_of_order(token, order_id, "");
}

struct reply order_await(const char *token, const char *order_id, const char *state, int timeout_ms)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        struct reply reply = order_get(token, order_id);
        cr_assert(reply.status == 200, "order %s: %ld %s", order_id, reply.status, reply.body.data);
        if (strcmp(json_text(reply.json, "execution_state"), state) == 0)
            return reply;
        cr_assert(clock_monotonic_us() < end_us, "order %s is not %s after %d ms: %s", order_id, state,
                  timeout_ms, reply.body.data);
        reply_release(&reply);
        pause_ms(POLL_MS);
    }
}

bool trail_is_acknowledged(yajl_val entry)
{
    return strcmp(json_text(entry, "action"), "ACKNOWLEDGED") == 0;
}

static size_t count_trail(const struct reply *trail)
{
    size_t count = 0;

    for (size_t i = 0; i < json_count(trail->json, "entries"); i++)
        count += !trail_is_acknowledged(
            yajl_tree_get(trail->json, (const char *[]){"entries", NULL}, yajl_t_array)->u.array.values[i]);
    return count;
}

struct reply order_trail(const char *token, const char *order_id, size_t entries, int timeout_ms)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        struct reply reply = get_of_order(token, order_id, "/audit");
        cr_assert(reply.status == 200, "trail of %s: %ld %s", order_id, reply.status, reply.body.data);
        if (count_trail(&reply) >= entries)
            return reply;
        cr_assert(clock_monotonic_us() < end_us, "the trail of %s has not %zu entries after %d ms: %s",
                  order_id, entries, timeout_ms, reply.body.data);
        reply_release(&reply);
        pause_ms(POLL_MS);
    }
}

/* What the shell tests ask of the same instance (tests/e2e/tap.sh). */
static char *books_differ(void)
{
    static const char script[] = "root=$(dirname -- \"$OXE_FRONT_DOOR\")\n"
                                 "instance() { \"$OXE_FRONT_DOOR\" \"$@\"; }\n"
                                 ". \"$root/tests/e2e/tap.sh\"\n"
                                 "work=$(mktemp -d) && books_differ\n"
                                 "status=$?\n"
                                 "rm -r \"$work\"\n"
                                 "exit $status\n";
    return instance_run((const char *[]){"sh", "-c", script, NULL}, NULL);
}

static char *broken_invariants(void)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/invariants.sql", environment("OXE_HOME"));
    return instance_oxe((const char *[]){"psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", path, NULL}, NULL);
}

static void await_nothing(char *(*ask)(void), const char *what)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)SETTLE_MS * 1000;

    for (;;) {
        AUTO_TEXT broken = ask();
        if (*broken == '\0')
            return;
        cr_assert(clock_monotonic_us() < end_us, "%s:\n%s", what, broken);
        pause_ms(POLL_MS);
    }
}

void instance_check_invariants(void)
{
    await_nothing(broken_invariants, "broken invariants");
    await_nothing(books_differ, "the exchange's books differ from ours");
}
