/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as a stream, with the real gateway and PostgreSQL: whole, or visibly not.
 *
 * Long: one log of many thousand entries serves all cases. */
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
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/audit_log.h"
#include "tests/support/gateway_world.h"

#define AUDIT    "/api/v1/audit"
#define EXPORT   AUDIT "/export"
#define WHOLE    "GET " EXPORT " HTTP/1.1"
#define TRADER_1 "0199aabb-ccdd-7000-8000-000000000001"

enum {
    MANY = 20000, /* entries: 12 MB, more than the buffers between two sockets hold */
    GROWTH_MAX_KB = 12 * 1024,
    EXPORTS_MAX = 4,
    WAIT_MS = 15000,
    POLL_MS = 5,
};

static char *begin(struct gateway_world *gateway, int entries)
{
    gateway_begin(gateway);
    audit_log_append(&gateway->world, entries);
    return gateway_token_with(gateway->key, "carol", 3600, ",\"oxe_role\":\"compliance\"");
}

/* --- a client that reads as it likes --- */

/* request: "GET /api/v1/audit/export HTTP/1.1". The connection ends with the answer. */
static int ask(const struct gateway_world *gateway, const char *token, const char *request)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), window = 16384;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)gateway->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_gt(
        dprintf(fd, "%s\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n", request, token),
        0);
    return fd;
}

/* Reads until `length` bytes more have come; 0, or what came first: -EPIPE the end, -errno. */
static int read_more(int fd, size_t length, struct buffer *taken)
{
    char bytes[65536];

    for (size_t end = taken->length + length; taken->length < end;) {
        size_t left = end - taken->length;
        ssize_t got = read(fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
        if (got <= 0)
            return got == 0 ? -EPIPE : -errno;
        buffer_append(taken, bytes, (size_t)got);
    }
    return 0;
}

static int read_rest(int fd, struct buffer *taken)
{
    return read_more(fd, BUFFER_LENGTH_MAX, taken);
}

/* The body behind the headers; of HTTP/1.1 without its chunks, and then whether the last chunk has come. */
static bool take_body(const struct buffer *answer, struct buffer *ret_body)
{
    const char *at = strstr(answer->data, "\r\n\r\n"), *end = answer->data + answer->length;

    cr_assert_not_null(at);
    at += 4;
    if (strstr(answer->data, "chunked") == NULL) {
        buffer_append(ret_body, at, (size_t)(end - at));
        return false;
    }
    for (;;) {
        char *data;
        size_t length = strtoul(at, &data, 16);
        if (data == at || strncmp(data, "\r\n", 2) != 0)
            return false;
        data += 2;
        if (length == 0)
            return strncmp(data, "\r\n", 2) == 0;
        if (length > (size_t)(end - data)) {
            buffer_append(ret_body, data, (size_t)(end - data));
            return false;
        }
        buffer_append(ret_body, data, length);
        at = data + length + 2;
    }
}

/* Each line is an entry, from 1 without gaps; how many. A line that was cut off does not count. */
static int count_entries(const struct buffer *body)
{
    int count = 0;

    for (const char *line = body->data; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        char head[64];
        if (end == NULL)
            break;
        count++;
        (void)snprintf(head, sizeof(head), "{\"log_seq\":%d,\"event_id\"", count);
        cr_assert_eq(strncmp(line, head, strlen(head)), 0, "entry %d: %.80s", count, line);
        cr_assert_eq(end[-1], '}');
        line = end + 1;
    }
    return count;
}

static void await_metric(const struct gateway_world *gateway, const char *name, const char *label, long value)
{
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        if (world_metric(gateway->probe_port, name, label) == value)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("%s %s is %ld instead of %ld", name, label, world_metric(gateway->probe_port, name, label),
                   value);
}

static void await_ended(const struct gateway_world *gateway, const char *how, long count, long left)
{
    char label[64];

    (void)snprintf(label, sizeof(label), "end=\"%s\"", how);
    await_metric(gateway, "oxe_audit_exports_total", label, count);
    await_metric(gateway, "oxe_audit_exports", NULL, left);
}

/* The pool that reads the log; without it the gateway is ready all the same. */
static void await_compliance(void)
{
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        AUTO_REPLY reply = gateway_get(NULL, "/readyz");
        if (strcmp(json_text(reply.json, "checks/postgresql_compliance/status"), "ok") == 0)
            return;
        (void)poll(NULL, 0, POLL_MS);
    }
    cr_assert_fail("the gateway does not find PostgreSQL again");
}

