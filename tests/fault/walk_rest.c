/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true whenever the walk rests. See walk.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/fault/cells.h"
#include "tests/fault/checks.h"
#include "tests/fault/walk.h"

#include "walk_give_back.sql.h"
#include "walk_order.sql.h"
#include "walk_rules.sql.h"
#include "walk_under_way.sql.h"

enum {
    READY_S = 60,
    SETTLE_S = 150,
    STAYS_S = 60, /* a report that stays away so long has been asked for (ORDER_STATUS_UPDATE_TIMEOUT) */
    PROBE_S = 90,
    SEEN_S = 15,
    POLL_US = 200000,
    ASKED_US = 1000000,
    DOUBTS_AT_ONCE = 20,
    REPORTED_ORDERS = 8,
};

static int64_t in_seconds(int seconds)
{
    return clock_monotonic_us() + (int64_t)seconds * 1000000;
}

/* Lifts all halts, those too that the suite made by itself. */
static bool lift_halts(struct walk *walk)
{
    CLEANUP_FREE char *ids = floor_sql(&walk->floor, "SELECT id FROM oxe.halts");

    if (ids == NULL)
        return false;
    for (char *save, *id = strtok_r(ids, "\n", &save); id != NULL; id = strtok_r(NULL, "\n", &save)) {
        struct ask *ask = walk_ask_new(walk, ASK_LIFT, "DELETE", walk->operations);
        if (ask == NULL)
            return false;
        ask->persists = true;
        (void)snprintf(ask->path, sizeof(ask->path), "/api/v1/admin/halts/%s", id);
        walk_ask_send(walk, ask);
    }
    walk->halt_count = 0;
    return true;
}

static void end_faults(struct walk *walk)
{
    int64_t until_us = in_seconds(READY_S);
    bool cleared = false, active = false, lifted = false;

    walk_thaw(walk, true);
    while (clock_monotonic_us() < until_us) {
        CLEANUP_FREE char *answer = cleared ? NULL : walk_ask_exchange(walk, "fault clear");
        cleared = cleared || answer != NULL;
        CLEANUP_FREE char *done = active ? NULL : floor_sql(&walk->floor, sql_walk_give_back);
        active = active || done != NULL;
        lifted = lifted || lift_halts(walk);
        walk_asks_run(walk, 50);
        if (cleared && active && lifted && walk_asks_waiting(walk) == 0 && floor_is_ready(&walk->floor))
            return;
    }
    walk_fault(walk,
               "not everything comes back within %d s: faults cleared %d, accounts active %d, halts lifted "
               "%d, %zu requests without an answer, ready %d",
               READY_S, cleared, active, lifted, walk_asks_waiting(walk), floor_is_ready(&walk->floor));
}

/* Resolves what is in doubt meanwhile. False: something stays on its way. */
static bool settle(struct walk *walk, uint64_t seed)
{
    int64_t until_us = in_seconds(SETTLE_S), doubts_us = 0;
    CLEANUP_FREE char *text = NULL;

    for (;;) {
        free(text);
        text = floor_sql(&walk->floor, sql_walk_under_way);
        if (text != NULL && *text == '\0' && walk_asks_waiting(walk) == 0)
            return true;
        int64_t now = clock_monotonic_us();
        if (now > until_us) {
            walk_fault(walk, "does not settle within %d s:\n%s", SETTLE_S,
                       text == NULL ? "the database is away\n" : text);
            return false;
        }
        if (now > doubts_us) {
            doubts_us = now + ASKED_US;
            (void)walk_resolve_doubts(walk, draw(&seed), DOUBTS_AT_ONCE);
            (void)lift_halts(walk); /* an overfill makes one */
        }
        walk_asks_run(walk, POLL_US / 1000);
    }
}

static void check(struct walk *walk, const char *what, char *offenders)
{
    if (*offenders != '\0')
        walk_fault(walk, "%s:\n%s", what, offenders);
    free(offenders);
}

/* Prices go on moving and fill orders that rest, and an answer may be so late that its order gets into doubt
 * only now: a difference counts when it stays while all that is resolved. */
