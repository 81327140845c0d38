/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one loop, from what arrives to what is answered. */
#include "services/risk-manager/risk_manager.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/deadline.h"
#include "proto/lane.h"
#include "services/risk-manager/admission.h"
#include "services/risk-manager/answers.h"
#include "services/risk-manager/command_shell.h"
#include "services/risk-manager/halts.h"
#include "services/risk-manager/outbox.h"
#include "services/risk-manager/outgoing.h"
#include "services/risk-manager/watch.h"

#include "risk_manager_sql.h"

enum {
    IDLE_MS = 1000,
    TRY_WRITE_US = 1000 * 1000,
    ANSWERS_RETRY_MS = 2,
    CONNECT_MS = 1000,
    RUNS_MAX = 3,             /* of one batch, while the connection breaks and opens again */
    LINGER_US = 5000,         /* under load a batch waits this long for more, … */
    LINGER_QUIET_MS = 1,      /* … unless none comes for so long, … */
    GIVE_WAY_MS = 4,          /* after a full batch */
    LINGER_FROM = 5,          /* … when the one before had so many requests */
    ANSWER_KEPT_MS = 1000,    /* of a request without a deadline */
    OUTCOME_KEPT_MS = 5000,   /* likewise: how long the outcome of its COMMIT is looked up */
    DRAIN_MS = 500,           /* at the end, for the answers that wait */
    REFUSALS_PER_TURN = 1000, /* without PostgreSQL */
};

struct risk_manager {
    struct risk_manager_parts parts;
    struct pipe_context *context;
    struct pipe *in;
    struct watch watch;
    struct command_shell *commands;
    struct halts *halts;
    bool write_fails; /* the last write failed by PostgreSQL's own trouble */
    int64_t try_write_at_us;
    bool db_has_failed;   /* since readiness was last found */
    struct batch *batch;  /* taken and not yet answered: slots 0 … count − 1 */
    struct batch *single; /* one request of a batch that failed; also the place to refuse in */
    bool singly;          /* the batch is being run one by one */
    bool outcome_unknown; /* of the batch's COMMIT */
    struct instant pending_until;
    size_t last_batch;
};

static const struct log *log_of(const struct risk_manager *rm)
{
    return &rm->parts.service->log;
}

/* Those that are given up are counted. */
static void retry_answers(struct risk_manager *rm)
{
    metrics_add(rm->parts.service->metrics, METRIC_PUSH_FAILURES, PUSH_ANSWER,
                answers_retry(rm->parts.answers, clock_now()));
}

static void send_answer(struct risk_manager *rm, struct batch_slot *slot,
                        const struct admission_report *report)
{
    struct instant now = clock_now();
    int64_t risk_us = clock_monotonic_us() - slot->taken_us;

    slot->answer.handle = slot->checked.request.handle;
    slot->answer.validator_us = slot->checked.validator_us;
    slot->answer.risk_us = (uint64_t)risk_us;
    slot->answer.db_us = (uint64_t)(report->read_us + report->write_us);
    metrics_observe_us(rm->parts.service->metrics, METRIC_STAGE, STAGE_ALL, risk_us);
    int r = outgoing_answer(&rm->parts, &slot->envelope, slot->checked.request.reply_to, &slot->answer,
                            deadline_until(&slot->envelope, now, ANSWER_KEPT_MS));
    trace_add_stage(rm->parts.service->tracer, "decide", slot->envelope.trace_id,
                    slot->checked.request.order_id, (struct instant){now.us - risk_us},
                    answer_outcome_text(slot->answer.outcome));
    if (r < 0)
        LOG(log_of(rm), LOG_WARNING, "answer_not_sent", LOG_UUID("order_id", slot->checked.request.order_id),
            LOG_TRACE(slot->envelope.trace_id), LOG_ERRNO(r));
}

