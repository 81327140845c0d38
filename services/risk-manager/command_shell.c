/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/command_shell.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/deadline.h"
#include "services/risk-manager/answers.h"
#include "services/risk-manager/command_store.h"
#include "services/risk-manager/outgoing.h"

enum {
    RUNS_MAX = 3, /* of one batch, while the connection breaks and opens again */
    CONNECT_MS = 1000,
    KEPT_MS = 5000, /* how long the outcome of a COMMIT is asked for, of a request without a deadline */
    ASK_AGAIN_MS = 20,
};

static const char no_database[] = "The database does not answer; try again shortly.";
static const char not_known[] =
    "Whether the request was recorded is not known; read the order, or try again.";
static const char not_taken[] =
    "The request cannot be recorded (the service's log says why); ask operations.";

struct command_shell {
    struct risk_manager_parts *parts;
    struct command_batch batch;    /* taken and not yet answered */
    struct command_report report;  /* of its last run */
    bool is_open;                  /* its COMMIT's outcome is not known */
    struct instant open_until;     /* nobody waits for it after that */
    struct command_slot latecomer; /* came while the outcome is open */
    struct answer answer;          /* large */
};

int command_shell_create(struct risk_manager_parts *parts, struct command_shell **ret_commands)
{
    struct command_shell *commands = calloc(1, sizeof(*commands));

    if (commands == NULL)
        return -ENOMEM;
    commands->parts = parts;
    *ret_commands = commands;
    return 0;
}

void command_shell_destroy(struct command_shell **commands)
{
    free(*commands);
    *commands = NULL;
}

static const struct log *log_of(const struct command_shell *commands)
{
    return &commands->parts->service->log;
}

static size_t outcome_series(const struct command_slot *slot)
{
    static const size_t refused[] = {[ANSWER_NOT_FOUND] = COMMANDS_NOT_FOUND,
                                     [ANSWER_NOT_CANCELLABLE] = COMMANDS_NOT_CANCELLABLE,
                                     [ANSWER_NOT_IN_DOUBT] = COMMANDS_NOT_IN_DOUBT,
                                     [ANSWER_UNAVAILABLE] = COMMANDS_UNAVAILABLE};

    switch (slot->outcome) {
    case COMMAND_RECORDED:
        return COMMANDS_RECORDED;
    case COMMAND_REPEATED:
        return COMMANDS_REPEATED;
    case COMMAND_REFUSED:
        return refused[slot->answer];
    case COMMAND_EXPIRED:
        break;
    }
    return COMMANDS_EXPIRED;
}

static void tell(struct command_shell *commands, const struct command_slot *slot)
{
    static const char *const events[] = {[COMMAND_RECORDED] = "command_recorded",
                                         [COMMAND_REPEATED] = "command_repeated",
                                         [COMMAND_REFUSED] = "command_refused",
                                         [COMMAND_EXPIRED] = "command_expired_unseen"};
    const struct order_command *command = &slot->command;
    const char *answer = answer_outcome_text(slot->answer);

    metrics_add(commands->parts->service->metrics, METRIC_COMMANDS, outcome_series(slot), 1);
    LOG(log_of(commands), LOG_INFO, events[slot->outcome], LOG_UUID("order_id", command->order_id),
        LOG_TEXT("kind", order_command_kind_text(command->kind)),
        LOG_TEXT("action", command->has_action ? resolve_action_text(command->action) : ""),
        LOG_TEXT("answer", answer == NULL ? "" : answer), LOG_TEXT("why", slot->detail),
        LOG_TRACE(slot->envelope.trace_id));
}

/* Another trader's order is not shown, and none that was not found. */
static bool shows_order(const struct command_slot *slot)
{
    return slot->is_found && slot->answer != ANSWER_NOT_FOUND && slot->answer != ANSWER_UNAVAILABLE;
}

static void send_answer(struct command_shell *commands, const struct command_slot *slot)
{
    struct answer *answer = &commands->answer;

    answer->handle = slot->command.handle;
    answer->outcome = slot->answer;
    answer->has_order = shows_order(slot);
    answer->order = slot->order;
    answer->risk_us = (uint64_t)(clock_monotonic_us() - slot->taken_us);
    answer->db_us = (uint64_t)commands->report.db_us;
    (void)snprintf(answer->detail, sizeof(answer->detail), "%s", slot->detail);
    int r = outgoing_answer(commands->parts, &slot->envelope, slot->command.reply_to, answer,
                            deadline_until(&slot->envelope, clock_now(), KEPT_MS));
    if (r < 0)
        LOG(log_of(commands), LOG_WARNING, "answer_not_sent", LOG_UUID("order_id", slot->command.order_id),
            LOG_TRACE(slot->envelope.trace_id), LOG_ERRNO(r));
}

static void answer_slot(struct command_shell *commands, const struct command_slot *slot)
{
    tell(commands, slot);
    if (slot->outcome != COMMAND_EXPIRED)
        send_answer(commands, slot);
}

static void answer_all(struct command_shell *commands)
{
    for (size_t i = 0; i < commands->batch.count; i++)
        answer_slot(commands, &commands->batch.slots[i]);
    commands->batch.count = 0;
    commands->is_open = false;
}

