/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/order_event.h"

#include <assert.h>
#include <string.h>

#include "common/cleanup.h"

struct event *order_event_add(struct event_batch *events, const struct order_view *order,
                              enum audit_action action, const char actor[static ACTOR_MAX],
                              const struct envelope *request, struct instant now, struct uuid_source *ids)
{
    assert(events->events_count < ARRAY_LEN(events->events));
    struct event *event = &events->events[events->events_count++];
    *event = (struct event){
        .event_id = uuid_next(ids, now),
        .has_order_id = true,
        .order_id = order->id,
        .has_trader_id = true,
        .trader_id = order->trader_id,
        .action = action,
        .has_status = true,
        .status = order->status,
        .has_execution_state = true,
        .execution_state = order->execution_state,
        .has_quantity = true,
        .quantity = order->quantity,
        .has_price = order->has_price,
        .price = order->price,
        .has_total_filled = true,
        .total_filled = order->filled_quantity,
        .has_average_price = order->has_average_price,
        .average_price = order->average_price,
        .occurred_at = now,
        .has_trace_id = envelope_has_trace(request),
        .has_side = true,
        .side = order->side,
    };
    memcpy(event->trace_id, request->trace_id, sizeof(event->trace_id));
    memcpy(event->symbol, order->symbol, sizeof(event->symbol));
    memcpy(event->actor, actor, sizeof(event->actor));
    return event;
}
