/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-exchange-sim misbehaving on command, as a client on the wire sees it. The client here takes nothing in
 * hand by itself: each test says every message and hears every message. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "services/exchange-sim/fix/fix.h"
#include "tests/support/exchange_process.h"

enum { IN_MAX = 65536, TEXT_MAX = 1024, WAIT_MS = 10000, QUIET_MS = 300, LINES_MAX = 8192 };

static struct exchange_process exchange;

struct wire {
    const char *id;
    int fd;
    uint64_t next_out;
    size_t length;
    char in[IN_MAX];
};

static void set_up(void)
{
    exchange_process_begin(&exchange);
}

static void tear_down(void)
{
    exchange_process_end(&exchange);
}

TestSuite(exchange_sim_fault, .init = set_up, .fini = tear_down, .timeout = 60);

/* Sends a line to the control port; the answer, good until the next call. */
static const char *control(const char *command)
{
    static char answer[LINES_MAX];
    char line[TEXT_MAX + 2];
    size_t lines = 0;
    (void)snprintf(line, sizeof(line), "%s\n", command);
    CLEANUP_FREE char *text = exchange_process_ask(&exchange, line, &lines);
    (void)snprintf(answer, sizeof(answer), "%s", text);
    return answer;
}

static void arm(const char *fault)
{
    char line[TEXT_MAX];
    (void)snprintf(line, sizeof(line), "fault %s", fault);
    const char *answer = control(line);
    cr_assert_not_null(strstr(answer, "\"id\":"), "%s: %s", fault, answer);
}

static void transmit(struct wire *wire, const char *type, const char *fields, uint64_t seq, bool poss_dup)
{
    char body[TEXT_MAX], bytes[2 * TEXT_MAX];
    size_t length = strlen(fields);
    for (size_t i = 0; i < length; i++)
        body[i] = fields[i] == '|' ? FIX_SOH : fields[i];
    struct fix_header header = {.type = type,
                                .sender = wire->id,
                                .target = "SIM",
                                .seq = seq,
                                .sending_time = clock_now(),
                                .poss_dup = poss_dup,
                                .orig_sending_time = clock_now()};
    size_t whole = fix_build(&header, body, length, bytes);
    cr_assert_eq(send(wire->fd, bytes, whole, MSG_NOSIGNAL), (ssize_t)whole);
}

static void say(struct wire *wire, const char *type, const char *fields)
{
    transmit(wire, type, fields, wire->next_out++, false);
}

static void buy(struct wire *wire, const char *id)
{
    char fields[TEXT_MAX];
    (void)snprintf(fields, sizeof(fields), "11=%s|55=AAPL|54=1|38=100|40=1|60=20260101-00:00:00|", id);
    say(wire, "D", fields);
}

/* What a message says, without what no test here is about. */
static const char *show(const struct fix_message *message)
{
    static char text[TEXT_MAX];
    static const uint32_t shown[] = {7, 11, 14, 16, 17, 32, 34, 36, 39, 43, 97, 102, 103, 112, 123, 141, 150};
    size_t length =
        (size_t)snprintf(text, sizeof(text), "%.*s", (int)message->type.length, message->type.text);
    for (size_t i = 0; i < message->field_count; i++)
        for (size_t j = 0; j < ARRAY_LEN(shown); j++)
            if (message->fields[i].tag == shown[j])
                length +=
                    (size_t)snprintf(text + length, sizeof(text) - length, " %u=%.*s", message->fields[i].tag,
                                     (int)message->fields[i].length, message->fields[i].value);
    return text;
}

/* The next message; "closed" or "silence". */
static const char *hear_within(struct wire *wire, int timeout_ms)
{
    static struct fix_message message;
    static char bytes[IN_MAX];
    int64_t until_us = clock_monotonic_us() + timeout_ms * INT64_C(1000);
    for (;;) {
        size_t length = 0;
        if (fix_frame(wire->in, wire->length, &length) == FIX_FRAME_MESSAGE) {
            memcpy(bytes, wire->in, length);
            wire->length -= length;
            memmove(wire->in, wire->in + length, wire->length);
            cr_assert_eq(fix_parse(bytes, length, &message).kind, FIX_VALID);
            return show(&message);
        }
        struct pollfd waiting = {.fd = wire->fd, .events = POLLIN};
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0 || poll(&waiting, 1, (int)(left_us / 1000 + 1)) <= 0)
            return "silence";
        ssize_t got = recv(wire->fd, wire->in + wire->length, IN_MAX - wire->length, 0);
        if (got <= 0)
            return "closed";
        wire->length += (size_t)got;
    }
}

#define HEAR(wire, wanted) cr_assert_str_eq(hear_within((wire), WAIT_MS), (wanted))
#define SILENCE(wire)      cr_assert_str_eq(hear_within((wire), QUIET_MS), "silence")