static long memory_kb(pid_t pid, const char *field)
{
    char path[64], line[256];
    long kb = -1;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':')
            kb = strtol(line + strlen(field) + 1, NULL, 10);
    }
    (void)fclose(file);
    cr_assert_gt(kb, 0);
    return kb;
}

/* --- what is in it --- */

/* The entries as search gives them, which an export must give too. */
static struct reply search(const char *token, const char *filter)
{
    char path[256];

    (void)snprintf(path, sizeof(path), AUDIT "?limit=1000&%s", filter);
    struct reply found = gateway_get(token, path);
    cr_assert_eq(found.status, 200, "%s", found.body.data);
    cr_assert_str_eq(json_text(found.json, "next_cursor"), "null");
    return found;
}

static void expect_ndjson(const char *token, const char *filter)
{
    CLEANUP(buffer_release) struct buffer lines = BUFFER_INIT(0), expected = BUFFER_INIT(0);
    char path[256];

    (void)snprintf(path, sizeof(path), EXPORT "?%s", filter);
    AUTO_REPLY reply = gateway_get(token, path);
    AUTO_REPLY found = search(token, filter);
    cr_expect_eq(reply.status, 200, "%s: %s", path, reply.body.data);
    cr_expect_str_eq(reply_header(&reply, "Content-Type"), "application/x-ndjson");
    cr_expect_str_eq(reply_header(&reply, "Cache-Control"), "no-store");
    cr_expect_str_neq(reply_header(&reply, "X-Request-Id"), "");
    const char *name = reply_header(&reply, "Content-Disposition");
    cr_expect_eq(strncmp(name, "attachment; filename=\"oxe-audit-2", 32), 0, "%s", name);
    cr_expect_not_null(strstr(name, "Z.ndjson\""), "%s", name);
    buffer_append_text(&expected, "{\"entries\":[");
    for (const char *line = reply.body.data; *line != '\0'; line = strchr(line, '\n') + 1)
        buffer_append_format(&expected, "%s%.*s", line > reply.body.data ? "," : "", (int)strcspn(line, "\n"),
                             line);
    buffer_append_text(&expected, "],\"next_cursor\":null}");
    cr_expect_str_eq(found.body.data, expected.data, "%s", path);
}

/* The next field of CSV; moves *at past it, and says whether it was the row's last. */
static bool csv_field(const char **at, struct buffer *ret_field)
{
    const char *text = *at;

    buffer_clear(ret_field);
    buffer_append_text(ret_field, "");
    if (*text == '"') {
        for (text++; text[0] != '"' || text[1] == '"'; text++) {
            cr_assert_neq(*text, '\0', "a quote is not closed");
            text += *text == '"';
            buffer_append_char(ret_field, *text);
        }
        text++;
    } else {
        size_t length = strcspn(text, ",\r\n\"");
        buffer_append(ret_field, text, length);
        text += length;
    }
    bool last = *text != ',';
    cr_assert(!last || strncmp(text, "\r\n", 2) == 0, "a row ends with CRLF: %.40s", text);
    *at = text + (last ? 2 : 1);
    return last;
}

