/* SPDX-License-Identifier: Apache-2.0 */
/* What an exchange may say: any bytes as a stream, and any fields behind a good header.
 *
 * Checked: no fault of memory or arithmetic, the reader always goes forward, and what comes out can be
 * stored: printable texts, fills with an id and a quantity. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "services/executor/fix/fix_frame.h"
#include "services/executor/fix/venue_fix_map.h"

enum { BODY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);

    assert(end);
    for (; text < end; text++)
        assert(*text >= ' ' && *text <= '~');
}

static void check_event(void *context, const struct venue_event *event)
{
    check_text(event->symbol, sizeof event->symbol);
    check_text(event->exec_id, sizeof event->exec_id);
    check_text(event->venue_order_id, sizeof event->venue_order_id);
    check_text(event->text, sizeof event->text);
    if (event->type == VENUE_FILL)
        assert(event->exec_id[0] && decimal_is_positive(event->last_quantity));
    if (event->type == VENUE_PRICE)
        assert(event->symbol[0] && decimal_is_positive(event->last_price));
    if (event->type == VENUE_UNEXPECTED)
        assert(event->text[0]);
    assert(event->in_seq > 0);
}

static void map(const char *bytes, size_t length, int request)
{
    struct venue_fix_reference reference = {.request = (enum venue_fix_request)request};
    struct fix_frame_message message;

    if (fix_frame_read(bytes, length, &message) == 0)
        (void)venue_fix_map(0, &message, &reference, (struct instant){1}, check_event, NULL);
}

static void read_stream(const char *bytes, size_t length)
{
    size_t at = 0, start, end;

    for (;;) {
        int r = fix_frame_find(bytes + at, length - at, &start, &end);

        if (r == -EAGAIN)
            return;
        assert(end > 0 && end <= length - at);
        if (r == 0)
            map(bytes + at + start, end - start, VENUE_FIX_NONE);
        at += end;
    }
}

/* The first byte chooses the message's type and what it may be about; bars are separators. */
static void read_body(const uint8_t *data, size_t size)
{
    static const char types[] = "89j3WXYB";
    char message[BODY_MAX + 128];
    int head =
        snprintf(message, sizeof message, "8=FIX.4.4|9=1|35=%c|34=5|49=A|52=T|56=B|", types[data[0] % 8]);
    size_t body = size - 1 < BODY_MAX ? size - 1 : BODY_MAX, length = (size_t)head + body;

    memcpy(message + head, data + 1, body);
    memcpy(message + length, "|10=000|", 8);
    length += 8;
    for (size_t i = 0; i < length; i++)
        message[i] = message[i] == '|' ? '\001' : message[i];
    map(message, length, data[0] / 8 % (VENUE_FIX_QUERY + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_stream((const char *)data, size);
    if (size > 0)
        read_body(data, size);
    return 0;
}
