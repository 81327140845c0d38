/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and results of statements against a PostgreSQL of its own: every type, in arrays too. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/db.h"
#include "tests/support/postgres.h"

enum { WAIT_MS = 10000 };

enum statement {
    TYPES,
    TEXTS,
    NUMBERS,
    BINARY,
    BYTES,
    ECHO,
    NOTHING,
};

static const struct db_statement statements[] = {
    [TYPES] = {"types",
               "SELECT $1::int8, $2::bool, $3::numeric(20,8), $4::uuid, $5::int8, $6::bytea, $7::text, "
               "$8::text"},
    [TEXTS] = {"texts", "SELECT ord, v FROM unnest($1::text[]) WITH ORDINALITY AS a(v, ord) ORDER BY ord"},
    [NUMBERS] = {"numbers",
                 "SELECT i, b, d, u, t, y FROM unnest($1::int8[], $2::bool[], $3::numeric[], $4::uuid[], "
                 "$5::int8[], $6::bytea[]) AS a(i, b, d, u, t, y)"},
    [BINARY] = {"binary", "SELECT u, y, $3::int8 FROM unnest($1::uuid[], $2::bytea[]) AS a(u, y)"},
    [BYTES] = {"bytes", "SELECT $1::bytea"},
    [ECHO] = {"echo", "SELECT $1::text"},
    [NOTHING] = {"nothing",
                 "SELECT NULL::int8, NULL::text, NULL::uuid, NULL::numeric, NULL::bool, NULL::bytea"},
};

static struct postgres *shared;

/* One server for all cases: they run in processes of their own and learn of it through the environment. */
ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    (void)tests;
    if (postgres_start(&shared) < 0)
        exit(EXIT_FAILURE);
    (void)setenv("OXE_TEST_CONNINFO", postgres_conninfo(shared), 1);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    (void)stats;
    postgres_stop(&shared);
}

static struct db *open_db(void)
{
    struct db *db = NULL;

    cr_assert_eq(
        db_create(getenv("OXE_TEST_CONNINFO"), "db_args_test", statements, ARRAY_LEN(statements), &db), 0);
    int r = db_ensure(db, WAIT_MS);
    cr_assert_eq(r, 0, "%d: %s", r, db_error(db));
    return db;
}

Test(db_args, values_of_every_type_come_back)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    static const uint8_t blob[] = {0x00, 0xff, 0x5c, 0x27};
    static const char text[] = "it's \"quoted\" \\ {a,b} NULL äö€😀\n";
    struct uuid id = {.bytes = {1, 2, 3, [15] = 0xfe}};
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;
    uint8_t bytes[8];

    db_args_i64(&args, INT64_MIN);
    db_args_bool(&args, true);
    db_args_decimal(&args, decimal_from_units(-INT64_C(123456789012345678)));
    db_args_uuid(&args, id);
    db_args_instant(&args, (struct instant){INT64_C(1760702465000042)});
    db_args_bytes(&args, blob, sizeof(blob));
    db_args_text(&args, text);
    db_args_text(&args, NULL);
    int r = db_run(db, TYPES, &args, WAIT_MS, &result);
    db_args_release(&args);
    cr_assert_eq(r, 0, "%s", db_error(db));
    cr_expect_eq(db_get_i64(result, 0, 0), INT64_MIN);
    cr_expect(db_get_bool(result, 0, 1));
    cr_expect_eq(db_get_decimal(result, 0, 2).units, -INT64_C(123456789012345678));
    cr_expect_eq(uuid_compare(db_get_uuid(result, 0, 3), id), 0);
    cr_expect_eq(db_get_instant(result, 0, 4).us, INT64_C(1760702465000042));
    cr_expect_eq(db_get_bytes(result, 0, 5, bytes, sizeof(bytes)), 4);
    cr_expect_arr_eq(bytes, blob, sizeof(blob));
    cr_expect_eq(db_get_bytes(result, 0, 5, bytes, 3), -ENOBUFS);
    cr_expect_str_eq(db_get_text(result, 0, 6), text);
    cr_expect(db_is_null(result, 0, 7));
    cr_expect_not(db_is_null(result, 0, 6));
}

