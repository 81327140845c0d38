/* SPDX-License-Identifier: Apache-2.0 */
/* fault-matrix: breaks each process at each moment of an order's life, under load, and proves after each blow
 * that nothing was lost and nothing happened twice (TAP; one line a cell).
 *
 * OXE_FAULT_FULL=1 runs all cells, OXE_FAULT_ROUNDS rounds (3) of the kills; else a dozen. OXE_FAULT_SEED (1)
 * decides their order and which orders are hit. OXE_FAULT_ONLY=TEXT runs the cells whose name holds it,
 * OXE_FAULT_CELLS=FROM-TO those with these numbers: so a run can be shared out to several instances. The
 * table of it all goes to BUILD/meson-logs/fault/matrix.md, each cell's figures to matrix-FROM-TO.txt there;
 * `fault-matrix --table FILE…` adds such files up to one table.
 *
 * Long: one table of cells, and what each of them does. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/fault/cells.h"
#include "tests/fault/checks.h"
#include "tests/fault/floor.h"
#include "tests/fault/flow.h"
#include "tests/fault/summary.h"

enum {
    NAME_BYTES = 256,
    MOMENT_MS = 20000,     /* under load each comes many times a second, with a limit each few seconds */
    FLOW_AGAIN_MS = 60000, /* from the fault on */
    TAKEOVER_MS = 5000,    /* of a dead executor's lanes */
    SETTLE_MS = 60000,
    SETTLE_LIMITED_MS = 180000,
    OPEN_LIMITED_MAX =
        40, /* open orders with which a limited cell may begin: a new session asks about each */
    SHAKE_US = 1000000,
    STAYS_MS = 10000, /* a difference that stays so long is one */
    WARM_UP_ORDERS = 20,
    SKIP_MAX = 8,
    TRIES = 3,
    POLL_US = 50000,
};

struct blow {
    const struct floor *floor;
    enum fault fault;
    const char *service; /* of FAULT_DOWN */
};

static void pause_us(int64_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    (void)nanosleep(&time, NULL);
}

