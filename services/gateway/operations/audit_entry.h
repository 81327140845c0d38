/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of the audit log as the contract's AuditEntry: a JSON object, or a row of CSV (RFC 4180);
 * and as the tree has it (docs/audit.md). Pure.
 *
 * An entry has every field that its hash covers (docs/audit.md), so that anybody can recompute it.
 * It takes the columns as PostgreSQL writes them, in the contract's order: times are microseconds, NULL is
 * NULL. Values stay exact; in CSV what is null is empty, and a text that begins with = + - @ (full-width ones
 * too), a tab, CR, LF or ' has a ' before it, so that no spreadsheet takes it for a formula. Numbers have
 * none. */
#ifndef OXE_GATEWAY_AUDIT_ENTRY_H
#define OXE_GATEWAY_AUDIT_ENTRY_H

#include "proto/audit_columns.h"

void audit_entry_json(const char *const columns[static AUDIT_COLUMNS], struct buffer *out);
/* With the CRLF that ends a row. */
void audit_entry_csv(const char *const columns[static AUDIT_COLUMNS], struct buffer *out);
void audit_entry_csv_header(struct buffer *out);
/* One of a bundle of C2SP tlog-tiles: the canonical encoding, with its length before it. -EBADMSG: no entry
 * can have this column, so the row was not written by the suite. */
int audit_entry_bundle(const char *const columns[static AUDIT_COLUMNS], struct buffer *out);

#endif
