/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that talk to an exchange through a venue: starting the exchange's process, and collecting what
 * the venue says. */
#ifndef OXE_TESTS_SUPPORT_VENUE_PEER_H
#define OXE_TESTS_SUPPORT_VENUE_PEER_H

#include <sys/types.h>

#include "services/executor/venue.h"

enum {
    VENUE_PEER_EVENTS_MAX = 65536,
    VENUE_PEER_WAIT_MS = 15000,
};

/* Runs a program with its output thrown away, in an environment with `name=value` added (NULL: none); it dies
 * with the test. */
pid_t venue_peer_start(const char *const *arguments, const char *const *environment);
/* Ends it by the signal and waits for it. */
void venue_peer_stop(pid_t pid, int signal);
/* Waits until somebody listens on the port. */
void venue_peer_await_port(int port);

/* All that a venue has said, in order. */
struct venue_peer_log {
    const struct venue_ops *ops;
    struct venue *venue;
    size_t count;
    struct venue_event events[VENUE_PEER_EVENTS_MAX];
};

/* The first event from index `from` on that has this type and, when order_id is not NULL, is about that
 * order; drains the venue until it comes. Returns its index; the test fails after VENUE_PEER_WAIT_MS, saying
 * what did come. */
size_t venue_peer_await(struct venue_peer_log *log, size_t from, enum venue_event_type type,
                        const struct uuid *order_id);

/* Takes what the venue says during so long. */
void venue_peer_listen(struct venue_peer_log *log, int milliseconds);

/* How many events from index `from` on have this type. */
size_t venue_peer_count(const struct venue_peer_log *log, size_t from, enum venue_event_type type);

/* A fresh DAY order. */
struct venue_order venue_peer_order(const char *symbol, enum side side, enum order_type type,
                                    const char *quantity, const char *price);
struct uuid venue_peer_id(void);
struct decimal venue_peer_decimal(const char *text);

#endif
