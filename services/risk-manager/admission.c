/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one transaction, statement by statement, in the order in which it locks. */
#include "services/risk-manager/admission.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/lane.h"
#include "proto/row.h"
#include "proto/trading_day.h"

#include "risk_manager_sql.h"

enum {
    OUTBOX_LOOK_US = 250 * 1000,       /* how often the outbox is looked at: its oldest row moves slowly */
    OUTBOX_IDLE_LOOK_US = 1000 * 1000, /* likewise, when no batch does it */
    ROLLS_MAX = 3,                     /* of the day for one batch: while it rolls another may begin */
    REJECTION_MAX = 64 * 1024, /* bytes of an encoded answer with all its faults: at most half of it */
    /* Results of the first round trip, in the order of sending. */
    RESULT_ORDERS = 2,
    RESULT_ACCOUNTS,
    RESULT_OUTBOX,
    /* Columns of find_orders.sql, before the order. */
    COLUMN_PLACE = 0,
    COLUMN_FINGERPRINT,
    COLUMN_REJECTION,
};

struct admission {
    const struct risk_manager_config *config;
    struct decimal market_collar_pct;
    struct outbox *outbox;
    struct buffer bytes;
    uint64_t generation;      /* of the connection whose session is set up */
    int64_t outbox_looked_us; /* monotonic; 0: never */
    struct admission_backlog backlog;
    struct trading_day today;
    uint8_t rejection[REJECTION_MAX];
    struct answer refusal; /* large */
};

int admission_create(const struct risk_manager_config *config, struct outbox *outbox,
                     struct admission **ret_admission)
{
    struct decimal collar;
    int r = decimal_parse(config->market_collar_pct, strlen(config->market_collar_pct), &collar);

    if (r < 0)
        return r;
    struct admission *admission = calloc(1, sizeof(*admission));
    if (admission == NULL)
        return -ENOMEM;
    admission->config = config;
    admission->market_collar_pct = collar;
    admission->outbox = outbox;
    *ret_admission = admission;
    return 0;
}

void admission_destroy(struct admission **admission)
{
    if (*admission == NULL)
        return;
    buffer_release(&(*admission)->bytes);
    free(*admission);
    *admission = NULL;
}

int admission_open_db(const char *conninfo, struct db **ret_db)
{
    return db_create(conninfo, "oxe-risk-manager", statements, SQL_COUNT, ret_db);
}

const struct admission_backlog *admission_backlog(const struct admission *admission)
{
    return &admission->backlog;
}

static void add_trader_ids(struct db_args *args, const struct batch *batch)
{
    const struct batch_trader *trader;

    DB_ARGS_COLUMN(args, trader, batch->traders, batch->trader_count, true, db_args_uuid(args, trader->id));
}

static void send_locks(struct db *db, const struct batch *batch)
{
    struct db_args *args = db_args_begin(db);

    add_trader_ids(args, batch);
    (void)db_send(db, SQL_LOCK_TRADERS, args);
}

static void send_find_orders(struct db *db, const struct batch *batch)
{
    static const struct schema_field fields[] = {
        ROW_FIELD(struct batch_slot, trader_id, checked.request.trader_id),
        ROW_FIELD(struct batch_slot, key, checked.request.idempotent_key),
    };
    static const struct schema_record record = ROW_RECORD(struct batch_slot, fields);

    struct db_args *args = db_args_begin(db);
    (void)row_add_columns(args, &record, batch->slots, sizeof(batch->slots[0]), batch->count, NULL);
    (void)db_send(db, SQL_FIND_ORDERS, args);
}

static bool is_any(const void *position)
{
    return true;
}

static bool is_added_to(const void *position)
{
    const struct batch_position *p = position;

    return !decimal_is_zero(p->added_buy) || !decimal_is_zero(p->added_sell);
}

/* The (trader, symbol) pairs of the positions that `includes` accepts. */
static void add_position_pairs(struct db_args *args, const struct batch *batch,
                               bool (*includes)(const void *position))
{
    const struct batch_position *p, *all = batch->positions;

    DB_ARGS_COLUMN(args, p, all, batch->position_count, includes(p),
                   db_args_uuid(args, batch->traders[p->trader].id));
    DB_ARGS_COLUMN(args, p, all, batch->position_count, includes(p),
                   db_args_text(args, batch->symbols[p->symbol].symbol));
}

