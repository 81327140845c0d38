/* SPDX-License-Identifier: Apache-2.0 */
/* An order's execution record, what decides about it, and what a decision has done. The record is that of
 * oxe.orders. Pure.
 *
 * An order has four forms here: its row is a struct execution; what memory keeps of an open one between turns
 * is a struct open_order; in a turn a struct turn_order holds its row and what the turn does to it; and what
 * is handed to the exchange is a struct venue_order.
 *
 * Amounts: quantities and prices as on the order; notional and money rounded half-even to 1e-8 per fill, a
 * reservation upwards. */
#ifndef OXE_EXECUTOR_EXECUTION_H
#define OXE_EXECUTOR_EXECUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/proto.h"
#include "proto/reject.h"
#include "proto/risk.h"
#include "services/executor/venue.h"

enum {
    EXECUTE_EVENTS_MAX = 3, /* audit events of one fact */
    EXECUTE_DETAIL_MAX = 400,
};

/* What an order that was sent waits for. */
enum execute_wait {
    EXECUTE_WAIT_ANSWER, /* the exchange's first word about it */
    EXECUTE_WAIT_TURN,   /* the time to ask has not come */
    EXECUTE_WAIT_REPLY,  /* asked */
};

/* What is known of the talk with the exchange about an order. Never stored: whoever takes a lane anew starts
 * at zero, and asks.
 *
 * Only an answer to a question that was asked after the last send, on the session that stands now, is
 * conclusive, so answers to older ones are counted off first. */
struct execute_questions {
    uint16_t open;   /* asked, not answered */
    uint16_t stale;  /* of these, asked before the last send */
    uint8_t checks;  /* of an order in state SENT: times that it was asked about, or could not be */
    uint8_t wait;    /* of an order in state SENT: enum execute_wait */
    bool renumbered; /* the exchange has begun its numbers anew, unasked, since the order was sent: it may
                        have lost what it knew of it */
    bool denied;     /* 'unknown' was the answer, and a cancel is out as the second witness */
    struct decimal venue_quantity; /* what the exchange works as the order's quantity; zero: not known */
    struct decimal asked_quantity; /* of the replace that is not answered; zero: none is out */
};

/* The orders that protect what an entry has filled (bracket.h). */
enum execute_leg { EXECUTE_STOP_LOSS, EXECUTE_TAKE_PROFIT, EXECUTE_LEGS };

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
    struct decimal reserve_quantity; /* the last part of quantity, which reserved at admission */
    struct decimal reserved;
    char reason[REASON_MAX];
    char venue_order_id[VENUE_ORDER_ID_MAX];
    bool venue_known;                   /* a report has proved that the exchange has, or had, the order */
    bool recalled;                      /* DONE, and the exchange may still hold it: it is cancelled there */
    int recalls;                        /* how often that was asked for since it began; 0 when not recalled */
    struct instant cancel_requested_at; /* 0: not requested */
    struct instant next_check_at;       /* when execute_tick is due; 0: never */
    struct instant expires_at;          /* 0: never */
    struct instant created_at;
    uint8_t trace_id[TRACE_ID_BYTES];        /* all zero: none */
    struct decimal leg_prices[EXECUTE_LEGS]; /* of an entry: stop_loss and take_profit; zero: none */
    struct uuid leg_ids[EXECUTE_LEGS];       /* of an entry: its latest legs; nil: none */
    struct uuid parent_id;                   /* of a leg: its entry; nil: no leg */
    struct uuid sibling_id;                  /* of a leg: the other one of its pair; nil: none */
    struct decimal protects;                 /* of a leg: the entry's fills that its pair covers */
    struct decimal sibling_filled;           /* of a leg: what the other one has executed */
    /* TRADING_HALTED, ACCOUNT_NOT_ACTIVE: it must not be written to the exchange now. 0: nothing speaks
     * against it, or it was not asked for. Not stored. */
    enum reject_code held_by;
    /* Not stored, as the next: its reservation does not cover what it would cost at the last price. */
    bool uncovered;
    struct instant decided_at; /* when it was last judged by the risk rules: admitted, or decided anew */
    struct execute_questions questions;
};

