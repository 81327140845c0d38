/* SPDX-License-Identifier: Apache-2.0 */
/* How orders and commands come to the owned lanes: by messages, and by a sweep of the database that finds
 * what no message brought. */
#ifndef OXE_EXECUTOR_INBOX_H
#define OXE_EXECUTOR_INBOX_H

#include "services/executor/shell/state.h"

/* Drains the lanes' pipes, bounded. */
void inbox_receive(struct executor *executor);
/* Looks for commands and recent ADMITTED orders each time, and for all open ones page by page. Errors are the
 * database's. */
int inbox_sweep(struct executor *executor);

#endif