static void send_accounts(struct db *db, const struct batch *batch)
{
    struct db_args *args = db_args_begin(db);

    add_trader_ids(args, batch);
    add_position_pairs(args, batch, is_any);
    (void)db_send(db, SQL_READ_ACCOUNTS, args);
}

/* A row of read_accounts.sql. */
struct account_row {
    int64_t place;
    bool is_known, is_active, is_suspended;
    struct instant now;
    int64_t trading_day; /* 0: none yet */
    struct risk_account account;
    struct risk_position position;
    struct batch_symbol symbol; /* and what halts it */
    struct risk_halt halt_all, halt_trader;
};

#define FIELD(column, member)    ROW_FIELD(struct account_row, column, member)
#define OPTIONAL(column, member) ROW_OPTIONAL(struct account_row, column, member)
#define HALT(column, member)     ROW_FLAGGED(struct account_row, column, member.in_force, member.reason)
static const struct schema_field account_fields[] = {
    FIELD(place, place),
    FIELD(is_known, is_known),
    FIELD(now, now),
    OPTIONAL(trading_day, trading_day),
    OPTIONAL(is_active, is_active),
    OPTIONAL(is_suspended, is_suspended),
    OPTIONAL(currency, account.currency),
    OPTIONAL(cash, account.cash),
    OPTIONAL(reserved, account.reserved),
    OPTIONAL(open_orders, account.open_orders),
    OPTIONAL(daily_notional, account.daily_notional),
#define RISK_LIMIT(type, name, kind) OPTIONAL(name, account.limits.name),
#include "proto/trader_limits.def"
    OPTIONAL(loss, account.loss),
    OPTIONAL(margin, account.margin),
    OPTIONAL(unpriced, account.unpriced),
    OPTIONAL(quantity, position.quantity),
    OPTIONAL(open_buy, position.open_buy),
    OPTIONAL(open_sell, position.open_sell),
    OPTIONAL(reducing_buy, position.reducing_buy),
    OPTIONAL(reducing_sell, position.reducing_sell),
    OPTIONAL(its_currency, symbol.currency),
    ROW_FLAGGED(struct account_row, last_price, symbol.has_last_price, symbol.last_price),
    OPTIONAL(price_age_us, symbol.price_age_us),
    HALT(halt_all, halt_all),
    HALT(halt_trader, halt_trader),
    HALT(halt_symbol, symbol.halt),
};
#undef FIELD
#undef OPTIONAL
#undef HALT
static const struct schema_record account_record = ROW_RECORD(struct account_row, account_fields);

static void take_account(const struct account_row *seen, struct batch *batch)
{
    struct batch_position *position = &batch->positions[seen->place];
    struct batch_trader *trader = &batch->traders[position->trader];
    struct batch_symbol *symbol = &batch->symbols[position->symbol];

    trader->is_known = seen->is_known;
    trader->account = seen->account;
    trader->account.status = seen->is_active      ? ACCOUNT_ACTIVE
                             : seen->is_suspended ? ACCOUNT_SUSPENDED
                                                  : ACCOUNT_CLOSED;
    trader->halt = seen->halt_trader;
    position->now = seen->position;
    symbol->has_last_price = seen->symbol.has_last_price;
    symbol->last_price = seen->symbol.last_price;
    symbol->price_age_us = seen->symbol.price_age_us;
    memcpy(symbol->currency, seen->symbol.currency, sizeof(symbol->currency));
    symbol->halt = seen->symbol.halt;
    batch->halt_all = seen->halt_all;
}

/* ret_now: the clock of the database; ret_day: the earliest day that an account is in. -EBADMSG: a row of
 * another release's statement. */
static int take_accounts(const PGresult *result, struct batch *batch, struct instant *ret_now,
                         int64_t *ret_day)
{
    struct account_row seen;
    struct row_reader reader;
    int r = row_reader_open(result, &account_record, &reader);

    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        r = row_read(&reader, row, &seen);
        if (r < 0)
            break;
        assert(seen.place >= 0 && seen.place < (int64_t)batch->position_count);
        take_account(&seen, batch);
        *ret_now = seen.now;
        if (seen.is_known && seen.trading_day < *ret_day)
            *ret_day = seen.trading_day;
    }
    return r;
}

