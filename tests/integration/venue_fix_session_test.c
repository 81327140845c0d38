/* SPDX-License-Identifier: Apache-2.0 */
/* What the adapter does when an exchange does what good engines
 * do not: the exchange is played message by message.
 *
 * Long: the exchange that is played, and its messages, serve all cases. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/executor/fix/fix_frame.h"
#include "services/executor/venue.h"
#include "tests/support/venue_peer.h"

#define ORDER "0192a5c0-0000-7000-8000-00000000000a"

enum { BYTES_MAX = 1 << 16, LANE = 5 };

static struct venue_peer_log venue_log;
static const struct venue_ops *ops;
static struct venue *venue;
static int listener = -1, line = -1;
static char received[BYTES_MAX];
static size_t received_length;

static void set_up(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct venue_fix_config config = {
        .host = "localhost",
        .sender_prefix = "OXE-L",
        .target_comp_id = "PLAYED",
        .heartbeat_seconds = 1,
        .reconnect_seconds = 1,
        .name = "PLAYED",
    };

    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(listener, 4), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    config.port = ntohs(address.sin_port);
    cr_assert_eq(venue_fix_create(&config, &ops, &venue), 0);
    venue_log.ops = ops;
    venue_log.venue = venue;
}

static void hang_up(void)
{
    if (line >= 0)
        (void)close(line);
    line = -1;
    received_length = 0;
}

static void tear_down(void)
{
    hang_up();
    ops->destroy(&venue);
    (void)close(listener);
}

TestSuite(venue_fix_session, .init = set_up, .fini = tear_down, .timeout = 60);

/* Says one message; `body` begins behind the header and ends with a bar. */
static void say_with(int seq, const char *type, const char *header, const char *body)
{
    char content[2048], message[2200];
    unsigned sum = 0;
    int n;

    (void)snprintf(content, sizeof content, "35=%s|34=%d|49=PLAYED|52=20251017-12:00:00.000|56=OXE-L%d|%s%s",
                   type, seq, LANE, header, body);
    n = snprintf(message, sizeof message, "8=FIX.4.4|9=%zu|%s", strlen(content), content);
    for (int i = 0; i < n; i++) {
        message[i] = message[i] == '|' ? '\001' : message[i];
        sum += (unsigned char)message[i];
    }
    n += snprintf(message + n, sizeof message - (size_t)n, "10=%03u\001", sum % 256);
    cr_assert_eq(send(line, message, (size_t)n, MSG_NOSIGNAL), n);
}

static void say(int seq, const char *type, const char *body)
{
    say_with(seq, type, "", body);
}

static void say_again(int seq, const char *type, const char *body)
{
    say_with(seq, type, "43=Y|122=20251017-12:00:00.000|", body);
}

/* Hears the next message; others than this type are passed over. Returns the value of `tag` in it. */
static const char *hear(const char *type, int tag)
{
    static char value[128];
    int64_t deadline = clock_monotonic_us() + INT64_C(1000) * VENUE_PEER_WAIT_MS;

    for (;;) {
        struct fix_frame_message message;
        struct pollfd ready = {.fd = line, .events = POLLIN};
        size_t start, end;

        if (fix_frame_find(received, received_length, &start, &end) == 0) {
            cr_assert_eq(fix_frame_read(received + start, end - start, &message), 0);
            (void)snprintf(value, sizeof value, "%.*s", (int)message.field[tag].length,
                           message.field[tag].text);
            bool is_it = fix_frame_is(message.field[FIX_MSG_TYPE], type);
            memmove(received, received + end, received_length - end);
            received_length -= end;
            if (is_it)
                return value;
            continue;
        }
        cr_assert_lt(clock_monotonic_us(), deadline, "no message of type %s was said", type);
        if (poll(&ready, 1, 100) > 0) {
            ssize_t got = recv(line, received + received_length, BYTES_MAX - received_length, 0);

            cr_assert_gt(got, 0, "hung up before a message of type %s", type);
            received_length += (size_t)got;
        }
    }
}

static void answer_call(void)
{
    struct pollfd ready = {.fd = listener, .events = POLLIN};

    cr_assert_eq(poll(&ready, 1, VENUE_PEER_WAIT_MS), 1, "nobody called");
    line = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    cr_assert_geq(line, 0);
    (void)hear("A", 34);
}

