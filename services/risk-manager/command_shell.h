/* SPDX-License-Identifier: Apache-2.0 */
/* The commands' way through the risk-manager: taken from the pipe of checked orders, gathered, recorded in a
 * transaction of their own after the orders' batch, answered, and told to the lanes.
 *
 * They neither wait for admission nor hold it up: a full outbox, a halt or a refused order does not touch
 * them. While the outcome of a COMMIT is being asked for, those that come are refused. */
#ifndef OXE_RISK_MANAGER_COMMAND_SHELL_H
#define OXE_RISK_MANAGER_COMMAND_SHELL_H

#include "services/risk-manager/parts.h"

struct command_shell;

/* -ENOMEM. */
int command_shell_create(struct risk_manager_parts *parts, struct command_shell **ret_commands);
void command_shell_destroy(struct command_shell **commands);

/* Tells each lane's owner of the batch's accepted commands, again when one is repeated. */
struct command_batch;
void command_shell_wake_lanes(struct risk_manager_parts *parts, const struct command_batch *batch);

/* Whether one more can be taken. */
bool command_shell_have_room(const struct command_shell *commands);
/* Takes an encoded ORDER_COMMAND, which has waited waited_max_us at most (deadline.h). -EBADMSG. */
int command_shell_take(struct command_shell *commands, const uint8_t *bytes, size_t length,
                       int64_t waited_max_us);

/* Records and answers what was taken. The connection should be there; without it all are refused, but for
 * those whose outcome is open. True: events were written, audit-writer is to be woken. */
bool command_shell_process(struct command_shell *commands);
/* How soon to come back; -1: nothing waits. */
int command_shell_wait_ms(const struct command_shell *commands);

#endif
