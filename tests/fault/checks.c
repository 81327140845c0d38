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

enum { POLL_US = 100000, OFFENDERS_MAX = 20 };

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

static char *read_file(const char *path)
{
    struct buffer out = BUFFER_INIT(0);
    char bytes[8192];
    ssize_t length;
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && (length = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_append(&out, bytes, (size_t)length);
    return out.data;
}

char *check_invariants(struct floor *floor, int timeout_ms)
{
    static char *seen;
    char path[512];
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    (void)snprintf(path, sizeof(path), "%s/invariants.sql", floor->home);
    CLEANUP_FREE char *statement = read_file(path);
    if (statement == NULL)
        return strdup("invariants.sql is not there\n");
    for (;;) {
        char *text = floor_sql(floor, statement);
        if (text != NULL && (*text == '\0' || (seen != NULL && strcmp(text, seen) == 0)))
            return new_lines(text, &seen);
        if (clock_monotonic_us() > until_us)
            return text == NULL ? strdup(not_asked) : new_lines(text, &seen);
        free(text);
        (void)usleep(POLL_US);
    }
}

struct lines {
    char **all;
    size_t count;
};

static void lines_free(struct lines *lines)
{
    free(lines->all);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cuts the text at its newlines and sorts. */
static struct lines sort_lines(char *text)
{
    struct lines lines = {0};
    size_t bound = 0;

    for (const char *at = text; *at != '\0'; at++)
        bound += *at == '\n';
    lines.all = calloc(bound + 1, sizeof(char *));
    if (lines.all == NULL)
        abort();
    for (char *save, *line = strtok_r(text, "\n", &save); line != NULL && lines.count < bound;
         line = strtok_r(NULL, "\n", &save))
        lines.all[lines.count++] = line;
    qsort(lines.all, lines.count, sizeof(char *), compare_lines);
    return lines;
}

/* "order execution quantity price" of each line of the exchange's list, where the members are in this order.
 */
static char *executions_text(const char *json)
{
    struct buffer out = BUFFER_INIT(0);
    char line[1024], id[64], execution[64], quantity[64], price[64];

    buffer_append_text(&out, "");
    for (const char *rest = json; rest != NULL && *rest != '\0';) {
        /* sscanf measures all of its string: given the whole list for each line, its time would grow with the
         * square of the executions. */
        (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(rest, "\n"), rest);
        const char *amounts = strstr(line, "\"quantity\":");
        if (sscanf(line, "{\"cl_ord_id\":\"%63[^\"]\",\"exec_id\":\"%63[^\"]\"", id, execution) == 2 &&
            amounts != NULL &&
            sscanf(amounts, "\"quantity\":%63[0-9.],\"price\":%63[0-9.]", quantity, price) == 2)
            buffer_append_format(&out, "%s %s %s %s\n", id, execution, quantity, price);
        else
            buffer_append_format(&out, "cannot be read: %.100s\n", line);
        rest = strchr(rest, '\n');
        rest = rest == NULL ? NULL : rest + 1;
    }
    return out.data == NULL ? strdup("") : out.data;
}

static char *difference(struct lines executions, struct lines fills)
{
    struct buffer out = BUFFER_INIT(0);
    size_t i = 0, j = 0, shown = 0;

    buffer_append_text(&out, "");
    while ((i < executions.count || j < fills.count) && shown < OFFENDERS_MAX) {
        int order = i == executions.count ? 1
                    : j == fills.count    ? -1
                                          : strcmp(executions.all[i], fills.all[j]);
        if (order != 0) {
            buffer_append_format(&out, "%s: %s\n",
                                 order < 0 ? "executed, not a fill" : "a fill, not executed",
                                 order < 0 ? executions.all[i] : fills.all[j]);
            shown++;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return out.data == NULL ? strdup("") : out.data;
}

static char *compare_executions(struct floor *floor)
{
    static const char statement[] = "SELECT order_id, venue_exec_id, trim_scale(quantity_filled), "
                                    "trim_scale(price_at_fill) FROM oxe.fills";
    CLEANUP_FREE char *json = floor_ask_exchange(floor, "executions");
    CLEANUP_FREE char *fills = floor_sql(floor, statement);

    if (json == NULL || fills == NULL)
        return strdup("the exchange or the database could not be asked\n");
    if (*fills == '\0')
        return strdup("there are no fills\n");
    CLEANUP_FREE char *executions = executions_text(json);
    CLEANUP(lines_free) struct lines left = sort_lines(executions);
    CLEANUP(lines_free) struct lines right = sort_lines(fills);
    return difference(left, right);
}

char *check_executions(struct floor *floor, int timeout_ms)
{
    static char *seen;
    int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

    for (;;) {
        char *text = compare_executions(floor);
        if (*text == '\0' || (seen != NULL && strcmp(text, seen) == 0) || clock_monotonic_us() > until_us)
            return new_lines(text, &seen);
        free(text);
        (void)usleep(POLL_US);
    }
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
