/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of requests and the decision about all of them: pure, no database.
 *
 * The shell fills the slots and calls batch_index, which lists the traders, symbols and positions that the
 * batch is about. Whoever reads the database fills in what stands there (fields marked `in`). batch_decide
 * then goes through the slots one after the other, so that each decision sees the reservations of those
 * before, and leaves in each slot what to write and what to answer. Everything is inside the struct (about 2
 * MB: on the heap); nothing allocates. */
#ifndef OXE_RISK_MANAGER_BATCH_H
#define OXE_RISK_MANAGER_BATCH_H

#include "proto/risk.h"

enum { BATCH_MAX = 50 };

enum slot_outcome {
    SLOT_ADMITTED = 1, /* to be recorded as ADMITTED */
    SLOT_REFUSED,      /* to be recorded as REJECTED */
    SLOT_FOUND,        /* the key is known: nothing to write */
    SLOT_PREVIEWED,    /* only the verdict was wanted: nothing to write */
    SLOT_UNAVAILABLE,  /* not taken: nothing to write */
    SLOT_EXPIRED,      /* nobody waits for it any more: nothing to write, nothing to answer */
};

struct batch_slot {
    struct envelope envelope;
    struct order_checked checked;
    int64_t taken_us; /* monotonic, when it came */

    size_t trader; /* set by batch_index */
    size_t symbol;
    size_t position;

    bool is_found;                 /* in: the order with this trader and key is in the database */
    struct order_view found;       /* in */
    uint8_t found_fingerprint[32]; /* in */
    bool found_is_refusal; /* in: it was refused at admission; `answer.faults` holds what was answered then */

    enum slot_outcome outcome;
    struct instant expires_at; /* of an admitted order; 0: never */
    struct risk_verdict verdict;
    bool wake_lane;       /* the lane's executor is to be told */
    struct answer answer; /* times and handle are the shell's */
};

struct batch_trader {
    struct uuid id;
    bool is_known;               /* in */
    struct risk_account account; /* in */
    struct risk_halt halt;       /* in */
    struct decimal added_reserved;
    struct decimal added_notional; /* to the day's */
    int64_t added_open_orders;
};

struct batch_symbol {
    char symbol[SYMBOL_MAX];
    bool has_last_price;              /* in */
    struct decimal last_price;        /* in */
    int64_t price_age_us;             /* in */
    char currency[RISK_CURRENCY_MAX]; /* in; "": there is no such instrument */
    struct risk_halt halt;            /* in */
};

struct batch_position {
    size_t trader;
    size_t symbol;
    struct risk_position now; /* in */
    struct decimal added_buy;
    struct decimal added_sell;
    struct decimal added_reducing_buy; /* the part of it that reserves nothing */
    struct decimal added_reducing_sell;
};

struct batch {
    size_t count;
    size_t trader_count;
    size_t symbol_count;
    size_t position_count;
    struct risk_halt halt_all;        /* in */
    struct instant day_end;           /* in: when today's DAY orders expire */
    bool audit_is_behind;             /* in: no audit, no order */
    struct decimal market_collar_pct; /* in */
    int64_t price_age_max_us;         /* in; 0: any */
    struct batch_slot slots[BATCH_MAX];
    struct batch_trader traders[BATCH_MAX];
    struct batch_symbol symbols[BATCH_MAX];
    struct batch_position positions[BATCH_MAX];
};

/* Lists traders, symbols and positions of the slots and clears every `in` field of the batch and its slots.
 */
void batch_index(struct batch *batch);

/* The place of a trader or symbol in the batch; -ENOENT. */
int batch_find_trader(const struct batch *batch, struct uuid id);
int batch_find_symbol(const struct batch *batch, const char *symbol);
int batch_find_position(const struct batch *batch, size_t trader, size_t symbol);

/* Decides every slot. */
void batch_decide(struct batch *batch, struct instant now);

/* Makes a slot's answer the 503 with this reason. */
void batch_slot_unavailable(struct batch_slot *slot, const char *detail);

/* The events of what the batch records, in order: SUBMITTED and APPROVED or REJECTED of each. At most
 * EVENT_BATCH's bound, as BATCH_MAX has two each. */
void batch_events(const struct batch *batch, struct instant now, struct uuid_source *ids,
                  struct event_batch *ret_events);

#endif
