/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values of OXE's own types, appended to a buffer as the
 * contract writes them. The buffer remembers a failure. */
#ifndef OXE_PROTO_JSON_H
#define OXE_PROTO_JSON_H

#include "common/buffer.h"
#include "common/clock.h"
#include "common/decimal.h"
#include "common/uuid.h"
#include "proto/schema.h"

/* A number in canonical form. */
void json_append_decimal(struct buffer *out, struct decimal value);
/* A NUMERIC as PostgreSQL writes it, without trailing zeros: exact, whatever its size. NULL is null. */
void json_append_numeric(struct buffer *out, const char *text);
/* null when `has` is false. */
void json_append_optional_decimal(struct buffer *out, bool has, struct decimal value);
void json_append_instant(struct buffer *out, struct instant value);
void json_append_uuid(struct buffer *out, struct uuid id);
void json_append_text(struct buffer *out, const char *text);
/* null for "", and for NULL. */
void json_append_optional_text(struct buffer *out, const char *text);

/* One value of a message, which is there: a scalar, an enum as its word, bytes in hex. */
void json_append_field(struct buffer *out, const struct schema_field *field, const void *message);
/* All members of a record of such fields, as "name":value with commas between them and no braces; what is
 * absent is null. */
void json_append_members(struct buffer *out, const struct schema_record *record, const void *message);

#endif