static bool check_books_and_rules(struct walk *walk, uint64_t seed)
{
    int64_t until_us = in_seconds(STAYS_S);
    char looked_at[32];

    for (;;) {
        CLEANUP_FREE char *invariants = find_broken_invariants(&walk->floor);
        CLEANUP_FREE char *books = find_books_differences(&walk->floor);
        (void)snprintf(looked_at, sizeof(looked_at), "%ld", walk->looked_at);
        CLEANUP_FREE char *own = floor_sql_with(&walk->floor, sql_walk_rules, looked_at);
        if (own != NULL && *invariants == '\0' && *books == '\0' && *own == '\0') {
            walk->looked_at = floor_count(&walk->floor, "SELECT max(log_seq) FROM oxe.execution_logs");
            return true;
        }
        if (clock_monotonic_us() > until_us) {
            walk_fault(walk,
                       "broken invariants:\n%sdifferences from the exchange's books:\n%sbroken rules:\n%s",
                       invariants, books, own == NULL ? "the database is away\n" : own);
            return false;
        }
        if (!settle(walk, draw(&seed)))
            return false;
        walk_asks_run(walk, POLL_US / 1000);
    }
}

static void check_acknowledged_orders(struct walk *walk)
{
    buffer_append_text(&walk->acknowledged, walk->acknowledged.length == 0 ? "{}" : "}");
    check(walk, "acknowledged and lost", check_acknowledged(&walk->floor, walk->acknowledged.data));
    buffer_clear(&walk->acknowledged);
}

static void check_watcher(struct walk *walk, size_t which)
{
    int64_t until_us = in_seconds(SEEN_S);
    char fault[WATCHER_FAULT_MAX];
    long last, seen;

    do {
        CLEANUP_FREE char *text =
            floor_sql_with(&walk->floor, "SELECT last_seq FROM oxe.audit_traders WHERE trader_id = $1::uuid",
                           walk->walkers[which].id);
        last = text == NULL ? -1 : strtol(text, NULL, 10);
        seen = (long)watcher_last(walk->watchers[which]);
        if (seen == last)
            break;
        walk_asks_run(walk, POLL_US / 1000);
    } while (clock_monotonic_us() < until_us);
    if (seen != last)
        walk_fault(walk, "the stream of %s is at %ld, the log at %ld", walk->walkers[which].subject, seen,
                   last);
    watcher_fault(walk->watchers[which], fault);
    if (fault[0] != '\0')
        walk_fault(walk, "the stream of %s: %s", walk->walkers[which].subject, fault);
}

/* Whether this lane's prober gets a market order filled before `until_us`. */
static bool probe(struct walk *walk, size_t lane, int64_t until_us, int round)
{
    static const char body[] =
        "{\"symbol\":\"AAPL\",\"side\":\"BUY\",\"quantity\":1,\"order_type\":\"MARKET\"}";
    char key[WALK_KEY], id[WALK_ID] = "";
    long status = 0;

    (void)snprintf(key, sizeof(key), "probe-%zu-%zu-%d", lane, walk->placed_count, round);
    struct web_request request = {.method = "POST",
                                  .path = "/api/v1/orders",
                                  .token = walk->probers[lane].token,
                                  .key = key,
                                  .body = body};
    CLEANUP_FREE char *answer = web_ask(walk->web, &request, &status);
    const char *at = strstr(answer, "\"id\":\"");
    if (status != 201 || at == NULL || sscanf(at, "\"id\":\"%39[^\"]", id) != 1) {
        walk_note(walk, "prober %zu: %ld %.200s", lane, status, answer);
        walk_pause(walk, ASKED_US);
        return false;
    }
    for (;;) {
        CLEANUP_FREE char *state = floor_sql_with(
            &walk->floor, "SELECT status, execution_state FROM oxe.orders WHERE id = $1::uuid", id);
        if (state != NULL && strstr(state, "DONE") != NULL)
            return strncmp(state, "FILLED", 6) == 0;
        if (clock_monotonic_us() > until_us)
            return false;
        walk_asks_run(walk, POLL_US / 4000);
    }
}

