/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/audit_entry.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/json.h"

static struct instant instant_of(const char *us)
{
    return (struct instant){strtoll(us, NULL, 10)};
}

void audit_entry_json(const char *const columns[static AUDIT_COLUMNS], struct buffer *out)
{
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        buffer_append_text(out, i == 0 ? "{\"" : ",\"");
        buffer_append_text(out, audit_columns[i].name);
        buffer_append_text(out, "\":");
        if (audit_column_kind(i) == AUDIT_NUMBER)
            json_append_numeric(out, columns[i]);
        else if (audit_column_kind(i) == AUDIT_TEXT)
            json_append_optional_text(out, columns[i]);
        else
            json_append_instant(out, instant_of(columns[i]));
    }
    buffer_append_char(out, '}');
}

/* Whether a spreadsheet could take the cell for a formula. What begins with our own mark is marked too, so
 * that a reader may take one mark from each cell that has one. */
static bool needs_mark(const char *text)
{
    static const char *const full_width[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                             "\xef\xbc\xa0"}; /* = + - @ */

    for (size_t i = 0; *text == full_width[0][0] && i < ARRAY_LEN(full_width); i++) {
        if (strncmp(text, full_width[i], 3) == 0)
            return true;
    }
    return *text != '\0' && strchr("=+-@\t\r\n'", *text) != NULL;
}

static void append_csv_text(struct buffer *out, const char *text)
{
    bool quoted = text[strcspn(text, "\",\r\n")] != '\0';

    if (quoted)
        buffer_append_char(out, '"');
    if (needs_mark(text))
        buffer_append_char(out, '\'');
    if (!quoted) {
        buffer_append_text(out, text);
        return;
    }
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buffer_append_char(out, '"');
        buffer_append_char(out, *text);
    }
    buffer_append_char(out, '"');
}

void audit_entry_csv(const char *const columns[static AUDIT_COLUMNS], struct buffer *out)
{
    char instant[INSTANT_TEXT_MAX];

    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        if (columns[i] == NULL)
            continue;
        if (audit_column_kind(i) == AUDIT_NUMBER)
            json_append_numeric(out, columns[i]);
        else if (audit_column_kind(i) == AUDIT_TEXT)
            append_csv_text(out, columns[i]);
        else
            buffer_append(out, instant, instant_format(instant_of(columns[i]), instant));
    }
    buffer_append_text(out, "\r\n");
}

void audit_entry_csv_header(struct buffer *out)
{
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        buffer_append_text(out, audit_columns[i].name);
    }
    buffer_append_text(out, "\r\n");
}

int audit_entry_bundle(const char *const columns[static AUDIT_COLUMNS], struct buffer *out)
{
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX];
    struct audit_entry entry;
    enum audit_column bad;
    int r = audit_columns_read(columns, &entry, &bad);

    if (r < 0)
        return r;
    size_t length = audit_leaf_encode(&entry, encoding);
    const uint8_t head[] = {(uint8_t)(length >> 8), (uint8_t)length};
    buffer_append(out, head, sizeof(head));
    buffer_append(out, encoding, length);
    return 0;
}