static void log_slot(struct risk_manager *rm, const struct batch_slot *slot)
{
    struct uuid order_id = slot->checked.request.order_id;

    switch (slot->outcome) {
    case SLOT_ADMITTED:
        LOG(log_of(rm), LOG_INFO, "order_admitted", LOG_UUID("order_id", order_id),
            LOG_TRACE(slot->envelope.trace_id));
        break;
    case SLOT_REFUSED:
        LOG(log_of(rm), LOG_INFO, "order_rejected", LOG_UUID("order_id", order_id),
            LOG_TEXT("rule", slot->answer.order.reason), LOG_I64("faults", slot->answer.faults_count),
            LOG_TRACE(slot->envelope.trace_id));
        break;
    case SLOT_FOUND:
        LOG(log_of(rm), LOG_INFO, "order_found",
            LOG_UUID("order_id", slot->answer.has_order ? slot->answer.order.id : order_id),
            LOG_TEXT("outcome", answer_outcome_text(slot->answer.outcome)),
            LOG_TRACE(slot->envelope.trace_id));
        break;
    case SLOT_PREVIEWED:
        LOG(log_of(rm), LOG_DEBUG, "order_previewed", LOG_I64("faults", slot->answer.faults_count),
            LOG_TRACE(slot->envelope.trace_id));
        break;
    case SLOT_UNAVAILABLE:
        LOG(log_of(rm), LOG_WARNING, "order_not_taken", LOG_UUID("order_id", order_id),
            LOG_TEXT("why", slot->answer.detail), LOG_TRACE(slot->envelope.trace_id));
        break;
    case SLOT_EXPIRED:
        LOG(log_of(rm), LOG_WARNING, "order_expired_unseen", LOG_UUID("order_id", order_id),
            LOG_TRACE(slot->envelope.trace_id));
        break;
    }
}

static size_t outcome_series(const struct batch_slot *slot)
{
    if (slot->outcome == SLOT_EXPIRED)
        return ORDERS_EXPIRED;
    switch (slot->answer.outcome) {
    case ANSWER_CREATED:
        return ORDERS_CREATED;
    case ANSWER_REPLAYED:
        return ORDERS_REPLAYED;
    case ANSWER_REJECTED:
        return ORDERS_REJECTED;
    case ANSWER_KEY_REUSED:
        return ORDERS_KEY_REUSED;
    case ANSWER_PREVIEWED:
        return ORDERS_PREVIEWED;
    default:
        return ORDERS_UNAVAILABLE;
    }
}

static void answer_batch(struct risk_manager *rm, struct batch *batch, const struct admission_report *report)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_slot *slot = &batch->slots[i];
        log_slot(rm, slot);
        metrics_add(rm->parts.service->metrics, METRIC_ORDERS, outcome_series(slot), 1);
        if (slot->outcome != SLOT_EXPIRED)
            send_answer(rm, slot, report);
    }
}

static void wake_lanes(struct risk_manager *rm, const struct batch *batch)
{
    struct outgoing_wake wakes[BATCH_MAX];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_slot *slot = &batch->slots[i];
        if (slot->wake_lane)
            wakes[count++] =
                (struct outgoing_wake){lane_of(slot->checked.request.trader_id, (int)rm->parts.config->lanes),
                                       slot->answer.order.id, slot->envelope.id};
    }
    outgoing_wake_lanes(&rm->parts, MESSAGE_ADMITTED, wakes, count);
}

static size_t size_series(size_t count)
{
    static const size_t bounds[] = {
        [BATCHES_1] = 1, [BATCHES_5] = 5, [BATCHES_10] = 10, [BATCHES_25] = 25, [BATCHES_49] = 49};
    size_t series = 0;

    while (series < ARRAY_LEN(bounds) && count > bounds[series])
        series++;
    return series;
}

/* The batch is committed: say so. */
static void finish_batch(struct risk_manager *rm, struct batch *batch, const struct admission_report *report)
{
    struct metrics *metrics = rm->parts.service->metrics;

    answer_batch(rm, batch, report);
    wake_lanes(rm, batch);
    if (report->wrote_outbox)
        outgoing_wake_audit_writers(&rm->parts);
    metrics_add(metrics, METRIC_BATCHES, size_series(batch->count), 1);
    metrics_observe_us(metrics, METRIC_STAGE, STAGE_READ, report->read_us);
    metrics_observe_us(metrics, METRIC_STAGE, STAGE_WRITE, report->write_us);
}

static void refuse_batch(struct risk_manager *rm, struct batch *batch, const char *detail)
{
    const struct admission_report report = {.outcome_unknown = false};

    for (size_t i = 0; i < batch->count; i++)
        batch_slot_unavailable(&batch->slots[i], detail);
    answer_batch(rm, batch, &report);
}

