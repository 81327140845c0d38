/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange under faults, message by message: what it says, and what it knows to be true.
 *
 * Long: each fault is a case, told in the same language. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "services/exchange-sim/faults/exchange_faults.h"
#include "tests/support/exchange_floor.h"

enum { WORDS_MAX = 16, STEPS_MAX = 8 };

static struct exchange *exchange;
static struct faults *faults;
static struct exchange_faults *misbehaviour;
static struct instant now;

static const char *client(const void *context, uint32_t session)
{
    static const char *const names[] = {"C0", "C1", "C2", "C3"};
    (void)context;
    return names[session % ARRAY_LEN(names)];
}

static void create_exchange(void)
{
    exchange = exchange_floor_create();
    cr_assert_eq(exchange_faults_create(faults, exchange, client, NULL, &misbehaviour), 0);
}

static void create(void)
{
    now = exchange_floor_now;
    cr_assert_eq(faults_create(1, &faults), 0);
    create_exchange();
    cr_assert_eq(exchange_load_end(exchange, NULL), 0);
}

static void destroy(void)
{
    exchange_faults_destroy(&misbehaviour);
    exchange_destroy(&exchange);
    faults_destroy(&faults);
}

static void arm(const char *line)
{
    struct fault_spec spec;
    const struct fault *fault = NULL;
    char copy[256], wrong[FAULT_TEXT_MAX], *words[WORDS_MAX], *rest = NULL;
    size_t count = 0;
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    cr_assert_eq(fault_spec_parse(words, count, &spec, wrong), 0, "%s: %s", line, wrong);
    cr_assert_eq(faults_arm(faults, &spec, &fault), 0);
}

static void clear(void)
{
    for (size_t i = 0; i < faults_count(faults); i++)
        (void)exchange_faults_release(misbehaviour, faults_at(faults, i)->id);
    (void)faults_clear(faults, 0);
}

/* "D 11=a|…" is a request of session 0, "1:D …" of session 1, "+500" lets so many milliseconds pass, "price
 * 151" moves AAPL, "clear" clears the faults. */
static void step(const char *text)
{
    struct decimal price;
    if (text[0] == '+') {
        now.us += strtol(text + 1, NULL, 10) * 1000;
        exchange_faults_run_due(misbehaviour, now);
    } else if (strncmp(text, "price ", 6) == 0) {
        cr_assert_eq(fix_value_decimal(text + 6, strlen(text + 6), &price), 0);
        cr_assert_eq(exchange_set_price(exchange, 1, price), 0);
    } else if (strcmp(text, "clear") == 0) {
        clear();
    } else {
        uint32_t session = text[1] == ':' ? (uint32_t)(text[0] - '0') : 0;
        const char type[] = {text[text[1] == ':' ? 2 : 0], '\0'};
        exchange_floor_request(exchange, session, type, strchr(text, ' ') + 1, now);
    }
    cr_assert(exchange_settle(exchange, now));
}

/* The symbols are AAP, AAPL …: AAPL is the second. */
#define BUY       "55=AAPL|54=1|38=100|40=1|"
#define REST      "55=AAPL|54=1|38=100|40=2|44=149|"
#define OF(order) "55=AAPL|54=1|41=" order "|"
#define ASK(id)   "H 11=" id "|55=AAPL|54=1|"

TestSuite(sim_misbehave, .init = create, .fini = destroy);

struct scene {
    const char *faults;
    const char *steps[STEPS_MAX];
    const char *wanted;
};

/* What was said, without the fields that faults have nothing to do with; "; " after each message. */
static const char *gist(void)
{
    static char text[65536];
    static const char *const shown[] = {
        "11=", "17=", "150=", "39=", "32=", "31=", "14=", "97=", "102=", "103="};
    char copy[65536], *line_rest = NULL, *rest = NULL;
    size_t length = 0;
    (void)snprintf(copy, sizeof(copy), "%s", exchange_floor_answers());
    text[0] = '\0';
    for (char *line = strtok_r(copy, "\n", &line_rest); line != NULL;
         line = strtok_r(NULL, "\n", &line_rest)) {
        char *word = strtok_r(line, " ", &rest);
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", word);
        while ((word = strtok_r(NULL, " ", &rest)) != NULL)
            for (size_t i = 0; i < ARRAY_LEN(shown); i++)
                if (strncmp(word, shown[i], strlen(shown[i])) == 0)
                    length += (size_t)snprintf(text + length, sizeof(text) - length, " %s", word);
        length += (size_t)snprintf(text + length, sizeof(text) - length, "\n");
    }
    return text;
}