/* Answers the Heartbeat that the adapter waits for; `seq` is its number. */
static void confirm(int seq)
{
    char body[64];

    (void)snprintf(body, sizeof body, "112=%s|", hear("1", 112));
    say(seq, "0", body);
}

static size_t logged_on(uint64_t next_in)
{
    cr_assert_eq(ops->open(venue, LANE, next_in, 1), 0);
    answer_call();
    say((int)next_in, "A", "98=0|108=1|");
    confirm((int)next_in + 1);
    return venue_peer_await(&venue_log, 0, VENUE_READY, NULL);
}

#define FILL_BODY(exec_id)                                                                                   \
    "11=" ORDER "|37=V|17=" exec_id "|150=F|39=1|55=AAPL|54=1|32=1|31=5|14=1|151=9|6=5|"

Test(venue_fix_session, ready_only_when_the_gap_is_closed)
{
    size_t ready;

    cr_assert_eq(ops->open(venue, LANE, 3, 1), 0);
    answer_call();
    say(6, "A", "98=0|108=1|");
    cr_assert_str_eq(hear("2", 7), "3");
    confirm(7); /* out of turn: it must not count yet */
    venue_peer_listen(&venue_log, 300);
    cr_assert_eq(venue_log.count, 0);
    say_again(3, "8", FILL_BODY("E3"));
    say_again(4, "4", "123=Y|36=5|");
    say_again(5, "8", FILL_BODY("E5"));
    say_again(6, "4", "123=Y|36=7|");
    ready = venue_peer_await(&venue_log, 0, VENUE_READY, NULL);
    cr_assert_eq(venue_log.events[ready].in_seq, 7);
    cr_assert_eq(venue_peer_count(&venue_log, 0, VENUE_FILL), 2);
    cr_assert_lt(venue_peer_await(&venue_log, 0, VENUE_FILL, NULL), ready);
}

Test(venue_fix_session, a_test_request_lost_in_a_gap_is_asked_again)
{
    char body[64];

    cr_assert_eq(ops->open(venue, LANE, 1, 100), 0);
    answer_call();
    say(1, "A", "98=0|108=1|");
    (void)hear("1", 112); /* numbered behind the gap: the exchange may drop it */
    say(2, "2", "7=1|16=0|");
    cr_assert_str_eq(hear("4", 123), "Y");
    (void)snprintf(body, sizeof body, "112=%s|", hear("1", 112));
    say(3, "0", body);
    (void)venue_peer_await(&venue_log, 0, VENUE_READY, NULL);
}

/* QuickFIX alone counts the Logout as the missing message. */
Test(venue_fix_session, a_logout_out_of_turn_loses_no_report)
{
    size_t at = logged_on(1), down;

    say(4, "8", FILL_BODY("E4")); /* 3 is missing */
    cr_assert_str_eq(hear("2", 7), "3");
    say(5, "5", "58=bye|");
    down = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    cr_assert_str_eq(venue_log.events[down].text, "logout by the exchange: bye");
    hang_up();
    answer_call();
    say(6, "A", "98=0|108=1|");
    cr_assert_str_eq(hear("2", 7), "3");
    say_again(3, "8", FILL_BODY("E3"));
    at = venue_peer_await(&venue_log, down, VENUE_FILL, NULL);
    cr_assert_str_eq(venue_log.events[at].exec_id, "E3");
    cr_assert_eq(venue_log.events[at].in_seq, 3);
}

Test(venue_fix_session, a_reject_out_of_turn_loses_no_report)
{
    size_t at = logged_on(1);

    say(4, "3", "45=1|58=no|");
    say(5, "8", FILL_BODY("E5"));
    cr_assert_str_eq(hear("2", 7), "3");
    say_again(3, "8", FILL_BODY("E3"));
    say_again(4, "4", "123=Y|36=5|");
    at = venue_peer_await(&venue_log, at, VENUE_FILL, NULL);
    cr_assert_str_eq(venue_log.events[at].exec_id, "E3");
    at = venue_peer_await(&venue_log, at + 1, VENUE_FILL, NULL);
    cr_assert_str_eq(venue_log.events[at].exec_id, "E5");
}

