/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/cosigner.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/thread.h"
#include "services/audit-writer/cosign.h"
#include "services/audit-writer/cosign_store.h"
#include "services/audit-writer/parts.h"
#include "services/audit-writer/witness_call.h"

enum {
    LOOK_US = 1000000,           /* for checkpoints that nobody told of; after a failure too */
    GRACE_US = 1000000,          /* at the end, for what waits to be published */
    COMPLAINT_US = 60 * 1000000, /* the log is told of the same once in this time */
    REQUEST_MAX = NOTE_TEXT_MAX + 64 * 64,
};

/* What the log is told of, each at its own pace. */
enum subject { SUBJECT_POLICY, SUBJECT_DATABASE, SUBJECT_CONTRADICTION, SUBJECT_QUORUM, SUBJECT_COUNT };

struct cosigner {
    struct service *service;
    const struct audit_writer_config *config;
    pthread_t thread;
    atomic_bool active, stopping, expecting, reloading; /* what the other thread says */
    struct witness_calls *calls;
    struct db *db;
    /* From here on the thread's own. */
    bool has_policy;
    struct policy policy;
    struct cosign cosign;
    uint64_t newest; /* entries of the newest checkpoint in the database */
    bool is_older;   /* than the last one that was published */
    int64_t look_at_us;
    int64_t told_us[SUBJECT_COUNT]; /* when the log may be told again */
    struct buffer request, published;
};

static bool may_tell(struct cosigner *cosigner, enum subject subject)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < cosigner->told_us[subject])
        return false;
    cosigner->told_us[subject] = now_us + COMPLAINT_US;
    return true;
}

static void say_health(struct cosigner *cosigner, enum health_status status, const char *detail)
{
    health_set(cosigner->service->health, CHECK_WITNESSES, status, detail);
}

static bool have_policy(struct cosigner *cosigner)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(POLICY_TEXT_MAX);
    const char *path = cosigner->config->policy;
    struct policy_fault fault = {.why = "it cannot be read"};
    int r = 0;

    if (atomic_exchange(&cosigner->reloading, false))
        cosigner->has_policy = false;
    if (cosigner->has_policy)
        return true;
    witness_calls_abandon(cosigner->calls);
    cosigner->policy = (struct policy){0};
    if (path[0] != '\0')
        r = file_read(path, &text);
    if (r == 0 && path[0] != '\0')
        r = policy_parse(text.data, text.length, &cosigner->policy, &fault);
    cosign_reset(&cosigner->cosign, &cosigner->policy);
    if (r < 0) {
        say_health(cosigner, HEALTH_DEGRADED, "nothing is published: the policy cannot be read");
        if (may_tell(cosigner, SUBJECT_POLICY))
            LOG_ALARM(&cosigner->service->log, LOG_ERROR, "audit_policy_unreadable", "audit_unwitnessed",
                      fault.why, "oxectl doctor", LOG_TEXT("file", path), LOG_ERRNO(r),
                      LOG_I64("line", fault.line));
        return false;
    }
    cosigner->has_policy = true;
    cosigner->told_us[SUBJECT_POLICY] = 0;
    LOG(&cosigner->service->log, LOG_INFO, "audit_policy", LOG_TEXT("file", path),
        LOG_I64("witnesses", cosigner->policy.witness_count),
        LOG_BOOL("quorum", cosigner->policy.quorum != 0));
    return true;
}

static void database_failed(struct cosigner *cosigner, const char *what, int r)
{
    metrics_add(cosigner->service->metrics, METRIC_DATABASE_ERRORS, 0, 1);
    if (may_tell(cosigner, SUBJECT_DATABASE))
        LOG_ALARM(&cosigner->service->log, LOG_ERROR, "cosigning_failed", "audit_unwitnessed",
                  db_error(cosigner->db), "oxectl doctor", LOG_TEXT("while", what), LOG_ERRNO(r));
}

/* Looks for the newest checkpoint, and makes it the target when there is none or it can have no quorum. */
static void look(struct cosigner *cosigner)
{
    int64_t now_us = clock_monotonic_us();
    struct cosign_state state;

    cosigner->look_at_us = now_us + LOOK_US;
    int r = cosign_store_read(cosigner->db, &state);
    if (r < 0) {
        database_failed(cosigner, "look", r);
        return;
    }
    cosigner->told_us[SUBJECT_DATABASE] = 0;
    cosigner->newest = state.size;
    cosigner->is_older = state.published_any && state.published > state.size;
    metrics_set(cosigner->service->metrics, METRIC_PUBLISHED_SIZE, 0, (int64_t)state.published);
    if (cosigner->cosign.pending && state.published_any && state.published >= cosigner->cosign.target.size)
        cosign_end(&cosigner->cosign); /* by another audit-writer */
    bool waits = state.note != NULL && (!state.published_any || state.published < state.size);
    bool is_next =
        !cosigner->cosign.pending || (waits && state.size > cosigner->cosign.target.size &&
                                      (cosign_is_overtaken(&cosigner->cosign) ||
                                       cosign_is_renamed(&cosigner->cosign, state.note, state.note_length)));
    if (waits && is_next)
        r = cosign_begin(&cosigner->cosign, state.note, state.note_length, now_us);
    if (r < 0)
        database_failed(cosigner, "begin", r); /* the sealer says why it is not a checkpoint */
}

