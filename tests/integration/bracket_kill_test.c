/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 of the executor at every step of a bracket: the legs' creation, claim, sending, resizing, and the
 * end of the pair. Two executors share the lanes, so the other one carries on. Each time the story is the
 * same: an entry of 10 fills 4 and then 6, its take profit 3 and then 7; or an entry of 10 is sold by hand, 4
 * and then 6. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "proto/lane.h"
#include "tests/fault/moment.h"
#include "tests/support/trading_floor.h"

enum { STRIKE_MS = 60 * 1000 };

static struct floor floor_;

static void set_up(void)
{
    cr_assert_eq(setenv("OXE_RETRY_TIMEOUT", "500ms", 1), 0);
    cr_assert_eq(setenv("OXE_RETRY_DELAY", "100ms", 1), 0);
    cr_assert_eq(setenv("ORDER_STATUS_UPDATE_TIMEOUT", "1s", 1), 0);
    floor_begin(&floor_);
    floor_start_executor(&floor_, 0, FLOOR_LANES);
    floor_start_executor(&floor_, 1, FLOOR_LANES);
}

static void tear_down(void)
{
    floor_end(&floor_);
}

static void await_both(void)
{
    floor_await(&floor_,
                "SELECT string_agg(owner || n, ' ' ORDER BY owner) FROM (SELECT owner, count(*) AS n FROM "
                "oxe.lanes GROUP BY owner) AS shares",
                "02 12");
}

static void kill_it(pid_t pid, void *context)
{
    (void)context;
    (void)kill(pid, SIGKILL);
}

static struct uuid admit_of(const char *symbol, size_t trader, enum side side, int quantity,
                            const char *price, const char *stop_loss, const char *take_profit)
{
    const struct floor_order order = {.trader = trader,
                                      .symbol = symbol,
                                      .side = side,
                                      .order_type = ORDER_TYPE_LIMIT,
                                      .time_in_force = TIME_IN_FORCE_GTC,
                                      .quantity = quantity,
                                      .price = price,
                                      .reserve_price = side == SIDE_BUY ? price : NULL,
                                      .stop_loss = stop_loss,
                                      .take_profit = take_profit};
    return floor_admit(&floor_, &order, 1, true);
}

static struct uuid admit(size_t trader, enum side side, int quantity, const char *price, bool bracket)
{
    return admit_of("AAPL", trader, side, quantity, price, bracket ? "140" : NULL, bracket ? "160" : NULL);
}

static void await_fills(struct uuid entry, const char *column, const char *wanted)
{
    char id[UUID_TEXT_MAX], query[512];
    uuid_format(entry, id);
    (void)snprintf(query, sizeof(query),
                   "SELECT trim_scale(sum(filled_quantity)) FROM oxe.orders WHERE %s = '%s'", column, id);
    floor_await(&floor_, query, wanted);
}

/* The leg stands at the exchange with this quantity. */
static void await_leg(struct uuid entry, const char *type, const char *quantity)
{
    char id[UUID_TEXT_MAX];
    struct uuid leg = {{0}};
    uuid_format(entry, id);
    const char *text = floor_value(
        &floor_, "SELECT id FROM oxe.orders WHERE parent_order_id = '%s' AND order_type = '%s'", id, type);
    cr_assert_eq(uuid_parse(text, strlen(text), &leg), 0, "there is no %s leg", type);
    floor_await_at_exchange(&floor_, leg, quantity);
}

/* So each step of the story comes by itself. */
static void await_legs(struct uuid entry, const char *quantity)
{
    await_leg(entry, "STOP", quantity);
    await_leg(entry, "LIMIT", quantity);
}

/* Returns the entry. */
static struct uuid tell_story(void)
{
    struct uuid entry = admit(0, SIDE_BUY, 10, "149.9", true);
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    (void)admit(1, SIDE_SELL, 4, "149.9", false);
    await_fills(entry, "id", "4");
    await_legs(entry, "4");
    (void)admit(1, SIDE_SELL, 6, "149.9", false);
    await_fills(entry, "id", "10");
    await_legs(entry, "10");
    (void)admit(1, SIDE_BUY, 3, "160", false);
    await_fills(entry, "parent_order_id", "3");
    await_leg(entry, "STOP", "7");
    (void)admit(1, SIDE_BUY, 7, "160", false);
    floor_await_quiet(&floor_);
    return entry;
}