/* Readiness fails until look_after finds all well; one line for each time that it begins to. */
static void tell_db_failure(struct risk_manager *rm, const char *what, int r)
{
    health_set(rm->parts.service->health, CHECK_POSTGRESQL, HEALTH_FAILING, what);
    if (!rm->db_has_failed)
        LOG(log_of(rm), LOG_WARNING, "postgresql_failing", LOG_TEXT("what", what), LOG_ERRNO(r),
            LOG_TEXT("detail", db_error(rm->parts.db)));
    rm->db_has_failed = true;
}

/* The trouble is PostgreSQL's, not the request's: out of room, of memory, of order; or it only lets us read.
 */
static bool cannot_write(const char *sqlstate)
{
    return strncmp(sqlstate, "53", 2) == 0 || strncmp(sqlstate, "58", 2) == 0 ||
           strncmp(sqlstate, "XX", 2) == 0 || strcmp(sqlstate, "25006") == 0;
}

/* Somebody else, by hand, has locked rows in another order: nothing is wrong with the request. */
static bool is_conflict(const char *sqlstate)
{
    return strncmp(sqlstate, "40", 2) == 0;
}

static int connect_db(struct risk_manager *rm)
{
    bool was_connected = db_connected(rm->parts.db);
    int r = db_ensure(rm->parts.db, CONNECT_MS);

    if (r == 0 && !was_connected)
        LOG(log_of(rm), LOG_INFO, "postgresql_connected");
    if (r < 0)
        tell_db_failure(rm, "not connected", r);
    return r;
}

/* Runs until PostgreSQL has said yes or no, or stays away. Whatever the connection's loss left open is found
 * by running the same batch again. */
static int run_batch(struct risk_manager *rm, struct batch *batch)
{
    struct admission_report report;
    int r = -ENOTCONN;

    for (int i = 0; i < RUNS_MAX && connect_db(rm) == 0; i++) {
        r = admission_run(rm->parts.admission, rm->parts.db, batch, &report);
        if (r == 0) {
            rm->write_fails = false;
            finish_batch(rm, batch, &report);
            return 0;
        }
        if (r == -ECANCELED && cannot_write(db_sqlstate(rm->parts.db))) {
            rm->write_fails = true;
            tell_db_failure(rm, "nothing can be written", r);
        }
        metrics_add(rm->parts.service->metrics, METRIC_DB_FAILURES, 0, 1);
        LOG(log_of(rm), LOG_WARNING, "batch_failed", LOG_I64("requests", batch->count), LOG_ERRNO(r),
            LOG_TEXT("sqlstate", db_sqlstate(rm->parts.db)), LOG_TEXT("detail", db_error(rm->parts.db)),
            LOG_BOOL("outcome_unknown", report.outcome_unknown));
        rm->outcome_unknown |= report.outcome_unknown;
        if (!db_is_lost(r) && !is_conflict(db_sqlstate(rm->parts.db)))
            return r;
    }
    return r;
}

/* Whether somebody still waits for the outcome of a COMMIT that nobody could ask about yet. */
static bool stays_pending(struct risk_manager *rm, const struct batch *batch)
{
    struct instant now = clock_now();

    if (!rm->outcome_unknown)
        return false;
    if (rm->pending_until.us == 0) {
        for (size_t i = 0; i < batch->count; i++) {
            struct instant until = deadline_until(&batch->slots[i].envelope, now, OUTCOME_KEPT_MS);
            if (until.us > rm->pending_until.us)
                rm->pending_until = until;
        }
    }
    return now.us < rm->pending_until.us && !service_stopping(rm->parts.service);
}

/* The next piece of the batch: all of it, or its first request when some request spoils it. */
static struct batch *next_piece(struct risk_manager *rm)
{
    if (!rm->singly)
        return rm->batch;
    rm->single->count = 1;
    rm->single->slots[0] = rm->batch->slots[0];
    return rm->single;
}

static void drop_piece(struct risk_manager *rm, const struct batch *piece)
{
    rm->batch->count -= piece == rm->batch ? rm->batch->count : 1;
    memmove(&rm->batch->slots[0], &rm->batch->slots[1], rm->batch->count * sizeof(rm->batch->slots[0]));
    rm->outcome_unknown = false;
    rm->pending_until.us = 0;
}

