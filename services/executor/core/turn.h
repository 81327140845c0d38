/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the executor: what has arrived becomes one transaction, then goes out. Pure; shell/turn_run.h
 * carries it out.
 *
 * Facts are gathered (reports of the exchange, orders whose time to be looked at has come, commands, orders
 * to claim), the rows that they touch are locked and read in one round trip, each fact is decided one after
 * the other in memory, and a second round trip writes it all and commits. Only then orders are handed to the
 * exchange. There is one record for each order and turn, whatever facts there are about it. Claims are
 * decided last, on what the other facts have left of the record; only what is SENT in the end goes out. */
#ifndef OXE_EXECUTOR_TURN_H
#define OXE_EXECUTOR_TURN_H

#include "common/buffer.h"
#include "common/cleanup.h"
#include "proto/lane.h"
#include "services/executor/core/lane_set.h"
#include "services/executor/core/ledger.h"
#include "services/executor/core/order_table.h"

enum {
    /* An order is two reports: a turn keeps up with twice a batch of the risk-manager, or admission outruns
     * execution and what is admitted waits. */
    TURN_REPORTS_MAX = 200,
    TURN_CLAIMS_MAX = 128,
    TURN_TICKS_MAX = 64,
    TURN_COMMANDS_MAX = 16,
    /* Facts that may move money, besides claims that are decided anew. */
    TURN_MOVES_MAX = TURN_REPORTS_MAX + TURN_TICKS_MAX + TURN_COMMANDS_MAX,
    TURN_FACTS_MAX = TURN_MOVES_MAX + TURN_CLAIMS_MAX,
    TURN_LEGS_MAX = EXECUTE_LEGS * (TURN_REPORTS_MAX + TURN_COMMANDS_MAX), /* made in one turn */
    /* Of the open legs that a fill takes the position away from, the youngest of its side, each with its
     * sibling. If there are more, their sum is read. */
    TURN_SIDE_LEGS_MAX = 32,
    /* Each fact's order; with it, unless it is a claim, the latest legs of an entry or a leg's sibling and
     * entry, and the legs of its side. */
    TURN_ORDERS_MAX =
        TURN_MOVES_MAX * (1 + EXECUTE_LEGS + 2 * TURN_SIDE_LEGS_MAX) + TURN_CLAIMS_MAX + TURN_LEGS_MAX,
    TURN_SIDES = SIDE_SELL + 1, /* of arrays by enum side */
    TURN_BATCH_EVENTS = sizeof(((struct event_batch *)NULL)->events) / sizeof(struct event),
    TURN_BATCHES = 2, /* rows of the outbox that the events of a turn may take */
    TURN_EVENTS_MAX = TURN_BATCHES * TURN_BATCH_EVENTS,
    TURN_NOTES_MAX = TURN_MOVES_MAX * (2 + EXECUTE_LEGS) + TURN_CLAIMS_MAX,
    /* Each fact moves its order, a leg's sibling and its successor or the two legs that it makes; each event
     * of a cut tells of one step at most. */
    TURN_STEPS_MAX = TURN_MOVES_MAX * (1 + EXECUTE_LEGS) + TURN_CLAIMS_MAX + TURN_EVENTS_MAX,
    TURN_LINGER_FACTS = 80, /* under load a turn waits for so many, at most TURN_LINGER_US */
    TURN_LINGER_US = 5000,
    TURN_LINGER_AFTER = 4, /* load: the last turn had at least so many */
};

/* A fact about an order that is on record. */
enum turn_fact_kind {
    TURN_REPORT, /* the report of that index */
    TURN_TICK,
    TURN_LINE_LOST,
    TURN_LINE_READY,
    TURN_COMMAND, /* the command of that index */
    TURN_ANEW,    /* it may go out once it is decided anew, by the world of that index */
    TURN_CLAIM,   /* it may go out; neither trader nor symbol are set */
};
struct turn_fact {
    enum turn_fact_kind kind;
    size_t index;
    struct uuid order_id;
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
};

/* A row of oxe.commands. */
struct turn_command {
    struct uuid id;
    struct turn_fact fact; /* its order; kind and index are set when it is gathered */
    int lane;
    enum order_command_kind kind;
    struct execute_resolve resolve; /* of a CANCEL only actor and trace id */
};

struct turn_account {
    struct uuid trader_id;
    struct ledger_account ledger;
    struct ledger_account read;  /* as it was read */
    struct ledger_account added; /* what is written: the difference */
    bool changed;
    bool moved; /* the turn has moved what loss and margin are counted from, or what reduces */
};

