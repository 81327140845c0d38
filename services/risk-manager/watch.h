/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody should be woken for, as figures for the metrics: orders in doubt, orders that wait to be
 * sent, lanes without an owner. Every risk-manager has them, so that no single process is needed to see them.
 *
 * Once a second a page of the open orders is looked at; the figures of orders change when the last page is
 * through, which is at once while they fit into one. */
#ifndef OXE_RISK_MANAGER_WATCH_H
#define OXE_RISK_MANAGER_WATCH_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/db.h"

struct watch_figures {
    int64_t in_doubt;           /* orders */
    int64_t oldest_admitted_us; /* the age of the oldest that is to be sent and that no halt holds; 0: none */
    int64_t lanes_without_owner;
};

/* Begins as zeros. */
struct watch {
    struct watch_figures figures;
    struct watch_figures round; /* of the pages looked at so far */
    int64_t lane;               /* the next page begins behind these */
    struct uuid order_id;
    int64_t looked_us; /* monotonic */
};

/* On a connection with its session set up. Errors are db.h's; the figures stay what they were. */
int watch_look(struct watch *watch, struct db *db, int timeout_ms);

#endif
