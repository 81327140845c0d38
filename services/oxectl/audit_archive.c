/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit archive: the oldest month of the log leaves the database for a file that proves itself. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "services/oxectl/database.h"
#include "services/oxectl/evidence.h"

#include "archive_sql.h"

enum { ARCHIVE_TIMEOUT_MS = 60 * 60 * 1000 };

/* The file on the disk, and that the log has the same hashes, which it keeps. It may have been there already,
 * left by a run that the database refused or that was killed before it asked. */
static int check_file(const struct context *context, const struct args *args, struct evidence *evidence)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    CLEANUP(tlog_release) struct tlog log = {0};
    struct kept none = {0};
    struct log_check check = {.kept = &none, .leaves = &log};

    int status = tlog_open(context, args, &log);
    return status == 0 ? log_check_file(&check, args, evidence->path, NULL, &evidence->proof, &text) : status;
}

static int detach(const struct context *context, const struct args *args, const struct log_range *proof)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    CLEANUP(db_destroy) struct db *db = NULL;
    const PGresult *result = NULL;

    int status = database_open(context, statements, SQL_COUNT, &db);
    if (status == 0)
        status = database_set_actor(db, SQL_SET_ACTOR, args);
    db_args_text(&values, args->operands[0]);
    db_args_i64(&values, (int64_t)proof->first);
    db_args_i64(&values, (int64_t)proof->last);
    return status == 0 ? database_run_within(db, SQL_ARCHIVE_MONTH, &values, ARCHIVE_TIMEOUT_MS, &result)
                       : status;
}

/* When the month that is written 2026-10 begins, of UTC, and when the next one does; false: it is none. */
static bool month_bounds(const char *name, char ret_from[static INSTANT_TEXT_MAX],
                         char ret_to[static INSTANT_TEXT_MAX])
{
    struct instant begin;

    (void)snprintf(ret_from, INSTANT_TEXT_MAX, "%.7s-01T00:00:00Z", name);
    if (strlen(name) != strlen("2026-10") || instant_parse(ret_from, strlen(ret_from), &begin) < 0 ||
        begin.us < 0)
        return false;
    int year = atoi(name), month = atoi(name + strlen("2026-"));
    (void)snprintf(ret_to, INSTANT_TEXT_MAX, "%04d-%02d-01T00:00:00Z", month == 12 ? year + 1 : year,
                   month % 12 + 1);
    return true;
}

int audit_archive_run(const struct context *context, const struct args *args)
{
    char path[PATH_BYTES], from[INSTANT_TEXT_MAX], to[INSTANT_TEXT_MAX];
    const char *name = args->operands[0];

    if (!month_bounds(name, from, to))
        return usage_error(args->command, "MONTH is as 2026-10, not '%s'", name);
    if (context->database == NULL)
        return usage_error(args->command, "it needs OXE_DATABASE, the conninfo of the role oxe_operations");
    if (snprintf(path, sizeof(path), "%s/oxe-audit-%s.csv", args_text(args, "--directory"), name) >=
        PATH_BYTES)
        return usage_error(args->command, "an argument is too long");
    struct evidence evidence = {.path = path, .from = from, .to = to};
    int status = access(path, F_OK) == 0 ? 0 : evidence_write(context, args, &evidence);
    if (status == 0)
        status = check_file(context, args, &evidence);
    if (status == 0)
        status = detach(context, args, &evidence.proof);
    if (status == 0)
        (void)printf("%s: entries %" PRIu64 " to %" PRIu64 ", in the log no more\n", path,
                     evidence.proof.first, evidence.proof.last);
    return status;
}
