/* SPDX-License-Identifier: Apache-2.0 */
/* A venue: the exchange's side of the executor, as a small table of functions (docs/venues.md).
 *
 * The executor decides; a venue carries. It speaks for several lanes, each one session at the exchange with
 * a strict order of messages. Calls come from the executor's thread only and never wait. What the exchange
 * says comes back as struct venue_event through `drain`, in the order of each lane's incoming sequence;
 * `event_fd` becomes readable when there is something to drain. The venue keeps no truth: the sequence
 * numbers and orders that count are PostgreSQL's. It never resends an order by itself, and it acknowledges
 * nothing that the executor has not committed: after a crash the lane is opened with the committed in_seq +
 * 1 and the exchange repeats the rest. */
#ifndef OXE_EXECUTOR_VENUE_H
#define OXE_EXECUTOR_VENUE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "common/uuid.h"
#include "proto/order.h"

enum {
    VENUE_LANES_MAX = 64,
    VENUE_TEXT_MAX = 129,          /* with NUL: what the exchange says for people, cut */
    VENUE_CL_ORD_ID_MAX = 65,      /* with NUL */
    VENUE_EVENT_QUEUE_MAX = 65536, /* a full queue stops reading from the exchange; nothing is dropped */
};

/* What a venue can do; the executor adapts (docs/venues.md). */
struct venue_capabilities {
    /* A second order of the same ClOrdID is refused with 'duplicate', however long ago the first one was:
     * only then an order may be sent again. */
    bool refuses_known_ids;
};

enum venue_event_type {
    /* Session. */

    /* Logged on, and a TestRequest round trip has closed the gap both ways: orders may go out. */
    VENUE_READY = 1,
    /* The line or the logon is lost; text says why. The venue logs on again by itself, and VENUE_READY
     * follows. Without a VENUE_READY since the last one, a logon failed. */
    VENUE_DOWN,
    /* No connection can be made; text says why. It is tried again by itself, and told again when the reason
     * changes. */
    VENUE_UNREACHABLE,
    /* Administrative messages, or a gap fill, moved the incoming sequence up to in_seq; nothing else. */
    VENUE_SEQUENCE,
    /* The exchange reset its numbers: in_seq, perhaps 0, is the last that now counts as received, and
     * next_out may be lower than before. Query everything. */
    VENUE_SEQUENCE_RESET,
    /* Likewise, but of its own accord: the exchange may have lost what it knew. in_seq is 0: all that it has
     * is repeated. text says the numbers. */
    VENUE_BEGAN_ANEW,

    /* Orders. order_id is set in all of them; `known` is false when ClOrdID is no UUID (put aside). */

    VENUE_ACKNOWLEDGED, /* ExecType New, or PendingNew→New: working */
    VENUE_FILL,         /* ExecType Trade: exec_id, last_quantity, last_price, cum_quantity */
    VENUE_REJECTED,     /* ExecType Rejected, or a reject of the order's message: definite; text says why */
    VENUE_DUPLICATE,    /* Rejected with OrdRejReason 6: the exchange has an order of this id. Query it. */
    VENUE_CANCELLED,    /* ExecType Canceled, asked for or not (IOC remainder, FOK) */
    VENUE_EXPIRED,
    VENUE_REPLACED, /* the quantity is order_quantity now; venue_status FILLED: so much was executed */
    /* OrderCancelReject of a cancel, or of a replace (of_replace). order_id is the original order's;
     * `not_known`: because there is no such order. */
    VENUE_CANCEL_REJECTED,
    VENUE_PENDING, /* a pending state: the exchange has the order, and says nothing else that counts */
    /* Trade cancel or correct: the execution ref_exec_id, of which we may have been told, is taken back, or
     * was of last_quantity at last_price; text says which. */
    VENUE_TRADE_CHANGED,
    /* Answer to a query: the status at the exchange and cum_quantity. A snapshot, never a fill. */
    VENUE_STATUS,
    VENUE_UNKNOWN_ORDER, /* answer to a query: the exchange does not know the id */
    /* Parsed but not understood (text says what): log, count, put aside. `known` is false where it is about
     * no order; `of_order`: a report of one that the exchange has. */
    VENUE_UNEXPECTED,

    /* Market data. */

    VENUE_PRICE, /* symbol, last_price */
};

/* How the numbers of both sides stood when a session was lost or refused. */
struct venue_numbers {
    uint64_t in_expected;  /* of the exchange's next message, as we had it when its last one came */
    uint64_t in_received;  /* of that last one; 0: none has come */
    uint64_t out_next;     /* of our next message */
    uint64_t out_expected; /* the one that the exchange's Logout asks for; 0: it asks for none */
};

