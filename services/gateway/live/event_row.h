/* SPDX-License-Identifier: Apache-2.0 */
/* An event as events_after.sql gives it: what its frame needs. */
#ifndef OXE_GATEWAY_EVENT_ROW_H
#define OXE_GATEWAY_EVENT_ROW_H

#include <libpq-fe.h>

#include "proto/proto.h"

void event_row_read(const PGresult *rows, int row, struct event *ret_event);

#endif