void command_shell_wake_lanes(struct risk_manager_parts *parts, const struct command_batch *batch)
{
    struct outgoing_wake wakes[COMMANDS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        const struct command_slot *slot = &batch->slots[i];
        if (slot->answer == ANSWER_ACCEPTED)
            wakes[count++] = (struct outgoing_wake){slot->lane, slot->order.id, slot->envelope.id};
    }
    outgoing_wake_lanes(parts, MESSAGE_COMMANDED, wakes, count);
}

/* The batch is committed: say so. */
static bool finish_all(struct command_shell *commands)
{
    command_shell_wake_lanes(commands->parts, &commands->batch);
    answer_all(commands);
    return commands->report.wrote_outbox;
}

static void refuse_all(struct command_shell *commands, const char *detail)
{
    for (size_t i = 0; i < commands->batch.count; i++)
        command_unavailable(&commands->batch.slots[i], detail);
    answer_all(commands);
}

bool command_shell_have_room(const struct command_shell *commands)
{
    return commands->is_open || commands->batch.count < COMMANDS_MAX;
}

int command_shell_take(struct command_shell *commands, const uint8_t *bytes, size_t length,
                       int64_t waited_max_us)
{
    struct command_slot *slot =
        commands->is_open ? &commands->latecomer : &commands->batch.slots[commands->batch.count];

    int r = order_command_decode(bytes, length, &slot->envelope, &slot->command);
    if (r < 0)
        return r;
    deadline_arrive(&slot->envelope, clock_now(), waited_max_us);
    slot->taken_us = clock_monotonic_us();
    slot->is_found = false;
    /* A bad address shows itself when the answer is sent. */
    (void)answers_expect(commands->parts->answers, slot->command.reply_to);
    if (commands->is_open) {
        command_unavailable(slot, no_database);
        answer_slot(commands, slot);
    } else {
        commands->batch.count++;
    }
    return 0;
}

static void open_outcome(struct command_shell *commands)
{
    struct instant now = clock_now();

    commands->is_open = true;
    commands->open_until = now;
    for (size_t i = 0; i < commands->batch.count; i++) {
        struct instant until = deadline_until(&commands->batch.slots[i].envelope, now, KEPT_MS);
        if (until.us > commands->open_until.us)
            commands->open_until = until;
    }
}

/* 0: recorded. -EAGAIN: the COMMIT's outcome is open. Otherwise nothing is recorded. */
static int run_once(struct command_shell *commands)
{
    int r = command_store_run(commands->parts, &commands->batch, &commands->report);

    if (r == 0)
        return 0;
    metrics_add(commands->parts->service->metrics, METRIC_DB_FAILURES, 0, 1);
    LOG(log_of(commands), LOG_WARNING, "commands_failed", LOG_I64("commands", commands->batch.count),
        LOG_ERRNO(r), LOG_TEXT("sqlstate", db_sqlstate(commands->parts->db)),
        LOG_TEXT("detail", db_error(commands->parts->db)),
        LOG_BOOL("outcome_unknown", commands->report.outcome_unknown));
    if (!commands->report.outcome_unknown)
        return r;
    open_outcome(commands);
    return -EAGAIN;
}

/* 0: it was recorded. -ECANCELED: it was rolled back. -EAGAIN: not known yet. -ENODATA: never will be. */
static int ask_outcome(struct command_shell *commands)
{
    int r = command_store_outcome(commands->parts, &commands->report.transaction);

    if (r == 1)
        return 0;
    if (r == 0)
        return -ECANCELED;
    if ((db_is_lost(r) || r == -EAGAIN) && clock_now().us < commands->open_until.us &&
        !service_stopping(commands->parts->service))
        return -EAGAIN;
    LOG(log_of(commands), LOG_WARNING, "commands_outcome_unknown", LOG_I64("commands", commands->batch.count),
        LOG_ERRNO(r), LOG_TEXT("detail", db_error(commands->parts->db)));
    return -ENODATA;
}

/* Settles an open outcome. True: it is settled, the batch is answered or to be run (again). */
static bool settle(struct command_shell *commands, bool *ret_wrote)
{
    int r = ask_outcome(commands);

    if (r == -EAGAIN)
        return false;
    commands->is_open = false;
    if (r == 0)
        *ret_wrote |= finish_all(commands);
    else if (r == -ENODATA)
        refuse_all(commands, not_known);
    return true;
}

bool command_shell_process(struct command_shell *commands)
{
    bool wrote = false;
    int r = -ENOTCONN;

    for (int i = 0; i < RUNS_MAX && commands->batch.count > 0; i++) {
        if (db_ensure(commands->parts->db, CONNECT_MS) < 0)
            break;
        if (commands->is_open && !settle(commands, &wrote))
            return wrote;
        if (commands->batch.count == 0)
            return wrote;
        r = run_once(commands);
        if (r == 0)
            return finish_all(commands) || wrote;
        if (r != -EAGAIN && !db_is_lost(r))
            break;
    }
    if (commands->is_open && clock_now().us < commands->open_until.us &&
        !service_stopping(commands->parts->service))
        return wrote;
    if (commands->is_open)
        refuse_all(commands, not_known);
    else if (commands->batch.count > 0)
        refuse_all(commands, db_is_lost(r) ? no_database : not_taken);
    return wrote;
}

int command_shell_wait_ms(const struct command_shell *commands)
{
    return commands->batch.count == 0 ? -1 : ASK_AGAIN_MS;
}