static void take_outbox(struct admission *a, const PGresult *result)
{
    struct admission_backlog *backlog = &a->backlog;

    assert(PQntuples(result) == 1);
    backlog->oldest_us = db_get_i64(result, 0, 0);
    backlog->rows_max = db_get_i64(result, 0, 1);
    backlog->is_behind = backlog->oldest_us > a->config->outbox_age_max_ms * 1000 ||
                         backlog->rows_max > a->config->outbox_rows_max;
    a->outbox_looked_us = clock_monotonic_us();
}

/* The faults that were answered when the order was refused. Should they be unreadable, the order's reason
 * still tells. */
static void take_rejection(struct admission *a, const PGresult *result, int row, struct batch_slot *slot)
{
    struct envelope envelope;

    int length = db_get_bytes(result, row, COLUMN_REJECTION, a->rejection, sizeof(a->rejection));
    if (length < 0 || answer_decode(a->rejection, (size_t)length, &envelope, &slot->answer) < 0)
        slot->answer.faults_count = 0;
}

/* -EBADMSG: a row holds what the message of an order cannot. */
static int take_orders(struct admission *a, const PGresult *result, struct batch *batch)
{
    struct row_reader reader;
    int r = row_reader_open(result, &schema_order_view, &reader);

    for (int row = 0; r == 0 && row < PQntuples(result); row++) {
        int64_t place = db_get_i64(result, row, COLUMN_PLACE);
        assert(place >= 0 && place < (int64_t)batch->count);
        struct batch_slot *slot = &batch->slots[place];
        slot->is_found = true;
        r = row_read(&reader, row, &slot->found);
        (void)db_get_bytes(result, row, COLUMN_FINGERPRINT, slot->found_fingerprint,
                           sizeof(slot->found_fingerprint));
        slot->found_is_refusal = !db_is_null(result, row, COLUMN_REJECTION);
        if (slot->found_is_refusal)
            take_rejection(a, result, row, slot);
    }
    return r;
}

int admission_set_up_session(struct admission *a, struct db *db)
{
    if (a->generation == db_generation(db))
        return 0;
    struct db_args *args = db_args_begin(db);
    db_args_text(args, a->config->trading_tz);
    db_args_text(args, a->config->trading_day_start);
    int r = db_run(db, SQL_SESSION, args, (int)a->config->db_timeout_ms, NULL);
    if (r == 0) {
        a->generation = db_generation(db);
        a->today = (struct trading_day){.day = 0};
    }
    return r;
}

/* Within the batch's transaction. */
static int read_day(struct admission *a, struct db *db)
{
    const PGresult *result;

    struct db_args *args = db_args_begin(db);
    db_args_text(args, a->config->trading_tz);
    db_args_text(args, a->config->trading_day_start);
    int r = db_run(db, SQL_READ_DAY, args, (int)a->config->db_timeout_ms, &result);
    if (r == 0)
        trading_day_take(&a->today, result);
    return r;
}

/* The first round trip: the locks, then what stands under them. *ret_is_past: a day is to be rolled first. */
static int read_once(struct admission *a, struct db *db, struct batch *batch, bool *ret_is_past)
{
    bool look_at_outbox = clock_monotonic_us() - a->outbox_looked_us >= OUTBOX_LOOK_US;
    struct instant now = {0};
    int64_t day = INT64_MAX;
    int r = db_pipeline_begin(db);

    if (r < 0)
        return r;
    (void)db_send(db, SQL_BEGIN, NULL);
    send_locks(db, batch);
    send_find_orders(db, batch);
    send_accounts(db, batch);
    if (look_at_outbox)
        (void)db_send(db, SQL_READ_OUTBOX, NULL);
    r = db_pipeline_end(db, (int)a->config->db_timeout_ms);
    if (r < 0)
        return r;
    r = take_orders(a, db_result(db, RESULT_ORDERS), batch);
    if (r == 0)
        r = take_accounts(db_result(db, RESULT_ACCOUNTS), batch, &now, &day);
    if (r == 0 && look_at_outbox)
        take_outbox(a, db_result(db, RESULT_OUTBOX));
    if (r == 0 && trading_day_is_over(&a->today, now))
        r = read_day(a, db);
    if (r < 0) {
        db_disconnect(db); /* the transaction ends with it */
        return r;
    }
    *ret_is_past = day < a->today.day;
    batch->day_end = a->today.end;
    batch->audit_is_behind = a->backlog.is_behind;
    batch->market_collar_pct = a->market_collar_pct;
    batch->price_age_max_us = a->config->price_age_max_ms * 1000;
    return 0;
}

