/* SPDX-License-Identifier: Apache-2.0 */
#include "services/witness/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/http_port.h"
#include "services/witness/record.h"

enum {
    KEYS_TEXT_MAX = 16 * 1024,
    PATH_BYTES = CONFIG_TEXT_MAX + 8,
    OUTCOME_MALFORMED = ADD_VERDICT_COUNT,
    OUTCOME_FAILED,
};

static const char text_plain[] = "text/plain; charset=utf-8";

const char *const witness_outcomes[] = {
    [ADD_COSIGN] = "cosigned",         [ADD_UNKNOWN_LOG] = "unknown_log", [ADD_UNKNOWN_KEY] = "unknown_key",
    [ADD_BACKWARDS] = "backwards",     [ADD_OTHER_SIZE] = "other_size",   [ADD_INCONSISTENT] = "inconsistent",
    [OUTCOME_MALFORMED] = "malformed", [OUTCOME_FAILED] = "failed",       NULL,
};

/* All state of the process. While the port works, it is the port's thread's alone. */
struct witness {
    struct service *service;
    const struct witness_config *config;
    int lock_fd; /* held for life: two witnesses with one state would each cosign what the other has not seen
                  */
    struct note_signer *signer;
    struct add_logs logs;
    struct record record;
    struct http_port *port;
};

static int load_logs(struct witness *witness)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(KEYS_TEXT_MAX);
    const char *path = witness->config->logs;
    struct add_logs logs = {0};
    size_t line = 0;

    int r = file_read(path, &text);
    if (r == 0)
        r = note_keys_parse(text.data, text.length, NOTE_ED25519, ADD_LOGS_MAX, logs.keys, &logs.count,
                            &line);
    if (r < 0) {
        health_set(witness->service->health, CHECK_LOGS, HEALTH_DEGRADED, "the logs' keys cannot be read");
        LOG_ALARM(&witness->service->log, LOG_ERROR, "witness_logs_unreadable", "process_degraded",
                  log_errno_name(r), "oxectl doctor", LOG_TEXT("file", path), LOG_I64("line", line));
        return r;
    }
    witness->logs = logs;
    health_set(witness->service->health, CHECK_LOGS, HEALTH_OK, NULL);
    return 0;
}

/* A file that is not there is a witness that has seen nothing yet. */
static int load_record(struct witness *witness)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(RECORD_TEXT_MAX);
    const struct log *log = &witness->service->log;
    const char *path = witness->config->state, *why = "it cannot be read";
    size_t line = 0;

    int r = file_read(path, &text);
    if (r == -ENOENT) {
        LOG(log, LOG_WARNING, "witness_state_new", LOG_TEXT("file", path));
        return 0;
    }
    if (r == 0)
        r = record_parse(text.data, text.length, &witness->record, &line, &why);
    if (r < 0)
        LOG_ALARM(log, LOG_ERROR, "witness_state_unreadable", "process_down", why, "oxectl doctor",
                  LOG_TEXT("file", path), LOG_ERRNO(r), LOG_I64("line", line));
    for (size_t i = 0; r == 0 && i < witness->record.count; i++)
        LOG(log, LOG_INFO, "witness_remembers", LOG_TEXT("origin", witness->record.logs[i].origin),
            LOG_I64("size", witness->record.logs[i].size));
    return r;
}

/* On disk first, in memory then. */
static int remember(struct witness *witness, const struct checkpoint *checkpoint)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(RECORD_TEXT_MAX);
    struct record record = witness->record;
    struct service *service = witness->service;
    char detail[HEALTH_DETAIL_MAX];

    int r = record_set(&record, checkpoint);
    if (r == 0)
        record_append(&record, &text);
    if (r == 0)
        r = buffer_failed(&text) ? text.error : file_replace(witness->config->state, text.data, text.length);
    if (r < 0) {
        (void)snprintf(detail, sizeof(detail), "the state cannot be written: %s", strerror(-r));
        health_set(service->health, CHECK_STATE, HEALTH_FAILING, detail);
        metrics_add(service->metrics, METRIC_STATE_ERRORS, 0, 1);
        LOG_ALARM(&service->log, LOG_ERROR, "witness_state_unwritable", "disk_full", log_errno_name(r),
                  "oxectl doctor", LOG_TEXT("file", witness->config->state));
        return r;
    }
    witness->record = record;
    health_set(service->health, CHECK_STATE, HEALTH_OK, NULL);
    return 0;
}

static void count(struct witness *witness, size_t outcome)
{
    metrics_add(witness->service->metrics, METRIC_REQUESTS, outcome, 1);
}

static void say(struct http_port_answer *answer, int status, const char *text)
{
    buffer_clear(answer->body);
    answer->status = status;
    answer->content_type = text_plain;
    buffer_append_text(answer->body, text);
    buffer_append_char(answer->body, '\n');
}

static void fail(struct witness *witness, struct http_port_answer *answer, const char *text)
{
    count(witness, OUTCOME_FAILED);
    say(answer, 503, text);
}

/* The refusal of a checkpoint that a log has signed may be all that shows that it lies: it is in our log. */
static void refuse(struct witness *witness, const struct add_checkpoint *request, const struct add_seen *seen,
                   enum add_verdict verdict, struct http_port_answer *answer)
{
    uint64_t seen_size = seen == NULL ? 0 : seen->size;

