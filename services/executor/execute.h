/* The decision about one order: its record and one fact give the new record and what to do (DESIGN section
 * 4).
 *
 * Pure: no clock, database, socket, log or allocation. The record is that of oxe.orders; state is a fold over
 * facts, never 'the last message wins'. A fill always counts once; a duplicate changes nothing; a status
 * answer is a snapshot and never a fill. What the table of an order's life (proto/order_state.def) does not
 * allow changes nothing and is put aside.
 *
 * Amounts: quantities and prices as on the order; notional and money rounded half-even to 1e-8 per fill, a
 * reservation upwards. */
#ifndef OXE_EXECUTOR_EXECUTE_H
#define OXE_EXECUTOR_EXECUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/proto.h"
#include "services/executor/venue.h"

enum {
    EXECUTE_EVENTS_MAX = 2, /* audit events of one fact */
    EXECUTE_DETAIL_MAX = 256,
};

/* Questions to the exchange about an order on the session that stands now. Only an answer to a question that
 * was asked after the last send is conclusive, so answers to older ones are counted off first. Never stored:
 * a new session starts at zero. */
struct execute_questions {
    uint16_t open;  /* asked, not answered */
    uint16_t stale; /* of these, asked before the last send */
};

/* An order's execution record. */
struct execution {
    struct uuid id;
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
    enum side side;
    enum order_type order_type;
    enum time_in_force time_in_force;
    struct decimal quantity;
    struct decimal price; /* zero: none */
    enum order_status status;
    enum execution_state state;
    int lane;
    int attempts; /* how often it was handed to the exchange */
    struct decimal filled;
    struct decimal notional;         /* sum of quantity × price of its fills */
    struct decimal average;          /* zero while nothing is filled */
    struct decimal reserve_price;    /* zero: reserves nothing */
    struct decimal reserve_quantity; /* the part of quantity that reserved at admission */
    struct decimal reserved;
    char reason[REASON_MAX];
    char venue_order_id[VENUE_ORDER_ID_MAX];
    struct instant cancel_requested_at; /* 0: not requested */
    struct instant expires_at;          /* 0: never */
    uint8_t trace_id[TRACE_ID_BYTES];   /* all zero: none */
    struct execute_questions questions;
};

/* One execution at the exchange. */
struct execute_fill {
    struct decimal quantity;
    struct decimal price;
    struct decimal notional;
    struct instant at; /* the exchange's time */
    char exec_id[VENUE_EXEC_ID_MAX];
    const char *flag; /* "LATE", "OVERFILL", or NULL for an ordinary one */
};

struct execute_policy {
    const char *venue; /* for events; borrowed */
    const char *actor; /* borrowed */
    int attempts_max;  /* sends in all */
};

enum execute_aside {
    EXECUTE_ASIDE_NONE = 0,
    EXECUTE_ASIDE_UNKNOWN_ORDER,
    EXECUTE_ASIDE_DUPLICATE_DIFFERS,
    EXECUTE_ASIDE_UNEXPECTED_REPORT,
    EXECUTE_ASIDE_STATUS_DIFFERS, /* the exchange counts otherwise than its executions add up to */
    EXECUTE_ASIDE_OUT_OF_RANGE,   /* figures that no column can hold */
};
/* As in oxe.put_aside.kind; "" for NONE. */
const char *execute_aside_text(enum execute_aside aside);

/* Why an order is in doubt, in `reason`; EXCHANGE_UNAVAILABLE (reject.def) means that it could not be asked.
 */
#define EXECUTE_REASON_QUANTITY_DIFFERS    "QUANTITY_DIFFERS"
#define EXECUTE_REASON_UNKNOWN_AT_EXCHANGE "UNKNOWN_AT_EXCHANGE"
/* Why an order was sent again, in the event RETRIED. */
#define EXECUTE_REASON_NOT_KNOWN "NOT_KNOWN"

/* What to do, besides writing the record. Events carry no event_id: whoever writes them draws it. */
struct execute_effect {
    bool changed;     /* the record differs from before: write it */
    bool duplicate;   /* a fill that is on record already: nothing changed */
    bool filled;      /* `fill` is new: write it, and post it to the ledger */
    bool halt_symbol; /* executed beyond the order's quantity */
    bool alarm;       /* people should look; put_aside_detail or the event says at what */
    bool query;       /* ask the exchange about the order, after the commit */
    bool resend;      /* hand the order to the exchange again (possible_resend), after the commit */
    enum execute_aside aside;
    char aside_detail[EXECUTE_DETAIL_MAX];
    struct execute_fill fill;
    size_t event_count;
    struct event events[EXECUTE_EVENTS_MAX];
};

/* The claim ADMITTED → SENT is made by the database's UPDATE, whose row is `order`; this says what to tell of
 * it. */
void execute_claimed(const struct execution *order, const struct execute_policy *policy, struct instant now,
                     struct execute_effect *ret_effect);

/* A DAY order that was never sent and whose time is over: EXPIRED. Anything else is left as it is. */
void execute_expire(struct execution *order, const struct execute_policy *policy, struct instant now,
                    struct execute_effect *ret_effect);

/* A report of the exchange about this order (VENUE_ACKNOWLEDGED to VENUE_UNEXPECTED). `recorded` is the fill
 * that is on record under the report's exec_id, NULL when there is none. */
void execute_report(struct execution *order, const struct venue_event *report,
                    const struct execute_fill *recorded, const struct execute_policy *policy,
                    struct instant now, struct execute_effect *ret_effect);

/* A question went out; the order was sent (again); the session is a new one. */
void execute_asked(struct execute_questions *questions);
void execute_sent(struct execute_questions *questions);
void execute_session_lost(struct execute_questions *questions);

/* ceil(what is left of the reserving quantity × reserve_price); zero when DONE. -ERANGE when it does not fit.
 */
int execute_reservation(const struct execution *order, struct decimal *ret_reserved);
/* What of the order can still be filled: zero when DONE. */
struct decimal execute_open_quantity(const struct execution *order);

/* The order as the venue takes it. */
void execute_venue_order(const struct execution *order, bool possible_resend, struct venue_order *ret_order);

#endif
