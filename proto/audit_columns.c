/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/audit_columns.h"

#include <errno.h>
#include <string.h>

#include "proto/row.h"

#define ENTRY(column, member) ROW_FIELD(struct audit_entry, column, member)
#define EVENT(column)         ROW_FIELD(struct audit_entry, column, event.column)
#define EVENT_TEXT(column)    ROW_OPTIONAL(struct audit_entry, column, event.column)
#define EVENT_FLAGGED(column) ROW_FLAGGED(struct audit_entry, column, event.has_##column, event.column)
#define EVENT_WORD_FLAGGED(column, text)                                                                     \
    ROW_FLAGGED_WORD(struct audit_entry, column, event.has_##column, event.column, text)

/* Of no member: the hash is computed from all others. */
#define COMPUTED_TEXT(column)                                                                                \
    {                                                                                                        \
        .name = #column, .kind = SCHEMA_TEXT                                                                 \
    }
#define COLUMN(name, field) [AUDIT_COLUMN_##name] = field,

const struct schema_field audit_columns[AUDIT_COLUMNS] = {AUDIT_COLUMN_LIST(COLUMN)};

enum audit_column_kind audit_column_kind(size_t column)
{
    switch (audit_columns[column].kind) {
    case SCHEMA_U64:
    case SCHEMA_DECIMAL:
        return AUDIT_NUMBER;
    case SCHEMA_INSTANT:
        return AUDIT_INSTANT;
    default:
        return AUDIT_TEXT;
    }
}

int audit_columns_read(const char *const columns[static AUDIT_COLUMNS], struct audit_entry *ret_entry,
                       enum audit_column *ret_column)
{
    *ret_entry = (struct audit_entry){0};
    for (enum audit_column column = 0; column < AUDIT_COLUMNS; column++) {
        const char *text = columns[column];
        if (column == AUDIT_COLUMN_HASH)
            continue;
        if (row_set_field(&audit_columns[column], text, text == NULL ? 0 : strlen(text), ret_entry) < 0) {
            *ret_column = column;
            return -EBADMSG;
        }
    }
    return 0;
}
