/* oxectl trader: opens accounts, in the database as oxe_operations. */
#include <string.h>

#include "common/decimal.h"
#include "services/oxectl/database.h"
#include "services/oxectl/limits.h"

#include "change_limits.sql.h"
#include "open_account.sql.h"
#include "set_actor.sql.h"

enum { SUBJECT_MAX = 128, PIPELINE_TIMEOUT_MS = 10000 };

enum { STATEMENT_ACTOR, STATEMENT_OPEN, STATEMENT_LIMITS, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_ACTOR] = {"set_actor", sql_set_actor},
    [STATEMENT_OPEN] = {"open_account", sql_open_account},
    [STATEMENT_LIMITS] = {"change_limits", sql_change_limits},
};

struct account {
    const char *subject;
    const char *cash;
    const char *currency;
    const char *actor;
    const char *reason;
    struct limit_values limits;
};

static int check(const struct account *account)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct decimal cash;

    if (account->subject == NULL)
        return usage_error("trader create needs a subject, as the trader's tokens will have it in sub");
    if (*account->subject == '\0' || strlen(account->subject) > SUBJECT_MAX)
        return usage_error("a subject has 1 to %d bytes", SUBJECT_MAX);
    if (decimal_parse(account->cash, strlen(account->cash), &cash) < 0 || decimal_is_negative(cash) ||
        cash.units / DECIMAL_ONE > 9999999999)
        return usage_error(
            "--cash is a number from 0 with at most 10 digits before the point and 8 after it, "
            "not '%s'",
            account->cash);
    if (strlen(account->currency) != 3 || strspn(account->currency, capitals) != 3)
        return usage_error("--currency is three capitals, such as USD, not '%s'", account->currency);
    return 0;
}

static int parse(int argc, char **argv, struct account *account)
{
    if (argc < 2 || strcmp(argv[1], "create") != 0)
        return usage_error("trader is followed by create");
    for (int i = 2; i < argc; i++) {
        int status = 0;
        if (strcmp(argv[i], "--cash") == 0 && i + 1 < argc)
            account->cash = argv[++i];
        else if (strcmp(argv[i], "--currency") == 0 && i + 1 < argc)
            account->currency = argv[++i];
        else if (strcmp(argv[i], "--actor") == 0 && i + 1 < argc)
            account->actor = argv[++i];
        else if (strcmp(argv[i], "--reason") == 0 && i + 1 < argc)
            account->reason = argv[++i];
        else if (argv[i][0] == '-')
            return usage_error("trader create knows no option '%s'", argv[i]);
        else if (account->subject == NULL)
            account->subject = argv[i];
        else if (strchr(argv[i], '=') != NULL)
            status = limits_parse(argv[i], &account->limits);
        else
            return usage_error("trader create takes LIMIT=VALUE after the subject, not '%s'", argv[i]);
        if (status != 0)
            return status;
    }
    return check(account);
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
    int opened = r < 0 ? r : db_send(db, STATEMENT_OPEN, &opening);
    if (r == 0 && account->limits.count > 0)
        (void)db_send(db, STATEMENT_LIMITS, &limits);
    if (r == 0)
        r = db_pipeline_end(db, PIPELINE_TIMEOUT_MS);
    if (r < 0)
        return trouble("the database: %s", db_error(db));
    if (PQntuples(db_result(db, (size_t)opened)) == 0) {
        (void)fprintf(stderr, "oxectl: there is a trader with the subject '%s' already\n", account->subject);
        return EXIT_REFUSED;
    }
    (void)puts(id);
    return 0;
}

int trader_command(const struct context *context, int argc, char **argv)
{
    (void)context;
    struct account account = {.cash = "0", .currency = "USD"};
    CLEANUP(db_destroy) struct db *db = NULL;
    int status = parse(argc, argv, &account);
    if (status == 0)
        status = database_open(statements, STATEMENT_COUNT, &db);
    if (status == 0)
        status = database_set_actor(db, STATEMENT_ACTOR, account.actor, account.reason);
    return status == 0 ? open_account(db, &account) : status;
}
