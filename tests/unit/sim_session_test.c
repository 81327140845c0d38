/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's FIX session: numbers, gaps, resends, time-outs. Actions are written as text: what is sent,
 * delivered, repeated.
 *
 * Long: the language of its actions serves all cases. */
#include "services/exchange-sim/session/session.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/fix_text.h"

enum { SECOND = 1000000, SHOWN_MAX = 2048 };

static struct session session;
static struct session_actions actions;
static struct fix_message message;
static char shown[SHOWN_MAX];
static int64_t now_us = 1000 * (int64_t)SECOND;

/* "send 0 112=x| deliver resend 3-5 reset disconnect" */
static const char *show_actions(void)
{
    size_t at = 0;
    shown[0] = '\0';
    for (size_t i = 0; i < actions.count; i++) {
        const struct session_action *action = &actions.items[i];
        char body[FIX_TEXT_MAX];
        fix_text_show(action->body.bytes, action->body.length, body);
        const char *space = i > 0 ? " " : "";
        switch (action->type) {
        case SESSION_SEND:
            at += (size_t)snprintf(shown + at, SHOWN_MAX - at, "%ssend %c %s", space, action->message_type,
                                   body);
            break;
        case SESSION_DELIVER:
            at += (size_t)snprintf(shown + at, SHOWN_MAX - at, "%sdeliver", space);
            break;
        case SESSION_RESEND:
            at += (size_t)snprintf(shown + at, SHOWN_MAX - at, "%sresend %" PRIu64 "-%" PRIu64, space,
                                   action->begin, action->end);
            break;
        case SESSION_RESET:
            at += (size_t)snprintf(shown + at, SHOWN_MAX - at, "%sreset", space);
            break;
        case SESSION_DISCONNECT:
            at += (size_t)snprintf(shown + at, SHOWN_MAX - at, "%sdisconnect", space);
            break;
        }
    }
    return shown;
}

/* Sends are numbered as the shell would. */
static void number_sends(void)
{
    for (size_t i = 0; i < actions.count; i++)
        if (actions.items[i].type == SESSION_SEND)
            (void)session_take_out(&session, now_us);
}

static struct fix_fault parse(const char *type, uint64_t seq, const char *rest)
{
    static char bytes[FIX_TEXT_MAX];
    char fields[FIX_TEXT_MAX];
    (void)snprintf(fields, sizeof(fields), "35=%s|49=A|56=SIM|34=%" PRIu64 "|%s", type, seq,
                   strncmp(rest, "43=", 3) == 0 ? "" : "52=20260102-03:04:05|");
    strcat(fields, rest);
    return fix_parse(bytes, fix_text_build(fields, bytes), &message);
}

static const char *log_on(uint64_t seq, const char *rest)
{
    struct fix_fault fault = parse("A", seq, rest);
    cr_assert_eq(session_logon(&session, &message, &fault, now_us, &actions), 0);
    number_sends();
    return show_actions();
}

static const char *receive(const char *type, uint64_t seq, const char *rest)
{
    struct fix_fault fault = parse(type, seq, rest);
    cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
    number_sends();
    return show_actions();
}

static const char *tick(void)
{
    session_tick(&session, now_us, &actions);
    number_sends();
    return show_actions();
}

static void create(void)
{
    cr_assert_eq(session_init(&session, "A"), 0);
}

static void create_logged_on(void)
{
    create();
    cr_assert_str_eq(log_on(1, "98=0|108=30|"), "send A 98=0|108=30|");
}

static void release(void)
{
    session_release(&session);
}

#define PLAIN_LOGON "98=0|108=30|"
#define DUPLICATE   "43=Y|52=20260102-03:04:05|122=20260102-03:04:00|"

TestSuite(sim_logon, .init = create, .fini = release);
TestSuite(sim_session, .init = create_logged_on, .fini = release);

Test(sim_logon, a_logon_is_answered_with_the_same_heartbeat)
{
    cr_expect_str_eq(log_on(1, "98=0|108=5|"), "send A 98=0|108=5|");
    cr_expect_eq(session.state, SESSION_LOGGED_ON);
    cr_expect_eq(session.next_in, 2);
    cr_expect_eq(session.next_out, 2);
}

