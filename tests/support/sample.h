/* SPDX-License-Identifier: Apache-2.0 */
/* One example of each message with every field set: what the golden vectors hold. */
#ifndef OXE_TESTS_SUPPORT_SAMPLE_H
#define OXE_TESTS_SUPPORT_SAMPLE_H

#include "proto/proto.h"

struct envelope sample_envelope(uint32_t type);

/* Fills a zeroed struct of the type; an unknown type is -EINVAL. */
int sample_fill(uint32_t type, void *message);

/* Appends JSON of one line (dump_render) with one member a line: the readable half of a golden vector. */
void sample_indent(const char *json, struct buffer *out);

struct order_view sample_order_view(void);
/* A fill of the order of sample_order_view. */
struct event sample_event(void);
struct fault sample_fault(void);

#endif
