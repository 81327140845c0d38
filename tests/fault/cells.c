/* SPDX-License-Identifier: Apache-2.0 */
/* See cells.h. */
#include "tests/fault/cells.h"

#include "common/cleanup.h"

/* The start of a message's envelope: version 1, its type, and the id that follows. */
#define MESSAGE(type) "\1\1\2" type "\3\304\20"
#define BYTES(text)   text, sizeof(text) - 1
#define COMMIT_TAG    "C\0\0\0\vCOMMIT\0"

static const struct stage stages[] = {
    {TARGET_GATEWAY, {MOMENT_RECEIVED, BYTES("POST /api/v1/orders ")}, "it has read the request"},
    {TARGET_GATEWAY, {MOMENT_BEFORE_SEND, BYTES(MESSAGE("\1"))}, "it is about to hand the order on"},
    {TARGET_GATEWAY, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\1"))}, "it has handed the order on"},
    {TARGET_GATEWAY, {MOMENT_RECEIVED, BYTES(MESSAGE("\3"))}, "it has been told the answer"},
    {TARGET_GATEWAY, {MOMENT_BEFORE_SEND, BYTES("HTTP/1.1 201")}, "it is about to answer 201", true},
    {TARGET_GATEWAY, {MOMENT_AFTER_SEND, BYTES("HTTP/1.1 201")}, "it has answered 201"},
    {TARGET_GATEWAY, {MOMENT_NONE}, "any time"},

    {TARGET_VALIDATOR, {MOMENT_RECEIVED, BYTES(MESSAGE("\1"))}, "it has received the order", true},
    {TARGET_VALIDATOR, {MOMENT_BEFORE_SEND, BYTES(MESSAGE("\2"))}, "it is about to pass its verdict on"},
    {TARGET_VALIDATOR, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\2"))}, "it has passed its verdict on"},
    {TARGET_VALIDATOR, {MOMENT_NONE}, "any time"},

    {TARGET_RISK_MANAGER, {MOMENT_RECEIVED, BYTES(MESSAGE("\2"))}, "it has received the order"},
    {TARGET_RISK_MANAGER, {MOMENT_BEFORE_SEND, BYTES("lock_traders")}, "it is about to lock the trader"},
    {TARGET_RISK_MANAGER, {MOMENT_BEFORE_SEND, BYTES("insert_orders")}, "it has decided, before COMMIT"},
    {TARGET_RISK_MANAGER, {MOMENT_AFTER_SEND, BYTES("insert_orders")}, "it has sent COMMIT", true},
    {TARGET_RISK_MANAGER, {MOMENT_RECEIVED, BYTES(COMMIT_TAG)}, "it has committed"},
    {TARGET_RISK_MANAGER, {MOMENT_BEFORE_SEND, BYTES(MESSAGE("\3"))}, "it is about to answer"},
    {TARGET_RISK_MANAGER, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\3"))}, "it has answered"},
    {TARGET_RISK_MANAGER, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\4"))}, "it has woken the lane"},
    {TARGET_RISK_MANAGER, {MOMENT_NONE}, "any time"},

    {TARGET_EXECUTOR, {MOMENT_RECEIVED, BYTES(MESSAGE("\4"))}, "it has been woken"},
    {TARGET_EXECUTOR, {MOMENT_BEFORE_SEND, BYTES("\0held_orders\0")}, "it is about to claim the order"},
    {TARGET_EXECUTOR, {MOMENT_AFTER_SEND, BYTES("\0held_orders\0")}, "it has sent the claim"},
    {TARGET_EXECUTOR,
     {MOMENT_BEFORE_SEND, BYTES("\00135=D\001")},
     "it has claimed, not written to the exchange",
     true},
    {TARGET_EXECUTOR, {MOMENT_AFTER_SEND, BYTES("\00135=D\001")}, "it has written to the exchange", true},
    {TARGET_EXECUTOR, {MOMENT_RECEIVED, BYTES("\001150=0\001")}, "it has received the acknowledgement"},
    {TARGET_EXECUTOR, {MOMENT_RECEIVED, BYTES("\001150=F\001")}, "it has received the fill"},
    {TARGET_EXECUTOR, {MOMENT_BEFORE_SEND, BYTES("write_fills")}, "it is about to record the fill"},
    {TARGET_EXECUTOR, {MOMENT_AFTER_SEND, BYTES("write_fills")}, "it has sent the fill's COMMIT", true},
    {TARGET_EXECUTOR, {MOMENT_RECEIVED, BYTES(COMMIT_TAG)}, "it has committed"},
    {TARGET_EXECUTOR, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\5"))}, "it has woken audit-writer"},
    {TARGET_EXECUTOR, {MOMENT_NONE}, "any time"},

    {TARGET_AUDIT_WRITER, {MOMENT_RECEIVED, BYTES(MESSAGE("\5"))}, "it has been woken"},
    {TARGET_AUDIT_WRITER, {MOMENT_BEFORE_SEND, BYTES("take_rows")}, "it is about to take the outbox"},
    {TARGET_AUDIT_WRITER, {MOMENT_BEFORE_SEND, BYTES("write_entries")}, "it is about to write the log"},
    {TARGET_AUDIT_WRITER, {MOMENT_AFTER_SEND, BYTES("write_entries")}, "it has sent COMMIT", true},
    {TARGET_AUDIT_WRITER, {MOMENT_RECEIVED, BYTES(COMMIT_TAG)}, "it has committed"},
    {TARGET_AUDIT_WRITER, {MOMENT_BEFORE_SEND, BYTES(MESSAGE("\7"))}, "it is about to pass events on"},
    {TARGET_AUDIT_WRITER, {MOMENT_AFTER_SEND, BYTES(MESSAGE("\7"))}, "it has passed events on"},
    {TARGET_AUDIT_WRITER, {MOMENT_NONE}, "any time"},
    {TARGET_AUDIT_STANDBY, {MOMENT_NONE}, "any time"},

    {TARGET_BROADCASTER, {MOMENT_RECEIVED, BYTES(MESSAGE("\7"))}, "it has received events"},
    {TARGET_BROADCASTER, {MOMENT_BEFORE_WRITE, BYTES("PUBLISH")}, "it is about to publish"},
    {TARGET_BROADCASTER, {MOMENT_AFTER_WRITE, BYTES("PUBLISH")}, "it has published", true},
    {TARGET_BROADCASTER, {MOMENT_NONE}, "any time"},

    {TARGET_EXCHANGE, {MOMENT_RECEIVED, BYTES("\00135=D\001")}, "it has received the order"},
    {TARGET_EXCHANGE, {MOMENT_BEFORE_WRITE, BYTES("\001150=F\001")}, "it has executed, not written it down"},
    {TARGET_EXCHANGE,
     {MOMENT_AFTER_WRITE, BYTES("\001150=F\001")},
     "it has written the execution down",
     true},
    {TARGET_EXCHANGE, {MOMENT_AFTER_SEND, BYTES("\001150=F\001")}, "it has reported the execution"},
    {TARGET_EXCHANGE, {MOMENT_NONE}, "any time"},

    {TARGET_RISK_BACKEND,
     {MOMENT_RECEIVED, BYTES("insert_orders")},
     "it has received an order's transaction"},
    {TARGET_RISK_BACKEND, {MOMENT_BEFORE_SYNC}, "an order's COMMIT is not on disk yet"},
    {TARGET_RISK_BACKEND, {MOMENT_AFTER_SYNC}, "an order's COMMIT is on disk", true},
    {TARGET_RISK_BACKEND,
     {MOMENT_BEFORE_SEND, BYTES(COMMIT_TAG)},
     "it is about to confirm an order's COMMIT",
     true},
    {TARGET_EXECUTOR_BACKEND, {MOMENT_RECEIVED, BYTES("\0held_orders\0")}, "it has received a claim"},
    {TARGET_EXECUTOR_BACKEND, {MOMENT_RECEIVED, BYTES("write_fills")}, "it has received a fill"},
    {TARGET_EXECUTOR_BACKEND, {MOMENT_BEFORE_SYNC}, "an executor's COMMIT is not on disk yet"},
    {TARGET_EXECUTOR_BACKEND,
     {MOMENT_BEFORE_SEND, BYTES(COMMIT_TAG)},
     "it is about to confirm an executor's COMMIT"},
    {TARGET_AUDIT_BACKEND, {MOMENT_RECEIVED, BYTES("write_entries")}, "it has received log entries"},
    {TARGET_AUDIT_BACKEND, {MOMENT_BEFORE_SYNC}, "the log's COMMIT is not on disk yet"},
    {TARGET_AUDIT_BACKEND,
     {MOMENT_BEFORE_SEND, BYTES(COMMIT_TAG)},
     "it is about to confirm the log's COMMIT"},
    {TARGET_POSTGRES, {MOMENT_NONE}, "any time"},

    {TARGET_REDIS, {MOMENT_RECEIVED, BYTES("PUBLISH")}, "it has received events", true},
    {TARGET_REDIS, {MOMENT_NONE}, "any time"},
};

const char *target_text(enum target target)
{
    static const char *const texts[TARGET_COUNT] = {
        [TARGET_GATEWAY] = "gateway",
        [TARGET_VALIDATOR] = "validator",
        [TARGET_RISK_MANAGER] = "risk-manager",
        [TARGET_EXECUTOR] = "executor (one of three)",
        [TARGET_AUDIT_WRITER] = "audit-writer (active)",
        [TARGET_AUDIT_STANDBY] = "audit-writer (standby)",
        [TARGET_BROADCASTER] = "status-broadcaster",
        [TARGET_EXCHANGE] = "exchange-sim",
        [TARGET_RISK_BACKEND] = "PostgreSQL, serving risk-manager",
        [TARGET_EXECUTOR_BACKEND] = "PostgreSQL, serving an executor",
        [TARGET_AUDIT_BACKEND] = "PostgreSQL, serving audit-writer",
        [TARGET_POSTGRES] = "PostgreSQL",
        [TARGET_REDIS] = "Redis",
    };
    return texts[target];
}

const char *fault_text(enum fault fault)
{
    static const char *const texts[FAULT_COUNT] = {
        [FAULT_KILL] = "kill -9",
        [FAULT_FREEZE] = "SIGSTOP, SIGCONT 15 s later",
        [FAULT_SERVER_KILL] = "kill -9 of the whole server",
        [FAULT_SERVER_FREEZE] = "SIGSTOP of the whole server, SIGCONT 15 s later",
        [FAULT_IMMEDIATE] = "immediate shutdown and start",
        [FAULT_TERMINATE] = "all connections terminated",
        [FAULT_DOWN] = "stopped, started 5 s later",
    };
    return texts[fault];
}

bool fault_kills(enum fault fault)
{
    return fault == FAULT_KILL || fault == FAULT_SERVER_KILL;
}

uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static bool is_backend(enum target target)
{
    return target == TARGET_RISK_BACKEND || target == TARGET_EXECUTOR_BACKEND ||
           target == TARGET_AUDIT_BACKEND;
}

static void add(struct cell *cells, size_t *count, const struct stage *stage, enum fault fault, bool limited)
{
    if (*count < CELLS_MAX)
        cells[(*count)++] = (struct cell){.stage = stage, .fault = fault, .limited = limited};
}

/* What stands between an order's admission and the exchange. */
static bool can_be_limited(const struct stage *stage)
{
    return stage->target == TARGET_EXECUTOR || stage->target == TARGET_EXCHANGE ||
           stage->target == TARGET_EXECUTOR_BACKEND;
}

static void add_kills(struct cell *cells, size_t *count, const struct stage *stage, unsigned round)
{
    bool limited = round == 0 && can_be_limited(stage);

    if (stage->target != TARGET_POSTGRES)
        add(cells, count, stage, FAULT_KILL, limited);
    if (is_backend(stage->target) || stage->target == TARGET_POSTGRES)
        add(cells, count, stage, FAULT_SERVER_KILL, limited);
}

static void add_others(struct cell *cells, size_t *count, const struct stage *stage)
{
    bool database = is_backend(stage->target) || stage->target == TARGET_POSTGRES;

    if (!database)
        add(cells, count, stage, FAULT_FREEZE, false);
    if (database) {
        add(cells, count, stage, FAULT_IMMEDIATE, false);
        add(cells, count, stage, FAULT_TERMINATE, false);
    }
    if (stage->target == TARGET_POSTGRES || stage->moment.call == MOMENT_BEFORE_SYNC)
        add(cells, count, stage, FAULT_SERVER_FREEZE, false);
    if (stage->moment.call == MOMENT_NONE &&
        (database || stage->target == TARGET_REDIS || stage->target == TARGET_EXCHANGE))
        add(cells, count, stage, FAULT_DOWN, false);
}

/* The limit is changed once in a run. Keeps their order otherwise. */
static void put_limited_last(struct cell *cells, size_t count)
{
    static struct cell limited[CELLS_MAX];
    size_t kept = 0, moved = 0;

    for (size_t i = 0; i < count; i++) {
        if (cells[i].limited)
            limited[moved++] = cells[i];
        else
            cells[kept++] = cells[i];
    }
    for (size_t i = 0; i < moved; i++)
        cells[kept + i] = limited[i];
}

static void give_seeds(uint64_t seed, struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cells[i].seed = draw(&seed);
}

size_t cells_small(uint64_t seed, struct cell cells[static CELLS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        const struct stage *stage = &stages[i];
        if (!stage->small)
            continue;
        add(cells, &count, stage, FAULT_KILL,
            stage->target == TARGET_EXECUTOR && stage->moment.call == MOMENT_BEFORE_SEND);
        if (is_backend(stage->target))
            add(cells, &count, stage,
                stage->moment.call == MOMENT_AFTER_SYNC ? FAULT_TERMINATE : FAULT_SERVER_KILL, false);
        if (stage->target == TARGET_EXECUTOR && stage->moment.call == MOMENT_BEFORE_SEND)
            add(cells, &count, stage, FAULT_FREEZE, false);
    }
    put_limited_last(cells, count);
    give_seeds(seed, cells, count);
    return count;
}

size_t cells_full(uint64_t seed, unsigned rounds, struct cell cells[static CELLS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        for (unsigned round = 0; round < rounds; round++)
            add_kills(cells, &count, &stages[i], round);
        add_others(cells, &count, &stages[i]);
    }
    for (size_t i = count; i > 1; i--) {
        size_t other = draw(&seed) % i;
        struct cell kept = cells[i - 1];
        cells[i - 1] = cells[other];
        cells[other] = kept;
    }
    put_limited_last(cells, count);
    give_seeds(seed, cells, count);
    return count;
}