Test(sim_logon, unusable_logons_are_refused_with_a_text)
{
    static const char *const cases[][2] = {
        {"108=30|", "send 5 58=EncryptMethod(98) must be 0| disconnect"},
        {"98=1|108=30|", "send 5 58=EncryptMethod(98) must be 0| disconnect"},
        {"98=0|", "send 5 58=HeartBtInt(108) must be 0 to 3600| disconnect"},
        {"98=0|108=3601|", "send 5 58=HeartBtInt(108) must be 0 to 3600| disconnect"},
        {"98=0|108=-1|", "send 5 58=HeartBtInt(108) must be 0 to 3600| disconnect"},
        {"98=0|108=30|141=X|", "send 5 58=ResetSeqNumFlag(141) must be Y or N| disconnect"},
        {"98=0|108=30|112=x|",
         "send 5 58=Logon refused: Tag not defined for this message type (tag 112)| disconnect"},
        {"98=0|108=30|49=A|", "send 5 58=Logon refused: Tag appears more than once (tag 49)| disconnect"},
        {"43=Y|52=20260102-03:04:05|98=0|108=30|",
         "send 5 58=Logon refused: Required tag missing (tag 122)| disconnect"},
        {"98=0|108=|", "send 5 58=Logon refused: Tag specified without a value (tag 108)| disconnect"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_expect_str_eq(log_on(1, cases[i][0]), cases[i][1]);
        cr_expect_eq(session.state, SESSION_DISCONNECTED);
        cr_expect_eq(session.next_in, 1, "the number is not used up");
    }
}

Test(sim_logon, a_number_that_is_too_low_ends_the_session)
{
    session.next_in = 5;
    cr_expect_str_eq(log_on(4, PLAIN_LOGON),
                     "send 5 58=MsgSeqNum too low, expecting 5 but received 4| disconnect");
    cr_expect_eq(session.state, SESSION_DISCONNECTED);
    cr_expect_eq(session.next_in, 5);
}

Test(sim_logon, a_number_that_is_too_high_asks_for_the_gap_before_it)
{
    session.next_in = 5;
    cr_expect_str_eq(log_on(10, PLAIN_LOGON), "send A 98=0|108=30| send 2 7=5|16=9|");
    cr_expect_eq(session.next_in, 5);
    cr_expect_str_eq(receive("1", 11, "112=x|"), "", "held until the gap is closed");
    cr_expect_str_eq(receive("4", 5, DUPLICATE "123=Y|36=10|"), "");
    char *bytes = NULL;
    size_t length = 0;
    cr_assert(session_next_held(&session, &bytes, &length),
              "the logon's own number counts, the test request is next");
    cr_expect_eq(session.next_in, 11);
    cr_expect_neq(memmem(bytes, length, "112=x", 5), NULL);
    free(bytes);
    cr_expect_not(session_next_held(&session, &bytes, &length));
    cr_expect_eq(session.gap_end, 0);
}

Test(sim_logon, a_reset_makes_both_numbers_begin_anew)
{
    session.next_in = 50;
    session.next_out = 70;
    cr_assert_eq(session_stored(&session, 60, 4711), 0);
    cr_expect_str_eq(log_on(1, "98=0|108=30|141=Y|"), "reset send A 98=0|108=30|141=Y|");
    cr_expect_eq(session.next_in, 2);
    cr_expect_eq(session.next_out, 2);
    struct session_resend step;
    cr_assert(session_resend_next(&session, 60, 60, &step));
    cr_expect_eq(step.place, 0, "what was stored is forgotten");
}

Test(sim_logon, a_reset_must_come_with_number_one)
{
    session.next_in = 50;
    cr_expect_str_eq(log_on(50, "98=0|108=30|141=Y|"),
                     "send 5 58=MsgSeqNum must be 1 with ResetSeqNumFlag| disconnect");
    cr_expect_eq(session.next_in, 50);
}

Test(sim_session, messages_in_order_are_answered_by_their_type)
{
    static const struct {
        const char *type, *rest, *wanted;
    } cases[] = {
        {"0", "", ""},
        {"1", "112=hello|", "send 0 112=hello|"},
        {"1", "", "send 3 45=4|371=112|372=1|373=1|58=Required tag missing|"},
        {"3", "45=1|", ""},
        {"D", "11=x|", "deliver"},
        {"V", "262=x|", "deliver"},
        {"2", "7=1|16=0|", "resend 1-3"},
        {"2", "7=2|16=2|", "resend 2-2"},
        {"2", "7=1|16=99|", "resend 1-3"},
        {"2", "7=9|16=0|",
         "send 3 45=11|371=7|372=2|373=5|58=Value is incorrect (out of range) for this tag|"},
        {"2", "7=0|16=0|",
         "send 3 45=12|371=7|372=2|373=5|58=Value is incorrect (out of range) for this tag|"},
        {"2", "7=1|", "send 3 45=13|371=16|372=2|373=1|58=Required tag missing|"},
        {"2", "7=a|16=0|", "send 3 45=14|371=7|372=2|373=6|58=Incorrect data format for value|"},
    };
    uint64_t seq = 2;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_expect_str_eq(receive(cases[i].type, seq++, cases[i].rest), cases[i].wanted);
        cr_expect_eq(session.next_in, seq, "case %zu uses its number up", i);
    }
}

