/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/io/jwks_source.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/thread.h"

enum {
    FETCH_TIMEOUT_MS = 5000,
    RETRY_MS = 2000, /* after a fetch that failed */
};

struct jwks_source {
    char *location;
    bool is_url;
    int64_t refresh_ms;
    int64_t max_age_us; /* 0: none */
    const struct log *log;
    struct jwks *current;
    int64_t seen_us; /* when it was last what its location holds */
    int64_t next_check_us;
    int64_t next_early_us;
    struct stat last; /* of the file that was read last */
    int last_error;   /* so that one failure is logged once */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* from here on under the lock */
    bool wanted;
    struct jwks *fetched;
    int fetch_error;
};

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *jwks_source_check(const char *location)
{
    static const char *const loopback[] = {"http://127.0.0.1:", "http://127.0.0.1/", "http://localhost:",
                                           "http://localhost/", "http://[::1]:",     "http://[::1]/"};

    if (starts(location, "https://"))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(loopback); i++) {
        if (starts(location, loopback[i]))
            return NULL;
    }
    return strstr(location, "://") == NULL
               ? NULL
               : "must be a path, an https:// URL, or http:// to a loopback address";
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct jwks_source *source = context;

    (void)a, (void)b, (void)c, (void)d;
    (void)pthread_mutex_lock(&source->lock);
    bool stopping = source->stopping;
    (void)pthread_mutex_unlock(&source->lock);
    return stopping ? 1 : 0;
}

static int fetch(struct jwks_source *source, struct jwks **ret_jwks)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(JWKS_TEXT_MAX);
    CURL *curl = curl_easy_init();
    long status = 0;

    if (curl == NULL)
        return -ENOMEM;
    (void)curl_easy_setopt(curl, CURLOPT_URL, source->location);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)FETCH_TIMEOUT_MS);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, buffer_receive);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, source);
    CURLcode code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK)
        return -EIO;
    if (status != 200)
        return -EPROTO;
    return jwks_parse(body.data, body.length, ret_jwks);
}

/* Called with the lock held; until the time has passed, or somebody wants something. */
static void wait_for_work(struct jwks_source *source, int64_t wait_ms)
{
    int64_t until_us = clock_monotonic_us() + wait_ms * 1000;

    while (!source->stopping && !source->wanted && thread_wait(&source->wake, &source->lock, until_us))
        ;
}

static void *fetch_for_ever(void *context)
{
    struct jwks_source *source = context;

    (void)pthread_mutex_lock(&source->lock);
    while (!source->stopping) {
        struct jwks *jwks = NULL;
        source->wanted = false;
        (void)pthread_mutex_unlock(&source->lock);
        int error = fetch(source, &jwks);
        (void)pthread_mutex_lock(&source->lock);
        if (error == 0) {
            jwks_destroy(&source->fetched);
            source->fetched = jwks;
        }
        source->fetch_error = error;
        wait_for_work(source, error == 0 ? source->refresh_ms : RETRY_MS);
    }
    (void)pthread_mutex_unlock(&source->lock);
    return NULL;
}

int jwks_source_create(const char *location, int64_t refresh_ms, int64_t max_age_ms, const struct log *log,
                       struct jwks_source **ret_source)
{
    struct jwks_source *source = calloc(1, sizeof(*source));

    if (source == NULL)
        return -ENOMEM;
    source->location = strdup(location);
    source->is_url = strstr(location, "://") != NULL;
    source->refresh_ms = refresh_ms;
    source->max_age_us = max_age_ms * 1000;
    source->log = log;
    source->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    source->wake = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    int r = source->location == NULL ? -ENOMEM : 0;
    if (r == 0 && source->is_url) {
        (void)curl_global_init(CURL_GLOBAL_DEFAULT);
        r = thread_start(&source->thread, fetch_for_ever, source);
    }
    if (r < 0) {
        free(source->location);
        free(source);
        return r;
    }
    *ret_source = source;
    return 0;
}

