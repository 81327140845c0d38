/* SPDX-License-Identifier: Apache-2.0 */
/* FIX 4.4 by name: the tags of fix_tags.def, message types, and values of fields. Values of type char are
 * enumerators with that character's code. */
#ifndef OXE_PROTO_FIX_TAG_H
#define OXE_PROTO_FIX_TAG_H

enum fix_tag {
#define FIX_TAG(name, tag, place) FIX_##name = (tag),
#include "proto/fix_tags.def"
};

/* MsgType(35), as far as one letter goes. */
enum fix_type {
    FIX_TYPE_HEARTBEAT = '0',
    FIX_TYPE_TEST_REQUEST = '1',
    FIX_TYPE_RESEND_REQUEST = '2',
    FIX_TYPE_REJECT = '3',
    FIX_TYPE_SEQUENCE_RESET = '4',
    FIX_TYPE_LOGOUT = '5',
    FIX_TYPE_EXECUTION_REPORT = '8',
    FIX_TYPE_ORDER_CANCEL_REJECT = '9',
    FIX_TYPE_LOGON = 'A',
    FIX_TYPE_NEW_ORDER_SINGLE = 'D',
    FIX_TYPE_ORDER_CANCEL_REQUEST = 'F',
    FIX_TYPE_ORDER_CANCEL_REPLACE_REQUEST = 'G',
    FIX_TYPE_ORDER_STATUS_REQUEST = 'H',
    FIX_TYPE_MARKET_DATA_REQUEST = 'V',
    FIX_TYPE_MARKET_DATA_SNAPSHOT = 'W',
    FIX_TYPE_MARKET_DATA_REFRESH = 'X',
    FIX_TYPE_MARKET_DATA_REQUEST_REJECT = 'Y',
    FIX_TYPE_BUSINESS_MESSAGE_REJECT = 'j',
};

/* ExecType(150). */
enum fix_exec_type {
    FIX_EXEC_NEW = '0',
    FIX_EXEC_PARTIAL_FILL = '1', /* before FIX 4.3; some venues still say it */
    FIX_EXEC_FILL = '2',         /* likewise */
    FIX_EXEC_CANCELED = '4',
    FIX_EXEC_REPLACED = '5',
    FIX_EXEC_PENDING_CANCEL = '6',
    FIX_EXEC_REJECTED = '8',
    FIX_EXEC_PENDING_NEW = 'A',
    FIX_EXEC_EXPIRED = 'C',
    FIX_EXEC_RESTATED = 'D',
    FIX_EXEC_PENDING_REPLACE = 'E',
    FIX_EXEC_TRADE = 'F',
    FIX_EXEC_TRADE_CORRECT = 'G',
    FIX_EXEC_TRADE_CANCEL = 'H',
    FIX_EXEC_ORDER_STATUS = 'I',
};

/* OrdStatus(39). */
enum fix_ord_status {
    FIX_STATUS_NEW = '0',
    FIX_STATUS_PARTIALLY_FILLED = '1',
    FIX_STATUS_FILLED = '2',
    FIX_STATUS_DONE_FOR_DAY = '3',
    FIX_STATUS_CANCELED = '4',
    FIX_STATUS_REPLACED = '5',
    FIX_STATUS_PENDING_CANCEL = '6',
    FIX_STATUS_STOPPED = '7',
    FIX_STATUS_REJECTED = '8',
    FIX_STATUS_SUSPENDED = '9',
    FIX_STATUS_PENDING_NEW = 'A',
    FIX_STATUS_EXPIRED = 'C',
    FIX_STATUS_ACCEPTED_FOR_BIDDING = 'D',
    FIX_STATUS_PENDING_REPLACE = 'E',
};

/* Side(54). */
enum {
    FIX_SIDE_BUY = '1',
    FIX_SIDE_SELL = '2',
};

/* OrdType(40). */
enum {
    FIX_ORD_TYPE_MARKET = '1',
    FIX_ORD_TYPE_LIMIT = '2',
    FIX_ORD_TYPE_STOP = '3',
};

/* TimeInForce(59). */
enum {
    FIX_TIME_DAY = '0',
    FIX_TIME_GTC = '1',
    FIX_TIME_IOC = '3',
    FIX_TIME_FOK = '4',
};

/* One value each of fields whose others mean nothing here. */
enum {
    FIX_HANDL_INST_AUTOMATED = '1',
    FIX_ORD_REJECT_UNKNOWN = '5',
    FIX_ORD_REJECT_DUPLICATE = '6',
    FIX_CXL_REJECT_UNKNOWN = '1',
    FIX_CXL_RESPONSE_TO_REPLACE = '2',
    FIX_YES = 'Y', /* of a flag */
};

/* Market data: SubscriptionRequestType(263), MarketDepth(264), MDUpdateType(265), MDEntryType(269),
 * MDUpdateAction(279). */
enum {
    FIX_SUBSCRIBE = '1',
    FIX_UNSUBSCRIBE = '2',
    FIX_TOP_OF_BOOK = '1',
    FIX_INCREMENTAL_REFRESH = '1',
    FIX_ENTRY_TRADE = '2',
    FIX_ACTION_DELETE = '2',
};

#endif