static void play(const struct scene *scene)
{
    char lines[512], *rest = NULL;
    (void)snprintf(lines, sizeof(lines), "%s", scene->faults);
    for (char *line = strtok_r(lines, ";", &rest); line != NULL; line = strtok_r(NULL, ";", &rest))
        arm(line);
    for (size_t i = 0; i < STEPS_MAX && scene->steps[i] != NULL; i++)
        step(scene->steps[i]);
    cr_expect_str_eq(gist(), scene->wanted, "%s", scene->faults);
}

static void play_all(const struct scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        destroy();
        create();
        play(&scenes[i]);
    }
}

Test(sim_misbehave, withheld_reports_come_with_a_query_a_resend_or_never)
{
    static const struct scene scenes[] = {
        {"withhold",
         {"D 11=a|" BUY, "+60000", "D 11=b|" BUY, ASK("b"), ASK("a"), ASK("a")},
         "0:8 11=b 17=E3 150=0 39=0 14=0\n"
         "0:8 11=b 17=E4 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=b 17=0 150=I 39=2 14=100\n"
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=0 150=I 39=2 14=100\n"
         "0:8 11=a 17=0 150=I 39=2 14=100\n"},
        {"withhold report=ack until=resend",
         {"D 11=a|" BUY},
         "0:8! 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"withhold until=never", {"D 11=a|" BUY, ASK("a")}, "0:8 11=a 17=0 150=I 39=2 14=100\n"},
        {"withhold report=done",
         {"D 11=a|" REST, "F 11=x|" OF("a"), ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=x 17=E2 150=4 39=4 14=0\n"
         "0:8 11=a 17=0 150=I 39=4 14=0\n"},
        {"withhold report=status",
         {"D 11=a|" REST, ASK("a"), ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=0 150=I 39=0 14=0\n"},
        {"withhold",
         {"D 11=a|" BUY, "clear"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, delayed_reports_come_later_and_reordered_ones_after_the_next)
{
    static const struct scene scenes[] = {
        {"delay ms=300",
         {"D 11=a|" BUY, "+299", "D 11=b|" BUY, "+1", "+1000"},
         "0:8 11=b 17=E3 150=0 39=0 14=0\n"
         "0:8 11=b 17=E4 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"delay report=ack",
         {"D 11=a|" BUY, "+1000"},
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"},
        {"reorder",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"},
        {"reorder report=fill",
         {"D 11=a|55=AAPL|54=1|38=2500|40=1|"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E3 150=F 39=1 32=1000 31=150.02 14=2000\n"
         "0:8 11=a 17=E2 150=F 39=1 32=1000 31=150.01 14=1000\n"
         "0:8 11=a 17=E4 150=F 39=2 32=500 31=150.03 14=2500\n"},
        {"reorder report=status",
         {"D 11=a|" REST, ASK("a"), "F 11=x|" OF("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=x 17=E2 150=4 39=4 14=0\n"
         "0:8 11=a 17=0 150=I 39=0 14=0\n"},
        {"reorder ms=200", {"D 11=a|" REST, "+199", "+1"}, "0:8 11=a 17=E1 150=0 39=0 14=0\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_report_is_told_again_with_the_same_or_other_figures)
{
    static const struct scene scenes[] = {
        {"repeat",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 97=Y 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"repeat as=dup report=any",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8= 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8= 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"repeat as=new",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"alter",
         {"D 11=a|" BUY, ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 97=Y 11=a 17=E2 150=F 39=2 32=101 31=150.02 14=100\n"
         "0:8 11=a 17=0 150=I 39=2 14=100\n"},
        {"alter as=new quantity=50",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E2 150=F 39=2 32=150 31=150.02 14=100\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_swallowed_message_has_no_effect_and_no_answer)
{
    static const struct scene scenes[] = {
        {"swallow",
         {"D 11=a|" BUY, ASK("a"), "D 11=a|" BUY},
         "0:8 17=0 150=I 39=8 103=5 11=a 14=0\n"
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"swallow message=query",
         {"D 11=a|" REST, ASK("a"), ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=0 150=I 39=0 14=0\n"},
        {"swallow message=cancel",
         {"D 11=a|" REST, "F 11=x|" OF("a"), "F 11=x|" OF("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=x 17=E2 150=4 39=4 14=0\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_refused_message_has_no_effect_and_a_reason)
{
    static const struct scene scenes[] = {
        {"refuse",
         {"D 11=a|" BUY, "D 11=a|" BUY},
         "0:8 17=E1 150=8 39=8 103=99 11=a 14=0\n"
         "0:8 11=a 17=E2 150=0 39=0 14=0\n"
         "0:8 11=a 17=E3 150=F 39=2 32=100 31=150.01 14=100\n"},
        {"refuse reason=0", {"D 11=a|" BUY}, "0:8 17=E1 150=8 39=8 103=0 11=a 14=0\n"},
        {"refuse message=cancel reason=0",
         {"D 11=a|" REST, "F 11=x|" OF("a"), "F 11=y|" OF("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:9 11=x 39=0 102=0\n"
         "0:8 11=y 17=E2 150=4 39=4 14=0\n"},
        {"refuse message=query",
         {"D 11=a|" REST, ASK("a"), ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 17=0 150=I 39=8 103=5 11=a 14=0\n"
         "0:8 11=a 17=0 150=I 39=0 14=0\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, fills_come_in_pieces_too_many_or_too_late)
{
    static const struct scene scenes[] = {
        {"pieces",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=1 32=33 31=150.01 14=33\n"
         "0:8 11=a 17=E3 150=F 39=1 32=33 31=150.01 14=66\n"
         "0:8 11=a 17=E4 150=F 39=2 32=34 31=150.01 14=100\n"},
        {"pieces n=5",
         {"D 11=a|55=AAPL|54=1|38=3|40=1|"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=1 32=1 31=150.01 14=1\n"
         "0:8 11=a 17=E3 150=F 39=1 32=1 31=150.01 14=2\n"
         "0:8 11=a 17=E4 150=F 39=2 32=1 31=150.01 14=3\n"},
        {"overfill",
         {"D 11=a|" BUY, ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=E3 150=F 39=2 32=1 31=150.01 14=101\n"
         "0:8 11=a 17=0 150=I 39=2 14=101\n"},
        {"overfill quantity=50",
         {"D 11=a|55=AAPL|54=1|38=1100|40=1|"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=1 32=1000 31=150.01 14=1000\n"
         "0:8 11=a 17=E3 150=F 39=2 32=100 31=150.02 14=1100\n"
         "0:8 11=a 17=E4 150=F 39=2 32=50 31=150.02 14=1150\n"},
        {"late-fill",
         {"D 11=a|" REST, "F 11=x|" OF("a"), "+499", "+1", ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=x 17=E2 150=4 39=4 14=0\n"
         "0:8 11=a 17=E3 150=F 39=4 32=100 31=149 14=100\n"
         "0:8 11=a 17=0 150=I 39=4 14=100\n"},
        {"late-fill ms=0 quantity=30",
         {"D 11=a|" REST, "F 11=x|" OF("a"), "+0"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=x 17=E2 150=4 39=4 14=0\n"
         "0:8 11=a 17=E3 150=F 39=4 32=30 31=149 14=30\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_status_answer_tells_a_wrong_quantity_once)
{
    static const struct scene scenes[] = {
        {"wrong-cum quantity=7",
         {"D 11=a|" BUY, ASK("a"), ASK("a")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=a 17=0 150=I 39=2 14=107\n"
         "0:8 11=a 17=0 150=I 39=2 14=100\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, without_quotes_orders_rest_until_the_fault_is_cleared)
{
    static const struct scene scenes[] = {
        {"no-liquidity symbol=AAPL",
         {"D 11=a|" BUY, "D 11=b|55=AAPL|54=1|38=1|40=2|44=151|", "D 11=s|55=AAPL|54=2|38=1|40=3|99=149|",
          "price 148", ASK("a"), "D 11=m|55=MSFT|54=1|38=1|40=1|", "clear"},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=b 17=E2 150=0 39=0 14=0\n"
         "0:8 11=s 17=E3 150=0 39=0 14=0\n"
         "0:8 11=a 17=0 150=I 39=0 14=0\n"
         "0:8 11=m 17=E4 150=0 39=0 14=0\n"
         "0:8 11=m 17=E5 150=F 39=2 32=1 31=410.01 14=1\n"
         "0:8 11=a 17=E6 150=F 39=2 32=100 31=148.01 14=100\n"
         "0:8 11=s 17=E7 150=F 39=2 32=1 31=151 14=1\n"
         "0:8 11=b 17=E8 150=F 39=2 32=1 31=151 14=1\n"},
        {"no-liquidity",
         {"D 11=a|" BUY "59=3|", "D 11=b|" BUY, "F 11=x|" OF("b")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=4 39=4 14=0\n"
         "0:8 11=b 17=E3 150=0 39=0 14=0\n"
         "0:8 11=x 17=E4 150=4 39=4 14=0\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_fault_meets_only_whom_it_selects)
{
    static const struct scene scenes[] = {
        {"withhold session=C1 side=SELL symbol=AAPL",
         {"1:D 11=a|" BUY, "D 11=b|55=AAPL|54=2|38=1|40=1|", "1:D 11=c|55=AAPL|54=2|38=1|40=1|",
          "1:D 11=d|55=MSFT|54=2|38=1|40=1|"},
         "1:8 11=a 17=E1 150=0 39=0 14=0\n"
         "1:8 11=a 17=E2 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=b 17=E3 150=0 39=0 14=0\n"
         "0:8 11=b 17=E4 150=F 39=2 32=1 31=149.99 14=1\n"
         "1:8 11=d 17=E7 150=0 39=0 14=0\n"
         "1:8 11=d 17=E8 150=F 39=2 32=1 31=409.99 14=1\n"},
        {"swallow order=b",
         {"D 11=a|" REST, "D 11=b|" REST, "1:D 11=b|" REST},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "1:8 11=b 17=E2 150=0 39=0 14=0\n"},
        {"swallow message=cancel order=b",
         {"D 11=a|" REST, "D 11=b|" REST, "F 11=x|" OF("a"), "F 11=y|" OF("b"), ASK("b")},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=b 17=E2 150=0 39=0 14=0\n"
         "0:8 11=x 17=E3 150=4 39=4 14=0\n"
         "0:8 11=b 17=0 150=I 39=0 14=0\n"},
        {"withhold;delay report=ack ms=5 2",
         {"D 11=a|" BUY, "D 11=b|" BUY, "D 11=c|" BUY, "+5"},
         "0:8 11=b 17=E4 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=c 17=E6 150=F 39=2 32=100 31=150.01 14=100\n"
         "0:8 11=b 17=E3 150=0 39=0 14=0\n"
         "0:8 11=c 17=E5 150=0 39=0 14=0\n"},
        {"pieces n=2;overfill;repeat 1",
         {"D 11=a|" BUY},
         "0:8 11=a 17=E1 150=0 39=0 14=0\n"
         "0:8 11=a 17=E2 150=F 39=1 32=50 31=150.01 14=50\n"
         "0:8 97=Y 11=a 17=E2 150=F 39=1 32=50 31=150.01 14=50\n"
         "0:8 11=a 17=E3 150=F 39=2 32=50 31=150.01 14=100\n"
         "0:8 97=Y 11=a 17=E3 150=F 39=2 32=50 31=150.01 14=100\n"
         "0:8 11=a 17=E4 150=F 39=2 32=1 31=150.01 14=101\n"
         "0:8 97=Y 11=a 17=E4 150=F 39=2 32=1 31=150.01 14=101\n"},
    };
    play_all(scenes, ARRAY_LEN(scenes));
}

Test(sim_misbehave, a_stray_fill_is_about_an_order_that_nobody_sent)
{
    static const struct {
        const char *line, *wanted;
    } cases[] = {
        {"stray", "0:8 11=00000000-0000-4000-8000-000000000001 17=E1 150=F 39=2 32=1 31=1 14=1\n"},
        {"stray id=other quantity=7", "0:8 11=other 17=E2 150=F 39=2 32=7 31=1 14=7\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault_subject subject = {.session = "C0"};
        arm(cases[i].line);
        const struct fault *fault = faults_fire(faults, FAULT_STRAY, &subject);
        cr_assert_not_null(fault);
        exchange_faults_stray(misbehaviour, 0, fault, now);
        cr_expect_str_eq(gist(), cases[i].wanted);
    }
    cr_expect_eq(exchange->counts[EXCHANGE_EXECUTIONS], 0, "it is none that the exchange knows");
}

static int load(void *context, const struct journal_entry *entry)
{
    return exchange_load(context, entry);
}

static struct journal *reopen(const char *path)
{
    struct journal *journal = NULL;
    char wrong[JOURNAL_FAULT_MAX];
    exchange_faults_destroy(&misbehaviour);
    exchange_destroy(&exchange);
    create_exchange();
    cr_assert_eq(journal_open(path, load, exchange, &journal, wrong), 0, "%s", wrong);
    cr_assert_eq(exchange_load_end(exchange, journal), 0);
    return journal;
}

struct totals {
    int64_t quantity;
    size_t count;
};

static int add_up(void *context, const struct journal_entry *entry)
{
    struct totals *totals = context;
    if (entry->type == RECORD_EXECUTION) {
        totals->quantity += ((const struct record_execution *)entry->bytes)->quantity;
        totals->count++;
    }
    return 0;
}

Test(sim_misbehave, the_journal_holds_what_was_executed_not_what_was_told)
{
    static const struct {
        const char *faults;
        const char *steps[4];
        size_t executions;
        int quantity;
    } cases[] = {
        {"repeat", {"D 11=a|" BUY}, 1, 100},
        {"alter", {"D 11=a|" BUY}, 1, 100},
        {"withhold until=never", {"D 11=a|" BUY}, 1, 100},
        {"swallow", {"D 11=a|" BUY}, 0, 0},
        {"refuse", {"D 11=a|" BUY}, 0, 0},
        {"pieces n=4", {"D 11=a|" BUY}, 4, 100},
        {"overfill quantity=20", {"D 11=a|" BUY}, 2, 120},
        {"late-fill ms=0", {"D 11=a|" REST, "F 11=x|" OF("a"), "+1"}, 1, 100},
        {"wrong-cum", {"D 11=a|" REST, ASK("a")}, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[] = "/tmp/oxe-misbehave-XXXXXX";
        int fd = mkstemp(path);
        cr_assert_geq(fd, 0);
        (void)close(fd);
        struct journal *journal = reopen(path);
        arm(cases[i].faults);
        for (size_t j = 0; j < ARRAY_LEN(cases[i].steps) && cases[i].steps[j] != NULL; j++)
            step(cases[i].steps[j]);
        (void)exchange_floor_answers();
        exchange_seal(exchange, true);
        cr_assert_eq(journal_commit(journal, false), 0);
        struct totals totals = {0};
        struct journal_walk walk = {.end = journal_length(journal)};
        for (bool done = false; !done;)
            cr_assert_eq(journal_walk(journal, &walk, 65536, add_up, &totals, &done), 0);
        cr_expect_eq(totals.count, cases[i].executions, "%s: %zu", cases[i].faults, totals.count);
        cr_expect_eq(totals.quantity, cases[i].quantity * DECIMAL_ONE, "%s", cases[i].faults);
        /* And a restart believes the journal. */
        journal_close(&journal);
        journal = reopen(path);
        const struct order *order = orders_get(exchange->orders, 1);
        cr_expect_eq(order != NULL ? order->cum_quantity.units : 0, totals.quantity, "%s", cases[i].faults);
        journal_close(&journal);
        (void)unlink(path);
        (void)faults_clear(faults, 0);
    }
}

Test(sim_misbehave, a_market_order_that_waits_for_quotes_is_filled_after_a_restart)
{
    char path[] = "/tmp/oxe-misbehave-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    struct journal *journal = reopen(path);
    arm("no-liquidity");
    step("D 11=a|" BUY);
    step("D 11=b|55=AAPL|54=2|38=5|40=1|");
    step("D 11=s|55=AAPL|54=1|38=100|40=3|99=151|");
    exchange_seal(exchange, true);
    cr_assert_eq(journal_commit(journal, false), 0);
    journal_close(&journal);
    (void)faults_clear(faults, 0);
    journal = reopen(path);
    cr_assert(exchange_settle(exchange, now));
    cr_expect_str_eq(gist(), "0:8 11=a 17=E4 150=F 39=2 32=100 31=150.01 14=100\n"
                             "0:8 11=b 17=E5 150=F 39=2 32=5 31=149.99 14=5\n");
    journal_close(&journal);
    (void)unlink(path);
}
