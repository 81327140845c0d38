/* SPDX-License-Identifier: Apache-2.0 */
/* The random walk: traders, operators, a lying exchange and dying processes at once, from one seed.
 *
 * One struct walk, used from one thread (its watchers have their own). Time in microseconds of
 * CLOCK_MONOTONIC. Each action draws from a seed of its own, so that one which draws more or fewer numbers
 * does not move those after it. */
#ifndef OXE_TESTS_FAULT_WALK_H
#define OXE_TESTS_FAULT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "tests/fault/floor.h"
#include "tests/fault/watcher.h"
#include "tests/fault/web.h"

enum {
    WALK_LANES = 8,
    WALKERS = WALK_LANES, /* one a lane, and a prober each */
    WALK_SYMBOLS = 8,
    WALK_WATCHERS = 2,
    WALK_PLACED = 4096, /* orders that are remembered */
    WALK_ASKS = 256,    /* requests that wait for their answer, or for their next try */
    WALK_HALTS = 32,
    WALK_FROZEN = 16,
    WALK_CHILDREN = 4,
    WALK_NOTES = 200,
    WALK_NOTE_BYTES = 400,
    WALK_ID = 40,
    WALK_KEY = 64,
    WALK_BODY = 400,
};

/* The last symbols are for lies that only stay truthful in sum when nothing else is lost beside them. */
enum { SYMBOL_FRIENDLY = 6, SYMBOL_LIAR = 6, SYMBOL_DENIER = 7 };

struct symbol {
    const char *name;
    long base_cents, cents; /* the opening price, and the last one seen */
    bool fractions;
};

struct walker {
    char subject[32], id[WALK_ID];
    char *token;
    bool shorts;
};

/* An order as its client knows it. */
struct placed {
    size_t serial; /* 0: none; the slot is used again after WALK_PLACED others */
    size_t walker;
    char key[WALK_KEY], body[WALK_BODY];
    char id[WALK_ID]; /* empty: not answered, or not recorded */
    long status;      /* of the first final answer; 0: none yet */
};

enum ask_kind { ASK_ORDER, ASK_CANCEL, ASK_PREVIEW, ASK_READ, ASK_HALT, ASK_LIFT, ASK_RESOLVE };

struct ask {
    bool used, under_way;
    bool persists; /* is asked again until it is answered */
    enum ask_kind kind;
    const char *method, *token;
    char path[160], key[WALK_KEY], body[WALK_BODY];
    size_t placed, serial; /* ASK_ORDER */
    int64_t again_us;
};

struct frozen {
    pid_t pid;
    int64_t until_us;
};

struct walk {
    struct floor floor;
    struct web *web;
    uint64_t seed;
    struct walker walkers[WALKERS], probers[WALKERS];
    char *operations; /* token */
    struct watcher *watchers[WALK_WATCHERS];
    struct symbol symbols[WALK_SYMBOLS];
    struct placed *placed; /* a ring */
    size_t placed_count;
    struct ask asks[WALK_ASKS];
    char halts[WALK_HALTS][WALK_ID];
    size_t halt_count;
    struct frozen frozen[WALK_FROZEN];
    size_t frozen_count;
    pid_t children[WALK_CHILDREN];
    pid_t exchange_frozen; /* 0: it is not */
    int64_t prices_us;     /* when they are asked for again */

    bool loses;   /* what this part may meet: reports that the exchange loses, else fills after the end */
    bool limited; /* EXCHANGE_API_RATE_LIMIT is in force */

    long looked_at;             /* the last log_seq of the last rest */
    struct buffer acknowledged; /* ids since the last rest, an array for PostgreSQL without its end */
    struct buffer faults;       /* what was found wrong; the walk ends with it */
    char notes[WALK_NOTES][WALK_NOTE_BYTES];
    size_t note_count;
    long counts[ASK_RESOLVE + 1], answers[6]; /* by kind; by hundreds of the status, 0 for none */
    int64_t begun_us;
    FILE *log;
};

/* walk.c */
/* Remembers what is done, for the report of a failure. */
void walk_note(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Notes what is wrong. */
void walk_fault(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
void walk_pause(struct walk *walk, int64_t us);
/* A number from 0 to below `bound`; from `low` to `high`. */
uint64_t walk_draw(uint64_t *seed, uint64_t bound);
long walk_between(uint64_t *seed, long low, long high);

/* walk_ask.c: requests and what is expected of their answers */
/* A free slot, or NULL: too many wait. */
struct ask *walk_ask_new(struct walk *walk, enum ask_kind kind, const char *method, const char *token);
void walk_ask_send(struct walk *walk, struct ask *ask);
/* Takes answers for up to timeout_ms and repeats what is due. */
void walk_asks_run(struct walk *walk, int timeout_ms);
size_t walk_asks_waiting(const struct walk *walk);
web_done walk_ask_done;

/* walk_trade.c: what traders do */
void walk_order(struct walk *walk, uint64_t seed);
void walk_bracket(struct walk *walk, uint64_t seed);
void walk_repeat(struct walk *walk, uint64_t seed);
void walk_preview(struct walk *walk, uint64_t seed);
void walk_cancel(struct walk *walk, uint64_t seed);
void walk_read(struct walk *walk, uint64_t seed);

/* walk_rule.c: what operations do */
void walk_halt(struct walk *walk, uint64_t seed);
void walk_lift(struct walk *walk, uint64_t seed);
void walk_limits(struct walk *walk, uint64_t seed);
void walk_account(struct walk *walk, uint64_t seed);
void walk_resolve(struct walk *walk, uint64_t seed);
/* Resolves orders in doubt by what the exchange knows, at most `most`. Returns how many are in doubt, -1 when
 * nobody could be asked. */
int walk_resolve_doubts(struct walk *walk, uint64_t seed, int most);

/* walk_break.c: what goes wrong */
void walk_exchange_fault(struct walk *walk, uint64_t seed);
void walk_price(struct walk *walk, uint64_t seed);
void walk_end_day(struct walk *walk, uint64_t seed);
void walk_kill(struct walk *walk, uint64_t seed);
void walk_freeze(struct walk *walk, uint64_t seed);
void walk_terminate(struct walk *walk, uint64_t seed);
void walk_crash_database(struct walk *walk, uint64_t seed);
/* Asks the exchange for its prices when it is time. */
void walk_see_prices(struct walk *walk);
/* Thaws what has been frozen long enough, or all; collects ended children. */
void walk_thaw(struct walk *walk, bool all);
/* Runs ./oxe with these arguments (closed by NULL) beside the walk. False: too many run. */
bool walk_beside(struct walk *walk, const char *const *arguments);
/* What the exchange answers; NULL when it is away or frozen. */
char *walk_ask_exchange(struct walk *walk, const char *command);

/* walk_rest.c: what must be true whenever nothing is in flight */
/* Ends all faults, waits until nothing is in flight and checks; what is wrong is in walk->faults. */
void walk_rest(struct walk *walk, uint64_t seed);
/* The orders that the faults name, their trails and what the exchange knows of them, and the last actions, as
 * comments on standard output. */
void walk_report(struct walk *walk);

#endif
