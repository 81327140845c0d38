/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/rate_limit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "services/gateway/io/redis_link.h"

enum { ANSWER_TIMEOUT_US = 500 * 1000, TABLE_SETS = 4096, SHA_MAX = 41, PENDING_MAX = 65536 };

/* rate_window_take in Redis, by Redis' clock, which all gateways share. KEYS: the caller's list, newest
 * first. ARGV: limit, period in microseconds. Where the clock was set back, all that was admitted counts as
 * of now. Answers: passes, remaining, until full, until the next one passes. */
static const char script[] = "local key, limit, period = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])\n"
                             "local t = redis.call('TIME')\n"
                             "local now = t[1] * 1000000 + t[2]\n"
                             "local text = string.format('%.0f', now)\n"
                             "local used = redis.call('LLEN', key)\n"
                             "if used > 0 and tonumber(redis.call('LINDEX', key, 0)) > now then\n"
                             "  redis.call('DEL', key)\n"
                             "  for i = 1, used do redis.call('LPUSH', key, text) end\n"
                             "end\n"
                             "while used > 0 and tonumber(redis.call('LINDEX', key, -1)) + period <= now do\n"
                             "  redis.call('RPOP', key)\n"
                             "  used = used - 1\n"
                             "end\n"
                             "local wait = 0\n"
                             "if used < limit then\n"
                             "  used = redis.call('LPUSH', key, text)\n"
                             "  redis.call('PEXPIRE', key, math.ceil(period / 1000))\n"
                             "else\n"
                             "  wait = redis.call('LINDEX', key, limit - 1) + period - now\n"
                             "end\n"
                             "return {wait == 0 and 1 or 0, math.max(0, limit - used), redis.call('LINDEX', "
                             "key, 0) + period - now, wait}\n";

const char *rate_limit_name(enum rate_kind kind)
{
    static const char *const names[RATE_KINDS] = {[RATE_NONE] = "none",
                                                  [RATE_ORDERS] = "orders",
                                                  [RATE_PREVIEWS] = "previews",
                                                  [RATE_CANCELS] = "cancels",
                                                  [RATE_READS] = "reads"};

    return names[kind];
}

/* One question to Redis, in the order of asking. */
struct question {
    STAILQ_ENTRY(question) in_limit;
    enum rate_kind kind;
    struct uuid caller;
    int64_t per_minute;
    uint64_t token;
    int64_t asked_us;
};

struct rate_limit {
    struct redis_link *link;
    redisAsyncContext *redis; /* NULL: none */
    char sha[SHA_MAX];        /* "": the script is not loaded */
    STAILQ_HEAD(, question) questions;
    size_t pending;
    struct rate_table *own;
    rate_limit_done done;
    void *context;
    bool closing;
};

static struct rate_verdict take_own(struct rate_limit *limit, const struct question *question)
{
    int64_t now_us = clock_monotonic_us();

    return rate_window_take(rate_table_window(limit->own, question->kind, question->caller, now_us),
                            question->per_minute, now_us);
}

static void decide_alone(struct rate_limit *limit, const struct question *question)
{
    struct rate_verdict verdict = take_own(limit, question);

    limit->done(limit->context, question->token, &verdict);
}

static bool read_verdict(const redisReply *reply, struct rate_verdict *ret_verdict)
{
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements != 4)
        return false;
    for (size_t i = 0; i < reply->elements; i++) {
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return false;
    }
    *ret_verdict = (struct rate_verdict){.passes = reply->element[0]->integer == 1,
                                         .remaining = reply->element[1]->integer,
                                         .full_us = reply->element[2]->integer,
                                         .retry_us = reply->element[3]->integer};
    return true;
}

static void load_script(struct rate_limit *limit);

static void on_verdict(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    struct rate_limit *limit = private;
    const redisReply *reply = reply_pointer;
    struct question *question = STAILQ_FIRST(&limit->questions); /* Redis answers in the order of asking */
    struct rate_verdict verdict;

    (void)redis;
    STAILQ_REMOVE_HEAD(&limit->questions, in_limit);
    limit->pending--;
    bool lost_script =
        reply != NULL && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0;
    if (lost_script && limit->sha[0] != '\0')
        load_script(limit);
    if (!limit->closing) {
        bool shared = read_verdict(reply, &verdict);
        if (shared && verdict.passes) {
            struct rate_verdict own = take_own(limit, question);
            if (!own.passes)
                verdict = own;
        }
        if (shared)
            limit->done(limit->context, question->token, &verdict);
        else
            decide_alone(limit, question);
    }
    free(question);
}

