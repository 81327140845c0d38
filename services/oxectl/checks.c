/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"
#include "services/oxectl/json.h"

#define GIB (1024ull * 1024 * 1024)

static const char *const words[] = {
    [CHECKED_OK] = "ok",
    [CHECKED_SKIPPED] = "skipped",
    [CHECKED_WARNING] = "warning",
    [CHECKED_FAILED] = "failed",
};

void checks_add(struct checks *checks, const char *name, enum check_status status, const char *remedy,
                const char *format, ...)
{
    va_list arguments;
    char *detail;

    if (checks->count == CHECKS_MAX) {
        checks->overflow = true;
        return;
    }
    va_start(arguments, format);
    int length = vasprintf(&detail, format, arguments);
    va_end(arguments);
    struct check_result *item = &checks->items[checks->count];
    *item = (struct check_result){
        .status = status,
        .name = strdup(name),
        .detail = length < 0 ? NULL : detail,
        .remedy = remedy == NULL || status == CHECKED_OK ? NULL : strdup(remedy),
    };
    if (item->name == NULL || item->detail == NULL)
        abort(); /* of memory: nothing that was checked would be told */
    checks->count++;
}

bool checks_named(struct checks *checks, const char *name, const char *what, const char *skipped)
{
    if (what == NULL)
        checks_add(checks, name, CHECKED_SKIPPED, NULL, "%s", skipped);
    return what != NULL;
}

void checks_release(struct checks *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        free(checks->items[i].name);
        free(checks->items[i].detail);
        free(checks->items[i].remedy);
    }
    checks->count = 0;
}

enum check_status checks_status_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i]) == 0)
            return (enum check_status)i;
    }
    return CHECKED_FAILED;
}

static void append_json(struct buffer *out, const struct checks *checks)
{
    buffer_append_char(out, '[');
    for (size_t i = 0; i < checks->count; i++) {
        const struct check_result *item = &checks->items[i];
        json_open_object(out);
        json_append_member(out, "check", item->name);
        json_append_member(out, "status", words[item->status]);
        json_append_member(out, "detail", item->detail);
        buffer_append_text(out, ",\"remedy\":");
        json_append_optional_text(out, item->remedy == NULL ? "" : item->remedy);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
}

bool checks_print(const struct checks *checks, bool json)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    size_t counts[ARRAY_LEN(words)] = {0};

    for (size_t i = 0; i < checks->count; i++) {
        const struct check_result *item = &checks->items[i];
        counts[item->status]++;
        if (json)
            continue;
        (void)printf("%-8s %-24s %s\n", words[item->status], item->name, item->detail);
        if (item->remedy != NULL)
            (void)printf("%33s -> %s\n", "", item->remedy);
    }
    bool passed = counts[CHECKED_FAILED] == 0 && !checks->overflow;
    if (json) {
        append_json(&text, checks);
        (void)printf("{\"passed\":%s,\"checks\":%s}\n", passed ? "true" : "false", text.data);
    } else {
        (void)printf("%zu ok, %zu skipped, %zu with a warning, %zu failed%s\n", counts[CHECKED_OK],
                     counts[CHECKED_SKIPPED], counts[CHECKED_WARNING], counts[CHECKED_FAILED],
                     checks->overflow ? "; there were more than are told" : "");
    }
    return passed;
}

enum check_status checks_of_disk(unsigned long long free_bytes, unsigned long long total_bytes)
{
    if (free_bytes < GIB || free_bytes < total_bytes / 20)
        return CHECKED_FAILED;
    return free_bytes < 4 * GIB || free_bytes < total_bytes * 15 / 100 ? CHECKED_WARNING : CHECKED_OK;
}
