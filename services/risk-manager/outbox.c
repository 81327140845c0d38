/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/outbox.h"

#include "risk_manager_sql.h"

int outbox_send(struct outbox *outbox, struct db *db, struct instant now)
{
    const struct envelope envelope = {.id = uuid_next(&outbox->ids, now), .sent_at = now};

    buffer_clear(&outbox->bytes);
    int r = event_batch_encode(&envelope, &outbox->events, &outbox->bytes);
    if (r < 0)
        return r;
    struct db_args *args = db_args_begin(db);
    db_args_bytes(args, (const uint8_t *)outbox->bytes.data, outbox->bytes.length);
    (void)db_send(db, SQL_INSERT_OUTBOX, args);
    return 0;
}
