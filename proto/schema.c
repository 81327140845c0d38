/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/schema.h"

#include "common/cleanup.h"

#define ENUM_NAME(type)                                                                                      \
    static const char *type##_name(uint32_t number)                                                          \
    {                                                                                                        \
        const char *text = type##_text((enum type)number);                                                   \
        return text == NULL || text[0] == '\0' ? NULL : text;                                                \
    }                                                                                                        \
    _Static_assert(sizeof(enum type) == sizeof(uint32_t), "the codec reads an enum as uint32_t");

ENUM_NAME(side)
ENUM_NAME(order_type)
ENUM_NAME(time_in_force)
ENUM_NAME(order_status)
ENUM_NAME(execution_state)
ENUM_NAME(audit_action)
ENUM_NAME(order_command_kind)
ENUM_NAME(resolve_action)
ENUM_NAME(halt_scope)
ENUM_NAME(answer_outcome)

/* clang-format off */
#define IS_REQUIRED true
#define IS_OPTIONAL false
#define FLAG_REQUIRED(r, n) .required = true
#define FLAG_OPTIONAL(r, n) .has_flag = true, .flag_offset = offsetof(struct r, has_##n)
#define FIELD(k, r, t, n, m) .tag = (t), .kind = SCHEMA_##k, .offset = offsetof(struct r, n), .name = #n, .meaning = m

/* The table of fields first, then the record, because fields of later records point to it. */
#define FIELDS_BEGIN(r) static const struct schema_field r##_fields[] = {
#define FIELDS_END(r)   }; const struct schema_record schema_##r = {#r, sizeof(struct r), r##_fields, ARRAY_LEN(r##_fields)};

#define RECORD_BEGIN(r, m)                     FIELDS_BEGIN(r)
#define RECORD_END(r)                          FIELDS_END(r)
#define MESSAGE_BEGIN(r, upper, type, path, m) FIELDS_BEGIN(r)
#define MESSAGE_END(r)                         FIELDS_END(r)

#define FIELD_U64(r, t, n, p, m)             {FIELD(U64, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_I64(r, t, n, p, m)             {FIELD(I64, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_BOOL(r, t, n, p, m)            {FIELD(BOOL, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_INSTANT(r, t, n, p, m)         {FIELD(INSTANT, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_DECIMAL(r, t, n, p, m)         {FIELD(DECIMAL, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_UUID(r, t, n, p, m)            {FIELD(UUID, r, t, n, m), FLAG_##p(r, n)},
#define FIELD_TEXT(r, t, n, max, p, m)       {FIELD(TEXT, r, t, n, m), .required = IS_##p, .bound = (max)},
#define FIELD_BYTES(r, t, n, size, p, m)     {FIELD(BYTES, r, t, n, m), FLAG_##p(r, n), .bound = (size)},
#define FIELD_ENUM(r, t, n, type_, p, m)     {FIELD(ENUM, r, t, n, m), FLAG_##p(r, n), .enum_text = type_##_name, .type = #type_},
#define FIELD_MSG(r, t, n, type_, p, m)      {FIELD(MSG, r, t, n, m), FLAG_##p(r, n), .record = &schema_##type_, .type = #type_},
#define FIELD_LIST(r, t, n, type_, max, p, m) {FIELD(LIST, r, t, n, m), .required = IS_##p, .bound = (max), \
                                               .flag_offset = offsetof(struct r, n##_count), .record = &schema_##type_, .type = #type_},
#include "proto/messages.def"

const struct schema_entry schema_entries[] = {
#define RECORD_BEGIN(r, m)                       {.record = &schema_##r, .meaning = m},
#define MESSAGE_BEGIN(r, upper_, type_, path, m) {.record = &schema_##r, .meaning = m, .type = (type_), .upper = #upper_, .route = path},
#include "proto/messages.def"
};
/* clang-format on */

const size_t schema_entry_count = ARRAY_LEN(schema_entries);

/* Of what tells by being zero that it is absent; the first byte does so of a text. */
static size_t value_size(const struct schema_field *field)
{
    switch (field->kind) {
    case SCHEMA_INT:
        return sizeof(int);
    case SCHEMA_U64:
    case SCHEMA_I64:
    case SCHEMA_INSTANT:
    case SCHEMA_DECIMAL:
        return sizeof(int64_t);
    case SCHEMA_UUID:
        return sizeof(struct uuid);
    case SCHEMA_BYTES:
        return field->bound;
    default:
        return 1;
    }
}

bool schema_field_is_present(const struct schema_field *field, const char *message)
{
    if (field->has_flag)
        return *(const bool *)(message + field->flag_offset);
    if (field->required)
        return true;
    if (field->kind == SCHEMA_LIST)
        return *(const size_t *)(message + field->flag_offset) > 0;
    for (size_t i = 0; i < value_size(field); i++) {
        if (message[field->offset + i] != '\0')
            return true;
    }
    return false;
}

const struct schema_record *schema_message(uint32_t type)
{
    switch (type) {
#define MESSAGE_BEGIN(r, upper, type, route, meaning)                                                        \
    case type:                                                                                               \
        return &schema_##r;
#include "proto/messages.def"
    default:
        return NULL;
    }
}

const char *message_type_text(uint32_t type)
{
    switch (type) {
#define MESSAGE_BEGIN(r, upper, type, route, meaning)                                                        \
    case type:                                                                                               \
        return #upper;
#include "proto/messages.def"
    default:
        return NULL;
    }
}
