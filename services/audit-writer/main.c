/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-audit-writer: see audit_writer.h. */
#include <string.h>

#include "common/cleanup.h"
#include "common/suite_config.h"
#include "proto/note.h"
#include "services/audit-writer/audit_writer.h"

static const char *check_origin(const char *text)
{
    return note_name_is_valid(text, strlen(text))
               ? NULL
               : "is no name: no blanks, no '+', as in oxe.example.com/log";
}

static const char *check_tsa(const char *text)
{
    return text[0] == '\0' || strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0
               ? NULL
               : "is no URL: http://… or https://…";
}

/* NULL or a sentence. */
static const char *check_config(const void *config)
{
    const struct audit_writer_config *own = config;

    return (own->tsa[0] == '\0') == (own->tsa_roots[0] == '\0')
               ? NULL
               : "OXE_AUDIT_TSA and OXE_AUDIT_TSA_ROOTS go together: a stamp that nobody checks says nothing";
}

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct audit_writer_config),
    SERVICE_CONFIG_TRACES(struct audit_writer_config),
    SUITE_CONFIG_DATABASE(struct audit_writer_config,
                          "oxe_audit; a direct connection, never through a pooler"),
    {"OXE_AUDIT_BIND", CONFIG_TEXT, offsetof(struct audit_writer_config, bind), NULL, 1, 200,
     "endpoint at which wakes arrive", NULL},
    {"OXE_BROADCASTER", CONFIG_TEXT, offsetof(struct audit_writer_config, broadcaster), NULL, 1, 200,
     "endpoint of the status-broadcaster", NULL},
    {"OXE_AUDIT_ROWS_MAX", CONFIG_INTEGER, offsetof(struct audit_writer_config, rows_max), "200", 1, 1000,
     "outbox rows that one transaction takes at most", NULL},
    {"OXE_AUDIT_ORIGIN", CONFIG_TEXT, offsetof(struct audit_writer_config, origin), NULL, 1,
     NOTE_NAME_MAX - 1,
     "name of this installation's log in its checkpoints, as oxe.example.com/log; never changes",
     check_origin},
    {"OXE_AUDIT_KEY", CONFIG_TEXT, offsetof(struct audit_writer_config, key), NULL, 1, 500,
     "file of the Ed25519 private key (PEM) that signs checkpoints; read again at SIGHUP", NULL},
    {"OXE_AUDIT_FORMER_KEYS", CONFIG_TEXT, offsetof(struct audit_writer_config, former_keys), "", 0, 500,
     "file of the verifier keys of keys that signed before, one a line", NULL},
    SUITE_CONFIG_AUDIT_POLICY(struct audit_writer_config, policy),
    {"OXE_AUDIT_TSA", CONFIG_TEXT, offsetof(struct audit_writer_config, tsa), "", 0, 500,
     "URL of a time-stamping authority (RFC 3161) that stamps a checkpoint each day; empty: none does",
     check_tsa},
    {"OXE_AUDIT_TSA_ROOTS", CONFIG_TEXT, offsetof(struct audit_writer_config, tsa_roots), "", 0, 500,
     "PEM file of the certificates that the authority's own must lead to", NULL},
    PIPE_CONFIG_ITEMS(struct audit_writer_config),
};

static const char *const checks[] = {
    [CHECK_POSTGRESQL] = "postgresql",   [CHECK_BROADCASTER] = "status-broadcaster",
    [CHECK_CHECKPOINTS] = "checkpoints", [CHECK_WITNESSES] = "witnesses",
    [CHECK_TIME_STAMPS] = "time_stamps", [CHECK_CLOCK] = CLOCK_WATCH_CHECK,
};

