/* SPDX-License-Identifier: Apache-2.0 */
/* See checks.h. */
#include "tests/fault/checks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"

enum { POLL_US = 100000 };

static const char not_asked[] = "the database could not be asked\n";

char *check_settles(struct floor *floor, int timeout_ms)
{
    static const char statement[] =
        "SELECT execution_state, status, count(*), min(id::text) FROM oxe.orders "
        "WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT') "
        "AND id IN (SELECT order_id FROM oxe.open_orders) GROUP BY 1, 2 "
        "UNION ALL SELECT NULL, NULL, count(*), 'outbox' FROM oxe.outbox HAVING count(*) > 0";
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        char *text = floor_sql(floor, statement);
        if ((text != NULL && *text == '\0') || clock_monotonic_us() > until_us)
            return text == NULL ? strdup(not_asked) : text;
        free(text);
        (void)usleep(POLL_US);
    }
}

/* Lines of `text` that are not in *seen, which then becomes `text`; frees both of what it replaces. */
static char *new_lines(char *text, char **seen)
{
    struct buffer out = BUFFER_INIT(0);

    buffer_append_text(&out, "");
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t length = end == NULL ? strlen(line) : (size_t)(end + 1 - line);
        CLEANUP_FREE char *one = strndup(line, length);
        if (*seen == NULL || strstr(*seen, one) == NULL)
            buffer_append_text(&out, one);
        line += length;
    }
    free(*seen);
    *seen = text;
    return out.data == NULL ? strdup("") : out.data;
}

/* A statement that with-instance.sh has put into the instance's folder. */
static char *read_file(const struct floor *floor, const char *name)
{
    struct buffer out = BUFFER_INIT(0);
    char bytes[8192], path[512];
    ssize_t length;

    (void)snprintf(path, sizeof(path), "%s/%s", floor->home, name);
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && (length = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_append(&out, bytes, (size_t)length);
    if (out.data == NULL) {
        (void)printf("Bail out! %s is not there\n", path);
        exit(1);
    }
    return out.data;
}

char *find_broken_invariants(struct floor *floor)
{
    CLEANUP_FREE char *statement = read_file(floor, "invariants.sql");
    char *text = floor_sql(floor, statement);
    return text == NULL ? strdup(not_asked) : text;
}

char *find_books_differences(struct floor *floor)
{
    CLEANUP(buffer_release) struct buffer said = BUFFER_INIT(0);
    static const char *const commands[] = {"executions", "orders"};
    CLEANUP_FREE char *statement = read_file(floor, "exchange_books.sql");

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        CLEANUP_FREE char *lines = floor_ask_exchange(floor, commands[i]);
        if (lines == NULL)
            return strdup("the exchange could not be asked\n");
        buffer_append_text(&said, lines);
    }
    char *text = floor_sql_with(floor, statement, said.data);
    return text == NULL ? strdup(not_asked) : text;
}

/* Asks until there is nothing, or nothing but what was seen before, or the time is over. */
static char *find_what_stays(struct floor *floor, char *find(struct floor *floor), char **seen,
                             int timeout_ms)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        char *text = find(floor);
        if (*text == '\0' || (*seen != NULL && strcmp(text, *seen) == 0) || clock_monotonic_us() > until_us)
            return new_lines(text, seen);
        free(text);
        (void)usleep(POLL_US);
    }
}

char *check_invariants(struct floor *floor, int timeout_ms)
{
    static char *seen;
    return find_what_stays(floor, find_broken_invariants, &seen, timeout_ms);
}

char *check_books(struct floor *floor, int timeout_ms)
{
    static char *seen;
    return find_what_stays(floor, find_books_differences, &seen, timeout_ms);
}

char *check_acknowledged(struct floor *floor, const char *ids)
{
    char *text = floor_sql_with(floor,
                                "SELECT given.id FROM unnest($1::uuid[]) AS given (id) "
                                "WHERE NOT EXISTS (SELECT FROM oxe.orders o WHERE o.id = given.id) LIMIT 20",
                                ids);
    return text == NULL ? strdup(not_asked) : text;
}

char *check_put_aside(struct floor *floor)
{
    static char *seen;
    char *text =
        floor_sql(floor, "SELECT id, service, kind, order_id, detail FROM oxe.put_aside ORDER BY id");
    return text == NULL ? strdup(not_asked) : new_lines(text, &seen);
}

char *check_log(struct floor *floor, int timeout_ms)
{
    static const char uncovered[] =
        "SELECT max(log_seq) FROM oxe.execution_logs "
        "HAVING max(log_seq) > (SELECT coalesce(max(tree_size), 0) FROM oxe.audit_published)";
    static const char keep[] = "\"$0\" ctl audit heads --note >\"$1.new\" && mv \"$1.new\" \"$1\"";
    char kept[512];
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        CLEANUP_FREE char *text = floor_sql(floor, uncovered);
        if (text != NULL && *text == '\0')
            break;
        if (clock_monotonic_us() > until_us)
            return strdup("no checkpoint covers the last entries\n");
        (void)usleep(POLL_US);
    }
    (void)snprintf(kept, sizeof(kept), "%s/kept-checkpoint", floor->home);
    const char *const since = access(kept, F_OK) == 0 ? "--since" : NULL;
    if (floor_run((const char *const[]){floor->front_door, "ctl", "audit", "verify", since, kept, NULL},
                  floor) != 0)
        return strdup("'audit verify' finds what HOME/fault.log says\n");
    if (floor_run((const char *const[]){"sh", "-c", keep, floor->front_door, kept, NULL}, floor) != 0)
        return strdup("the checkpoint cannot be read; HOME/fault.log\n");
    return strdup("");
}
