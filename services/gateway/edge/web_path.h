/* SPDX-License-Identifier: Apache-2.0 */
/* Which file of the web root a request's target names: pure.
 *
 * The target is read as it came, before h2o normalizes it. What two readers could resolve differently (dot
 * segments, empty ones, encoded slashes, backslashes) is refused rather than resolved; see decision 0011. */
#ifndef OXE_GATEWAY_WEB_PATH_H
#define OXE_GATEWAY_WEB_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { WEB_PATH_MAX = 1024 };

/* The path within the root: without its first slash and without the query. "" is the root, and a folder ends
 * in a slash. -EINVAL: it is not well-formed; -ENOENT: nothing of this name is ever served (dot files, too
 * long). */
int web_path_parse(const char *target, size_t length, char ret_path[static WEB_PATH_MAX]);

/* Whether a normalized path, with its slash, belongs to the API and its kin, which answer for themselves. */
bool web_path_is_reserved(const char *path, size_t length);

/* Whether it may be a page's: its last segment has no extension. */
bool web_path_is_page(const char *path);

/* Cuts the path to the folder around it: "a/b/c" and "a/b/c/" become "a/b/", "a" becomes "". */
void web_path_leave(char *path);

/* Files whose names hold a hash of what is in them, so that another build's have other names. Beside them in
 * _next/static are manifests, whose path holds the build's id: where that is fixed they change under the same
 * name. */
bool web_path_is_immutable(const char *path);

/* The media type of a file, by its extension. NULL: it is not served. */
const char *web_path_type(const char *path);

#endif
