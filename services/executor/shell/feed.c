/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/shell/feed.h"

#include <stdio.h>
#include <string.h>

#include "services/executor/shell/statement.h"

static bool is_same(const struct feed *feed, const PGresult *result)
{
    size_t rows = (size_t)PQntuples(result), i = 0;
    while (i < rows && i < feed->count && strcmp(feed->symbols[i], db_get_text(result, (int)i, 0)) == 0)
        i++;
    return rows == feed->count && i == rows;
}

static int subscribe(struct executor *executor, const PGresult *result)
{
    struct feed *feed = &executor->feed;
    const char *symbols[PRICES_MAX];
    size_t count = (size_t)PQntuples(result);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(feed->symbols[i], sizeof(feed->symbols[i]), "%s", db_get_text(result, (int)i, 0));
        symbols[i] = feed->symbols[i];
    }
    feed->count = count;
    /* Each comes again at once when it is subscribed; what does not come is not confirmed any more. */
    prices_session_ended(&executor->prices);
    return executor->ops->subscribe_prices(executor->venue, 0, symbols, count);
}

int feed_follow(struct executor *executor)
{
    struct feed *feed = &executor->feed;
    int64_t epoch = executor->lanes[0].epoch, now_us = clock_monotonic_us();
    const PGresult *result;
    if (!executor->lanes[0].owned || (feed->epoch == epoch && now_us < feed->look_at_us))
        return 0;
    db_args_i64(&executor->args, PRICES_MAX);
    int r = statement_run(executor, SQL_TRADABLE_SYMBOLS, &result);
    if (r < 0)
        return r;
    feed->look_at_us = now_us + FEED_LOOK_US;
    if (feed->epoch == epoch && is_same(feed, result))
        return 0;
    r = subscribe(executor, result);
    feed->epoch = r < 0 ? 0 : epoch;
    LOG(executor_log(executor), r < 0 ? LOG_WARNING : LOG_INFO,
        r < 0 ? "prices_not_subscribed" : "prices_subscribed", LOG_I64("symbols", feed->count), LOG_ERRNO(r));
    return 0;
}
