/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/halts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/deadline.h"
#include "services/risk-manager/answers.h"
#include "services/risk-manager/command_shell.h"
#include "services/risk-manager/command_store.h"
#include "services/risk-manager/outgoing.h"

#include "risk_manager_sql.h"

enum {
    RUNS_MAX = 3, /* of one request, while the connection breaks and opens again */
    CONNECT_MS = 1000,
    KEPT_MS = 5000, /* how long a request without a deadline is worked on */
    ASK_AGAIN_MS = 20,
    LOOK_US = 1000 * 1000, /* how often a halt that cancels is looked for */
    PAGE = 500,            /* open orders looked at in one go */
    /* Results of the first round trip, in the order of sending. */
    RESULT_CHANGE = 2,
    RESULT_TRANSACTION,
};

/* A halt whose scope is being cancelled, and how far that has come. */
struct cancelling {
    bool is_on;
    struct uuid halt_id;
    bool has_trader_id;
    struct uuid trader_id;
    char symbol[SYMBOL_MAX]; /* "": any */
    char actor[ACTOR_MAX];
    int64_t lane;
    struct uuid order_id;
};

struct halts {
    struct risk_manager_parts *parts;
    bool has_request;
    struct envelope envelope;
    struct halt_request request;
    int64_t taken_us; /* monotonic */
    struct cancelling cancelling;
    int64_t look_at_us;   /* monotonic, when a halt that cancels is looked for next */
    bool failed;          /* the last page was not recorded */
    struct answer answer; /* large, as is the next */
    struct command_batch batch;
};

int halts_create(struct risk_manager_parts *parts, struct halts **ret_halts)
{
    struct halts *halts = calloc(1, sizeof(*halts));

    if (halts == NULL)
        return -ENOMEM;
    halts->parts = parts;
    *ret_halts = halts;
    return 0;
}

void halts_destroy(struct halts **halts)
{
    free(*halts);
    *halts = NULL;
}

static const struct log *log_of(const struct halts *halts)
{
    return &halts->parts->service->log;
}

bool halts_have_room(const struct halts *halts)
{
    return !halts->has_request;
}

int halts_take(struct halts *halts, const uint8_t *bytes, size_t length, int64_t waited_max_us)
{
    int r = halt_request_decode(bytes, length, &halts->envelope, &halts->request);

    if (r < 0)
        return r;
    deadline_arrive(&halts->envelope, clock_now(), waited_max_us);
    halts->has_request = true;
    halts->taken_us = clock_monotonic_us();
    /* A bad address shows itself when the answer is sent. */
    (void)answers_expect(halts->parts->answers, halts->request.reply_to);
    return 0;
}

/* ---------------------------------------------------------------- one request */

static struct instant deadline_of(const struct halts *halts)
{
    return deadline_until(&halts->envelope, clock_now(), KEPT_MS);
}

/* What the gateway promises and the table insists on. */
static bool is_storable(const struct halt_request *request)
{
    if (request->lift)
        return true;
    return request->has_scope && request->reason[0] != '\0' &&
           request->has_trader_id == (request->scope == HALT_SCOPE_TRADER) &&
           (request->symbol[0] != '\0') == (request->scope == HALT_SCOPE_SYMBOL);
}

static void send_change(const struct halts *halts, struct db *db)
{
    const struct halt_request *request = &halts->request;
    struct db_args *args = db_args_begin(db);

    db_args_uuid(args, request->halt_id);
    if (request->lift) {
        (void)db_send(db, SQL_DELETE_HALT, args);
        return;
    }
    db_args_text(args, halt_scope_text(request->scope));
    if (request->has_trader_id)
        db_args_uuid(args, request->trader_id);
    else
        db_args_null(args);
    db_args_text(args, request->symbol[0] == '\0' ? NULL : request->symbol);
    db_args_text(args, request->reason);
    db_args_text(args, request->actor);
    db_args_instant(args, request->received_at);
    db_args_bool(args, request->cancel_open);
    (void)db_send(db, SQL_INSERT_HALT, args);
}

static void judge_new(struct halts *halts, const PGresult *result)
{
    struct fault_list faults = {.faults = halts->answer.faults, .max = ARRAY_LEN(halts->answer.faults)};

    if (!db_get_bool(result, 0, 0))
        fault_add(&faults, REJECT_INVALID_VALUE, "/trader_id", NULL, NULL,
                  "There is no trader with this trader_id; send the id of an account.");
    if (!db_get_bool(result, 0, 1))
        fault_add(&faults, REJECT_UNKNOWN_SYMBOL, "/symbol", NULL, halts->request.symbol,
                  "There is no instrument %s; take a symbol from the list of instruments.",
                  halts->request.symbol);
    halts->answer.faults_count = faults.count;
    halts->answer.outcome = faults.count == 0 ? ANSWER_ACCEPTED : ANSWER_REJECTED;
}