struct venue_event {
    enum venue_event_type type;
    int lane;
    /* Everything of the lane up to this MsgSeqNum(34) has been handed over; grows by more than 1 over a gap
     * fill. 0 where no message is behind the event (DOWN, some UNEXPECTED). */
    uint64_t in_seq;
    bool possible_duplicate; /* PossDupFlag(43) or PossResend(97) */
    bool known;
    struct uuid order_id;
    /* Of VENUE_STATUS: PENDING (new), PARTIAL, FILLED, CANCELLED, REJECTED or EXPIRED. */
    enum order_status venue_status;
    struct decimal last_quantity, last_price; /* of this fill; last_price of VENUE_PRICE */
    struct decimal cum_quantity;
    struct decimal order_quantity; /* OrderQty(38) as the exchange has it; zero: not told */
    bool of_replace;               /* VENUE_CANCEL_REJECTED answers a replace, not a cancel */
    bool not_known;                /* of VENUE_CANCEL_REJECTED */
    bool of_order;                 /* of VENUE_UNEXPECTED */
    bool has_money; /* the message tells of an execution's quantity or price, or changes one of the order's */
    char exec_type; /* ExecType(150) as it stood; NUL: none */
    struct instant transact_time; /* TransactTime(60), else receipt */
    char symbol[SYMBOL_MAX];
    char exec_id[VENUE_EXEC_ID_MAX];
    char ref_exec_id[VENUE_EXEC_ID_MAX];
    char cl_ord_id[VENUE_CL_ORD_ID_MAX]; /* ClOrdID(11) as it stood, cut */
    char venue_order_id[VENUE_ORDER_ID_MAX];
    char text[VENUE_TEXT_MAX];
    struct venue_numbers numbers; /* of VENUE_DOWN and VENUE_UNREACHABLE */
    /* Of VENUE_DOWN: where in text the exchange's own words, from its Logout, begin; 0: nowhere. */
    uint8_t logout_at;
    /* The message whole, as it came. The venue's, and there only until the handler of `drain` returns. NULL:
     * no message is behind the event, or it is market data. */
    const char *message;
    size_t message_length;
};

struct venue_order {
    struct uuid order_id; /* the ClOrdID */
    char symbol[SYMBOL_MAX];
    enum side side;
    enum order_type order_type;
    enum time_in_force time_in_force;
    struct decimal quantity;
    struct decimal price; /* LIMIT: the limit; STOP: the trigger; else zero */
    bool possible_resend; /* a retry: PossResend(97)=Y */
};

struct venue; /* an adapter's own state */

typedef void venue_event_handler(void *context, const struct venue_event *event);

struct venue_ops {
    const char *name; /* as in fills.venue; at most VENUE_MAX - 1 */
    struct venue_capabilities capabilities;

    /* Begins the session of a lane: next_in is the first incoming number not yet committed (in_seq +
     * 1), next_out the first outgoing one of the reserved block, greater than any used before
     * (closing takes a number too). Connects and logs on by itself until `close`. 0, -EINVAL,
     * -ENOMEM, -EBUSY if it is open. */
    int (*open)(struct venue *venue, int lane, uint64_t next_in, uint64_t next_out);
    /* Logs out and ends the session, in a fifth of a second at most; events of it that were not drained are
     * dropped. Idempotent. */
    void (*close)(struct venue *venue, int lane);

    /* 0: handed to the engine; it may be lost with the line. -ENOTCONN: not ready, nothing was written. The
     * outcome comes as events. */
    int (*submit)(struct venue *venue, int lane, const struct venue_order *order);
    /* cancel_id is the request's own ClOrdID, a fresh UUID. */
    int (*cancel)(struct venue *venue, int lane, const struct venue_order *order, struct uuid cancel_id);
    int (*replace)(struct venue *venue, int lane, const struct venue_order *order, struct uuid replace_id,
                   struct decimal new_quantity);
    int (*query)(struct venue *venue, int lane, const struct venue_order *order);
    /* Subscribes the last prices of `symbols` instead of earlier ones; repeated by the adapter after each
     * logon of the lane until it is closed. -ENOENT: not open. */
    int (*subscribe_prices)(struct venue *venue, int lane, const char *const *symbols, size_t symbol_count);

    int (*event_fd)(const struct venue *venue);
    /* Hands at most `max` waiting events to the handler, in order per lane; returns how many. */
    int (*drain)(struct venue *venue, int max, venue_event_handler *handler, void *context);
    /* The next outgoing number of the lane, so that the executor can reserve the block after it in time. */
    uint64_t (*next_out)(const struct venue *venue, int lane);

    void (*destroy)(struct venue **venue);
};

/* The FIX 4.4 adapter (fix/venue_fix.cc) is the first; further ones are listed here. */
struct venue_fix_config {
    const char *host;
    int port;
    const char *sender_prefix; /* SenderCompID is prefix and lane: OXE-L0 */
    const char *target_comp_id;
    int heartbeat_seconds; /* HeartBtInt(108): 2 to 5, see docs/venues.md */
    int reconnect_seconds;
    const char *name;                       /* for fills.venue */
    struct venue_capabilities capabilities; /* the exchange's */
};

/* The strings are copied; ret_ops lives as long as the venue. -EINVAL, -ENOMEM, -EMFILE. */
int venue_fix_create(const struct venue_fix_config *config, const struct venue_ops **ret_ops,
                     struct venue **ret_venue);

#endif
