/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/web_headers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"

enum { WEIGHT_MAX = 1000, UNSAID = -1 };

/* An element of a list with its weight in thousandths (RFC 9110, 12.4.2). */
struct element {
    const char *name;
    size_t length;
    int weight;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && is_blank(**text))
        (*text)++, (*length)--;
    while (*length > 0 && is_blank((*text)[*length - 1]))
        (*length)--;
}

/* "0.8" is 800. What is no weight counts as 0: who cannot say what they want gets what everybody can read. */
static int read_weight(const char *text, size_t length)
{
    int weight = 0, digit = WEIGHT_MAX;

    if (length == 0 || length > 5 || text[0] < '0' || text[0] > '1' || (length > 1 && text[1] != '.'))
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (i == 1)
            continue;
        if (text[i] < '0' || text[i] > '9')
            return 0;
        weight += digit * (text[i] - '0');
        digit /= 10;
    }
    return weight > WEIGHT_MAX ? 0 : weight;
}

/* The parameter q of an element; others are passed over. */
static int find_weight(const char *text, size_t length)
{
    while (length > 0) {
        const char *end = memchr(text, ';', length);
        size_t size = end == NULL ? length : (size_t)(end - text);
        const char *parameter = text;
        size_t parameter_length = size;
        trim(&parameter, &parameter_length);
        if (parameter_length >= 2 && strncasecmp(parameter, "q=", 2) == 0)
            return read_weight(parameter + 2, parameter_length - 2);
        text += end == NULL ? size : size + 1;
        length -= end == NULL ? size : size + 1;
    }
    return WEIGHT_MAX;
}

/* The next element of a list, and *at moves past it. */
static bool next_element(const char *text, size_t length, size_t *at, struct element *ret_element)
{
    if (*at >= length)
        return false;
    const char *begin = text + *at, *comma = memchr(begin, ',', length - *at);
    size_t size = comma == NULL ? length - *at : (size_t)(comma - begin);
    const char *semicolon = memchr(begin, ';', size);
    *at += size + 1;
    ret_element->name = begin;
    ret_element->length = semicolon == NULL ? size : (size_t)(semicolon - begin);
    ret_element->weight =
        semicolon == NULL ? WEIGHT_MAX : find_weight(semicolon + 1, size - ret_element->length - 1);
    trim(&ret_element->name, &ret_element->length);
    return true;
}

static bool is_named(const struct element *element, const char *name)
{
    return element->length == strlen(name) && strncasecmp(element->name, name, element->length) == 0;
}

void web_headers_codings(const char *text, size_t length,
                         enum web_coding ret_codings[static WEB_CODING_COUNT])
{
    static const char *const names[WEB_CODING_COUNT] = {
        [WEB_IDENTITY] = "identity", [WEB_GZIP] = "gzip", [WEB_BROTLI] = "br"};
    int weights[WEB_CODING_COUNT] = {UNSAID, UNSAID, UNSAID}, others = 0;
    struct element element;
    size_t at = 0, count = 0;

    while (text != NULL && next_element(text, length, &at, &element)) {
        for (enum web_coding coding = 0; coding < WEB_CODING_COUNT; coding++) {
            if (is_named(&element, names[coding]))
                weights[coding] = element.weight;
        }
        if (is_named(&element, "*"))
            others = element.weight;
    }
    for (enum web_coding coding = WEB_GZIP; coding <= WEB_BROTLI; coding++)
        weights[coding] = weights[coding] == UNSAID ? others : weights[coding];
    bool brotli_first = weights[WEB_BROTLI] >= weights[WEB_GZIP];
    const enum web_coding order[] = {brotli_first ? WEB_BROTLI : WEB_GZIP,
                                     brotli_first ? WEB_GZIP : WEB_BROTLI};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (weights[order[i]] > 0 && weights[order[i]] >= weights[WEB_IDENTITY])
            ret_codings[count++] = order[i];
    }
    ret_codings[count] = WEB_IDENTITY;
}

bool web_headers_accept_html(const char *text, size_t length)
{
    struct element element;
    size_t at = 0;

    while (text != NULL && next_element(text, length, &at, &element)) {
        if (is_named(&element, "text/html"))
            return element.weight > 0;
    }
    return false;
}

bool web_headers_etag_matches(const char *text, size_t length, const char *etag)
{
    struct element element;
    size_t at = 0;

    while (text != NULL && next_element(text, length, &at, &element)) {
        if (element.length > 2 && memcmp(element.name, "W/", 2) == 0) {
            element.name += 2;
            element.length -= 2;
        }
        if (is_named(&element, "*") ||
            (element.length == strlen(etag) && memcmp(element.name, etag, element.length) == 0))
            return true;
    }
    return false;
}

bool web_headers_is_origin(const char *text)
{
    static const char scheme[] = "https://", characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

    if (strncmp(text, scheme, sizeof(scheme) - 1) != 0)
        return false;
    const char *host = text + sizeof(scheme) - 1;
    size_t length = strspn(host, characters);
    const char *end = host + length;
    if (*end == ':' && end[1] != '\0')
        end += 1 + strspn(end + 1, "0123456789");
    return length > 0 && *end == '\0';
}

/* 'sha256-…' of 44 characters of base64. */
static bool is_hash(const char *text, size_t length)
{
    static const char begin[] = "'sha256-",
                      digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = sizeof(begin) - 1;

    if (length != at + 45 || memcmp(text, begin, at) != 0 || text[length - 2] != '=' ||
        text[length - 1] != '\'')
        return false;
    for (; at < length - 2; at++) {
        if (memchr(digits, text[at], sizeof(digits) - 1) == NULL)
            return false;
    }
    return true;
}

/* Hashes with one space between; a line end may follow. None at all is a line, too. */
static bool are_hashes(const char *text, size_t length)
{
    while (length > 0) {
        const char *space = memchr(text, ' ', length);
        size_t size = space == NULL ? length : (size_t)(space - text);
        if (!is_hash(text, size) || (space != NULL && size + 1 == length))
            return false;
        text += space == NULL ? size : size + 1;
        length -= space == NULL ? size : size + 1;
    }
    return true;
}

static void append_origins(struct buffer *out, const struct config_list *origins)
{
    for (size_t i = 0; i < origins->count; i++) {
        buffer_append_char(out, ' ');
        buffer_append_text(out, origins->items[i]);
    }
}

int web_headers_append_policy(struct buffer *out, const char *hashes, size_t length,
                              const struct config_list *identity)
{
    if (length > 0 && hashes[length - 1] == '\n')
        length--;
    bool valid = are_hashes(hashes, length);

    buffer_append_text(out, "default-src 'none'; script-src 'self'");
    if (valid && length > 0) {
        buffer_append_char(out, ' ');
        buffer_append(out, hashes, length);
    }
    append_origins(out, identity);
    buffer_append_text(out, "; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:");
    append_origins(out, identity);
    buffer_append_text(out, "; font-src 'self'; connect-src 'self'");
    append_origins(out, identity);
    if (identity->count > 0) {
        buffer_append_text(out, "; frame-src");
        append_origins(out, identity);
    }
    buffer_append_text(out,
                       "; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'none'");
    return valid ? 0 : -EINVAL;
}
