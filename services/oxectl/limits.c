/* A trader's limits: shows and changes them in the database, as oxe_operations. */
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "services/oxectl/database.h"
#include "services/oxectl/limits.h"

#include "change_limits.sql.h"
#include "list_limit_changes.sql.h"
#include "set_actor.sql.h"
#include "show_limits.sql.h"

enum { HISTORY_MAX = 1000, COUNT_MAX = 1000000000 };

enum { STATEMENT_ACTOR, STATEMENT_SHOW, STATEMENT_CHANGE, STATEMENT_HISTORY, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_ACTOR] = {"set_actor", sql_set_actor},
    [STATEMENT_SHOW] = {"show_limits", sql_show_limits},
    [STATEMENT_CHANGE] = {"change_limits", sql_change_limits},
    [STATEMENT_HISTORY] = {"list_limit_changes", sql_list_limit_changes},
};

/* In the order of change_limits.sql's parameters. */
static const struct limit {
    const char *name;
    enum { LIMIT_STATUS, LIMIT_DECIMAL, LIMIT_COUNT, LIMIT_RATE, LIMIT_SWITCH, LIMIT_MARGIN } kind;
} limits[LIMITS_COUNT] = {
    {"status", LIMIT_STATUS},
    {"daily_loss", LIMIT_DECIMAL},
    {"max_position_quantity", LIMIT_DECIMAL},
    {"max_order_quantity", LIMIT_DECIMAL},
    {"max_order_notional", LIMIT_DECIMAL},
    {"max_open_orders", LIMIT_COUNT},
    {"price_collar_pct", LIMIT_DECIMAL},
    {"orders_per_minute", LIMIT_RATE},
    {"short_selling", LIMIT_SWITCH},
    {"short_margin_pct", LIMIT_MARGIN},
};

struct request {
    const char *trader;
    const char *actor;
    const char *reason;
    struct limit_values limits;
    bool history;
    bool json;
};

static bool is_one_of(const char *value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(value, words[i]) == 0)
            return true;
    return false;
}

static int check_decimal(const char *name, const char *value)
{
    struct decimal number;
    bool readable = decimal_parse(value, strlen(value), &number) == 0 && decimal_is_positive(number) &&
                    number.units / DECIMAL_ONE <= 9999999999;
    return readable
               ? 0
               : usage_error("%s is a number above 0 with at most 10 digits before the point and 8 after "
                             "it, not '%s'",
                             name, value);
}

static int check_margin(const char *name, const char *value)
{
    struct decimal number;
    bool readable = decimal_parse(value, strlen(value), &number) == 0 && number.units >= 100 * DECIMAL_ONE &&
                    number.units <= 1000 * DECIMAL_ONE;
    return readable ? 0 : usage_error("%s is a number from 100 to 1000, not '%s'", name, value);
}

static int check_count(const char *name, const char *value, long min)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    bool readable = *value >= '0' && *value <= '9' && *end == '\0' && number >= min && number <= COUNT_MAX;
    return readable
               ? 0
               : usage_error("%s is a whole number from %ld to %d, not '%s'", name, min, COUNT_MAX, value);
}

static int check_value(const struct limit *limit, const char *value)
{
    static const char *const statuses[] = {"ACTIVE", "SUSPENDED", "CLOSED"}, *const switches[] = {"on",
                                                                                                  "off"};
    switch (limit->kind) {
    case LIMIT_STATUS:
        return is_one_of(value, statuses, ARRAY_LEN(statuses))
                   ? 0
                   : usage_error("status is ACTIVE, SUSPENDED or CLOSED, not '%s'", value);
    case LIMIT_SWITCH:
        return is_one_of(value, switches, ARRAY_LEN(switches))
                   ? 0
                   : usage_error("%s is on or off, not '%s'", limit->name, value);
    case LIMIT_DECIMAL:
        return check_decimal(limit->name, value);
    case LIMIT_COUNT:
        return check_count(limit->name, value, 1);
    case LIMIT_MARGIN:
        return check_margin(limit->name, value);
    case LIMIT_RATE:
        return check_count(limit->name, value, 0);
    }
    return EXIT_USAGE;
}