/* The request: whence, the proof, the checkpoint as the log has signed it. */
static int write_request(struct cosigner *cosigner, size_t witness)
{
    struct cosign *cosign = &cosigner->cosign;
    struct buffer *request = &cosigner->request;
    uint64_t old_size = cosign->witnesses[witness].asked_from;
    struct merkle_proof proof;

    int r = cosign_store_prove(cosigner->db, old_size, cosign->target.size, &proof);
    if (r < 0)
        return r;
    buffer_clear(request);
    buffer_append_format(request, "old %" PRIu64 "\n", old_size);
    merkle_proof_append(&proof, request);
    buffer_append(request, cosign->note.data, cosign->note.length);
    return request->error;
}

/* Asks every witness that is to be asked now. Returns when there is more to ask. */
static int64_t ask(struct cosigner *cosigner)
{
    int64_t due_us, now_us = clock_monotonic_us();
    size_t witness;

    while (cosign_next(&cosigner->cosign, now_us, &witness, &due_us)) {
        int r = write_request(cosigner, witness);
        if (r == 0)
            r = witness_calls_begin(cosigner->calls, witness, cosigner->policy.witnesses[witness].url,
                                    &cosigner->request);
        if (r == 0)
            continue;
        cosign_put_off(&cosigner->cosign, witness, now_us);
        database_failed(cosigner, "ask", r);
    }
    return due_us;
}

static void take_answers(struct cosigner *cosigner)
{
    const struct buffer *body;
    long status;
    size_t witness;

    while (witness_calls_take(cosigner->calls, &witness, &status, &body)) {
        cosign_answer(&cosigner->cosign, witness, status, body->data, body->length, clock_monotonic_us());
        if (cosigner->cosign.witnesses[witness].trouble == COSIGN_AHEAD)
            cosigner->look_at_us = 0; /* another audit-writer may have signed meanwhile */
        if (!cosigner->cosign.witnesses[witness].cosigned)
            metrics_add(cosigner->service->metrics, METRIC_WITNESS_REFUSALS, 0, 1);
        LOG(&cosigner->service->log, LOG_DEBUG, "witness_answered",
            LOG_TEXT("witness", cosigner->policy.witnesses[witness].name), LOG_I64("status", status),
            LOG_I64("size", cosigner->cosign.witnesses[witness].asked_size));
    }
}

static void publish(struct cosigner *cosigner)
{
    struct cosign *cosign = &cosigner->cosign;

    buffer_clear(&cosigner->published);
    cosign_append_note(cosign, &cosigner->published);
    int r = buffer_failed(&cosigner->published)
                ? cosigner->published.error
                : cosign_store_publish(cosigner->db, cosign->target.size, &cosigner->published);
    if (r < 0) {
        database_failed(cosigner, "publish", r);
        return;
    }
    metrics_set(cosigner->service->metrics, METRIC_PUBLISHED_SIZE, 0, (int64_t)cosign->target.size);
    LOG(&cosigner->service->log, LOG_DEBUG, "checkpoint_published", LOG_I64("size", cosign->target.size));
    if (cosigner->told_us[SUBJECT_QUORUM] != 0)
        LOG(&cosigner->service->log, LOG_INFO, "checkpoint_witnessed_again",
            LOG_I64("size", cosign->target.size));
    cosigner->told_us[SUBJECT_QUORUM] = 0;
    cosign_end(cosign);
    cosigner->look_at_us = 0;
}

/* What readiness and the log are told. */
static void judge(struct cosigner *cosigner)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    const struct log *log = &cosigner->service->log;
    int64_t now_us = clock_monotonic_us();
    bool contradicted = cosigner->is_older || cosign_is_contradicted(&cosigner->cosign, cosigner->newest);
    bool late = cosign_is_late(&cosigner->cosign, now_us);

    metrics_set(cosigner->service->metrics, METRIC_WITNESS_CONTRADICTS, 0, contradicted);
    metrics_set(cosigner->service->metrics, METRIC_UNWITNESSED, 0, late);
    if (contradicted)
        buffer_append_text(&text, cosigner->is_older
                                      ? "the database is older than a checkpoint that was published"
                                      : "a witness contradicts the log: it was changed or put back");
    else if (late)
        buffer_append_format(&text, "no quorum of witnesses for %" PRId64 " s",
                             (now_us - cosigner->cosign.since_us) / 1000000);
    else
        cosigner->told_us[SUBJECT_CONTRADICTION] = 0;
    if (text.length == 0) {
        say_health(cosigner, HEALTH_OK, NULL);
        return;
    }
    cosign_append_complaint(&cosigner->cosign, &text);
    say_health(cosigner, HEALTH_DEGRADED, text.data);
    if (may_tell(cosigner, contradicted ? SUBJECT_CONTRADICTION : SUBJECT_QUORUM))
        LOG_ALARM(log, LOG_ERROR, contradicted ? "witness_contradicts" : "checkpoint_unwitnessed",
                  "audit_unwitnessed", text.data, "oxectl audit heads", LOG_I64("newest", cosigner->newest));
}

