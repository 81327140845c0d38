/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/outgoing.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "services/risk-manager/answers.h"

static void count_failure(struct risk_manager_parts *parts, size_t target, int r)
{
    if (r < 0)
        metrics_add(parts->service->metrics, METRIC_PUSH_FAILURES, target, 1);
}

int outgoing_answer(struct risk_manager_parts *parts, const struct envelope *request, const char *reply_to,
                    const struct answer *answer, struct instant until)
{
    struct envelope envelope = {.id = request->id, .sent_at = clock_now()};

    memcpy(envelope.trace_id, request->trace_id, sizeof(envelope.trace_id));
    buffer_clear(&parts->out);
    int r = answer_encode(&envelope, answer, &parts->out);
    if (r == 0)
        r = answers_send(parts->answers, reply_to, parts->out.data, parts->out.length, until);
    count_failure(parts, PUSH_ANSWER, r);
    return r;
}

/* What is set in one can be read in the other. */
static_assert(sizeof(struct admitted) == sizeof(struct commanded) &&
                  offsetof(struct admitted, lane) == offsetof(struct commanded, lane) &&
                  offsetof(struct admitted, orders) == offsetof(struct commanded, orders) &&
                  offsetof(struct admitted, orders_count) == offsetof(struct commanded, orders_count),
              "ADMITTED and COMMANDED have the same members");

static int wake_lane(struct risk_manager_parts *parts, int lane, enum message_type type,
                     const struct outgoing_wake *wakes, size_t count)
{
    struct envelope envelope = {.sent_at = clock_now()};
    union {
        struct admitted admitted;
        struct commanded commanded;
    } message;
    struct admitted *admitted = &message.admitted;

    admitted->lane = (uint64_t)lane;
    admitted->orders_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (wakes[i].lane != lane)
            continue;
        envelope.id = wakes[i].message_id;
        admitted->orders[admitted->orders_count++].order_id = wakes[i].order_id;
    }
    if (admitted->orders_count == 0)
        return 0;
    buffer_clear(&parts->out);
    int r = type == MESSAGE_ADMITTED ? admitted_encode(&envelope, admitted, &parts->out)
                                     : commanded_encode(&envelope, &message.commanded, &parts->out);
    return r == 0 ? pipe_send(parts->lanes[lane], parts->out.data, parts->out.length) : r;
}

void outgoing_wake_lanes(struct risk_manager_parts *parts, enum message_type type,
                         const struct outgoing_wake *wakes, size_t count)
{
    for (int lane = 0; count > 0 && lane < (int)parts->config->lanes; lane++)
        count_failure(parts, PUSH_LANE, wake_lane(parts, lane, type, wakes, count));
}

void outgoing_wake_audit_writers(struct risk_manager_parts *parts)
{
    const struct envelope envelope = {.sent_at = clock_now()};
    const struct outbox_wake wake = {};

    buffer_clear(&parts->out);
    if (outbox_wake_encode(&envelope, &wake, &parts->out) < 0)
        return;
    for (size_t i = 0; i < parts->config->audit_writers.count; i++)
        count_failure(parts, PUSH_AUDIT,
                      pipe_send(parts->audit_writers[i], parts->out.data, parts->out.length));
}