/* Connects and says Logon; the answer is still to be heard. */
static void dial_in(struct wire *wire, const char *logon)
{
    if (wire->fd > 0)
        (void)close(wire->fd);
    wire->length = 0;
    wire->fd = exchange_process_dial(exchange.port);
    cr_assert_geq(wire->fd, 0);
    say(wire, "A", logon);
}

static struct wire *log_on(const char *id)
{
    static struct wire wire;
    wire = (struct wire){.id = id, .next_out = 1};
    dial_in(&wire, "98=0|108=30|");
    HEAR(&wire, "A 34=1");
    return &wire;
}

static size_t count_of(const char *command, const char *what)
{
    size_t count = 0;
    const char *text = control(command);
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        count++;
    return count;
}

Test(exchange_sim_fault, a_line_dropped_before_the_effect_leaves_no_trace)
{
    struct wire *wire = log_on("OXE-L0");
    arm("drop-before session=OXE-L0");
    say(wire, "1", "112=first|");
    HEAR(wire, "0 34=2 112=first");
    buy(wire, "a");
    HEAR(wire, "closed");
    cr_expect_eq(count_of("orders", "cl_ord_id"), 0);
    dial_in(wire, "98=0|108=30|");
    HEAR(wire, "A 34=3");
    /* The order's number was never taken in: it is asked for, and may be filled with nothing. */
    HEAR(wire, "2 34=4 7=3 16=3");
    transmit(wire, "4", "123=Y|36=5|", 3, true);
    buy(wire, "a");
    HEAR(wire, "8 34=5 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=6 11=a 17=E2 150=F 39=2 32=100 14=100");
    cr_expect_eq(count_of("fault list", "\"left\":0,\"fired\":1"), 1);
}

Test(exchange_sim_fault, a_line_dropped_after_the_effect_leaves_reports_for_a_resend)
{
    struct wire *wire = log_on("OXE-L0");
    arm("drop-after");
    buy(wire, "a");
    HEAR(wire, "closed");
    cr_expect_eq(count_of("executions", "\"exec_id\":\"E2\""), 1);
    dial_in(wire, "98=0|108=30|");
    HEAR(wire, "A 34=4");
    say(wire, "2", "7=2|16=3|");
    HEAR(wire, "8 34=2 43=Y 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=3 43=Y 11=a 17=E2 150=F 39=2 32=100 14=100");
}

Test(exchange_sim_fault, what_was_swallowed_or_withheld_comes_out_by_asking)
{
    struct wire *wire = log_on("OXE-L0");
    arm("swallow");
    buy(wire, "a");
    SILENCE(wire);
    say(wire, "H", "11=a|55=AAPL|54=1|");
    HEAR(wire, "8 34=2 17=0 150=I 39=8 103=5 11=a 14=0");
    arm("withhold");
    buy(wire, "a");
    SILENCE(wire);
    cr_expect_eq(count_of("executions", "exec_id"), 1);
    say(wire, "H", "11=a|55=AAPL|54=1|");
    HEAR(wire, "8 34=3 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=4 11=a 17=E2 150=F 39=2 32=100 14=100");
    HEAR(wire, "8 34=5 11=a 17=0 150=I 39=2 14=100");
    /* With numbers: the next message shows that some are missing, and they outlive the process. */
    arm("withhold until=resend");
    buy(wire, "b");
    say(wire, "1", "112=t|");
    HEAR(wire, "0 34=8 112=t");
    exchange_process_stop(&exchange, SIGKILL);
    exchange_process_start(&exchange);
    dial_in(wire, "98=0|108=30|");
    HEAR(wire, "A 34=9");
    say(wire, "2", "7=6|16=7|");
    HEAR(wire, "8 34=6 43=Y 11=b 17=E3 150=0 39=0 14=0");
    HEAR(wire, "8 34=7 43=Y 11=b 17=E4 150=F 39=2 32=100 14=100");
    cr_expect_str_eq(control("fault list"), "", "a restart ends all faults");
}