    LOG_ALARM(&witness->service->log, verdict == ADD_INCONSISTENT ? LOG_ERROR : LOG_WARNING,
              "checkpoint_refused", "audit_unwitnessed", add_verdict_text(verdict), "oxectl audit heads",
              LOG_TEXT("origin", request->checkpoint.origin), LOG_I64("size", request->checkpoint.size),
              LOG_I64("old_size", request->old_size), LOG_I64("seen_size", seen_size));
    count(witness, verdict);
    say(answer, add_verdict_status(verdict), add_verdict_text(verdict));
    if (verdict == ADD_OTHER_SIZE) {
        buffer_clear(answer->body);
        answer->content_type = "text/x.tlog.size";
        buffer_append_format(answer->body, "%" PRIu64 "\n", seen_size);
    }
}

static void cosign(struct witness *witness, const struct add_checkpoint *request,
                   struct http_port_answer *answer)
{
    const struct note *note = &request->note;
    int64_t now_us = clock_now().us;

    if (now_us < 1000000) {
        fail(witness, answer, "the clock here is not set");
        return;
    }
    if (remember(witness, &request->checkpoint) < 0) {
        fail(witness, answer, "what was seen cannot be kept, so nothing is cosigned");
        return;
    }
    answer->status = 200;
    answer->content_type = text_plain;
    int r =
        note_sign(witness->signer, note->text, note->text_length, (uint64_t)now_us / 1000000, answer->body);
    if (r < 0) {
        LOG_ALARM(&witness->service->log, LOG_ERROR, "cosigning_failed", "audit_unwitnessed",
                  log_errno_name(r), "oxectl doctor");
        fail(witness, answer, "it cannot be signed here");
        return;
    }
    count(witness, ADD_COSIGN);
    LOG(&witness->service->log, LOG_DEBUG, "checkpoint_cosigned",
        LOG_TEXT("origin", request->checkpoint.origin), LOG_I64("size", request->checkpoint.size));
}

static void answer_request(void *context, const struct http_port_request *http,
                           struct http_port_answer *answer)
{
    struct witness *witness = context;
    struct add_checkpoint request;
    enum add_verdict verdict;

    if (!http_port_is_path(http, "/add-checkpoint")) {
        http_port_problem(answer, 404);
        return;
    }
    if (!http_port_is_method(http, "POST")) {
        answer->allow = "POST";
        http_port_problem(answer, 405);
        return;
    }
    if (add_checkpoint_parse(http->body, http->body_length, &request) < 0) {
        count(witness, OUTCOME_MALFORMED);
        say(answer, 400, "this is no request for a cosignature (C2SP tlog-witness)");
        return;
    }
    const struct add_seen *seen = record_find(&witness->record, request.checkpoint.origin);
    int r = add_checkpoint_judge(&request, &witness->logs, seen, &verdict);
    if (r < 0)
        fail(witness, answer, "there is no memory left; try again shortly");
    else if (verdict != ADD_COSIGN)
        refuse(witness, &request, seen, verdict, answer);
    else
        cosign(witness, &request, answer);
}

static void turn(void *context)
{
    struct witness *witness = context;

    service_beat(witness->service);
    if (service_take_reload(witness->service))
        (void)load_logs(witness); /* what cannot be read leaves the former ones in force */
}

static int lock_state(struct witness *witness)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof(path), "%s.lock", witness->config->state);
    witness->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = witness->lock_fd < 0 || flock(witness->lock_fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
    if (r < 0)
        LOG_ALARM(&witness->service->log, LOG_ERROR,
                  r == -EWOULDBLOCK ? "witness_state_in_use" : "witness_state_unwritable", "process_down",
                  log_errno_name(r), "oxectl doctor", LOG_TEXT("file", path));
    return r;
}

static int load_key(struct witness *witness)
{
    const struct witness_config *config = witness->config;
    const struct log *log = &witness->service->log;
    char text[NOTE_KEY_TEXT_MAX];

    int r = note_signer_load(config->key, config->name, NOTE_COSIGNATURE, &witness->signer);
    if (r < 0) {
        LOG_ALARM(log, LOG_ERROR, "witness_key_unreadable", "process_down", log_errno_name(r),
                  "oxectl doctor", LOG_TEXT("file", config->key));
        return r;
    }
    note_key_format(note_signer_key(witness->signer), text);
    LOG(log, LOG_INFO, "witness_key", LOG_TEXT("verifier", text));
    return 0;
}

static void watch_disk(const struct witness *witness)
{
    char folder[CONFIG_TEXT_MAX];
    const char *slash = strrchr(witness->config->state, '/');
    int length = slash == NULL ? 0 : (int)(slash - witness->config->state);

    (void)snprintf(folder, sizeof(folder), "%.*s", length, witness->config->state);
    health_watch_disk(witness->service->health, slash == NULL ? "." : length == 0 ? "/" : folder);
}

static void tear_down(struct witness *witness)
{
    http_port_stop(&witness->port);
    note_signer_destroy(&witness->signer);
    cleanup_close(&witness->lock_fd);
}

int witness_run(struct service *service)
{
    static const struct http_port_class class = {
        .entity_max = ADD_BODY_MAX, .answer = answer_request, .turn = turn};
    CLEANUP(tear_down)
    struct witness witness = {.service = service, .config = service->config, .lock_fd = -1};
    struct pollfd stop = {.fd = service->stop_fd, .events = POLLIN};

    int r = load_key(&witness);
    if (r == 0)
        r = load_logs(&witness);
    if (r == 0)
        r = lock_state(&witness);
    if (r == 0)
        r = load_record(&witness);
    if (r < 0)
        return r;
    health_set(service->health, CHECK_STATE, HEALTH_OK, NULL);
    watch_disk(&witness);
    r = http_port_start(witness.config->listen, &class, &witness, &witness.port);
    if (r < 0) {
        LOG_ALARM(&service->log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r),
                  "oxectl doctor", LOG_TEXT("listen", witness.config->listen));
        return r;
    }
    while (!service_stopping(service))
        (void)poll(&stop, 1, -1);
    return 0;
}