/* In a transaction of its own: what it locks, it locks before others. */
static int roll_day(struct admission *a, struct db *db, const struct batch *batch)
{
    int r = db_run(db, SQL_ROLLBACK, NULL, (int)a->config->db_timeout_ms, NULL);

    if (r < 0)
        return r;
    struct db_args *args = db_args_begin(db);
    add_trader_ids(args, batch);
    db_args_i64(args, a->today.day);
    return db_run(db, SQL_ROLL_DAY, args, (int)a->config->db_timeout_ms, NULL);
}

static int read_batch(struct admission *a, struct db *db, struct batch *batch)
{
    bool is_past = false;
    int r = read_once(a, db, batch, &is_past);

    for (int i = 0; i < ROLLS_MAX && r == 0 && is_past; i++) {
        r = roll_day(a, db, batch);
        if (r == 0)
            r = read_once(a, db, batch, &is_past);
    }
    return r;
}

static bool is_recorded(const void *slot)
{
    enum slot_outcome outcome = ((const struct batch_slot *)slot)->outcome;

    return outcome == SLOT_ADMITTED || outcome == SLOT_REFUSED;
}

/* The answer without the order, which is the row itself; of an admitted order none. */
static void add_rejection(struct admission *a, struct db_args *args, const struct batch_slot *slot)
{
    if (slot->outcome != SLOT_REFUSED)
        return db_args_null(args);
    buffer_clear(&a->bytes);
    a->refusal = slot->answer;
    a->refusal.has_order = false;
    int r = answer_encode(&slot->envelope, &a->refusal, &a->bytes);
    if (r < 0 && !buffer_failed(&args->values))
        args->values.error = r;
    db_args_bytes(args, (const uint8_t *)a->bytes.data, a->bytes.length);
}

/* The first parameters of insert_orders.sql; the computed ones follow them. */
#define ORDER(member) answer.order.member
static const struct schema_field order_fields[] = {
    ROW_FIELD(struct batch_slot, id, ORDER(id)),
    ROW_FIELD(struct batch_slot, trader_id, ORDER(trader_id)),
    ROW_FIELD(struct batch_slot, symbol, ORDER(symbol)),
    ROW_WORD(struct batch_slot, side, ORDER(side), side_text),
    ROW_FIELD(struct batch_slot, quantity, ORDER(quantity)),
    ROW_WORD(struct batch_slot, order_type, ORDER(order_type), order_type_text),
    ROW_WORD(struct batch_slot, time_in_force, ORDER(time_in_force), time_in_force_text),
    ROW_FLAGGED(struct batch_slot, price, ORDER(has_price), ORDER(price)),
    ROW_FLAGGED(struct batch_slot, stop_loss, ORDER(has_stop_loss), ORDER(stop_loss)),
    ROW_FLAGGED(struct batch_slot, take_profit, ORDER(has_take_profit), ORDER(take_profit)),
    ROW_WORD(struct batch_slot, status, ORDER(status), order_status_text),
    ROW_WORD(struct batch_slot, execution_state, ORDER(execution_state), execution_state_text),
    ROW_FIELD(struct batch_slot, reserve_price, verdict.reserve_price),
    ROW_FIELD(struct batch_slot, reserve_quantity, verdict.reserve_quantity),
    ROW_FIELD(struct batch_slot, reserved, verdict.reserved),
    ROW_OPTIONAL(struct batch_slot, reason, ORDER(reason)),
    ROW_FIELD(struct batch_slot, idempotent_key, ORDER(idempotent_key)),
    ROW_FIELD(struct batch_slot, fingerprint, checked.request.fingerprint),
    ROW_FIELD(struct batch_slot, actor, checked.request.actor),
    ROW_OPTIONAL(struct batch_slot, trace_id, envelope.trace_id),
};
#undef ORDER
static const struct schema_record order_record = ROW_RECORD(struct batch_slot, order_fields);

static void send_orders(struct admission *a, struct db *db, const struct batch *batch, struct instant now)
{
    const struct batch_slot *slots = batch->slots, *slot;
    struct db_args *args = db_args_begin(db);

    (void)row_add_columns(args, &order_record, slots, sizeof(*slots), batch->count, is_recorded);
    DB_ARGS_COLUMN(args, slot, slots, batch->count, is_recorded(slot),
                   db_args_i64(args, lane_of(slot->answer.order.trader_id, (int)a->config->lanes)));
    DB_ARGS_COLUMN(args, slot, slots, batch->count, is_recorded(slot), add_rejection(a, args, slot));
    DB_ARGS_COLUMN(args, slot, slots, batch->count, is_recorded(slot),
                   slot->outcome == SLOT_ADMITTED && slot->expires_at.us != 0
                       ? db_args_instant(args, slot->expires_at)
                       : db_args_null(args));
    db_args_instant(args, now);
    (void)db_send(db, SQL_INSERT_ORDERS, args);
}

