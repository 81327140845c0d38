/* SPDX-License-Identifier: Apache-2.0 */
/* Logs: one JSON object a line on standard error, with time, level, service, event, then fields.
 *
 *     LOG(log, LOG_INFO, "order_rejected", LOG_UUID("order_id", id), LOG_TEXT("rule", rule));
 *
 * Only services log; common/ and proto/ return errors. A line longer than LOG_LINE_MAX is cut at a field and
 * marked "cut":true (that field and the rest are left out). Never log tokens, trader ids, keys or passwords:
 * order ids are enough (docs/security.md). A line is one write(2), or one of several lines in it, of at most
 * PIPE_BUF bytes: lines of several threads do not mix. */
#ifndef OXE_COMMON_LOG_H
#define OXE_COMMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/decimal.h"
#include "common/uuid.h"

enum { LOG_LINE_MAX = 4096 };

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* "debug", "info", "warning", "error". -EINVAL: it is none. */
int log_level_parse(const char *text, enum log_level *ret_level);

struct log {
    const char *service;
    const char *instance; /* of a scaled service: "0", "1"…; NULL leaves it out */
    enum log_level level; /* lines below it are not written */
    int fd;
};

enum log_field_type {
    LOG_FIELD_TEXT,
    LOG_FIELD_I64,
    LOG_FIELD_UUID,
    LOG_FIELD_DECIMAL,
    LOG_FIELD_BOOL,
    LOG_FIELD_TRACE
};

struct log_field {
    const char *name;
    enum log_field_type type;
    union {
        const char *text;
        int64_t i64;
        struct uuid uuid;
        struct decimal decimal;
        const uint8_t *trace; /* 16 bytes, written as 32 hex digits */
    } value;
};

#define LOG_TEXT(field, v) ((struct log_field){.name = (field), .type = LOG_FIELD_TEXT, .value.text = (v)})
#define LOG_I64(field, v)                                                                                    \
    ((struct log_field){.name = (field), .type = LOG_FIELD_I64, .value.i64 = (int64_t)(v)})
#define LOG_UUID(field, v) ((struct log_field){.name = (field), .type = LOG_FIELD_UUID, .value.uuid = (v)})
#define LOG_DECIMAL(field, v)                                                                                \
    ((struct log_field){.name = (field), .type = LOG_FIELD_DECIMAL, .value.decimal = (v)})
#define LOG_BOOL(field, v) ((struct log_field){.name = (field), .type = LOG_FIELD_BOOL, .value.i64 = (v)})
#define LOG_TRACE(v)       ((struct log_field){.name = "trace_id", .type = LOG_FIELD_TRACE, .value.trace = (v)})
/* strerror of a negative errno as "error". */
#define LOG_ERRNO(v) LOG_TEXT("error", log_errno_name(v))

#define LOG(log, level, event, ...)                                                                          \
    do {                                                                                                     \
        const struct log_field log_fields_[] = {{.name = NULL}, ##__VA_ARGS__};                              \
        log_write((log), (level), (event), log_fields_, sizeof(log_fields_) / sizeof(log_fields_[0]));       \
    } while (0)

/* A line that somebody should act on: which kind of trouble it is, as docs/operation/runbooks.md and oxectl
 * doctor name it; why; and the command that shows more or mends it. Every line of LOG_ERROR is one. */
#define LOG_ALARM(log, level, event, kind, reason, next, ...)                                                \
    LOG((log), (level), (event), LOG_TEXT("kind", (kind)), LOG_TEXT("reason", (reason)),                     \
        LOG_TEXT("next", (next)), ##__VA_ARGS__)

/* fields[0] is a placeholder (so that LOG works without fields) and is skipped. Never fails; keeps errno. */
void log_write(const struct log *log, enum log_level level, const char *event, const struct log_field *fields,
               size_t field_count);

/* From now on this thread's lines below LOG_WARNING are gathered, since each write costs 20 µs and more: for
 * a loop that logs each order. They are written when others come that are not, when there is no room, and by
 * log_flush, which the caller calls before it waits for work. false: no longer. */
void log_gather(bool gathers);
void log_flush(void);

const char *log_errno_name(int negative_errno);

#endif