static void process_batch(struct risk_manager *rm)
{
    rm->last_batch = rm->batch->count;
    while (rm->batch->count > 0) {
        struct batch *piece = next_piece(rm);
        int r = run_batch(rm, piece);
        if (db_is_lost(r)) {
            if (stays_pending(rm, piece))
                return;
            refuse_batch(rm, rm->batch, "The database does not answer; try again shortly.");
            piece = rm->batch;
        } else if (r < 0 && piece->count > 1) {
            rm->singly = true;
            continue;
        } else if (r < 0) {
            refuse_batch(rm, piece,
                         "The order cannot be recorded (the service's log says why); ask operations.");
        }
        drop_piece(rm, piece);
    }
    rm->singly = false;
}

/* Apart from the orders, whatever became of them. */
static void process_commands(struct risk_manager *rm)
{
    if (command_shell_wait_ms(rm->commands) < 0)
        return;
    (void)connect_db(rm);
    if (command_shell_process(rm->commands))
        outgoing_wake_audit_writers(&rm->parts);
}

static void process_halts(struct risk_manager *rm)
{
    if (halts_process(rm->halts))
        outgoing_wake_audit_writers(&rm->parts);
}

static int take_order(struct risk_manager *rm, const uint8_t *bytes, size_t length, struct batch_slot *slot)
{
    int r = order_checked_decode(bytes, length, &slot->envelope, &slot->checked);
    if (r < 0)
        return r;
    struct instant now = clock_now();
    slot->taken_us = clock_monotonic_us();
    deadline_arrive(&slot->envelope, now, pipe_waited_max_us(rm->in));
    metrics_observe_us(rm->parts.service->metrics, METRIC_STAGE, STAGE_QUEUE,
                       now.us - slot->envelope.sent_at.us);
    /* A bad address shows itself when the answer is sent. */
    (void)answers_expect(rm->parts.answers, slot->checked.request.reply_to);
    return 0;
}

/* Reads one message, an order into the slot. False: there was none in it. */
static bool take_message(struct risk_manager *rm, const uint8_t *bytes, size_t length,
                         struct batch_slot *slot)
{
    struct envelope envelope;
    int r = envelope_decode(bytes, length, &envelope);
    bool is_order = r == 0 && envelope.type != MESSAGE_ORDER_COMMAND && envelope.type != MESSAGE_HALT_REQUEST;

    if (is_order)
        r = take_order(rm, bytes, length, slot);
    else if (r == 0 && envelope.type == MESSAGE_ORDER_COMMAND)
        r = command_shell_take(rm->commands, bytes, length, pipe_waited_max_us(rm->in));
    else if (r == 0)
        r = halts_take(rm->halts, bytes, length, pipe_waited_max_us(rm->in));
    if (r < 0) {
        metrics_add(rm->parts.service->metrics, METRIC_BAD_MESSAGES, 0, 1);
        LOG(log_of(rm), LOG_WARNING, "bad_message", LOG_I64("length", length), LOG_ERRNO(r));
    }
    return is_order && r == 0;
}

static void drain(struct risk_manager *rm)
{
    const uint8_t *bytes;
    size_t length;

    while (rm->batch->count < BATCH_MAX && command_shell_have_room(rm->commands) &&
           halts_have_room(rm->halts) && pipe_receive(rm->in, &bytes, &length) == 0)
        rm->batch->count += take_message(rm, bytes, length, &rm->batch->slots[rm->batch->count]);
}

/* Under load a fuller batch makes every order cheaper: waits as long as more comes. One alone waits for
 * nothing, nor do as many as there are traders who wait for their answers wait for long. After a full batch,
 * when more comes than the machine can do, what the orders cost others gets its time: admission is faster. */
static void linger(struct risk_manager *rm)
{
    int64_t until_us = clock_monotonic_us() + LINGER_US;

    if (rm->last_batch < LINGER_FROM || rm->batch->count == 0)
        return;
    if (rm->last_batch == BATCH_MAX)
        (void)pipe_poll(NULL, 0, NULL, 0, GIVE_WAY_MS, NULL);
    while (rm->batch->count < BATCH_MAX && clock_monotonic_us() < until_us &&
           pipe_poll(&rm->in, 1, NULL, 0, LINGER_QUIET_MS, NULL) > 0)
        drain(rm);
}

