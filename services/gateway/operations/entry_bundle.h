/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the audit log as the tree has them (docs/audit.md), in a bundle of C2SP tlog-tiles: the
 * canonical encoding of each, with its length before it. Pure; takes the columns as audit_entry.h does. */
#ifndef OXE_GATEWAY_ENTRY_BUNDLE_H
#define OXE_GATEWAY_ENTRY_BUNDLE_H

#include "services/gateway/operations/audit_entry.h"

/* Appends one entry. -EBADMSG: no entry can have this column, so the row was not written by the
 * suite. */
int entry_bundle_append(const char *const columns[static AUDIT_COLUMNS], struct buffer *out);

#endif
