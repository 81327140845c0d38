/* Any message as indented JSON, one field a line, absent ones left out: the readable half of a golden vector.
 */
#ifndef OXE_PROTO_DUMP_H
#define OXE_PROTO_DUMP_H

#include "common/buffer.h"
#include "proto/schema.h"

void dump_render(const struct schema_record *record, const void *message, struct buffer *out);

/* The tables of all messages and records in Markdown, for proto/README.md. */
void dump_render_readme(struct buffer *out);

#endif