static void terminate_connections(const struct floor *floor)
{
    /* A connection of this process's own: it runs beside the one that the test holds. */
    struct floor own = *floor;
    own.database = NULL;
    free(floor_sql(&own,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'oxe\\_%'"));
    floor_close(&own);
}

/* The act of a cell, at its moment. */
static void strike(pid_t pid, void *context)
{
    const struct blow *blow = context;

    switch (blow->fault) {
    case FAULT_KILL:
        (void)kill(pid, SIGKILL);
        break;
    case FAULT_FREEZE:
        (void)kill(pid, SIGSTOP);
        pause_us(FREEZE_SECONDS * 1000000);
        (void)kill(pid, SIGCONT);
        break;
    case FAULT_SERVER_KILL:
        floor_signal_database(blow->floor, SIGKILL);
        break;
    case FAULT_SERVER_FREEZE:
        floor_signal_database(blow->floor, SIGSTOP);
        pause_us(FREEZE_SECONDS * 1000000);
        floor_signal_database(blow->floor, SIGCONT);
        break;
    case FAULT_IMMEDIATE:
        (void)kill(floor_pid(blow->floor, "postgres"), SIGQUIT);
        break;
    case FAULT_TERMINATE:
        terminate_connections(blow->floor);
        break;
    case FAULT_DOWN:
        floor_tell(blow->floor, "down", blow->service);
        pause_us(DOWN_SECONDS * 1000000);
        floor_tell(blow->floor, "up", blow->service);
        break;
    default:
        break;
    }
}

static const char *service_of(enum target target)
{
    static const char *const names[TARGET_COUNT] = {
        [TARGET_GATEWAY] = "gateway",
        [TARGET_VALIDATOR] = "validator",
        [TARGET_RISK_MANAGER] = "risk-manager",
        [TARGET_BROADCASTER] = "status-broadcaster",
        [TARGET_EXCHANGE] = "exchange-sim",
        [TARGET_POSTGRES] = "postgres",
        [TARGET_REDIS] = "redis",
    };
    return names[target];
}

/* How to find a target that moves from process to process: one line each, to draw from. */
static const char *finder_of(enum target target)
{
    static const char active[] =
        "SELECT 'audit-writer-' || split_part(h.process, '/', 2) FROM oxe.heartbeats h "
        "WHERE h.service = 'audit-writer' AND EXISTS "
        "(SELECT FROM pg_locks l WHERE l.pid = h.backend_pid AND l.locktype = 'advisory' AND l.granted)";
    static const char standby[] =
        "SELECT 'audit-writer-' || split_part(h.process, '/', 2) FROM oxe.heartbeats h "
        "WHERE h.service = 'audit-writer' AND NOT EXISTS "
        "(SELECT FROM pg_locks l WHERE l.pid = h.backend_pid AND l.locktype = 'advisory' AND l.granted)";
    static const char owners[] =
        "SELECT DISTINCT 'executor-' || owner FROM oxe.lanes WHERE owner IS NOT NULL ORDER BY 1";
    static const char risk[] = "SELECT pid FROM pg_stat_activity WHERE usename = 'oxe_risk' ORDER BY 1";
    static const char executors[] =
        "SELECT DISTINCT a.pid FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
        "WHERE a.usename = 'oxe_executor' AND l.locktype = 'advisory' ORDER BY 1";
    static const char audit[] = "SELECT DISTINCT a.pid FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
                                "WHERE a.usename = 'oxe_audit' AND l.locktype = 'advisory' ORDER BY 1";
    static const char *const finders[TARGET_COUNT] = {
        [TARGET_EXECUTOR] = owners,   [TARGET_AUDIT_WRITER] = active,        [TARGET_AUDIT_STANDBY] = standby,
        [TARGET_RISK_BACKEND] = risk, [TARGET_EXECUTOR_BACKEND] = executors, [TARGET_AUDIT_BACKEND] = audit,
    };
    return finders[target];
}

/* Draws a line of the text into `line`; false when there is none. */
static bool draw_line(char *text, uint64_t *seed, char line[static NAME_BYTES])
{
    char *lines[64];
    size_t count = 0;

    for (char *save, *at = strtok_r(text, "\n", &save); at != NULL && count < ARRAY_LEN(lines);
         at = strtok_r(NULL, "\n", &save))
        lines[count++] = at;
    if (count == 0)
        return false;
    (void)snprintf(line, NAME_BYTES, "%s", lines[draw(seed) % count]);
    return true;
}

/* The process to hit; 0 when there is none. */
static pid_t find_target(struct floor *floor, enum target target, uint64_t *seed)
{
    char name[NAME_BYTES];

    if (service_of(target) != NULL)
        return floor_pid(floor, service_of(target));
    CLEANUP_FREE char *found = floor_sql(floor, finder_of(target));
    if (found == NULL || !draw_line(found, seed, name))
        return 0;
    return name[0] >= '0' && name[0] <= '9' ? (pid_t)atoi(name) : floor_pid(floor, name);
}

/* Strikes; the time of it, or 0 when its moment did not come. */
static int64_t strike_cell(struct floor *floor, const struct cell *cell)
{
    struct blow blow = {.floor = floor, .fault = cell->fault, .service = service_of(cell->stage->target)};
    struct moment moment = cell->stage->moment;
    uint64_t seed = cell->seed;
    int64_t at_us = 0;

    moment.skip = (unsigned)(draw(&seed) % SKIP_MAX);
    pause_us((int64_t)(draw(&seed) % 300000));
    for (int i = 0; i < TRIES; i++) {
        pid_t pid = find_target(floor, cell->stage->target, &seed);
        if (pid <= 0) {
            pause_us(POLL_US);
            continue;
        }
        int r = moment_strike(pid, &moment, strike, &blow, MOMENT_MS, &at_us);
        if (at_us != 0)
            return at_us;
        (void)printf("# pid %d: %s\n", pid, strerror(-r));
    }
    return 0;
}

/* Waits until an order that was sent after the fault is answered 201 and every lane has filled one. */
static void await_flow(struct floor *floor, const struct flow *flow, struct outcome *outcome)
{
    int64_t shaken_us = 0;
    int64_t until_us = outcome->at_us + (int64_t)FLOW_AGAIN_MS * 1000;

    while (clock_now().us < until_us && (outcome->first_201_us == 0 || outcome->lanes_fill_us == 0)) {
        pause_us(POLL_US);
        if (outcome->target != TARGET_EXCHANGE && clock_now().us > shaken_us + SHAKE_US) {
            shaken_us = clock_now().us;
            flow_shake_prices(floor);
        }
        if (outcome->first_201_us == 0) {
            struct flow_view view = flow_look(flow, outcome->at_us);
            outcome->first_201_us = view.first_201_us;
            free(view.ids);
        }
        if (outcome->lanes_fill_us == 0)
            outcome->lanes_fill_us = flow_lanes_fill(floor, outcome->at_us);
    }
}

static void await_warm_up(const struct flow *flow)
{
    for (int i = 0; i < 200; i++) {
        struct flow_view view = flow_look(flow, 0);
        free(view.ids);
        if (view.answered >= WARM_UP_ORDERS)
            return;
        pause_us(POLL_US);
    }
}

static void add_fault(struct buffer *faults, const char *what, char *offenders)
{
    if (*offenders != '\0')
        buffer_append_format(faults, "%s:\n%s", what, offenders);
    free(offenders);
}

static void check_all(struct floor *floor, const struct flow_view *view, struct outcome *outcome,
                      struct buffer *faults)
{
    add_fault(faults, "does not settle",
              check_settles(floor, outcome->limited ? SETTLE_LIMITED_MS : SETTLE_MS));
    char *lost = check_acknowledged(floor, view->ids);
    outcome->lost += *lost != '\0';
    add_fault(faults, "acknowledged and lost", lost);
    char *broken = check_invariants(floor, STAYS_MS);
    outcome->lost += *broken != '\0';
    add_fault(faults, "broken invariants", broken);
    char *differ = check_books(floor, STAYS_MS);
    outcome->lost += *differ != '\0';
    add_fault(faults, "the exchange disagrees", differ);
    char *log = check_log(floor, STAYS_MS);
    outcome->lost += *log != '\0';
    add_fault(faults, "the log does not prove itself", log);
    add_fault(faults, "put aside", check_put_aside(floor));
}

static void check_view(const struct flow_view *view, int load_status, const struct outcome *outcome,
                       struct buffer *faults)
{
    if (outcome->at_us == 0)
        buffer_append_text(faults, "its moment did not come\n");
    else if (outcome->first_201_us == 0)
        buffer_append_text(faults, "no new order is answered 201 after the fault\n");
    else if (outcome->lanes_fill_us == 0)
        buffer_append_text(faults, "not every lane fills after the fault\n");
    if (outcome->target == TARGET_EXECUTOR && outcome->fault == FAULT_KILL && !outcome->limited &&
        outcome->lanes_fill_us > outcome->at_us + (int64_t)TAKEOVER_MS * 1000)
        buffer_append_text(faults, "its lanes trade too late\n");
    if (view->ruled * 2 > view->answered)
        buffer_append_format(faults, "%ld of %ld orders are refused: their brackets lie beside the price\n",
                             view->ruled, view->answered);
    if (view->others > 0)
        buffer_append_format(faults, "%ld orders are answered otherwise, one with %d\n", view->others,
                             view->other_status);
    if (load_status != 0)
        buffer_append_format(faults, "orders stay without an answer (%d)\n", load_status);
}

/* One cell from the load's start to the verdict; what is wrong goes into faults. */
static struct outcome run_cell(struct floor *floor, const struct cell *cell, struct buffer *faults)
{
    struct outcome outcome = {.target = cell->stage->target, .fault = cell->fault, .limited = cell->limited};
    struct flow flow;

    if (flow_start(floor, cell->limited, &flow) != 0) {
        buffer_append_text(faults, "the load does not start\n");
        return outcome;
    }
    await_warm_up(&flow);
    outcome.at_us = strike_cell(floor, cell);
    if (outcome.at_us != 0)
        await_flow(floor, &flow, &outcome);
    /* Once more when it ends: nothing that rests is left for the cells to come, or it would add up. */
    flow_shake_prices(floor);
    int load_status = flow_end(&flow);
    flow_shake_prices(floor);
    struct flow_view view = flow_look(&flow, outcome.at_us);
    outcome.orders = view.answered;
    outcome.refused = view.refused;
    outcome.broken = view.broken;
    outcome.ruled = view.ruled;
    outcome.slowest_us = view.slowest_us;
    check_view(&view, load_status, &outcome, faults);
    check_all(floor, &view, &outcome, faults);
    for (int i = 0; i < 60 && !floor_is_ready(floor); i++)
        pause_us(POLL_US * 10);
    if (!floor_is_ready(floor))
        buffer_append_text(faults, "not every process is ready again\n");
    free(view.ids);
    return outcome;
}

/* A cell's name: letters, digits, underscores. */
static void name_cell(const struct cell *cell, char name[static NAME_BYTES])
{
    (void)snprintf(name, NAME_BYTES, "%s of %s when %s", fault_text(cell->fault),
                   target_text(cell->stage->target), cell->stage->text);
    if (cell->stage->moment.call == MOMENT_NONE)
        (void)snprintf(name, NAME_BYTES, "%s of %s at any time", fault_text(cell->fault),
                       target_text(cell->stage->target));
    if (cell->limited)
        (void)strncat(name, " with a limit", NAME_BYTES - strlen(name) - 1);
    size_t length = 0;
    for (const char *at = name; *at != '\0'; at++)
        if (isalnum((unsigned char)*at))
            name[length++] = *at;
        else if (length > 0 && name[length - 1] != '_')
            name[length++] = '_';
    name[length] = '\0';
}

static void print_faults(const struct buffer *faults)
{
    CLEANUP_FREE char *text = strdup(faults->data == NULL ? "" : faults->data);
    for (char *save, *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        (void)printf("#   %s\n", line);
}

static double seconds_after(int64_t at_us, int64_t later_us)
{
    return later_us == 0 ? -1 : (double)(later_us - at_us) / 1e6;
}

/* The numbers of the cells to run, from 1. */
struct range {
    size_t from, to;
};

static FILE *open_result(const struct floor *floor, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/meson-logs/fault", floor->build);
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof(path), "%s/meson-logs/fault/%s", floor->build, name);
    return fopen(path, "we");
}

/* After each cell: a run that is ended early has its figures so far. */
static void write_summary(const struct floor *floor, const struct summary *summary, struct range range)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "matrix-%zu-%zu.txt", range.from, range.to);
    FILE *file = open_result(floor, name);
    if (file != NULL) {
        summary_write(summary, file);
        (void)fclose(file);
    }
    file = open_result(floor, "matrix.md");
    if (file != NULL) {
        summary_print(summary, file);
        (void)fclose(file);
    }
}

