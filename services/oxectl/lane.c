/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl lane resync: has a lane's session begin anew, through the database as oxe_operations. The executor
 * that owns the lane carries it out. */
#include <inttypes.h>
#include <time.h>

#include "common/clock.h"
#include "proto/lane.h"
#include "services/oxectl/database.h"

#include "lane_sql.h"

enum { WAIT_MS = 15000, LOOK_MS = 100 };

/* Until its owner has carried it out and the session stands. */
static int wait_until_done(struct db *db, int64_t id, int64_t lane)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + (int64_t)WAIT_MS * 1000;
    const PGresult *result = NULL;
    bool done = false;
    db_args_i64(&values, id);
    do {
        (void)nanosleep(&pause, NULL);
        int status = database_run(db, SQL_SHOW_RESYNC, &values, &result);
        if (status != 0)
            return status;
        done = !db_is_null(result, 0, 0);
        if (done && db_get_bool(result, 0, 1)) {
            (void)printf("lane %" PRId64 " has begun anew by %s; its session stands\n", lane,
                         db_get_text(result, 0, 0));
            return 0;
        }
    } while (clock_monotonic_us() < until_us);
    if (!done)
        return refuse("no executor has carried it out yet; the next owner of lane %" PRId64 " does", lane);
    return refuse("lane %" PRId64 " has begun anew, but its session does not stand yet: %s", lane,
                  db_get_text(result, 0, 2));
}

int lane_resync(const struct context *context, const struct args *args)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;
    int64_t lane = args_number(args, "LANE", 0);
    int status = database_open(context, statements, SQL_COUNT, &db);
    if (status == 0)
        status = database_set_actor(db, SQL_SET_ACTOR, args);
    db_args_i64(&values, lane);
    db_args_text(&values, args_text(args, "--reason"));
    if (status == 0)
        status = database_run(db, SQL_ASK_RESYNC, &values, &result);
    if (status != 0)
        return status;
    if (PQntuples(result) == 0)
        return refuse("there is no lane %" PRId64, lane);
    if (args_has(args, "--no-wait"))
        return 0;
    return wait_until_done(db, db_get_i64(result, 0, 0), lane);
}
