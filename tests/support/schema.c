/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/schema.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"

static int read_file(const char *path, struct buffer *out)
{
    char bytes[4096];
    size_t length;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return -errno;
    while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buffer_append(out, bytes, length);
    (void)fclose(file);
    return out->error;
}

static int run_file(PGconn *connection, const char *path)
{
    CLEANUP(buffer_release) struct buffer sql = BUFFER_INIT(0);
    int r = read_file(path, &sql);

    if (r < 0)
        return r;
    PGresult *result = PQexec(connection, sql.data);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    (void)fprintf(stderr, "%s: %s\n", path, PQerrorMessage(connection));
    return -EBADMSG;
}

/* A change is a line that begins with its name; %, # and blank lines are not. */
static int run_plan(PGconn *connection, const char *source_root, char *plan)
{
    char path[1024];

    for (char *line = strtok(plan, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        size_t length = strcspn(line, " ");
        if (length == 0 || line[0] == '%' || line[0] == '#' || line[0] == '@')
            continue;
        (void)snprintf(path, sizeof(path), "%s/migrations/deploy/%.*s.sql", source_root, (int)length, line);
        int r = run_file(connection, path);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Its notices say what exists already. */
static void drop_notice(void *data, const char *message)
{
    (void)data;
    (void)message;
}

int schema_apply(const char *conninfo, const char *source_root)
{
    CLEANUP(buffer_release) struct buffer plan = BUFFER_INIT(0);
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/migrations/sqitch.plan", source_root);
    int r = read_file(path, &plan);
    if (r < 0)
        return r;
    PGconn *connection = PQconnectdb(conninfo);
    (void)PQsetNoticeProcessor(connection, drop_notice, NULL);
    r = PQstatus(connection) == CONNECTION_OK ? run_plan(connection, source_root, plan.data) : -ENOTCONN;
    PQfinish(connection);
    return r;
}
