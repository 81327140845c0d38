/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of OXE: structs, encoders and decoders, all
 * from messages.def (see there for the kinds and bounds).
 *
 * A message travels as a msgpack map {1: version, 2: type, 3: id, 4: trace id, 5: sent-at µs, 6: deadline µs,
 * 7: body map}. Decoders bound every length and depth, ignore unknown tags, and refuse the rest with
 * -EBADMSG: wrong kind, missing REQUIRED field, text that is too long or holds NUL or is not UTF-8, unknown
 * enum number, tags that do not ascend (so also a duplicate), trailing bytes. -EPROTONOSUPPORT: another
 * version. On failure the output is undefined but safe. Nothing here allocates except the buffer that an
 * encoder fills.
 *
 * For each message NAME of messages.def there are
 *     struct name;
 *     int name_encode(const struct envelope *, const struct name *, struct buffer *out);   appends; -EINVAL,
 * -ENOBUFS, -ENOMEM int name_decode(const uint8_t *bytes, size_t length, struct envelope *ret_envelope,
 * struct name *ret_message); Structs with lists are large (event_batch is over 1 MB): keep them on the heap,
 * reuse them; only `…_count` entries are set. */
#ifndef OXE_PROTO_PROTO_H
#define OXE_PROTO_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/decimal.h"
#include "common/uuid.h"
#include "proto/order.h"

enum { PROTO_VERSION = 1 };

struct envelope {
    uint32_t type; /* enum message_type; set by the encoder */
    struct uuid id;
    uint8_t trace_id[TRACE_ID_BYTES]; /* all zero: none */
    struct instant sent_at;
    struct instant deadline; /* 0: none; by the clock of sent_at (deadline.h) */
};

enum answer_outcome {
    ANSWER_CREATED = 1, /* 201: admitted by this request */
    ANSWER_REPLAYED,    /* 200: the same key and order were accepted before; the order as it is now */
    ANSWER_REJECTED,    /* 422, recorded: `order` is the REJECTED one; also the replay of such an answer */
    ANSWER_KEY_REUSED,  /* 422, not recorded: the key belongs to another order */
    ANSWER_UNAVAILABLE, /* 503: not taken now, nothing was recorded */
    ANSWER_ACCEPTED,    /* 202: the command is durable and under way; `order` as it is now */
    ANSWER_NOT_FOUND,   /* 404: no such order, or another trader's */
    ANSWER_NOT_CANCELLABLE, /* 409: the order is done */
    ANSWER_NOT_IN_DOUBT,    /* 409: the order is not in doubt, so there is nothing to resolve */
    ANSWER_PREVIEWED,       /* 200: the verdict on an order that was not recorded */
};
/* NULL for a number that is not a value. */
const char *answer_outcome_text(enum answer_outcome outcome);

#include "proto/messages.h"

bool envelope_has_trace(const struct envelope *envelope);
/* Reads only the envelope (to find the type, the deadline). */
int envelope_decode(const uint8_t *bytes, size_t length, struct envelope *ret_envelope);
/* "ORDER_REQUEST"…; NULL for an unknown type. */
const char *message_type_text(uint32_t type);

#endif
