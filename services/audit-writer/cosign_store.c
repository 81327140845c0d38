/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/cosign_store.h"

#include <errno.h>

#include "common/cleanup.h"
#include "proto/tile.h"

#include "cosign_sql.h"

enum { CONNECT_MS = 1000, STATEMENT_MS = 5000 };

int cosign_store_open(const char *conninfo, const char *process, struct db **ret_db)
{
    return db_create(conninfo, process, statements, ARRAY_LEN(statements), ret_db);
}

int cosign_store_read(struct db *db, struct cosign_state *ret_state)
{
    const PGresult *result = NULL;
    struct cosign_state state = {0};

    int r = db_ensure(db, CONNECT_MS);
    if (r == 0)
        r = db_run(db, SQL_COSIGN_STATE, NULL, STATEMENT_MS, &result);
    if (r < 0)
        return r;
    state.published_any = !db_is_null(result, 0, 2);
    state.published = (uint64_t)db_get_i64(result, 0, 2);
    if (!db_is_null(result, 0, 0)) {
        state.size = (uint64_t)db_get_i64(result, 0, 0);
        state.note = db_get_text(result, 0, 1);
        state.note_length = (size_t)PQgetlength(result, 0, 1);
    }
    *ret_state = state;
    return 0;
}

/* The tree that is being proved. */
struct tree {
    struct db *db;
    uint64_t size;
};

/* A merkle_reader. What is below a node stands in one tile of the level that has it. */
static int read_node(void *context, unsigned int level, uint64_t index, uint8_t *ret_hash)
{
    const struct tree *tree = context;
    uint8_t hashes[TILE_WIDTH][MERKLE_HASH_BYTES];
    const PGresult *result = NULL;
    size_t first, count;
    const struct tile tile = tile_of(level, index, tree->size, &first, &count);
    uint64_t from = tile.index * TILE_WIDTH + first;

    struct db_args *args = db_args_begin(tree->db);
    if (tile.level > 0)
        db_args_i64(args, tile.level);
    db_args_i64(args, (int64_t)from);
    db_args_i64(args, (int64_t)(from + count));
    int r =
        db_run(tree->db, tile.level > 0 ? SQL_COSIGN_TILES : SQL_COSIGN_LEAVES, args, STATEMENT_MS, &result);
    if (r < 0)
        return r;
    int length = db_get_bytes(result, 0, 1, hashes[0], sizeof(hashes));
    if (length < 0 || (size_t)length != count * MERKLE_HASH_BYTES)
        return -EUCLEAN;
    return tile_root((const uint8_t(*)[MERKLE_HASH_BYTES])hashes, count, ret_hash);
}

int cosign_store_prove(struct db *db, uint64_t old_size, uint64_t size, struct merkle_proof *ret_proof)
{
    struct tree tree = {db, size};
    int r = db_ensure(db, CONNECT_MS);

    return r == 0 ? merkle_proof_extend(old_size, size, read_node, &tree, ret_proof) : r;
}

int cosign_store_publish(struct db *db, uint64_t size, const struct buffer *note)
{
    struct db_args *args = db_args_begin(db);
    int r = db_ensure(db, CONNECT_MS);

    db_args_i64(args, (int64_t)size);
    db_args_text_n(args, note->data, note->length);
    return r == 0 ? db_run(db, SQL_COSIGN_PUBLISH, args, STATEMENT_MS, NULL) : r;
}
