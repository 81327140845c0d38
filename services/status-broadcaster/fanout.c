/* SPDX-License-Identifier: Apache-2.0 */
#include "services/status-broadcaster/fanout.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/event_frame.h"

_Static_assert(sizeof(((struct logged_events *)0)->events) / sizeof(struct logged_event) == FANOUT_EVENTS_MAX,
               "a message fits");

/* The slot of a trader, or the empty one where it belongs; half of the slots are always empty. */
static uint16_t *find_slot(struct fanout *fanout, struct uuid trader_id)
{
    size_t at = (size_t)uuid_hash(trader_id) % FANOUT_SLOTS;

    while (fanout->slots[at] != 0 && uuid_compare(fanout->traders[fanout->slots[at] - 1].id, trader_id) != 0)
        at = (at + 1) % FANOUT_SLOTS;
    return &fanout->slots[at];
}

void fanout_group(struct fanout *fanout, const struct logged_events *message)
{
    assert(message->events_count <= FANOUT_EVENTS_MAX);
    fanout->trader_count = 0;
    fanout->event_count = 0;
    memset(fanout->slots, 0, sizeof(fanout->slots));
    for (size_t i = 0; i < message->events_count; i++) {
        const struct logged_event *logged = &message->events[i];
        uint16_t at = (uint16_t)i;
        if (!logged->has_trader_seq || !logged->event.has_trader_id)
            continue;
        fanout->event_count++;
        fanout->next[at] = at;
        uint16_t *slot = find_slot(fanout, logged->event.trader_id);
        if (*slot == 0) {
            fanout->traders[fanout->trader_count] =
                (struct fanout_trader){.id = logged->event.trader_id, .first = at, .last = at};
            *slot = (uint16_t)++fanout->trader_count;
            continue;
        }
        struct fanout_trader *trader = &fanout->traders[*slot - 1];
        fanout->next[trader->last] = at;
        trader->last = at;
    }
}

int fanout_render(const struct fanout *fanout, const struct logged_events *message, size_t trader,
                  struct buffer *payload)
{
    int frames = 0;
    uint16_t at = fanout->traders[trader].first;

    assert(trader < fanout->trader_count);
    buffer_clear(payload);
    for (;;) {
        const struct logged_event *logged = &message->events[at];
        int r = event_frame_add_line(&logged->event, logged->trader_seq, payload);
        if (r < 0 && r != -EINVAL) /* which is nothing that a trader is told */
            return r;
        frames += r == 0;
        if (at == fanout->traders[trader].last)
            return buffer_failed(payload) ? payload->error : frames;
        at = fanout->next[at];
    }
}
