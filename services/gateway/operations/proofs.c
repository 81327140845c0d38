/* SPDX-License-Identifier: Apache-2.0 */
/* proveOrder: that the entries of one order are in the log, as the last checkpoint has it. */
#include <string.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/checkpoint.h"
#include "proto/json.h"
#include "proto/row.h"
#include "services/gateway/operations/list.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/proof_plan.h"
#include "services/gateway/operations/query.h"

struct proofs {
    struct list_query query;
    int64_t log_seqs[PROOF_PLAN_ENTRIES_MAX];
    size_t count;
    char next[CURSOR_TEXT_MAX];
    const char *checkpoint; /* a signed note; NULL: none yet */
    struct proof_plan plan;
};

static const struct http_param params[] = {LIST_CURSOR};
static const struct list list = {.name = "proofs",
                                 .by_number = true,
                                 .is_of_order = true,
                                 .limit = PROOF_PLAN_ENTRIES_MAX,
                                 .params = params,
                                 .param_count = ARRAY_LEN(params)};

/* The arrays that get_hashes.sql takes. */
static const struct schema_field part_fields[] = {
    ROW_FIELD(struct proof_plan_part, level, level),
    ROW_FIELD(struct proof_plan_part, first, first),
    ROW_FIELD(struct proof_plan_part, count, count),
};
static const struct schema_record part_record = ROW_RECORD(struct proof_plan_part, part_fields);

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

static void answer(struct request *request, struct proofs *proofs)
{
    struct buffer *body = request_body(request);
    int r = 0;

    buffer_append_text(body, "{\"order_id\":");
    json_append_uuid(body, request->subject.id);
    buffer_append_text(body, ",\"checkpoint\":");
    json_append_optional_text(body, proofs->checkpoint);
    buffer_append_text(body, ",\"proofs\":[");
    for (size_t i = 0; i < proofs->count && is_covered(proofs, i) && r == 0; i++) {
        if (i > 0)
            buffer_append_char(body, ',');
        r = append_proof(proofs, proofs->log_seqs[i], body);
    }
    buffer_append_char(body, ']');
    if (r < 0)
        request_unavailable(request, "There is no memory left; try again shortly.");
    else
        list_answer(request, body, proofs->next);
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

static void on_hashes(struct request *request, const PGresult *const *results)
{
    struct proofs *proofs = request->state;

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
    struct query query = query_as_compliance(request);
    struct db_args *args = query_step(&query, STATEMENT_GET_HASHES);

    (void)row_add_columns(args, &part_record, plan->parts, sizeof(plan->parts[0]), plan->part_count, NULL);
    query_mark_heavy(&query);
    query_send(&query, on_hashes);
}

static void on_checkpoint(struct request *request, const PGresult *const *results)
{
    struct proofs *proofs = request->state;
    struct checkpoint checkpoint;
    struct note note;

    if (PQntuples(results[0]) == 0) {
        answer(request, proofs);
        return;
    }
    size_t length = (size_t)PQgetlength(results[0], 0, 0);
    const char *text = h2o_strdup(&request->req->pool, db_get_text(results[0], 0, 0), length).base;
    if (note_parse(text, length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0) {
        request_refuse(request, REJECT_INTERNAL,
                       "The last checkpoint cannot be read, so it was not written by the suite; tell "
                       "operations the request_id.");
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

static void on_entries(struct request *request, const PGresult *const *results)
{
    struct proofs *proofs = request->state;

    if (!query_found(request, results[0], "There is no such order; check its id."))
        return;
    proofs->count = (size_t)list_rows(&proofs->query, results[1]);
    for (size_t i = 0; i < proofs->count; i++)
        proofs->log_seqs[i] = db_get_i64(results[1], (int)i, 0);
    list_next(request, &list, &proofs->query, results[1], 0, NULL, proofs->next);
    struct query query = query_as_compliance(request);
    (void)query_step(&query, STATEMENT_GET_CHECKPOINT);
    query_send(&query, on_checkpoint);
}

static void dispose(void *proofs)
{
    proof_plan_release(&((struct proofs *)proofs)->plan);
}

void proofs_get_order(struct request *request)
{
    struct proofs *proofs = h2o_mem_alloc_shared(&request->req->pool, sizeof(*proofs), dispose);

    memset(proofs, 0, sizeof(*proofs));
    request->state = proofs;
    if (!list_read(request, &list, &proofs->query))
        return;
    struct query query = query_as_caller(request);
    db_args_uuid(query_step(&query, STATEMENT_GET_ORDER), request->subject.id);
    struct db_args *args = query_step(&query, STATEMENT_LIST_ORDER_ENTRIES);
    db_args_uuid(args, request->subject.id);
    db_args_i64(args, proofs->query.after_number);
    db_args_i64(args, PROOF_PLAN_ENTRIES_MAX + 1);
    query_send(&query, on_entries);
}
