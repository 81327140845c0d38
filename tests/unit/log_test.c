/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: their exact JSON, the level, the cut, and one write a line. */
#include "common/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "common/cleanup.h"

struct capture {
    int fds[2];
    struct log log;
    char line[2 * LOG_LINE_MAX];
};

/* One read gives what one write wrote. */
static void open_capture(struct capture *capture)
{
    cr_assert_eq(pipe2(capture->fds, O_NONBLOCK | O_CLOEXEC | O_DIRECT), 0);
    capture->log =
        (struct log){.service = "tester", .instance = "3", .level = LOG_INFO, .fd = capture->fds[1]};
}

/* Returns the length of what one read gives, 0 for nothing. */
static size_t read_line(struct capture *capture)
{
    ssize_t length = read(capture->fds[0], capture->line, sizeof(capture->line) - 1);

    capture->line[length < 0 ? 0 : length] = '\0';
    return length < 0 ? 0 : (size_t)length;
}

Test(log, a_line_is_json_with_the_fields_in_order)
{
    static const uint8_t trace[16] = {0x0a, 0xf7, [15] = 0xff};
    struct capture capture;
    struct uuid id = {.bytes = {0x01, [15] = 0x02}};

    open_capture(&capture);
    LOG(&capture.log, LOG_WARNING, "order_rejected", LOG_UUID("order_id", id), LOG_TEXT("rule", "a \"b\"\n"),
        LOG_I64("count", -5), LOG_DECIMAL("price", decimal_from_units(15050000000)), LOG_BOOL("late", true),
        LOG_TRACE(trace), LOG_TEXT("nothing", NULL), LOG_ERRNO(-ENOENT));
    cr_assert_gt(read_line(&capture), 0);
    const char *level = strstr(capture.line, ",\"level\"");
    cr_assert_eq(strncmp(capture.line, "{\"time\":\"20", 11), 0, "%s", capture.line);
    cr_assert_eq(level - capture.line, 8 + 29, "the time is 27 characters and quotes");
    cr_expect_str_eq(
        level,
        ",\"level\":\"warning\",\"service\":\"tester\",\"instance\":\"3\",\"event\":\"order_rejected\","
        "\"order_id\":\"01000000-0000-0000-0000-000000000002\",\"rule\":\"a \\\"b\\\"\\n\","
        "\"count\":-5,\"price\":150.5,\"late\":true,"
        "\"trace_id\":\"0af700000000000000000000000000ff\",\"nothing\":null,"
        "\"error\":\"No such file or directory\"}\n");
}

Test(log, a_line_needs_no_fields_and_no_instance)
{
    struct capture capture;

    open_capture(&capture);
    capture.log.instance = NULL;
    LOG(&capture.log, LOG_ERROR, "stopped");
    cr_assert_gt(read_line(&capture), 0);
    cr_expect_not_null(
        strstr(capture.line, ",\"level\":\"error\",\"service\":\"tester\",\"event\":\"stopped\"}\n"));
}

Test(log, lines_below_the_level_are_not_written)
{
    struct capture capture;

    open_capture(&capture);
    LOG(&capture.log, LOG_DEBUG, "detail");
    cr_expect_eq(read_line(&capture), 0);
    LOG(&capture.log, LOG_INFO, "news");
    cr_expect_gt(read_line(&capture), 0);
}

Test(log, a_line_that_is_too_long_is_cut_at_a_field_and_stays_json)
{
    static char text[LOG_LINE_MAX];
    struct capture capture;
    char error[256];

    open_capture(&capture);
    memset(text, 'x', sizeof(text) - 1);
    /* Every length around the bound: whole or cut, never longer, always JSON. */
    for (size_t length = LOG_LINE_MAX - 300; length < LOG_LINE_MAX; length++) {
        LOG(&capture.log, LOG_INFO, "long", LOG_TEXT("first", "kept"),
            LOG_TEXT("text", text + sizeof(text) - 1 - length), LOG_TEXT("last", "z"));
        size_t read_length = read_line(&capture);
        cr_assert_leq(read_length, LOG_LINE_MAX);
        cr_assert_eq(capture.line[read_length - 1], '\n');
        yajl_val tree = yajl_tree_parse(capture.line, error, sizeof(error));
        cr_assert_not_null(tree, "%s", error);
        const char *cut_path[] = {"cut", NULL}, *first_path[] = {"first", NULL},
                   *last_path[] = {"last", NULL};
        bool cut = yajl_tree_get(tree, cut_path, yajl_t_true) != NULL;
        cr_expect_not_null(yajl_tree_get(tree, first_path, yajl_t_string));
        cr_expect_neq(cut, yajl_tree_get(tree, last_path, yajl_t_string) != NULL, "cut or whole, length %zu",
                      length);
        yajl_tree_free(tree);
    }
}

