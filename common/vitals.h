/* SPDX-License-Identifier: Apache-2.0 */
/* What the system knows of this process, as the metrics that every Prometheus client has (process_…), and
 * which program it is (oxe_build_info). Read from /proc when they are asked for. */
#ifndef OXE_COMMON_VITALS_H
#define OXE_COMMON_VITALS_H

#include "common/buffer.h"
#include "common/metrics.h"

/* A figure that cannot be read is left out. Any thread may call it. */
void vitals_render(const char *service, const char *version, struct buffer *out);

extern const struct metric_def vitals_metric_defs[];
extern const size_t vitals_metric_count;

#endif
