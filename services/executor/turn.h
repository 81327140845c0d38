/* One turn of the executor: what has arrived becomes one transaction, then goes out.
 *
 * Facts are gathered (reports of the exchange, orders to claim, orders whose time to be looked at has come,
 * commands), the rows that they touch are locked and read in one round trip, each fact is decided one after
 * the other in memory, and a second round trip writes it all and commits. Only then orders are handed to the
 * exchange. Any failure is a negative errno; nothing was decided then, as far as we know, and the caller
 * loses the database (executor_lose). */
#ifndef OXE_EXECUTOR_TURN_H
#define OXE_EXECUTOR_TURN_H

#include "services/executor/executor.h"
#include "services/executor/ledger.h"

enum {
    TURN_REPORTS_MAX = 80,
    TURN_CLAIMS_MAX = 128,
    TURN_TICKS_MAX = 64,
    TURN_COMMANDS_MAX = 16,
    TURN_FACTS_MAX = TURN_REPORTS_MAX + TURN_TICKS_MAX + TURN_COMMANDS_MAX,
    TURN_LEGS_MAX = EXECUTE_LEGS * (TURN_REPORTS_MAX + TURN_COMMANDS_MAX), /* made in one turn */
    /* Each fact's order, with the latest legs of an entry or a leg's sibling and entry. */
    TURN_ORDERS_MAX = TURN_FACTS_MAX * (1 + EXECUTE_LEGS) + TURN_LEGS_MAX,
    TURN_LINGER_FACTS = 50, /* under load a turn waits for so many, at most TURN_LINGER_US */
    TURN_LINGER_US = 1000,
    TURN_LINGER_AFTER = 10, /* load: the last turn had at least so many */
};

/* A fact about an order that is on record. */
enum turn_fact_kind {
    TURN_REPORT, /* the report of that index */
    TURN_TICK,
    TURN_LINE_LOST,
    TURN_LINE_READY,
    TURN_COMMAND, /* the command of that index */
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
    struct uuid order_id;
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
    int lane;
    enum order_command_kind kind;
    struct execute_resolve resolve; /* of a CANCEL only actor and trace id */
};

struct turn_account {
    struct uuid trader_id;
    struct ledger_account ledger;
    bool changed;
};

struct turn_position {
    struct uuid trader_id;
    char symbol[SYMBOL_MAX];
    struct ledger_position ledger;
    bool changed;
};

struct turn_order {
    struct execution record;
    size_t account;
    size_t position;
    bool changed;
    bool reshaped; /* what write_brackets.sql writes has changed */
    bool made;     /* a leg that this turn makes: to be inserted */
    bool resend;
    bool query;
    bool amend; /* cancel it or change its quantity at the exchange */
};

struct turn_fill {
    struct uuid order_id;
    size_t order; /* of a new one: the turn's order */
    bool known;   /* was on record before */
    struct execute_fill fill;
};

struct turn_aside {
    enum execute_aside kind;
    bool has_order;
    struct uuid order_id;
    char detail[EXECUTE_DETAIL_MAX];
};

/* An order that went from one state or status to another, to be logged once that is committed. */
struct turn_step {
    struct uuid order_id;
    uint8_t trace_id[TRACE_ID_BYTES];
    enum execution_state from, to;
    enum order_status status;
    struct decimal filled;
    char reason[REASON_MAX];
};

struct turn {
    struct venue_event reports[TURN_REPORTS_MAX];
    size_t report_count;
    int64_t first_report_us;
    struct turn_fact ticks[TURN_TICKS_MAX];
    size_t tick_count;
    struct turn_command commands[TURN_COMMANDS_MAX];
    size_t command_count;

    struct turn_fact facts[TURN_FACTS_MAX];
    size_t fact_count;
    struct uuid claim_ids[TURN_CLAIMS_MAX];
    size_t claim_count;

    int64_t day; /* trading day, since 1970 */
    struct turn_account accounts[TURN_FACTS_MAX];
    size_t account_count;
    struct turn_position positions[TURN_FACTS_MAX];
    size_t position_count;
    struct turn_order orders[TURN_ORDERS_MAX];
    size_t order_count;
    size_t read_count; /* of them, the first ones: on record, by id; behind them those made */
    struct turn_fill fills[2 * TURN_FACTS_MAX];
    size_t fill_count;
    struct execution claimed[TURN_CLAIMS_MAX];
    struct instant claimed_created_at[TURN_CLAIMS_MAX];
    size_t claimed_count;
    struct turn_aside asides[TURN_ORDERS_MAX];
    size_t aside_count;
    struct turn_step steps[TURN_ORDERS_MAX];
    size_t step_count;
    char halted[TURN_FACTS_MAX][SYMBOL_MAX];
    size_t halted_count;
    struct execute_effect effect; /* of the fact being decided */
    struct event_batch batch;
};

/* -ENOMEM */
int turn_create(struct turn **ret_turn);
void turn_destroy(struct turn **turn);
/* Forgets what was gathered. */
void turn_clear(struct turn *turn);

static inline size_t turn_room(const struct turn *turn)
{
    return TURN_REPORTS_MAX - turn->report_count;
}
/* The room is the caller's to check. */
void turn_add_report(struct turn *turn, const struct venue_event *report);
/* false: there is no room. */
bool turn_add_tick(struct turn *turn, struct uuid order_id, struct uuid trader_id, const char *symbol,
                   enum order_due due);

/* Makes the transaction when there is anything to do, and sends what it allows. */
int turn_run(struct executor *executor);

/* For turn_bracket.c. NULL: none of the turn's. */
struct turn_order *turn_find_order(struct turn *turn, struct uuid id);
/* Takes what executor->turn->effect did to the order, which was `before`, into ledger, events and what is to
 * be sent. */
void turn_take_effect(struct executor *executor, struct turn_order *order, const struct execution *before,
                      struct instant now);

/* turn_bracket.c. What the leg's pair can still close; zero for an order that is no leg. */
struct decimal turn_bracket_open(struct turn *turn, const struct turn_order *order);
/* After a fact about an order of a bracket, which was `before` and whose pair had `open_before` to close:
 * what becomes of the others. fill NULL: it was not filled. */
void turn_bracket_follow(struct executor *executor, struct turn_order *order, const struct execution *before,
                         struct decimal open_before, const struct execute_fill *fill, struct instant now);

/* turn_store.c: the two round trips, and before them what was asked about orders, and whose orders are
 * meant. turn_store_read opens the transaction. */
int turn_store_commands(struct executor *executor);
int turn_store_find(struct executor *executor, const struct uuid *ids, size_t id_count);
int turn_store_read(struct executor *executor, struct instant now);
int turn_store_write(struct executor *executor, struct instant now);

#endif