/* The halt that was lifted, whose words RESUMED tells. */
static void judge_lift(struct halts *halts, const PGresult *result)
{
    struct halt_request *request = &halts->request;

    halts->answer.outcome = PQntuples(result) == 0 ? ANSWER_NOT_FOUND : ANSWER_ACCEPTED;
    if (PQntuples(result) == 0)
        return;
    const char *scope = db_get_text(result, 0, 0);
    request->has_scope = halt_scope_parse(scope, strlen(scope), &request->scope) == 0;
    request->has_trader_id = !db_is_null(result, 0, 1);
    request->trader_id = db_get_uuid(result, 0, 1);
    (void)snprintf(request->symbol, sizeof(request->symbol), "%s", db_get_text(result, 0, 2));
}

/* Makes the event of the halt what the outbox sends next. */
static void tell(const struct halts *halts, struct instant now)
{
    const struct halt_request *request = &halts->request;
    struct outbox *outbox = halts->parts->outbox;
    struct event *event = &outbox->events.events[0];

    outbox->events.events_count = 1;
    *event = (struct event){.event_id = uuid_next(&outbox->ids, now),
                            .action = request->lift ? AUDIT_ACTION_RESUMED : AUDIT_ACTION_HALTED,
                            .has_trader_id = request->has_trader_id,
                            .trader_id = request->trader_id,
                            .has_trace_id = envelope_has_trace(&halts->envelope),
                            .occurred_at = now};
    memcpy(event->trace_id, halts->envelope.trace_id, TRACE_ID_BYTES);
    memcpy(event->symbol, request->symbol, sizeof(event->symbol));
    memcpy(event->actor, request->actor, sizeof(event->actor));
    if (request->has_scope)
        (void)snprintf(event->reason, sizeof(event->reason), "%s", halt_scope_text(request->scope));
    command_write_message(event->message, sizeof(event->message), "", request->reason);
}

/* 0: decided, and recorded when the answer is ACCEPTED. Otherwise nothing is recorded, or
 * ret_transaction->id is not 0 and it tells whom to ask by. */
static int run_once(struct halts *halts, struct db *db, struct command_transaction *ret_transaction)
{
    int timeout_ms = (int)halts->parts->config->db_timeout_ms;

    ret_transaction->id = 0;
    int r = admission_set_up_session(halts->parts->admission, db);
    if (r == 0)
        r = db_pipeline_begin(db);
    if (r < 0)
        return r;
    (void)db_send(db, SQL_BEGIN, NULL);
    (void)db_send(db, SQL_LOCK_HALTS_ALONE, NULL);
    send_change(halts, db);
    (void)db_send(db, SQL_TRANSACTION_ID, NULL);
    r = db_pipeline_end(db, timeout_ms);
    if (r < 0)
        return r;
    if (halts->request.lift)
        judge_lift(halts, db_result(db, RESULT_CHANGE));
    else
        judge_new(halts, db_result(db, RESULT_CHANGE));
    struct command_transaction transaction;
    command_store_take_transaction(db_result(db, RESULT_TRANSACTION), &transaction);
    r = db_pipeline_begin(db);
    if (r == 0 && halts->answer.outcome == ANSWER_ACCEPTED) {
        struct instant now = clock_now();
        tell(halts, now);
        r = outbox_send(halts->parts->outbox, db, now);
    }
    if (r < 0) {
        db_disconnect(db); /* the transaction ends with it */
        return r;
    }
    (void)db_send(db, SQL_COMMIT, NULL);
    r = db_pipeline_end(db, timeout_ms);
    if (db_is_lost(r) && halts->answer.outcome == ANSWER_ACCEPTED)
        *ret_transaction = transaction;
    return r;
}

/* 0: it was recorded. -ECANCELED: it was not. -ENODATA: nobody knows. */
static int ask_outcome(struct halts *halts, struct db *db, const struct command_transaction *transaction,
                       struct instant until)
{
    while (clock_now().us < until.us && !service_stopping(halts->parts->service)) {
        int r = db_ensure(db, CONNECT_MS);
        if (r == 0)
            r = command_store_outcome(halts->parts, transaction);
        if (r == 1)
            return 0;
        if (r == 0)
            return -ECANCELED;
        if (r == -ENODATA)
            break;
        service_beat(halts->parts->service);
        (void)pipe_poll(NULL, 0, NULL, 0, ASK_AGAIN_MS, NULL);
    }
    return -ENODATA;
}