static void on_loaded(redisAsyncContext *redis, void *reply_pointer, void *private)
{
    struct rate_limit *limit = private;
    const redisReply *reply = reply_pointer;

    (void)redis;
    if (reply == NULL || reply->type != REDIS_REPLY_STRING || reply->len >= SHA_MAX)
        return;
    (void)snprintf(limit->sha, sizeof(limit->sha), "%s", reply->str);
    redis_link_ready(limit->link);
}

static void load_script(struct rate_limit *limit)
{
    limit->sha[0] = '\0';
    (void)redisAsyncCommand(limit->redis, on_loaded, limit, "SCRIPT LOAD %s", script);
}

static void on_opened(void *context, redisAsyncContext *redis)
{
    struct rate_limit *limit = context;

    limit->redis = redis;
    load_script(limit);
}

static void on_lost(void *context)
{
    struct rate_limit *limit = context;

    limit->redis = NULL;
    limit->sha[0] = '\0';
}

static const struct redis_link_events link_events = {.opened = on_opened, .lost = on_lost};

int rate_limit_create(h2o_loop_t *loop, const char *url, const char *password, const struct log *log,
                      rate_limit_done done, void *context, struct rate_limit **ret_limit)
{
    struct rate_limit *limit = calloc(1, sizeof(*limit));

    if (limit == NULL)
        return -ENOMEM;
    STAILQ_INIT(&limit->questions);
    limit->done = done;
    limit->context = context;
    int r = rate_table_create(TABLE_SETS, &limit->own);
    if (r == 0)
        r = redis_link_create(loop, url, password, &link_events, limit, log, &limit->link);
    if (r < 0)
        rate_limit_destroy(&limit);
    else
        *ret_limit = limit;
    return r;
}

void rate_limit_destroy(struct rate_limit **limit)
{
    if (*limit == NULL)
        return;
    (*limit)->closing = true;
    redis_link_destroy(&(*limit)->link); /* answers what is pending by NULL */
    rate_table_destroy(&(*limit)->own);
    free(*limit);
    *limit = NULL;
}

/* False: Redis cannot be asked. */
static bool ask(struct rate_limit *limit, const struct question *asked)
{
    char id[UUID_TEXT_MAX];

    if (limit->sha[0] == '\0' || limit->pending == PENDING_MAX)
        return false;
    struct question *question = malloc(sizeof(*question));
    if (question == NULL)
        return false;
    *question = *asked;
    uuid_format(asked->caller, id);
    if (redisAsyncCommand(limit->redis, on_verdict, limit, "EVALSHA %s 1 oxe:window:%s:%s %lld %lld",
                          limit->sha, rate_limit_name(asked->kind), id, (long long)asked->per_minute,
                          RATE_PERIOD_S * 1000000LL) != REDIS_OK) {
        free(question);
        return false;
    }
    STAILQ_INSERT_TAIL(&limit->questions, question, in_limit);
    limit->pending++;
    return true;
}

void rate_limit_take(struct rate_limit *limit, enum rate_kind kind, struct uuid caller, int64_t per_minute,
                     uint64_t token)
{
    int64_t now_us = clock_monotonic_us();
    const struct question question = {
        .kind = kind, .caller = caller, .per_minute = per_minute, .token = token, .asked_us = now_us};
    struct rate_verdict own =
        rate_window_look(rate_table_window(limit->own, kind, caller, now_us), per_minute, now_us);

    if (!own.passes)
        limit->done(limit->context, token, &own);
    else if (!ask(limit, &question))
        decide_alone(limit, &question);
}

bool rate_limit_is_shared(const struct rate_limit *limit)
{
    return limit->sha[0] != '\0';
}

void rate_limit_tick(struct rate_limit *limit, int64_t now_us)
{
    const struct question *first = STAILQ_FIRST(&limit->questions);

    if (first != NULL && first->asked_us + ANSWER_TIMEOUT_US <= now_us)
        redis_link_drop(limit->link, "no answer in time");
    redis_link_tick(limit->link, now_us);
}