/* One execution at the exchange. */
struct execute_fill {
    struct decimal quantity;
    struct decimal price;
    struct decimal notional;
    struct instant at; /* the exchange's time */
    char exec_id[VENUE_EXEC_ID_MAX];
    const char *flag; /* "LATE", "OVERFILL", "BOTH_LEGS", "BEYOND_POSITION", or NULL for an ordinary one */
};

struct execute_policy {
    const char *venue;      /* for events; borrowed */
    const char *actor;      /* borrowed */
    int attempts_max;       /* sends in all, and checks of an order that is not answered */
    bool refuses_known_ids; /* as venue_capabilities say: without it no order is sent twice */
    /* Microseconds. */
    int64_t answer_timeout_us; /* an order, a question or a cancel that is not answered until then */
    int64_t retry_delay_us;    /* before the first check; each further one waits twice as long */
    int64_t status_timeout_us; /* an expected report that is so late is asked for */
    /* What was decided longer ago is decided anew before it goes out; 0: never for its age. */
    int64_t decision_age_max_us;
};

/* What operations ask for about an order in doubt. */
struct execute_resolve {
    enum resolve_action action;
    struct decimal quantity; /* of a FILL, as the exchange executed it */
    struct decimal price;
    char venue_exec_id[VENUE_EXEC_ID_MAX];
    char actor[ACTOR_MAX]; /* who; risk-manager has recorded it with the reason (RESOLVED) */
    uint8_t trace_id[TRACE_ID_BYTES];
};

enum execute_aside {
    EXECUTE_ASIDE_NONE = 0,
    EXECUTE_ASIDE_UNKNOWN_ORDER,
    EXECUTE_ASIDE_DUPLICATE_DIFFERS,
    EXECUTE_ASIDE_UNEXPECTED_REPORT,
    EXECUTE_ASIDE_STATUS_DIFFERS, /* the exchange counts otherwise than its executions add up to */
    EXECUTE_ASIDE_OUT_OF_RANGE,   /* figures that no column can hold */
    EXECUTE_ASIDE_NOT_RESOLVED,   /* an operator's command that the order's life does not allow */
    EXECUTE_ASIDE_TRADE_CHANGED,  /* the exchange takes an execution back, or corrects it */
    EXECUTE_ASIDE_STILL_OPEN,     /* DONE here, and the exchange does not say that it is gone */
};
/* As in oxe.put_aside.kind; "" for NONE, NULL behind the last. */
extern const char *const execute_aside_texts[];

/* Why an order is in doubt, in `reason`; EXCHANGE_UNAVAILABLE (reject.def) means that it could not be asked.
 */
#define EXECUTE_REASON_ENDED_WITH_MORE     "ENDED_WITH_MORE"
#define EXECUTE_REASON_QUANTITY_DIFFERS    "QUANTITY_DIFFERS"
#define EXECUTE_REASON_UNKNOWN_AT_EXCHANGE "UNKNOWN_AT_EXCHANGE"
#define EXECUTE_REASON_TRADE_CHANGED       "TRADE_CHANGED"
/* Why a DONE order is cancelled at the exchange (CANCEL_REQUESTED). */
#define EXECUTE_REASON_STILL_OPEN "STILL_OPEN"
/* Why an order was sent again, in the event RETRIED. */
#define EXECUTE_REASON_NOT_KNOWN "NOT_KNOWN"
/* Why a leg's quantity changes (EXECUTED): the pair's other leg, its entry, or another order of the symbol
 * was filled. */
#define EXECUTE_REASON_RESIZED "RESIZED"
/* Why an order is cancelled that nobody asked to cancel (CANCEL_REQUESTED). */
#define EXECUTE_REASON_OCO             "OCO"
#define EXECUTE_REASON_POSITION_CLOSED "POSITION_CLOSED"
#define EXECUTE_REASON_DAY_ENDED       "DAY_ENDED"
/* A leg that has ended though nobody asked for it (CANCELLED, EXPIRED). */
#define EXECUTE_REASON_PROTECTION_LOST "PROTECTION_LOST"

