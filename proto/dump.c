/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/codec.h"
#include "proto/json.h"

static void append_list(struct buffer *out, const struct schema_field *field, const char *message)
{
    size_t count = *(const size_t *)(message + field->flag_offset);

    buffer_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        dump_render(field->record, message + field->offset + i * field->record->size, out);
    }
    buffer_append_char(out, ']');
}

void dump_render(const struct schema_record *record, const void *message, struct buffer *out)
{
    const char *separator = "";

    buffer_append_char(out, '{');
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];

        if (!schema_field_is_present(field, message))
            continue;
        buffer_append_format(out, "%s\"%s\":", separator, field->name);
        if (field->kind == SCHEMA_MSG)
            dump_render(field->record, (const char *)message + field->offset, out);
        else if (field->kind == SCHEMA_LIST)
            append_list(out, field, message);
        else
            json_append_field(out, field, message);
        separator = ",";
    }
    buffer_append_char(out, '}');
}

static void append_envelope(struct buffer *out, const struct envelope *envelope)
{
    static const uint8_t none[TRACE_ID_BYTES] = {0};

    buffer_append_format(out, "{\"type\":\"%s\",\"id\":", message_type_text(envelope->type));
    json_append_uuid(out, envelope->id);
    if (memcmp(envelope->trace_id, none, sizeof(none)) != 0) {
        buffer_append_text(out, ",\"trace_id\":\"");
        buffer_append_hex(out, envelope->trace_id, sizeof(envelope->trace_id));
        buffer_append_char(out, '"');
    }
    buffer_append_text(out, ",\"sent_at\":");
    json_append_instant(out, envelope->sent_at);
    if (envelope->deadline.us != 0) {
        buffer_append_text(out, ",\"deadline\":");
        json_append_instant(out, envelope->deadline);
    }
    buffer_append_text(out, ",\"body\":");
}

int dump_render_bytes(const uint8_t *bytes, size_t length, bool with_envelope, struct buffer *out)
{
    struct envelope envelope;

    int r = envelope_decode(bytes, length, &envelope);
    if (r < 0)
        return r;
    const struct schema_record *record = schema_message(envelope.type);
    if (record == NULL)
        return -EBADMSG;
    CLEANUP_FREE void *message = calloc(1, record->size);
    if (message == NULL)
        return -ENOMEM;
    r = codec_decode(envelope.type, bytes, length, &envelope, message);
    if (r < 0)
        return r;
    if (with_envelope)
        append_envelope(out, &envelope);
    dump_render(record, message, out);
    buffer_append_text(out, with_envelope ? "}\n" : "\n");
    return out->error;
}

static void append_kind(struct buffer *out, const struct schema_field *field)
{
    static const char *const names[] = {
        [SCHEMA_U64] = "u64",         [SCHEMA_I64] = "i64",         [SCHEMA_BOOL] = "bool",
        [SCHEMA_INSTANT] = "instant", [SCHEMA_DECIMAL] = "decimal", [SCHEMA_UUID] = "uuid",
        [SCHEMA_ENUM] = "number",
    };

    if (field->kind == SCHEMA_TEXT)
        buffer_append_format(out, "text, at most %zu bytes", field->bound - 1);
    else if (field->kind == SCHEMA_BYTES)
        buffer_append_format(out, "%zu bytes", field->bound);
    else if (field->kind == SCHEMA_MSG)
        buffer_append_format(out, "`%s`", field->type);
    else if (field->kind == SCHEMA_LIST)
        buffer_append_format(out, "list of at most %zu `%s`", field->bound, field->type);
    else if (field->kind == SCHEMA_ENUM)
        buffer_append_format(out, "number of `%s`", field->type);
    else
        buffer_append_text(out, names[field->kind]);
}

static void append_fields(struct buffer *out, const struct schema_record *record)
{
    buffer_append_text(out, "\n| tag | field | kind | | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];

        buffer_append_format(out, "| %u | `%s` | ", field->tag, field->name);
        append_kind(out, field);
        buffer_append_format(out, " | %s | %s |\n", field->required ? "required" : "optional",
                             field->meaning);
    }
}

void dump_render_readme(struct buffer *out)
{
    buffer_append_text(out, "| type | message | way | meaning |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < schema_entry_count; i++) {
        const struct schema_entry *entry = &schema_entries[i];

        if (entry->type != 0)
            buffer_append_format(out, "| %u | `%s` | %s | %s |\n", entry->type, entry->record->name,
                                 entry->route, entry->meaning);
    }
    for (size_t i = 0; i < schema_entry_count; i++) {
        const struct schema_entry *entry = &schema_entries[i];

        buffer_append_format(out, "\n### %s\n\n%s: %s.\n", entry->record->name,
                             entry->type != 0 ? entry->route : "record", entry->meaning);
        append_fields(out, entry->record);
    }
}
