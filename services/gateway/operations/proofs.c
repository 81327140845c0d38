/* SPDX-License-Identifier: Apache-2.0 */
/* proveOrder: that the entries of one order are in the log, as the last checkpoint has it. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/checkpoint.h"
#include "proto/json.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/proof_plan.h"

enum { SCOPE_MAX = 64 };

struct proofs {
    bool has_cursor;
    char cursor[HTTP_PARAM_TEXT_MAX];
    int64_t after; /* log_seq */
    int64_t log_seqs[PROOF_PLAN_ENTRIES_MAX];
    size_t count;
    bool more;
    const char *checkpoint; /* a signed note; NULL: none yet */
    struct proof_plan plan;
};

static const struct http_param params[] = {
    {"cursor", HTTP_PARAM_TEXT, offsetof(struct proofs, cursor), offsetof(struct proofs, has_cursor), 0, 0},
};

static void write_scope(const struct request *request, char scope[static SCOPE_MAX])
{
    char id[UUID_TEXT_MAX];

    uuid_format(request->subject.id, id);
    (void)snprintf(scope, SCOPE_MAX, "proofs;%s", id);
}

static bool is_covered(const struct proofs *proofs, size_t i)
{
    return (uint64_t)proofs->log_seqs[i] <= proofs->plan.size;
}

static int append_proof(struct proofs *proofs, int64_t log_seq, struct buffer *body)
{
    struct merkle_proof proof;

    int r = proof_plan_prove(&proofs->plan, (uint64_t)log_seq - 1, &proof);
    if (r < 0)
        return r;
    buffer_append_text(body, "{\"log_seq\":");
    buffer_append_i64(body, log_seq);
    buffer_append_text(body, ",\"hashes\":[");
    for (size_t i = 0; i < proof.count; i++) {
        buffer_append_text(body, i == 0 ? "\"" : ",\"");
        base64_append(body, proof.hashes[i], MERKLE_HASH_BYTES);
        buffer_append_char(body, '"');
    }
    buffer_append_text(body, "]}");
    return 0;
}

static int render(struct request *request, struct proofs *proofs, struct buffer *body)
{
    int r = 0;

    buffer_clear(body);
    buffer_append_text(body, "{\"order_id\":");
    json_append_uuid(body, request->subject.id);
    buffer_append_text(body, ",\"checkpoint\":");
    if (proofs->checkpoint == NULL)
        buffer_append_text(body, "null");
    else
        json_append_text(body, proofs->checkpoint);
    buffer_append_text(body, ",\"proofs\":[");
    for (size_t i = 0; i < proofs->count && is_covered(proofs, i) && r == 0; i++) {
        if (i > 0)
            buffer_append_char(body, ',');
        r = append_proof(proofs, proofs->log_seqs[i], body);
    }
    buffer_append_text(body, "],\"next_cursor\":");
    if (proofs->more) {
        char scope[SCOPE_MAX], cursor[CURSOR_TEXT_MAX];
        write_scope(request, scope);
        cursor_format_number(proofs->log_seqs[proofs->count - 1], scope, cursor);
        json_append_text(body, cursor);
    } else {
        buffer_append_text(body, "null");
    }
    buffer_append_char(body, '}');
    return r;
}

static void answer(struct request *request, struct proofs *proofs)
{
    struct buffer *body = &request->gateway->body;

    if (render(request, proofs, body) < 0)
        request_unavailable(request, "There is no memory left; try again shortly.");
    else
        request_answer_json(request, 200, body);
}

/* A part that is not whole: a tile or a leaf was taken out of the database. */
static bool take_hashes(struct proof_plan *plan, const PGresult *result)
{
    for (size_t i = 0; i < plan->part_count; i++) {
        int bytes = (int)(plan->parts[i].count * MERKLE_HASH_BYTES);
        if (db_get_bytes(result, (int)i, 0, plan->hashes[plan->parts[i].at], (size_t)bytes) != bytes)
            return false;
    }
    return true;
}

static void on_hashes(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct request *request = query_resume(context, token, error);

    if (request == NULL)
        return;
    struct proofs *proofs = request->proofs;
    if (proof_plan_open(&proofs->plan) < 0)
        request_unavailable(request, "There is no memory left; try again shortly.");
    else if (!take_hashes(&proofs->plan, results[0]))
        request_refuse(request, REJECT_INTERNAL,
                       "The log lacks hashes that it has signed; tell operations the request_id.");
    else
        answer(request, proofs);
}

