/* SPDX-License-Identifier: Apache-2.0 */
/* What a FIX 4.4 application message means to the executor. Pure: the message's fields go in, venue events
 * come out.
 *
 * One message yields one event, but for market data, which yields one VENUE_PRICE for each trade in it, or
 * none: its number is reported with the administrative messages then. An event's `message` is the caller's.
 * What cannot be understood is VENUE_UNEXPECTED with a text that says why; nothing is dropped in silence. */
#ifndef OXE_EXECUTOR_VENUE_FIX_MAP_H
#define OXE_EXECUTOR_VENUE_FIX_MAP_H

#include "services/executor/fix/fix_frame.h"
#include "services/executor/venue.h"

/* What one of our own messages was about, by which a Reject(3) or BusinessMessageReject(j) of it is
 * understood. */
enum venue_fix_request {
    VENUE_FIX_NONE,
    VENUE_FIX_SUBMIT,
    VENUE_FIX_CANCEL,
    VENUE_FIX_REPLACE,
    VENUE_FIX_QUERY,
};

struct venue_fix_reference {
    enum venue_fix_request request; /* NONE: not known which message was refused */
    struct uuid order_id;
};

/* Returns how many times `emit` was called. `report` was read without a fault (fix_frame_read); `received`
 * stands in for an absent TransactTime. */
int venue_fix_map(int lane, const struct fix_frame_message *report,
                  const struct venue_fix_reference *reference, struct instant received,
                  venue_event_handler *emit, void *context);

#endif
