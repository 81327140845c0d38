/* SPDX-License-Identifier: Apache-2.0 */
/* Messages are found in any stream of bytes: whole or in pieces, between garbage, damaged. */
#include "services/executor/fix/fix_frame.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_MAX = 4096 };

/* Writes a good message of this body (bars for SOH) and returns its length. */
static size_t frame(const char *body, char *out)
{
    unsigned sum = 0;
    int n = sprintf(out, "8=FIX.4.4|9=%zu|%s", strlen(body), body);

    for (int i = 0; i < n; i++) {
        out[i] = out[i] == '|' ? '\001' : out[i];
        sum += (unsigned char)out[i];
    }
    return (size_t)n + (size_t)sprintf(out + n, "10=%03u\001", sum % 256);
}

static const char heartbeat[] = "35=0|34=2|49=A|52=20251017-12:00:00|56=B|";

Test(fix_frame, every_shorter_piece_asks_for_more)
{
    char message[STREAM_MAX];
    size_t length = frame(heartbeat, message), start, end;

    for (size_t i = 0; i < length; i++) {
        /* An own allocation, so that a read past the end is seen by the sanitizer. */
        char *piece = malloc(i ? i : 1);

        memcpy(piece, message, i);
        cr_expect_eq(fix_frame_find(piece, i, &start, &end), -EAGAIN, "%zu bytes", i);
        cr_expect_eq(start, 0, "%zu bytes", i);
        free(piece);
    }
    cr_assert_eq(fix_frame_find(message, length, &start, &end), 0);
    cr_expect_eq(start, 0);
    cr_expect_eq(end, length);
}

/* Counts the messages in a stream as a reader would. */
static int count_messages(const char *bytes, size_t length)
{
    size_t at = 0, start, end;
    int found = 0;

    for (;;) {
        int r = fix_frame_find(bytes + at, length - at, &start, &end);

        if (r == -EAGAIN)
            return found;
        cr_assert_gt(end, 0);
        cr_assert_leq(at + end, length);
        found += r == 0;
        at += end;
    }
}

Test(fix_frame, messages_are_found_between_garbage)
{
    static const char *const garbage[] = {
        "",
        "8",
        "8=",
        "8=8=8=",
        "8=FIX.4.4\0019=",
        "8=FIX.4.4\0019=5\001",
        "8=FIX.4.4\0019=99999999\001",
        "8=FIX.4.4\0019=-5\001",
        "8=FIX.4.4\0019=\001",
        "8=FIX.4.2\0019=5\00135=0\00110=000\001",
        "8=FIX.4.4\0019=5\00135=0\00110=000\001",
        "10=123\001\001\001=",
        "GET / HTTP/1.1\r\nHost: 8.8.8.8\r\n\r\n",
    };
    char stream[STREAM_MAX];

    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        size_t length = strlen(garbage[i]);

        memcpy(stream, garbage[i], length);
        length += frame(heartbeat, stream + length);
        memcpy(stream + length, garbage[i], strlen(garbage[i]));
        length += strlen(garbage[i]);
        length += frame(heartbeat, stream + length);
        cr_expect_eq(count_messages(stream, length), 2, "garbage %zu", i);
    }
}

Test(fix_frame, one_changed_byte_is_seen)
{
    char message[STREAM_MAX];
    size_t length = frame(heartbeat, message);

    for (size_t i = 0; i < length; i++) {
        message[i] ^= 1;
        cr_expect_eq(count_messages(message, length), 0, "byte %zu", i);
        message[i] ^= 1;
    }
    cr_expect_eq(count_messages(message, length), 1);
}

Test(fix_frame, a_header_must_be_complete)
{
    static const struct {
        const char *body;
        int result;
    } cases[] = {
        {"35=8|34=12|49=A|52=T|56=B|", 0},
        {"35=AE|34=2147483647|49=A|52=T|56=B|", 0},
        {"34=12|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|34=12|52=T|56=B|", -EBADMSG},
        {"35=8|34=12|49=A|56=B|", -EBADMSG},
        {"35=8|34=12|49=A|52=T|", -EBADMSG},
        {"35=8|34=12|49=|52=T|56=B|", -EBADMSG},
        {"35=|34=12|49=A|52=T|56=B|", -EBADMSG},
        {"35=ABC|34=12|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|34=0|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|34=-1|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|34=2147483648|49=A|52=T|56=B|", -EBADMSG},
        {"35=8|34=99999999999999999999|49=A|52=T|56=B|", -EBADMSG},
    };
    struct fix_frame_message read;
    char message[STREAM_MAX];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = frame(cases[i].body, message);

        cr_expect_eq(fix_frame_read(message, length, &read), cases[i].result, "%s", cases[i].body);
    }
}

Test(fix_frame, the_first_of_a_header_field_counts)
{
    static const char body[] = "35=8|34=12|49=A|52=T|56=B|43=Y|97=N|58=t|34=99|35=9|43=N|97=Y|";
    struct fix_frame_message read;
    char message[STREAM_MAX];

    cr_assert_eq(fix_frame_read(message, frame(body, message), &read), 0);
    cr_expect(fix_frame_is(read.field[FIX_MSG_TYPE], "8"));
    cr_expect_eq(read.seq, 12);
    cr_expect(fix_frame_flag(&read, FIX_POSS_DUP_FLAG));
    cr_expect_not(fix_frame_flag(&read, FIX_POSS_RESEND));
}

Test(fix_frame, a_separator_inside_data_begins_no_field)
{
    static const char *const hidden[] = {
#define FIX_DATA(length, data) #length "=9|" #data "=x|31=66|y|",
#include "proto/fix_data.def"
    };
    static const char *const plain[] = {"95=99|96=x|31=66|y|", "95=x|96=x|31=66|y|", "95=1|31=66|", "95=9|"};
    char message[STREAM_MAX];
    struct fix_frame_message read;

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        (void)fix_frame_read(message, frame(hidden[i], message), &read);
        cr_expect_null(read.field[31].text, "%s", hidden[i]);
        cr_expect_not_null(read.field[10].text, "%s", hidden[i]);
    }
    /* A length that lies must not hide what follows, nor lead past the end. */
    for (size_t i = 0; i < 3; i++) {
        (void)fix_frame_read(message, frame(plain[i], message), &read);
        cr_expect_not_null(read.field[31].text, "%s", plain[i]);
    }
    (void)fix_frame_read(message, frame(plain[3], message), &read);
    cr_expect_not_null(read.field[10].text);
}
