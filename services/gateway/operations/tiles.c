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
#include "services/gateway/operations/audit_reading.h"
#include "services/gateway/operations/operations.h"
#include "services/gateway/operations/query.h"

static const char forever[] = "public, max-age=31536000, immutable";

static void refuse_unknown(struct request *request)
{
    request_refuse(request, REJECT_NOT_FOUND,
                   "There is no such tile: the last checkpoint does not cover it; check its name.");
}

static void on_checkpoint(struct request *request, const PGresult *const *results)
{
    if (PQntuples(results[0]) == 0)
        request_unavailable(request, "No checkpoint has been signed yet; try again shortly.");
    else
        request_answer_bytes(request, "text/plain; charset=utf-8", "no-cache", db_get_text(results[0], 0, 0),
                             (size_t)PQgetlength(results[0], 0, 0));
}

void tiles_get_checkpoint(struct request *request)
{
    struct query query = query_as_compliance(request);

    (void)query_step(&query, STATEMENT_GET_CHECKPOINT);
    query_send(&query, on_checkpoint);
}

static void on_stamp(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);
    uint8_t answer[TIMESTAMP_MAX];

    if (!query_found(request, results[0],
                     "No checkpoint of this log has a time stamp: OXE_AUDIT_TSA names no authority, or it "
                     "has not answered yet."))
        return;
    int length = db_get_bytes(results[0], 0, 2, answer, sizeof(answer));
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
    struct query query = query_as_compliance(request);

    (void)query_step(&query, STATEMENT_GET_STAMP);
    query_send(&query, on_stamp);
}

static void on_tile(struct request *request, const PGresult *const *results)
{
    uint8_t bytes[TILE_WIDTH * MERKLE_HASH_BYTES];

    int length = db_get_bytes(results[0], 0, 1, bytes, sizeof(bytes));
    if (length == (int)request->subject.tile.width * MERKLE_HASH_BYTES)
        request_answer_bytes(request, "application/octet-stream", forever, bytes, (size_t)length);
    else
        refuse_unknown(request);
}

/* Sends the job that reads the tile; one beyond any log is answered at once. */
static void read_tile(struct request *request, enum statement statement, query_rows *on_rows)
{
    const struct tile *tile = &request->subject.tile;

    if (!tile_is_within(tile, INT64_MAX)) {
        refuse_unknown(request);
        return;
    }
    struct query query = query_as_compliance(request);
    struct db_args *args = query_step(&query, statement);
    if (statement == STATEMENT_GET_TILE)
        db_args_i64(args, tile->level);
    db_args_i64(args, (int64_t)(tile->index * TILE_WIDTH));
    db_args_i64(args, (int64_t)(tile->index * TILE_WIDTH + tile->width));
    if (statement == STATEMENT_GET_ENTRY_BUNDLE)
        (void)query_step(&query, STATEMENT_GET_ARCHIVED);
    query_send(&query, on_rows);
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
                   "the tiles, and the entries in the files of the archive.",
                   (long long)archived);
    request_refuse(request, REJECT_NOT_FOUND, detail);
}

static void on_entries(struct request *request, const PGresult *const *results)
{
    struct buffer *body = request_body(request);
    const char *columns[AUDIT_COLUMNS];
    int count = PQntuples(results[0]), r = 0;

    if (count != (int)request->subject.tile.width) {
        refuse_entries(request, db_get_i64(results[1], 0, 0));
        return;
    }
    for (int row = 0; row < count && r == 0; row++) {
        audit_reading_columns(results[0], row, columns);
        r = audit_entry_bundle(columns, body);
    }
    if (r < 0 || buffer_failed(body))
        request_refuse(request, REJECT_INTERNAL,
                       "An entry cannot be encoded, so it was not written by the suite; tell operations the "
                       "request_id.");
    else
        request_answer_bytes(request, "application/octet-stream", "no-store", body->data, body->length);
}

void tiles_get_entries(struct request *request)
{
    read_tile(request, STATEMENT_GET_ENTRY_BUNDLE, on_entries);
}
