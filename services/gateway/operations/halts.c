/* SPDX-License-Identifier: Apache-2.0 */
/* createHalt, liftHalt, listHalts: operations stop trading and let it go on; listOwnHalts: a trader sees what
 * binds them. The first two go the way of an order, to a validator and on to the risk-manager, which records
 * them; the list is read as compliance. */
#include "proto/json.h"
#include "proto/row.h"
#include "services/gateway/operations/bodies.h"
#include "services/gateway/operations/forward.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"
#include "services/gateway/operations/rows.h"

/* Schema Halt of the contract, as list_halts.sql has it. */
static const struct schema_field halt_fields[] = {
    ROW_FIELD(struct halt_request, id, halt_id),
    ROW_WORD(struct halt_request, scope, scope, halt_scope_text),
    ROW_FLAGGED(struct halt_request, trader_id, has_trader_id, trader_id),
    ROW_OPTIONAL(struct halt_request, symbol, symbol),
    ROW_FIELD(struct halt_request, reason, reason),
    ROW_FIELD(struct halt_request, created_by, actor),
    ROW_FIELD(struct halt_request, created_at, received_at),
};
static const struct schema_record halt_record = ROW_RECORD(struct halt_request, halt_fields);

static void answer_done(struct request *request)
{
    const struct halt_request *halt = request->state;
    struct buffer *body = request_body(request);

    if (halt->lift) {
        request_answer_empty(request, 204);
        return;
    }
    buffer_append_char(body, '{');
    json_append_members(body, &halt_record, halt);
    buffer_append_char(body, '}');
    request_answer_json(request, 201, body);
}

static bool on_answer(struct request *request, const struct answer *answer)
{
    forward_add_timing(request, answer);
    switch (answer->outcome) {
    case ANSWER_ACCEPTED:
        answer_done(request);
        return true;
    case ANSWER_REJECTED:
        request_answer_problem(request, REJECT_VALIDATION_FAILED,
                               "The halt names what is not there; correct each member that errors names.",
                               answer->faults, answer->faults_count, NULL);
        return true;
    case ANSWER_NOT_FOUND:
        request_refuse(request, REJECT_NOT_FOUND,
                       "There is no such halt in force; take the id from the list of halts.");
        return true;
    case ANSWER_UNAVAILABLE:
        forward_refuse(request, answer, "The request could not be taken now; try again shortly.");
        return true;
    default:
        return false;
    }
}

static struct halt_request *make_halt(struct request *request)
{
    struct halt_request *halt = request_make_state(request, sizeof(*halt));

    halt->received_at = clock_now();
    forward_sign(request, halt->actor, halt->reply_to);
    return halt;
}

static void send_halt(struct request *request, struct halt_request *halt)
{
    struct envelope envelope;

    if (forward_begin(request, on_answer, &halt->handle, &envelope))
        forward_send(request, halt_request_encode(&envelope, halt, forward_message(request)), "request",
                     "shortly");
}

void halts_create(struct request *request)
{
    struct halt_request *halt = make_halt(request);

    halt->halt_id = uuid_next(&request->edge->ids, halt->received_at);
    if (request_read_json(request, &bodies_halt, halt))
        send_halt(request, halt);
}

void halts_lift(struct request *request)
{
    struct halt_request *halt = make_halt(request);

    halt->lift = true;
    halt->halt_id = request->subject.id;
    send_halt(request, halt);
}

void halts_list_own(struct request *request)
{
    struct query query = query_as_trader(request);

    (void)query_step(&query, STATEMENT_LIST_OWN_HALTS);
    query_send(&query, rows_answer);
}

void halts_list(struct request *request)
{
    struct query query = query_as_compliance(request);

    (void)query_step(&query, STATEMENT_LIST_HALTS);
    query_send(&query, rows_answer);
}