/* What an order that is decided anew is judged by, besides the account and the position of the turn. */
struct turn_world {
    bool waits; /* the last price may come from before the session that stands, or the account has moved */
    struct risk_account account; /* limits, currency, loss, margin; its money is the turn's */
    struct risk_position held;   /* as of the same moment; the position is the turn's, too */
    struct decimal own_margin;   /* the part of the margin that the order itself takes */
    struct risk_market market;   /* the instrument's */
};

struct turn_position {
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
    struct ledger_position ledger;
    struct ledger_position read;  /* as it was read; is_new: it is not there */
    struct ledger_position added; /* what is written of what admission moves too: the difference */
    bool is_new;
    bool changed;
    bool unprotected; /* the turn has an alarm for it */
    /* By the side of the legs: */
    struct decimal unread[TURN_SIDES]; /* what pairs have left that were not read */
    struct uuid unfit[TURN_SIDES]; /* a leg to go on from in the next turn, where pairs have too much left */
};

enum { TURN_NONE = -1 };

struct turn_order {
    struct execution record;
    /* TURN_NONE: no fact of the turn can move money for it, it is here only to be claimed. */
    int account;
    int position;
    enum execute_claim claim; /* what became of its claim */
    bool changed;
    bool reshaped;      /* what write_brackets.sql writes has changed */
    bool reserves_anew; /* what write_reserves.sql writes has changed */
    bool made;          /* a leg that this turn makes: to be inserted */
    bool resend;
    bool query;
    bool amend;        /* cancel it or change its quantity at the exchange */
    bool acknowledged; /* in this turn: told at its end */
};

struct turn_fill {
    struct uuid order_id;
    bool known; /* was on record before */
    struct execute_fill fill;
    /* Of a new one: */
    struct uuid id;
    size_t order; /* the turn's, as the next */
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
    enum side side;
    char flag[REASON_MAX]; /* as in fill */
};

/* An order that went from one state or status to another, to be logged once that is committed. */
struct turn_step {
    struct uuid order_id;
    uint8_t trace_id[TRACE_ID_BYTES];
    enum execution_state from, to;
    enum order_status status;
    struct instant created_at;
    struct decimal filled;
    char reason[REASON_MAX];
};

/* To be logged and counted once the turn is committed; what is put aside (turn_note_is_aside) is written with
 * it, too. */
enum turn_note_kind { TURN_NOTE_EFFECT, TURN_NOTE_RETRY_NEEDED, TURN_NOTE_COMMAND, TURN_NOTE_HELD };
struct turn_note {
    enum turn_note_kind kind;
    bool has_order;
    struct uuid order_id;
    uint8_t trace_id[TRACE_ID_BYTES];
    bool alarm, halts_symbol; /* of an effect, as the next two, the report and the detail */
    char oddity[REASON_MAX];  /* what is odd, in a word: the kind of an alarm */
    enum execute_aside aside; /* of a command too */
    bool moot;                /* of a command */
    size_t command;           /* its index */
    int attempts, lane;       /* of a retry, as the next */
    struct instant next_check_at;
    const struct venue_event *report; /* one of the turn's; NULL: none is behind it */
    char detail[EVENT_MESSAGE_MAX];   /* of a held order: why */
};

static inline bool turn_note_is_aside(const struct turn_note *note)
{
    return note->kind == TURN_NOTE_EFFECT && note->aside != EXECUTE_ASIDE_NONE;
}

struct turn {
    const struct execute_policy *policy; /* borrowed, as the next */
    struct uuid_source *ids;
    uint64_t owned, ready; /* lanes that are ours; of these, those whose session stands (lane_bit) */
    struct instant now;    /* when it was decided */

    struct venue_event reports[TURN_REPORTS_MAX]; /* their `message` is in `messages` */
    size_t message_at[TURN_REPORTS_MAX];
    struct buffer messages; /* whole, one behind the other */
    size_t report_count;
    int64_t first_report_us;
    struct turn_fact ticks[TURN_TICKS_MAX];
    size_t tick_count;
    struct turn_command commands[TURN_COMMANDS_MAX];
    size_t command_count;

    struct turn_fact facts[TURN_FACTS_MAX];
    size_t fact_count;
    size_t move_count; /* of them, the first ones: those that may move money; behind them the claims */
    struct turn_world worlds[TURN_CLAIMS_MAX]; /* of the facts TURN_ANEW, which are the last of these */
    size_t anew_count;
    bool anew_waits; /* some wait for a price, or for an account that stands still */
    bool anew_moved; /* some wait for a turn that does not move their account */

