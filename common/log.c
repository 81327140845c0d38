/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines on a descriptor: see log.h. */
#include "common/log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"

/* Closes every line; room for it is kept free while fields are added. */
static const char line_end[] = "}\n";
static const char line_end_cut[] = ",\"cut\":true}\n";

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

int log_level_parse(const char *text, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

static void append_text(struct buffer *line, const char *text)
{
    buffer_append_json_text(line, text, text == NULL ? 0 : strlen(text));
}

static void append_name(struct buffer *line, const char *name)
{
    buffer_append_char(line, ',');
    append_text(line, name);
    buffer_append_char(line, ':');
}

static void append_trace(struct buffer *line, const uint8_t *trace)
{
    if (trace == NULL) {
        append_text(line, NULL);
        return;
    }
    buffer_append_char(line, '"');
    buffer_append_hex(line, trace, 16);
    buffer_append_char(line, '"');
}

static void append_field(struct buffer *line, const struct log_field *field)
{
    char text[UUID_TEXT_MAX];

    _Static_assert((int)DECIMAL_TEXT_MAX <= (int)UUID_TEXT_MAX, "text holds either");
    append_name(line, field->name);
    switch (field->type) {
    case LOG_FIELD_TEXT:
        append_text(line, field->value.text);
        return;
    case LOG_FIELD_I64:
        buffer_append_i64(line, field->value.i64);
        return;
    case LOG_FIELD_UUID:
        uuid_format(field->value.uuid, text);
        append_text(line, text);
        return;
    case LOG_FIELD_DECIMAL:
        buffer_append(line, text, decimal_format(field->value.decimal, text));
        return;
    case LOG_FIELD_BOOL:
        buffer_append_text(line, field->value.i64 != 0 ? "true" : "false");
        return;
    case LOG_FIELD_TRACE:
        append_trace(line, field->value.trace);
        return;
    }
    assert(false);
}

static void append_head(struct buffer *line, const struct log *log, enum log_level level, const char *event)
{
    char time[INSTANT_TEXT_MAX];

    (void)instant_format(clock_now(), time);
    buffer_append_text(line, "{\"time\":");
    append_text(line, time);
    append_name(line, "level");
    append_text(line, level_names[level]);
    append_name(line, "service");
    append_text(line, log->service);
    if (log->instance != NULL) {
        append_name(line, "instance");
        append_text(line, log->instance);
    }
    append_name(line, "event");
    append_text(line, event);
}

/* A part of what is written is a line cut in two, as without gathering. A log that cannot be written to has
 * nowhere to say so. */
static void write_once(int fd, const char *bytes, size_t length)
{
    int saved_errno = errno;
    ssize_t written = write(fd, bytes, length);

    (void)written;
    errno = saved_errno;
}

/* Of this thread. */
static _Thread_local struct {
    bool gathers;
    int fd;
    size_t length;
    char lines[LOG_LINE_MAX];
} gathered;

void log_flush(void)
{
    if (gathered.length > 0)
        write_once(gathered.fd, gathered.lines, gathered.length);
    gathered.length = 0;
}

void log_gather(bool gathers)
{
    if (!gathers)
        log_flush();
    gathered.gathers = gathers;
}

static void write_line(const struct log *log, enum log_level level, const struct buffer *line)
{
    bool waits = gathered.gathers && level < LOG_WARNING;

    if (!waits || log->fd != gathered.fd || line->length > sizeof(gathered.lines) - gathered.length)
        log_flush();
    if (!waits) {
        write_once(log->fd, line->data, line->length);
        return;
    }
    gathered.fd = log->fd;
    memcpy(gathered.lines + gathered.length, line->data, line->length);
    gathered.length += line->length;
}

void log_write(const struct log *log, enum log_level level, const char *event, const struct log_field *fields,
               size_t field_count)
{
    char storage[LOG_LINE_MAX + 1];
    struct buffer line = {
        .data = storage,
        .capacity = sizeof(storage), /* length_max keeps the buffer from ever outgrowing the storage */
        .length_max = LOG_LINE_MAX - (sizeof(line_end_cut) - 1),
    };
    bool cut = false;

    if (level < log->level)
        return;
    append_head(&line, log, level, event);
    for (size_t i = 1; i < field_count && !cut; i++) {
        size_t whole = line.length;
        append_field(&line, &fields[i]);
        if (buffer_failed(&line)) {
            line.length = whole;
            cut = true;
        }
    }
    line.error = 0;
    line.length_max = LOG_LINE_MAX;
    buffer_append_text(&line, cut ? line_end_cut : line_end);
    write_line(log, level, &line);
}

const char *log_errno_name(int negative_errno)
{
    const char *text = negative_errno < 0 ? strerrordesc_np(-negative_errno) : NULL;

    return text != NULL ? text : "Unknown error";
}
