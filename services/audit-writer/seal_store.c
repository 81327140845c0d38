/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/seal_store.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#include "seal_sql.h"

enum { CONNECT_MS = 1000, STATEMENT_MS = 5000 };

int seal_store_open(const char *conninfo, const char *process, struct db **ret_db)
{
    return db_create(conninfo, process, statements, ARRAY_LEN(statements), ret_db);
}

/* The empty frontier is that of the empty log, as the migrations write it. */
static int read_tree(const PGresult *result, int column, struct merkle *ret_tree)
{
    uint8_t bytes[MERKLE_SERIALISED_MAX];
    int length = db_get_bytes(result, 0, column, bytes, sizeof(bytes));

    *ret_tree = (struct merkle){0};
    if (length == 0)
        return 0;
    return length > 0 && merkle_parse(bytes, (size_t)length, ret_tree) == 0 ? 0 : -EUCLEAN;
}

static int read_state(const PGresult *result, struct seal_state *ret_state)
{
    struct seal_state state = {0};

    if (PQntuples(result) == 0)
        return -ESTALE;
    int r = read_tree(result, 0, &state.written);
    if (r == 0)
        r = read_tree(result, 1, &state.sealed);
    if (!db_is_null(result, 0, 2)) {
        state.note = db_get_text(result, 0, 2);
        state.note_length = strlen(state.note);
    }
    if (r == 0)
        *ret_state = state;
    return r;
}

int seal_store_begin(struct db *db, int64_t epoch, struct seal_state *ret_state)
{
    int r = db_ensure(db, CONNECT_MS);

    if (r == 0)
        r = db_pipeline_begin(db);
    if (r < 0)
        return r;
    (void)db_send(db, SQL_BEGIN, NULL);
    (void)db_send(db, SQL_SESSION, NULL); /* whichever connection it is */
    struct db_args *args = db_args_begin(db);
    db_args_i64(args, epoch);
    int state = db_send(db, SQL_SEAL_STATE, args);
    r = db_pipeline_end(db, STATEMENT_MS);
    if (r == 0)
        r = read_state(db_result(db, (size_t)state), ret_state);
    return r;
}

int seal_store_leaves(struct db *db, uint64_t after, uint64_t upto, uint8_t (*ret_hashes)[MERKLE_HASH_BYTES],
                      size_t *ret_count)
{
    struct db_args *args = db_args_begin(db);
    const PGresult *result = NULL;

    db_args_i64(args, (int64_t)after);
    db_args_i64(args, (int64_t)upto);
    int r = db_run(db, SQL_SEAL_LEAVES, args, STATEMENT_MS, &result);
    if (r < 0)
        return r;
    /* More than there can be, because one is there twice, counts as none. */
    int length =
        db_get_bytes(result, 0, 1, (uint8_t *)ret_hashes, (size_t)SEAL_LEAVES_MAX * MERKLE_HASH_BYTES);
    *ret_count = length < 0 ? 0 : (size_t)length / MERKLE_HASH_BYTES;
    return 0;
}

static void send_tiles(struct db *db, const struct seal *seal)
{
    struct db_args *args = db_args_begin(db);
    const struct seal_tile *tile, *tiles = seal->tiles;

    DB_ARGS_COLUMN(args, tile, tiles, seal->tile_count, true, db_args_i64(args, tile->level));
    DB_ARGS_COLUMN(args, tile, tiles, seal->tile_count, true, db_args_i64(args, (int64_t)tile->place));
    DB_ARGS_COLUMN(args, tile, tiles, seal->tile_count, true,
                   db_args_bytes(args, tile->hash, MERKLE_HASH_BYTES));
    (void)db_send(db, SQL_SEAL_TILES, args);
}

int seal_store_write(struct db *db, int64_t epoch, const struct seal *seal, const struct buffer *note)
{
    uint8_t frontier[MERKLE_SERIALISED_MAX];
    size_t length = merkle_serialise(&seal->tree, frontier);
    int r = db_pipeline_begin(db);

    if (r < 0)
        return r;
    if (seal->tile_count > 0)
        send_tiles(db, seal);
    struct db_args *args = db_args_begin(db);
    db_args_i64(args, (int64_t)seal->tree.size);
    db_args_text_n(args, note->data, note->length);
    (void)db_send(db, SQL_SEAL_CHECKPOINT, args);
    args = db_args_begin(db);
    db_args_i64(args, epoch);
    db_args_bytes(args, frontier, length);
    (void)db_send(db, SQL_SEAL_SAVE, args);
    (void)db_send(db, SQL_COMMIT, NULL);
    return db_pipeline_end(db, STATEMENT_MS);
}

void seal_store_abandon(struct db *db)
{
    if (db_connected(db))
        (void)db_run(db, SQL_ROLLBACK, NULL, STATEMENT_MS, NULL);
}
