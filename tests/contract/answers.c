/* SPDX-License-Identifier: Apache-2.0 */
/* See answers.h. */
#include "tests/contract/answers.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST_SHOWN_MAX = 400 };

/* One write each: several processes append. */
static void append_line(struct buffer *line)
{
    const char *path = getenv("OXE_CONTRACT_ANSWERS");

    cr_assert_not_null(path,
                       "OXE_CONTRACT_ANSWERS is not set: run this through tests/contract/answers_test.sh");
    buffer_append_char(line, '\n');
    cr_assert(!buffer_failed(line));
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0, "%s: %m", path);
    cr_assert_eq(write(fd, line->data, line->length), (ssize_t)line->length, "%s: %m", path);
}

static void append_request(struct buffer *line, const struct call *call)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    size_t length = call->body == NULL ? 0 : call->body_length > 0 ? call->body_length : strlen(call->body);
    const char *method = call->method != NULL ? call->method : call->body != NULL ? "POST" : "GET";

    buffer_append_format(&text, "%s %s", method, call->path);
    if (call->type != NULL)
        buffer_append_format(&text, " type '%s'", call->type);
    if (call->key != NULL)
        buffer_append_format(&text, " key '%s'", call->key);
    if (call->header != NULL)
        buffer_append_format(&text, " '%s'", call->header);
    buffer_append_char(&text, ' ');
    buffer_append(&text, call->body, length < REQUEST_SHOWN_MAX ? length : REQUEST_SHOWN_MAX);
    buffer_append_text(line, ",\"request\":");
    buffer_append_json_text(line, text.data, text.length);
}

static void append_header(struct buffer *line, const char *name, size_t name_length, const char *value,
                          size_t length)
{
    char lower[128];

    cr_assert_lt(name_length, sizeof(lower));
    for (size_t i = 0; i < name_length; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    if (line->data[line->length - 1] != '{')
        buffer_append_char(line, ',');
    buffer_append_json_text(line, lower, name_length);
    buffer_append_char(line, ':');
    buffer_append_json_text(line, value, length);
}

static void append_headers(struct buffer *line, const struct buffer *headers)
{
    buffer_append_text(line, ",\"headers\":{");
    for (const char *at = headers->data; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\r\n");
        const char *colon = memchr(at, ':', length);
        if (colon != NULL) {
            const char *value = colon + 1 + strspn(colon + 1, " ");
            append_header(line, at, (size_t)(colon - at), value, (size_t)(at + length - value));
        }
        at += length + strspn(at + length, "\r\n");
    }
    buffer_append_char(line, '}');
}

struct reply answers_call(const char *operation, const struct call *call)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);
    struct reply reply = instance_call(call);

    buffer_append_format(&line, "{\"operation\":\"%s\",\"status\":%ld", operation, reply.status);
    append_request(&line, call);
    append_headers(&line, &reply.headers);
    buffer_append_text(&line, ",\"body\":");
    buffer_append_json_text(&line, reply.body.data, reply.body.length);
    buffer_append_char(&line, '}');
    append_line(&line);
    return reply;
}

void answers_add_upgrade(const char *operation, int status)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);

    buffer_append_format(&line, "{\"operation\":\"%s\",\"status\":%d,\"headers\":{},\"body\":\"\"}",
                         operation, status);
    append_line(&line);
}
