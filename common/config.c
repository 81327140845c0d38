/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration from environment variables: see config.h. */
#include "common/config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* Longer than any value, so that a text that is too long is told from one that fits. */
enum { VALUE_MAX = 8192 };

__attribute__((format(printf, 3, 4))) static int fail(const struct config_item *item, FILE *errors,
                                                      const char *format, ...)
{
    va_list arguments;

    (void)fprintf(errors, "%s: ", item->variable);
    va_start(arguments, format);
    (void)vfprintf(errors, format, arguments);
    va_end(arguments);
    (void)fputc('\n', errors);
    return -EINVAL;
}

/* Decimal digits with an optional '-', nothing around them.
 * Returns what follows them; NULL when there are none. */
static const char *scan_integer(const char *text, int64_t *ret_value)
{
    char *end;

    if (!isdigit((unsigned char)text[*text == '-' ? 1 : 0]))
        return NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0)
        return NULL;
    *ret_value = value;
    return end;
}

static int parse_integer(const struct config_item *item, const char *text, int64_t *ret_value, FILE *errors)
{
    int64_t value;
    const char *end = scan_integer(text, &value);

    if (end == NULL || *end != '\0')
        return fail(item, errors, "'%s' is not an integer", text);
    if (value < item->min || value > item->max)
        return fail(item, errors, "%" PRId64 " is not between %" PRId64 " and %" PRId64, value, item->min,
                    item->max);
    *ret_value = value;
    return 0;
}

static int parse_duration(const struct config_item *item, const char *text, int64_t *ret_ms, FILE *errors)
{
    static const struct {
        const char *suffix;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", INT64_C(60000)}, {"h", INT64_C(3600000)}, {"", 1000}};
    int64_t count, ms;
    const char *end = scan_integer(text, &count);

    if (end != NULL) {
        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
            if (strcmp(end, units[i].suffix) != 0)
                continue;
            if (__builtin_mul_overflow(count, units[i].ms, &ms) || ms < item->min || ms > item->max)
                return fail(item, errors, "'%s' is not between %" PRId64 "ms and %" PRId64 "ms", text,
                            item->min, item->max);
            *ret_ms = ms;
            return 0;
        }
    }
    return fail(item, errors, "'%s' is not a duration such as 250ms, 30s, 5m or 2h", text);
}

static int parse_bool(const struct config_item *item, const char *text, bool *ret_value, FILE *errors)
{
    static const char *const names[2][4] = {{"false", "0", "no", "off"}, {"true", "1", "yes", "on"}};

    for (size_t value = 0; value < 2; value++) {
        for (size_t i = 0; i < 4; i++) {
            if (strcmp(text, names[value][i]) == 0) {
                *ret_value = value == 1;
                return 0;
            }
        }
    }
    return fail(item, errors, "'%s' is neither true nor false", text);
}