static const struct metric_def metrics[] = {
    [METRIC_ACTIVE] = {"oxe_audit_active", METRIC_GAUGE, "1 in the audit-writer that holds the lock", NULL,
                       NULL},
    [METRIC_ROWS] = {"oxe_audit_rows_total", METRIC_COUNTER, "outbox rows taken", NULL, NULL},
    [METRIC_EVENTS] = {"oxe_audit_events_total", METRIC_COUNTER, "events recorded", NULL, NULL},
    [METRIC_BATCHES] = {"oxe_audit_batches_total", METRIC_COUNTER, "transactions that took rows", NULL, NULL},
    [METRIC_PUT_ASIDE] = {"oxe_audit_put_aside_total", METRIC_COUNTER, "outbox rows that could not be read",
                          NULL, NULL},
    [METRIC_BAD_WAKES] = {"oxe_audit_bad_wakes_total", METRIC_COUNTER, "messages that were no wakes", NULL,
                          NULL},
    [METRIC_DATABASE_ERRORS] = {"oxe_audit_database_errors_total", METRIC_COUNTER, "failed database calls",
                                NULL, NULL},
    [METRIC_NOT_BROADCAST] = {"oxe_audit_not_broadcast_total", METRIC_COUNTER,
                              "recorded events that the status-broadcaster could not be told", NULL, NULL},
    [METRIC_BATCH_ROWS] = {"oxe_audit_batch_rows", METRIC_GAUGE, "outbox rows of the last batch", NULL, NULL},
    [METRIC_BATCH_EVENTS] = {"oxe_audit_batch_events", METRIC_GAUGE, "events of the last batch", NULL, NULL},
    [METRIC_LAG] = {"oxe_audit_lag_seconds", METRIC_GAUGE_MILLIONTHS,
                    "age of the oldest outbox row at the last sweep", NULL, NULL},
    [METRIC_OUTBOX_AGE] = {"oxe_audit_outbox_age_seconds", METRIC_HISTOGRAM,
                           "age of the oldest row of a batch", NULL, NULL},
    [METRIC_EVENT_AGE] = {"oxe_audit_event_age_seconds", METRIC_HISTOGRAM,
                          "from an event's happening to its recording", NULL, NULL},
    [METRIC_TAKE_TIME] = {"oxe_audit_take_seconds", METRIC_HISTOGRAM, "taking rows from the outbox", NULL,
                          NULL},
    [METRIC_COMMIT_TIME] = {"oxe_audit_commit_seconds", METRIC_HISTOGRAM,
                            "from the rows' arrival to the commit", NULL, NULL},
    [METRIC_CHECKPOINTS] = {"oxe_audit_checkpoints_total", METRIC_COUNTER, "checkpoints signed", NULL, NULL},
    [METRIC_CHECKPOINT_SIZE] = {"oxe_audit_checkpoint_size", METRIC_GAUGE,
                                "entries that the last checkpoint covers", NULL, NULL},
    [METRIC_UNSEALED] = {"oxe_audit_unsealed_entries", METRIC_GAUGE,
                         "entries behind the last checkpoint when it was signed", NULL, NULL},
    [METRIC_CONTRADICTED] = {"oxe_audit_contradicted", METRIC_GAUGE,
                             "1 while the database contradicts what was signed", NULL, NULL},
    [METRIC_PUBLISHED_SIZE] = {"oxe_audit_published_size", METRIC_GAUGE,
                               "entries that the last published checkpoint covers", NULL, NULL},
    [METRIC_UNWITNESSED] = {"oxe_audit_unwitnessed", METRIC_GAUGE,
                            "1 while a checkpoint has waited for its quorum of witnesses for 10 s", NULL,
                            NULL},
    [METRIC_WITNESS_CONTRADICTS] = {"oxe_audit_witness_contradicts", METRIC_GAUGE,
                                    "1 while a witness has seen what the log does not have", NULL, NULL},
    [METRIC_WITNESS_REFUSALS] = {"oxe_audit_witness_refusals_total", METRIC_COUNTER,
                                 "questions to witnesses that brought no cosignature", NULL, NULL},
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};

_Static_assert(ARRAY_LEN(metrics) == METRIC_COUNT, "every metric is declared");
_Static_assert(ARRAY_LEN(checks) == CHECK_COUNT, "every check is named");

static const struct service_class class = {
    .name = "audit-writer",
    .summary = "Records every event in the audit log, once and in order, and passes it on to the "
               "status-broadcaster.",
    .manual =
        "Several may run: one is active, the others take over when its database session ends or its "
        "heartbeat\n"
        "stops. Events come from the outbox; a message on OXE_AUDIT_BIND only says that there are some.\n"
        "What is recorded is signed as a checkpoint within a second, cosigned by the witnesses of\n"
        "OXE_AUDIT_POLICY, and published (docs/audit.md).",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct audit_writer_config),
    .check = check_config,
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .clock = {offsetof(struct audit_writer_config, database), CHECK_CLOCK, METRIC_CLOCK_OFFSET},
    .run = audit_writer_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
