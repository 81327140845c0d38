/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/order_state.h"

#include <errno.h>

#include "common/cleanup.h"

#define AUDIT_ACTION_NONE ((enum audit_action)0)

const struct order_state_step order_state_steps[] = {
#define STEP(from_state, from_status, to_state, to_status, action_, cause)                                   \
    {{EXECUTION_STATE_##from_state, ORDER_STATUS_##from_status},                                             \
     {EXECUTION_STATE_##to_state, ORDER_STATUS_##to_status},                                                 \
     AUDIT_ACTION_##action_},
#include "proto/order_state.def"
};

const size_t order_state_step_count = ARRAY_LEN(order_state_steps);

static const struct order_state states[] = {
#define STATE(state_, status_, begins, meaning) {EXECUTION_STATE_##state_, ORDER_STATUS_##status_},
#include "proto/order_state.def"
};

static bool is_same(struct order_state a, struct order_state b)
{
    return a.state == b.state && a.status == b.status;
}

bool order_state_is_valid(struct order_state state)
{
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (is_same(states[i], state))
            return true;
    }
    return false;
}

static const struct order_state_step *find_step(struct order_state from, struct order_state to)
{
    for (size_t i = 0; i < order_state_step_count; i++) {
        const struct order_state_step *step = &order_state_steps[i];

        if (is_same(step->from, from) && is_same(step->to, to))
            return step;
    }
    return NULL;
}

bool order_state_allows(struct order_state from, struct order_state to)
{
    return is_same(from, to) ? order_state_is_valid(from) : find_step(from, to) != NULL;
}

int order_state_step(struct order_state *state, struct order_state to, enum audit_action *ret_action)
{
    if (!order_state_allows(*state, to))
        return -EPROTO;
    *ret_action = order_state_audit_action(*state, to);
    *state = to;
    return 0;
}

enum audit_action order_state_audit_action(struct order_state from, struct order_state to)
{
    const struct order_state_step *step = find_step(from, to);

    return step == NULL ? AUDIT_ACTION_NONE : step->action;
}

void order_state_render_transitions(struct buffer *out)
{
    for (size_t i = 0; i < order_state_step_count; i++) {
        const struct order_state_step *step = &order_state_steps[i];

        buffer_append_format(out, "%s %s %s %s\n", execution_state_text(step->from.state),
                             order_status_text(step->from.status), execution_state_text(step->to.state),
                             order_status_text(step->to.status));
    }
}
