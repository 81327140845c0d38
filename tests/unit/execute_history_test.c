/* SPDX-License-Identifier: Apache-2.0 */
/* One order in generated histories: a virtual clock, a model of the exchange that
 * withholds, delays, repeats, reorders and loses what it says, a line that breaks,
 * an owner that dies before or after its commit, a trader who cancels and operations
 * who resolve. Whatever happens, the promises hold (check_promises, check_end).
 *
 * A failing history prints its seed; OXE_HISTORY_SEED=N runs that one alone and tells its story.
 *
 * Long: the model, the story and the promises are read side by side. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/order_state.h"
#include "tests/support/order_history.h"

enum { HISTORIES = 60000, STEPS_MAX = 20000 };

static const int64_t rest_us = 90 * S, end_us = 400 * S;
static const struct execute_policy policy = {.venue = "SIM",
                                             .actor = "executor",
                                             .attempts_max = 3,
                                             .refuses_known_ids = true,
                                             .answer_timeout_us = 5 * S,
                                             .retry_delay_us = S,
                                             .status_timeout_us = 30 * S};

/* What the histories reached, so that they show what they are for. */
static struct reached {
    int filled, rejected, cancelled, expired, retried, recovered, doubted, resolved, late, cancel_rejected,
        crashed, recalled;
} reached;

static void request(struct history *h, enum request what)
{
    if (h->line && h->owner.ready)
        order_history_fly(h, (struct flight){.to_exchange = true, .request = what});
}

/* ---- the owner ---- */

static void check_promises(struct history *h, const struct execution *before, const struct execution *after)
{
    const struct execute_effect *effect = &h->effect;
    struct decimal reserved, filled = decimal_zero();
    struct order_state from = {before->state, before->status}, to = {after->state, after->status};
    PROMISE(h, order_state_allows(from, to), "from %s to %s", execution_state_text(from.state),
            execution_state_text(to.state));
    PROMISE(h, execution_reservation(after, &reserved) == 0 && reserved.units == after->reserved.units,
            "the reservation does not fit");
    for (size_t i = 0; i < h->owner.fill_count; i++)
        filled.units += h->owner.fills[i].quantity.units;
    PROMISE(h, filled.units == after->filled.units, "filled is not the sum of fills");
    PROMISE(h, after->attempts <= policy.attempts_max + h->retries, "%d attempts", after->attempts);
    PROMISE(h, !execution_is_over(after) || after->next_check_at.us == 0, "over, and waits");
    PROMISE(h, !after->recalled || after->state == EXECUTION_STATE_DONE, "recalled, and not DONE");
    PROMISE(h, !before->venue_known || after->venue_known, "what was proved is forgotten");
    PROMISE(h, !(effect->resend && before->venue_known), "sent again although the exchange has it");
    PROMISE(h,
            after->state == EXECUTION_STATE_DONE || after->state == EXECUTION_STATE_ADMITTED ||
                after->state == EXECUTION_STATE_WORKING || after->next_check_at.us != 0,
            "%s, and nothing will look at it", execution_state_text(after->state));
    PROMISE(h, !(effect->resend && before->cancel_requested_at.us != 0), "sent again although cancelled");
    if (after->status == ORDER_STATUS_REJECTED && before->status != ORDER_STATUS_REJECTED)
        PROMISE(h, !h->exchange.known || h->resolved_blind || (!before->venue_known && h->exchange.lied),
                "rejected although the exchange has it");
    reached.recalled += after->recalled && !before->recalled;
    for (size_t i = 0; i < effect->event_count; i++)
        h->told[effect->events[i].action]++;
}

static void lose_line(struct history *h)
{
    if (!h->line)
        return;
    STORY(h, "the line is lost");
    /* What the exchange had already received takes effect. */
    size_t arrives = order_history_draw(h, h->flight_count + 1);
    h->line = false;
    for (size_t i = 0; i < arrives; i++) {
        if (h->flights[i].to_exchange)
            order_history_take(h, h->flights[i].request);
    }
    h->flight_count = 0;
    h->line_us = h->now_us + (int64_t)order_history_draw(h, order_history_is_chaos(h) ? 6000 : 100) * MS;
}

