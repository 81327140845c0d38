/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/stamper.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/thread.h"
#include "proto/note.h"
#include "proto/timestamp.h"
#include "services/audit-writer/parts.h"

#include "stamp_sql.h"

enum {
    LOOK_S = 10,   /* between two looks at the database */
    RETRY_S = 60,  /* after a failure */
    LATE_S = 3600, /* a stamp that has been due so long is missed */
    CLOCKS_APART_S = 600,
    ANSWER_MS = 10000,
    CONNECT_MS = 1000,
    STATEMENT_MS = 5000,
};

static const int64_t day_us = INT64_C(86400) * 1000000;

struct stamper {
    struct service *service;
    const struct audit_writer_config *config;
    pthread_t thread;
    int wake_fd;                  /* eventfd */
    atomic_bool active, stopping; /* what the other thread says */
    /* From here on the thread's own. */
    struct db *db;
    struct buffer request, answer;
    int64_t due_since_us; /* monotonic; 0: none is due */
    bool told;
};

static void say_health(struct stamper *stamper, enum health_status status, const char *detail)
{
    health_set(stamper->service->health, CHECK_TIME_STAMPS, status, detail);
}

static void end_due(struct stamper *stamper)
{
    if (stamper->told)
        LOG(&stamper->service->log, LOG_INFO, "checkpoint_stamped_again");
    stamper->told = false;
    stamper->due_since_us = 0;
    say_health(stamper, HEALTH_OK, NULL);
}

/* Returns r. */
static int failed(struct stamper *stamper, const char *what, int r)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    int64_t now_us = clock_monotonic_us();

    if (stamper->due_since_us == 0)
        stamper->due_since_us = now_us;
    LOG(&stamper->service->log, LOG_WARNING, "stamping_failed", LOG_TEXT("why", what), LOG_ERRNO(r));
    if (now_us - stamper->due_since_us < LATE_S * INT64_C(1000000))
        return r;
    buffer_append_format(&text, "no time stamp for %" PRId64 " minutes: %s",
                         (now_us - stamper->due_since_us) / 60000000, what);
    say_health(stamper, HEALTH_DEGRADED, text.data);
    if (!stamper->told)
        LOG_ALARM(&stamper->service->log, LOG_ERROR, "checkpoint_unstamped", "process_degraded", text.data,
                  "oxectl audit stamp --help");
    stamper->told = true;
    return r;
}

/* --- the authority --- */

/* Ends the call when the process is to end. */
static int on_progress(void *context, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped)
{
    struct stamper *stamper = context;

    (void)down, (void)downed, (void)up, (void)upped;
    return atomic_load(&stamper->stopping) ? 1 : 0;
}

static void easy_cleanup(CURL **easy)
{
    curl_easy_cleanup(*easy);
}

static void list_free(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

/* NULL, or what is wrong. */
static const char *call(struct stamper *stamper)
{
    CLEANUP(easy_cleanup) CURL *easy = curl_easy_init();
    CLEANUP(list_free)
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
    long status = 0;

    buffer_clear(&stamper->answer);
    if (easy == NULL || headers == NULL ||
        curl_easy_setopt(easy, CURLOPT_URL, stamper->config->tsa) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)stamper->request.length) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, stamper->request.data) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, stamper) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, buffer_receive) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &stamper->answer) != CURLE_OK)
        return "the authority's address cannot be used";
    if (curl_easy_perform(easy) != CURLE_OK)
        return "the authority does not answer";
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 ? NULL : "the authority answers otherwise than with 200";
}

static const char *what_is_wrong(int r)
{
    switch (r) {
    case -EACCES:
        return "the authority refuses";
    case -ENOENT:
        return "the authorities' certificates cannot be read";
    case -EBADMSG:
        return "the authority's answer is no stamp of this checkpoint";
    default:
        return "there is no memory";
    }
}

/* Asks for a stamp over the note's text; the answer stays in stamper->answer. */
static int ask(struct stamper *stamper, const struct note *note, struct instant *ret_time)
{
    uint8_t nonce[TIMESTAMP_NONCE_BYTES];

    if (RAND_bytes(nonce, sizeof(nonce)) != 1)
        return failed(stamper, "there is no randomness", -EIO);
    buffer_clear(&stamper->request);
    int r = timestamp_request(note->text, note->text_length, nonce, &stamper->request);
    if (r < 0)
        return failed(stamper, what_is_wrong(r), r);
    const char *wrong = call(stamper);
    if (wrong != NULL)
        return failed(stamper, wrong, -EIO);
    r = timestamp_verify((const uint8_t *)stamper->answer.data, stamper->answer.length, note->text,
                         note->text_length, nonce, stamper->config->tsa_roots, ret_time);
    if (r < 0)
        return failed(stamper, what_is_wrong(r), r);
    if (llabs(ret_time->us - clock_now().us) > CLOCKS_APART_S * INT64_C(1000000))
        return failed(stamper, "the authority's clock and ours are apart", -ERANGE);
    return 0;
}