Test(log, writing_keeps_errno_and_survives_a_closed_reader)
{
    struct log log = {.service = "tester", .level = LOG_INFO, .fd = -1};

    errno = ERANGE;
    LOG(&log, LOG_INFO, "lost");
    cr_expect_eq(errno, ERANGE);
}

Test(log, errors_have_a_description)
{
    cr_expect_str_eq(log_errno_name(-ENOTCONN), "Transport endpoint is not connected");
    cr_expect_str_eq(log_errno_name(-99999), "Unknown error");
    cr_expect_str_eq(log_errno_name(7), "Unknown error");
}

/* How many lines one read gives, 0 for nothing. */
static size_t read_lines(struct capture *capture)
{
    size_t length = read_line(capture), count = 0;

    for (size_t i = 0; i < length; i++)
        count += capture->line[i] == '\n';
    return count;
}

static void *log_beside(void *log)
{
    LOG((const struct log *)log, LOG_INFO, "beside");
    return NULL;
}

Test(log, gathered_lines_are_written_when_asked_for_and_before_what_is_urgent)
{
    struct capture capture;
    pthread_t thread;

    open_capture(&capture);
    log_gather(true);
    LOG(&capture.log, LOG_INFO, "first");
    LOG(&capture.log, LOG_INFO, "second");
    cr_expect_eq(read_lines(&capture), 0);
    log_flush();
    cr_expect_eq(read_lines(&capture), 2);
    log_flush();
    cr_expect_eq(read_lines(&capture), 0, "each once");
    LOG(&capture.log, LOG_INFO, "third");
    LOG(&capture.log, LOG_WARNING, "fourth");
    cr_expect_eq(read_lines(&capture), 1);
    cr_expect_not_null(strstr(capture.line, "third"), "%s", capture.line);
    cr_expect_eq(read_lines(&capture), 1);
    cr_expect_not_null(strstr(capture.line, "fourth"), "%s", capture.line);
    LOG(&capture.log, LOG_INFO, "fifth");
    cr_assert_eq(pthread_create(&thread, NULL, log_beside, &capture.log), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_expect_eq(read_lines(&capture), 1, "another thread gathers nothing");
    cr_expect_not_null(strstr(capture.line, "beside"), "%s", capture.line);
    log_gather(false);
    cr_expect_eq(read_lines(&capture), 1);
    LOG(&capture.log, LOG_INFO, "sixth");
    cr_expect_eq(read_lines(&capture), 1, "no longer");
}

Test(log, gathered_lines_are_whole_within_what_a_pipe_writes_at_once)
{
    struct capture capture;
    char text[LOG_LINE_MAX / 3];

    open_capture(&capture);
    log_gather(true);
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 5; i++)
        LOG(&capture.log, LOG_INFO, "long", LOG_TEXT("text", text));
    log_flush();
    cr_expect_eq(read_lines(&capture), 2);
    cr_expect_eq(read_lines(&capture), 2);
    cr_expect_eq(read_lines(&capture), 1);
    cr_expect_eq(read_lines(&capture), 0);
}

Test(log, lines_for_another_descriptor_come_in_their_order)
{
    struct capture one, other;

    open_capture(&one);
    open_capture(&other);
    log_gather(true);
    LOG(&one.log, LOG_INFO, "one");
    LOG(&other.log, LOG_INFO, "other");
    cr_expect_eq(read_lines(&one), 1);
    log_flush();
    cr_expect_eq(read_lines(&other), 1);
    cr_expect_eq(read_lines(&one), 0);
}