Test(sim_session, a_faulty_message_is_rejected_and_uses_its_number_up)
{
    cr_expect_str_eq(receive("D", 2, "11=|"),
                     "send 3 45=2|371=11|372=D|373=4|58=Tag specified without a value|");
    cr_expect_eq(session.next_in, 3);
}

/* FIX 4.4's rules for the fields of administrative messages: the Reject names reason and tag, the number is
 * used up, the session goes on. */
Test(sim_session, faulty_administrative_messages_are_rejected_and_the_session_goes_on)
{
    static const struct {
        const char *type, *rest;
        unsigned tag, reason;
    } cases[] = {
        {"0", "58=x|", 58, 2},
        {"0", "112=a|112=b|", 112, 13},
        {"0", "957=x|", 957, 3},
        {"0", "112=x|43=N|", 43, 14},
        {"1", "112=|", 112, 4},
        {"1", "", 112, 1},
        {"2", "7=1|", 16, 1},
        {"2", "16=0|", 7, 1},
        {"2", "7=-1|16=0|", 7, 6},
        {"2", "7=1|16=x|", 16, 6},
        {"2", "7=1|16=0|7=2|", 7, 13},
        {"2", "7=3|16=2|", 7, 5},
        {"3", "58=x|", 45, 1},
        {"3", "45=x|", 45, 6},
        {"3", "45=1|373=x|", 373, 6},
        {"4", "123=Y|", 36, 1},
        {"4", "123=Y|36=x|", 36, 6},
        {"4", "123=Y|36=1|", 36, 5},
        {"4", "123=X|36=50|", 123, 6},
        {"4", "123=|36=50|", 123, 4},
        {"4", "123=Y|123=N|36=50|", 123, 13},
        {"5", "112=x|", 112, 2},
        {"A", "98=0|108=30|7=1|", 7, 2},
        {"A", "98=0|108=30|383=x|", 383, 6},
        {"A", "98=0|108=30|464=x|", 464, 6},
        {"A", "98=0|108=30|108=30|", 108, 13},
        {"D", "50=|11=x|", 50, 4},
        {"D", "11=x|49=A|", 49, 13},
        {"D", "43=Y|52=20260102-03:04:05|11=x|", 122, 1},
    };
    uint64_t seq = 2;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char wanted[64];
        const char *got = receive(cases[i].type, seq++, cases[i].rest);
        (void)snprintf(wanted, sizeof(wanted), "|371=%u|372=%s|373=%u|", cases[i].tag, cases[i].type,
                       cases[i].reason);
        cr_expect(strncmp(got, "send 3 ", 7) == 0 && strstr(got, wanted) && !strstr(got, "disconnect"),
                  "35=%s %s got %s", cases[i].type, cases[i].rest, got);
        cr_expect_eq(session.next_in, seq, "35=%s %s", cases[i].type, cases[i].rest);
    }
    cr_expect_str_eq(receive("1", seq, "112=alive|9999=ours|"), "send 0 112=alive|");
}

