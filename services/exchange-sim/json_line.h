/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects, one a line: members are appended one after the other, then the line is ended. */
#ifndef OXE_EXCHANGE_SIM_JSON_LINE_H
#define OXE_EXCHANGE_SIM_JSON_LINE_H

#include "common/buffer.h"
#include "common/clock.h"
#include "common/decimal.h"

void json_line_text(struct buffer *out, const char *name, const char *text);
/* A text of a letter and a number. */
void json_line_numbered(struct buffer *out, const char *name, char letter, uint64_t number);
void json_line_i64(struct buffer *out, const char *name, int64_t value);
void json_line_bool(struct buffer *out, const char *name, bool value);
void json_line_decimal(struct buffer *out, const char *name, struct decimal value);
void json_line_time(struct buffer *out, const char *name, struct instant time);
void json_line_end(struct buffer *out);

/* The line of a single member `error`. */
void json_line_error(struct buffer *out, const char *text);

#endif
