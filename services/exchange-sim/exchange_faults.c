/* Where the exchange misbehaves on command; see exchange.h and fault.h. */
#include <stdlib.h>
#include <string.h>

#include "services/exchange-sim/exchange_state.h"

void exchange_set_faults(struct exchange *exchange, struct faults *faults)
{
    exchange->faults = faults;
}

struct fault_subject exchange_subject(const struct exchange *exchange, uint32_t session,
                                      const struct order *order, const struct order_request *request)
{
    struct fault_subject subject = {0};
    if (exchange->faults == NULL || faults_count(exchange->faults) == 0)
        return subject;
    subject.session = exchange->sink.client(exchange->sink.context, session);
    if (order == NULL) {
        subject.symbol = request->symbol;
        subject.cl_ord_id = request->cl_ord_id;
        subject.side = request->side;
        return subject;
    }
    const char *symbol = exchange->symbols[order->instrument].instrument.symbol;
    const char *id = orders_id(exchange->orders, order->first_id);
    subject.symbol = (struct fix_text){symbol, strlen(symbol)};
    subject.cl_ord_id = (struct fix_text){id, strlen(id)};
    subject.side = order->side;
    subject.order = order->number;
    return subject;
}

/* Sends and frees what was held. */
static void let_go(struct exchange *exchange, struct held_report *report)
{
    struct fix_body body = {.length = report->length};
    memcpy(body.bytes, report->body, report->length);
    exchange_send(exchange, report->session, report->type, &body);
    free(report);
}

struct holding {
    const struct fault *fault;
    struct instant due;
    bool after_next;
};

static bool hold(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                 const char *type, const struct fix_body *body, struct holding holding)
{
    struct held_report report = {.fault = holding.fault->id,
                                 .session = session,
                                 .order = subject->order,
                                 .due = holding.due,
                                 .after_next = holding.after_next};
    memcpy(report.type, type, strlen(type) + 1);
    return held_add(exchange->held, &report, body) == 0;
}

/* Returns whether the report is taken care of. */
static bool withhold(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                     const char *type, const struct fix_body *body, const struct fault *fault)
{
    switch ((enum fault_until)fault->spec.until) {
    case FAULT_UNTIL_NEVER:
        return true;
    case FAULT_UNTIL_RESEND:
        exchange->sink.keep(exchange->sink.context, session, type, body);
        return true;
    case FAULT_UNTIL_QUERY:
        return hold(exchange, session, subject, type, body,
                    (struct holding){.fault = fault, .due = {INT64_MAX}});
    }
    return false;
}

static struct instant after_ms(struct instant now, uint32_t ms)
{
    return (struct instant){now.us + (int64_t)ms * 1000};
}

void exchange_tell(struct exchange *exchange, uint32_t session, const struct fault_subject *subject,
                   const char *type, const struct fix_body *body, struct instant now)
{
    struct faults *faults = exchange->faults;
    const struct fault *fault = faults_fire(faults, FAULT_WITHHOLD, subject);
    if (fault != NULL && withhold(exchange, session, subject, type, body, fault))
        return;
    fault = faults_fire(faults, FAULT_DELAY, subject);
    if (fault != NULL && hold(exchange, session, subject, type, body,
                              (struct holding){.fault = fault, .due = after_ms(now, fault->spec.ms)}))
        return;
    exchange_send(exchange, session, type, body);
}

void exchange_release_queried(struct exchange *exchange, const struct order *order)
{
    struct held_report *report = NULL;
    while ((report = held_take_of_order(exchange->held, order->number)) != NULL)
        let_go(exchange, report);
}

size_t exchange_release_fault(struct exchange *exchange, uint32_t fault)
{
    size_t count = 0;
    struct held_report *report = NULL;
    while ((report = held_take_of_fault(exchange->held, fault)) != NULL) {
        let_go(exchange, report);
        count++;
    }
    return count;
}

void exchange_run_due(struct exchange *exchange, struct instant now)
{
    struct held_report *report = NULL;
    while ((report = held_take_due(exchange->held, now)) != NULL)
        let_go(exchange, report);
}

struct instant exchange_due(const struct exchange *exchange)
{
    return held_due(exchange->held);
}
