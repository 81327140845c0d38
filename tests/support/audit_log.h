/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the audit log for a test, as audit-writer would have written them, thousands at once.
 *
 * Five entries in a row belong to one order of one of three traders; each tenth is a halt instead, of that
 * trader or of everyone. Ten are recorded at a time, one second after the ten before, since this month began.
 * Messages have what CSV has to quote. The log must hold nothing else. */
#ifndef OXE_TESTS_SUPPORT_AUDIT_LOG_H
#define OXE_TESTS_SUPPORT_AUDIT_LOG_H

#include "tests/support/admission_world.h"

enum { AUDIT_LOG_TRADERS = 3 };

/* Appends `count` entries. */
void audit_log_append(struct world *world, int count);
/* When the entry was recorded, RFC 3339 (static, good until the next call). */
const char *audit_log_time(struct world *world, int log_seq);

#endif