/* Nobody holds MSFT but trader 0, for the time of the story. */
static void sell_by_hand(int quantity)
{
    struct uuid sale = admit_of("MSFT", 0, SIDE_SELL, quantity, "399.9", NULL, NULL);
    floor_await_order(&floor_, sale, "execution_state", "WORKING");
    (void)admit_of("MSFT", 1, SIDE_BUY, quantity, "399.9", NULL, NULL);
    floor_await_order(&floor_, sale, "status", "FILLED");
}

static struct uuid tell_of_sale_by_hand(void)
{
    struct uuid entry = admit_of("MSFT", 0, SIDE_BUY, 10, "399.9", "380", "420");
    floor_await_order(&floor_, entry, "execution_state", "WORKING");
    (void)admit_of("MSFT", 1, SIDE_SELL, 10, "399.9", NULL, NULL);
    await_fills(entry, "id", "10");
    await_legs(entry, "10");
    sell_by_hand(4);
    await_legs(entry, "6");
    sell_by_hand(6);
    floor_await_quiet(&floor_);
    return entry;
}

static void expect_closed_by_hand(struct uuid entry, const char *fact)
{
    char id[UUID_TEXT_MAX];
    uuid_format(entry, id);
    cr_expect_str_eq(
        floor_value(&floor_,
                    "SELECT string_agg(concat_ws(' ', order_type, status, trim_scale(filled_quantity)), "
                    "', ' ORDER BY order_type) FROM oxe.orders WHERE parent_order_id = '%s'",
                    id),
        "LIMIT CANCELLED 0, STOP CANCELLED 0", "%s", fact);
    cr_expect_str_eq(floor_value(&floor_, "SELECT trim_scale(sum(abs(quantity) + open_buy + open_sell)) FROM "
                                          "oxe.positions WHERE symbol = 'MSFT'"),
                     "0", "%s", fact);
    floor_check(&floor_);
}

static void expect_closed_once(struct uuid entry, const char *fact)
{
    char id[UUID_TEXT_MAX];
    uuid_format(entry, id);
    const char *legs =
        floor_value(&floor_,
                    "SELECT string_agg(concat_ws(' ', order_type, filled), ', ' ORDER BY order_type) FROM "
                    "(SELECT order_type, trim_scale(sum(filled_quantity)) AS filled FROM oxe.orders "
                    "WHERE parent_order_id = '%s' GROUP BY order_type) AS sums",
                    id);
    cr_expect_str_eq(legs, "LIMIT 10, STOP 0", "%s: %s", fact, legs);
    cr_expect_str_eq(floor_value(&floor_, "SELECT count(*) FROM oxe.fills WHERE flag IS NOT NULL"), "0", "%s",
                     fact);
    floor_check(&floor_);
}

#define BYTES(text) text, sizeof(text) - 1

struct step {
    const char *fact;
    struct moment moment;
};

static const struct step steps[] = {
    {"an entry's fill is about to be recorded with its legs", {MOMENT_BEFORE_SEND, BYTES("insert_legs"), 0}},
    {"the legs' COMMIT is sent", {MOMENT_AFTER_SEND, BYTES("insert_legs"), 0}},
    {"a leg is about to be claimed", {MOMENT_BEFORE_SEND, BYTES("\0held_orders\0"), 1}},
    {"a leg's claim is sent", {MOMENT_AFTER_SEND, BYTES("\0held_orders\0"), 1}},
    {"a leg is about to be written to the exchange", {MOMENT_BEFORE_SEND, BYTES("\00140=3\001"), 0}},
    {"the stop loss is written, the take profit perhaps", {MOMENT_AFTER_SEND, BYTES("\00140=3\001"), 0}},
    {"the entry's second fill is about to be recorded", {MOMENT_BEFORE_SEND, BYTES("write_brackets"), 1}},
    {"the second fill's COMMIT is sent", {MOMENT_AFTER_SEND, BYTES("write_brackets"), 1}},
    {"a leg is about to be resized", {MOMENT_BEFORE_SEND, BYTES("\00135=G\001"), 0}},
    {"a leg is resized, the other perhaps", {MOMENT_AFTER_SEND, BYTES("\00135=G\001"), 0}},
    {"the exchange has confirmed a size", {MOMENT_RECEIVED, BYTES("\001150=5\001"), 0}},
    {"the take profit's first fill is about to be recorded",
     {MOMENT_BEFORE_SEND, BYTES("write_brackets"), 2}},
    {"the stop loss is about to be shrunk", {MOMENT_BEFORE_SEND, BYTES("\00135=G\001"), 2, true}},
    {"the stop loss is about to be cancelled", {MOMENT_BEFORE_SEND, BYTES("\00135=F\001"), 0}},
    {"the stop loss's cancel is sent", {MOMENT_AFTER_SEND, BYTES("\00135=F\001"), 0}},
    {"the stop loss's end is told", {MOMENT_RECEIVED, BYTES("\001150=4\001"), 0}},
};

