/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl trader: opens accounts, in the database as oxe_operations. */
#include <string.h>

#include "common/decimal.h"
#include "services/oxectl/database.h"
#include "services/oxectl/limits.h"

#include "trader_sql.h"

enum { SUBJECT_MAX = 128, PIPELINE_TIMEOUT_MS = 10000 };

struct account {
    const char *subject;
    const char *cash;
    const char *currency;
    struct limit_values limits;
};

static int read_account(const struct args *args, struct account *account)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *cash_text = args_text(args, "--cash"), *currency = args_text(args, "--currency");
    struct decimal cash;

    account->subject = args->operands[0];
    account->cash = cash_text != NULL ? cash_text : "0";
    account->currency = currency != NULL ? currency : "USD";
    if (*account->subject == '\0' || strlen(account->subject) > SUBJECT_MAX)
        return usage_error(args->command, "a subject has 1 to %d bytes", SUBJECT_MAX);
    if (decimal_parse(account->cash, strlen(account->cash), &cash) < 0 || decimal_is_negative(cash) ||
        cash.units / DECIMAL_ONE > 9999999999)
        return usage_error(args->command,
                           "--cash is a number from 0 with at most 10 digits before the point and 8 after "
                           "it, not '%s'",
                           account->cash);
    if (strlen(account->currency) != 3 || strspn(account->currency, capitals) != 3)
        return usage_error(args->command, "--currency is three capitals, such as USD, not '%s'",
                           account->currency);
    return limits_parse(args, &account->limits);
}

/* The account and its limits in one transaction. The limits go to the new id, so that they touch no other
 * account when the subject has one. */
static int open_account(struct db *db, const struct account *account)
{
    CLEANUP(db_args_release) struct db_args opening = {0}, limits = {0};
    struct uuid_source ids = {0};
    char id[UUID_TEXT_MAX];

    uuid_format(uuid_next(&ids, clock_now()), id);
    db_args_text(&opening, id);
    db_args_text(&opening, account->subject);
    db_args_text(&opening, account->cash);
    db_args_text(&opening, account->currency);
    db_args_text(&limits, id);
    limits_append(&limits, &account->limits);
    int r = db_pipeline_begin(db);
    int opened = r < 0 ? r : db_send(db, SQL_OPEN_ACCOUNT, &opening);
    if (r == 0 && account->limits.count > 0)
        (void)db_send(db, SQL_CHANGE_LIMITS, &limits);
    if (r == 0)
        r = db_pipeline_end(db, PIPELINE_TIMEOUT_MS);
    if (r < 0)
        return trouble("the database: %s", db_error(db));
    if (PQntuples(db_result(db, (size_t)opened)) == 0)
        return refuse("there is a trader with the subject '%s' already", account->subject);
    (void)puts(id);
    return 0;
}

int trader_create(const struct context *context, const struct args *args)
{
    struct account account = {.subject = NULL};
    CLEANUP(db_destroy) struct db *db = NULL;
    int status = read_account(args, &account);
    if (status == 0)
        status = database_open(context, statements, SQL_COUNT, &db);
    if (status == 0)
        status = database_set_actor(db, SQL_SET_ACTOR, args);
    return status == 0 ? open_account(db, &account) : status;
}
