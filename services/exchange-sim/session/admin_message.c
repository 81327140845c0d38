/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/session/admin_message.h"

#include <assert.h>
#include <string.h>

#include "common/cleanup.h"

enum { USER_TAG_MIN = 5000 };

enum field_kind { KIND_TEXT, KIND_NUMBER, KIND_BOOL, KIND_GROUP };

static const struct field_rule {
    uint32_t tag;
    enum field_kind kind;                 /* KIND_GROUP: of any text, and it may be repeated */
    const char *allowed_in, *required_by; /* one letter per message type */
} rules[] = {
    {FIX_BEGIN_SEQ_NO, KIND_NUMBER, "2", "2"},
    {FIX_END_SEQ_NO, KIND_NUMBER, "2", "2"},
    {FIX_NEW_SEQ_NO, KIND_NUMBER, "4", "4"},
    {FIX_REF_SEQ_NUM, KIND_NUMBER, "3", "3"},
    {FIX_TEXT, KIND_TEXT, "35", ""},
    {FIX_SIGNATURE, KIND_TEXT, "0A12345", ""},
    {FIX_SIGNATURE_LENGTH, KIND_NUMBER, "0A12345", ""},
    {FIX_RAW_DATA_LENGTH, KIND_NUMBER, "A", ""},
    {FIX_RAW_DATA, KIND_TEXT, "A", ""},
    {FIX_ENCRYPT_METHOD, KIND_TEXT, "A", ""},
    {FIX_HEART_BT_INT, KIND_TEXT, "A", ""},
    {FIX_TEST_REQ_ID, KIND_TEXT, "01", "1"},
    {FIX_GAP_FILL_FLAG, KIND_BOOL, "4", ""},
    {FIX_RESET_SEQ_NUM_FLAG, KIND_TEXT, "A", ""},
    {FIX_ENCODED_TEXT_LEN, KIND_NUMBER, "35", ""},
    {FIX_ENCODED_TEXT, KIND_TEXT, "35", ""},
    {FIX_REF_TAG_ID, KIND_NUMBER, "3", ""},
    {FIX_REF_MSG_TYPE, KIND_GROUP, "3A", ""},
    {FIX_SESSION_REJECT_REASON, KIND_NUMBER, "3", ""},
    {FIX_MAX_MESSAGE_SIZE, KIND_NUMBER, "A", ""},
    {FIX_NO_MSG_TYPES, KIND_NUMBER, "A", ""},
    {FIX_MSG_DIRECTION, KIND_GROUP, "A", ""},
    {FIX_TEST_MESSAGE_INDICATOR, KIND_BOOL, "A", ""},
    {FIX_USERNAME, KIND_TEXT, "A", ""},
    {FIX_PASSWORD, KIND_TEXT, "A", ""},
    {FIX_NEXT_EXPECTED_MSG_SEQ_NUM, KIND_NUMBER, "A", ""},
};

static_assert(ARRAY_LEN(rules) <= 32, "a bit for each rule");

static const struct fix_fault valid = {.kind = FIX_VALID};

static struct fix_fault check_value(const struct fix_field *field, enum field_kind kind)
{
    uint64_t number;
    bool flag;
    switch (kind) {
    case KIND_NUMBER:
        return fix_check_number(field, &number);
    case KIND_BOOL:
        return fix_check_bool(field, &flag);
    case KIND_TEXT:
    case KIND_GROUP:
        break;
    }
    return valid;
}

static struct fix_fault check_field(const struct fix_field *field, char type, uint32_t *seen)
{
    size_t rule = 0;
    while (rule < ARRAY_LEN(rules) &&
           (rules[rule].tag != field->tag || strchr(rules[rule].allowed_in, type) == NULL))
        rule++;
    if (rule == ARRAY_LEN(rules))
        return field->tag >= USER_TAG_MIN ? valid : fix_faulty(FIX_REASON_TAG_NOT_DEFINED, field->tag);
    if ((*seen & 1U << rule) != 0 && rules[rule].kind != KIND_GROUP)
        return fix_faulty(FIX_REASON_TAG_REPEATED, field->tag);
    *seen |= 1U << rule;
    return check_value(field, rules[rule].kind);
}

struct fix_fault admin_message_check(const struct fix_message *message)
{
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    struct fix_fault fault = valid;
    uint32_t seen = 0;
    if (type == '\0' || strchr("0A12345", type) == NULL)
        return valid;
    for (size_t i = message->body_begin; i < message->field_count && fault.kind == FIX_VALID; i++)
        fault = check_field(&message->fields[i], type, &seen);
    for (size_t rule = 0; rule < ARRAY_LEN(rules) && fault.kind == FIX_VALID; rule++)
        if ((seen & 1U << rule) == 0 && strchr(rules[rule].required_by, type) != NULL)
            fault = fix_faulty(FIX_REASON_REQUIRED_TAG_MISSING, rules[rule].tag);
    return fault;
}
