/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the risk-manager: answers to the gateways, wakes to lanes and audit-writers. Whom a wake does
 * not reach finds by its sweep what it was about. */
#ifndef OXE_RISK_MANAGER_OUTGOING_H
#define OXE_RISK_MANAGER_OUTGOING_H

#include "proto/proto.h"
#include "services/risk-manager/parts.h"

/* One order that its lane's owner is to be told of. */
struct outgoing_wake {
    int lane;
    struct uuid order_id;
    struct uuid message_id; /* of the request */
};

/* Answers the request, or keeps the answer until then (answers.h). Errors are answers_send's and counted. */
int outgoing_answer(struct risk_manager_parts *parts, const struct envelope *request, const char *reply_to,
                    const struct answer *answer, struct instant until);
/* MESSAGE_ADMITTED or MESSAGE_COMMANDED to the owner of each lane that is named. */
void outgoing_wake_lanes(struct risk_manager_parts *parts, enum message_type type,
                         const struct outgoing_wake *wakes, size_t count);
void outgoing_wake_audit_writers(struct risk_manager_parts *parts);

#endif