static void crash(struct history *h)
{
    struct owner *o = &h->owner;
    STORY(h, "the owner dies");
    reached.crashed++;
    lose_line(h);
    o->alive = o->ready = h->cancel_known = false;
    o->questions = (struct execute_questions){0};
    o->postponed_us = 0;
    o->back_us = h->now_us + (int64_t)order_history_draw(h, 5000) * MS;
}

static void submit(struct history *h, bool again)
{
    PROMISE(h, h->owner.row.state == EXECUTION_STATE_SENT, "sent in state %s",
            execution_state_text(h->owner.row.state));
    PROMISE(h, !h->cancel_known, "sent after its cancel");
    execution_sent(&h->owner.questions, h->owner.row.quantity);
    h->sends++;
    STORY(h, "owner sends%s, attempt %d", again ? " again" : "", h->owner.row.attempts);
    PROMISE(h, h->sends <= h->owner.row.attempts, "written %d times, counted %d", h->sends,
            h->owner.row.attempts);
    request(h, REQUEST_ORDER);
}

static void ask(struct history *h)
{
    if (!h->line || !h->owner.ready)
        return;
    execution_asked(&h->owner.questions);
    request(h, REQUEST_QUERY);
}

/* The transaction, and after it what it allows. The owner may die before and after. */
static void commit(struct history *h, const struct execution *next, size_t in_seq)
{
    struct owner *o = &h->owner;
    struct execution before = o->row;
    const struct execute_effect effect = h->effect;
    if (order_history_is_chaos(h) && order_history_chance(h, 60)) {
        crash(h);
        return;
    }
    o->row = *next;
    o->in_seq = in_seq > o->in_seq ? in_seq : o->in_seq;
    if (effect.filled)
        o->fills[o->fill_count++] = effect.fill;
    check_promises(h, &before, next);
    STORY(h, "%s %s, %d events, check in %.3f", execution_state_text(next->state),
          order_status_text(next->status), (int)effect.event_count,
          next->next_check_at.us == 0 ? 0.0 : (double)(next->next_check_at.us - h->now_us) / 1e6);
    if (order_history_is_chaos(h) && order_history_chance(h, 60)) {
        crash(h);
        return;
    }
    o->questions = next->questions;
    h->cancel_known = next->cancel_requested_at.us != 0;
    reached.late += effect.filled && effect.fill.flag != NULL;
    if (effect.resend)
        submit(h, true);
    if (effect.cancel)
        request(h, REQUEST_CANCEL);
    if (effect.query)
        ask(h);
}

static struct execution record_of(const struct owner *o)
{
    struct execution record = o->row;
    record.questions = o->questions;
    return record;
}

static const struct execute_fill *recorded(const struct owner *o, const char *exec_id)
{
    for (size_t i = 0; i < o->fill_count; i++) {
        if (strcmp(o->fills[i].exec_id, exec_id) == 0)
            return &o->fills[i];
    }
    return NULL;
}

static void hear(struct history *h, const struct flight *flight)
{
    struct venue_event event = h->exchange.out[flight->out];
    struct execution record = record_of(&h->owner);
    event.possible_duplicate = flight->again;
    event.in_seq = flight->out + 1;
    if (flight->out + 1 <= h->owner.in_seq && !event.possible_duplicate)
        return;
    STORY(h, "owner hears %d%s, cum %" PRId64, (int)event.type, flight->again ? " again" : "",
          event.cum_quantity.units / DECIMAL_ONE);
    execute_report(&record, &event, event.type == VENUE_FILL ? recorded(&h->owner, event.exec_id) : NULL,
                   execute_begin(&h->effect, &policy, order_history_instant(h)));
    PROMISE(h, event.type != VENUE_FILL || h->effect.filled || h->effect.duplicate, "a fill is lost");
    commit(h, &record, flight->out + 1);
}

