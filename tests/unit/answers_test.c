/* SPDX-License-Identifier: Apache-2.0 */
/* Answers on their way to gateways that come late, go away, or are too many. */
#include "services/risk-manager/answers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/process.h"

enum { WAIT_MS = 5000 };

static char directory[64];
static struct pipe_context *context;
static struct answers *answers;

static void begin(void)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/oxe-answers-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(pipe_context_create(NULL, &context), 0);
    cr_assert_eq(answers_create(context, &answers), 0);
}

static void end(void)
{
    answers_destroy(&answers);
    pipe_context_destroy(&context);
    process_remove_tree(directory);
}

static const char *address(size_t number)
{
    static char text[128];

    (void)snprintf(text, sizeof(text), "ipc://%s/%zu", directory, number);
    return text;
}

static struct instant in_ms(int64_t ms)
{
    return (struct instant){clock_now().us + ms * 1000};
}

/* Retries until a message is there; its text. */
static const char *receive(struct pipe *gateway)
{
    static char text[64];
    int64_t until_us = clock_monotonic_us() + WAIT_MS * 1000;
    const uint8_t *bytes;
    size_t length;

    while (pipe_receive(gateway, &bytes, &length) < 0) {
        cr_assert_lt(clock_monotonic_us(), until_us, "nothing came");
        (void)answers_retry(answers, clock_now());
        (void)pipe_poll(&gateway, 1, NULL, 0, 5, NULL);
    }
    (void)snprintf(text, sizeof(text), "%.*s", (int)length, (const char *)bytes);
    return text;
}

Test(answers, an_answer_waits_for_its_gateway, .init = begin, .fini = end)
{
    struct pipe *gateway = NULL;

    cr_assert_eq(answers_send(answers, address(1), "one", 3, in_ms(WAIT_MS)), 0);
    cr_assert_eq(answers_send(answers, address(1), "two", 3, in_ms(WAIT_MS)), 0);
    cr_expect_eq(answers_waiting(answers), 2);
    cr_assert_eq(pipe_bind(context, PIPE_PULL, address(1), 0, &gateway), 0);
    cr_expect_str_eq(receive(gateway), "one");
    cr_expect_str_eq(receive(gateway), "two");
    cr_expect_eq(answers_waiting(answers), 0);
    cr_expect_eq(answers_retry(answers, clock_now()), 0);
    pipe_destroy(&gateway);
}

Test(answers, an_answer_that_nobody_takes_is_given_up_in_time, .init = begin, .fini = end)
{
    cr_assert_eq(answers_send(answers, address(1), "late", 4, in_ms(1000)), 0);
    cr_assert_eq(answers_send(answers, address(1), "later", 5, in_ms(3000)), 0);
    cr_expect_eq(answers_retry(answers, in_ms(500)), 0);
    cr_expect_eq(answers_retry(answers, in_ms(2000)), 1);
    cr_expect_eq(answers_waiting(answers), 1);
    cr_expect_eq(answers_retry(answers, in_ms(4000)), 1);
    cr_expect_eq(answers_waiting(answers), 0);
}

Test(answers, an_address_that_is_none_is_an_error, .init = begin, .fini = end)
{
    cr_expect_lt(answers_expect(answers, "no://where"), 0);
    cr_expect_lt(answers_send(answers, "", "x", 1, in_ms(1000)), 0);
    cr_expect_eq(answers_waiting(answers), 0);
}

Test(answers, the_gateway_used_longest_ago_makes_place, .init = begin, .fini = end)
{
    struct pipe *first = NULL;

    cr_assert_eq(answers_send(answers, address(0), "kept", 4, in_ms(WAIT_MS)), 0);
    cr_assert_eq(answers_send(answers, address(1), "lost", 4, in_ms(WAIT_MS)), 0);
    for (size_t i = 2; i < ANSWERS_PEERS_MAX; i++)
        cr_assert_eq(answers_expect(answers, address(i)), 0);
    cr_assert_eq(answers_expect(answers, address(0)), 0);
    cr_assert_eq(answers_expect(answers, address(ANSWERS_PEERS_MAX)), 0);
    cr_expect_eq(answers_waiting(answers), 1);
    cr_expect_eq(answers_retry(answers, clock_now()), 1, "what waited for the one that made place");
    cr_assert_eq(pipe_bind(context, PIPE_PULL, address(0), 0, &first), 0);
    cr_expect_str_eq(receive(first), "kept");
    pipe_destroy(&first);
}

Test(answers, no_more_than_the_bound_wait, .init = begin, .fini = end)
{
    for (size_t i = 0; i < ANSWERS_WAITING_MAX; i++)
        cr_assert_eq(answers_send(answers, address(1), "x", 1, in_ms(WAIT_MS)), 0);
    cr_expect_eq(answers_send(answers, address(1), "x", 1, in_ms(WAIT_MS)), -ENOBUFS);
    cr_expect_eq(answers_waiting(answers), ANSWERS_WAITING_MAX);
}
