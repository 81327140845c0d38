/* SPDX-License-Identifier: Apache-2.0 */
/* The event of what happened to an order: pure. */
#ifndef OXE_RISK_MANAGER_ORDER_EVENT_H
#define OXE_RISK_MANAGER_ORDER_EVENT_H

#include "proto/proto.h"

/* Appends an event that tells the order as it is, without reason and message, and returns it. */
struct event *order_event_add(struct event_batch *events, const struct order_view *order,
                              enum audit_action action, const char actor[static ACTOR_MAX],
                              const struct envelope *request, struct instant now, struct uuid_source *ids);

#endif
