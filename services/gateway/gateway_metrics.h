/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's own metrics. */
#ifndef OXE_GATEWAY_METRICS_H
#define OXE_GATEWAY_METRICS_H

#include "common/metrics.h"

#define METRIC(id, ...) METRIC_##id,
enum gateway_metric {
#include "services/gateway/gateway_metrics.def"
};
#undef METRIC

extern const struct metric_def gateway_metric_defs[];
extern const size_t gateway_metric_count;

#endif
