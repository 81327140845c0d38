/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of 100, its legs, and what the exchange says about them. Ids: entry 1, trader 2, leg 4, its
 * sibling 5. */
#ifndef OXE_TESTS_UNIT_BRACKET_SUPPORT_H
#define OXE_TESTS_UNIT_BRACKET_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/executor/core/bracket.h"
#include "services/executor/core/execute.h"
#include "services/executor/core/leg.h"

static const struct execute_policy policy = {.venue = "SIM",
                                             .actor = "executor",
                                             .attempts_max = 3,
                                             .refuses_known_ids = true,
                                             .answer_timeout_us = 5000000,
                                             .retry_delay_us = 1000000,
                                             .status_timeout_us = 30000000};
static const struct instant now = {INT64_C(1700000000000000)};
static struct execute_effect effect;

static inline struct decimal whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

static inline struct uuid id_of(uint8_t number)
{
    return (struct uuid){.bytes = {number}};
}

static inline struct execution make_entry(enum side side)
{
    struct execution entry = {
        .id = id_of(1),
        .trader_id = id_of(2),
        .symbol = "AAPL",
        .side = side,
        .lane = 3,
        .quantity = whole(100),
        .state = EXECUTION_STATE_WORKING,
        .status = ORDER_STATUS_PARTIAL,
        .trace_id = {7},
        .leg_prices = {[EXECUTE_STOP_LOSS] = whole(90), [EXECUTE_TAKE_PROFIT] = whole(120)},
    };
    return entry;
}

/* A stop loss that covers 100, in a pair; its sibling has executed so much. */
static inline struct execution leg_in(enum execution_state state, int64_t filled, int64_t sibling_filled)
{
    struct execution entry = make_entry(SIDE_BUY), leg;
    bracket_make_leg(&entry, EXECUTE_STOP_LOSS, whole(100), id_of(4), &leg);
    leg.sibling_id = id_of(5);
    leg.state = state;
    leg.status = state == EXECUTION_STATE_DONE ? ORDER_STATUS_CANCELLED
                 : filled > 0                  ? ORDER_STATUS_PARTIAL
                                               : ORDER_STATUS_PENDING;
    leg.attempts = state == EXECUTION_STATE_ADMITTED ? 0 : 1;
    leg.filled = whole(filled);
    leg.notional = whole(90 * filled);
    leg.sibling_filled = whole(sibling_filled);
    leg.quantity = whole(sibling_filled < 100 ? 100 - sibling_filled : 100);
    if (leg.attempts > 0)
        leg.questions.venue_quantity = leg.quantity;
    return leg;
}

static inline struct venue_event report_of(enum venue_event_type type, int64_t cum, int64_t order_quantity)
{
    return (struct venue_event){.type = type,
                                .known = true,
                                .order_id = id_of(4),
                                .symbol = "AAPL",
                                .cum_quantity = whole(cum),
                                .order_quantity = whole(order_quantity)};
}

static inline struct venue_event fill_of(int64_t quantity, int64_t cum, int64_t order_quantity)
{
    struct venue_event report = report_of(VENUE_FILL, cum, order_quantity);
    report.last_quantity = whole(quantity);
    report.last_price = whole(90);
    report.transact_time = now;
    memcpy(report.exec_id, "E1", 3);
    return report;
}

static inline void tell(struct execution *leg, const struct venue_event *report)
{
    execute_report(leg, report, NULL, execute_begin(&effect, &policy, now));
}

#define EXPECT_DECIMAL(value, wanted)                                                                        \
    cr_expect_eq((value).units, whole(wanted).units, #value " is %lld", (long long)(value).units)

#endif