/* What to do, besides writing the record. Events carry no event_id: whoever writes them draws it. */
struct execute_effect {
    const struct execute_policy *policy; /* by which it was decided; borrowed */
    struct instant now;                  /* when */
    bool changed;                        /* the record differs from before: write it */
    bool duplicate;                      /* a fill that is on record already: nothing changed */
    bool filled;                         /* `fill` is new: write it, and post it to the ledger */
    bool halt_symbol;                    /* executed beyond the order's quantity */
    bool alarm;                          /* people should look; put_aside_detail or the event says at what */
    bool unprotected;  /* a leg is lost: people should look at the position; the event says why */
    bool query;        /* ask the exchange about the order, after the commit */
    bool resend;       /* hand the order to the exchange again (possible_resend), after the commit */
    bool cancel;       /* ask the exchange to cancel it, after the commit */
    bool replace;      /* ask the exchange to work the record's quantity, after the commit */
    bool retry_needed; /* the exchange did not answer in time, or the line was lost: to be logged and counted
                        */
    bool moot;         /* a command that has nothing left to do */
    bool acknowledged; /* an acknowledgement has made it WORKING: ACKNOWLEDGED, if nothing further comes */
    enum execute_aside aside;
    char aside_detail[EXECUTE_DETAIL_MAX];
    struct execute_fill fill;
    size_t event_count;
    struct event events[EXECUTE_EVENTS_MAX];
};

/* What becomes of the claim of an order: whether it may be written to the exchange. */
enum execute_claim {
    EXECUTE_CLAIM_NONE, /* it was not to be claimed */
    EXECUTE_CLAIM_SEND, /* it is SENT: after the commit it goes out */
    EXECUTE_CLAIM_HOLD, /* it stays ADMITTED and names in `reason` what it waits for */
    EXECUTE_CLAIM_ANEW, /* it stays ADMITTED until it is decided anew (execute_decide_anew) */
    EXECUTE_CLAIM_DROP, /* it does not go out: it has been sent or is over, or must end first */
};
/* A question went out; the order was sent (again) with this quantity; the session is a new one. */
void execution_asked(struct execute_questions *questions);
void execution_sent(struct execute_questions *questions, struct decimal quantity);
void execution_session_lost(struct execute_questions *questions);
/* Whether the exchange is known to work another quantity, and no replace is out. */
bool execution_wants_replace(const struct execute_questions *questions, struct decimal quantity);

/* DONE, and nothing is to be done about it any more. */
static inline bool execution_is_over(const struct execution *order)
{
    return order->state == EXECUTION_STATE_DONE && !order->recalled;
}
/* The exchange is to cancel it. While SENT or IN_DOUBT without proof that the exchange has the order that
 * waits, until it says that it does not know the order: the answer to the cancel is the second witness. */
static inline bool execution_cancels_there(const struct execution *order)
{
    bool open = order->state == EXECUTION_STATE_WORKING ||
                (order->state == EXECUTION_STATE_IN_DOUBT && order->venue_known);
    return order->recalled || order->questions.denied || (open && order->cancel_requested_at.us != 0);
}
static inline bool execution_is_leg(const struct execution *order)
{
    return !uuid_is_nil(order->parent_id);
}
/* Has a stop loss or a take profit. */
static inline bool execution_is_bracket(const struct execution *order)
{
    return !decimal_is_zero(order->leg_prices[EXECUTE_STOP_LOSS]) ||
           !decimal_is_zero(order->leg_prices[EXECUTE_TAKE_PROFIT]);
}

/* ceil(what is left of the reserving quantity × reserve_price); zero when DONE. -ERANGE when it does not fit.
 * What does not reserve, since it reduces a position, is filled first. */
int execution_reservation(const struct execution *order, struct decimal *ret_reserved);
/* What of the order can still be filled: zero when DONE, and of a leg, whose pair counts once
 * (bracket_open). */
struct decimal execution_open_quantity(const struct execution *order);
/* The part of it that does not reserve. */
struct decimal execution_reducing_quantity(const struct execution *order);

/* The order as the venue takes it. */
void execution_venue_order(const struct execution *order, bool possible_resend,
                           struct venue_order *ret_order);

/* The text of an amount, good until the end of the block. */
#define DECIMAL_TEXT(value) execution_text((value), (char[DECIMAL_TEXT_MAX]){""})
static inline const char *execution_text(struct decimal value, char text[static DECIMAL_TEXT_MAX])
{
    decimal_format(value, text);
    return text;
}

#endif
