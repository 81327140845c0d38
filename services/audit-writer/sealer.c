/* SPDX-License-Identifier: Apache-2.0 */
#include "services/audit-writer/sealer.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "services/audit-writer/parts.h"
#include "services/audit-writer/seal_store.h"

enum {
    PAUSE_US = 800000,           /* between two checkpoints, so that one covers many entries */
    RETRY_US = 1000000,          /* after a failure */
    COMPLAINT_US = 60 * 1000000, /* the log is told of the same fault once in this time */
    FORMER_BYTES_MAX = 16 * 1024,
};

struct sealer {
    struct service *service;
    const struct audit_writer_config *config;
    struct db *db;
    int64_t epoch; /* of the run that is under way */
    struct note_signer *signer;
    struct seal_keys keys; /* its signer is the one above, once it is loaded */
    struct seal_memory memory;
    struct seal seal;
    uint8_t (*hashes)[MERKLE_HASH_BYTES]; /* SEAL_LEAVES_MAX */
    struct buffer note;
    int64_t due_us;
    int64_t not_before_us; /* PAUSE_US after the last checkpoint */
    int64_t complaint_us;  /* when the log may be told again */
};

int sealer_create(struct service *service, const char *process, struct sealer **ret_sealer)
{
    CLEANUP(sealer_destroy) struct sealer *sealer = calloc(1, sizeof(*sealer));

    if (sealer == NULL)
        return -ENOMEM;
    sealer->service = service;
    sealer->config = service->config;
    sealer->note = BUFFER_INIT(NOTE_TEXT_MAX);
    sealer->due_us = INT64_MAX;
    sealer->hashes = calloc(SEAL_LEAVES_MAX, sizeof(*sealer->hashes));
    int r =
        sealer->hashes != NULL ? seal_store_open(sealer->config->database, process, &sealer->db) : -ENOMEM;
    if (r < 0)
        return r;
    *ret_sealer = sealer;
    sealer = NULL;
    return 0;
}

void sealer_destroy(struct sealer **sealer)
{
    if (*sealer == NULL)
        return;
    db_destroy(&(*sealer)->db);
    note_signer_destroy(&(*sealer)->signer);
    buffer_release(&(*sealer)->note);
    free((*sealer)->hashes);
    free(*sealer);
    *sealer = NULL;
}

void sealer_expect(struct sealer *sealer)
{
    if (sealer->due_us == INT64_MAX)
        sealer->due_us = sealer->not_before_us;
}

int64_t sealer_due_us(const struct sealer *sealer)
{
    return sealer->due_us;
}

void sealer_reload(struct sealer *sealer)
{
    note_signer_destroy(&sealer->signer);
    sealer->complaint_us = 0;
    sealer_expect(sealer);
}

/* Whether the log is to be told, now. */
static bool may_complain(struct sealer *sealer)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < sealer->complaint_us)
        return false;
    sealer->complaint_us = now_us + COMPLAINT_US;
    return true;
}

static void keys_failed(struct sealer *sealer, const char *path, int r, size_t line)
{
    health_set(sealer->service->health, CHECK_CHECKPOINTS, HEALTH_FAILING, "the log's keys cannot be read");
    if (may_complain(sealer))
        LOG_ALARM(&sealer->service->log, LOG_ERROR, "checkpoint_keys_unreadable", "audit_unsealed",
                  log_errno_name(r), "oxectl doctor", LOG_TEXT("file", path), LOG_I64("line", line));
}

static int load_former(struct sealer *sealer)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(FORMER_BYTES_MAX);
    const char *path = sealer->config->former_keys;
    size_t line = 0;

    sealer->keys.former_count = 0;
    if (path[0] == '\0')
        return 0;
    int r = file_read(path, &text);
    if (r == 0)
        r = note_keys_parse(text.data, text.length, NOTE_ED25519, SEAL_FORMER_KEYS_MAX, sealer->keys.former,
                            &sealer->keys.former_count, &line);
    if (r < 0)
        keys_failed(sealer, path, r, line);
    return r;
}

/* The keys are read when they are needed first, and after a SIGHUP. */
static bool have_keys(struct sealer *sealer)
{
    const struct audit_writer_config *config = sealer->config;
    char text[NOTE_KEY_TEXT_MAX];

    if (sealer->signer != NULL)
        return true;
    if (load_former(sealer) < 0)
        return false;
    int r = note_signer_load(config->key, config->origin, NOTE_ED25519, &sealer->signer);
    if (r < 0) {
        keys_failed(sealer, config->key, r, 0);
        return false;
    }
    sealer->keys.signer = sealer->signer;
    note_key_format(note_signer_key(sealer->signer), text);
    LOG(&sealer->service->log, LOG_INFO, "checkpoint_key", LOG_TEXT("verifier", text));
    return true;
}

