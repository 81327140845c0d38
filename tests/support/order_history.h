/* SPDX-License-Identifier: Apache-2.0 */
/* What a generated history of one order is made of: a virtual clock, the line, and the model of an exchange
 * that withholds, delays, repeats, reorders and loses what it says. The owner of the order's lane, and what
 * is promised of it, are in execute_history_test.c.
 *
 * Everything random comes from the history's seed. After ORDER_HISTORY_CHAOS the exchange behaves. */
#ifndef OXE_TESTS_SUPPORT_ORDER_HISTORY_H
#define OXE_TESTS_SUPPORT_ORDER_HISTORY_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "services/executor/core/execute.h"

enum {
    QUANTITY = 12,
    OUT_MAX = 600,
    FLIGHT_MAX = 200,
    HELD_MAX = 64,
    EXECUTIONS_MAX = QUANTITY + 1,
};

#define MS INT64_C(1000)
#define S  (1000 * MS)

enum request { REQUEST_ORDER, REQUEST_QUERY, REQUEST_CANCEL };

/* Something on its way over the line. */
struct flight {
    int64_t at_us;
    bool to_exchange;
    enum request request; /* to the exchange */
    size_t out;           /* from it: index of its outgoing message */
    bool again;           /* sent before, on this session or another */
};

/* What the exchange has said so far, numbered from 1, and what it knows. */
struct exchange {
    bool up;
    bool known;
    bool open;
    enum order_status status;
    int executed;
    struct execute_fill executions[EXECUTIONS_MAX];
    size_t execution_count;
    struct venue_event out[OUT_MAX];
    size_t out_count;
    struct venue_event held[HELD_MAX];
    size_t held_count;
    bool withholds, swallows[3], refuses;
    bool lies; /* answers questions about an order that it has with 'unknown' */
    bool lied;
};

/* The owner of the lane: what is committed, and what it only remembers. */
struct owner {
    bool alive;
    bool ready;
    struct execution row;
    size_t in_seq;
    struct execute_fill fills[EXECUTIONS_MAX];
    size_t fill_count;
    struct execute_questions questions;
    int64_t postponed_us;
    int64_t back_us; /* when a dead one is replaced */
};

struct history {
    uint64_t seed, random;
    int64_t now_us, act_us;
    bool tells;
    bool line;
    int64_t line_us; /* when it is tried again */
    struct flight flights[FLIGHT_MAX];
    size_t flight_count;
    int64_t last_us[2]; /* of each direction: order is kept */
    struct exchange exchange;
    struct owner owner;
    int sends, retries;  /* retries: by operations */
    bool cancel_known;   /* the owner has read that the trader cancels */
    bool resolved_blind; /* operations ended it though the exchange had it */
    int told[AUDIT_ACTION_LANE_RESYNCED + 1];
    struct execute_effect effect;
};

#define ORDER_HISTORY_CHAOS (40 * S)

#define STORY(h, ...)                                                                                        \
    do {                                                                                                     \
        if ((h)->tells) {                                                                                    \
            (void)fprintf(stderr, "%9.3f ", (double)(h)->now_us / 1e6);                                      \
            (void)fprintf(stderr, __VA_ARGS__);                                                              \
            (void)fputc('\n', stderr);                                                                       \
        }                                                                                                    \
    } while (0)

#define PROMISE(h, condition, ...)                                                                           \
    cr_assert(condition, "OXE_HISTORY_SEED=%" PRIu64 ": %s", (h)->seed, order_history_format(__VA_ARGS__))

const char *order_history_format(const char *text, ...) __attribute__((format(printf, 1, 2)));

uint64_t order_history_draw(struct history *h, uint64_t below);
bool order_history_chance(struct history *h, uint64_t one_in);
bool order_history_is_chaos(const struct history *h);
struct instant order_history_instant(const struct history *h);
struct decimal order_history_whole(int64_t value);

/* Puts it on the line; each direction keeps its order. */
void order_history_fly(struct history *h, struct flight flight);

/* The exchange says so, in a message with a number. */
void order_history_tell(struct history *h, const struct venue_event *report);
/* It takes a message of the owner, or swallows it. */
void order_history_take(struct history *h, enum request what);
void order_history_execute(struct history *h, int quantity);
void order_history_end(struct history *h, enum order_status status);
/* What was held back is said, in any order. */
void order_history_release(struct history *h);

#endif
