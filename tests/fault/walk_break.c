/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong in the walk: the exchange, prices, processes. See walk.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/fault/walk.h"

enum { COMMAND_BYTES = 160, PRICES_US = 1000000, ARGUMENTS_MAX = 12 };

char *walk_ask_exchange(struct walk *walk, const char *command)
{
    return walk->exchange_frozen != 0 ? NULL : floor_ask_exchange(&walk->floor, command);
}

/* When a fault may be armed: whatever else happens, or only in a part that allows for what it does. */
enum when { ALWAYS, IF_LOSES, IF_FILLS_LATE };

/* %s: a friendly symbol; %l: a session; %m: milliseconds; %n, %N: a small number, and a larger one. */
static const struct exchange_fault {
    enum when when;
    const char *line;
} exchange_faults[] = {
    {ALWAYS, "withhold until=query symbol=%s %N"},
    {ALWAYS, "withhold until=query report=fill symbol=%s %n"},
    {ALWAYS, "withhold until=query report=done symbol=%s %n"},
    {ALWAYS, "withhold until=resend report=ack,fill symbol=%s %n"},
    {ALWAYS, "delay ms=%m symbol=%s %n"},
    {ALWAYS, "delay report=ack ms=%m symbol=%s %n"},
    {ALWAYS, "delay report=done ms=%m symbol=%s %n"},
    {ALWAYS, "reorder symbol=%s %n"},
    {ALWAYS, "reorder report=fill symbol=%s %n"},
    {ALWAYS, "repeat as=dup report=ack,fill,done symbol=%s %n"},
    {ALWAYS, "repeat as=resend report=ack,fill,done symbol=%s %n"},
    {ALWAYS, "repeat as=new report=ack,fill,done symbol=%s %n"},
    {ALWAYS, "swallow message=order symbol=%s %n"},
    {ALWAYS, "swallow message=cancel symbol=%s %N"},
    {ALWAYS, "swallow message=replace symbol=%s %n"},
    {ALWAYS, "swallow message=query symbol=%s %N"},
    {ALWAYS, "swallow message=order,query symbol=%s %N"},
    {ALWAYS, "refuse reason=0 symbol=%s %n"},
    {ALWAYS, "refuse message=cancel reason=0 symbol=%s %n"},
    {ALWAYS, "refuse message=replace symbol=%s %n"},
    {ALWAYS, "refuse message=logon %n"},
    {ALWAYS, "swallow message=logon"},
    {ALWAYS, "drop-before message=order,cancel,replace"},
    {ALWAYS, "drop-after message=order,cancel,replace"},
    {ALWAYS, "drop-before message=any session=%l"},
    {ALWAYS, "drop-after message=any session=%l"},
    {ALWAYS, "half-open ms=%m session=%l"},
    {ALWAYS, "slow ms=%m session=%l"},
    {ALWAYS, "gap n=%n session=%l"},
    {ALWAYS, "pieces n=4 symbol=%s %n"},
    {ALWAYS, "pieces n=2 %n"},
    {ALWAYS, "no-liquidity symbol=%s"},
    {ALWAYS, "stray quantity=7 session=%l"},
    {ALWAYS, "alter as=new symbol=SPY %n"},
    {ALWAYS, "alter as=resend symbol=SPY %n"},
    {ALWAYS, "wrong-cum symbol=%s %N"},
    {ALWAYS, "refuse message=query symbol=SPY %n"},
    {IF_FILLS_LATE, "late-fill ms=%m symbol=%s %n"},
    {IF_FILLS_LATE, "late-fill ms=%m %n"},
    {IF_FILLS_LATE, "overfill symbol=%s"},
    {IF_LOSES, "withhold until=never symbol=%s %N"},
    {IF_LOSES, "withhold until=never report=fill symbol=%s"},
    {IF_LOSES, "reset n=%n session=%l"},
    {IF_LOSES, "reset-logon session=%l"},
    /* It takes orders of TSLA and denies that it has them. */
    {IF_LOSES, "withhold until=never report=ack,fill symbol=TSLA 50"},
    {IF_LOSES, "refuse message=query symbol=TSLA 50"},
};

