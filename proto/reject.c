/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reject.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

#define GATEWAY      REJECT_BY_GATEWAY
#define VALIDATOR    REJECT_BY_VALIDATOR
#define RISK_MANAGER REJECT_BY_RISK_MANAGER
#define EXECUTOR     REJECT_BY_EXECUTOR
#define RECORDED     true
#define UNRECORDED   false

static const struct row {
    const char *text;
    int http_status;
    unsigned int by;
    bool recorded;
    const char *title;
    const char *cause;
    const char *remedy;
} rows[] = {
    [0] = {"", 0, 0, false, "", "", ""},
#define REJECT(number, code, http_status, by, recorded, title, cause, remedy)                                \
    [number] = {#code, http_status, by, recorded, title, cause, remedy},
#include "proto/reject.def"
};

#define REJECT(number, code, http_status, by, recorded, title, cause, remedy)                                \
    _Static_assert(sizeof(#code) <= REJECT_SLUG_MAX, #code " is longer than REJECT_SLUG_MAX");
#include "proto/reject.def"

static const struct row *row(enum reject_code code)
{
    return (size_t)code < ARRAY_LEN(rows) && rows[code].text != NULL ? &rows[code] : &rows[0];
}

const char *reject_text(enum reject_code code)
{
    return row(code)->text;
}

int reject_parse(const char *text, size_t length, enum reject_code *ret_code)
{
    for (size_t i = 1; i < ARRAY_LEN(rows); i++) {
        if (rows[i].text != NULL && strlen(rows[i].text) == length &&
            memcmp(rows[i].text, text, length) == 0) {
            *ret_code = (enum reject_code)i;
            return 0;
        }
    }
    return -EINVAL;
}

int reject_http_status(enum reject_code code)
{
    return row(code)->http_status;
}

const char *reject_title(enum reject_code code)
{
    return row(code)->title;
}

unsigned int reject_by(enum reject_code code)
{
    return row(code)->by;
}

size_t reject_slug(enum reject_code code, char buffer[static REJECT_SLUG_MAX])
{
    const char *text = reject_text(code);
    size_t length = 0;

    for (; text[length] != '\0'; length++) {
        assert(length < REJECT_SLUG_MAX - 1);
        buffer[length] = text[length];
        if (text[length] == '_')
            buffer[length] = '-';
        else if (text[length] >= 'A' && text[length] <= 'Z')
            buffer[length] = (char)(text[length] - 'A' + 'a');
    }
    buffer[length] = '\0';
    return length;
}

static void render_by(const struct row *entry, struct buffer *out)
{
    static const struct {
        enum reject_by by;
        const char *name;
    } names[] = {{REJECT_BY_GATEWAY, "gateway"},
                 {REJECT_BY_VALIDATOR, "validator"},
                 {REJECT_BY_RISK_MANAGER, "risk-manager"},
                 {REJECT_BY_EXECUTOR, "executor"}};
    const char *separator = "";

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if ((entry->by & names[i].by) == 0)
            continue;
        buffer_append_text(out, separator);
        buffer_append_text(out, names[i].name);
        separator = ", ";
    }
}

void reject_render_table(struct buffer *out)
{
    buffer_append_text(out, "| code | HTTP | refused by | recorded | title | cause | what to do |\n"
                            "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 1; i < ARRAY_LEN(rows); i++) {
        const struct row *entry = &rows[i];

        if (entry->text == NULL)
            continue;
        buffer_append_format(out, "| `%s` | ", entry->text);
        if (entry->http_status == 0)
            buffer_append_text(out, "–");
        else
            buffer_append_i64(out, entry->http_status);
        buffer_append_text(out, " | ");
        render_by(entry, out);
        bool gateway = (entry->by & REJECT_BY_GATEWAY) != 0;
        const char *recorded = !entry->recorded ? "no" : gateway ? "not by the gateway" : "yes";
        buffer_append_format(out, " | %s | %s | %s | %s |\n", recorded, entry->title, entry->cause,
                             entry->remedy);
    }
}