Test(venue_fix_session, a_report_with_fields_unknown_or_repeated_or_empty_still_counts)
{
    static const char *const extras[] = {
        "9999=x|", "453=2|448=A|447=D|452=1|448=B|447=D|452=3|", "58=one|58=two|", "1=|", "49=again|",
    };
    size_t at = logged_on(1);

    for (size_t i = 0; i < sizeof extras / sizeof extras[0]; i++) {
        char body[512];

        (void)snprintf(body, sizeof body, FILL_BODY("E") "%s", extras[i]);
        say((int)i + 3, "8", body);
        at = venue_peer_await(&venue_log, at + 1, VENUE_FILL, NULL);
        cr_assert_eq(venue_log.events[at].in_seq, i + 3, "%s", extras[i]);
    }
}

/* What stands behind a separator inside a data field is no field: whichever of FIX 4.4's pairs it is, and
 * wherever it stands. */
Test(venue_fix_session, a_fill_with_separators_in_a_data_field_is_a_fill)
{
    static const int pairs[][2] = {
#define FIX_DATA(length, data) {length, data},
#include "proto/fix_data.def"
    };
    static const char data[] = "x|150=8|39=8|34=77|17=F|43=Y|11=" ORDER "|";
    size_t at = logged_on(1);

    cr_assert_eq(sizeof pairs / sizeof pairs[0], 16);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct venue_event *event;
        char body[512];

        (void)snprintf(body, sizeof body, "%d=%zu|%d=%s|" FILL_BODY("E"), pairs[i][0], sizeof data - 1,
                       pairs[i][1], data);
        say((int)i + 3, "8", body);
        at = venue_peer_await(&venue_log, at + 1, VENUE_FILL, NULL);
        event = &venue_log.events[at];
        cr_expect_eq(event->in_seq, i + 3, "%d", pairs[i][1]);
        cr_expect_str_eq(event->exec_id, "E", "%d", pairs[i][1]);
        cr_expect(event->known && !event->possible_duplicate, "%d", pairs[i][1]);
    }
}

Test(venue_fix_session, separators_in_a_logouts_or_rejects_text_forge_nothing)
{
    size_t at = logged_on(1);

    say(3, "3", "354=19|355=x|34=9|36=90|123=Y||45=99|58=no|");
    at = venue_peer_await(&venue_log, at, VENUE_UNEXPECTED, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 3);
    say(4, "5", "354=18|355=x|34=9|58=forged|x|58=bye|");
    at = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    cr_expect_str_eq(venue_log.events[at].text, "logout by the exchange: bye");
    hang_up();
    answer_call();
    say(5, "A", "98=0|108=1|");
    confirm(6);
    at = venue_peer_await(&venue_log, at, VENUE_READY, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 6);
}

Test(venue_fix_session, an_upward_reset_is_told_and_the_numbers_go_on_from_it)
{
    size_t at = logged_on(1);

    say(1, "4", "36=50|");
    at = venue_peer_await(&venue_log, at, VENUE_SEQUENCE_RESET, NULL);
    cr_assert_eq(venue_log.events[at].in_seq, 49);
    say(50, "8", FILL_BODY("E50"));
    at = venue_peer_await(&venue_log, at, VENUE_FILL, NULL);
    cr_assert_eq(venue_log.events[at].in_seq, 50);
}

Test(venue_fix_session, a_logon_that_resets_begins_at_one_again)
{
    size_t at;

    cr_assert_eq(ops->open(venue, LANE, 700, 900), 0);
    answer_call();
    say(1, "A", "98=0|108=1|141=Y|");
    at = venue_peer_await(&venue_log, 0, VENUE_SEQUENCE_RESET, NULL);
    cr_assert_eq(venue_log.events[at].in_seq, 0);
    confirm(2);
    at = venue_peer_await(&venue_log, at, VENUE_READY, NULL);
    cr_assert_eq(venue_log.events[at].in_seq, 2);
    cr_assert_lt(ops->next_out(venue, LANE), 10);
}

