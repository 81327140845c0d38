/* SPDX-License-Identifier: Apache-2.0 */
/* A service's tables as JSON lines: see describe.h. */
#include "common/describe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/trace.h"
#include "common/vitals.h"

/* NULL becomes null. */
static void append_text(struct buffer *out, const char *text)
{
    buffer_append_json_text(out, text, text == NULL ? 0 : strlen(text));
}

static void append_member(struct buffer *out, const char *name, const char *text)
{
    buffer_append_format(out, ",\"%s\":", name);
    append_text(out, text);
}

static void describe_setting(const struct config_item *item, struct buffer *out)
{
    buffer_append_text(out, "{\"setting\":");
    append_text(out, item->variable);
    append_member(out, "type", config_type_name(item->type));
    append_member(out, "default", item->default_text);
    buffer_append_format(out, ",\"min\":%" PRId64 ",\"max\":%" PRId64, item->min, item->max);
    append_member(out, "help", item->help);
    buffer_append_text(out, "}\n");
}

/* Values that are known only at run time are an empty list. */
static void describe_label(const char *label, const char *const *values, bool first, struct buffer *out)
{
    if (label == NULL)
        return;
    if (!first)
        buffer_append_char(out, ',');
    append_text(out, label);
    buffer_append_text(out, ":[");
    for (size_t i = 0; values != NULL && values[i] != NULL; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        append_text(out, values[i]);
    }
    buffer_append_char(out, ']');
}

static void describe_metric(const struct metric_def *def, struct buffer *out)
{
    buffer_append_text(out, "{\"metric\":");
    append_text(out, def->name);
    append_member(out, "type", metrics_type_name(def->type));
    append_member(out, "help", def->help);
    buffer_append_text(out, ",\"labels\":{");
    describe_label(def->label, def->label_values, true, out);
    describe_label(def->label2, def->label2_values, false, out);
    buffer_append_text(out, "}}\n");
}

static void describe_metrics(const struct metric_def *defs, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++)
        describe_metric(&defs[i], out);
}

int describe(const struct service_class *class, FILE *out)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);

    for (size_t i = 0; i < class->config_item_count; i++)
        describe_setting(&class->config_items[i], &text);
    describe_metrics(health_metric_defs, health_metric_count, &text);
    describe_metrics(vitals_metric_defs, vitals_metric_count, &text);
    describe_metrics(tracer_metric_defs, tracer_metric_count, &text);
    describe_metrics(class->metrics, class->metric_count, &text);
    for (size_t i = 0; i < class->check_count; i++) {
        buffer_append_text(&text, "{\"check\":");
        append_text(&text, class->checks[i]);
        buffer_append_text(&text, "}\n");
    }
    if (buffer_failed(&text))
        return -ENOMEM;
    return fwrite(text.data, 1, text.length, out) == text.length && fflush(out) == 0 ? 0 : -EIO;
}