static void fill_in(const struct walk *walk, const char *line, uint64_t *seed,
                    char command[static COMMAND_BYTES])
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(COMMAND_BYTES - 1);

    buffer_append_text(&out, "fault ");
    for (; *line != '\0'; line++) {
        if (*line != '%') {
            buffer_append_char(&out, *line);
            continue;
        }
        switch (*++line) {
        case 's':
            buffer_append_text(&out, walk->symbols[walk_draw(seed, SYMBOL_FRIENDLY)].name);
            break;
        case 'l':
            buffer_append_format(&out, "OXE-L%d", (int)walk_draw(seed, WALK_LANES));
            break;
        case 'm':
            buffer_append_i64(&out, walk_draw(seed, 4) == 0 ? walk_between(seed, 4000, 9000)
                                                            : walk_between(seed, 50, 2000));
            break;
        case 'N':
            buffer_append_i64(&out, walk_between(seed, 5, 30));
            break;
        default:
            buffer_append_i64(&out, walk_between(seed, 1, 4));
        }
    }
    (void)snprintf(command, COMMAND_BYTES, "%s", out.data);
}

/* Tells the exchange; what it does not understand is a fault of the walk. */
static void tell_exchange(struct walk *walk, const char *command)
{
    CLEANUP_FREE char *answer = walk_ask_exchange(walk, command);

    walk_note(walk, "exchange: %s%s", command, answer == NULL ? " (away)" : "");
    if (answer != NULL && strstr(answer, "\"error\"") != NULL)
        walk_fault(walk, "the exchange does not understand '%s': %.200s", command, answer);
}

void walk_exchange_fault(struct walk *walk, uint64_t seed)
{
    const struct exchange_fault *fault = &exchange_faults[walk_draw(&seed, ARRAY_LEN(exchange_faults))];
    char command[COMMAND_BYTES];

    if ((fault->when == IF_LOSES && !walk->loses) || (fault->when == IF_FILLS_LATE && walk->loses))
        return;
    /* Few are in force at a time, or nothing gets through any more. */
    if (walk_draw(&seed, 12) == 0) {
        tell_exchange(walk, "fault clear");
        return;
    }
    fill_in(walk, fault->line, &seed, command);
    tell_exchange(walk, command);
}

void walk_price(struct walk *walk, uint64_t seed)
{
    struct symbol *symbol = &walk->symbols[walk_draw(&seed, WALK_SYMBOLS)];
    char command[COMMAND_BYTES];
    long bp = walk_draw(&seed, 10) == 0 ? walk_between(&seed, -300, 300) : walk_between(&seed, -70, 70);
    long cents = symbol->cents + symbol->cents * bp / 10000;

    /* Back towards the opening price before it wanders off. */
    if (cents < symbol->base_cents * 85 / 100 || cents > symbol->base_cents * 115 / 100)
        cents = symbol->base_cents;
    (void)snprintf(command, sizeof(command), "price %s %ld.%02ld", symbol->name, cents / 100, cents % 100);
    symbol->cents = cents;
    tell_exchange(walk, command);
}

void walk_see_prices(struct walk *walk)
{
    int64_t now = clock_monotonic_us();

    if (now < walk->prices_us)
        return;
    walk->prices_us = now + PRICES_US;
    for (size_t i = 0; i < WALK_SYMBOLS; i++) {
        char command[COMMAND_BYTES];
        (void)snprintf(command, sizeof(command), "price %s", walk->symbols[i].name);
        CLEANUP_FREE char *answer = walk_ask_exchange(walk, command);
        const char *price = answer == NULL ? NULL : strstr(answer, "\"price\":");
        if (price == NULL)
            return;
        walk->symbols[i].cents = (long)(strtod(price + 8, NULL) * 100 + 0.5);
    }
}

void walk_end_day(struct walk *walk, uint64_t seed)
{
    (void)seed;
    tell_exchange(walk, "end-day");
}

static const char *const services[] = {
    "gateway",        "validator",      "risk-manager",       "executor-0", "executor-1",   "executor-2",
    "audit-writer-0", "audit-writer-1", "status-broadcaster", "redis",      "exchange-sim", "witness"};

/* The exchange loses what faults hold back when it dies. */
static bool may_die(const struct walk *walk, const char *service)
{
    return walk->loses || strcmp(service, "exchange-sim") != 0;
}