/* A restored backup, a lost disk: the numbers begin below what we expect, and nothing in the Logon says so.
 * QuickFIX alone refuses every Logon until the number is reached. */
Test(venue_fix_session, an_exchange_that_begins_anew_unasked_is_asked_for_all_it_has)
{
    size_t at = logged_on(500);

    hang_up();
    at = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    answer_call();
    say(3, "A", "98=0|108=1|");
    cr_assert_str_eq(hear("2", 7), "1");
    at = venue_peer_await(&venue_log, at, VENUE_BEGAN_ANEW, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 0);
    cr_expect_str_eq(venue_log.events[at].text, "the exchange logs on with number 3 where 502 was expected");
    say_again(1, "8", FILL_BODY("E1"));
    say_again(2, "4", "123=Y|36=4|");
    at = venue_peer_await(&venue_log, at, VENUE_FILL, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 1);
    confirm(4);
    at = venue_peer_await(&venue_log, at, VENUE_READY, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 4);
}

Test(venue_fix_session, an_exchange_that_begins_at_one_is_taken_up_there)
{
    size_t at = logged_on(2);

    hang_up();
    answer_call();
    say(1, "A", "98=0|108=1|");
    confirm(2);
    at = venue_peer_await(&venue_log, at, VENUE_BEGAN_ANEW, NULL);
    at = venue_peer_await(&venue_log, at, VENUE_READY, NULL);
    cr_expect_eq(venue_log.events[at].in_seq, 2);
}

/* Ours is too low: after a restored backup of PostgreSQL, say. */
Test(venue_fix_session, the_number_that_the_exchange_expects_is_taken_from_its_logout)
{
    static const struct {
        const char *text;
        long next; /* or a few more: our own Logouts take numbers too */
    } cases[] = {
        {"MsgSeqNum too low, expecting 50 but received 1", 50},
        {"MsgSeqNum is too low. Expected 60 but was 51", 60},
        {"Incoming seq number 61 is less than expected 70", 70},
        {"Expected 99999999999999999999", 71},
        {"Unexpected: try again in 3 minutes", 72},
    };

    cr_assert_eq(ops->open(venue, LANE, 1, 1), 0);
    line = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    (void)hear("A", 34);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[96];
        long next;

        (void)snprintf(body, sizeof body, "58=%s|", cases[i].text);
        say(1, "5", body);
        hang_up();
        line = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        next = strtol(hear("A", 34), NULL, 10);
        cr_expect(next >= cases[i].next && next < cases[i].next + 5, "%s: %ld", cases[i].text, next);
    }
}

Test(venue_fix_session, why_there_is_no_session_is_told)
{
    size_t at = 0;

    cr_assert_eq(ops->open(venue, LANE, 1, 1), 0);
    answer_call();
    say(1, "5", "58=not today|");
    at = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    cr_expect_str_eq(venue_log.events[at].text, "logout by the exchange: not today");
    hang_up();
    (void)shutdown(listener, SHUT_RDWR);
    at = venue_peer_await(&venue_log, at, VENUE_UNREACHABLE, NULL);
    cr_expect_str_eq(venue_log.events[at].text, "no connection: Connection refused");
    venue_peer_listen(&venue_log, 2500);
    cr_expect_eq(venue_peer_count(&venue_log, at + 1, VENUE_UNREACHABLE), 0, "once is enough");
}

Test(venue_fix_session, a_gap_fill_moves_the_sequence)
{
    size_t at = logged_on(1);

    say(3, "4", "123=Y|36=20|");
    do
        at = venue_peer_await(&venue_log, at + 1, VENUE_SEQUENCE, NULL);
    while (venue_log.events[at].in_seq < 19);
    cr_assert_eq(venue_log.events[at].in_seq, 19);
}

Test(venue_fix_session, an_exchange_that_falls_silent_is_left)
{
    int64_t begun;
    size_t at = logged_on(1);

    begun = clock_monotonic_us();
    at = venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    cr_assert_str_eq(venue_log.events[at].text, "Timed out waiting for heartbeat");
    cr_assert_lt(clock_monotonic_us() - begun, 5000000);
}