    int64_t day;     /* trading day, since 1970 */
    bool sees_halts; /* it holds the halts' lock shared */
    struct turn_account accounts[TURN_FACTS_MAX];
    size_t account_count;
    struct turn_position positions[TURN_FACTS_MAX];
    size_t position_count;
    struct turn_order orders[TURN_ORDERS_MAX];
    size_t order_count;
    size_t read_count; /* of them, the first ones: on record, by id; behind them those made */
    struct turn_fill fills[2 * TURN_MOVES_MAX];
    size_t fill_count;
    struct turn_step steps[TURN_STEPS_MAX];
    size_t step_count;
    struct turn_note notes[TURN_NOTES_MAX];
    size_t note_count;
    size_t duplicates; /* fills that were on record */
    size_t decided;    /* facts */
    char halted[TURN_MOVES_MAX][SYMBOL_MAX];
    size_t halted_count;
    const struct venue_event *report; /* the fact being decided is this one; NULL: none */
    struct execute_effect effect;     /* of that fact */
    struct order_request request;     /* of an order that is decided anew, as is the verdict; large */
    struct risk_verdict verdict;
    struct {
        struct event events[TURN_EVENTS_MAX];
        size_t events_count;
    } batch;
    struct event_batch row; /* a part of them, being encoded */
};

/* Borrows policy and source of ids. -ENOMEM */
int turn_create(const struct execute_policy *policy, struct uuid_source *ids, struct turn **ret_turn);
void turn_destroy(struct turn **turn);
/* Forgets what was gathered. */
void turn_clear(struct turn *turn);

static inline bool turn_has_lane(uint64_t lanes, int lane)
{
    return lane >= 0 && lane < LANES_MAX && (lanes & lane_bit(lane)) != 0;
}

static inline size_t turn_room(const struct turn *turn)
{
    return TURN_REPORTS_MAX - turn->report_count;
}
/* The room is the caller's to check. */
void turn_add_report(struct turn *turn, const struct venue_event *report);
/* false: there is no room. */
bool turn_add_tick(struct turn *turn, struct uuid order_id, struct uuid trader_id, const char *symbol,
                   enum order_due due);

/* Forgets what an earlier turn has gathered, read and decided. */
void turn_begin(struct turn *turn);
/* Forgets what was read and decided since `notes` notes were there: what was gathered is to be decided
 * again. */
void turn_rewind(struct turn *turn, size_t notes);
/* Decides the facts on the records that were read. */
void turn_decide(struct turn *turn, struct instant now);
/* The events as rows of the outbox (EVENT_BATCH), one behind the other: where each ends in ret_rows. A row of
 * no events is empty. -ENOMEM, -EINVAL */
int turn_encode_events(struct turn *turn, struct buffer *ret_rows, size_t ret_ends[static TURN_BATCHES]);
/* Puts a report aside that is about no order on record, with an alarm where it tells of money or of life. */
void turn_put_stray_aside(struct turn *turn, const struct venue_event *report);

/* NULL: none of the turn's. */
struct turn_order *turn_find_order(struct turn *turn, struct uuid id);

/* For turn_bracket.c and turn_anew.c. turn->effect, cleared for the next decision about an order. */
struct execute_effect *turn_effect(struct turn *turn);
/* Takes what turn->effect did to the order, which was `before`, into
 * ledger, events and what is to be sent. */
void turn_take_effect(struct turn *turn, struct turn_order *order, const struct execution *before);
/* Whether the events of so many orders fit into the turn besides those of the facts that are not decided. */
bool turn_has_room(const struct turn *turn, size_t orders);

/* turn_anew.c. Decides an order anew whose claim is ANEW, as admission would now, without what the order
 * itself has reserved and holds open; sets its claim. It stays ANEW while what it is judged by is not known.
 */
void turn_anew_decide(struct turn *turn, struct turn_order *order, const struct turn_world *world);

/* turn_bracket.c. What the leg's pair can still close; zero for an order that is no leg. */
struct decimal turn_bracket_open(struct turn *turn, const struct turn_order *order);
/* What the turn's pairs of the side have left together, and how many legs they are. */
struct decimal turn_bracket_left(struct turn *turn, int position, enum side side, size_t *ret_legs);
/* After a fact about an order, which was `before` and whose pair had `open_before` to close: what becomes of
 * the other orders of its bracket, and of the trader's legs in its symbol. fill NULL: it was not filled. */
void turn_bracket_follow(struct turn *turn, struct turn_order *order, const struct execution *before,
                         struct decimal open_before, const struct execute_fill *fill);

#endif
