/* SPDX-License-Identifier: Apache-2.0 */
/* What the shell's files share: the settings, and the places in the tables of main.c. */
#ifndef OXE_AUDIT_WRITER_PARTS_H
#define OXE_AUDIT_WRITER_PARTS_H

#include "common/pipe_config.h"
#include "common/service.h"

struct audit_writer_config {
    struct service_config common;
    struct pipe_config pipe;
    char database[CONFIG_TEXT_MAX];
    char bind[CONFIG_TEXT_MAX];
    char broadcaster[CONFIG_TEXT_MAX];
    int64_t rows_max;
    char origin[CONFIG_TEXT_MAX];      /* the log's name */
    char key[CONFIG_TEXT_MAX];         /* file of the key that signs its checkpoints */
    char former_keys[CONFIG_TEXT_MAX]; /* file of the verifier keys of those that have signed; "": none */
    char policy[CONFIG_TEXT_MAX];      /* file that names the witnesses and their quorum; "": no witness */
    char tsa[CONFIG_TEXT_MAX];         /* URL of a time-stamping authority; "": none */
    char tsa_roots[CONFIG_TEXT_MAX];   /* file of the certificates that its own leads to */
};

enum audit_writer_check {
    CHECK_POSTGRESQL,
    CHECK_BROADCASTER,
    CHECK_CHECKPOINTS,
    CHECK_WITNESSES,
    CHECK_TIME_STAMPS,
    CHECK_CLOCK,
    CHECK_COUNT
};

enum audit_writer_metric {
#define METRIC(metric, ...) METRIC_##metric,
#include "services/audit-writer/metrics.def"
#undef METRIC
    METRIC_CLOCK_OFFSET,
    METRIC_COUNT
};

#endif
