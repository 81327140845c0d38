/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl preflight: before the day, whether there is anything that would go wrong in it. */
#include "services/oxectl/preflight.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock_offset.h"
#include "common/clock_watch.h"
#include "services/oxectl/database.h"

#include "preflight.sql.h"
#include "preflight_migrations.sql.h"
#include "sqitch_plan.h"

enum {
    PARTITION_DAYS = 31,
    CONNECT_MS = 5000,
    STATEMENT_MS = 10000,
    NAMES_MAX = 4096,
    ROUND_MS = 3000, /* of the gateway, and what it takes */
};

static const int64_t wal_kept_max = INT64_C(4) * 1024 * 1024 * 1024;

enum { STATEMENT_CLOCK, STATEMENT_PREFLIGHT, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_CLOCK] = {"clock_offset", sql_clock_offset},
    [STATEMENT_PREFLIGHT] = {"preflight", sql_preflight},
};
/* Of a connection of its own: an older schema, which it is to tell of, cannot be asked. */
static const struct db_statement migration_statements[] = {
    {"preflight_migrations", sql_preflight_migrations}};

/* --- the database --- */

static void add_rows(struct checks *checks, const PGresult *result)
{
    for (int i = 0; i < PQntuples(result); i++)
        checks_add(checks, db_get_text(result, i, 0), checks_status_of(db_get_text(result, i, 1)),
                   db_get_text(result, i, 3), "%s", db_get_text(result, i, 2));
}

static void check_clock(struct db *db, struct checks *checks)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    struct clock_offset offset;

    if (clock_offset_measure(db, STATEMENT_CLOCK, STATEMENT_MS, &offset) < 0) {
        checks_add(checks, "clock", CHECKED_FAILED, "see the database's log", "%s", db_error(db));
        return;
    }
    clock_offset_describe(&offset, &text);
    checks_add(checks, "clock", clock_offset_is_apart(&offset) ? CHECKED_FAILED : CHECKED_OK,
               "see that both machines keep their clocks by NTP or PTP (timedatectl)", "this machine is %s",
               text.data);
}

static void check_database(const char *conninfo, struct checks *checks)
{
    static const char remedy[] = "see that PostgreSQL runs, and OXE_DATABASE: the conninfo of oxe_operations";
    CLEANUP(db_args_release) struct db_args values = {0};
    CLEANUP(db_destroy) struct db *db = NULL;
    const PGresult *result = NULL;

    const char *fault = database_connect(conninfo, statements, STATEMENT_COUNT, CONNECT_MS, &db);
    if (fault != NULL) {
        checks_add(checks, "database", CHECKED_FAILED, remedy, "%s", fault);
        return;
    }
    db_args_i64(&values, PARTITION_DAYS);
    db_args_i64(&values, wal_kept_max);
    if (db_run(db, STATEMENT_PREFLIGHT, &values, STATEMENT_MS, &result) < 0)
        checks_add(checks, "database", CHECKED_FAILED, remedy, "%s", db_error(db));
    else
        add_rows(checks, result);
    check_clock(db, checks);
}

static void check_migrations(const char *conninfo, struct checks *checks)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    CLEANUP(db_destroy) struct db *db = NULL;
    const PGresult *result = NULL;

    const char *fault = database_connect(conninfo, migration_statements, 1, CONNECT_MS, &db);
    if (db == NULL)
        return; /* which was told of the database */
    db_args_text(&values, sql_sqitch_plan);
    if (fault == NULL && db_run(db, 0, &values, STATEMENT_MS, &result) < 0)
        fault = db_error(db);
    if (fault != NULL)
        checks_add(checks, "migrations", CHECKED_FAILED, "sqitch deploy --verify",
                   "which are deployed cannot be read (%s)", fault);
    else
        add_rows(checks, result);
}

/* --- the services, as the gateway knows them --- */

/* "executor-1: clock is degraded: …" for each check of the service that is not as it should be. */
static void check_service(yajl_val service, struct checks *checks)
{
    yajl_val all = json_get(service, "checks");
    const char *name = json_text(service, "name"), *status = json_text(service, "status");
    bool told = false;

    for (size_t i = 0; YAJL_IS_OBJECT(all) && i < YAJL_GET_OBJECT(all)->len; i++) {
        yajl_val check = YAJL_GET_OBJECT(all)->values[i];
        const char *kind = YAJL_GET_OBJECT(all)->keys[i], *word = json_text(check, "status");
        bool is_clock = strcmp(kind, CLOCK_WATCH_CHECK) == 0;
        if (strcmp(word, "ok") == 0)
            continue;
        checks_add(checks, is_clock ? "clock" : "services",
                   is_clock || strcmp(word, "failing") == 0 ? CHECKED_FAILED : CHECKED_WARNING,
                   is_clock ? "see that both machines keep their clocks by NTP or PTP (timedatectl)"
                            : "'oxectl doctor' tells more",
                   "%s (%s): %s: %s", name, json_text(service, "address"), kind, json_text(check, "detail"));
        told = true;
    }
    if (strcmp(status, "ok") != 0 && !told)
        checks_add(checks, "services", CHECKED_FAILED,
                   "start it: without it the suite does not work, or has no spare", "%s (%s): %s", name,
                   json_text(service, "address"), status);
}