Test(sim_session, administrative_messages_may_hold_all_that_the_standard_lists)
{
    static const struct {
        const char *type, *rest, *wanted;
    } cases[] = {
        {"0", "112=x|93=1|89=x|", ""},
        {"3", "45=1|371=7|372=D|373=1|58=t|354=3|355=a|b|", ""},
        {"A", "98=0|108=30|95=3|96=a|b|383=9999|384=2|372=D|385=R|372=8|385=S|464=N|553=u|554=p|789=3|",
         "send A 98=0|108=30|"},
        {"5", "58=t|354=3|355=a|b|", "send 5  disconnect"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_str_eq(receive(cases[i].type, 2 + i, cases[i].rest), cases[i].wanted);
}

Test(sim_session, a_header_field_behind_the_body_is_rejected_and_the_session_goes_on)
{
    static const char *const cases[] = {
        "35=D|49=A|34=2|52=20260102-03:04:05|11=x|56=SIM|",
        "35=D|11=x|49=A|56=SIM|34=3|52=20260102-03:04:05|",
        "35=0|49=A|56=SIM|52=20260102-03:04:05|112=x|34=4|",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[FIX_TEXT_MAX];
        struct fix_fault fault = fix_parse(bytes, fix_text_build(cases[i], bytes), &message);
        cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
        const char *got = show_actions();
        cr_expect(strncmp(got, "send 3 ", 7) == 0 && strstr(got, "|373=14|") && !strstr(got, "disconnect"),
                  "%s got %s", cases[i], got);
        cr_expect_eq(session.next_in, 3 + i);
    }
}

Test(sim_session, a_sending_time_that_cannot_be_right_ends_the_session)
{
    static const char wanted[] = "send 3 45=%u|371=%u|372=D|373=10|58=SendingTime accuracy problem| "
                                 "send 5 58=SendingTime accuracy problem| disconnect";
    static const struct {
        uint64_t seq;
        bool by_the_clock;
        const char *rest;
        unsigned tag;
        uint64_t next_in;
    } cases[] = {
        {2, false, "43=Y|52=20260102-03:04:05|122=20260102-03:04:06|11=x|", 122, 3},
        {1, false, "43=Y|52=20260102-03:04:05|122=20260102-03:04:06|11=x|", 122, 2},
        {2, true, "11=x|", 52, 3},
        {9, true, "11=x|", 52, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[FIX_TEXT_MAX];
        release();
        create_logged_on();
        struct fix_fault fault = parse("D", cases[i].seq, cases[i].rest);
        if (cases[i].by_the_clock)
            fault = fix_check_time(&message, (struct instant){message.sending_time.us + 121}, 120);
        cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
        (void)snprintf(text, sizeof(text), wanted, (unsigned)cases[i].seq, cases[i].tag);
        cr_expect_str_eq(show_actions(), text);
        cr_expect_eq(session.next_in, cases[i].next_in);
    }
}

Test(sim_session, a_garbled_message_changes_nothing)
{
    struct fix_fault fault = {.kind = FIX_GARBLED};
    int64_t before = session.last_received_us;
    now_us += SECOND;
    cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
    cr_expect_eq(actions.count, 0);
    cr_expect_eq(session.next_in, 2);
    cr_expect_eq(session.last_received_us, before);
}

Test(sim_session, a_number_that_is_too_low_ends_the_session)
{
    cr_expect_str_eq(receive("D", 1, "11=x|"),
                     "send 5 58=MsgSeqNum too low, expecting 2 but received 1| disconnect");
    cr_expect_eq(session.next_in, 2);
}

Test(sim_session, a_repeated_message_is_ignored)
{
    cr_expect_str_eq(receive("D", 1, DUPLICATE "11=x|"), "");
    cr_expect_eq(session.next_in, 2);
}

Test(sim_session, a_repeated_message_must_say_when_it_was_first_sent)
{
    cr_expect_str_eq(receive("D", 1, "43=Y|52=20260102-03:04:05|11=x|"),
                     "send 3 45=1|371=122|372=D|373=1|58=Required tag missing|");
}

Test(sim_session, a_resent_message_that_was_missed_is_delivered)
{
    cr_expect_str_eq(receive("D", 2, DUPLICATE "11=x|"), "deliver");
    cr_expect_eq(session.next_in, 3);
}

Test(sim_session, a_gap_is_asked_for_once_and_what_came_early_is_handled_in_order)
{
    char *bytes = NULL;
    size_t length = 0;
    cr_expect_str_eq(receive("D", 5, "11=five|"), "send 2 7=2|16=4|");
    cr_expect_str_eq(receive("D", 4, "11=four|"), "", "asked already");
    cr_expect_str_eq(receive("D", 4, "11=again|"), "", "held already");
    cr_expect_not(session_next_held(&session, &bytes, &length));
    cr_expect_str_eq(receive("D", 2, DUPLICATE "11=two|"), "deliver");
    cr_expect_not(session_next_held(&session, &bytes, &length));
    cr_expect_str_eq(receive("D", 3, DUPLICATE "11=three|"), "deliver");
    static const char *const wanted[] = {"11=four", "11=five"};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        cr_assert(session_next_held(&session, &bytes, &length));
        cr_expect_neq(memmem(bytes, length, wanted[i], strlen(wanted[i])), NULL);
        struct fix_fault fault = fix_parse(bytes, length, &message);
        cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
        cr_expect_str_eq(show_actions(), "deliver");
        free(bytes);
    }
    cr_expect_eq(session.next_in, 6);
    cr_expect_eq(session.held_bytes, 0);
}

Test(sim_session, a_gap_that_stays_open_is_asked_for_again)
{
    cr_expect_str_eq(receive("0", 5, ""), "send 2 7=2|16=4|");
    now_us += SESSION_GAP_RETRY_US - 1;
    cr_expect_str_eq(receive("0", 6, ""), "");
    now_us += 1;
    cr_expect_str_eq(receive("0", 7, ""), "send 2 7=2|16=4|");
}

Test(sim_session, held_messages_are_bounded)
{
    for (uint64_t seq = 3; seq < 3 + SESSION_HELD_MAX + 100; seq++)
        (void)receive("0", seq, "");
    cr_expect_eq(session.held_count, SESSION_HELD_MAX);
    cr_expect_leq(session.held_bytes, SESSION_HELD_BYTES_MAX);
}

Test(sim_session, a_resend_request_is_answered_also_across_a_gap)
{
    cr_expect_str_eq(receive("2", 5, "7=1|16=0|"), "resend 1-1 send 2 7=2|16=4|");
    cr_expect_eq(session.next_in, 2);
    char *bytes = NULL;
    size_t length = 0;
    cr_expect_str_eq(receive("4", 2, DUPLICATE "123=Y|36=5|"), "");
    cr_expect_not(session_next_held(&session, &bytes, &length), "it is not answered twice");
    cr_expect_eq(session.next_in, 6);
}

Test(sim_session, a_gap_fill_moves_the_expected_number)
{
    cr_expect_str_eq(receive("4", 2, "123=Y|36=10|"), "");
    cr_expect_eq(session.next_in, 10);
}

Test(sim_session, a_gap_fill_never_goes_back)
{
    cr_expect_str_eq(receive("4", 2, "123=Y|36=2|"),
                     "send 3 45=2|371=36|372=4|373=5|58=Value is incorrect (out of range) for this tag|");
    cr_expect_eq(session.next_in, 3);
    cr_expect_str_eq(receive("4", 3, "123=Y|"), "send 3 45=3|371=36|372=4|373=1|58=Required tag missing|");
    cr_expect_eq(session.next_in, 4);
}

Test(sim_session, a_reset_goes_by_no_number_but_never_back)
{
    cr_expect_str_eq(receive("4", 99, "36=20|"), "");
    cr_expect_eq(session.next_in, 20);
    cr_expect_str_eq(receive("4", 1, "123=N|36=30|"), "");
    cr_expect_eq(session.next_in, 30);
    cr_expect_str_eq(receive("4", 30, "123=N|36=29|"),
                     "send 3 45=30|371=36|372=4|373=5|58=Value is incorrect (out of range) for this tag|");
    cr_expect_eq(session.next_in, 30);
}

Test(sim_session, a_reset_may_have_any_number_and_a_bad_one_uses_none_up)
{
    cr_expect_str_eq(receive("4", 0, "36=20|"), "");
    cr_expect_eq(session.next_in, 20);
    cr_expect_str_eq(receive("4", 0, "123=N|36=30|"), "");
    cr_expect_eq(session.next_in, 30);
    cr_expect_str_eq(receive("4", 0, "123=N|"), "send 3 45=0|371=36|372=4|373=1|58=Required tag missing|");
    cr_expect_str_eq(receive("4", 30, "36=x|"),
                     "send 3 45=30|371=36|372=4|373=6|58=Incorrect data format for value|");
    cr_expect_eq(session.next_in, 30);
    cr_expect_str_eq(receive("4", 0, "123=Y|36=40|"),
                     "send 5 58=MsgSeqNum(34) missing or not a number| disconnect", "a gap fill is numbered");
}

Test(sim_session, a_logon_with_reset_may_come_within_a_session)
{
    (void)receive("0", 2, "");
    cr_expect_str_eq(receive("A", 1, "98=0|108=10|141=Y|"), "reset send A 98=0|108=10|141=Y|");
    cr_expect_eq(session.next_in, 2);
    cr_expect_eq(session.next_out, 2);
    cr_expect_eq(session.heartbeat_us, 10 * SECOND);
}

Test(sim_session, a_logout_is_answered_unless_it_is_the_answer)
{
    cr_expect_str_eq(receive("5", 2, ""), "send 5  disconnect");
    release();
    create_logged_on();
    session_logout(&session, "bye", now_us, &actions);
    cr_expect_str_eq(show_actions(), "send 5 58=bye|");
    cr_expect_str_eq(receive("D", 2, "11=x|"), "deliver", "what was on its way still counts");
    cr_expect_str_eq(receive("5", 3, ""), "disconnect");
}

Test(sim_session, wrong_comp_ids_end_the_session)
{
    static const char *const cases[] = {"35=0|49=B|56=SIM|34=2|52=20260102-03:04:05|",
                                        "35=0|49=A|56=MIS|34=2|52=20260102-03:04:05|"};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        release();
        create_logged_on();
        char bytes[FIX_TEXT_MAX];
        struct fix_fault fault = fix_parse(bytes, fix_text_build(cases[i], bytes), &message);
        cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
        cr_expect_str_eq(show_actions(),
                         "send 3 45=2|372=0|373=9|58=CompID problem| send 5 58=CompID problem| disconnect");
    }
}

Test(sim_session, a_message_without_a_number_ends_the_session)
{
    char bytes[FIX_TEXT_MAX];
    struct fix_fault fault =
        fix_parse(bytes, fix_text_build("35=0|49=A|56=SIM|52=20260102-03:04:05|", bytes), &message);
    cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
    cr_expect_str_eq(show_actions(), "send 5 58=MsgSeqNum(34) missing or not a number| disconnect");
}

Test(sim_session, another_version_ends_the_session)
{
    struct fix_fault fault = {.kind = FIX_BAD_VERSION};
    (void)parse("0", 2, "");
    cr_assert_eq(session_receive(&session, "SIM", &message, &fault, now_us, &actions), 0);
    cr_expect_str_eq(show_actions(), "send 5 58=Incorrect BeginString| disconnect");
}

Test(sim_session, silence_leads_to_heartbeat_test_request_and_the_end)
{
    cr_expect_str_eq(tick(), "");
    now_us += 30 * SECOND - 1;
    cr_expect_str_eq(tick(), "");
    now_us += 1;
    cr_expect_str_eq(tick(), "send 0 ");
    cr_expect_str_eq(tick(), "");
    now_us += 6 * SECOND;
    cr_expect_str_eq(tick(), "send 1 112=ALIVE|");
    cr_expect_str_eq(tick(), "", "one test request is enough");
    now_us += 24 * SECOND - 1;
    cr_expect_not(session_dead(&session, now_us));
    now_us += 1;
    cr_expect(session_dead(&session, now_us));
    cr_expect_str_eq(tick(), "disconnect");
}

Test(sim_session, any_message_is_a_sign_of_life)
{
    now_us += 36 * SECOND;
    (void)tick();
    cr_expect_str_eq(receive("0", 2, ""), "");
    now_us += 35 * SECOND;
    cr_expect_not(session_dead(&session, now_us));
    cr_expect_str_eq(tick(), "send 0 ");
    now_us += SECOND;
    cr_expect_str_eq(tick(), "send 1 112=ALIVE|");
}

Test(sim_session, without_a_heartbeat_interval_silence_means_nothing)
{
    session.heartbeat_us = 0;
    now_us += 100000 * (int64_t)SECOND;
    cr_expect_str_eq(tick(), "");
    cr_expect_not(session_dead(&session, now_us));
}

Test(sim_session, a_resend_repeats_messages_and_fills_gaps_between_them)
{
    static const uint64_t stored[] = {3, 4, 7};
    static const struct session_resend wanted[] = {{1, 3, 0}, {3, 4, 103}, {4, 5, 104},
                                                   {5, 7, 0}, {7, 8, 107}, {8, 10, 0}};
    for (size_t i = 0; i < ARRAY_LEN(stored); i++)
        cr_assert_eq(session_stored(&session, stored[i], 100 + stored[i]), 0);
    struct session_resend step;
    uint64_t from = 1;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        cr_assert(session_resend_next(&session, from, 9, &step));
        cr_expect_eq(step.begin, wanted[i].begin);
        cr_expect_eq(step.end, wanted[i].end);
        cr_expect_eq(step.place, wanted[i].place);
        from = step.end;
    }
    cr_expect_not(session_resend_next(&session, from, 9, &step));
}

Test(sim_session, what_was_stored_is_found_however_many_there_are)
{
    for (uint64_t seq = 1; seq <= 5000; seq++)
        cr_assert_eq(session_stored(&session, seq, seq * 3), 0);
    struct session_resend step;
    for (uint64_t seq = 1; seq <= 5000; seq += 499) {
        cr_assert(session_resend_next(&session, seq, 6000, &step));
        cr_expect_eq(step.place, seq * 3);
    }
}