static void claim(struct history *h)
{
    struct execution record = record_of(&h->owner);
    enum execute_claim outcome =
        execute_claim(&record, execute_begin(&h->effect, &policy, order_history_instant(h)));
    commit(h, &record, 0);
    if (outcome == EXECUTE_CLAIM_SEND && h->owner.alive && h->owner.row.state == EXECUTION_STATE_SENT)
        submit(h, false);
}

static void on_line_lost(struct history *h)
{
    struct owner *o = &h->owner;
    o->ready = false;
    execution_session_lost(&o->questions);
    if (o->row.state != EXECUTION_STATE_SENT)
        return;
    struct execution record = record_of(o);
    execute_tick_line_lost(&record, execute_begin(&h->effect, &policy, order_history_instant(h)));
    commit(h, &record, 0);
}

static void on_ready(struct history *h)
{
    struct owner *o = &h->owner;
    STORY(h, "the line stands");
    o->ready = true;
    if (o->row.state == EXECUTION_STATE_SENT || execution_cancels_there(&o->row)) {
        struct execution record = record_of(o);
        execute_tick_line_ready(&record, execute_begin(&h->effect, &policy, order_history_instant(h)));
        commit(h, &record, 0);
    } else if (o->row.state == EXECUTION_STATE_WORKING || o->row.state == EXECUTION_STATE_IN_DOUBT) {
        ask(h);
    }
}

/* A logon: the exchange repeats what the owner has not committed; then the line stands. */
static void log_on(struct history *h)
{
    h->line = true;
    h->last_us[0] = h->last_us[1] = h->now_us;
    for (size_t i = h->owner.in_seq; i < h->exchange.out_count; i++) {
        const struct flight flight = {.out = i, .again = true};
        if (h->line && h->owner.alive)
            hear(h, &flight);
    }
    if (h->line && h->owner.alive)
        on_ready(h);
}

static void tick(struct history *h)
{
    struct execution record = record_of(&h->owner);
    if (record.state != EXECUTION_STATE_SENT && record.state != EXECUTION_STATE_ADMITTED && !h->owner.ready) {
        h->owner.postponed_us = h->now_us + S;
        return;
    }
    execute_tick(&record, h->owner.ready, execute_begin(&h->effect, &policy, order_history_instant(h)));
    commit(h, &record, 0);
}

/* ---- the trader, and operations ---- */

static void cancel(struct history *h)
{
    struct owner *o = &h->owner;
    if (o->row.state == EXECUTION_STATE_DONE || o->row.cancel_requested_at.us != 0)
        return;
    STORY(h, "the trader cancels");
    o->row.cancel_requested_at = order_history_instant(h);
    if (!o->alive)
        return;
    struct execution record = record_of(o);
    execute_command_cancel(&record, execute_begin(&h->effect, &policy, order_history_instant(h)));
    commit(h, &record, 0);
}

static bool order_is_under_way(const struct history *h)
{
    for (size_t i = 0; i < h->flight_count; i++) {
        if (h->flights[i].to_exchange && h->flights[i].request == REQUEST_ORDER)
            return true;
    }
    return false;
}

/* Operations have asked the exchange by telephone: they enter what is true, or what they take for it. */
static void resolve(struct history *h)
{
    struct owner *o = &h->owner;
    struct execute_resolve command = {.action = (enum resolve_action)(order_history_draw(h, 4) + 1),
                                      .actor = "operator"};
    const struct exchange *x = &h->exchange;
    if (!o->alive || o->row.state != EXECUTION_STATE_IN_DOUBT)
        return;
    bool ends = command.action == RESOLVE_ACTION_REJECT || command.action == RESOLVE_ACTION_CANCEL;
    bool blind = ends && (x->known || order_is_under_way(h));
    if ((blind && order_history_chance(h, 2)) ||
        (command.action == RESOLVE_ACTION_FILL && x->execution_count == 0))
        return;
    if (command.action == RESOLVE_ACTION_FILL) {
        const struct execute_fill *fill = &x->executions[order_history_draw(h, x->execution_count)];
        command.quantity = fill->quantity;
        command.price = fill->price;
        memcpy(command.venue_exec_id, fill->exec_id, sizeof(command.venue_exec_id));
    }
    h->resolved_blind |= blind;
    STORY(h, "operations: %s", resolve_action_text(command.action));
    struct execution record = record_of(o);
    h->retries += command.action == RESOLVE_ACTION_RETRY;
    execute_command_resolve(&record, &command, recorded(o, command.venue_exec_id),
                            execute_begin(&h->effect, &policy, order_history_instant(h)));
    reached.resolved += h->effect.changed;
    commit(h, &record, 0);
}