Test(exchange_sim_fault, reports_and_lines_are_as_late_as_they_should_be)
{
    static const struct {
        const char *fault;
        int least_ms;
        bool heartbeats_too;
    } cases[] = {{"delay ms=400", 400, false}, {"slow ms=350 session=OXE-L0", 350, true}};
    struct wire *wire = log_on("OXE-L0");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        arm(cases[i].fault);
        int64_t begun_us = clock_monotonic_us();
        buy(wire, i == 0 ? "a" : "b");
        say(wire, "1", "112=t|");
        if (!cases[i].heartbeats_too) {
            cr_assert_eq(strncmp(hear_within(wire, WAIT_MS), "0 ", 2), 0);
            cr_expect_lt(clock_monotonic_us() - begun_us, 200000);
        }
        cr_assert_eq(strncmp(hear_within(wire, WAIT_MS), "8 ", 2), 0);
        int64_t taken_ms = (clock_monotonic_us() - begun_us) / 1000;
        cr_expect(taken_ms >= cases[i].least_ms && taken_ms < cases[i].least_ms + 500, "%s: %" PRId64,
                  cases[i].fault, taken_ms);
        cr_assert_eq(strncmp(hear_within(wire, WAIT_MS), "8 ", 2), 0);
        if (cases[i].heartbeats_too)
            cr_assert_eq(strncmp(hear_within(wire, WAIT_MS), "0 ", 2), 0);
        cr_expect_not_null(strstr(control("fault clear"), "\"cleared\":1"));
    }
    int64_t begun_us = clock_monotonic_us();
    say(wire, "1", "112=fast|");
    HEAR(wire, "0 34=8 112=fast");
    cr_expect_lt(clock_monotonic_us() - begun_us, 200000);
}

Test(exchange_sim_fault, a_logon_is_refused_or_never_answered)
{
    struct wire wire = {.id = "OXE-L0", .next_out = 1};
    arm("refuse message=logon session=OXE-L0");
    dial_in(&wire, "98=0|108=30|");
    HEAR(&wire, "5 34=1");
    HEAR(&wire, "closed");
    arm("swallow message=logon");
    wire.next_out = 1;
    dial_in(&wire, "98=0|108=30|");
    SILENCE(&wire);
    arm("drop-before message=logon");
    wire.next_out = 1;
    dial_in(&wire, "98=0|108=30|");
    HEAR(&wire, "closed");
    wire.next_out = 1;
    dial_in(&wire, "98=0|108=30|");
    HEAR(&wire, "A 34=2");
    (void)close(wire.fd);
}

Test(exchange_sim_fault, a_half_open_line_is_silent_and_then_goes_on)
{
    struct wire *wire = log_on("OXE-L0");
    arm("half-open ms=1200");
    int64_t begun_us = clock_monotonic_us();
    say(wire, "1", "112=anybody|");
    buy(wire, "a");
    cr_expect_str_eq(hear_within(wire, 1000), "silence");
    cr_expect_eq(count_of("orders", "cl_ord_id"), 0, "nothing was read");
    HEAR(wire, "0 34=2 112=anybody");
    cr_expect_geq(clock_monotonic_us() - begun_us, 1200000);
    HEAR(wire, "8 34=3 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=4 11=a 17=E2 150=F 39=2 32=100 14=100");
}

Test(exchange_sim_fault, a_new_connection_takes_the_place_of_a_half_open_one)
{
    struct wire first = {.id = "OXE-L0", .next_out = 1}, second = {.id = "OXE-L0"};
    dial_in(&first, "98=0|108=1|");
    HEAR(&first, "A 34=1");
    arm("half-open ms=60000");
    say(&first, "0", "");
    const char *heard = "closed";
    int64_t begun_us = clock_monotonic_us();
    while (strcmp(heard, "closed") == 0 && clock_monotonic_us() - begun_us < WAIT_MS * INT64_C(1000)) {
        second.next_out = 3;
        dial_in(&second, "98=0|108=1|");
        heard = hear_within(&second, 500);
        (void)poll(NULL, 0, 50);
    }
    cr_expect_str_eq(heard, "A 34=2");
    cr_expect_geq(clock_monotonic_us() - begun_us, 1500000);
    (void)close(first.fd);
    (void)close(second.fd);
}

Test(exchange_sim_fault, numbers_jump_and_a_resend_fills_the_gap)
{
    struct wire *wire = log_on("OXE-L0");
    arm("gap n=3");
    buy(wire, "a");
    HEAR(wire, "8 34=5 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=6 11=a 17=E2 150=F 39=2 32=100 14=100");
    say(wire, "2", "7=2|16=0|");
    HEAR(wire, "4 34=2 43=Y 123=Y 36=5");
    HEAR(wire, "8 34=5 43=Y 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=6 43=Y 11=a 17=E2 150=F 39=2 32=100 14=100");
    arm("reset n=20");
    say(wire, "1", "112=t|");
    HEAR(wire, "4 34=7 123=N 36=27");
    HEAR(wire, "0 34=27 112=t");
}

