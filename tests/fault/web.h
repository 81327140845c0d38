/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests to a gateway that may be dead, frozen or
 * deaf: many under way at once, on one thread (libcurl).
 *
 * A request ends with an answer or without one after WEB_TIMEOUT_MS. No automatic repetition. */
#ifndef OXE_TESTS_FAULT_WEB_H
#define OXE_TESTS_FAULT_WEB_H

#include <stddef.h>

enum { WEB_UNDER_WAY_MAX = 64, WEB_TIMEOUT_MS = 8000 };

struct web;

struct web_request {
    const char *method, *path, *token;
    const char *key, *body; /* NULL: none */
};

/* status 0: no answer. body is NUL-terminated. Called from web_run. */
typedef void web_done(void *context, size_t number, long status, const char *body);

/* base: "http://host:port". Ends the program where there is no memory. */
struct web *web_create(const char *base, web_done *done, void *context);
void web_destroy(struct web **web);

size_t web_under_way(const struct web *web);
/* The strings are copied. number: given back to `done`.
 * Only while fewer than WEB_UNDER_WAY_MAX are under way. */
void web_start(struct web *web, const struct web_request *request, size_t number);
/* Waits up to timeout_ms for something to happen and tells of what has ended. */
void web_run(struct web *web, int timeout_ms);
/* One request on a connection of its own, to its end. The
 * body, the caller's to free; *ret_status 0: none came. */
char *web_ask(const struct web *web, const struct web_request *request, long *ret_status);

#endif