static void refuse(struct halts *halts, const char *detail)
{
    halts->answer.outcome = ANSWER_UNAVAILABLE;
    halts->answer.faults_count = 0;
    (void)snprintf(halts->answer.detail, sizeof(halts->answer.detail), "%s", detail);
}

static void decide(struct halts *halts, struct db *db)
{
    struct instant until = deadline_of(halts);
    struct command_transaction transaction = {.id = 0};
    int r = -ENOTCONN;

    for (int i = 0; i < RUNS_MAX && r < 0 && clock_now().us < until.us; i++) {
        if (db_ensure(db, CONNECT_MS) < 0)
            break;
        r = run_once(halts, db, &transaction);
        if (r < 0) {
            metrics_add(halts->parts->service->metrics, METRIC_DB_FAILURES, 0, 1);
            LOG(log_of(halts), LOG_WARNING, "halt_failed", LOG_UUID("halt_id", halts->request.halt_id),
                LOG_ERRNO(r), LOG_TEXT("sqlstate", db_sqlstate(db)), LOG_TEXT("detail", db_error(db)),
                LOG_BOOL("outcome_unknown", transaction.id != 0));
        }
        if (r < 0 && transaction.id != 0)
            r = ask_outcome(halts, db, &transaction, until);
        if (r == -ENODATA) {
            refuse(halts,
                   "Whether the request was recorded is not known; read the list of halts, or try again.");
            return;
        }
    }
    if (r < 0)
        refuse(halts, "The database does not answer; try again shortly.");
}

static void send_answer(struct halts *halts)
{
    struct answer *answer = &halts->answer;

    answer->handle = halts->request.handle;
    answer->has_order = false;
    answer->risk_us = (uint64_t)(clock_monotonic_us() - halts->taken_us);
    answer->db_us = answer->risk_us;
    int r =
        outgoing_answer(halts->parts, &halts->envelope, halts->request.reply_to, answer, deadline_of(halts));
    if (r < 0)
        LOG(log_of(halts), LOG_WARNING, "answer_not_sent", LOG_TRACE(halts->envelope.trace_id), LOG_ERRNO(r));
}

/* True: it was recorded. */
static bool run_request(struct halts *halts, struct db *db)
{
    halts->has_request = false;
    halts->answer.detail[0] = '\0';
    halts->answer.faults_count = 0;
    if (deadline_has_passed(&halts->envelope, clock_now())) {
        LOG(log_of(halts), LOG_INFO, "halt_expired_unseen", LOG_UUID("halt_id", halts->request.halt_id),
            LOG_TRACE(halts->envelope.trace_id));
        return false;
    }
    if (is_storable(&halts->request))
        decide(halts, db);
    else
        refuse(halts,
               "The request does not have the form that the gateway guarantees; report it to operations.");
    bool recorded = halts->answer.outcome == ANSWER_ACCEPTED;
    const char *outcome = answer_outcome_text(halts->answer.outcome);
    LOG(log_of(halts), LOG_INFO, halts->request.lift ? "halt_lifted" : "halt_set",
        LOG_UUID("halt_id", halts->request.halt_id),
        LOG_TEXT("scope", halts->request.has_scope ? halt_scope_text(halts->request.scope) : ""),
        LOG_TEXT("symbol", halts->request.symbol), LOG_TEXT("answer", outcome == NULL ? "" : outcome),
        LOG_TRACE(halts->envelope.trace_id));
    send_answer(halts);
    if (recorded)
        halts->look_at_us = 0;
    return recorded;
}

/* ---------------------------------------------------------------- cancelling what is open */

static void find_halt(struct halts *halts, struct db *db)
{
    struct cancelling *cancelling = &halts->cancelling;
    const PGresult *result;

    if (clock_monotonic_us() < halts->look_at_us)
        return;
    halts->look_at_us = clock_monotonic_us() + LOOK_US;
    if (db_run(db, SQL_FIND_CANCELLING_HALT, NULL, (int)halts->parts->config->db_timeout_ms, &result) < 0 ||
        PQntuples(result) == 0)
        return;
    *cancelling = (struct cancelling){.is_on = true,
                                      .halt_id = db_get_uuid(result, 0, 0),
                                      .has_trader_id = !db_is_null(result, 0, 2),
                                      .trader_id = db_get_uuid(result, 0, 2),
                                      .lane = -1};
    (void)snprintf(cancelling->symbol, sizeof(cancelling->symbol), "%s", db_get_text(result, 0, 3));
    (void)snprintf(cancelling->actor, sizeof(cancelling->actor), "%s", db_get_text(result, 0, 4));
}

