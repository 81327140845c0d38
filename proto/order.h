/* SPDX-License-Identifier: Apache-2.0 */
/* The words of an order, as the contract, the database and the messages write them.
 *
 * Each list is declared once below; from it come the enum, its text (the contract's and the database's
 * spelling) and the reader of that text. Numbers are permanent: they travel in messages. 0 is never a value.
 */
#ifndef OXE_PROTO_ORDER_H
#define OXE_PROTO_ORDER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SYMBOL_MAX = 17,           /* with NUL; contract: schema Symbol */
    IDEMPOTENT_KEY_MAX = 129,  /* with NUL; contract: parameter IdempotencyKey */
    VENUE_MAX = 17,            /* with NUL */
    VENUE_EXEC_ID_MAX = 65,    /* with NUL; FIX tag 17 */
    VENUE_ORDER_ID_MAX = 65,   /* with NUL; FIX tag 37 */
    REASON_MAX = 65,           /* with NUL; a code of reject.def */
    EVENT_MESSAGE_MAX = 513,   /* with NUL; a sentence for people */
    ACTOR_MAX = 129,           /* with NUL; a service or a token's subject */
    RESOLVE_REASON_MAX = 2001, /* with NUL; contract: resolveOrder, 500 characters of up to 4 bytes */
    TRACE_ID_BYTES = 16,       /* W3C traceparent trace-id */
};

#define SIDES(X)                                                                                             \
    X(SIDE, BUY, 1)                                                                                          \
    X(SIDE, SELL, 2)

#define ORDER_TYPES(X)                                                                                       \
    X(ORDER_TYPE, MARKET, 1)                                                                                 \
    X(ORDER_TYPE, LIMIT, 2)                                                                                  \
    X(ORDER_TYPE, STOP, 3)

#define TIMES_IN_FORCE(X)                                                                                    \
    X(TIME_IN_FORCE, DAY, 1)                                                                                 \
    X(TIME_IN_FORCE, GTC, 2)                                                                                 \
    X(TIME_IN_FORCE, IOC, 3)                                                                                 \
    X(TIME_IN_FORCE, FOK, 4)

/* What the trader sees. */
#define ORDER_STATUSES(X)                                                                                    \
    X(ORDER_STATUS, PENDING, 1)                                                                              \
    X(ORDER_STATUS, PARTIAL, 2)                                                                              \
    X(ORDER_STATUS, FILLED, 3)                                                                               \
    X(ORDER_STATUS, REJECTED, 4)                                                                             \
    X(ORDER_STATUS, CANCELLED, 5)                                                                            \
    X(ORDER_STATUS, EXPIRED, 6)

/* Where the order is (docs/decisions/0031). */
#define EXECUTION_STATES(X)                                                                                  \
    X(EXECUTION_STATE, ADMITTED, 1)                                                                          \
    X(EXECUTION_STATE, SENT, 2)                                                                              \
    X(EXECUTION_STATE, WORKING, 3)                                                                           \
    X(EXECUTION_STATE, IN_DOUBT, 4)                                                                          \
    X(EXECUTION_STATE, DONE, 5)

/* What execution_logs records; an order's ones are also its
 * WebSocket events ("order." and the name in lower case). */
#define AUDIT_ACTIONS(X)                                                                                     \
    X(AUDIT_ACTION, SUBMITTED, 1)                                                                            \
    X(AUDIT_ACTION, APPROVED, 2)                                                                             \
    X(AUDIT_ACTION, EXECUTED, 3)                                                                             \
    X(AUDIT_ACTION, RETRIED, 4)                                                                              \
    X(AUDIT_ACTION, FILLED, 5)                                                                               \
    X(AUDIT_ACTION, REJECTED, 6)                                                                             \
    X(AUDIT_ACTION, CANCEL_REQUESTED, 7)                                                                     \
    X(AUDIT_ACTION, CANCEL_REJECTED, 8)                                                                      \
    X(AUDIT_ACTION, CANCELLED, 9)                                                                            \
    X(AUDIT_ACTION, EXPIRED, 10)                                                                             \
    X(AUDIT_ACTION, RECOVERED, 11)                                                                           \
    X(AUDIT_ACTION, IN_DOUBT, 12)                                                                            \
    X(AUDIT_ACTION, RESOLVED, 13)                                                                            \
    X(AUDIT_ACTION, HALTED, 14)                                                                              \
    X(AUDIT_ACTION, RESUMED, 15)                                                                             \
    X(AUDIT_ACTION, ACKNOWLEDGED, 16)                                                                        \
    X(AUDIT_ACTION, ACCOUNT_OPENED, 17)                                                                      \
    X(AUDIT_ACTION, ACCOUNT_CHANGED, 18)                                                                     \
    X(AUDIT_ACTION, LIMITS_CHANGED, 19)                                                                      \
    X(AUDIT_ACTION, FLAG_CHANGED, 20)                                                                        \
    X(AUDIT_ACTION, INSTRUMENT_CHANGED, 21)                                                                  \
    X(AUDIT_ACTION, MONTH_ARCHIVED, 22)                                                                      \
    X(AUDIT_ACTION, KEY_CHANGED, 23)                                                                         \
    X(AUDIT_ACTION, LANE_RESYNCED, 24)