/* One turn; returns when the next is due. */
static int64_t work(struct cosigner *cosigner)
{
    int64_t due_us = INT64_MAX;

    if (!have_policy(cosigner))
        return clock_monotonic_us() + LOOK_US;
    take_answers(cosigner);
    if (atomic_exchange(&cosigner->expecting, false) || clock_monotonic_us() >= cosigner->look_at_us)
        look(cosigner);
    if (cosign_is_met(&cosigner->cosign)) {
        publish(cosigner);
        if (!cosigner->cosign.pending)
            return 0;
    } else {
        due_us = ask(cosigner);
    }
    judge(cosigner);
    return due_us < cosigner->look_at_us ? due_us : cosigner->look_at_us;
}

static void rest(struct cosigner *cosigner)
{
    if (cosigner->has_policy)
        witness_calls_abandon(cosigner->calls);
    cosigner->has_policy = false; /* so that all begins anew */
    cosigner->cosign.pending = false;
    metrics_set(cosigner->service->metrics, METRIC_WITNESS_CONTRADICTS, 0, 0); /* the active one tells */
    metrics_set(cosigner->service->metrics, METRIC_UNWITNESSED, 0, 0);
    say_health(cosigner, HEALTH_OK, "standby");
}

static void *run(void *context)
{
    struct cosigner *cosigner = context;
    int64_t end_us = INT64_MAX;

    for (;;) {
        if (end_us == INT64_MAX && atomic_load(&cosigner->stopping))
            end_us = clock_monotonic_us() + GRACE_US;
        int64_t due_us = INT64_MAX, now_us = clock_monotonic_us();
        if (now_us >= end_us)
            return NULL;
        if (atomic_load(&cosigner->active))
            due_us = work(cosigner);
        else
            rest(cosigner);
        now_us = clock_monotonic_us();
        if (end_us != INT64_MAX && due_us > now_us && !cosigner->cosign.pending &&
            !atomic_load(&cosigner->expecting))
            return NULL;
        int64_t wait_us = due_us <= now_us ? 0 : due_us - now_us;
        witness_calls_wait(cosigner->calls, wait_us < LOOK_US ? (int)(wait_us / 1000 + (wait_us > 0)) : 1000);
    }
}

static void release(struct cosigner **cosigner)
{
    if (*cosigner == NULL)
        return;
    witness_calls_destroy(&(*cosigner)->calls);
    db_destroy(&(*cosigner)->db);
    buffer_release(&(*cosigner)->cosign.note);
    buffer_release(&(*cosigner)->request);
    buffer_release(&(*cosigner)->published);
    free(*cosigner);
    *cosigner = NULL;
}

int cosigner_create(struct service *service, const char *process, struct cosigner **ret_cosigner)
{
    CLEANUP(release) struct cosigner *cosigner = calloc(1, sizeof(*cosigner));

    if (cosigner == NULL)
        return -ENOMEM;
    cosigner->service = service;
    cosigner->config = service->config;
    cosigner->cosign.note = BUFFER_INIT(NOTE_TEXT_MAX);
    cosigner->request = BUFFER_INIT(REQUEST_MAX);
    cosigner->published = BUFFER_INIT(NOTE_TEXT_MAX);
    cosign_reset(&cosigner->cosign, &cosigner->policy);
    int r = witness_calls_create(&cosigner->calls);
    if (r == 0)
        r = cosign_store_open(cosigner->config->database, process, &cosigner->db);
    if (r == 0)
        r = thread_start(&cosigner->thread, run, cosigner);
    if (r < 0)
        return r;
    *ret_cosigner = cosigner;
    cosigner = NULL;
    return 0;
}

void cosigner_destroy(struct cosigner **cosigner)
{
    if (*cosigner == NULL)
        return;
    atomic_store(&(*cosigner)->stopping, true);
    witness_calls_wake((*cosigner)->calls);
    (void)pthread_join((*cosigner)->thread, NULL);
    release(cosigner);
}

void cosigner_set_active(struct cosigner *cosigner, bool active)
{
    if (atomic_exchange(&cosigner->active, active) == active)
        return;
    atomic_store(&cosigner->expecting, true);
    witness_calls_wake(cosigner->calls);
}

void cosigner_expect(struct cosigner *cosigner)
{
    atomic_store(&cosigner->expecting, true);
    witness_calls_wake(cosigner->calls);
}

void cosigner_reload(struct cosigner *cosigner)
{
    atomic_store(&cosigner->reloading, true);
    witness_calls_wake(cosigner->calls);
}