static void expect_csv(const char *token, const char *filter)
{
    CLEANUP(buffer_release) struct buffer field = BUFFER_INIT(0);
    char path[256], names[23][32];
    size_t columns = 0;

    (void)snprintf(path, sizeof(path), EXPORT "?format=csv&%s", filter);
    AUTO_REPLY reply = gateway_get(token, path);
    AUTO_REPLY found = search(token, filter);
    cr_expect_eq(reply.status, 200);
    cr_expect_str_eq(reply_header(&reply, "Content-Type"), "text/csv; charset=utf-8");
    cr_expect_not_null(strstr(reply_header(&reply, "Content-Disposition"), "Z.csv\""));
    const char *at = reply.body.data;
    for (bool last = false; !last; columns++) {
        last = csv_field(&at, &field);
        cr_assert_lt(columns, ARRAY_LEN(names));
        (void)snprintf(names[columns], sizeof(names[0]), "%s", field.data);
    }
    cr_assert_eq(columns, 23u);
    for (size_t row = 0; row < json_count(found.json, "entries"); row++) {
        for (size_t i = 0; i < columns; i++) {
            char member[64];
            cr_assert_eq(csv_field(&at, &field), i + 1 == columns, "row %zu, column %zu", row, i);
            (void)snprintf(member, sizeof(member), "entries/%zu/%s", row, names[i]);
            const char *expected = json_text(found.json, member);
            /* The mark that keeps spreadsheets from formulas. */
            const char *text = field.data[0] == '\'' ? field.data + 1 : field.data;
            cr_expect_str_eq(text, strcmp(expected, "null") == 0 ? "" : expected, "%s of %s", member, path);
        }
    }
    cr_expect_eq(*at, '\0', "nothing comes behind the last row");
}

Test(gateway_export, is_what_a_search_finds, .timeout = 120)
{
    struct gateway_world gateway;
    char times[3][128];

    AUTO_TEXT token = begin(&gateway, 990);
    AUTO_TEXT early = strdup(audit_log_time(&gateway.world, 201));
    AUTO_TEXT late = strdup(audit_log_time(&gateway.world, 801));
    (void)snprintf(times[0], sizeof(times[0]), "from=%s", late);
    (void)snprintf(times[1], sizeof(times[1]), "to=%s", early);
    (void)snprintf(times[2], sizeof(times[2]), "trader_id=" TRADER_1 "&from=%s&to=%s", early, late);
    const char *const filters[] = {"", "trader_id=" TRADER_1, times[0], times[1], times[2]};

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        expect_ndjson(token, filters[i]);
        expect_csv(token, filters[i]);
    }
    /* A whole page is not taken for the last one. */
    (void)snprintf(times[0], sizeof(times[0]), "to=%s", audit_log_time(&gateway.world, 500));
    expect_ndjson(token, times[0]);
    CLEANUP(buffer_release) struct buffer head = BUFFER_INIT(0);
    CLEANUP_CLOSE int fd = ask(&gateway, token, "HEAD " EXPORT "?format=csv HTTP/1.1");
    cr_expect_eq(read_rest(fd, &head), -EPIPE);
    cr_expect_not_null(strstr(head.data, "text/csv; charset=utf-8"), "%s", head.data);
    cr_expect_str_eq(strstr(head.data, "\r\n\r\n"), "\r\n\r\n", "HEAD has no body");
    await_metric(&gateway, "oxe_audit_exports", NULL, 0);
    gateway_end(&gateway);
}

Test(gateway_export, takes_constant_memory, .timeout = 120)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), body = BUFFER_INIT(0);

    AUTO_TEXT token = begin(&gateway, 50000);
    AUTO_REPLY warm = gateway_get(token, AUDIT "?limit=1000");
    cr_assert_eq(json_count(warm.json, "entries"), 1000u);
    long before_kb = memory_kb(gateway.gateway, "VmHWM");
    int fd = ask(&gateway, token, WHOLE);
    /* What arrives after its beginning is not in it. */
    cr_assert_eq(read_more(fd, 100000, &answer), 0);
    audit_log_append(&gateway.world, 700);
    cr_expect_eq(read_rest(fd, &answer), -EPIPE);
    cr_expect(take_body(&answer, &body), "the last chunk has come");
    cr_expect_eq(count_entries(&body), 50000);
    cr_expect_gt(body.length, 24u * 1024 * 1024, "enough to notice");
    long growth_kb = memory_kb(gateway.gateway, "VmHWM") - before_kb;
    cr_expect_lt(growth_kb, GROWTH_MAX_KB, "the gateway grew by %ld KiB", growth_kb);
    (void)close(fd);
    await_ended(&gateway, "complete", 1, 0);
    gateway_end(&gateway);
}