/* --- the database --- */

static int write_stamp(struct stamper *stamper, int64_t size, const char *note, struct instant at)
{
    struct db_args *args = db_args_begin(stamper->db);

    db_args_i64(args, size);
    db_args_text(args, note);
    db_args_bytes(args, (const uint8_t *)stamper->answer.data, stamper->answer.length);
    db_args_instant(args, at);
    int r = db_run(stamper->db, SQL_STAMP_WRITE, args, STATEMENT_MS, NULL);
    return r < 0 ? failed(stamper, "the database does not take it", r) : 0;
}

static int stamp(struct stamper *stamper, int64_t size, const char *text)
{
    CLEANUP_FREE char *copy = strdup(text); /* of the result, which the next statement ends */
    struct note note;
    struct instant at;

    if (copy == NULL || note_parse(copy, strlen(copy), &note) < 0)
        return failed(stamper, "the last checkpoint cannot be read", -EBADMSG);
    int r = ask(stamper, &note, &at);
    if (r == 0)
        r = write_stamp(stamper, size, copy, at);
    if (r < 0)
        return r;
    LOG(&stamper->service->log, LOG_INFO, "checkpoint_stamped", LOG_I64("size", size));
    end_due(stamper);
    return 0;
}

/* One turn; returns for how many seconds to wait. */
static int work(struct stamper *stamper)
{
    const PGresult *result = NULL;

    int r = db_ensure(stamper->db, CONNECT_MS);
    if (r == 0)
        r = db_run(stamper->db, SQL_STAMP_STATE, NULL, STATEMENT_MS, &result);
    if (r < 0)
        return LOOK_S; /* other checks tell of the database */
    bool stamped =
        !db_is_null(result, 0, 2) && db_get_instant(result, 0, 2).us / day_us >= clock_now().us / day_us;
    if (stamped || db_is_null(result, 0, 0)) {
        end_due(stamper);
        return LOOK_S;
    }
    return stamp(stamper, db_get_i64(result, 0, 0), db_get_text(result, 0, 1)) < 0 ? RETRY_S : LOOK_S;
}

static void rest(struct stamper *stamper)
{
    stamper->due_since_us = 0;
    stamper->told = false;
    say_health(stamper, HEALTH_OK, "standby");
}

static void wait_for(struct stamper *stamper, int seconds)
{
    struct pollfd wake = {.fd = stamper->wake_fd, .events = POLLIN};
    eventfd_t count;

    if (poll(&wake, 1, seconds * 1000) > 0)
        (void)eventfd_read(stamper->wake_fd, &count);
}

static void *run(void *context)
{
    struct stamper *stamper = context;

    while (!atomic_load(&stamper->stopping)) {
        int seconds = LOOK_S;
        if (atomic_load(&stamper->active))
            seconds = work(stamper);
        else
            rest(stamper);
        wait_for(stamper, seconds);
    }
    return NULL;
}

static void release(struct stamper **stamper)
{
    if (*stamper == NULL)
        return;
    cleanup_close(&(*stamper)->wake_fd);
    db_destroy(&(*stamper)->db);
    buffer_release(&(*stamper)->request);
    buffer_release(&(*stamper)->answer);
    free(*stamper);
    *stamper = NULL;
}

int stamper_create(struct service *service, const char *process, struct stamper **ret_stamper)
{
    CLEANUP(release) struct stamper *stamper = calloc(1, sizeof(*stamper));

    if (stamper == NULL)
        return -ENOMEM;
    stamper->service = service;
    stamper->config = service->config;
    stamper->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    stamper->request = BUFFER_INIT(0);
    stamper->answer = BUFFER_INIT(TIMESTAMP_MAX);
    int r = stamper->wake_fd < 0 ? -errno : 0;
    say_health(stamper, HEALTH_OK, stamper->config->tsa[0] == '\0' ? "no authority is configured" : NULL);
    if (r == 0 && stamper->config->tsa[0] != '\0') {
        r = db_create(stamper->config->database, process, statements, ARRAY_LEN(statements), &stamper->db);
        if (r == 0)
            r = thread_start(&stamper->thread, run, stamper);
    }
    if (r < 0)
        return r;
    *ret_stamper = stamper;
    stamper = NULL;
    return 0;
}

void stamper_destroy(struct stamper **stamper)
{
    if (*stamper == NULL)
        return;
    if ((*stamper)->db != NULL) {
        atomic_store(&(*stamper)->stopping, true);
        (void)eventfd_write((*stamper)->wake_fd, 1);
        (void)pthread_join((*stamper)->thread, NULL);
    }
    release(stamper);
}

void stamper_set_active(struct stamper *stamper, bool active)
{
    if (stamper->db == NULL || atomic_exchange(&stamper->active, active) == active)
        return;
    (void)eventfd_write(stamper->wake_fd, 1);
}
