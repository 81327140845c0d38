/* SPDX-License-Identifier: Apache-2.0 */
/* The codec behind every name_encode and name_decode, for callers that know a message only by its schema
 * (tests, the golden vectors, the fuzzer). Semantics and errors: proto.h. */
#ifndef OXE_PROTO_CODEC_H
#define OXE_PROTO_CODEC_H

#include "proto/proto.h"
#include "proto/schema.h"

/* `message` points to the struct of the type, and must have its size. An unknown type is -EINVAL. */
int codec_encode(uint32_t type, const struct envelope *envelope, const void *message, struct buffer *out);
/* An unknown type is -EBADMSG. */
int codec_decode(uint32_t type, const uint8_t *bytes, size_t length, struct envelope *ret_envelope,
                 void *ret_message);

#endif