static void read_hashes(struct request *request, const struct proof_plan *plan)
{
    struct db_job *job = query_job(request);

    if (job == NULL)
        return;
    struct db_args *args = db_job_step(job, STATEMENT_GET_HASHES);
    db_args_array_begin(args);
    for (size_t i = 0; i < plan->part_count; i++)
        db_args_i64(args, plan->parts[i].level);
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < plan->part_count; i++)
        db_args_i64(args, (int64_t)plan->parts[i].first);
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < plan->part_count; i++)
        db_args_i64(args, (int64_t)plan->parts[i].count);
    db_args_array_end(args);
    db_job_mark_heavy(job);
    query_send(request, request->gateway->compliance, &job, on_hashes);
}

static void on_checkpoint(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct request *request = query_resume(context, token, error);
    struct checkpoint checkpoint;
    struct note note;

    if (request == NULL)
        return;
    struct proofs *proofs = request->proofs;
    if (PQntuples(results[0]) == 0) {
        answer(request, proofs);
        return;
    }
    size_t length = (size_t)PQgetlength(results[0], 0, 0);
    const char *text = h2o_strdup(&request->req->pool, db_get_text(results[0], 0, 0), length).base;
    if (note_parse(text, length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0) {
        request_refuse(
            request, REJECT_INTERNAL,
            "The last checkpoint cannot be read, so it was not written by the suite; tell operations "
            "the request_id.");
        return;
    }
    proofs->checkpoint = text;
    proofs->plan.size = checkpoint.size;
    for (size_t i = 0; i < proofs->count && is_covered(proofs, i); i++)
        (void)proof_plan_add(&proofs->plan, (uint64_t)proofs->log_seqs[i] - 1);
    if (proofs->plan.part_count > 0)
        read_hashes(request, &proofs->plan);
    else if (proof_plan_open(&proofs->plan) < 0)
        request_unavailable(request, "There is no memory left; try again shortly.");
    else
        answer(request, proofs);
}

static void on_entries(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);

    if (request == NULL)
        return;
    /* As a trader the first step names the trader; as compliance there is no such step. */
    size_t order = request->claims.role == JWT_ROLE_COMPLIANCE ? 0 : 1;
    if (PQntuples(results[order]) == 0) {
        request_refuse(request, REJECT_NOT_FOUND, "There is no such order; check its id.");
        return;
    }
    struct proofs *proofs = request->proofs;
    int rows = PQntuples(results[order + 1]);
    proofs->more = rows > PROOF_PLAN_ENTRIES_MAX;
    proofs->count = proofs->more ? PROOF_PLAN_ENTRIES_MAX : (size_t)rows;
    for (size_t i = 0; i < proofs->count; i++)
        proofs->log_seqs[i] = db_get_i64(results[order + 1], (int)i, 0);
    struct db_job *job = query_job(request);
    if (job == NULL)
        return;
    (void)db_job_step(job, STATEMENT_GET_CHECKPOINT);
    query_send(request, gateway->compliance, &job, on_checkpoint);
}

static bool read_query(struct request *request, struct proofs *proofs)
{
    struct faults faults;
    char scope[SCOPE_MAX];

    request_read_params(request, params, ARRAY_LEN(params), proofs, &faults);
    write_scope(request, scope);
    if (faults.count == 0 && proofs->has_cursor &&
        cursor_parse_number(proofs->cursor, strlen(proofs->cursor), scope, &proofs->after) < 0)
        faults_add(&faults, "cursor", REJECT_INVALID_VALUE, NULL, NULL,
                   "The parameter 'cursor' is none of this order's; pass on next_cursor.");
    if (faults.count > 0)
        request_refuse_params(request, &faults);
    return faults.count == 0;
}

static void dispose(void *proofs)
{
    proof_plan_release(&((struct proofs *)proofs)->plan);
}

void proofs_get_order(struct request *request)
{
    bool compliance = request->claims.role == JWT_ROLE_COMPLIANCE;
    struct gateway *gateway = request->gateway;
    struct proofs *proofs = h2o_mem_alloc_shared(&request->req->pool, sizeof(*proofs), dispose);

    memset(proofs, 0, sizeof(*proofs));
    request->proofs = proofs;
    if (!read_query(request, proofs))
        return;
    struct db_job *job = compliance ? query_job(request) : query_as_trader(request);
    if (job == NULL)
        return;
    db_args_uuid(db_job_step(job, STATEMENT_GET_ORDER), request->subject.id);
    struct db_args *args = db_job_step(job, STATEMENT_LIST_ORDER_ENTRIES);
    db_args_uuid(args, request->subject.id);
    db_args_i64(args, proofs->after);
    db_args_i64(args, PROOF_PLAN_ENTRIES_MAX + 1);
    query_send(request, compliance ? gateway->compliance : gateway->traders, &job, on_entries);
}