Test(venue_fix_session, garbage_ends_nothing_and_a_bad_header_ends_the_line)
{
    static const char garbage[] = "8=FIX.4.4\0019=5\00135=0\00110=000\001\001\001hello";
    size_t at = logged_on(1);

    cr_assert_gt(send(line, garbage, sizeof garbage - 1, MSG_NOSIGNAL), 0);
    say(3, "8", FILL_BODY("E3"));
    at = venue_peer_await(&venue_log, at, VENUE_FILL, NULL);
    say(4, "ABCD", "58=x|");
    (void)venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    cr_assert_eq(venue_peer_count(&venue_log, at + 1, VENUE_FILL), 0);
}

Test(venue_fix_session, prices_are_asked_for_after_every_logon)
{
    static const char *const symbols[] = {"AAPL", "MSFT"};
    size_t at = logged_on(1);

    cr_assert_eq(ops->subscribe_prices(venue, LANE, symbols, 2), 0);
    cr_assert_str_eq(hear("V", 55), "AAPL", "each has a request of its own");
    cr_assert_str_eq(hear("V", 55), "MSFT");
    say(3, "W", "262=P|55=AAPL|268=1|269=2|270=150.25|");
    at = venue_peer_await(&venue_log, at, VENUE_PRICE, NULL);
    cr_assert_eq(decimal_compare(venue_log.events[at].last_price, venue_peer_decimal("150.25")), 0);
    hang_up();
    (void)venue_peer_await(&venue_log, at, VENUE_DOWN, NULL);
    answer_call();
    say(4, "A", "98=0|108=1|");
    confirm(5);
    cr_assert_str_eq(hear("V", 263), "1");
}

Test(venue_fix_session, orders_are_written_as_they_are)
{
    static const struct {
        enum order_type type;
        enum time_in_force time_in_force;
        bool again;
        int tag;
        const char *value;
    } cases[] = {
        {ORDER_TYPE_MARKET, TIME_IN_FORCE_DAY, false, 40, "1"},
        {ORDER_TYPE_MARKET, TIME_IN_FORCE_DAY, false, 44, ""},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 44, "150.12345678"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 99, ""},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 38, "0.00000001"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 21, "1"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 54, "2"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 55, "BRK.B"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 97, ""},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, true, 97, "Y"},
        {ORDER_TYPE_STOP, TIME_IN_FORCE_DAY, false, 99, "150.12345678"},
        {ORDER_TYPE_STOP, TIME_IN_FORCE_DAY, false, 44, ""},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_DAY, false, 59, "0"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_GTC, false, 59, "1"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_IOC, false, 59, "3"},
        {ORDER_TYPE_LIMIT, TIME_IN_FORCE_FOK, false, 59, "4"},
    };

    (void)logged_on(1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct venue_order order =
            venue_peer_order("BRK.B", SIDE_SELL, cases[i].type, "0.00000001", "150.12345678");

        order.time_in_force = cases[i].time_in_force;
        order.possible_resend = cases[i].again;
        cr_assert_eq(ops->submit(venue, LANE, &order), 0);
        cr_expect_str_eq(hear("D", cases[i].tag), cases[i].value, "case %zu, tag %d", i, cases[i].tag);
    }
}

Test(venue_fix_session, requests_about_an_order_name_it)
{
    struct venue_order order = venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_LIMIT, "10", "5");
    struct uuid request = venue_peer_id();
    char order_id[UUID_TEXT_MAX], request_id[UUID_TEXT_MAX];

    uuid_format(order.order_id, order_id);
    uuid_format(request, request_id);
    (void)logged_on(1);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(ops->cancel(venue, LANE, &order, request), 0);
        cr_expect_str_eq(hear("F", i ? 41 : 11), i ? order_id : request_id);
        cr_assert_eq(ops->replace(venue, LANE, &order, request, venue_peer_decimal("7")), 0);
        cr_expect_str_eq(hear("G", i ? 41 : 11), i ? order_id : request_id);
        cr_assert_eq(ops->replace(venue, LANE, &order, request, venue_peer_decimal("7")), 0);
        cr_expect_str_eq(hear("G", i ? 38 : 44), i ? "7" : "5");
        cr_assert_eq(ops->query(venue, LANE, &order), 0);
        cr_expect_str_eq(hear("H", i ? 11 : 55), i ? order_id : "AAPL");
    }
}

