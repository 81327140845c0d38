/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true whenever nothing is in flight, whatever has died. Each check returns the offenders as
 * text, one a line, "" when there are none; the caller's to free. A row that was reported before is not
 * reported again, so that each cell answers for itself. */
#ifndef OXE_TESTS_FAULT_CHECKS_H
#define OXE_TESTS_FAULT_CHECKS_H

#include "tests/fault/floor.h"

/* Waits until every admitted order has reached the exchange or its end and every event is logged. */
char *check_settles(struct floor *floor, int timeout_ms);
/* As it is now: the rows of tests/support/invariants.sql, and of exchange_books.sql. */
char *find_broken_invariants(struct floor *floor);
char *find_books_differences(struct floor *floor);

/* tests/support/invariants.sql. Orders that rest fill at any time: a row counts when it stays. */
char *check_invariants(struct floor *floor, int timeout_ms);
/* tests/support/exchange_books.sql: the exchange's own executions and oxe.fills one to one, its own orders
 * and ours. */
char *check_books(struct floor *floor, int timeout_ms);
/* Ids of orders (an array's text) that were acknowledged and are not there. */
char *check_acknowledged(struct floor *floor, const char *ids);
/* Whether a checkpoint comes to cover every entry, the whole log is what was signed, and it begins with the
 * log of the last call. */
char *check_log(struct floor *floor, int timeout_ms);
/* What services have put aside since the last call. */
char *check_put_aside(struct floor *floor);

#endif