/* Every program is to be of one version, this one too. */
static void check_versions(yajl_val services, struct checks *checks)
{
    CLEANUP(buffer_release) struct buffer others = BUFFER_INIT(NAMES_MAX);
    size_t asked = 0;

    for (size_t i = 0; i < json_length(services); i++) {
        yajl_val service = json_item(services, i);
        const char *version = json_text(service, "version");
        if (strcmp(version, "-") == 0) /* it did not answer, as is told */
            continue;
        asked++;
        if (strcmp(version, OXE_VERSION) != 0)
            buffer_append_format(&others, "%s%s is %s", others.length == 0 ? "" : ", ",
                                 json_text(service, "name"), version);
    }
    if (others.length > 0)
        checks_add(checks, "versions", CHECKED_FAILED,
                   "finish the roll-out, or roll back; and use its oxectl", "oxectl is " OXE_VERSION "; %s",
                   others.data);
    else if (asked > 0)
        checks_add(checks, "versions", CHECKED_OK, NULL, "all %zu services are " OXE_VERSION ", as is oxectl",
                   asked);
}

static bool all_are_ok(yajl_val services)
{
    bool ok = json_length(services) > 0;

    for (size_t i = 0; ok && i < json_length(services); i++)
        ok = strcmp(json_text(json_item(services, i), "status"), "ok") == 0;
    return ok;
}

/* What the gateway knows is two seconds old, so what is amiss is asked for once more. */
static int ask_services(const struct context *context, struct reply *ret_reply)
{
    static const char path[] = "/api/v1/admin/services";

    int status = http_request(context, "GET", path, NULL, NULL, ret_reply);
    if (status != 0 || ret_reply->status != 200 || all_are_ok(json_get(ret_reply->json, "services")))
        return status;
    reply_release(ret_reply);
    (void)poll(NULL, 0, ROUND_MS);
    return http_request(context, "GET", path, NULL, NULL, ret_reply);
}

static void check_services(const struct context *context, struct checks *checks)
{
    struct reply reply = {0};
    size_t before = checks->count;

    if (ask_services(context, &reply) != 0) {
        checks_add(checks, "services", CHECKED_FAILED, "start it, or set OXE_URL",
                   "the gateway at %s does not answer", context->url);
        return;
    }
    yajl_val services = json_get(reply.json, "services");
    if (reply.status != 200 || !YAJL_IS_ARRAY(services)) {
        checks_add(checks, "services", CHECKED_FAILED, "see the gateway's log, and the token's role",
                   "the gateway answers %ld: %s", reply.status, json_text(reply.json, "detail"));
    } else if (json_length(services) == 0) {
        checks_add(checks, "services", CHECKED_FAILED,
                   "set the gateway's OXE_PROBES, or wait for its first round of two seconds",
                   "the gateway knows of none");
    } else {
        for (size_t i = 0; i < json_length(services); i++)
            check_service(json_item(services, i), checks);
        if (checks->count == before)
            checks_add(checks, "services", CHECKED_OK, NULL, "all %zu are ready, and none is degraded",
                       json_length(services));
        check_versions(services, checks);
    }
    reply_release(&reply);
}

int preflight_run(const struct context *context, const struct args *args)
{
    CLEANUP(checks_release) struct checks checks = {.count = 0};

    if (args->operand_count == 0)
        checks_add(&checks, "configuration", CHECKED_SKIPPED, NULL,
                   "no program is named that would check its own");
    for (size_t i = 0; i < args->operand_count; i++)
        preflight_program(args->operands[i], &checks);
    check_database(context->database, &checks);
    check_migrations(context->database, &checks);
    check_services(context, &checks);
    preflight_log_keys(context, args, &checks);
    preflight_token_keys(context, &checks);
    preflight_certificate(&checks);
    preflight_disks(args_text(args, "--disk"), &checks);
    return checks_print(&checks, args_has(args, "--json")) ? 0 : EXIT_REFUSED;
}
