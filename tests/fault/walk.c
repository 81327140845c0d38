/* SPDX-License-Identifier: Apache-2.0 */
/* fault-walk: a random walk over the whole suite (TAP; a line for each part of it).
 *
 * Traders submit, repeat and cancel orders of every kind, operations halt, limit and resolve, the exchange
 * lies, lines drop, processes die and freeze: at once, by a seed. Every few seconds it rests: faults end,
 * nothing is in flight, and everything that must be true then is checked (walk_rest.c).
 *
 * OXE_WALK_SECONDS (75) is how long it goes on, OXE_WALK_SEED (1) what it draws from. The same seed draws the
 * same actions; what they meet depends on the machine's schedule too. OXE_WALK_LIMIT (600): messages a minute
 * to the exchange, in the parts that are limited. */
#include "tests/fault/walk.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "proto/lane.h"
#include "tests/fault/cells.h"

enum {
    SECONDS = 75,
    PART_SECONDS_MIN = 8,
    PART_SECONDS_MAX = 20,
    GAP_US = 25000,          /* mean, between two actions */
    DAY_LIMIT = 60000,       /* of the last walker, who comes to it soon */
    GAP_LIMITED_US = 150000, /* where orders wait for the exchange's limit */
    LIMIT = 600,
    PROGRESS_US = 30000000,
    TOKEN_BYTES = 4096,
    FAULTS_BYTES = 65536,
};

/* The suite's own symbols (deploy/local/instruments.csv). */
static const struct symbol symbols[WALK_SYMBOLS] = {
    {"AAPL", 15000, 15000, false},
    {"MSFT", 41000, 41000, false},
    {"GOOG", 17500, 17500, false},
    {"AMZN", 18500, 18500, false},
    {"NVDA", 12000, 12000, false},
    {"BTC-USD", 6000000, 6000000, true},
    [SYMBOL_LIAR] = {"SPY", 56000, 56000, false},
    [SYMBOL_DENIER] = {"TSLA", 25000, 25000, false},
};

static const struct action {
    unsigned weight;
    void (*act)(struct walk *walk, uint64_t seed);
} actions[] = {
    {300, walk_order},  {200, walk_bracket},      {40, walk_repeat}, {40, walk_preview},
    {140, walk_cancel}, {30, walk_read},          {110, walk_price}, {110, walk_exchange_fault},
    {8, walk_halt},     {24, walk_lift},          {10, walk_limits}, {8, walk_account},
    {25, walk_resolve}, {14, walk_kill},          {14, walk_freeze}, {8, walk_terminate},
    {2, walk_end_day},  {2, walk_crash_database},
};

void walk_note(struct walk *walk, const char *format, ...)
{
    char *note = walk->notes[walk->note_count++ % WALK_NOTES];
    int length =
        snprintf(note, WALK_NOTE_BYTES, "%8.3f ", (double)(clock_monotonic_us() - walk->begun_us) / 1e6);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(note + length, WALK_NOTE_BYTES - (size_t)length, format, arguments);
    va_end(arguments);
    (void)fprintf(walk->log, "%s\n", note);
    (void)fflush(walk->log);
}

void walk_fault(struct walk *walk, const char *format, ...)
{
    CLEANUP_FREE char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    walk_note(walk, "FAULT %s", text);
    if (walk->faults.length + (size_t)length + 1 < FAULTS_BYTES)
        buffer_append_format(&walk->faults, "%s\n", text);
}

void walk_pause(struct walk *walk, int64_t us)
{
    int64_t until_us = clock_monotonic_us() + us;

    for (int64_t left; (left = until_us - clock_monotonic_us()) > 0;)
        walk_asks_run(walk, left > 50000 ? 50 : (int)(left / 1000) + 1);
}

uint64_t walk_draw(uint64_t *seed, uint64_t bound)
{
    return draw(seed) % bound;
}

long walk_between(uint64_t *seed, long low, long high)
{
    return low + (long)walk_draw(seed, (uint64_t)(high - low + 1));
}

static void bail_out(const char *why)
{
    (void)printf("Bail out! %s\n", why);
    exit(1);
}

static unsigned long long setting(const char *name, unsigned long long otherwise)
{
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? otherwise : strtoull(value, NULL, 10);
}

/* What ./oxe token prints. */
static char *make_token(const struct walk *walk, const char *arguments)
{
    char command[1024], token[TOKEN_BYTES] = "";

    (void)snprintf(command, sizeof(command), "'%s' token --ttl 86400 %s", walk->floor.front_door, arguments);
    FILE *pipe = popen(command, "re"); // NOLINT: the words are ours
    if (pipe == NULL || fgets(token, sizeof(token), pipe) == NULL || pclose(pipe) != 0)
        bail_out("no token can be made");
    token[strcspn(token, "\n")] = '\0';
    return strdup(token);
}

