/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/live/ws_frame.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OPCODE_TEXT = 1, OPCODE_BINARY = 2, FINAL = 0x80, LENGTH_16 = 126, LENGTH_64 = 127, HEADER_MAX = 10 };

static struct ws_frame *make(const char *header, size_t header_length, const void *bytes, size_t length)
{
    struct ws_frame *frame = malloc(sizeof(*frame) + header_length + length);

    if (frame == NULL)
        return NULL;
    frame->references = 1;
    frame->length = header_length + length;
    memcpy(frame->bytes, header, header_length);
    memcpy(frame->bytes + header_length, bytes, length);
    return frame;
}

static struct ws_frame *make_message(int opcode, const char *bytes, size_t length)
{
    char header[HEADER_MAX] = {(char)(FINAL | opcode)};
    size_t header_length = length < LENGTH_16 ? 2 : length <= UINT16_MAX ? 4 : HEADER_MAX;

    header[1] = (char)(header_length == 2 ? length : header_length == 4 ? LENGTH_16 : LENGTH_64);
    for (size_t i = 2; i < header_length; i++)
        header[i] = (char)(length >> (8 * (header_length - 1 - i)));
    return make(header, header_length, bytes, length);
}

struct ws_frame *ws_frame_text(const char *text, size_t length)
{
    return make_message(OPCODE_TEXT, text, length);
}

struct ws_frame *ws_frame_binary(const char *bytes, size_t length)
{
    return make_message(OPCODE_BINARY, bytes, length);
}

struct ws_frame *ws_frame_raw(const void *bytes, size_t length)
{
    return make("", 0, bytes, length);
}

struct ws_frame *ws_frame_ref(struct ws_frame *frame)
{
    frame->references++;
    return frame;
}

void ws_frame_unref(struct ws_frame **frame)
{
    if (*frame != NULL && --(*frame)->references == 0)
        free(*frame);
    *frame = NULL;
}
