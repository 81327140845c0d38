/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-audit-writer: see audit_writer.h. */
#include <string.h>

#include "common/cleanup.h"
#include "common/suite_config.h"
#include "proto/note.h"
#include "services/audit-writer/audit_writer.h"
#include "services/audit-writer/parts.h"

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

#define METRIC(member, name, type, help, label, values)                                                      \
    [METRIC_##member] = {name, METRIC_##type, help, label, values},
static const struct metric_def metrics[METRIC_COUNT] = {
#include "services/audit-writer/metrics.def"
    [METRIC_CLOCK_OFFSET] = CLOCK_WATCH_METRIC,
};
#undef METRIC

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