static void check_trading(struct walk *walk)
{
    int64_t until_us = in_seconds(PROBE_S);

    for (size_t lane = 0; lane < WALK_LANES; lane++) {
        bool filled = false;
        for (int round = 0; !filled && clock_monotonic_us() < until_us; round++)
            filled = probe(walk, lane, until_us, round);
        if (!filled)
            walk_fault(walk, "lane %zu does not fill a market order", lane);
    }
}

/* An exchange that has lost a report for good, without a gap in its numbers, is found out by the question
 * that follows a logon: what rests is not asked about before. The probers' orders meet the end of each line.
 */
static void end_lines(struct walk *walk)
{
    for (int lane = 0; lane < WALK_LANES; lane++) {
        char command[64];
        (void)snprintf(command, sizeof(command), "fault drop-before message=order session=OXE-L%d", lane);
        free(walk_ask_exchange(walk, command));
    }
}

void walk_rest(struct walk *walk, uint64_t seed)
{
    int64_t begun_us = clock_monotonic_us();
    bool lost = walk->loses;

    walk_note(walk, "--- rest");
    end_faults(walk);
    walk->loses = false;
    if (walk->faults.length > 0 || !settle(walk, draw(&seed)))
        return;
    int64_t settled_us = clock_monotonic_us();
    if (lost)
        end_lines(walk);
    check_trading(walk);
    int64_t traded_us = clock_monotonic_us();
    if (!check_books_and_rules(walk, draw(&seed)))
        return;
    check_acknowledged_orders(walk);
    CLEANUP_FREE char *log = check_log(&walk->floor, STAYS_S * 1000);
    if (*log != '\0')
        walk_fault(walk, "the log does not prove itself:\n%s", log);
    for (size_t i = 0; i < WALK_WATCHERS; i++)
        check_watcher(walk, i);
    (void)fprintf(walk->log, "settled after %.1f s, probed for %.1f s, checked for %.1f s\n",
                  (double)(settled_us - begun_us) / 1e6, (double)(traded_us - settled_us) / 1e6,
                  (double)(clock_monotonic_us() - traded_us) / 1e6);
}

static void print_comment(const char *text)
{
    CLEANUP_FREE char *copy = strdup(text);
    for (char *save, *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        (void)printf("#   %s\n", line);
}

static void print_lines_with(const char *text, const char *what)
{
    CLEANUP_FREE char *copy = strdup(text == NULL ? "" : text);
    for (char *save, *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        if (strstr(line, what) != NULL)
            (void)printf("#     there: %s\n", line);
}

static bool is_id(const char *text)
{
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

static void print_orders(struct walk *walk)
{
    char seen[REPORTED_ORDERS][WALK_ID];
    size_t count = 0;
    CLEANUP_FREE char *orders = walk_ask_exchange(walk, "orders");
    CLEANUP_FREE char *executions = walk_ask_exchange(walk, "executions");

    for (const char *at = walk->faults.data; *at != '\0' && count < REPORTED_ORDERS; at++) {
        size_t known = 0;
        if (!is_id(at))
            continue;
        (void)snprintf(seen[count], WALK_ID, "%.36s", at);
        while (strcmp(seen[known], seen[count]) != 0)
            known++;
        if (known < count)
            continue;
        CLEANUP_FREE char *text = floor_sql_with(&walk->floor, sql_walk_order, seen[count]);
        print_comment(text == NULL ? "the database is away" : text);
        print_lines_with(orders, seen[count]);
        print_lines_with(executions, seen[count]);
        count++;
    }
}

void walk_report(struct walk *walk)
{
    (void)printf("# the seed: OXE_WALK_SEED=%llu\n", (unsigned long long)walk->seed);
    print_comment(walk->faults.data);
    (void)printf("# the orders:\n");
    print_orders(walk);
    (void)printf("# the last actions:\n");
    size_t first = walk->note_count > WALK_NOTES ? walk->note_count - WALK_NOTES : 0;
    for (size_t i = first; i < walk->note_count; i++)
        print_comment(walk->notes[i % WALK_NOTES]);
}