/* Three executors, each with its share of the lanes, or there is nobody to take over. */
static bool scale(struct floor *floor, bool limited)
{
    char limit[16];

    (void)snprintf(limit, sizeof(limit), "%d", limited ? FLOW_LIMIT : 0);
    (void)setenv("EXCHANGE_API_RATE_LIMIT", limit, 1);
    if (floor_run((const char *const[]){floor->front_door, "scale", "executor=3", NULL}, floor) != 0) {
        (void)printf("Bail out! three executors cannot be started: see %s/fault.log\n", floor->home);
        return false;
    }
    for (int i = 0; i < 600; i++) {
        if (floor_count(floor, "SELECT count(DISTINCT owner) FROM oxe.lanes") == 3)
            return true;
        pause_us(POLL_US);
    }
    (void)printf("Bail out! the lanes are not spread over three executors\n");
    return false;
}

/* Cancels what earlier cells have left open, legs above all: on a limited lane a new session would spend
 * minutes asking about them before it sends anything. Without a limit. */
static bool cancel_all(struct floor *floor)
{
    const char *const halt[] = {floor->front_door,  "ctl",           "halt", "--reason",
                                "before the limit", "--cancel-open", "ALL",  NULL};
    if (floor_run(halt, floor) != 0)
        return false;
    for (int i = 0; i < 600 && floor_count(floor, "SELECT count(*) FROM oxe.open_orders") > 0; i++)
        pause_us(POLL_US);
    CLEANUP_FREE char *id = floor_sql(floor, "SELECT id FROM oxe.halts WHERE scope = 'ALL'");
    return id != NULL &&
           floor_run((const char *const[]){floor->front_door, "ctl", "resume", id, NULL}, floor) == 0;
}

