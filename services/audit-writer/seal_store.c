/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/seal_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/db.h"

#include "seal_sql.h"

enum { CONNECT_MS = 1000, STATEMENT_MS = 5000 };

struct seal_store {
    struct db *db;
    int64_t epoch; /* of the open transaction */
    struct db_args args;
};

int seal_store_create(const char *conninfo, const char *process, struct seal_store **ret_store)
{
    CLEANUP(seal_store_destroy) struct seal_store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        return -ENOMEM;
    int r = db_create(conninfo, process, statements, ARRAY_LEN(statements), &store->db);
    if (r < 0)
        return r;
    *ret_store = store;
    store = NULL;
    return 0;
}

void seal_store_destroy(struct seal_store **store)
{
    if (*store == NULL)
        return;
    db_destroy(&(*store)->db);
    db_args_release(&(*store)->args);
    free(*store);
    *store = NULL;
}

const char *seal_store_error(const struct seal_store *store)
{
    return db_error(store->db);
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

int seal_store_begin(struct seal_store *store, int64_t epoch, struct seal_state *ret_state)
{
    int r = db_ensure(store->db, CONNECT_MS);

    if (r == 0)
        r = db_pipeline_begin(store->db);
    if (r < 0)
        return r;
    store->epoch = epoch;
    (void)db_send(store->db, SQL_BEGIN, NULL);
    db_args_clear(&store->args);
    db_args_i64(&store->args, epoch);
    int state = db_send(store->db, SQL_SEAL_STATE, &store->args);
    r = db_pipeline_end(store->db, STATEMENT_MS);
    if (r == 0)
        r = read_state(db_result(store->db, (size_t)state), ret_state);
    return r;
}

int seal_store_leaves(struct seal_store *store, uint64_t after, uint64_t upto,
                      uint8_t (*ret_hashes)[MERKLE_HASH_BYTES], size_t *ret_count)
{
    const PGresult *result = NULL;

    db_args_clear(&store->args);
    db_args_i64(&store->args, (int64_t)after);
    db_args_i64(&store->args, (int64_t)upto);
    int r = db_run(store->db, SQL_SEAL_LEAVES, &store->args, STATEMENT_MS, &result);
    if (r < 0)
        return r;
    /* More than there can be, because one is there twice, counts as none. */
    int length =
        db_get_bytes(result, 0, 1, (uint8_t *)ret_hashes, (size_t)SEAL_LEAVES_MAX * MERKLE_HASH_BYTES);
    *ret_count = length < 0 ? 0 : (size_t)length / MERKLE_HASH_BYTES;
    return 0;
}

static void send_tiles(struct seal_store *store, const struct seal *seal)
{
    struct db_args *args = &store->args;

    db_args_clear(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < seal->tile_count; i++)
        db_args_i64(args, seal->tiles[i].level);
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < seal->tile_count; i++)
        db_args_i64(args, (int64_t)seal->tiles[i].place);
    db_args_array_end(args);
    db_args_array_begin(args);
    for (size_t i = 0; i < seal->tile_count; i++)
        db_args_bytes(args, seal->tiles[i].hash, MERKLE_HASH_BYTES);
    db_args_array_end(args);
    (void)db_send(store->db, SQL_SEAL_TILES, args);
}

int seal_store_write(struct seal_store *store, const struct seal *seal, const struct buffer *note)
{
    uint8_t frontier[MERKLE_SERIALISED_MAX];
    size_t length = merkle_serialise(&seal->tree, frontier);
    int r = db_pipeline_begin(store->db);

    if (r < 0)
        return r;
    if (seal->tile_count > 0)
        send_tiles(store, seal);
    db_args_clear(&store->args);
    db_args_i64(&store->args, (int64_t)seal->tree.size);
    db_args_text_n(&store->args, note->data, note->length);
    (void)db_send(store->db, SQL_SEAL_CHECKPOINT, &store->args);
    db_args_clear(&store->args);
    db_args_i64(&store->args, store->epoch);
    db_args_bytes(&store->args, frontier, length);
    (void)db_send(store->db, SQL_SEAL_SAVE, &store->args);
    (void)db_send(store->db, SQL_COMMIT, NULL);
    return db_pipeline_end(store->db, STATEMENT_MS);
}

void seal_store_abandon(struct seal_store *store)
{
    if (db_connected(store->db))
        (void)db_run(store->db, SQL_ROLLBACK, NULL, STATEMENT_MS, NULL);
}