static void send_reservations(struct db *db, const struct batch *batch)
{
    static const struct schema_field fields[] = {
        ROW_FIELD(struct batch_trader, trader_id, id),
        ROW_FIELD(struct batch_trader, reserved, added_reserved),
        ROW_FIELD(struct batch_trader, open_orders, added_open_orders),
        ROW_FIELD(struct batch_trader, daily_notional, added_notional),
    };
    static const struct schema_record record = ROW_RECORD(struct batch_trader, fields);

    struct db_args *args = db_args_begin(db);
    (void)row_add_columns(args, &record, batch->traders, sizeof(batch->traders[0]), batch->trader_count,
                          NULL);
    (void)db_send(db, SQL_RESERVE, args);
}

static void send_positions(struct db *db, const struct batch *batch)
{
    static const struct schema_field fields[] = {
        ROW_FIELD(struct batch_position, open_buy, added_buy),
        ROW_FIELD(struct batch_position, open_sell, added_sell),
        ROW_FIELD(struct batch_position, reducing_buy, added_reducing_buy),
        ROW_FIELD(struct batch_position, reducing_sell, added_reducing_sell),
    };
    static const struct schema_record record = ROW_RECORD(struct batch_position, fields);

    struct db_args *args = db_args_begin(db);
    add_position_pairs(args, batch, is_added_to);
    (void)row_add_columns(args, &record, batch->positions, sizeof(batch->positions[0]), batch->position_count,
                          is_added_to);
    (void)db_send(db, SQL_OPEN_POSITIONS, args);
}

/* The second round trip: what was decided, and COMMIT. */
static int write_batch(struct admission *a, struct db *db, const struct batch *batch, struct instant now,
                       struct admission_report *report)
{
    bool records = false, admits = false;
    int r = db_pipeline_begin(db);

    for (size_t i = 0; i < batch->count; i++) {
        records |= is_recorded(&batch->slots[i]);
        admits |= batch->slots[i].outcome == SLOT_ADMITTED;
    }
    if (r == 0 && records) {
        send_orders(a, db, batch, now);
        batch_events(batch, now, &a->outbox->ids, &a->outbox->events);
        r = outbox_send(a->outbox, db, now);
    }
    /* Last, because executions wait for these rows until COMMIT. */
    if (r == 0 && admits) {
        send_reservations(db, batch);
        send_positions(db, batch);
    }
    if (r < 0) {
        db_disconnect(db); /* the transaction ends with it */
        return r;
    }
    (void)db_send(db, SQL_COMMIT, NULL);
    r = db_pipeline_end(db, (int)a->config->db_timeout_ms);
    report->outcome_unknown = db_is_lost(r);
    report->wrote_outbox = r == 0 && records;
    return r;
}

int admission_look_at_outbox(struct admission *admission, struct db *db)
{
    const PGresult *result;

    if (clock_monotonic_us() - admission->outbox_looked_us < OUTBOX_IDLE_LOOK_US)
        return 0;
    int r = admission_set_up_session(admission, db);
    if (r == 0)
        r = db_run(db, SQL_READ_OUTBOX, NULL, (int)admission->config->db_timeout_ms, &result);
    if (r == 0)
        take_outbox(admission, result);
    return r;
}

int admission_run(struct admission *admission, struct db *db, struct batch *batch,
                  struct admission_report *ret_report)
{
    struct admission_report report = {.outcome_unknown = false};
    int64_t start_us = clock_monotonic_us();

    batch_index(batch);
    int r = admission_set_up_session(admission, db);
    if (r == 0)
        r = read_batch(admission, db, batch);
    report.read_us = clock_monotonic_us() - start_us;
    if (r == 0) {
        struct instant now = clock_now();
        batch_decide(batch, now);
        start_us = clock_monotonic_us();
        r = write_batch(admission, db, batch, now, &report);
        report.write_us = clock_monotonic_us() - start_us;
    }
    *ret_report = report;
    return r;
}