int limits_parse(const char *text, struct limit_values *values)
{
    const char *equals = strchr(text, '=');
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        size_t length = strlen(limits[i].name);
        if ((size_t)(equals - text) != length || strncmp(text, limits[i].name, length) != 0)
            continue;
        if (values->values[i] != NULL)
            return usage_error("%s is named twice", limits[i].name);
        values->values[i] = equals + 1;
        values->count++;
        return check_value(&limits[i], equals + 1);
    }
    return usage_error("there is no limit '%.*s'; 'oxectl limits TRADER' names them all",
                       (int)(equals - text), text);
}

void limits_append(struct db_args *args, const struct limit_values *values)
{
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        db_args_text(args, values->values[i]);
}

static int parse(int argc, char **argv, struct request *request)
{
    for (int i = 1; i < argc; i++) {
        int status = 0;
        if (strcmp(argv[i], "--json") == 0)
            request->json = true;
        else if (strcmp(argv[i], "--history") == 0)
            request->history = true;
        else if (strcmp(argv[i], "--actor") == 0 && i + 1 < argc)
            request->actor = argv[++i];
        else if (strcmp(argv[i], "--reason") == 0 && i + 1 < argc)
            request->reason = argv[++i];
        else if (argv[i][0] == '-')
            return usage_error("limits knows no option '%s'", argv[i]);
        else if (request->trader == NULL)
            request->trader = argv[i];
        else if (strchr(argv[i], '=') != NULL)
            status = limits_parse(argv[i], &request->limits);
        else
            return usage_error("limits takes NAME=VALUE after the trader, not '%s'", argv[i]);
        if (status != 0)
            return status;
    }
    if (request->trader == NULL)
        return usage_error("limits needs a trader: a subject or an id");
    if (request->history && request->limits.count > 0)
        return usage_error("--history only shows");
    return 0;
}

static int no_trader(const char *trader)
{
    (void)fprintf(stderr, "oxectl: no trader has the subject or the id '%s'\n", trader);
    return EXIT_REFUSED;
}

static int change(struct db *db, const struct request *request)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    int status = database_set_actor(db, STATEMENT_ACTOR, request->actor, request->reason);
    db_args_text(&args, request->trader);
    limits_append(&args, &request->limits);
    if (status == 0)
        status = database_run(db, STATEMENT_CHANGE, &args, &result);
    return status == 0 && PQntuples(result) == 0 ? no_trader(request->trader) : status;
}

static int print(const PGresult *result, const struct request *request)
{
    static const struct column now[] = {{"LIMIT", "limit", false}, {"VALUE", "value", true}};
    static const struct column history[] = {
        {"TIME", "changed_at", false}, {"ACTOR", "actor", false},  {"ROLE", "role", false},
        {"LIMIT", "limit", false},     {"BEFORE", "before", true}, {"AFTER", "after", true},
    };
    return request->history ? database_print(result, request->json, history, ARRAY_LEN(history))
                            : database_print(result, request->json, now, ARRAY_LEN(now));
}

static int show(struct db *db, const struct request *request)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    db_args_text(&args, request->trader);
    int status = database_run(db, STATEMENT_SHOW, &args, &result);
    if (status == 0 && PQntuples(result) == 0)
        return no_trader(request->trader);
    if (status == 0 && request->history) {
        db_args_i64(&args, HISTORY_MAX);
        status = database_run(db, STATEMENT_HISTORY, &args, &result);
    }
    return status == 0 ? print(result, request) : status;
}

int limits_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    struct request request = {.trader = NULL};
    CLEANUP(db_destroy) struct db *db = NULL;
    int status = parse(argc, argv, &request);
    if (status == 0)
        status = database_open(statements, STATEMENT_COUNT, &db);
    if (status == 0 && request.limits.count > 0)
        status = change(db, &request);
    return status == 0 ? show(db, &request) : status;
}