/* An account whose orders go over this lane. */
static void open_account(struct walk *walk, struct walker *walker, size_t lane, uint64_t *seed,
                         const char *columns, const char *values)
{
    CLEANUP(buffer_release) struct buffer sql = BUFFER_INIT(4096);
    struct uuid id;

    do {
        for (size_t i = 0; i < sizeof(id.bytes); i++)
            id.bytes[i] = (uint8_t)draw(seed);
        id.bytes[6] = (uint8_t)(0x40 | (id.bytes[6] & 0x0f));
        id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    } while (lane_of(id, WALK_LANES) != (int)lane);
    uuid_format(id, walker->id);
    buffer_append_format(&sql,
                         "INSERT INTO oxe.traders (id, subject, orders_per_minute, max_open_orders, %s) "
                         "VALUES ('%s', '%s', 0, 300, %s)",
                         columns, walker->id, walker->subject, values);
    free(floor_sql(&walk->floor, sql.data));
    if (floor_count(&walk->floor, "SELECT count(*) FROM oxe.traders") <= 0)
        bail_out("no account can be opened");
    walker->token = make_token(walk, walker->subject);
}

/* Of the walkers, some are rich and some are not, five have something to sell, three may sell short,
 * one has a limit on its day. */
static void open_accounts(struct walk *walk, uint64_t *seed)
{
    for (size_t i = 0; i < WALKERS; i++) {
        struct walker *walker = &walk->walkers[i], *prober = &walk->probers[i];
        char values[128];
        walker->shorts = i % 3 == 1;
        (void)snprintf(walker->subject, sizeof(walker->subject), "walker-%zu", i);
        (void)snprintf(values, sizeof(values), "%s, %s, 10000000, 100000000, 5000000, %d",
                       i % 2 == 0 ? "2000000, 2000000" : "150000, 150000", walker->shorts ? "true" : "false",
                       i == WALKERS - 1 ? DAY_LIMIT : 0);
        open_account(
            walk, walker, i, seed,
            "cash, opening_cash, short_selling, daily_loss, max_position_quantity, max_order_notional, "
            "max_daily_notional",
            values);
        (void)snprintf(prober->subject, sizeof(prober->subject), "prober-%zu", i);
        open_account(walk, prober, i, seed, "cash, opening_cash", "1000000000, 1000000000");
    }
    free(floor_sql(&walk->floor,
                   "INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost) "
                   "SELECT t.id, s.symbol, 3000, 3000, 300000 FROM oxe.traders t CROSS JOIN "
                   "unnest(ARRAY['AAPL', 'MSFT', 'GOOG', 'AMZN', 'NVDA', 'TSLA', 'SPY']) AS s (symbol) "
                   "WHERE t.subject IN ('walker-0', 'walker-2', 'walker-3', 'walker-5', 'walker-6')"));
    walk->operations = make_token(walk, "olga --role operations");
    for (size_t i = 0; i < WALK_WATCHERS; i++)
        walk->watchers[i] = watcher_start(walk->floor.port, walk->walkers[i].token);
}

/* Three executors, with a limit of messages a minute to the exchange, 0 for none. */
static void scale(struct walk *walk, unsigned long long limit)
{
    char value[32];

    (void)snprintf(value, sizeof(value), "%llu", limit);
    (void)setenv("EXCHANGE_API_RATE_LIMIT", value, 1);
    if (floor_run((const char *const[]){walk->floor.front_door, "scale", "executor=3", NULL}, &walk->floor) !=
        0)
        bail_out("three executors cannot be started");
    for (int i = 0; i < 600; i++) {
        if (floor_count(&walk->floor,
                        "SELECT count(DISTINCT owner) FROM oxe.lanes WHERE owner IS NOT NULL") == 3)
            return;
        walk_pause(walk, 50000);
    }
    bail_out("the lanes are not spread over three executors");
}

static void act(struct walk *walk, uint64_t seed)
{
    unsigned total = 0;

    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        total += actions[i].weight;
    uint64_t pick = walk_draw(&seed, total);
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (pick < actions[i].weight) {
            actions[i].act(walk, seed);
            return;
        }
        pick -= actions[i].weight;
    }
}

