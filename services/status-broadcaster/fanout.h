/* SPDX-License-Identifier: Apache-2.0 */
/* From one message of logged events to one Redis message per trader: which frames go to whom. Pure.
 *
 * Events of no trader (halts) go to nobody. */
#ifndef OXE_STATUS_BROADCASTER_FANOUT_H
#define OXE_STATUS_BROADCASTER_FANOUT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/proto.h"

enum {
    FANOUT_EVENTS_MAX = 1024, /* as a LOGGED_EVENTS holds */
    FANOUT_SLOTS = 2 * FANOUT_EVENTS_MAX,
};

struct fanout_trader {
    struct uuid id;
    uint16_t first; /* indexes into the message's events */
    uint16_t last;
};

struct fanout {
    struct fanout_trader traders[FANOUT_EVENTS_MAX]; /* in the order in which they appear */
    size_t trader_count;
    size_t event_count;               /* of all traders */
    uint16_t next[FANOUT_EVENTS_MAX]; /* the same trader's next event; itself at the end */
    uint16_t slots[FANOUT_SLOTS];     /* hash table: index into traders + 1, 0 is empty */
};

/* Groups the message's events by trader. */
void fanout_group(struct fanout *fanout, const struct logged_events *message);

/* Replaces *payload with the frames of one trader. Returns how many there are, -ENOBUFS or -ENOMEM. */
int fanout_render(const struct fanout *fanout, const struct logged_events *message, size_t trader,
                  struct buffer *payload);

#endif