void walk_kill(struct walk *walk, uint64_t seed)
{
    const char *service = services[walk_draw(&seed, ARRAY_LEN(services))];
    pid_t pid = may_die(walk, service) ? floor_pid(&walk->floor, service) : 0;

    if (pid <= 0)
        return;
    walk_note(walk, "kill -9 of %s (%d)", service, pid);
    (void)kill(pid, SIGKILL);
    if (walk->exchange_frozen == pid)
        walk->exchange_frozen = 0;
}

/* One of PostgreSQL's processes that serve the suite; 0: none. */
static pid_t find_backend(struct walk *walk, uint64_t *seed)
{
    pid_t pids[64];
    size_t count = 0;
    CLEANUP_FREE char *text =
        floor_sql(&walk->floor, "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'oxe\\_%' ORDER BY pid");

    for (const char *at = text; at != NULL && *at != '\0' && count < ARRAY_LEN(pids);) {
        pids[count++] = (pid_t)atoi(at);
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    return count == 0 ? 0 : pids[walk_draw(seed, count)];
}

void walk_freeze(struct walk *walk, uint64_t seed)
{
    size_t which = walk_draw(&seed, ARRAY_LEN(services) + 2);
    const char *name = which < ARRAY_LEN(services) ? services[which] : "a PostgreSQL backend";
    pid_t pid = which < ARRAY_LEN(services) ? floor_pid(&walk->floor, name) : find_backend(walk, &seed);
    long ms = walk_draw(&seed, 5) == 0 ? walk_between(&seed, 5000, 9000) : walk_between(&seed, 50, 1500);

    if (pid <= 0 || walk->frozen_count == WALK_FROZEN)
        return;
    walk_note(walk, "SIGSTOP of %s (%d) for %ld ms", name, pid, ms);
    if (kill(pid, SIGSTOP) != 0)
        return;
    if (strcmp(name, "exchange-sim") == 0)
        walk->exchange_frozen = pid;
    walk->frozen[walk->frozen_count++] =
        (struct frozen){.pid = pid, .until_us = clock_monotonic_us() + ms * 1000};
}

static void collect_children(struct walk *walk, bool all)
{
    for (size_t i = 0; i < WALK_CHILDREN; i++) {
        int status;
        if (walk->children[i] != 0 && waitpid(walk->children[i], &status, all ? 0 : WNOHANG) != 0)
            walk->children[i] = 0;
    }
}

void walk_thaw(struct walk *walk, bool all)
{
    int64_t now = clock_monotonic_us();

    for (size_t i = walk->frozen_count; i-- > 0;) {
        if (!all && walk->frozen[i].until_us > now)
            continue;
        (void)kill(walk->frozen[i].pid, SIGCONT);
        if (walk->exchange_frozen == walk->frozen[i].pid)
            walk->exchange_frozen = 0;
        walk->frozen[i] = walk->frozen[--walk->frozen_count];
    }
    collect_children(walk, all);
}

bool walk_beside(struct walk *walk, const char *const *arguments)
{
    const char *argv[ARGUMENTS_MAX] = {"timeout", "10", walk->floor.front_door};

    for (size_t i = 0; i < WALK_CHILDREN; i++) {
        if (walk->children[i] != 0)
            continue;
        for (size_t j = 0; arguments[j] != NULL && j + 4 < ARGUMENTS_MAX; j++)
            argv[j + 3] = arguments[j];
        walk->children[i] = fork();
        if (walk->children[i] == 0)
            _exit(floor_run(argv, &walk->floor));
        return walk->children[i] > 0;
    }
    return false;
}

void walk_terminate(struct walk *walk, uint64_t seed)
{
    char number[16];
    pid_t pid = find_backend(walk, &seed);

    if (pid <= 0)
        return;
    (void)snprintf(number, sizeof(number), "%d", pid);
    walk_note(walk, "PostgreSQL ends the connection of %d", pid);
    free(floor_sql_with(&walk->floor, "SELECT pg_terminate_backend($1::int)", number));
}

void walk_crash_database(struct walk *walk, uint64_t seed)
{
    pid_t pid = find_backend(walk, &seed);

    if (pid <= 0)
        return;
    walk_note(walk, "kill -9 of a PostgreSQL backend (%d): the server restarts", pid);
    (void)kill(pid, SIGKILL);
}