Test(exchange_sim_fault, a_logon_is_answered_with_both_numbers_begun_anew)
{
    struct wire *wire = log_on("OXE-L0");
    buy(wire, "a");
    HEAR(wire, "8 34=2 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=3 11=a 17=E2 150=F 39=2 32=100 14=100");
    arm("reset-logon");
    dial_in(wire, "98=0|108=30|");
    HEAR(wire, "A 34=1 141=Y");
    wire->next_out = 1;
    say(wire, "A", "98=0|108=30|141=Y|");
    say(wire, "1", "112=t|");
    HEAR(wire, "0 34=2 112=t");
    /* Orders are remembered, what was said about them is not. */
    say(wire, "H", "11=a|55=AAPL|54=1|");
    HEAR(wire, "8 34=3 11=a 17=0 150=I 39=2 14=100");
    say(wire, "2", "7=1|16=2|");
    HEAR(wire, "4 34=1 43=Y 123=Y 36=3");
    dial_in(wire, "98=0|108=30|");
    HEAR(wire, "A 34=4");
}

Test(exchange_sim_fault, what_is_told_twice_or_of_nobodys_order_is_no_execution_and_too_much_is)
{
    struct wire *wire = log_on("OXE-L0");
    arm("repeat as=dup");
    buy(wire, "a");
    HEAR(wire, "8 34=2 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=3 11=a 17=E2 150=F 39=2 32=100 14=100");
    HEAR(wire, "8 34=3 43=Y 11=a 17=E2 150=F 39=2 32=100 14=100");
    arm("alter");
    arm("stray id=nobodys");
    buy(wire, "b");
    HEAR(wire, "8 34=4 11=b 17=E3 150=0 39=0 14=0");
    HEAR(wire, "8 34=5 11=b 17=E4 150=F 39=2 32=100 14=100");
    HEAR(wire, "8 34=6 97=Y 11=b 17=E4 150=F 39=2 32=101 14=100");
    HEAR(wire, "8 34=7 11=nobodys 17=E5 150=F 39=2 32=1 14=1");
    cr_expect_eq(count_of("executions", "exec_id"), 2);
    arm("overfill quantity=5");
    buy(wire, "c");
    HEAR(wire, "8 34=8 11=c 17=E6 150=0 39=0 14=0");
    HEAR(wire, "8 34=9 11=c 17=E7 150=F 39=2 32=100 14=100");
    HEAR(wire, "8 34=10 11=c 17=E8 150=F 39=2 32=5 14=105");
    cr_expect_eq(count_of("executions", "\"cl_ord_id\":\"c\""), 2);
    arm("late-fill ms=300");
    arm("no-liquidity symbol=AAPL");
    buy(wire, "d");
    HEAR(wire, "8 34=11 11=d 17=E9 150=0 39=0 14=0");
    say(wire, "F", "11=x|41=d|55=AAPL|54=1|60=20260101-00:00:00|");
    HEAR(wire, "8 34=12 11=x 17=E10 150=4 39=4 14=0");
    HEAR(wire, "8 34=13 11=d 17=E11 150=F 39=4 32=100 14=100");
    cr_expect_eq(count_of("executions", "\"cl_ord_id\":\"d\""), 1);
}

Test(exchange_sim_fault, faults_are_listed_counted_logged_and_cleared)
{
    struct wire *wire = log_on("OXE-L7");
    cr_expect_str_eq(control("fault withhold session=OXE-L7 2"),
                     "{\"id\":1,\"kind\":\"withhold\",\"fault\":\"withhold session=OXE-L7 "
                     "report=ack,fill,done,refusal until=query 2\",\"left\":2,\"fired\":0}\n");
    cr_expect_str_eq(control("fault swallow colour=red"),
                     "{\"error\":\"swallow takes no such option: colour=red\"}\n");
    cr_expect_str_eq(control("fault clear x"), "{\"error\":\"which fault? its id is a number\"}\n");
    static const char *const surplus[] = {"fault clear 1 2", "fault list x", "fault help x"};
    for (size_t i = 0; i < ARRAY_LEN(surplus); i++)
        cr_expect_str_eq(control(surplus[i]), "{\"error\":\"too many words\"}\n", "%s", surplus[i]);
    cr_expect_eq(count_of("fault help", "\"help\":"), 20);
    buy(wire, "a");
    SILENCE(wire);
    cr_expect_eq(count_of("fault list", "\"left\":1,\"fired\":1"), 1);
    cr_expect_str_eq(control("fault clear 1"), "{\"cleared\":1,\"released\":2}\n");
    HEAR(wire, "8 34=2 11=a 17=E1 150=0 39=0 14=0");
    HEAR(wire, "8 34=3 11=a 17=E2 150=F 39=2 32=100 14=100");
    cr_expect_str_eq(control("fault list"), "");
    char text[LINES_MAX] = "";
    FILE *log = fopen(exchange.log_path, "re");
    cr_assert_not_null(log);
    (void)fread(text, 1, sizeof(text) - 1, log);
    (void)fclose(log);
    cr_expect_not_null(strstr(text, "\"event\":\"fault_fired\",\"fault\":1,\"kind\":\"withhold\","
                                    "\"client\":\"OXE-L7\",\"cl_ord_id\":\"a\""),
                       "%s", text);
}
