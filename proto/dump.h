/* SPDX-License-Identifier: Apache-2.0 */
/* Any message as JSON for people, and the tables of messages.def. */
#ifndef OXE_PROTO_DUMP_H
#define OXE_PROTO_DUMP_H

#include "common/buffer.h"
#include "proto/schema.h"

/* A message in one line, absent fields left out. */
void dump_render(const struct schema_record *record, const void *message, struct buffer *out);

/* Any message's bytes as JSON in one line: its body, as dump_render has it, or with its envelope around. 0,
 * what the decoders return (proto.h), -ENOMEM or -ENOBUFS; then nothing, or a part, is appended. */
int dump_render_bytes(const uint8_t *bytes, size_t length, bool with_envelope, struct buffer *out);

/* The tables of all messages and records in Markdown, for proto/README.md. */
void dump_render_readme(struct buffer *out);

#endif