void jwks_source_destroy(struct jwks_source **source)
{
    if (*source == NULL)
        return;
    if ((*source)->is_url) {
        (void)pthread_mutex_lock(&(*source)->lock);
        (*source)->stopping = true;
        (void)pthread_cond_signal(&(*source)->wake);
        (void)pthread_mutex_unlock(&(*source)->lock);
        (void)pthread_join((*source)->thread, NULL);
    }
    jwks_destroy(&(*source)->fetched);
    jwks_destroy(&(*source)->current);
    free((*source)->location);
    free(*source);
    *source = NULL;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* -EALREADY: the file is the one that was read last. */
static int poll_file(struct jwks_source *source, struct jwks **ret_jwks)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(JWKS_TEXT_MAX);
    struct stat now;

    if (stat(source->location, &now) < 0) {
        source->last = (struct stat){0};
        return -errno;
    }
    if (same_file(&now, &source->last))
        return -EALREADY;
    int r = file_read(source->location, &body);
    if (r == 0)
        r = jwks_parse(body.data, body.length, ret_jwks);
    /* A broken file is not read again before it changes. */
    source->last = now;
    return r;
}

static int poll_fetched(struct jwks_source *source, struct jwks **ret_jwks)
{
    (void)pthread_mutex_lock(&source->lock);
    int r = source->fetch_error;
    if (r == 0 && source->fetched == NULL)
        r = -EALREADY;
    *ret_jwks = source->fetched;
    source->fetched = NULL;
    (void)pthread_mutex_unlock(&source->lock);
    return r;
}

static bool drop_if_old(struct jwks_source *source, int64_t now_us)
{
    if (source->current == NULL || source->max_age_us == 0 || source->seen_us + source->max_age_us > now_us)
        return false;
    LOG_ALARM(source->log, LOG_ERROR, "jwks_too_old", "process_failing",
              "the keys of tokens are too old to be trusted", "oxectl doctor",
              LOG_I64("age_s", (now_us - source->seen_us) / 1000000));
    jwks_destroy(&source->current);
    return true;
}

bool jwks_source_poll(struct jwks_source *source, int64_t now_us)
{
    struct jwks *jwks = NULL;

    if (now_us < source->next_check_us)
        return false;
    /* What a thread has fetched is looked at more often: taking it costs no system call. */
    source->next_check_us = now_us + (source->is_url ? 50 : JWKS_FILE_CHECK_MS) * INT64_C(1000);
    int r = source->is_url ? poll_fetched(source, &jwks) : poll_file(source, &jwks);
    if (r < 0 && r != -EALREADY && r != source->last_error)
        LOG(source->log, LOG_WARNING, "jwks_unavailable", LOG_ERRNO(r));
    if (r != -EALREADY)
        source->last_error = r;
    /* A file that is still the same is seen; of a URL, only what was fetched. */
    if (jwks != NULL || (!source->is_url && source->last_error == 0))
        source->seen_us = now_us;
    if (jwks == NULL)
        return drop_if_old(source, now_us);
    jwks_destroy(&source->current);
    source->current = jwks;
    LOG(source->log, jwks_count(jwks) > 0 ? LOG_INFO : LOG_WARNING, "jwks_loaded",
        LOG_I64("keys", jwks_count(jwks)));
    return true;
}

const struct jwks *jwks_source_current(const struct jwks_source *source)
{
    return source->current;
}

void jwks_source_missed(struct jwks_source *source, int64_t now_us)
{
    if (!source->is_url || now_us < source->next_early_us)
        return;
    source->next_early_us = now_us + JWKS_EARLY_FETCH_MS * INT64_C(1000);
    (void)pthread_mutex_lock(&source->lock);
    source->wanted = true;
    (void)pthread_cond_signal(&source->wake);
    (void)pthread_mutex_unlock(&source->lock);
}