/* ---- time ---- */

static void repeat_report(struct history *h)
{
    struct exchange *x = &h->exchange;
    if (x->out_count == 0 || !h->line)
        return;
    size_t i = order_history_draw(h, x->out_count);
    if (x->out[i].type == VENUE_STATUS || x->out[i].type == VENUE_UNKNOWN_ORDER)
        return; /* an answer twice, as if new, would be a lie */
    if (order_history_chance(h, 2))
        order_history_tell(h, &x->out[i]);
    else
        order_history_fly(h, (struct flight){.out = i, .again = true});
}

static void act(struct history *h)
{
    struct exchange *x = &h->exchange;
    if (!order_history_is_chaos(h)) { /* whatever rests is executed in the end */
        PROMISE(h, !x->open || h->owner.row.cancel_requested_at.us == 0, "a cancel is forgotten");
        order_history_execute(h, x->open ? QUANTITY : 0);
        h->act_us = INT64_MAX;
        return;
    }
    switch (order_history_draw(h, 16)) {
    case 0:
    case 1:
        lose_line(h);
        break;
    case 2:
        lose_line(h);
        x->up = order_history_chance(h, 3);
        break;
    case 3:
        if (h->owner.alive)
            crash(h);
        break;
    case 4:
    case 5:
        order_history_execute(h, (int)order_history_draw(h, 5) + 1);
        break;
    case 6:
        if (order_history_chance(h, 3))
            cancel(h);
        break;
    case 7:
        x->withholds = !x->withholds;
        break;
    case 8:
        order_history_release(h);
        break;
    case 9:
        x->swallows[order_history_draw(h, 3)] ^= true;
        break;
    case 10:
        repeat_report(h);
        break;
    case 11:
        if (order_history_chance(h, 4))
            order_history_end(h, order_history_chance(h, 2) ? ORDER_STATUS_CANCELLED : ORDER_STATUS_EXPIRED);
        break;
    case 12:
        x->refuses = order_history_chance(h, 4);
        x->lies = order_history_chance(h, 3);
        break;
    case 13:
    case 14:
        resolve(h);
        break;
    default:
        x->up = true;
        break;
    }
    h->act_us = h->now_us + (int64_t)order_history_draw(h, 2500) * MS;
}

/* The exchange becomes itself again, and brings the order to an end. */
static void calm(struct history *h)
{
    struct exchange *x = &h->exchange;
    STORY(h, "calm");
    x->up = true;
    x->withholds = x->refuses = x->lies = false;
    memset(x->swallows, 0, sizeof(x->swallows));
    order_history_release(h);
    h->act_us = h->now_us + rest_us;
}