/* What is asked about an order that exists. */
#define ORDER_COMMAND_KINDS(X)                                                                               \
    X(ORDER_COMMAND, CANCEL, 1)                                                                              \
    X(ORDER_COMMAND, RESOLVE, 2)

/* What operations make of an order that is in doubt. */
#define RESOLVE_ACTIONS(X)                                                                                   \
    X(RESOLVE_ACTION, RETRY, 1)                                                                              \
    X(RESOLVE_ACTION, REJECT, 2)                                                                             \
    X(RESOLVE_ACTION, CANCEL, 3)                                                                             \
    X(RESOLVE_ACTION, FILL, 4)

/* Whom a trading halt stops. */
#define HALT_SCOPES(X)                                                                                       \
    X(HALT_SCOPE, ALL, 1)                                                                                    \
    X(HALT_SCOPE, TRADER, 2)                                                                                 \
    X(HALT_SCOPE, SYMBOL, 3)

#define ORDER_ENUM_MEMBER(prefix, name, number) prefix##_##name = (number),

enum side { SIDES(ORDER_ENUM_MEMBER) };
enum order_type { ORDER_TYPES(ORDER_ENUM_MEMBER) };
enum time_in_force { TIMES_IN_FORCE(ORDER_ENUM_MEMBER) };
enum order_status { ORDER_STATUSES(ORDER_ENUM_MEMBER) };
enum execution_state { EXECUTION_STATES(ORDER_ENUM_MEMBER) };
enum audit_action { AUDIT_ACTIONS(ORDER_ENUM_MEMBER) };
enum order_command_kind { ORDER_COMMAND_KINDS(ORDER_ENUM_MEMBER) };
enum resolve_action { RESOLVE_ACTIONS(ORDER_ENUM_MEMBER) };
enum halt_scope { HALT_SCOPES(ORDER_ENUM_MEMBER) };

/* The text of a value; "" for a number that is not a value. */
const char *side_text(enum side side);
const char *order_type_text(enum order_type type);
const char *time_in_force_text(enum time_in_force time_in_force);
const char *order_status_text(enum order_status status);
const char *execution_state_text(enum execution_state state);
const char *audit_action_text(enum audit_action action);
/* Whether it is about an order, and its trader is told. The others are what operations do. */
bool audit_action_is_of_order(enum audit_action action);
const char *order_command_kind_text(enum order_command_kind kind);
const char *resolve_action_text(enum resolve_action action);
const char *halt_scope_text(enum halt_scope scope);

/* The value of an exact text; -EINVAL. */
int side_parse(const char *text, size_t length, enum side *ret_side);
int order_type_parse(const char *text, size_t length, enum order_type *ret_type);
int time_in_force_parse(const char *text, size_t length, enum time_in_force *ret_time_in_force);
int order_status_parse(const char *text, size_t length, enum order_status *ret_status);
int execution_state_parse(const char *text, size_t length, enum execution_state *ret_state);
int audit_action_parse(const char *text, size_t length, enum audit_action *ret_action);
int order_command_kind_parse(const char *text, size_t length, enum order_command_kind *ret_kind);
int resolve_action_parse(const char *text, size_t length, enum resolve_action *ret_action);
int halt_scope_parse(const char *text, size_t length, enum halt_scope *ret_scope);

/* The contract's pattern of a symbol: ^[A-Z0-9][A-Z0-9.\-]{0,15}$ */
bool order_is_symbol(const char *text, size_t length);

#endif
