/* SPDX-License-Identifier: Apache-2.0 */
/* messages.def as data: what the codec walks, and what the
 * README's table and the golden vectors are printed from.
 *
 * Everything here is const and lives for ever. Outside proto/, only what walks rows and JSON by it includes
 * this file (row.h). */
#ifndef OXE_PROTO_SCHEMA_H
#define OXE_PROTO_SCHEMA_H

#include "proto/proto.h"

enum schema_kind {
    SCHEMA_INT, /* of a service's own struct (row.h); no message has it */
    SCHEMA_U64,
    SCHEMA_I64,
    SCHEMA_BOOL,
    SCHEMA_INSTANT,
    SCHEMA_DECIMAL,
    SCHEMA_UUID,
    SCHEMA_TEXT,
    SCHEMA_BYTES,
    SCHEMA_ENUM,
    SCHEMA_MSG,
    SCHEMA_LIST,
};

struct schema_field {
    uint8_t tag;
    enum schema_kind kind;
    bool required;
    bool has_flag;                             /* a bool at flag_offset says whether the value is there */
    size_t offset;                             /* of the value in the struct */
    size_t flag_offset;                        /* of has_name; LIST: of name_count, a size_t */
    size_t bound;                              /* TEXT: bytes with NUL; BYTES: bytes; LIST: entries */
    const char *(*enum_text)(uint32_t number); /* ENUM: NULL for a number that is not a value */
    const struct schema_record *record;        /* MSG: of the value; LIST: of an entry */
    const char *name;
    const char *type; /* ENUM, MSG, LIST: the C type's tag */
    const char *meaning;
};

struct schema_record {
    const char *name;
    size_t size; /* of the struct */
    const struct schema_field *fields;
    size_t field_count;
};

/* A record or message as messages.def describes it; type is 0 for a record, upper and route are NULL. */
struct schema_entry {
    const struct schema_record *record;
    const char *meaning;
    uint32_t type;
    const char *upper;
    const char *route;
};

/* schema_fault, schema_order_view, schema_event … */
#define RECORD_BEGIN(record, meaning) extern const struct schema_record schema_##record;
#define MESSAGE_BEGIN(message, upper, number, route, meaning)                                                \
    extern const struct schema_record schema_##message;
#include "proto/messages.def"

/* Every record and message, in the order of messages.def. */
extern const struct schema_entry schema_entries[];
extern const size_t schema_entry_count;

/* Whether the field of the struct at `message` has a value to write: by its flag or, when it is optional and
 * has none, by being other than zero. */
bool schema_field_is_present(const struct schema_field *field, const char *message);

/* The message of a type; NULL when there is none. */
const struct schema_record *schema_message(uint32_t type);

#endif
