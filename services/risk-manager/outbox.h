/* SPDX-License-Identifier: Apache-2.0 */
/* Events on their way into the outbox, in the transaction that they tell of. */
#ifndef OXE_RISK_MANAGER_OUTBOX_H
#define OXE_RISK_MANAGER_OUTBOX_H

#include "common/db.h"
#include "proto/proto.h"

/* Begins as zeros; the bytes are released by who has it. Large: on the heap. */
struct outbox {
    struct event_batch events; /* to be sent */
    struct uuid_source ids;
    struct buffer bytes;
};

/* Sends the events with the batch that is open. After an error (-EINVAL, -ENOMEM) they are not in it. */
int outbox_send(struct outbox *outbox, struct db *db, struct instant now);

#endif