Test(db_args, nulls_and_ill_formed_values_read_as_nothing)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;
    uint8_t bytes[8];

    cr_assert_eq(db_run(db, NOTHING, NULL, WAIT_MS, &result), 0);
    cr_expect_eq(db_get_i64(result, 0, 0), 0);
    cr_expect_str_empty(db_get_text(result, 0, 1));
    cr_expect(uuid_is_nil(db_get_uuid(result, 0, 2)));
    cr_expect(decimal_is_zero(db_get_decimal(result, 0, 3)));
    cr_expect_not(db_get_bool(result, 0, 4));
    cr_expect_eq(db_get_bytes(result, 0, 5, bytes, sizeof(bytes)), 0);
    db_args_text(&args, "99999999999999999999x");
    cr_assert_eq(db_run(db, ECHO, &args, WAIT_MS, &result), 0);
    db_args_release(&args);
    cr_expect_eq(db_get_i64(result, 0, 0), 0);
    cr_expect(uuid_is_nil(db_get_uuid(result, 0, 0)));
    cr_expect(decimal_is_zero(db_get_decimal(result, 0, 0)));
    cr_expect_eq(db_get_bytes(result, 0, 0, bytes, sizeof(bytes)), 0);
}

Test(db_args, texts_in_arrays_come_back_whatever_they_hold)
{
    static const char *const texts[] = {"plain", "",        "with,comma", "\"",    "\\",
                                        "\\\"",  "{}",      "{a,b}",      "NULL",  "null",
                                        NULL,    " pad ",   "new\nline",  "tab\t", "'; DROP TABLE notes; --",
                                        "äö€😀",  "\x01\x7f"};
    CLEANUP(db_destroy) struct db *db = open_db();
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;

    db_args_array_begin(&args);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        db_args_text(&args, texts[i]);
    db_args_array_end(&args);
    int r = db_run(db, TEXTS, &args, WAIT_MS, &result);
    cr_assert_eq(r, 0, "%s", db_error(db));
    cr_assert_eq(PQntuples(result), (int)ARRAY_LEN(texts));
    for (int i = 0; i < (int)ARRAY_LEN(texts); i++) {
        cr_expect_eq(db_is_null(result, i, 1), texts[i] == NULL, "row %d", i);
        if (texts[i] != NULL)
            cr_expect_str_eq(db_get_text(result, i, 1), texts[i]);
    }
    db_args_clear(&args);
    db_args_array_begin(&args);
    db_args_array_end(&args);
    cr_assert_eq(db_run(db, TEXTS, &args, WAIT_MS, &result), 0);
    cr_expect_eq(PQntuples(result), 0, "an empty array is no row");
    db_args_release(&args);
}

static void expect_columns(const PGresult *result, int row)
{
    uint8_t bytes[8];

    cr_expect_eq(db_get_i64(result, row, 0), row - 1);
    cr_expect_eq(db_get_bool(result, row, 1), row % 2 == 0);
    cr_expect_eq(db_get_decimal(result, row, 2).units, row * INT64_C(-150000001));
    cr_expect_eq(db_get_uuid(result, row, 3).bytes[15], row);
    cr_expect_eq(db_get_instant(result, row, 4).us, row * INT64_C(1000000000000));
    cr_expect_eq(db_get_bytes(result, row, 5, bytes, sizeof(bytes)), row % 3);
    for (int i = 0; i < row % 3; i++)
        cr_expect_eq(bytes[i], 0xa0 + i);
}

Test(db_args, columns_of_every_type_come_back)
{
    static const uint8_t blob[] = {0xa0, 0xa1};
    CLEANUP(db_destroy) struct db *db = open_db();
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;

    for (int column = 0; column < 6; column++) {
        db_args_array_begin(&args);
        for (int row = 0; row < 5; row++) {
            struct uuid id = {.bytes = {[0] = 0x80, [15] = (uint8_t)row}};
            switch (column) {
            case 0:
                db_args_i64(&args, row - 1);
                break;
            case 1:
                db_args_bool(&args, row % 2 == 0);
                break;
            case 2:
                db_args_decimal(&args, decimal_from_units(row * INT64_C(-150000001)));
                break;
            case 3:
                db_args_uuid(&args, id);
                break;
            case 4:
                db_args_instant(&args, (struct instant){row * INT64_C(1000000000000)});
                break;
            default:
                db_args_bytes(&args, blob, (size_t)row % 3);
            }
        }
        db_args_null(&args);
        db_args_array_end(&args);
    }
    int r = db_run(db, NUMBERS, &args, WAIT_MS, &result);
    db_args_release(&args);
    cr_assert_eq(r, 0, "%s", db_error(db));
    cr_assert_eq(PQntuples(result), 6);
    for (int row = 0; row < 5; row++)
        expect_columns(result, row);
    for (int column = 0; column < 6; column++)
        cr_expect(db_is_null(result, 5, column));
}

