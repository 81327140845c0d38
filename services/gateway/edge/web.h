/* SPDX-License-Identifier: Apache-2.0 */
/* The screen: files of OXE_WEB_ROOT, a static export of the web application.
 *
 * Each request opens the folder anew, so it may be replaced while the gateway runs: one answer is of one
 * folder. Nothing outside of it and no symbolic link in it is followed. h2o sends the file; which one, and
 * under what headers, is decided here. Files are small and local: they are opened and read on the loop. */
#ifndef OXE_GATEWAY_WEB_H
#define OXE_GATEWAY_WEB_H

#include <h2o.h>

struct edge;
struct request;

/* For the path that web_answer answers below. */
void web_register(h2o_pathconf_t *path);

/* Answers a request that no route matches: with a file, a redirect to a page, or 404. */
void web_answer(struct request *request);

/* Tells the log when the folder is not there (yet). */
void web_check_root(struct edge *edge);

#endif
