/* SPDX-License-Identifier: Apache-2.0 */
/* The log as others check it (C2SP tlog-tiles): its last checkpoint, tiles of hashes, and for compliance
 * bundles of entries. A tile never changes, and is here as soon as a checkpoint covers it. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/base64.h"
#include "proto/json.h"
#include "proto/timestamp.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations/entry_bundle.h"
#include "services/gateway/operations/operations.h"

static const char forever[] = "public, max-age=31536000, immutable";

static void refuse_unknown(struct request *request)
{
    request_refuse(request, REJECT_NOT_FOUND,
                   "There is no such tile: the last checkpoint does not cover it; check its name.");
}

static void on_checkpoint(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct request *request = query_resume(context, token, error);

    if (request == NULL)
        return;
    if (PQntuples(results[0]) == 0)
        request_unavailable(request, "No checkpoint has been signed yet; try again shortly.");
    else
        request_answer_bytes(request, "text/plain; charset=utf-8", "no-cache", db_get_text(results[0], 0, 0),
                             (size_t)PQgetlength(results[0], 0, 0));
}

void tiles_get_checkpoint(struct request *request)
{
    struct db_job *job = query_job(request);

    if (job == NULL)
        return;
    (void)db_job_step(job, STATEMENT_GET_CHECKPOINT);
    query_send(request, request->gateway->compliance, &job, on_checkpoint);
}

static void on_stamp(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    struct buffer *body = &gateway->body;
    uint8_t answer[TIMESTAMP_MAX];

    if (request == NULL)
        return;
    if (PQntuples(results[0]) == 0) {
        request_refuse(request, REJECT_NOT_FOUND,
                       "No checkpoint of this log has a time stamp: OXE_AUDIT_TSA names no authority, or it "
                       "has not answered yet.");
        return;
    }
    int length = db_get_bytes(results[0], 0, 2, answer, sizeof(answer));
    buffer_clear(body);
    buffer_append_text(body, "{\"stamped_at\":");
    json_append_instant(body, db_get_instant(results[0], 0, 0));
    buffer_append_text(body, ",\"checkpoint\":");
    json_append_text(body, db_get_text(results[0], 0, 1));
    buffer_append_text(body, ",\"answer\":\"");
    base64_append(body, answer, length < 0 ? 0 : (size_t)length);
    buffer_append_text(body, "\"}");
    request_answer_json(request, 200, body);
}

void tiles_get_stamp(struct request *request)
{
    struct db_job *job = query_job(request);

    if (job == NULL)
        return;
    (void)db_job_step(job, STATEMENT_GET_STAMP);
    query_send(request, request->gateway->compliance, &job, on_stamp);
}

static void on_tile(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct request *request = query_resume(context, token, error);
    uint8_t bytes[TILE_WIDTH * MERKLE_HASH_BYTES];

    if (request == NULL)
        return;
    int length = db_get_bytes(results[0], 0, 1, bytes, sizeof(bytes));
    if (length == (int)request->subject.tile.width * MERKLE_HASH_BYTES)
        request_answer_bytes(request, "application/octet-stream", forever, bytes, (size_t)length);
    else
        refuse_unknown(request);
}

/* Sends the job that reads the tile; one beyond any log is answered at once. */
static void read_tile(struct request *request, size_t statement, db_pool_done done)
{
    const struct tile *tile = &request->subject.tile;

    if (!tile_is_within(tile, INT64_MAX)) {
        refuse_unknown(request);
        return;
    }
    struct db_job *job = query_job(request);
    if (job == NULL)
        return;
    struct db_args *args = db_job_step(job, statement);
    if (statement == STATEMENT_GET_TILE)
        db_args_i64(args, tile->level);
    db_args_i64(args, (int64_t)(tile->index * TILE_WIDTH));
    db_args_i64(args, (int64_t)(tile->index * TILE_WIDTH + tile->width));
    if (statement == STATEMENT_GET_ENTRY_BUNDLE)
        (void)db_job_step(job, STATEMENT_GET_ARCHIVED);
    query_send(request, request->gateway->compliance, &job, done);
}

void tiles_get_hashes(struct request *request)
{
    read_tile(request, request->subject.tile.level == 0 ? STATEMENT_GET_LEAF_TILE : STATEMENT_GET_TILE,
              on_tile);
}

/* archived: the last entry that is in the log no more. */
static void refuse_entries(struct request *request, int64_t archived)
{
    char detail[192];

    if ((int64_t)(request->subject.tile.index * TILE_WIDTH) >= archived) {
        refuse_unknown(request);
        return;
    }
    (void)snprintf(detail, sizeof(detail),
                   "Entries up to %lld are archived, and no bundle has them any more; their hashes are in "
                   "the tiles, and "
                   "the entries in the files of the archive.",
                   (long long)archived);
    request_refuse(request, REJECT_NOT_FOUND, detail);
}

static void on_entries(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct request *request = query_resume(gateway, token, error);
    const char *columns[AUDIT_COLUMNS];
    int r = 0;

    if (request == NULL)
        return;
    int count = PQntuples(results[0]);
    if (count != (int)request->subject.tile.width) {
        refuse_entries(request, db_get_i64(results[1], 0, 0));
        return;
    }
    buffer_clear(&gateway->body);
    for (int row = 0; row < count && r == 0; row++) {
        for (int i = 0; i < AUDIT_COLUMNS; i++)
            columns[i] = db_is_null(results[0], row, i) ? NULL : PQgetvalue(results[0], row, i);
        r = entry_bundle_append(columns, &gateway->body);
    }
    if (r < 0 || buffer_failed(&gateway->body))
        request_refuse(request, REJECT_INTERNAL,
                       "An entry cannot be encoded, so it was not written by the suite; tell operations the "
                       "request_id.");
    else
        request_answer_bytes(request, "application/octet-stream", "no-store", gateway->body.data,
                             gateway->body.length);
}

void tiles_get_entries(struct request *request)
{
    read_tile(request, STATEMENT_GET_ENTRY_BUNDLE, on_entries);
}
