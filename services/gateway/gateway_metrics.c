/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/gateway_metrics.h"

#include "common/cleanup.h"
#include "common/clock_watch.h"

/* By routes_label. */
#define OPERATION(name_, ...) #name_,
static const char *const operation_labels[] = {
#include "services/gateway/operations.def"
    "web", "none", NULL};
#undef OPERATION

static const char *const status_classes[] = {"2xx", "3xx", "4xx", "5xx", NULL};

static const char *const answer_labels[] = {"unreadable",      "created",      "replayed",  "rejected",
                                            "key_reused",      "unavailable",  "accepted",  "not_found",
                                            "not_cancellable", "not_in_doubt", "previewed", NULL};
static const char *const frame_labels[] = {"live", "log", NULL};
/* Of enum export_end. */
static const char *const export_labels[] = {"complete", "client_gone", "cut", NULL};

#define METRIC(id, ...) [METRIC_##id] = __VA_ARGS__,
const struct metric_def gateway_metric_defs[] = {
#include "services/gateway/gateway_metrics.def"
};
#undef METRIC

const size_t gateway_metric_count = ARRAY_LEN(gateway_metric_defs);