Test(gateway_export, a_slow_reader_holds_two_pages_and_no_connection, .timeout = 120)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), body = BUFFER_INIT(0);
    long most_kb = 0;

    AUTO_TEXT token = begin(&gateway, 50000);
    AUTO_REPLY warm = gateway_get(token, AUDIT "?limit=1000");
    long before_kb = memory_kb(gateway.gateway, "VmRSS");
    int fd = ask(&gateway, token, WHOLE);
    while (read_more(fd, 256 * 1024, &answer) == 0) {
        AUTO_REPLY other = gateway_get(token, AUDIT "?limit=1");
        cr_assert_eq(other.status, 200, "others are served meanwhile");
        long kb = memory_kb(gateway.gateway, "VmRSS");
        most_kb = kb > most_kb ? kb : most_kb;
        /* Once it waits for the reader, no session of the pool works for it. */
        while (answer.length == 256 * 1024 &&
               strcmp(world_value(&gateway.world, "SELECT count(*) FROM pg_stat_activity WHERE usename = "
                                                  "'oxe_compliance' AND state <> 'idle'"),
                      "0") != 0)
            (void)poll(NULL, 0, POLL_MS);
    }
    cr_expect(take_body(&answer, &body));
    cr_expect_eq(count_entries(&body), 50000);
    cr_expect_lt(most_kb - before_kb, GROWTH_MAX_KB, "the gateway grew by %ld KiB", most_kb - before_kb);
    (void)close(fd);
    gateway_end(&gateway);
}

/* --- what breaks --- */

Test(gateway_export, a_few_at_once_and_no_more, .timeout = 120)
{
    struct gateway_world gateway;
    int fds[EXPORTS_MAX];

    AUTO_TEXT token = begin(&gateway, MANY);
    for (size_t i = 0; i < EXPORTS_MAX; i++) {
        CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0);
        fds[i] = ask(&gateway, token, WHOLE);
        cr_assert_eq(read_more(fds[i], 1000, &answer), 0);
        cr_assert_eq(strncmp(answer.data, "HTTP/1.1 200", 12), 0, "%s", answer.data);
    }
    AUTO_REPLY refused = gateway_get(token, EXPORT);
    cr_expect_eq(refused.status, 503, "%s", refused.body.data);
    cr_expect_str_eq(json_text(refused.json, "code"), "UNAVAILABLE");
    cr_expect_str_eq(reply_header(&refused, "Retry-After"), "1");
    AUTO_REPLY searched = gateway_get(token, AUDIT);
    cr_expect_eq(searched.status, 200, "searches go on");

    /* A client that has gone costs its page, and gives its place back. */
    (void)close(fds[0]);
    await_ended(&gateway, "client_gone", 1, EXPORTS_MAX - 1);
    AUTO_REPLY taken = gateway_get(token, EXPORT "?trader_id=" TRADER_1);
    cr_expect_eq(taken.status, 200);
    for (size_t i = 1; i < EXPORTS_MAX; i++)
        (void)close(fds[i]);
    await_ended(&gateway, "client_gone", EXPORTS_MAX, 0);
    gateway_end(&gateway);
}

