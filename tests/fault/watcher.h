/* SPDX-License-Identifier: Apache-2.0 */
/* A trader's WebSocket that is held open whatever dies: connected again with last_seq after each break. Each
 * event must come once and in order.
 *
 * A thread of its own; what it has seen is read under its lock. */
#ifndef OXE_TESTS_FAULT_WATCHER_H
#define OXE_TESTS_FAULT_WATCHER_H

struct watcher;

enum { WATCHER_FAULT_MAX = 1024 };

/* port: the gateway's on 127.0.0.1. Ends the program where there is no memory. */
struct watcher *watcher_start(int port, const char *token);
void watcher_stop(struct watcher **watcher);

/* The seq of the last event. */
long long watcher_last(struct watcher *watcher);
/* What came out of order, twice or not at all; "" when nothing did. */
void watcher_fault(struct watcher *watcher, char ret_fault[static WATCHER_FAULT_MAX]);

#endif