static void show_progress(const struct walk *walk, size_t part, int64_t *at_us)
{
    int64_t now = clock_monotonic_us();

    if (now < *at_us)
        return;
    *at_us = now + PROGRESS_US;
    (void)fprintf(
        stderr,
        "# %.0f s, part %zu: %zu orders, %ld cancels, %ld previews, %ld halts, %ld resolves; answers: %ld "
        "none, %ld 2xx, %ld 4xx, %ld 5xx\n",
        (double)(now - walk->begun_us) / 1e6, part, walk->placed_count, walk->counts[ASK_CANCEL],
        walk->counts[ASK_PREVIEW], walk->counts[ASK_HALT], walk->counts[ASK_RESOLVE], walk->answers[0],
        walk->answers[2], walk->answers[4], walk->answers[5]);
}

/* Statements of the walk itself must not wait for what it has frozen. */
static void bound_statements(struct walk *walk, bool bound)
{
    (void)setenv("PGOPTIONS", bound ? "-c statement_timeout=2000" : "-c statement_timeout=60000", 1);
    floor_close(&walk->floor);
}

static void walk_part(struct walk *walk, uint64_t seed, size_t part, int64_t *progress_us)
{
    int64_t gap_us = walk->limited ? GAP_LIMITED_US : GAP_US;
    int64_t until_us =
        clock_monotonic_us() + walk_between(&seed, PART_SECONDS_MIN, PART_SECONDS_MAX) * 1000000;
    int64_t due_us = clock_monotonic_us();

    bound_statements(walk, true);
    while (clock_monotonic_us() < until_us && walk->faults.length == 0) {
        walk_thaw(walk, false);
        walk_see_prices(walk);
        act(walk, draw(&seed));
        due_us += walk_between(&seed, 0, 2 * gap_us);
        int64_t left_us = due_us - clock_monotonic_us();
        walk_pause(walk, left_us > 1000 ? left_us : 1000);
        /* What was due while the walk itself had to wait is not made up for. */
        if (left_us < 0)
            due_us = clock_monotonic_us();
        show_progress(walk, part, progress_us);
    }
    bound_statements(walk, false);
}

/* Returns how many parts failed: 0 or 1, after which nothing more can be told. */
static int run(struct walk *walk)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)setting("OXE_WALK_SECONDS", SECONDS) * 1000000;
    int64_t progress_us = clock_monotonic_us() + PROGRESS_US;
    uint64_t seed = walk->seed;
    size_t part = 0;

    while (clock_monotonic_us() < until_us && walk->faults.length == 0) {
        uint64_t own = draw(&seed);
        bool limited = part++ % 3 == 1;
        walk->loses = draw(&own) % 2 == 0;
        if (limited != walk->limited)
            scale(walk, limited ? setting("OXE_WALK_LIMIT", LIMIT) : 0);
        walk->limited = limited;
        walk_note(walk, "--- part %zu: %s, %s", part, walk->loses ? "the exchange loses" : "fills come late",
                  limited ? "limited" : "not limited");
        walk_part(walk, draw(&own), part, &progress_us);
        walk_rest(walk, draw(&own));
        (void)printf("%s %zu - part_%zu_%s%s\n", walk->faults.length == 0 ? "ok" : "not ok", part, part,
                     walk->limited ? "with_a_limit" : "without_a_limit",
                     walk->faults.length == 0 ? "" : "_ends_in_order");
        (void)fflush(stdout);
    }
    (void)printf("1..%zu\n", part);
    return walk->faults.length > 0;
}

int main(void)
{
    static struct walk walk;
    char base[64], path[512];

    walk = (struct walk){.floor = floor_open(),
                         .seed = setting("OXE_WALK_SEED", 1),
                         .placed = calloc(WALK_PLACED, sizeof(struct placed)),
                         .acknowledged = BUFFER_INIT(0),
                         .faults = BUFFER_INIT(FAULTS_BYTES),
                         .begun_us = clock_monotonic_us()};
    (void)snprintf(base, sizeof(base), "http://127.0.0.1:%d", walk.floor.port);
    (void)snprintf(path, sizeof(path), "%s/log/walk.log", walk.floor.home);
    walk.log = fopen(path, "we");
    if (walk.placed == NULL || walk.log == NULL)
        bail_out("the walk cannot begin");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)memcpy(walk.symbols, symbols, sizeof(symbols));
    walk.web = web_create(base, walk_ask_done, &walk);
    (void)printf("# OXE_WALK_SEED=%llu\n", (unsigned long long)walk.seed);
    (void)fflush(stdout);
    uint64_t seed = walk.seed;
    open_accounts(&walk, &seed);
    scale(&walk, 0);
    int failed = run(&walk);
    if (failed != 0)
        walk_report(&walk);
    for (size_t i = 0; i < WALK_WATCHERS; i++)
        watcher_stop(&walk.watchers[i]);
    floor_close(&walk.floor);
    return failed;
}
