/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/order.h"

#include <errno.h>
#include <string.h>

#define TEXT_CASE(prefix, name, number)                                                                      \
    case prefix##_##name:                                                                                    \
        return #name;

#define PARSE_CASE(prefix, name, number)                                                                     \
    if (length == sizeof(#name) - 1 && memcmp(text, #name, length) == 0) {                                   \
        *ret_value = prefix##_##name;                                                                        \
        return 0;                                                                                            \
    }

/* The switch has no default, so that the compiler sees a member without a text. */
#define WORDS(type, LIST)                                                                                    \
    const char *type##_text(enum type value)                                                                 \
    {                                                                                                        \
        switch (value) {                                                                                     \
            LIST(TEXT_CASE)                                                                                  \
        }                                                                                                    \
        return "";                                                                                           \
    }                                                                                                        \
    int type##_parse(const char *text, size_t length, enum type *ret_value)                                  \
    {                                                                                                        \
        LIST(PARSE_CASE)                                                                                     \
        return -EINVAL;                                                                                      \
    }

WORDS(side, SIDES)
WORDS(order_type, ORDER_TYPES)
WORDS(time_in_force, TIMES_IN_FORCE)
WORDS(order_status, ORDER_STATUSES)
WORDS(execution_state, EXECUTION_STATES)
WORDS(audit_action, AUDIT_ACTIONS)
bool audit_action_is_of_order(enum audit_action action)
{
    switch (action) {
    case AUDIT_ACTION_HALTED:
    case AUDIT_ACTION_RESUMED:
    case AUDIT_ACTION_ACCOUNT_OPENED:
    case AUDIT_ACTION_ACCOUNT_CHANGED:
    case AUDIT_ACTION_LIMITS_CHANGED:
    case AUDIT_ACTION_FLAG_CHANGED:
    case AUDIT_ACTION_INSTRUMENT_CHANGED:
    case AUDIT_ACTION_MONTH_ARCHIVED:
    case AUDIT_ACTION_KEY_CHANGED:
    case AUDIT_ACTION_LANE_RESYNCED:
        return false;
    default:
        return audit_action_text(action)[0] != '\0';
    }
}

WORDS(order_command_kind, ORDER_COMMAND_KINDS)
WORDS(resolve_action, RESOLVE_ACTIONS)
WORDS(halt_scope, HALT_SCOPES)

bool order_is_symbol(const char *text, size_t length)
{
    if (length == 0 || length >= SYMBOL_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return true;
}
