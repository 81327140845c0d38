/* SPDX-License-Identifier: Apache-2.0 */
/* A trader's limits: shows and changes them in the database, as oxe_operations. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "services/oxectl/database.h"
#include "services/oxectl/limits.h"

#include "limits_sql.h"

enum { HISTORY_MAX = 1000, COUNT_MAX = 1000000000 };

/* In the order of change_limits.sql's parameters. */
static const struct limit {
    const char *name;
    enum { STATUS, AMOUNT, AMOUNT_OR_NONE, COUNT, COUNT_OR_NONE, SWITCH, MARGIN } kind;
} limits[] = {
    {"status", STATUS},
#define LIMIT(type, name, kind) {#name, kind},
#define RISK_LIMIT              LIMIT
#define GATEWAY_LIMIT           LIMIT
#include "proto/trader_limits.def"
};
static_assert(ARRAY_LEN(limits) <= LIMITS_MAX, "limit_values has room for each");

static bool is_count(const char *value, long min)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    return *value >= '0' && *value <= '9' && *end == '\0' && number >= min && number <= COUNT_MAX;
}

static bool fits(const struct limit *limit, const char *value)
{
    struct decimal number = {0};
    bool is_number = decimal_parse(value, strlen(value), &number) == 0;
    bool is_amount = is_number && number.units / DECIMAL_ONE <= 9999999999;
    switch (limit->kind) {
    case STATUS:
        return args_is_word(value, "ACTIVE|SUSPENDED|CLOSED");
    case SWITCH:
        return args_is_word(value, "true|false|on|off");
    case AMOUNT:
        return is_amount && decimal_is_positive(number);
    case AMOUNT_OR_NONE:
        return is_amount && !decimal_is_negative(number);
    case MARGIN:
        return is_number && number.units >= 100 * DECIMAL_ONE && number.units <= 1000 * DECIMAL_ONE;
    case COUNT:
        return is_count(value, 1);
    case COUNT_OR_NONE:
        return is_count(value, 0);
    }
    return false;
}

static int check_value(const struct command *command, const struct limit *limit, const char *value)
{
    static const char *const values[] = {
        [STATUS] = "ACTIVE, SUSPENDED or CLOSED",
        [SWITCH] = "true or false, on or off",
        [AMOUNT] = "a number above 0 with at most 10 digits before the point and 8 after it",
        [AMOUNT_OR_NONE] =
            "a number above 0 with at most 10 digits before the point and 8 after it, or 0 for none",
        [MARGIN] = "a number from 100 to 1000",
        [COUNT] = "a whole number from 1 to 1000000000",
        [COUNT_OR_NONE] = "a whole number from 0 to 1000000000",
    };
    return fits(limit, value)
               ? 0
               : usage_error(command, "%s is %s, not '%s'", limit->name, values[limit->kind], value);
}

static int parse(const struct command *command, const char *text, struct limit_values *values)
{
    size_t length = strcspn(text, "=");
    if (text[length] == '\0')
        return usage_error(command, "it takes LIMIT=VALUE, not '%s'", text);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        if (strlen(limits[i].name) != length || strncmp(text, limits[i].name, length) != 0)
            continue;
        if (values->values[i] != NULL)
            return usage_error(command, "%s is named twice", limits[i].name);
        values->values[i] = text + length + 1;
        values->count++;
        return check_value(command, &limits[i], text + length + 1);
    }
    return usage_error(command, "there is no limit '%.*s'; 'oxectl limits TRADER' names them all",
                       (int)length, text);
}

int limits_parse(const struct args *args, struct limit_values *values)
{
    int status = 0;
    for (size_t i = 1; i < args->operand_count && status == 0; i++)
        status = parse(args->command, args->operands[i], values);
    return status;
}

void limits_append(struct db_args *args, const struct limit_values *values)
{
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        db_args_text(args, values->values[i]);
}

static int no_trader(const char *trader)
{
    return refuse("no trader has the subject or the id '%s'", trader);
}

static int change(struct db *db, const struct args *args, const struct limit_values *limits_wanted)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    int status = database_set_actor(db, SQL_SET_ACTOR, args);
    db_args_text(&values, args->operands[0]);
    limits_append(&values, limits_wanted);
    if (status == 0)
        status = database_run(db, SQL_CHANGE_LIMITS, &values, &result);
    return status == 0 && PQntuples(result) == 0 ? no_trader(args->operands[0]) : status;
}

static int print(const PGresult *result, const struct args *args)
{
    static const struct column now[] = {{"LIMIT", "limit", false}, {"VALUE", "value", true}};
    static const struct column history[] = {
        {"TIME", "changed_at", false}, {"ACTOR", "actor", false},  {"ROLE", "role", false},
        {"LIMIT", "limit", false},     {"BEFORE", "before", true}, {"AFTER", "after", true},
    };
    bool json = args_has(args, "--json");
    return args_has(args, "--history") ? database_print(result, json, history, ARRAY_LEN(history))
                                       : database_print(result, json, now, ARRAY_LEN(now));
}

static int show(struct db *db, const struct args *args)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    const struct limit *limit;
    db_args_text(&values, args->operands[0]);
    DB_ARGS_COLUMN(&values, limit, limits, ARRAY_LEN(limits), true, db_args_text(&values, limit->name));
    int status = database_run(db, SQL_SHOW_LIMITS, &values, &result);
    if (status == 0 && PQntuples(result) == 0)
        return no_trader(args->operands[0]);
    if (status == 0 && args_has(args, "--history")) {
        db_args_clear(&values);
        db_args_text(&values, args->operands[0]);
        db_args_i64(&values, HISTORY_MAX);
        status = database_run(db, SQL_LIST_LIMIT_CHANGES, &values, &result);
    }
    return status == 0 ? print(result, args) : status;
}

int limits_run(const struct context *context, const struct args *args)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    struct limit_values wanted = {.count = 0};
    int status = limits_parse(args, &wanted);
    if (status == 0 && wanted.count > 0 && args_has(args, "--history"))
        status = usage_error(args->command, "--history only shows");
    if (status == 0)
        status = database_open(context, statements, SQL_COUNT, &db);
    if (status == 0 && wanted.count > 0)
        status = change(db, args, &wanted);
    return status == 0 ? show(db, args) : status;
}
