/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP/1 request, judged strictly: pure.
 *
 * h2o reads requests leniently, and two readers that understand one request differently can be made to see
 * another in it (request smuggling, RFC 9112 section 11.2). What could be read in two ways is refused: line
 * ends other than CRLF, folded or misnamed fields, no Host or two (3.2), two lengths or an odd one (6.3), and
 * Transfer-Encoding altogether, whose chunks are gone when we see the request. */
#ifndef OXE_GATEWAY_HTTP_HEAD_H
#define OXE_GATEWAY_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_HEAD_MAX = 16 * 1024,
    HTTP_HEADERS_MAX = 100,       /* h2o's own bound */
    HTTP_VERSION_REFUSED = 0x1ff, /* of h2o's request, when its parser refuses the head */
};

/* For what is not well-formed and offers nothing better to say. */
extern const char *const http_head_fault_unknown;

/* bytes: the request from its first byte on, at least its whole head or as much of it as h2o's parser
 * refuses. NULL when it is well-formed, else a sentence that says what is not. */
const char *http_head_fault(const char *bytes, size_t length);

/* Whether what has come of a head is more than one may have: bytes or headers. */
bool http_head_is_too_large(const char *bytes, size_t length);

/* How much of a target in absolute form (RFC 9112, 3.2.2) stands before its path; 0: it has none, or no path.
 */
size_t http_head_origin_length(const char *target, size_t length);

#endif
