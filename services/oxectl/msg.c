/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl msg: messages between the services, for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/hex.h"
#include "proto/dump.h"
#include "services/oxectl/oxectl.h"

/* In place: the bytes take the room of their digits. False: they are not digits. */
static bool read_hex(char *text, size_t length)
{
    if (length % 2 != 0)
        return false;
    for (size_t i = 0; i < length; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i / 2] = (char)(high * 16 + low);
    }
    return true;
}

static void decode(char *line, size_t length, bool with_envelope, struct buffer *out)
{
    buffer_clear(out);
    if (!read_hex(line, length)) {
        (void)puts("error: a line is an even number of hex digits");
        return;
    }
    int r = dump_render_bytes((const uint8_t *)line, length / 2, with_envelope, out);
    if (r == 0)
        (void)fwrite(out->data, 1, out->length, stdout);
    else if (r == -EPROTONOSUPPORT)
        (void)puts("error: another version of the protocol");
    else
        (void)printf("error: %s\n", r == -EBADMSG ? "no message, or not a well-formed one" : strerror(-r));
}

int msg_decode(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    CLEANUP_FREE char *line = NULL;
    size_t capacity = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (ssize_t length; (length = getline(&line, &capacity, stdin)) >= 0;) {
        if (length > 0 && line[length - 1] == '\n')
            length--;
        decode(line, (size_t)length, args_has(args, "--envelope"), &out);
    }
    return ferror(stdin) != 0 ? trouble("cannot read standard input") : 0;
}