/* Records the cancels that are gathered. */
static int cancel_batch(struct halts *halts, struct db *db, bool *ret_wrote)
{
    struct command_report report;
    int r = 0;

    if (halts->batch.count > 0)
        r = command_store_run(halts->parts, &halts->batch, &report);
    if (r == 0 && halts->batch.count > 0) {
        *ret_wrote |= report.wrote_outbox;
        command_shell_wake_lanes(halts->parts, &halts->batch);
    }
    halts->batch.count = 0;
    return r;
}

static void gather(struct halts *halts, struct uuid order_id)
{
    struct command_slot *slot = &halts->batch.slots[halts->batch.count++];

    memset(slot, 0, sizeof(*slot));
    slot->envelope.id = halts->cancelling.halt_id;
    slot->command.kind = ORDER_COMMAND_CANCEL;
    slot->command.order_id = order_id;
    slot->command.received_at = clock_now();
    memcpy(slot->command.actor, halts->cancelling.actor, sizeof(slot->command.actor));
}

static int read_page(struct halts *halts, struct db *db, const PGresult **ret_page)
{
    const struct cancelling *cancelling = &halts->cancelling;
    struct db_args *args = db_args_begin(db);

    db_args_i64(args, cancelling->lane);
    db_args_uuid(args, cancelling->order_id);
    db_args_i64(args, PAGE);
    if (cancelling->has_trader_id)
        db_args_uuid(args, cancelling->trader_id);
    else
        db_args_null(args);
    db_args_text(args, cancelling->symbol[0] == '\0' ? NULL : cancelling->symbol);
    return db_run(db, SQL_PAGE_OPEN_ORDERS, args, (int)halts->parts->config->db_timeout_ms, ret_page);
}

/* The page's orders, which the next statement's result would take away. */
struct page {
    size_t count, wanted_count;
    int64_t last_lane;
    struct uuid last_id;
    struct uuid wanted[PAGE];
};

static int take_page(struct halts *halts, struct db *db, struct page *ret_page)
{
    const PGresult *rows;

    int r = read_page(halts, db, &rows);
    if (r < 0)
        return r;
    ret_page->count = (size_t)PQntuples(rows);
    ret_page->wanted_count = 0;
    for (int row = 0; row < (int)ret_page->count; row++) {
        ret_page->last_lane = db_get_i64(rows, row, 0);
        ret_page->last_id = db_get_uuid(rows, row, 1);
        if (db_get_bool(rows, row, 2))
            ret_page->wanted[ret_page->wanted_count++] = ret_page->last_id;
    }
    return 0;
}

static int cancel_page(struct halts *halts, struct db *db, bool *ret_wrote)
{
    struct cancelling *cancelling = &halts->cancelling;
    struct page page = {.count = 0};

    int r = take_page(halts, db, &page);
    halts->batch.count = 0;
    for (size_t i = 0; i < page.wanted_count && r == 0; i++) {
        gather(halts, page.wanted[i]);
        if (halts->batch.count == COMMANDS_MAX)
            r = cancel_batch(halts, db, ret_wrote);
    }
    if (r == 0)
        r = cancel_batch(halts, db, ret_wrote);
    if (r < 0)
        return r;
    if (page.count == PAGE) {
        cancelling->lane = page.last_lane;
        cancelling->order_id = page.last_id;
        return 0;
    }
    struct db_args *args = db_args_begin(db);
    db_args_uuid(args, cancelling->halt_id);
    r = db_run(db, SQL_END_CANCELLING, args, (int)halts->parts->config->db_timeout_ms, NULL);
    if (r < 0)
        return r;
    LOG(log_of(halts), LOG_INFO, "halt_cancelled_open", LOG_UUID("halt_id", cancelling->halt_id));
    cancelling->is_on = false;
    halts->look_at_us = 0; /* there may be another */
    return 0;
}

bool halts_process(struct halts *halts)
{
    struct db *db = halts->parts->db;
    bool wrote = false;

    if (halts->has_request)
        wrote = run_request(halts, db);
    if (!db_connected(db) || admission_set_up_session(halts->parts->admission, db) < 0)
        return wrote;
    if (!halts->cancelling.is_on)
        find_halt(halts, db);
    if (halts->cancelling.is_on) {
        int r = cancel_page(halts, db, &wrote);
        halts->failed = r < 0;
        if (r < 0)
            LOG(log_of(halts), LOG_WARNING, "halt_cancel_failed",
                LOG_UUID("halt_id", halts->cancelling.halt_id), LOG_ERRNO(r),
                LOG_TEXT("detail", db_error(db)));
    }
    return wrote;
}

int halts_wait_ms(const struct halts *halts)
{
    if (halts->has_request)
        return 0;
    if (!halts->cancelling.is_on)
        return -1;
    return halts->failed ? ASK_AGAIN_MS : 0;
}
