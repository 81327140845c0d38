/* SPDX-License-Identifier: Apache-2.0 */
/* The traders' channels in Redis: one connection on h2o's loop that subscribes to them, and reopens itself
 * (50 ms doubling to 2 s).
 *
 * Redis carries wake-ups and frames, never the truth: whatever it loses is read from the log. */
#ifndef OXE_GATEWAY_CHANNELS_H
#define OXE_GATEWAY_CHANNELS_H

#include <h2o.h>
#include <stdbool.h>

#include "common/log.h"
#include "common/uuid.h"

struct channels;

struct channels_events {
    void (*changed)(void *context, bool up); /* nothing is subscribed */
    void (*subscribed)(void *context, struct uuid trader_id);
    /* payload: lines of proto/event_frame.h */
    void (*message)(void *context, struct uuid trader_id, const char *payload, size_t length);
};

/* url, password: as cache_create. -EINVAL, -ENOMEM. Connects nothing yet. */
int channels_create(h2o_loop_t *loop, const char *url, const char *password,
                    const struct channels_events *events, void *context, const struct log *log,
                    struct channels **ret_channels);
void channels_destroy(struct channels **channels);

bool channels_is_up(const struct channels *channels);
/* Without effect while it is not up. */
void channels_subscribe(struct channels *channels, struct uuid trader_id);
void channels_unsubscribe(struct channels *channels, struct uuid trader_id);
/* Reconnects; once a pass of the loop. */
void channels_tick(struct channels *channels, int64_t now_us);

#endif
