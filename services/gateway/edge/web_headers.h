/* SPDX-License-Identifier: Apache-2.0 */
/* The headers around a file of the web root, those that are asked and those that are told: pure. */
#ifndef OXE_GATEWAY_WEB_HEADERS_H
#define OXE_GATEWAY_WEB_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "common/config.h"

/* How a file may be coded; siblings of it are made at build time. */
enum web_coding { WEB_IDENTITY, WEB_GZIP, WEB_BROTLI, WEB_CODING_COUNT };

/* The codings that Accept-Encoding takes, the wanted first; WEB_IDENTITY ends the list, whatever was said of
 * it. text NULL: there is no such header. */
void web_headers_codings(const char *text, size_t length,
                         enum web_coding ret_codings[static WEB_CODING_COUNT]);

/* Whether Accept names text/html: a browser that wants a page, and not whoever takes anything. */
bool web_headers_accept_html(const char *text, size_t length);

/* Whether If-None-Match names the entity tag; weak ones count (RFC 9110, 13.1.2). */
bool web_headers_etag_matches(const char *text, size_t length, const char *etag);

/* "https://host" or "https://host:port", in small letters. */
bool web_headers_is_origin(const char *text);

/* Appends the Content-Security-Policy of a page. hashes: the line that the build wrote for it, of its inline
 * scripts; identity: origins of an identity provider. -EINVAL: the line is something else, and the policy
 * goes without it. */
int web_headers_append_policy(struct buffer *out, const char *hashes, size_t length,
                              const struct config_list *identity);

#endif