Test(gateway_export, is_visibly_cut_when_the_database_dies, .timeout = 120)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer new = BUFFER_INIT(0), old = BUFFER_INIT(0), body = BUFFER_INIT(0);

    AUTO_TEXT token = begin(&gateway, MANY);
    CLEANUP_CLOSE int new_fd = ask(&gateway, token, WHOLE);
    CLEANUP_CLOSE int old_fd = ask(&gateway, token, "GET " EXPORT " HTTP/1.0");
    cr_assert_eq(read_more(new_fd, 50000, &new), 0);
    cr_assert_eq(read_more(old_fd, 50000, &old), 0);
    postgres_crash(gateway.world.postgres);
    cr_expect_eq(read_rest(new_fd, &new), -EPIPE);
    cr_expect_not(take_body(&new, &body), "there is no last chunk");
    cr_expect_lt(count_entries(&body), MANY);
    cr_expect_gt(count_entries(&body), 0);
    cr_expect_eq(read_rest(old_fd, &old), -ECONNRESET, "without chunks the connection is reset");
    await_ended(&gateway, "cut", 2, 0);
    AUTO_REPLY during = gateway_get(token, EXPORT);
    cr_expect_eq(during.status, 503, "one that has not begun is refused");

    cr_assert_eq(postgres_resume(gateway.world.postgres), 0);
    await_compliance();
    AUTO_REPLY after = gateway_get(token, EXPORT "?trader_id=" TRADER_1);
    cr_expect_eq(after.status, 200, "%s", after.body.data);
    gateway_end(&gateway);
}

Test(gateway_export, a_revoked_key_cuts_what_it_opened, .timeout = 120)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), body = BUFFER_INIT(0);

    AUTO_TEXT token = begin(&gateway, MANY);
    CLEANUP_CLOSE int fd = ask(&gateway, token, WHOLE);
    cr_assert_eq(read_more(fd, 50000, &answer), 0);
    gateway_write_jwks(&gateway, (const cjose_jwk_t *[]){NULL});
    for (long status = 200; status != 401; (void)poll(NULL, 0, POLL_MS)) {
        AUTO_REPLY reply = gateway_get(token, AUDIT);
        status = reply.status;
    }
    cr_expect_eq(read_rest(fd, &answer), -EPIPE);
    cr_expect_not(take_body(&answer, &body), "there is no last chunk");
    cr_expect_lt(count_entries(&body), MANY);
    await_ended(&gateway, "cut", 1, 0);
    gateway_end(&gateway);
}

Test(gateway_export, before_chunks_the_end_of_the_connection_ends_it, .timeout = 60)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release) struct buffer answer = BUFFER_INIT(0), body = BUFFER_INIT(0);

    AUTO_TEXT token = begin(&gateway, 1200);
    CLEANUP_CLOSE int fd = ask(&gateway, token, "GET " EXPORT " HTTP/1.0");
    cr_expect_eq(read_rest(fd, &answer), -EPIPE);
    (void)take_body(&answer, &body);
    cr_expect_eq(count_entries(&body), 1200);
    gateway_end(&gateway);
}

Test(gateway_export, ends_with_the_gateways_drain, .timeout = 120)
{
    struct gateway_world gateway;
    CLEANUP(buffer_release)
    struct buffer read = BUFFER_INIT(0), stuck = BUFFER_INIT(0), body = BUFFER_INIT(0);

    cr_assert_eq(setenv("OXE_REQUEST_TIMEOUT", "2s", 1), 0);
    AUTO_TEXT token = begin(&gateway, MANY);
    CLEANUP_CLOSE int reading = ask(&gateway, token, WHOLE);
    CLEANUP_CLOSE int stopped = ask(&gateway, token, WHOLE);
    CLEANUP_CLOSE int stopped_old = ask(&gateway, token, "GET " EXPORT " HTTP/1.0");
    cr_assert_eq(read_more(reading, 50000, &read), 0);
    cr_assert_eq(read_more(stopped, 50000, &stuck), 0);
    await_metric(&gateway, "oxe_audit_exports", NULL, 3);
    (void)kill(gateway.gateway, SIGTERM);
    /* Who reads gets the whole of it; who does not holds the end up for a bounded time. */
    cr_expect_eq(read_rest(reading, &read), -EPIPE);
    cr_expect(take_body(&read, &body));
    cr_expect_eq(count_entries(&body), MANY);
    cr_expect_eq(gateway_wait(&gateway), 0);
    buffer_clear(&body);
    (void)read_rest(stopped, &stuck);
    cr_expect_not(take_body(&stuck, &body), "there is no last chunk");
    buffer_clear(&stuck);
    cr_expect_eq(read_rest(stopped_old, &stuck), -ECONNRESET);
    gateway_end(&gateway);
}

