/* SPDX-License-Identifier: Apache-2.0 */
/* FIX 4.4 by name: the tags of fix_tags.def, message types, and values of fields. What is a character has its
 * code. */
#ifndef OXE_PROTO_FIX_TAG_H
#define OXE_PROTO_FIX_TAG_H

enum fix_tag {
#define FIX_TAG(name, tag, place) FIX_##name = (tag),
#include "proto/fix_tags.def"
};

/* MsgType(35), as far as one letter goes. */
enum fix_type {
    FIX_MSG_HEARTBEAT = '0',
    FIX_MSG_TEST_REQUEST = '1',
    FIX_MSG_RESEND_REQUEST = '2',
    FIX_MSG_REJECT = '3',
    FIX_MSG_SEQUENCE_RESET = '4',
    FIX_MSG_LOGOUT = '5',
    FIX_MSG_EXECUTION_REPORT = '8',
    FIX_MSG_ORDER_CANCEL_REJECT = '9',
    FIX_MSG_LOGON = 'A',
    FIX_MSG_NEW_ORDER_SINGLE = 'D',
    FIX_MSG_ORDER_CANCEL_REQUEST = 'F',
    FIX_MSG_ORDER_CANCEL_REPLACE_REQUEST = 'G',
    FIX_MSG_ORDER_STATUS_REQUEST = 'H',
    FIX_MSG_MARKET_DATA_REQUEST = 'V',
    FIX_MSG_MARKET_DATA_SNAPSHOT = 'W',
    FIX_MSG_MARKET_DATA_REFRESH = 'X',
    FIX_MSG_MARKET_DATA_REQUEST_REJECT = 'Y',
    FIX_MSG_BUSINESS_MESSAGE_REJECT = 'j',
};

/* Values of fields: FIX_SIDE_BUY, FIX_EXEC_TRADE … */
enum fix_value {
#define FIX_VALUE(field, name, value) FIX_##field##_##name = (value),
#include "proto/fix_values.def"
};

#endif