/* Says what the database contradicts; nothing is signed then. */
static void refuse(struct sealer *sealer, enum seal_fault fault, const struct seal_state *state)
{
    struct service *service = sealer->service;

    metrics_set(service->metrics, METRIC_CONTRADICTED, 0, 1);
    health_set(service->health, CHECK_CHECKPOINTS, HEALTH_FAILING, seal_fault_text(fault));
    if (may_complain(sealer))
        LOG_ALARM(&service->log, LOG_ERROR, "audit_log_contradicted", "audit_unsealed",
                  seal_fault_text(fault), "oxectl audit verify", LOG_I64("written", state->written.size),
                  LOG_I64("sealed", state->sealed.size), LOG_I64("signed_here", sealer->memory.size));
}

/* Reads, judges, signs and stores within the open transaction, which is left open after anything but success.
 */
static int seal_log(struct sealer *sealer, const struct seal_state *state, enum seal_fault *ret_fault)
{
    uint64_t size = seal_size(state);
    struct seal_memory memory;
    size_t count = 0;

    int r = seal_judge(state, &sealer->keys, &sealer->memory, ret_fault);
    if (r < 0 || *ret_fault != SEAL_SOUND)
        return r;
    if (size == state->sealed.size && state->note != NULL) {
        seal_store_abandon(sealer->db);
        return 0;
    }
    r = seal_store_leaves(sealer->db, state->sealed.size, size, sealer->hashes, &count);
    if (r < 0)
        return r;
    if (count != size - state->sealed.size) {
        *ret_fault = SEAL_ROWS_MISSING;
        return 0;
    }
    r = seal_extend(state, sealer->hashes, count, &sealer->seal, ret_fault);
    if (r < 0 || *ret_fault != SEAL_SOUND)
        return r;
    buffer_clear(&sealer->note);
    r = seal_sign(&sealer->seal.tree, &sealer->keys, &sealer->note, &memory);
    if (r == 0)
        r = seal_store_write(sealer->db, sealer->epoch, &sealer->seal, &sealer->note);
    if (r < 0)
        return r;
    sealer->memory = memory;
    metrics_add(sealer->service->metrics, METRIC_CHECKPOINTS, 0, 1);
    LOG(&sealer->service->log, LOG_DEBUG, "checkpoint_signed", LOG_I64("size", memory.size));
    return 0;
}

void sealer_run(struct sealer *sealer, int64_t epoch)
{
    struct service *service = sealer->service;
    enum seal_fault fault = SEAL_SOUND;
    struct seal_state state = {0};

    sealer->due_us = clock_monotonic_us() + RETRY_US;
    if (!have_keys(sealer))
        return;
    sealer->epoch = epoch;
    int r = seal_store_begin(sealer->db, epoch, &state);
    uint64_t size = r == 0 ? seal_size(&state) : 0, written = state.written.size;
    if (r == 0)
        r = seal_log(sealer, &state, &fault);
    if (r == 0 && fault == SEAL_SOUND) {
        sealer->not_before_us = clock_monotonic_us() + PAUSE_US;
        sealer->due_us = size < written ? sealer->not_before_us : INT64_MAX;
        sealer->complaint_us = 0;
        metrics_set(service->metrics, METRIC_CONTRADICTED, 0, 0);
        metrics_set(service->metrics, METRIC_CHECKPOINT_SIZE, 0, (int64_t)size);
        metrics_set(service->metrics, METRIC_UNSEALED, 0, (int64_t)(written - size));
        health_set(service->health, CHECK_CHECKPOINTS, HEALTH_OK, NULL);
        return;
    }
    if (r != -ECANCELED) /* db.h has rolled that back */
        seal_store_abandon(sealer->db);
    if (r == 0) {
        refuse(sealer, fault, &state);
        return;
    }
    metrics_add(service->metrics, METRIC_DATABASE_ERRORS, 0, 1);
    health_set(service->health, CHECK_CHECKPOINTS, HEALTH_DEGRADED, "no checkpoint could be stored");
    if (may_complain(sealer))
        LOG_ALARM(&service->log, LOG_ERROR, "checkpoint_failed", "audit_unsealed", db_error(sealer->db),
                  "oxectl doctor", LOG_ERRNO(r));
}