static const struct step steps_by_hand[] = {
    {"the sale of a part is about to be recorded", {MOMENT_BEFORE_SEND, BYTES("write_brackets"), 1}},
    {"the COMMIT of the sale of a part is sent", {MOMENT_AFTER_SEND, BYTES("write_brackets"), 1}},
    {"a leg is about to be shrunk", {MOMENT_BEFORE_SEND, BYTES("\00135=G\001"), 0}},
    {"the sale of the rest is about to be recorded", {MOMENT_BEFORE_SEND, BYTES("release_legs"), 0}},
    {"the COMMIT of the sale of the rest is sent", {MOMENT_AFTER_SEND, BYTES("release_legs"), 0}},
    {"a leg is about to be cancelled", {MOMENT_BEFORE_SEND, BYTES("\00135=F\001"), 0}},
    {"the end of a leg is told", {MOMENT_RECEIVED, BYTES("\001150=4\001"), 0}},
};

static bool is_traced(pid_t pid)
{
    char path[64], line[128];
    int tracer = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL &&
           sscanf(line, "TracerPid: %d", &tracer) != 1)
        continue;
    if (file != NULL)
        (void)fclose(file);
    return tracer != 0;
}

/* The executor that owns the lane of trader 0. */
static size_t owner(void)
{
    struct uuid trader = {{0}};
    const char *id = floor_value(&floor_, "SELECT id FROM oxe.traders WHERE subject = 'trader-0'");
    cr_assert_eq(uuid_parse(id, strlen(id), &trader), 0);
    return strtoul(
        floor_value(&floor_, "SELECT owner FROM oxe.lanes WHERE lane = %d", lane_of(trader, FLOOR_LANES)),
        NULL, 10);
}

/* Tells the story while the owner of its lane is killed; the other executor carries on. Returns the entry. */
static struct uuid strike(const struct step *step, struct uuid (*tell)(void))
{
    await_both();
    size_t victim = owner();
    pid_t striker = fork();
    if (striker == 0) {
        int64_t at_us;
        int r = moment_strike(floor_.executors[victim], &step->moment, kill_it, NULL, STRIKE_MS, &at_us);
        _exit(-r);
    }
    cr_assert_gt(striker, 0);
    for (int n = 0; !is_traced(floor_.executors[victim]); n++) {
        cr_assert_lt(n, 3000, "nobody traces the executor");
        (void)poll(NULL, 0, 10);
    }
    struct uuid entry = tell();
    int status = 0;
    cr_assert_eq(waitpid(striker, &status, 0), striker);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: it was not struck: %s", step->fact,
              strerror(WEXITSTATUS(status)));
    cr_assert_eq(floor_stop_executor(&floor_, victim, SIGKILL), 128 + SIGKILL);
    floor_start_executor(&floor_, victim, FLOOR_LANES);
    return entry;
}

Test(bracket_kill, at_every_step, .init = set_up, .fini = tear_down, .timeout = 600)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=AAPL");
    const char *only = getenv("OXE_BRACKET_STEP");
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (only == NULL || strtoul(only, NULL, 10) == i)
            expect_closed_once(strike(&steps[i], tell_story), steps[i].fact);
    }
    await_both();
}

Test(bracket_kill, while_what_it_protects_is_sold_by_hand, .init = set_up, .fini = tear_down, .timeout = 600)
{
    floor_tell_exchange(&floor_, "fault no-liquidity symbol=MSFT");
    for (size_t i = 0; i < ARRAY_LEN(steps_by_hand); i++)
        expect_closed_by_hand(strike(&steps_by_hand[i], tell_of_sale_by_hand), steps_by_hand[i].fact);
    await_both();
}
