/* SPDX-License-Identifier: Apache-2.0 */
/* What can be shown of one order from outside, for tests against an instance (tests/support/instance.h): how
 * it ended, its trail and its events, the trader's money and position, and what the exchange itself knows.
 * Also the exchange's faults.
 *
 * Whatever is not as it should be fails the running Criterion test. Waits end with the event; their bounds
 * only keep a test from hanging. Strings that are returned are the caller's to free. */
#ifndef OXE_TESTS_SUPPORT_PROOF_H
#define OXE_TESTS_SUPPORT_PROOF_H

#include "tests/support/instance.h"

enum { PROOF_WAIT_MS = 60000 };

/* Submits, expects 201; returns the order's id. */
char *proof_submit(const char *token, const char *body);
/* Waits until the order is DONE; it has this status and so much of it is filled. */
void proof_ended(const char *token, const char *order_id, const char *status, const char *filled);
/* Its audit entries are these actions ("SUBMITTED APPROVED …"), and so are its events; ACKNOWLEDGED left out.
 */
void proof_story(const char *token, const char *order_id, const char *actions);
/* A member of the newest audit entry with this action: "reason", "message", "total_filled" …; "" when there
 * is none. */
char *proof_entry(const char *token, const char *order_id, const char *action, const char *member);

void proof_account(const char *token, const char *cash, const char *reserved, const char *open_orders);
/* "0": none. */
void proof_position(const char *token, const char *symbol, const char *quantity);

/* Status and filled quantity of the order at the exchange ("CANCELLED 30"), or "" when it never had it. */
char *proof_at_exchange(const char *order_id);
/* One line for the control port: "fault refuse message=cancel". Returns the answer. */
char *proof_exchange(const char *line);

#endif
