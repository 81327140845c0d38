/* SPDX-License-Identifier: Apache-2.0 */
/* The probe port: health and metrics over HTTP/1.1. See health.h. */
#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/health.h"
#include "common/http_port.h"
#include "common/trace.h"
#include "common/vitals.h"

enum { ENTITY_MAX = 1024 }; /* bytes; no request here needs a body */

struct probe {
    struct health *health;
    const struct tracer *tracer;
    const struct metrics *metrics;
    struct http_port *port;
};

static int render_metrics(struct probe *probe, struct buffer *out)
{
    health_render_metrics(probe->health, out);
    vitals_render(health_service(probe->health), OXE_VERSION, out);
    tracer_render_metrics(probe->tracer, health_service(probe->health), out);
    if (probe->metrics != NULL)
        metrics_render(probe->metrics, out);
    return 200;
}

static int render_live(struct probe *probe, struct buffer *out)
{
    return health_render_live(probe->health, out);
}

static int render_ready(struct probe *probe, struct buffer *out)
{
    return health_render_ready(probe->health, out);
}

static const struct page {
    const char *path;
    const char *content_type;
    int (*render)(struct probe *probe, struct buffer *out); /* returns the HTTP status */
} pages[] = {
    {"/healthz", "application/json", render_live},
    {"/readyz", "application/json", render_ready},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", render_metrics},
};

static void answer(void *context, const struct http_port_request *request,
                   struct http_port_answer *ret_answer)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        if (!http_port_is_path(request, pages[i].path))
            continue;
        if (http_port_is_method(request, "GET") || http_port_is_method(request, "HEAD")) {
            ret_answer->content_type = pages[i].content_type;
            ret_answer->status = pages[i].render(context, ret_answer->body);
        } else {
            ret_answer->allow = "GET, HEAD";
            http_port_problem(ret_answer, 405);
        }
        return;
    }
    http_port_problem(ret_answer, 404);
}

int probe_start(const char *address, struct health *health, const struct tracer *tracer,
                const struct metrics *metrics, struct probe **ret_probe)
{
    static const struct http_port_class class = {.entity_max = ENTITY_MAX, .answer = answer};
    CLEANUP_FREE struct probe *probe = calloc(1, sizeof(*probe));

    if (probe == NULL)
        return -ENOMEM;
    *probe = (struct probe){.health = health, .tracer = tracer, .metrics = metrics};
    int r = http_port_start(address, &class, probe, &probe->port);
    if (r < 0)
        return r;
    *ret_probe = probe;
    probe = NULL;
    return 0;
}

void probe_stop(struct probe **probe)
{
    if (*probe == NULL)
        return;
    http_port_stop(&(*probe)->port);
    free(*probe);
    *probe = NULL;
}
