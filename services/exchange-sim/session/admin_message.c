/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/session/admin_message.h"

#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/fix/message_rules.h"

static const struct message_rule rules[] = {
    {FIX_BEGIN_SEQ_NO, FIX_KIND_NUMBER, "2", "2"},
    {FIX_END_SEQ_NO, FIX_KIND_NUMBER, "2", "2"},
    {FIX_NEW_SEQ_NO, FIX_KIND_NUMBER, "4", "4"},
    {FIX_REF_SEQ_NUM, FIX_KIND_NUMBER, "3", "3"},
    {FIX_TEXT, FIX_KIND_TEXT, "35", ""},
    {FIX_SIGNATURE, FIX_KIND_TEXT, "0A12345", ""},
    {FIX_SIGNATURE_LENGTH, FIX_KIND_NUMBER, "0A12345", ""},
    {FIX_RAW_DATA_LENGTH, FIX_KIND_NUMBER, "A", ""},
    {FIX_RAW_DATA, FIX_KIND_TEXT, "A", ""},
    {FIX_ENCRYPT_METHOD, FIX_KIND_TEXT, "A", ""},
    {FIX_HEART_BT_INT, FIX_KIND_TEXT, "A", ""},
    {FIX_TEST_REQ_ID, FIX_KIND_TEXT, "01", "1"},
    {FIX_GAP_FILL_FLAG, FIX_KIND_BOOL, "4", ""},
    {FIX_RESET_SEQ_NUM_FLAG, FIX_KIND_TEXT, "A", ""},
    {FIX_ENCODED_TEXT_LEN, FIX_KIND_NUMBER, "35", ""},
    {FIX_ENCODED_TEXT, FIX_KIND_TEXT, "35", ""},
    {FIX_REF_TAG_ID, FIX_KIND_NUMBER, "3", ""},
    {FIX_REF_MSG_TYPE, FIX_KIND_TEXT, "3A", "", .repeats = true},
    {FIX_SESSION_REJECT_REASON, FIX_KIND_NUMBER, "3", ""},
    {FIX_MAX_MESSAGE_SIZE, FIX_KIND_NUMBER, "A", ""},
    {FIX_NO_MSG_TYPES, FIX_KIND_NUMBER, "A", ""},
    {FIX_MSG_DIRECTION, FIX_KIND_TEXT, "A", "", .repeats = true},
    {FIX_TEST_MESSAGE_INDICATOR, FIX_KIND_BOOL, "A", ""},
    {FIX_USERNAME, FIX_KIND_TEXT, "A", ""},
    {FIX_PASSWORD, FIX_KIND_TEXT, "A", ""},
    {FIX_NEXT_EXPECTED_MSG_SEQ_NUM, FIX_KIND_NUMBER, "A", ""},
};

struct fix_fault admin_message_check(const struct fix_message *message)
{
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    if (type == '\0' || strchr("0A12345", type) == NULL)
        return (struct fix_fault){.kind = FIX_VALID};
    return message_rules_read(message, type, rules, ARRAY_LEN(rules), true, NULL);
}
