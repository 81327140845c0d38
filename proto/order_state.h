/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an order's life (order_state.def) and the function that steps it.
 *
 * A pure table: who decides what happened asks here whether an order may go there, and writes what the step
 * returns. A step that the table does not have is -EPROTO: log it, count it, put the fact aside. */
#ifndef OXE_PROTO_ORDER_STATE_H
#define OXE_PROTO_ORDER_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "proto/order.h"

struct order_state {
    enum execution_state state;
    enum order_status status;
};

struct order_state_step {
    struct order_state from;
    struct order_state to;
    enum audit_action action; /* that tells of the step; 0 when none does */
};

extern const struct order_state_step order_state_steps[];
extern const size_t order_state_step_count;

/* Whether the pair exists at all. */
bool order_state_is_valid(struct order_state state);
/* Whether an order may go from one pair to the other; staying in a valid pair is allowed. */
bool order_state_allows(struct order_state from, struct order_state to);
/* Moves *state; -EPROTO when the table does not have the step. *ret_action is 0 when no action tells of it,
 * or it stays. */
int order_state_step(struct order_state *state, struct order_state to, enum audit_action *ret_action);
/* The action that tells of the step; 0 when none does, or the order stays, or there is no such step. */
enum audit_action order_state_audit_action(struct order_state from, struct order_state to);
/* Appends one line a step, FROM_STATE FROM_STATUS TO_STATE TO_STATUS, in the order of order_state.def. */
void order_state_render_transitions(struct buffer *out);

#endif