/* The exchange asks for all we ever said: it gets a gap fill and no order a second time. */
Test(venue_fix_session, a_resend_request_is_answered_with_gap_fills_alone)
{
    struct venue_order order = venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_LIMIT, "10", "5");

    (void)logged_on(1);
    cr_assert_eq(ops->submit(venue, LANE, &order), 0);
    (void)hear("D", 11);
    say(3, "2", "7=1|16=0|");
    cr_assert_str_eq(hear("4", 36), "4"); /* Logon, TestRequest and order were 1 to 3 */
    say(4, "1", "112=end|");
    for (;;) { /* whatever comes before the answer must be no order */
        struct fix_frame_message message;
        size_t start, end;

        if (fix_frame_find(received, received_length, &start, &end) < 0) {
            ssize_t got = recv(line, received + received_length, BYTES_MAX - received_length, 0);

            cr_assert_gt(got, 0);
            received_length += (size_t)got;
            continue;
        }
        cr_assert_eq(fix_frame_read(received + start, end - start, &message), 0);
        cr_assert_not(fix_frame_is(message.field[FIX_MSG_TYPE], "D"));
        if (fix_frame_is(message.field[112], "end"))
            break;
        received_length -= end;
        memmove(received, received + end, received_length);
    }
}

Test(venue_fix_session, opening_and_closing_are_checked)
{
    struct venue_order order = venue_peer_order("AAPL", SIDE_BUY, ORDER_TYPE_LIMIT, "10", "5");

    cr_expect_eq(ops->open(venue, LANE, 0, 1), -EINVAL);
    cr_expect_eq(ops->open(venue, LANE, 1, 0), -EINVAL);
    cr_expect_eq(ops->open(venue, LANE, UINT64_C(1) << 31, 1), -EINVAL);
    cr_expect_eq(ops->open(venue, VENUE_LANES_MAX, 1, 1), -EINVAL);
    cr_expect_eq(ops->open(venue, -1, 1, 1), -EINVAL);
    cr_expect_eq(ops->submit(venue, LANE, &order), -ENOTCONN);
    cr_expect_eq(ops->next_out(venue, LANE), 0);
    ops->close(venue, LANE);
    (void)logged_on(1);
    cr_expect_eq(ops->open(venue, LANE, 1, 1), -EBUSY);
    ops->close(venue, LANE);
    (void)hear("5", 34);
    ops->close(venue, LANE);
    cr_expect_eq(ops->submit(venue, LANE, &order), -ENOTCONN);
}

enum { FLOOD = 150000 };

static atomic_int said;

static void *flood(void *context)
{
    for (int seq = 3; seq < 3 + FLOOD; seq++) {
        say(seq, "8", FILL_BODY("E"));
        said++;
    }
    return context;
}

struct flooded {
    uint64_t last;
    int fills;
};

static void count_flood(void *context, const struct venue_event *event)
{
    struct flooded *flooded = context;

    if (event->type != VENUE_FILL)
        return;
    cr_assert_eq(event->in_seq, flooded->last + 1);
    flooded->last = event->in_seq;
    flooded->fills++;
}

Test(venue_fix_session, a_full_queue_holds_the_exchange_back_and_loses_nothing)
{
    struct flooded flooded = {.last = 2};
    struct pollfd ready = {.events = POLLIN};
    pthread_t exchange;
    int64_t deadline = clock_monotonic_us() + 40000000;
    int before;

    (void)logged_on(1);
    ready.fd = ops->event_fd(venue);
    cr_assert_eq(pthread_create(&exchange, NULL, flood, NULL), 0);
    do {
        before = said;
        (void)poll(NULL, 0, 300);
    } while (said > before); /* until the exchange is stuck */
    cr_assert_lt(before, FLOOD);
    while (flooded.fills < FLOOD) {
        cr_assert_lt(clock_monotonic_us(), deadline, "%d fills came", flooded.fills);
        (void)poll(&ready, 1, 100);
        (void)ops->drain(venue, 1000, count_flood, &flooded);
    }
    cr_assert_eq(pthread_join(exchange, NULL), 0);
}