Test(db_args, arguments_are_reusable_and_keep_their_memory)
{
    CLEANUP(db_args_release) struct db_args args = {.count = 0};

    for (int i = 0; i < DB_PARAMETERS_MAX; i++)
        db_args_uuid(&args, (struct uuid){.bytes = {0}});
    const char *memory = args.values.data;
    for (int round = 0; round < 3; round++) {
        db_args_clear(&args);
        for (int i = 0; i < DB_PARAMETERS_MAX; i++)
            db_args_uuid(&args, (struct uuid){.bytes = {0}});
        cr_expect_eq(args.count, DB_PARAMETERS_MAX);
        cr_expect_eq(args.values.data, memory);
    }
}

Test(db_args, no_bytes_are_not_null)
{
    CLEANUP(db_destroy) struct db *db = open_db();
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;
    uint8_t read[1];

    db_args_bytes(&args, NULL, 0);
    cr_assert_eq(db_run(db, BYTES, &args, WAIT_MS, &result), 0, "%s", db_error(db));
    db_args_release(&args);
    cr_expect_not(db_is_null(result, 0, 0));
    cr_expect_eq(db_get_bytes(result, 0, 0, read, sizeof(read)), 0);
}

/* NULLs before, between and behind the values, and values that are longer than a length's low byte. */
Test(db_args, binary_arrays_come_back)
{
    static const size_t lengths[] = {0, 1, 300};
    CLEANUP(db_destroy) struct db *db = open_db();
    struct db_args args = {.count = 0};
    const PGresult *result = NULL;
    uint8_t blob[300], read[300];

    for (size_t i = 0; i < sizeof(blob); i++)
        blob[i] = (uint8_t)i;
    for (int nulls = 0; nulls < 8; nulls++) {
        db_args_clear(&args);
        db_args_array_begin(&args);
        for (int i = 0; i < 3; i++) {
            if (nulls >> i & 1)
                db_args_null(&args);
            else
                db_args_uuid(&args, (struct uuid){.bytes = {[15] = (uint8_t)(i + 1)}});
        }
        db_args_array_end(&args);
        db_args_array_begin(&args);
        for (int i = 0; i < 3; i++) {
            if (nulls >> i & 1)
                db_args_null(&args);
            else
                db_args_bytes(&args, blob, lengths[i]);
        }
        db_args_array_end(&args);
        db_args_i64(&args, nulls);
        cr_assert_eq(db_run(db, BINARY, &args, WAIT_MS, &result), 0, "%s", db_error(db));
        cr_assert_eq(PQntuples(result), 3);
        for (int i = 0; i < 3; i++) {
            bool null = nulls >> i & 1;
            cr_expect_eq(db_is_null(result, i, 0), null, "nulls %d, row %d", nulls, i);
            cr_expect_eq(db_is_null(result, i, 1), null, "nulls %d, row %d", nulls, i);
            cr_expect_eq(db_get_i64(result, i, 2), nulls, "a parameter behind them is text");
            if (null)
                continue;
            cr_expect_eq(db_get_uuid(result, i, 0).bytes[15], i + 1);
            cr_expect_eq(db_get_bytes(result, i, 1, read, sizeof(read)), (int)lengths[i]);
            cr_expect_arr_eq(read, blob, lengths[i]);
        }
    }
    db_args_clear(&args);
    for (int i = 0; i < 2; i++) {
        db_args_array_begin(&args);
        db_args_array_end(&args);
    }
    db_args_i64(&args, 0);
    cr_assert_eq(db_run(db, BINARY, &args, WAIT_MS, &result), 0, "%s", db_error(db));
    cr_expect_eq(PQntuples(result), 0);
    db_args_release(&args);
}
