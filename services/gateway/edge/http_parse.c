/* SPDX-License-Identifier: Apache-2.0 */
/* What h2o's parser of HTTP/1 leaves out: a bound of our own on the head, blanks behind a header's value,
 * targets in absolute form, and an answer of ours to what is no HTTP.
 *
 * h2o is compiled with room for a head of 408 KiB, from anybody, and offers no other bound. It calls
 * picohttpparser by a name that its library exports, so this definition takes the place of that one and calls
 * it. There is no other place that sees a head before it is complete, and none where all that h2o reads out
 * of headers itself (Content-Length, Connection, Expect, Upgrade) could be mended at once.
 *
 * A head that is too large, or that the parser refuses, is reported as a request without headers, which ends
 * there: on_request in http.c sees the same bytes and answers 431 or 400. An error would make h2o write a 400
 * of its own, in plain text. A refused one has a version that no request can have. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

#include "services/gateway/edge/http_head.h"

enum { PARSE_FAILED = -1 };

struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

typedef int parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                          const char **path, size_t *path_length, int *minor_version,
                          struct phr_header *headers, size_t *header_count, size_t last_length);

parse_request phr_parse_request;

/* The next definition, in the library: found once. */
static parse_request *find_original(void)
{
    static parse_request *original;

    if (original == NULL)
        *(void **)&original = dlsym(RTLD_NEXT, "phr_parse_request");
    return original;
}

/* field-line = field-name ":" OWS field-value OWS (RFC 9112, 5): h2o's parser drops the first OWS only. */
static void trim(struct phr_header *header)
{
    while (header->value_len > 0 &&
           (header->value[header->value_len - 1] == ' ' || header->value[header->value_len - 1] == '\t'))
        header->value_len--;
}

/* The request that on_request is to refuse; it takes all that has come. */
static int report_refused(size_t length, const char **method, size_t *method_length, const char **path,
                          size_t *path_length, size_t *header_count)
{
    bool has_line = *method != NULL && *path != NULL && *method_length > 0 && *path_length > 0;

    if (!has_line) {
        *method = "GET";
        *method_length = 3;
        *path = "/";
        *path_length = 1;
    }
    *header_count = 0;
    return (int)length;
}

int phr_parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                      const char **path, size_t *path_length, int *minor_version, struct phr_header *headers,
                      size_t *header_count, size_t last_length)
{
    int r = find_original()(bytes, length, method, method_length, path, path_length, minor_version, headers,
                            header_count, last_length);

    if (http_head_is_too_large(bytes, r > 0 ? (size_t)r : length)) {
        *minor_version = 1;
        return report_refused(length, method, method_length, path, path_length, header_count);
    }
    if (r == PARSE_FAILED) {
        *minor_version = HTTP_VERSION_REFUSED & 0xff;
        return report_refused(length, method, method_length, path, path_length, header_count);
    }
    if (r > 0) {
        size_t origin = http_head_origin_length(*path, *path_length);
        *path += origin;
        *path_length -= origin;
    }
    for (size_t i = 0; r > 0 && i < *header_count; i++)
        trim(&headers[i]);
    return r;
}