/* Sets or lifts the limit when the next cell wants it otherwise. */
static bool change_limit(struct floor *floor, bool wanted, bool *limited)
{
    bool crowded = wanted && floor_count(floor, "SELECT count(*) FROM oxe.open_orders") > OPEN_LIMITED_MAX;
    if (wanted == *limited && !crowded)
        return true;
    if (crowded && ((*limited && !scale(floor, false)) || !cancel_all(floor)))
        return false;
    *limited = wanted;
    return scale(floor, wanted);
}

static bool prepare(struct floor *floor)
{
    if (flow_prepare(floor) == 0)
        return scale(floor, false);
    (void)printf("Bail out! the instance cannot be prepared: see %s/fault.log\n", floor->home);
    return false;
}

static size_t run_cells(struct floor *floor, const struct cell *cells, struct range range,
                        struct summary *summary)
{
    const char *only = getenv("OXE_FAULT_ONLY");
    size_t failed = 0, number = 0;
    bool limited = false;

    for (size_t i = range.from; i <= range.to; i++) {
        CLEANUP(buffer_release) struct buffer faults = BUFFER_INIT(65536);
        char name[NAME_BYTES];
        name_cell(&cells[i - 1], name);
        if (only != NULL && strstr(name, only) == NULL)
            continue;
        if (!change_limit(floor, cells[i - 1].limited, &limited))
            return 1;
        struct outcome outcome = run_cell(floor, &cells[i - 1], &faults);
        summary_add(summary, &outcome);
        write_summary(floor, summary, range);
        failed += faults.length > 0;
        (void)printf("%s %zu - %s\n", faults.length > 0 ? "not ok" : "ok", ++number, name);
        (void)printf(
            "#   201 after %.2f s, every lane fills after %.2f s; of %ld orders %ld met a 503, %ld a "
            "broken connection, %ld a rule; the slowest took %.2f s\n",
            seconds_after(outcome.at_us, outcome.first_201_us),
            seconds_after(outcome.at_us, outcome.lanes_fill_us), outcome.orders, outcome.refused,
            outcome.broken, outcome.ruled, (double)outcome.slowest_us / 1e6);
        print_faults(&faults);
        (void)fflush(stdout);
    }
    (void)printf("1..%zu\n", number);
    return failed;
}

