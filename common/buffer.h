/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a bound. The first failed append marks it; later ones do nothing, so a long
 * chain of appends is checked once, by buffer_failed. Contents are always followed by a NUL that `length`
 * does not count. */
#ifndef OXE_COMMON_BUFFER_H
#define OXE_COMMON_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t length_max; /* the bound; 0 means BUFFER_LENGTH_MAX */
    int error;         /* 0, -ENOBUFS past the bound, -ENOMEM */
};

#define BUFFER_LENGTH_MAX ((size_t)64 * 1024 * 1024)

#define BUFFER_INIT(max) ((struct buffer){.length_max = (max)})

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_char(struct buffer *buffer, char c);
void buffer_append_i64(struct buffer *buffer, int64_t value); /* decimal digits */
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "text" with JSON escapes and quotes; bytes that are not UTF-8 become U+FFFD. NULL text appends null. */
void buffer_append_json_text(struct buffer *buffer, const char *text, size_t length);
void buffer_append_hex(struct buffer *buffer, const uint8_t *bytes, size_t length);

/* libcurl's CURLOPT_WRITEFUNCTION: appends a piece of an answer to the buffer; a failure ends the call. */
size_t buffer_receive(char *bytes, size_t size, size_t count, void *buffer);

/* Empties it, keeps the memory, clears the error. */
void buffer_clear(struct buffer *buffer);
static inline bool buffer_failed(const struct buffer *buffer)
{
    return buffer->error != 0;
}
/* Frees the memory; the buffer is empty and usable afterwards. Fits CLEANUP(buffer_release). */
void buffer_release(struct buffer *buffer);

#endif