static int64_t due_us(const struct history *h)
{
    const struct owner *o = &h->owner;
    if (!o->alive || o->row.next_check_at.us == 0)
        return INT64_MAX;
    return o->row.next_check_at.us > o->postponed_us ? o->row.next_check_at.us : o->postponed_us;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static size_t next_flight(const struct history *h)
{
    size_t first = 0;
    for (size_t i = 1; i < h->flight_count; i++)
        first = h->flights[i].at_us < h->flights[first].at_us ? i : first;
    return first;
}

static void arrive(struct history *h)
{
    size_t i = next_flight(h);
    struct flight flight = h->flights[i];
    memmove(&h->flights[i], &h->flights[i + 1], (h->flight_count - i - 1) * sizeof(flight));
    h->flight_count--;
    if (flight.to_exchange)
        order_history_take(h, flight.request);
    else if (h->owner.alive)
        hear(h, &flight);
}

/* What the owner does by itself. */
static void run_owner(struct history *h)
{
    struct owner *o = &h->owner;
    if (!o->alive && h->now_us >= o->back_us) {
        STORY(h, "a new owner");
        o->alive = true;
        h->cancel_known = o->row.cancel_requested_at.us != 0;
    }
    if (!o->alive)
        return;
    if (o->ready && !h->line)
        on_line_lost(h);
    if (!h->line && h->exchange.up && h->now_us >= h->line_us && o->alive)
        log_on(h);
    bool must_end = o->row.cancel_requested_at.us != 0 ||
                    (o->row.expires_at.us != 0 && o->row.expires_at.us <= h->now_us);
    if (o->alive && o->row.state == EXECUTION_STATE_ADMITTED && must_end)
        tick(h);
    else if (o->alive && o->ready && o->row.state == EXECUTION_STATE_ADMITTED)
        claim(h);
    if (o->alive && due_us(h) <= h->now_us)
        tick(h);
}

static void step(struct history *h)
{
    bool was_chaos = order_history_is_chaos(h);
    int64_t next = earlier(due_us(h), was_chaos ? earlier(h->act_us, ORDER_HISTORY_CHAOS) : h->act_us);
    if (h->flight_count > 0)
        next = earlier(next, h->flights[next_flight(h)].at_us);
    if (!h->owner.alive)
        next = earlier(next, h->owner.back_us);
    if (!h->line)
        next = earlier(next, h->line_us > h->now_us ? h->line_us : h->now_us + 100 * MS);
    h->now_us = next > h->now_us ? earlier(next, end_us) : h->now_us;
    if (was_chaos && !order_history_is_chaos(h))
        calm(h);
    if (h->flight_count > 0 && h->flights[next_flight(h)].at_us <= h->now_us)
        arrive(h);
    else if (h->act_us <= h->now_us)
        act(h);
    run_owner(h);
}

static void begin(struct history *h, uint64_t seed)
{
    memset(h, 0, sizeof(*h));
    h->seed = seed;
    h->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    h->now_us = S;
    h->exchange.up = h->owner.alive = true;
    struct execution *row = &h->owner.row;
    *row = (struct execution){.symbol = "AAPL",
                              .side = SIDE_BUY,
                              .order_type = order_history_chance(h, 2) ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT,
                              .time_in_force = TIME_IN_FORCE_GTC,
                              .quantity = order_history_whole(QUANTITY),
                              .price = order_history_whole(10),
                              .status = ORDER_STATUS_PENDING,
                              .state = EXECUTION_STATE_ADMITTED,
                              .reserve_price = order_history_whole(10),
                              .reserve_quantity = order_history_whole(QUANTITY)};
    row->id.bytes[0] = 1;
    if (order_history_chance(h, 8))
        row->expires_at = (struct instant){(int64_t)order_history_draw(h, 30) * S};
    cr_assert_eq(execution_reservation(row, &row->reserved), 0);
    h->exchange.withholds = order_history_chance(h, 3);
    h->exchange.refuses = order_history_chance(h, 12);
    for (size_t i = 0; i < ARRAY_LEN(h->exchange.swallows); i++)
        h->exchange.swallows[i] = order_history_chance(h, 3);
    h->act_us = h->now_us + (int64_t)order_history_draw(h, 3000) * MS;
}

static void check_end(struct history *h)
{
    const struct owner *o = &h->owner;
    const struct exchange *x = &h->exchange;
    PROMISE(h, o->row.state == EXECUTION_STATE_DONE, "ends %s %s %s", execution_state_text(o->row.state),
            order_status_text(o->row.status), o->row.reason);
    PROMISE(h, o->fill_count == x->execution_count, "%zu fills of %zu executions", o->fill_count,
            x->execution_count);
    for (size_t i = 0; i < x->execution_count; i++) {
        const struct execute_fill *fill = recorded(o, x->executions[i].exec_id);
        PROMISE(h, fill != NULL && fill->quantity.units == x->executions[i].quantity.units,
                "execution %s is not on record", x->executions[i].exec_id);
    }
    PROMISE(h, o->row.reserved.units == 0, "something stays reserved");
    PROMISE(h, (o->row.status == ORDER_STATUS_FILLED) == (x->executed == QUANTITY), "%s with %d executed",
            order_status_text(o->row.status), x->executed);
    bool astray = x->lied || h->resolved_blind;
    PROMISE(h, o->row.status != ORDER_STATUS_REJECTED || x->execution_count == 0 || astray,
            "rejected and executed");
    PROMISE(h, !x->known || o->row.status == x->status || x->executed == QUANTITY || astray,
            "%s here, %s there", order_status_text(o->row.status), order_status_text(x->status));
    PROMISE(h, !x->open, "alive there");
    PROMISE(h, (size_t)h->told[AUDIT_ACTION_FILLED] == o->fill_count, "%d times FILLED",
            h->told[AUDIT_ACTION_FILLED]);
    PROMISE(
        h,
        h->told[AUDIT_ACTION_REJECTED] + h->told[AUDIT_ACTION_CANCELLED] + h->told[AUDIT_ACTION_EXPIRED] <= 1,
        "ended more than once");
    PROMISE(h, h->told[AUDIT_ACTION_RETRIED] == o->row.attempts - (o->row.attempts > 0),
            "%d attempts, %d times RETRIED", o->row.attempts, h->told[AUDIT_ACTION_RETRIED]);
    reached.filled += o->row.status == ORDER_STATUS_FILLED;
    reached.rejected += strcmp(o->row.reason, "EXCHANGE_UNAVAILABLE") == 0;
    reached.cancelled += o->row.status == ORDER_STATUS_CANCELLED;
    reached.expired += o->row.status == ORDER_STATUS_EXPIRED;
    reached.retried += h->told[AUDIT_ACTION_RETRIED] > 0;
    reached.recovered += h->told[AUDIT_ACTION_RECOVERED] > 0;
    reached.doubted += h->told[AUDIT_ACTION_IN_DOUBT] > 0;
    reached.cancel_rejected += h->told[AUDIT_ACTION_CANCEL_REJECTED] > 0;
}

static void run(uint64_t seed, bool tells)
{
    static struct history h;
    int steps = 0;
    begin(&h, seed);
    h.tells = tells;
    while (h.now_us < end_us && steps++ < STEPS_MAX) {
        step(&h);
        if (!order_history_is_chaos(&h) && h.owner.row.state == EXECUTION_STATE_DONE && h.flight_count == 0 &&
            h.owner.ready && !h.exchange.open)
            break;
    }
    PROMISE(&h, steps < STEPS_MAX, "no end");
    check_end(&h);
}

Test(execute_history, no_history_breaks_a_promise)
{
    const char *only = getenv("OXE_HISTORY_SEED");
    if (only != NULL) {
        run(strtoull(only, NULL, 10), true);
        return;
    }
    for (uint64_t seed = 1; seed <= HISTORIES; seed++)
        run(seed, false);
    /* The histories must reach what they are there to show. */
    const struct reached *r = &reached;
    cr_log_info("filled %d, rejected %d, cancelled %d, expired %d, retried %d, recovered %d, doubted %d, "
                "resolved %d, late "
                "%d, cancel rejected %d, crashed %d, recalled %d",
                r->filled, r->rejected, r->cancelled, r->expired, r->retried, r->recovered, r->doubted,
                r->resolved, r->late, r->cancel_rejected, r->crashed, r->recalled);
    const int reached_times[] = {r->filled,  r->rejected,        r->cancelled, r->expired,
                                 r->retried, r->recovered,       r->doubted,   r->resolved,
                                 r->late,    r->cancel_rejected, r->crashed,   r->recalled};
    for (size_t i = 0; i < ARRAY_LEN(reached_times); i++)
        cr_expect_gt(reached_times[i], HISTORIES / 200, "number %zu of what should be reached: %d times", i,
                     reached_times[i]);
}
