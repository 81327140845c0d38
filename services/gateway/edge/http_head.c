/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/http_head.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"

enum { LENGTH_DIGITS_MAX = 18 };

const char *const http_head_fault_unknown = "The request is not well-formed HTTP; correct it.";

struct head {
    int hosts;
    int lengths;
    bool is_1_1;
};

static bool is_token(const char *text, size_t length)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return length > 0;
}

static bool is_visible(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] <= 0x20 || (unsigned char)text[i] >= 0x7f)
            return false;
    }
    return length > 0;
}

/* method SP target SP HTTP/1.x (RFC 9112 section 3) */
static const char *judge_request_line(const char *line, size_t length, struct head *head)
{
    const char *target = memchr(line, ' ', length);
    const char *version =
        target == NULL ? NULL : memchr(target + 1, ' ', length - (size_t)(target + 1 - line));

    if (version == NULL || !is_token(line, (size_t)(target - line)) ||
        !is_visible(target + 1, (size_t)(version - target - 1)))
        return "The request line is not a method, a target and a version with one space between; correct it.";
    size_t version_length = length - (size_t)(version + 1 - line);
    head->is_1_1 = version_length == 8 && memcmp(version + 1, "HTTP/1.1", 8) == 0;
    if (!head->is_1_1 && !(version_length == 8 && memcmp(version + 1, "HTTP/1.0", 8) == 0))
        return "The version of HTTP is neither 1.1 nor 1.0; use one of them.";
    return NULL;
}

static bool is_named(const char *line, size_t name_length, const char *name)
{
    return name_length == strlen(name) && strncasecmp(line, name, name_length) == 0;
}

static bool is_length(const char *value, size_t length)
{
    if (length == 0 || length > LENGTH_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
    }
    return true;
}

/* name ":" OWS value OWS (RFC 9112, 5) */
static const char *judge_field(const char *line, size_t length, struct head *head)
{
    const char *colon = memchr(line, ':', length);
    size_t name_length = colon == NULL ? 0 : (size_t)(colon - line);

    if (line[0] == ' ' || line[0] == '\t')
        return "A header goes on in the next line; write each in one line.";
    if (!is_token(line, name_length))
        return "A header has no name, or one with other characters than a token's; correct it.";
    const char *value = colon + 1, *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (const char *c = value; c < end; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return "A header has a control character in its value; leave it out.";
    }
    if (is_named(line, name_length, "transfer-encoding"))
        return "The body comes in a transfer encoding; send it whole, with Content-Length.";
    if (is_named(line, name_length, "host"))
        head->hosts++;
    if (is_named(line, name_length, "content-length")) {
        head->lengths++;
        if (!is_length(value, (size_t)(end - value)))
            return "Content-Length is not a whole number; correct it.";
    }
    return NULL;
}

static const char *judge_head(const struct head *head)
{
    if (head->hosts > 1 || (head->is_1_1 && head->hosts == 0))
        return "There is not exactly one Host header; send one.";
    if (head->lengths > 1)
        return "There is more than one Content-Length; send one.";
    return NULL;
}

/* The end of the line at *at without its CRLF; NULL: it does not end in one, or has a CR or LF inside. */
static const char *line_end(const char *at, const char *end)
{
    const char *lf = memchr(at, '\n', (size_t)(end - at));

    if (lf == NULL || lf == at || lf[-1] != '\r' || memchr(at, '\r', (size_t)(lf - 1 - at)) != NULL)
        return NULL;
    return lf - 1;
}

bool http_head_is_too_large(const char *bytes, size_t length)
{
    size_t max = length < HTTP_HEAD_MAX ? length : HTTP_HEAD_MAX, lines = 0, before = 0;

    for (size_t at = 0; at < max; at++) {
        if (bytes[at] != '\n')
            continue;
        bool empty = at - before == 0 || (at - before == 1 && bytes[before] == '\r');
        if (empty && lines > 0) /* one before the request is passed over */
            return lines > HTTP_HEADERS_MAX + 1;
        lines += !empty;
        before = at + 1;
    }
    return length >= HTTP_HEAD_MAX || lines > HTTP_HEADERS_MAX + 1;
}

const char *http_head_fault(const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length;
    struct head head = {0};

    /* One empty line before a request is to be ignored (RFC 9112, 2.2). */
    if (length >= 2 && memcmp(at, "\r\n", 2) == 0)
        at += 2;
    for (bool first = true;; first = false) {
        const char *stop = line_end(at, end);
        if (stop == NULL && memchr(at, '\n', (size_t)(end - at)) == NULL)
            return http_head_fault_unknown; /* it was refused within this line */
        if (stop == NULL)
            return "A line of the request's head does not end in CR and LF; end each so.";
        if (stop == at && !first)
            return judge_head(&head);
        const char *fault = first ? judge_request_line(at, (size_t)(stop - at), &head)
                                  : judge_field(at, (size_t)(stop - at), &head);
        if (fault != NULL)
            return fault;
        at = stop + 2;
    }
}

size_t http_head_origin_length(const char *target, size_t length)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t scheme = strlen(schemes[i]), at = scheme;
        if (length <= scheme || strncasecmp(target, schemes[i], scheme) != 0)
            continue;
        while (at < length && target[at] != '/' && target[at] != '?' && target[at] != '#')
            at++;
        return at < length && at > scheme && target[at] == '/' ? at : 0;
    }
    return 0;
}