/* While the outcome of the last batch is open, what comes is refused at once. */
static void refuse_arrivals(struct risk_manager *rm)
{
    const uint8_t *bytes;
    size_t length;

    for (int i = 0; i < REFUSALS_PER_TURN && command_shell_have_room(rm->commands) &&
                    halts_have_room(rm->halts) && pipe_receive(rm->in, &bytes, &length) == 0;
         i++) {
        if (!take_message(rm, bytes, length, &rm->single->slots[0]))
            continue;
        rm->single->count = 1;
        refuse_batch(rm, rm->single, "The database does not answer; try again shortly.");
    }
}

static int wait_ms(const struct risk_manager *rm)
{
    if (answers_waiting(rm->parts.answers) > 0)
        return ANSWERS_RETRY_MS;
    if (command_shell_wait_ms(rm->commands) >= 0)
        return command_shell_wait_ms(rm->commands);
    if (halts_wait_ms(rm->halts) >= 0)
        return halts_wait_ms(rm->halts);
    if (!db_connected(rm->parts.db) && db_retry_in_ms(rm->parts.db) < IDLE_MS)
        return db_retry_in_ms(rm->parts.db);
    return IDLE_MS;
}

static void wait_for_work(struct risk_manager *rm)
{
    const int fds[] = {rm->parts.service->stop_fd, db_fd(rm->parts.db)};
    bool ready[3];
    int r = pipe_poll(&rm->in, 1, fds, ARRAY_LEN(fds), wait_ms(rm), ready);

    if (r > 0 && ready[2] && db_check(rm->parts.db) < 0)
        LOG(log_of(rm), LOG_WARNING, "postgresql_lost", LOG_TEXT("detail", db_error(rm->parts.db)));
    if (rm->batch->count > 0) {
        refuse_arrivals(rm);
        return;
    }
    drain(rm);
    linger(rm);
}

/* While no order comes nothing else would show it. */
static bool writes_again(struct risk_manager *rm)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < rm->try_write_at_us)
        return false;
    rm->try_write_at_us = now_us + TRY_WRITE_US;
    int r = db_run(rm->parts.db, SQL_TRY_WRITE, NULL, (int)rm->parts.config->db_timeout_ms, NULL);
    if (r < 0)
        tell_db_failure(rm, "nothing can be written", r);
    rm->write_fails = r < 0;
    return r == 0;
}

static void look_at_database(struct risk_manager *rm)
{
    struct health *health = rm->parts.service->health;
    int r = admission_look_at_outbox(rm->parts.admission, rm->parts.db);

    if (r == 0 && rm->write_fails && !writes_again(rm))
        return;
    if (r < 0) {
        tell_db_failure(rm, "the outbox cannot be read", r);
        return;
    }
    rm->db_has_failed = false;
    health_set(health, CHECK_POSTGRESQL, HEALTH_OK, NULL);
    /* Figures stay what they were; a connection that is lost shows at the next look. */
    (void)watch_look(&rm->watch, rm->parts.db, (int)rm->parts.config->db_timeout_ms);
    if (admission_backlog(rm->parts.admission)->is_behind)
        health_set(health, CHECK_AUDIT, HEALTH_FAILING, "events wait too long for audit-writer");
    else
        health_set(health, CHECK_AUDIT, HEALTH_OK, NULL);
}

static void look_after(struct risk_manager *rm)
{
    const struct admission_backlog *backlog = admission_backlog(rm->parts.admission);
    struct metrics *metrics = rm->parts.service->metrics;

    service_beat(rm->parts.service);
    retry_answers(rm);
    metrics_set(metrics, METRIC_ANSWERS_WAITING, 0, (int64_t)answers_waiting(rm->parts.answers));
    if (rm->batch->count == 0 && connect_db(rm) == 0)
        look_at_database(rm);
    metrics_set_millionths(metrics, METRIC_OUTBOX_AGE, 0, backlog->oldest_us);
    metrics_set(metrics, METRIC_OUTBOX_ROWS, 0, backlog->rows_max);
    metrics_set(metrics, METRIC_IN_DOUBT, 0, rm->watch.figures.in_doubt);
    metrics_set_millionths(metrics, METRIC_OLDEST_ADMITTED, 0, rm->watch.figures.oldest_admitted_us);
    metrics_set(metrics, METRIC_LANES_WITHOUT_OWNER, 0, rm->watch.figures.lanes_without_owner);
}