static char *ctl(const char *token, const char *arguments, int *ret_status)
{
    char line[1024];

    cr_assert_eq(setenv("OXE_TOKEN", token, 1), 0);
    (void)snprintf(line, sizeof(line), "%s %s 2>&1", getenv("OXE_CTL_BINARY"), arguments);
    return instance_run((const char *const[]){"sh", "-c", line, NULL}, ret_status);
}

Test(gateway_export, the_command_line_searches_and_exports, .timeout = 120)
{
    struct gateway_world gateway;
    int status;

    AUTO_TEXT token = begin(&gateway, 1200);
    AUTO_TEXT trader = gateway_token(&gateway, "trader-0");
    static const struct {
        const char *arguments;
        int status;
        const char *says;
    } cases[] = {
        {"audit search --limit 7", 0, "more: --cursor "},
        {"audit search --action HALTED --trader " TRADER_1, 0, "HALTED"},
        {"audit search --from 2999-01-01T00:00:00+02:00 --json", 0, "{\"entries\":[],\"next_cursor\":null}"},
        {"audit search --order 0199f0a5-7d0c-7000-8000-000000000008", 0, "EXECUTED"},
        {"audit search --action 'FILLED&x=1'", 1, "/action"},
        {"audit search --limit 0", 1, "/limit"},
        {"audit search --nonsense", 64, ""},
        {"audit search 7", 64, "one argument too many"},
        {"audit export --to 1970-01-01T00:00:00Z --format csv", 0, "log_seq,event_id,"},
        {"audit export --trader 7", 1, "/trader_id"},
        {"audit export --format xml", 64, "one of ndjson|csv"},
        {"audit export 7", 64, "one argument too many"},
        {"help", 0, "audit export"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_TEXT said = ctl(token, cases[i].arguments, &status);
        cr_expect_eq(status, cases[i].status, "%s: %d %s", cases[i].arguments, status, said);
        cr_expect_not_null(strstr(said, cases[i].says), "%s: %s", cases[i].arguments, said);
    }
    AUTO_TEXT refused = ctl(trader, "audit export", &status);
    cr_expect_eq(status, 1, "%s", refused);
    cr_expect_not_null(strstr(refused, "FORBIDDEN"), "%s", refused);
    AUTO_TEXT lines = ctl(token, "audit export", &status);
    cr_expect_eq(status, 0);
    struct buffer all = BUFFER_INIT(0);
    buffer_append_format(&all, "%s\n", lines);
    cr_expect_eq(count_entries(&all), 1200);
    buffer_release(&all);
    /* The cursor that it says leads on. */
    AUTO_TEXT page = ctl(token, "audit search --limit 1000", &status);
    const char *cursor = strstr(page, "more: --cursor ");
    char next[128];
    cr_assert_not_null(cursor, "%s", page);
    (void)snprintf(next, sizeof(next), "audit search --limit 1000 --json %.*s", 37,
                   cursor + strlen("more: "));
    AUTO_TEXT rest = ctl(token, next, &status);
    cr_expect_eq(status, 0, "%s: %s", next, rest);
    cr_expect_not_null(strstr(rest, "{\"entries\":[{\"log_seq\":1001,"), "%.100s", rest);
    gateway_end(&gateway);
}