static unsigned long setting(const char *name, unsigned long otherwise)
{
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? otherwise : strtoul(value, NULL, 10);
}

/* OXE_FAULT_CELLS, or all of them. */
static struct range cells_wanted(size_t count)
{
    struct range range = {1, count};
    const char *value = getenv("OXE_FAULT_CELLS");

    if (value != NULL && *value != '\0' &&
        (sscanf(value, "%zu-%zu", &range.from, &range.to) != 2 || range.from < 1 || range.to > count)) {
        (void)printf("Bail out! OXE_FAULT_CELLS is FROM-TO, from 1 to %zu\n", count);
        exit(64);
    }
    return range;
}

static int print_table(char **paths)
{
    static struct summary summary;

    for (; *paths != NULL; paths++) {
        FILE *file = fopen(*paths, "re");
        if (file == NULL || !summary_read(&summary, file)) {
            (void)fprintf(stderr, "fault-matrix: %s cannot be read\n", *paths);
            return 1;
        }
        (void)fclose(file);
    }
    summary_print(&summary, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static struct cell cells[CELLS_MAX];
    static struct summary summary;
    if (argc > 1 && strcmp(argv[1], "--table") == 0)
        return print_table(argv + 2);
    if (argc > 1) {
        (void)fprintf(stderr, "fault-matrix: unknown argument '%s'; --table FILE … is possible\n", argv[1]);
        return 64;
    }
    struct floor floor = floor_open();
    uint64_t seed = setting("OXE_FAULT_SEED", 1);

    size_t count = setting("OXE_FAULT_FULL", 0) != 0
                       ? cells_full(seed, (unsigned)setting("OXE_FAULT_ROUNDS", 3), cells)
                       : cells_small(seed, cells);
    struct range range = cells_wanted(count);
    (void)printf("# cells %zu to %zu of %zu, seed %llu, %d orders a second\n", range.from, range.to, count,
                 (unsigned long long)seed, FLOW_RATE);
    if (!prepare(&floor))
        return 1;
    size_t failed = run_cells(&floor, cells, range, &summary);
    (void)printf("# the table: %s/meson-logs/fault/matrix.md\n", floor.build);
    floor_close(&floor);
    return failed == 0 ? 0 : 1;
}