static int open_pipes(struct risk_manager *rm)
{
    const struct risk_manager_config *config = rm->parts.config;
    struct pipe_keys keys = pipe_config_keys(&config->pipe);
    char endpoint[LANE_ENDPOINT_MAX];

    int r = pipe_context_create(&keys, &rm->context);
    explicit_bzero(&keys, sizeof(keys));
    if (r == 0)
        r = pipe_bind(rm->context, PIPE_PULL, config->bind, 0, &rm->in);
    for (int lane = 0; r == 0 && lane < (int)config->lanes; lane++) {
        r = lane_endpoint(config->lane_bind, lane, endpoint);
        if (r == 0)
            r = pipe_bind(rm->context, PIPE_PUSH, endpoint, 0, &rm->parts.lanes[lane]);
    }
    for (size_t i = 0; r == 0 && i < config->audit_writers.count; i++)
        r = pipe_connect(rm->context, PIPE_PUSH, config->audit_writers.items[i], 0,
                         &rm->parts.audit_writers[i]);
    return r == 0 ? answers_create(rm->context, &rm->parts.answers) : r;
}

static int open_all(struct risk_manager *rm)
{
    const struct risk_manager_config *config = rm->parts.config;
    rm->parts.outbox = calloc(1, sizeof(*rm->parts.outbox));
    rm->batch = calloc(1, sizeof(*rm->batch));
    rm->single = calloc(1, sizeof(*rm->single));
    if (rm->parts.outbox == NULL || rm->batch == NULL || rm->single == NULL)
        return -ENOMEM;
    int r = admission_create(config, rm->parts.outbox, &rm->parts.admission);
    if (r == 0)
        r = admission_open_db(config->database, &rm->parts.db);
    if (r == 0)
        r = open_pipes(rm);
    if (r == 0)
        r = command_shell_create(&rm->parts, &rm->commands);
    return r == 0 ? halts_create(&rm->parts, &rm->halts) : r;
}

static void close_all(struct risk_manager *rm)
{
    halts_destroy(&rm->halts);
    command_shell_destroy(&rm->commands);
    answers_destroy(&rm->parts.answers);
    for (size_t i = 0; i < ARRAY_LEN(rm->parts.audit_writers); i++)
        pipe_destroy(&rm->parts.audit_writers[i]);
    for (size_t i = 0; i < ARRAY_LEN(rm->parts.lanes); i++)
        pipe_destroy(&rm->parts.lanes[i]);
    pipe_destroy(&rm->in);
    pipe_context_destroy(&rm->context);
    db_destroy(&rm->parts.db);
    admission_destroy(&rm->parts.admission);
    buffer_release(&rm->parts.out);
    if (rm->parts.outbox != NULL)
        buffer_release(&rm->parts.outbox->bytes);
    free(rm->parts.outbox);
    free(rm->batch);
    free(rm->single);
}

/* What is taken is finished; what waits for a gateway gets a last chance. */
static void finish(struct risk_manager *rm)
{
    int64_t until_us = clock_monotonic_us() + DRAIN_MS * 1000;

    process_batch(rm);
    process_commands(rm);
    process_halts(rm);
    while (answers_waiting(rm->parts.answers) > 0 && clock_monotonic_us() < until_us) {
        retry_answers(rm);
        (void)pipe_poll(NULL, 0, NULL, 0, ANSWERS_RETRY_MS, NULL);
    }
}

int risk_manager_run(struct service *service)
{
    struct risk_manager rm = {.parts = {.service = service, .config = service->config}};

    log_gather(true);
    int r = open_all(&rm);
    if (r < 0)
        LOG_ALARM(&service->log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    while (r == 0 && !service_stopping(service)) {
        look_after(&rm);
        wait_for_work(&rm);
        process_batch(&rm);
        process_commands(&rm);
        process_halts(&rm);
        log_flush();
    }
    if (r == 0)
        finish(&rm);
    close_all(&rm);
    log_gather(false);
    return r;
}
