/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/order_history.h"

#include <stdarg.h>
#include <string.h>

const char *order_history_format(const char *text, ...)
{
    static char out[256];
    va_list arguments;
    va_start(arguments, text);
    (void)vsnprintf(out, sizeof(out), text, arguments);
    va_end(arguments);
    return out;
}

uint64_t order_history_draw(struct history *h, uint64_t below)
{
    h->random ^= h->random << 13;
    h->random ^= h->random >> 7;
    h->random ^= h->random << 17;
    return (h->random >> 11) % below;
}

bool order_history_chance(struct history *h, uint64_t one_in)
{
    return order_history_draw(h, one_in) == 0;
}

bool order_history_is_chaos(const struct history *h)
{
    return h->now_us < ORDER_HISTORY_CHAOS;
}

struct instant order_history_instant(const struct history *h)
{
    return (struct instant){h->now_us};
}

struct decimal order_history_whole(int64_t value)
{
    return decimal_from_units(value * DECIMAL_ONE);
}

/* ---- the line ---- */

void order_history_fly(struct history *h, struct flight flight)
{
    int64_t *last = &h->last_us[flight.to_exchange];
    int64_t slow = order_history_chance(h, 8) && order_history_is_chaos(h)
                       ? (int64_t)order_history_draw(h, 7000) * MS
                       : 0;
    flight.at_us = h->now_us + (int64_t)order_history_draw(h, 3000) + slow;
    if (flight.at_us <= *last)
        flight.at_us = *last + 1;
    *last = flight.at_us;
    cr_assert_lt(h->flight_count, FLIGHT_MAX);
    h->flights[h->flight_count++] = flight;
}

/* ---- the exchange ---- */

void order_history_tell(struct history *h, const struct venue_event *report)
{
    struct exchange *x = &h->exchange;
    cr_assert_lt(x->out_count, OUT_MAX);
    x->out[x->out_count++] = *report;
    if (h->line)
        order_history_fly(h, (struct flight){.out = x->out_count - 1});
}

static struct venue_event report_of(const struct history *h, enum venue_event_type type)
{
    struct venue_event report = {.type = type,
                                 .known = true,
                                 .order_id = h->owner.row.id,
                                 .cum_quantity = order_history_whole(h->exchange.executed),
                                 .venue_status = h->exchange.status,
                                 .transact_time = order_history_instant(h),
                                 .symbol = "AAPL"};
    if (h->exchange.known)
        memcpy(report.venue_order_id, "O1", 3);
    return report;
}

/* Reports of what happens to the order may be held back, and come in another order then. */
static void report(struct history *h, const struct venue_event *event)
{
    struct exchange *x = &h->exchange;
    if (x->withholds && order_history_is_chaos(h) && x->held_count < HELD_MAX && order_history_chance(h, 2))
        x->held[x->held_count++] = *event;
    else
        order_history_tell(h, event);
}

void order_history_release(struct history *h)
{
    struct exchange *x = &h->exchange;
    while (x->held_count > 0) {
        size_t i = order_history_draw(h, x->held_count);
        struct venue_event event = x->held[i];
        x->held[i] = x->held[--x->held_count];
        order_history_tell(h, &event);
    }
}

void order_history_execute(struct history *h, int quantity)
{
    struct exchange *x = &h->exchange;
    struct venue_event event;
    if (quantity > QUANTITY - x->executed)
        quantity = QUANTITY - x->executed;
    if (!x->known || quantity <= 0)
        return;
    x->executed += quantity;
    if (x->open)
        x->status = x->executed == QUANTITY ? ORDER_STATUS_FILLED : ORDER_STATUS_PARTIAL;
    x->open = x->open && x->executed < QUANTITY;
    struct execute_fill *fill = &x->executions[x->execution_count++];
    *fill = (struct execute_fill){.quantity = order_history_whole(quantity),
                                  .price = order_history_whole(9),
                                  .at = order_history_instant(h)};
    (void)snprintf(fill->exec_id, sizeof(fill->exec_id), "E%zu", x->execution_count);
    event = report_of(h, VENUE_FILL);
    event.last_quantity = fill->quantity;
    event.last_price = fill->price;
    memcpy(event.exec_id, fill->exec_id, sizeof(event.exec_id));
    STORY(h, "exchange executes %d as %s", quantity, fill->exec_id);
    report(h, &event);
}

void order_history_end(struct history *h, enum order_status status)
{
    struct exchange *x = &h->exchange;
    if (!x->open)
        return;
    x->open = false;
    x->status = status;
    STORY(h, "exchange ends it: %s", order_status_text(status));
    struct venue_event event =
        report_of(h, status == ORDER_STATUS_CANCELLED ? VENUE_CANCELLED : VENUE_EXPIRED);
    report(h, &event);
}

static void take_order(struct history *h)
{
    struct exchange *x = &h->exchange;
    struct venue_event event;
    if (x->known) {
        event = report_of(h, VENUE_DUPLICATE);
        order_history_tell(h, &event);
    } else if (x->refuses) {
        event = report_of(h, VENUE_REJECTED);
        order_history_tell(h, &event);
    } else {
        x->known = x->open = true;
        x->status = ORDER_STATUS_PENDING;
        event = report_of(h, VENUE_ACKNOWLEDGED);
        report(h, &event);
        if (h->owner.row.order_type == ORDER_TYPE_MARKET)
            order_history_execute(h, QUANTITY);
    }
}

void order_history_take(struct history *h, enum request what)
{
    struct exchange *x = &h->exchange;
    struct venue_event event;
    static const char *const names[] = {"order", "query", "cancel"};
    bool swallowed = order_history_is_chaos(h) && x->swallows[what] && order_history_chance(h, 2);
    STORY(h, "exchange %s the %s", swallowed ? "swallows" : "takes", names[what]);
    if (swallowed)
        return;
    switch (what) {
    case REQUEST_ORDER:
        take_order(h);
        break;
    case REQUEST_QUERY:
        x->lied |= x->known && x->lies;
        event = report_of(h, x->known && !x->lies ? VENUE_STATUS : VENUE_UNKNOWN_ORDER);
        order_history_tell(h, &event);
        break;
    case REQUEST_CANCEL:
        if (x->open && (!order_history_chance(h, 4) || !order_history_is_chaos(h))) {
            order_history_end(h, ORDER_STATUS_CANCELLED);
            break;
        }
        event = report_of(h, VENUE_CANCEL_REJECTED);
        if (!x->known) {
            event.not_known = true;
            event.venue_status = ORDER_STATUS_REJECTED;
        }
        order_history_tell(h, &event);
        break;
    }
}