static int parse_text(const struct config_item *item, const char *text, char *ret_text, FILE *errors)
{
    int64_t length = (int64_t)strlen(text);
    int64_t max = item->max < CONFIG_TEXT_MAX - 1 ? item->max : CONFIG_TEXT_MAX - 1;

    if (length == 0 && item->min > 0)
        return fail(item, errors, "is empty");
    if (length < item->min)
        return fail(item, errors, "is shorter than %" PRId64 " bytes", item->min);
    if (length > max)
        return fail(item, errors, "is longer than %" PRId64 " bytes", max);
    const char *fault = item->check != NULL ? item->check(text) : NULL;
    if (fault != NULL && item->type == CONFIG_SECRET)
        return fail(item, errors, "%s", fault);
    if (fault != NULL)
        return fail(item, errors, "'%s': %s", text, fault);
    memcpy(ret_text, text, (size_t)length + 1);
    return 0;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t length = strlen(text); length > 0 && isspace((unsigned char)text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

static int parse_list(const struct config_item *item, const char *text, struct config_list *ret_list,
                      FILE *errors)
{
    struct config_list *list = ret_list;
    int64_t max = item->max < CONFIG_LIST_MAX ? item->max : CONFIG_LIST_MAX;
    char *cursor, *entry;

    list->count = 0;
    if (strlen(text) >= sizeof(list->text))
        return fail(item, errors, "is longer than %zu bytes", sizeof(list->text) - 1);
    memcpy(list->text, text, strlen(text) + 1);
    cursor = *trim(list->text) == '\0' ? NULL : list->text;
    while ((entry = strsep(&cursor, ",")) != NULL) {
        entry = trim(entry);
        if (*entry == '\0')
            return fail(item, errors, "'%s' has an empty entry", text);
        if ((int64_t)list->count == max)
            return fail(item, errors, "has more than %" PRId64 " entries", max);
        list->items[list->count++] = entry;
    }
    if ((int64_t)list->count < item->min)
        return fail(item, errors, "has fewer than %" PRId64 " entries", item->min);
    return 0;
}

static int parse(const struct config_item *item, const char *text, void *field, FILE *errors)
{
    switch (item->type) {
    case CONFIG_TEXT:
    case CONFIG_SECRET:
        return parse_text(item, text, field, errors);
    case CONFIG_INTEGER:
        return parse_integer(item, text, field, errors);
    case CONFIG_BOOL:
        return parse_bool(item, text, field, errors);
    case CONFIG_DURATION:
        return parse_duration(item, text, field, errors);
    case CONFIG_LIST:
        return parse_list(item, text, field, errors);
    }
    assert(false);
    return -EINVAL;
}

/* Reads a secret's file whole; one trailing newline is not part of it. */
static int read_secret(const struct config_item *item, const char *path, char buffer[static VALUE_MAX],
                       FILE *errors)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count = -1;

    while (fd >= 0 && (count = read(fd, buffer + length, VALUE_MAX - length)) > 0) {
        length += (size_t)count;
        if (length == VALUE_MAX)
            return fail(item, errors, "the file '%s' is longer than %d bytes", path, VALUE_MAX - 1);
    }
    if (count < 0)
        return fail(item, errors, "cannot read the file '%s': %s", path, strerrordesc_np(errno));
    if (length > 0 && buffer[length - 1] == '\n')
        length--;
    if (memchr(buffer, '\0', length) != NULL)
        return fail(item, errors, "the file '%s' holds a zero byte", path);
    buffer[length] = '\0';
    return 0;
}

/* Finds the value of an item. buffer is storage for one that a file holds. */
static int find_value(const struct config_item *item, char buffer[static VALUE_MAX], const char **ret_text,
                      FILE *errors)
{
    const char *text = getenv(item->variable);
    const char *path = NULL;

    if (item->type == CONFIG_SECRET) {
        char file_variable[128];
        int length = snprintf(file_variable, sizeof(file_variable), "%s_FILE", item->variable);
        assert(length > 0 && (size_t)length < sizeof(file_variable));
        path = getenv(file_variable);
    }
    if (text != NULL && path != NULL)
        return fail(item, errors, "both %s and %s_FILE are set", item->variable, item->variable);
    if (path != NULL) {
        *ret_text = buffer;
        return read_secret(item, path, buffer, errors);
    }
    *ret_text = text != NULL ? text : item->default_text;
    return *ret_text != NULL ? 0 : fail(item, errors, "is required");
}

int config_load(const struct config_item *items, size_t item_count, void *config, FILE *errors)
{
    char buffer[VALUE_MAX];
    int result = 0;

    for (size_t i = 0; i < item_count; i++) {
        const char *text = NULL;
        int r = find_value(&items[i], buffer, &text, errors);
        if (r == 0)
            r = parse(&items[i], text, (char *)config + items[i].offset, errors);
        if (r < 0)
            result = r;
    }
    explicit_bzero(buffer, sizeof(buffer));
    return result;
}

const char *config_type_name(enum config_type type)
{
    static const char *const names[] = {
        [CONFIG_TEXT] = "text",          [CONFIG_SECRET] = "secret",     [CONFIG_INTEGER] = "integer",
        [CONFIG_BOOL] = "true or false", [CONFIG_DURATION] = "duration", [CONFIG_LIST] = "list",
    };

    return names[type];
}

static void print_bounds(const struct config_item *item, FILE *out)
{
    switch (item->type) {
    case CONFIG_TEXT:
    case CONFIG_BOOL:
        (void)fputs(config_type_name(item->type), out);
        break;
    case CONFIG_SECRET:
        (void)fprintf(out, "secret, or %s_FILE", item->variable);
        break;
    case CONFIG_INTEGER:
        (void)fprintf(out, "integer from %" PRId64 " to %" PRId64, item->min, item->max);
        break;
    case CONFIG_DURATION:
        (void)fprintf(out, "duration from %" PRId64 "ms to %" PRId64 "ms", item->min, item->max);
        break;
    case CONFIG_LIST:
        (void)fprintf(out, "list of %" PRId64 " to %" PRId64 " entries, separated by commas", item->min,
                      item->max);
        break;
    }
}

void config_help(const struct config_item *items, size_t item_count, FILE *out)
{
    for (size_t i = 0; i < item_count; i++) {
        const struct config_item *item = &items[i];
        (void)fprintf(out, "  %s\n      %s.\n      ", item->variable, item->help);
        print_bounds(item, out);
        if (item->default_text == NULL)
            (void)fputs("; required\n", out);
        else if (item->type == CONFIG_SECRET || item->default_text[0] == '\0')
            (void)fputs("; optional\n", out);
        else
            (void)fprintf(out, "; default %s\n", item->default_text);
    }
}
