/* SPDX-License-Identifier: Apache-2.0 */
/* Reads msgpack from memory, one value after the other: no allocation, no copy, never past the end.
 *
 * The reader borrows the bytes; texts and binaries point into them. Every function returns 0, or -EBADMSG
 * when the next value is cut off, of another kind, or does not fit; the reader is then of no further use. */
#ifndef OXE_PROTO_MSGPACK_READER_H
#define OXE_PROTO_MSGPACK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How deep msgpack_reader_skip follows arrays and maps. */
enum { MSGPACK_READER_DEPTH_MAX = 16 };

struct msgpack_reader {
    const uint8_t *at;
    const uint8_t *end;
};

/* Integers of any width that msgpack has; a negative one is refused by _u64, one above INT64_MAX by _i64. */
int msgpack_reader_u64(struct msgpack_reader *reader, uint64_t *ret_value);
int msgpack_reader_i64(struct msgpack_reader *reader, int64_t *ret_value);
int msgpack_reader_bool(struct msgpack_reader *reader, bool *ret_value);
int msgpack_reader_text(struct msgpack_reader *reader, const char **ret_text, size_t *ret_length);
int msgpack_reader_binary(struct msgpack_reader *reader, const uint8_t **ret_bytes, size_t *ret_length);

/* The head only: count values (array) or count pairs (map) follow. The count is the sender's word, unchecked.
 */
int msgpack_reader_array(struct msgpack_reader *reader, uint32_t *ret_count);
int msgpack_reader_map(struct msgpack_reader *reader, uint32_t *ret_count);

/* Passes over one value of any kind. Its cost is bounded by the bytes it passes over. */
int msgpack_reader_skip(struct msgpack_reader *reader);

#endif
