/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-witness: see witness.h. */
#include <string.h>

#include "common/cleanup.h"
#include "services/witness/witness.h"

static const char *check_name(const char *text)
{
    return note_name_is_valid(text, strlen(text))
               ? NULL
               : "is no name: no blanks, no '+', as in witness.example.com/w1";
}

static const struct config_item config_items[] = {
    SERVICE_CONFIG_ITEMS(struct witness_config),
    {"OXE_WITNESS_LISTEN", CONFIG_TEXT, offsetof(struct witness_config, listen), "127.0.0.1:8095", 3, 100,
     "address:port at which logs ask for cosignatures", NULL},
    {"OXE_WITNESS_NAME", CONFIG_TEXT, offsetof(struct witness_config, name), NULL, 1, NOTE_NAME_MAX - 1,
     "name of this witness' key, as witness.example.com/w1; never changes", check_name},
    {"OXE_WITNESS_KEY", CONFIG_TEXT, offsetof(struct witness_config, key), NULL, 1, 500,
     "file of the Ed25519 private key (PEM) that cosigns", NULL},
    {"OXE_WITNESS_LOGS", CONFIG_TEXT, offsetof(struct witness_config, logs), NULL, 1, 500,
     "file of the verifier keys of the logs that are cosigned, one a line; read again at SIGHUP", NULL},
    {"OXE_WITNESS_STATE", CONFIG_TEXT, offsetof(struct witness_config, state), NULL, 1, 500,
     "file of what was cosigned last; it must never be put back to an older one", NULL},
};

static const char *const checks[] = {
    [CHECK_STATE] = "state",
    [CHECK_LOGS] = "logs",
};

static const struct metric_def metrics[] = {
    [METRIC_REQUESTS] = {"oxe_witness_requests_total", METRIC_COUNTER,
                         "requests for a cosignature, by what came of them", "outcome", witness_outcomes},
    [METRIC_STATE_ERRORS] = {"oxe_witness_state_errors_total", METRIC_COUNTER,
                             "checkpoints that were not cosigned because the state could not be written",
                             NULL, NULL},
};

_Static_assert(ARRAY_LEN(metrics) == METRIC_COUNT, "every metric is declared");
_Static_assert(ARRAY_LEN(checks) == CHECK_COUNT, "every check is named");

static const struct service_class class = {
    .name = "witness",
    .summary = "Cosigns checkpoints of audit logs, each of which must extend the last that it has seen.",
    .manual =
        "Speaks C2SP tlog-witness: POST /add-checkpoint on OXE_WITNESS_LISTEN. The key is made by\n"
        "  'oxectl audit keygen --witness FILE NAME', which prints the verifier key for the log's policy.\n"
        "  A witness is worth as much as it is apart from the log: give it a machine, a key and people of\n"
        "  its own (docs/audit.md).",
    .config_items = config_items,
    .config_item_count = ARRAY_LEN(config_items),
    .config_size = sizeof(struct witness_config),
    .checks = checks,
    .check_count = ARRAY_LEN(checks),
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .run = witness_run,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &class);
}
