/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP/1.1 server for a few short requests, in a thread of its own: the probe port of each process,
 * and the port of oxe-witness. libh2o underneath.
 *
 * One thread answers all requests, one after the other. Each connection is closed behind its answer. Bounds:
 * 64 connections at once (more are closed at the door), 2 s for a whole request, 5 s for a client that does
 * not read, entity_max bytes of a body (more: 413), 4 MiB of an answer. The caller owns class and context and
 * keeps both until http_port_stop. */
#ifndef OXE_COMMON_HTTP_PORT_H
#define OXE_COMMON_HTTP_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

/* As it came; nothing ends with NUL. */
struct http_port_request {
    const char *method;
    size_t method_length;
    const char *path; /* without the query */
    size_t path_length;
    const char *body;
    size_t body_length;
};

struct http_port_answer {
    int status;
    const char *content_type; /* constant */
    const char *allow;        /* header Allow of a 405; NULL: none */
    struct buffer *body;      /* the port's; empty when `answer` is called. One that failed makes it a 500 */
};

struct http_port_class {
    size_t entity_max;
    /* Both are called in the port's thread. */
    void (*answer)(void *context, const struct http_port_request *request,
                   struct http_port_answer *ret_answer);
    void (*turn)(void *context); /* at least once a second while the thread works; may be NULL */
};

struct http_port;

/* address: "127.0.0.1:8090"; port 0 is not allowed. -EINVAL, -EADDRINUSE and the like. */
int http_port_start(const char *address, const struct http_port_class *class, void *context,
                    struct http_port **ret_port);
/* Lets the request at work end, closes all connections, and waits for the thread. */
void http_port_stop(struct http_port **port);

/* Whether the request is for this path. */
bool http_port_is_path(const struct http_port_request *request, const char *path);
bool http_port_is_method(const struct http_port_request *request, const char *method);
/* An application/problem+json with the status' own title, in place of what the body has. */
void http_port_problem(struct http_port_answer *answer, int status);

#endif
