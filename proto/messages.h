/* SPDX-License-Identifier: Apache-2.0 */
/* Structs and functions that messages.def declares. Include proto/proto.h, not this file. */
#ifndef OXE_PROTO_MESSAGES_H
#define OXE_PROTO_MESSAGES_H

#define PRESENCE_REQUIRED(name)
#define PRESENCE_OPTIONAL(name) bool has_##name;

/* clang-format off */
#define RECORD_BEGIN(record, meaning)                          struct record {
#define RECORD_END(record)                                     };
#define MESSAGE_BEGIN(message, upper, number, route, meaning)  struct message {
#define MESSAGE_END(message)                                   };
#define FIELD_U64(r, tag, name, presence, meaning)             PRESENCE_##presence(name) uint64_t name;
#define FIELD_I64(r, tag, name, presence, meaning)             PRESENCE_##presence(name) int64_t name;
#define FIELD_BOOL(r, tag, name, presence, meaning)            PRESENCE_##presence(name) bool name;
#define FIELD_INSTANT(r, tag, name, presence, meaning)         PRESENCE_##presence(name) struct instant name;
#define FIELD_DECIMAL(r, tag, name, presence, meaning)         PRESENCE_##presence(name) struct decimal name;
#define FIELD_UUID(r, tag, name, presence, meaning)            PRESENCE_##presence(name) struct uuid name;
#define FIELD_TEXT(r, tag, name, max, presence, meaning)       char name[max];
#define FIELD_BYTES(r, tag, name, size, presence, meaning)     PRESENCE_##presence(name) uint8_t name[size];
#define FIELD_ENUM(r, tag, name, type, presence, meaning)      PRESENCE_##presence(name) enum type name;
#define FIELD_MSG(r, tag, name, type, presence, meaning)       PRESENCE_##presence(name) struct type name;
#define FIELD_LIST(r, tag, name, type, max, presence, meaning) size_t name##_count; struct type name[max];
#include "proto/messages.def"

enum message_type {
#define MESSAGE_BEGIN(message, upper, number, route, meaning) MESSAGE_##upper = (number),
#include "proto/messages.def"
};

#define MESSAGE_BEGIN(message, upper, number, route, meaning)                                                  \
    int message##_encode(const struct envelope *envelope, const struct message *message, struct buffer *out);  \
    int message##_decode(const uint8_t *bytes, size_t length, struct envelope *ret_envelope,                   \
                         struct message *ret_message);
#include "proto/messages.def"
/* clang-format on */

#endif
