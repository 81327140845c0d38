/* SPDX-License-Identifier: Apache-2.0 */
/* The table of armed faults and the line that arms one. */
#include "services/exchange-sim/faults/fault.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/faults/line_delay.h"

enum { WORDS_MAX = 20 };

static struct faults *faults;

static void create(void)
{
    cr_assert_eq(faults_create(7, &faults), 0);
}

static void destroy(void)
{
    faults_destroy(&faults);
}

TestSuite(sim_fault, .init = create, .fini = destroy);

static int parse(const char *line, struct fault_spec *spec, char wrong[static FAULT_TEXT_MAX])
{
    static char copy[512];
    char *words[WORDS_MAX] = {NULL}, *rest = NULL;
    size_t count = 0;
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return fault_spec_parse(words, count, spec, wrong);
}

static const struct fault *arm(const char *line)
{
    struct fault_spec spec;
    const struct fault *fault = NULL;
    char wrong[FAULT_TEXT_MAX];
    cr_assert_eq(parse(line, &spec, wrong), 0, "%s: %s", line, wrong);
    cr_assert_eq(faults_arm(faults, &spec, &fault), 0);
    return fault;
}

Test(sim_fault, a_line_is_understood_and_told_again_with_its_defaults)
{
    static const struct {
        const char *line, *told;
    } cases[] = {
        {"withhold", "withhold report=ack,fill,done,refusal until=query 1"},
        {"withhold until=never report=status,ack always", "withhold report=ack,status until=never always"},
        {"delay ms=250 session=OXE-L0 3", "delay session=OXE-L0 report=ack,fill,done,refusal ms=250 3"},
        {"delay ms=0", "delay report=ack,fill,done,refusal ms=0 1"},
        {"reorder", "reorder report=ack ms=1000 1"},
        {"repeat as=dup", "repeat report=fill as=dup 1"},
        {"alter quantity=2.5", "alter as=resend quantity=2.5 1"},
        {"swallow message=cancel,query symbol=AAPL side=SELL",
         "swallow symbol=AAPL side=SELL message=cancel,query 1"},
        {"swallow session=* order=* symbol=*", "swallow message=order 1"},
        {"refuse message=cancel reason=0", "refuse message=cancel reason=0 1"},
        {"drop-before message=any", "drop-before message=order,cancel,replace,query,logon,other 1"},
        {"drop-after chance=0.25 seed=3 1000", "drop-after message=order chance=0.25 seed=3 1000"},
        {"half-open", "half-open message=order,cancel,replace,query,other ms=10000 1"},
        {"slow", "slow ms=1000 always"},
        {"gap n=5", "gap n=5 1"},
        {"reset", "reset n=10 1"},
        {"reset-logon", "reset-logon 1"},
        {"pieces order=x", "pieces order=x n=3 1"},
        {"overfill", "overfill 1"},
        {"late-fill", "late-fill ms=500 1"},
        {"wrong-cum", "wrong-cum 1"},
        {"stray id=abc", "stray id=abc 1"},
        {"no-liquidity always", "no-liquidity always"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(1024);
        struct fault_spec spec;
        char wrong[FAULT_TEXT_MAX];
        cr_assert_eq(parse(cases[i].line, &spec, wrong), 0, "%s: %s", cases[i].line, wrong);
        fault_spec_describe(&spec, &out);
        cr_expect_str_eq(out.data, cases[i].told);
        struct fault_spec again;
        cr_assert_eq(parse(cases[i].told, &again, wrong), 0, "%s: %s", cases[i].told, wrong);
        CLEANUP(buffer_release) struct buffer second = BUFFER_INIT(1024);
        fault_spec_describe(&again, &second);
        cr_expect_str_eq(second.data, cases[i].told);
    }
}

Test(sim_fault, a_line_that_makes_no_sense_is_refused_with_what_is_wrong)
{
    static const struct {
        const char *line, *wrong;
    } cases[] = {
        {"", "no such fault; try fault help"},
        {"explode", "no such fault; try fault help"},
        {"swallow 0", "how often is 1 to 1000 or always, not 0"},
        {"swallow 1001", "how often is 1 to 1000 or always, not 1001"},
        {"swallow often", "how often is 1 to 1000 or always, not often"},
        {"swallow message=logout", "swallow: that cannot be its message"},
        {"swallow message=other", "swallow: that cannot be its message"},
        {"swallow message=", "swallow: that cannot be its message"},
        {"swallow message=order,", "swallow: that cannot be its message"},
        {"swallow ms=5", "swallow takes no such option: ms=5"},
        {"swallow colour=red", "swallow takes no such option: colour=red"},
        {"swallow side=BOTH", "swallow: that cannot be its side"},
        {"swallow chance=0", "swallow: that cannot be its chance"},
        {"swallow chance=1.1", "swallow: that cannot be its chance"},
        {"swallow session=", "swallow: that cannot be its session"},
        {"swallow session=0123456789012345678901234567890123", "swallow: that cannot be its session"},
        {"delay ms=3600001", "delay: that cannot be its ms"},
        {"delay ms=-1", "delay: that cannot be its ms"},
        {"pieces n=0", "pieces: that cannot be its n"},
        {"overfill quantity=0", "overfill: that cannot be its quantity"},
        {"withhold until=later", "withhold: that cannot be its until"},
        {"slow 2", "slow lasts until it is cleared"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault_spec spec;
        char wrong[FAULT_TEXT_MAX];
        cr_expect_eq(parse(cases[i].line, &spec, wrong), -EINVAL, "%s", cases[i].line);
        cr_expect_str_eq(wrong, cases[i].wrong, "%s: %s", cases[i].line, wrong);
    }
}

static struct fault_subject order_of(const char *session, const char *symbol, const char *id, char side)
{
    return (struct fault_subject){.session = session,
                                  .symbol = {symbol, strlen(symbol)},
                                  .cl_ord_id = {id, strlen(id)},
                                  .side = side,
                                  .message = FAULT_ORDER};
}

Test(sim_fault, a_fault_fires_as_often_as_it_was_armed)
{
    const struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    const struct fault *fault = arm("swallow 2");
    cr_expect_null(faults_fire(faults, FAULT_REFUSE, &subject), "another kind");
    cr_expect_eq(faults_fire(faults, FAULT_SWALLOW, &subject), fault);
    cr_expect_eq(faults_fire(faults, FAULT_SWALLOW, &subject), fault);
    cr_expect_null(faults_fire(faults, FAULT_SWALLOW, &subject));
    cr_expect(fault->left == 0 && fault->fired == 2);
    fault = arm("swallow always");
    for (int i = 0; i < 5000; i++)
        cr_assert_eq(faults_fire(faults, FAULT_SWALLOW, &subject), fault);
    cr_expect_eq(fault->fired, 5000);
}

Test(sim_fault, a_fault_meets_only_what_all_its_selectors_name)
{
    static const struct {
        const char *line;
        bool meets;
    } cases[] = {
        {"swallow", true},
        {"swallow session=OXE-L1 symbol=AAPL order=x side=BUY", true},
        {"swallow session=OXE-L0", false},
        {"swallow session=OXE-L", false},
        {"swallow symbol=AAP", false},
        {"swallow order=xx", false},
        {"swallow side=SELL", false},
        {"swallow message=cancel", false},
        {"swallow message=cancel,order", true},
    };
    const struct fault_subject subject = order_of("OXE-L1", "AAPL", "x", '1');
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fault *fault = arm(cases[i].line);
        cr_expect_eq(faults_fire(faults, FAULT_SWALLOW, &subject), cases[i].meets ? fault : NULL, "%s",
                     cases[i].line);
        (void)faults_clear(faults, 0);
    }
    const struct fault_subject nobody = {.message = FAULT_ORDER};
    (void)arm("swallow session=OXE-L1");
    (void)arm("swallow symbol=AAPL");
    cr_expect_null(faults_fire(faults, FAULT_SWALLOW, &nobody));
}

Test(sim_fault, the_oldest_that_meets_fires_and_a_used_up_one_lets_the_next_through)
{
    const struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    uint32_t first = arm("swallow")->id, second = arm("swallow")->id;
    cr_expect_eq(faults_fire(faults, FAULT_SWALLOW, &subject)->id, first);
    cr_expect_eq(faults_fire(faults, FAULT_SWALLOW, &subject)->id, second);
    cr_expect_null(faults_fire(faults, FAULT_SWALLOW, &subject));
}

Test(sim_fault, a_fault_about_reports_sticks_to_the_orders_it_has_met)
{
    struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    const struct fault *fault = arm("withhold report=ack,fill 2");
    static const struct {
        uint64_t order;
        uint32_t report;
        bool meets;
    } cases[] = {
        {1, FAULT_STATUS, false}, {1, FAULT_ACK, true},  {1, FAULT_FILL, true}, {1, FAULT_DONE, false},
        {2, FAULT_ACK, true},     {3, FAULT_ACK, false}, {1, FAULT_FILL, true}, {2, FAULT_FILL, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        subject.order = cases[i].order;
        subject.report = cases[i].report;
        cr_expect_eq(faults_fire(faults, FAULT_WITHHOLD, &subject), cases[i].meets ? fault : NULL, "case %zu",
                     i);
    }
    cr_expect_eq(fault->fired, 2);
}

/* How often it fires in so many tries, and a hash of when. */
static uint64_t pattern(const char *line, int tries, int *ret_fired)
{
    const struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    uint64_t hash = 0;
    *ret_fired = 0;
    (void)arm(line);
    for (int i = 0; i < tries; i++) {
        bool fired = faults_fire(faults, FAULT_SWALLOW, &subject) != NULL;
        *ret_fired += fired;
        hash = hash * 31 + fired;
    }
    (void)faults_clear(faults, 0);
    return hash;
}

Test(sim_fault, chances_repeat_with_their_seed_and_are_as_likely_as_said)
{
    int fired = 0, again = 0;
    uint64_t first = pattern("swallow chance=0.25 seed=42 always", 10000, &fired);
    cr_expect_eq(pattern("swallow chance=0.25 seed=42 always", 10000, &again), first);
    cr_expect(fired > 2300 && fired < 2700, "%d", fired);
    cr_expect_neq(pattern("swallow chance=0.25 seed=43 always", 10000, &again), first);
    uint64_t unnamed = pattern("swallow chance=0.25 always", 10000, &again);
    destroy();
    create();
    for (int i = 0; i < 3; i++)
        (void)pattern("swallow", 1, &fired);
    cr_expect_eq(pattern("swallow chance=0.25 always", 10000, &again), unnamed,
                 "the fourth fault of the simulator's seed");
}

Test(sim_fault, an_order_gets_one_draw_for_all_its_reports)
{
    struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    (void)arm("delay chance=0.5 always");
    size_t met = 0;
    for (subject.order = 1; subject.order <= 1000; subject.order++) {
        subject.report = FAULT_ACK;
        bool first = faults_fire(faults, FAULT_DELAY, &subject) != NULL;
        subject.report = FAULT_FILL;
        cr_expect_eq(faults_fire(faults, FAULT_DELAY, &subject) != NULL, first);
        met += first;
    }
    cr_expect(met > 400 && met < 600, "%zu", met);
}

Test(sim_fault, clearing_ends_one_or_all)
{
    const struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    uint32_t first = arm("swallow always")->id, second = arm("refuse always")->id;
    cr_expect_eq(faults_clear(faults, 99), 0);
    cr_expect_eq(faults_clear(faults, first), 1);
    cr_expect_null(faults_fire(faults, FAULT_SWALLOW, &subject));
    cr_expect_eq(faults_fire(faults, FAULT_REFUSE, &subject)->id, second);
    (void)arm("swallow");
    cr_expect_eq(faults_clear(faults, 0), 2);
    cr_expect_eq(faults_count(faults), 0);
    cr_expect_null(faults_fire(faults, FAULT_REFUSE, &subject));
    cr_expect_null(faults_fire(NULL, FAULT_REFUSE, &subject), "no table, no faults");
}

Test(sim_fault, a_full_table_forgets_what_is_used_up_and_then_refuses)
{
    const struct fault_subject subject = order_of("A", "AAPL", "x", '1');
    const struct fault *fault = NULL;
    struct fault_spec spec;
    char wrong[FAULT_TEXT_MAX];
    for (size_t i = 0; i < FAULTS_MAX; i++)
        (void)arm("swallow");
    cr_assert_eq(parse("refuse", &spec, wrong), 0);
    cr_expect_eq(faults_arm(faults, &spec, &fault), -ENOBUFS);
    cr_assert_not_null(faults_fire(faults, FAULT_SWALLOW, &subject));
    cr_expect_eq(faults_arm(faults, &spec, &fault), 0);
    cr_expect_eq(faults_count(faults), FAULTS_MAX);
    cr_expect_eq(faults_at(faults, 0)->id, 2, "the first is gone");
}

Test(sim_fault, every_firing_is_noted_but_for_what_lasts)
{
    const struct fault_subject subject = order_of("OXE-L3", "AAPL", "x", '1');
    struct fault_note note;
    uint32_t id = arm("swallow always")->id;
    (void)arm("no-liquidity");
    (void)faults_fire(faults, FAULT_NO_QUOTES, &subject);
    cr_expect_not(faults_take_note(faults, &note));
    (void)faults_fire(faults, FAULT_SWALLOW, &subject);
    cr_assert(faults_take_note(faults, &note));
    cr_expect(note.id == id && note.kind == FAULT_SWALLOW);
    cr_expect_str_eq(note.session, "OXE-L3");
    cr_expect_str_eq(note.cl_ord_id, "x");
    for (size_t i = 0; i < FAULTS_NOTES_MAX + 10; i++)
        (void)faults_fire(faults, FAULT_SWALLOW, &subject);
    size_t noted = 0;
    while (faults_take_note(faults, &note))
        noted++;
    cr_expect_eq(noted, FAULTS_NOTES_MAX);
}

Test(sim_fault, bytes_leave_a_slow_line_as_late_as_they_should_and_in_order)
{
    static const struct {
        size_t waiting;
        int64_t delay_us, now_us;
        size_t may_leave, leaves;
    } cases[] = {
        {0, 100, 0, 0, 0},      {10, 100, 0, 0, 0},   {10, 100, 99, 0, 0},   {30, 100, 99, 0, 0},
        {30, 100, 100, 10, 10}, {20, 100, 150, 0, 0}, {20, 100, 199, 20, 5}, /* the socket took 5 */
        {15, 100, 200, 15, 15}, {7, 100, 300, 0, 0},  {12, 0, 301, 0, 0}, /* fast again: nothing overtakes */
        {12, 0, 400, 12, 12},   {4, 0, 401, 4, 4},
    };
    struct line_delay delay = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cr_expect_eq(line_delay_admit(&delay, cases[i].waiting, cases[i].delay_us, cases[i].now_us),
                     cases[i].may_leave, "case %zu", i);
        line_delay_sent(&delay, cases[i].leaves);
    }
    cr_expect_eq(line_delay_due_us(&delay), INT64_MAX);
    size_t queued = 0;
    for (size_t i = 0; i / 2 < LINE_DELAY_PARTS_MAX; i++)
        (void)line_delay_admit(&delay, ++queued, 1000, (int64_t)i);
    cr_expect_eq(line_delay_due_us(&delay), 1000);
    cr_expect_eq(line_delay_admit(&delay, queued, 1000, 10000), queued, "past its parts nothing is lost");
}
