/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-exchange-sim as a process: sockets, kills, slow readers, many at once. The client here is plain: it
 * keeps its numbers, answers resend requests with gap fills, and remembers every execution that it was told.
 *
 * Long: its plain FIX client serves all cases. */
#include <criterion/criterion.h>
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
#include "tests/support/fix_text.h"
#include "tests/support/process.h"

enum {
    IN_MAX = 1 << 20,
    EXECUTIONS_MAX = 1 << 20,
    WAIT_MS = 20000,
    SESSIONS = 4,
    KILLS = 6,
};

static struct exchange_process exchange;
static struct fix_message message;

struct client {
    char id[16];
    int fd;
    uint64_t next_in, next_out;
    char *in;
    size_t in_length;
    uint64_t orders; /* sent */
    uint64_t reports, fills, rejects, snapshots;
    uint64_t refusals, refusal_reason; /* Rejects(3), and why the last one came */
    bool logged_on, logged_out, closed;
};

/* How often each ExecID was told as news: [number]. */
static uint8_t told[EXECUTIONS_MAX];

static void set_up(void)
{
    memset(told, 0, sizeof(told));
    exchange_process_begin(&exchange);
}

static void tear_down(void)
{
    exchange_process_end(&exchange);
}

static void client_init(struct client *client, const char *id)
{
    *client = (struct client){.fd = -1, .next_in = 1, .next_out = 1, .in = malloc(IN_MAX)};
    cr_assert_not_null(client->in);
    (void)snprintf(client->id, sizeof(client->id), "%s", id);
}

static void client_release(struct client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    free(client->in);
}

/* False when the other side is gone. */
static bool transmit(struct client *client, const char *type, const char *fields, uint64_t seq, bool poss_dup)
{
    char body[512], bytes[1024];
    cr_assert_lt(strlen(fields), sizeof(body));
    size_t length = strlen(fields);
    for (size_t i = 0; i < length; i++)
        body[i] = fields[i] == '|' ? FIX_SOH : fields[i];
    struct fix_header header = {.type = type,
                                .sender = client->id,
                                .target = "SIM",
                                .seq = seq,
                                .sending_time = clock_now(),
                                .poss_dup = poss_dup,
                                .orig_sending_time = clock_now()};
    size_t whole = fix_build(&header, body, length, bytes);
    for (size_t sent = 0; sent < whole;) {
        ssize_t got = send(client->fd, bytes + sent, whole - sent, MSG_NOSIGNAL);
        if (got < 0)
            return false;
        sent += (size_t)got;
    }
    return true;
}

static bool say(struct client *client, const char *type, const char *fields)
{
    return transmit(client, type, fields, client->next_out++, false);
}

static bool order(struct client *client, const char *fields)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "11=%.15s-%llu|60=20260101-00:00:00|%s", client->id,
                   (unsigned long long)++client->orders, fields);
    return say(client, "D", text);
}

static uint64_t number_of(uint32_t tag)
{
    uint64_t value = 0;
    const struct fix_field *field = fix_find(&message, tag);
    if (field != NULL)
        (void)fix_value_u64(field->value, field->length, &value);
    return value;
}

static void take_report(struct client *client)
{
    const struct fix_field *type = fix_find(&message, FIX_EXEC_TYPE), *id = fix_find(&message, FIX_EXEC_ID);
    cr_assert(type != NULL && id != NULL);
    client->reports++;
    client->rejects += type->value[0] == '8';
    client->snapshots += type->value[0] == 'I';
    if (type->value[0] != 'F')
        return;
    uint64_t number = 0;
    cr_assert_eq(fix_value_u64(id->value + 1, id->length - 1, &number), 0);
    cr_assert_lt(number, EXECUTIONS_MAX);
    told[number]++;
    client->fills++;
}

/* Handles one message: in order it counts, before its turn it is left for the resend, after it it is old. */
static void take(struct client *client)
{
    char fields[64];
    if (fix_text_equals(message.type, "2")) {
        (void)snprintf(fields, sizeof(fields), "123=Y|36=%llu|",
                       (unsigned long long)number_of(FIX_END_SEQ_NO) + 1);
        (void)transmit(client, "4", fields, number_of(FIX_BEGIN_SEQ_NO), true);
    }
    if (fix_text_equals(message.type, "A"))
        client->logged_on = true;
    if (fix_text_equals(message.type, "5"))
        client->logged_out = true;
    if (fix_text_equals(message.type, "3")) {
        client->refusals++;
        client->refusal_reason = number_of(FIX_SESSION_REJECT_REASON);
    }
    if (message.seq != client->next_in) {
        cr_assert(message.seq > client->next_in || message.poss_dup, "number %llu comes again as news",
                  (unsigned long long)message.seq);
        return;
    }
    client->next_in = fix_text_equals(message.type, "4") ? number_of(FIX_NEW_SEQ_NO) : message.seq + 1;
    if (fix_text_equals(message.type, "8"))
        take_report(client);
}

/* Reads what comes within so long. */
static void listen_for(struct client *client, int timeout_ms)
{
    struct pollfd waiting = {.fd = client->fd, .events = POLLIN};
    if (client->closed || poll(&waiting, 1, timeout_ms) <= 0)
        return;
    ssize_t got = recv(client->fd, client->in + client->in_length, IN_MAX - client->in_length, 0);
    if (got <= 0) {
        client->closed = true;
        return;
    }
    client->in_length += (size_t)got;
    size_t at = 0, length = 0;
    while (fix_frame(client->in + at, client->in_length - at, &length) == FIX_FRAME_MESSAGE) {
        struct fix_fault fault = fix_parse(client->in + at, length, &message);
        cr_assert_eq(fault.kind, FIX_VALID, "%s", fault.text);
        take(client);
        at += length;
    }
    client->in_length -= at;
    memmove(client->in, client->in + at, client->in_length);
}

#define AWAIT(client, condition)                                                                             \
    do {                                                                                                     \
        int64_t until_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);                                   \
        while (!(condition) && !(client)->closed && clock_monotonic_us() < until_us)                         \
            listen_for((client), 100);                                                                       \
        cr_assert((condition), "%s never came", #condition);                                                 \
    } while (0)

static void connect_client(struct client *client, const char *logon)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = exchange_process_dial(exchange.port);
    cr_assert_geq(client->fd, 0);
    client->in_length = 0;
    client->logged_on = client->logged_out = client->closed = false;
    cr_assert(say(client, "A", logon));
}

static void log_on(struct client *client)
{
    connect_client(client, "98=0|108=30|");
    AWAIT(client, client->logged_on);
}

/* Asks for everything since the last message that was taken in, and waits for it. */
static void catch_up(struct client *client)
{
    char fields[64];
    (void)snprintf(fields, sizeof(fields), "7=%llu|16=0|", (unsigned long long)client->next_in);
    uint64_t before = client->snapshots;
    /* The answer to the first is the last that the second asks for: when it is taken in, nothing is missing.
     */
    cr_assert(say(client, "H", "11=nobody|55=AAPL|54=1|"));
    cr_assert(say(client, "2", fields));
    AWAIT(client, client->snapshots > before);
}

static char *ask(const char *command, size_t *ret_lines)
{
    return exchange_process_ask(&exchange, command, ret_lines);
}

static size_t count_lines(const char *command)
{
    size_t lines = 0;
    free(ask(command, &lines));
    return lines;
}

TestSuite(exchange_sim, .init = set_up, .fini = tear_down, .timeout = 120);

Test(exchange_sim, no_execution_is_lost_or_told_twice_however_often_it_is_killed)
{
    static struct client clients[SESSIONS];
    for (int i = 0; i < SESSIONS; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "OXE-L%d", i);
        client_init(&clients[i], id);
    }
    uint64_t state = 7;
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        for (int i = 0; i < SESSIONS; i++)
            log_on(&clients[i]);
        for (int i = 0; i < SESSIONS; i++)
            catch_up(&clients[i]);
        state = state * 6364136223846793005U + 1442695040888963407U;
        int64_t until_us = clock_monotonic_us() + 20000 + (int64_t)(state >> 33) % 200000;
        while (clock_monotonic_us() < until_us)
            for (int i = 0; i < SESSIONS; i++) {
                for (int j = 0; j < 20; j++)
                    (void)order(&clients[i],
                                j % 3 == 0 ? "55=MSFT|54=2|38=1500|40=1|" : "55=AAPL|54=1|38=100|40=1|");
                listen_for(&clients[i], 0);
            }
        exchange_process_stop(&exchange, SIGKILL);
        exchange_process_start(&exchange);
    }
    uint64_t fills = 0;
    for (int i = 0; i < SESSIONS; i++) {
        log_on(&clients[i]);
        catch_up(&clients[i]);
        fills += clients[i].fills;
        cr_expect_eq(clients[i].rejects, 0);
    }
    size_t lines = 0;
    CLEANUP_FREE char *text = ask("executions\n", &lines);
    cr_expect_gt(lines, 1000);
    cr_expect_eq(lines, fills, "the exchange knows %zu, the clients were told %llu", lines,
                 (unsigned long long)fills);
    for (char *line = text, *end = NULL; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        const char *at = strstr(line, "\"exec_id\":\"E");
        cr_assert_not_null(at, "%s", line);
        at += strlen("\"exec_id\":\"E");
        unsigned long number = strtoul(at, NULL, 10);
        cr_assert_lt(number, EXECUTIONS_MAX);
        cr_assert_eq(told[number], 1, "E%lu was told %u times", number, told[number]);
    }
    for (int i = 0; i < SESSIONS; i++)
        client_release(&clients[i]);
}

Test(exchange_sim, a_second_logon_is_refused_while_the_first_is_alive_and_takes_over_when_it_is_dead)
{
    struct client first, second;
    client_init(&first, "TWIN");
    client_init(&second, "TWIN");
    connect_client(&first, "98=0|108=1|");
    AWAIT(&first, first.logged_on);
    second.next_out = 2;
    second.fd = exchange_process_dial(exchange.port);
    cr_assert(say(&second, "A", "98=0|108=1|"));
    for (int waited = 0; waited < 50 && !second.closed; waited++)
        listen_for(&second, 100);
    cr_expect(second.closed, "the second connection is closed");
    cr_expect_not(second.logged_on);
    cr_assert(order(&first, "55=AAPL|54=1|38=1|40=1|"));
    AWAIT(&first, first.fills == 1);
    /* The first falls silent: a new logon succeeds once nothing came for 2 × HeartBtInt. */
    second.next_in = first.next_in;
    int64_t silent_since_us = clock_monotonic_us();
    while (!second.logged_on && clock_monotonic_us() - silent_since_us < 10 * INT64_C(1000000)) {
        second.next_out = first.next_out;
        connect_client(&second, "98=0|108=1|");
        for (int waited = 0; waited < 10 && !second.closed && !second.logged_on; waited++)
            listen_for(&second, 20);
    }
    int64_t silent_us = clock_monotonic_us() - silent_since_us;
    cr_expect(second.logged_on);
    cr_expect(silent_us > 1500000 && silent_us < 4000000, "after %lld us", (long long)silent_us);
    client_release(&first);
    client_release(&second);
}

Test(exchange_sim, a_client_that_does_not_read_is_dropped_and_gets_everything_later)
{
    struct client slow, other;
    client_init(&slow, "SLOW");
    client_init(&other, "OTHER");
    log_on(&slow);
    log_on(&other);
    const uint64_t wanted = 140000;
    for (uint64_t i = 0; i < wanted; i++)
        if (!order(&slow, "55=AAPL|54=1|38=1|40=1|"))
            break;
    cr_assert(order(&other, "55=AAPL|54=1|38=1|40=1|"));
    AWAIT(&other, other.fills == 1);
    size_t lines = 0;
    bool dropped = false;
    for (int waited = 0; waited < 100 && !dropped; waited++) {
        CLEANUP_FREE char *text = ask("sessions\n", &lines);
        dropped = strstr(text, "\"client\":\"SLOW\",\"logged_on\":false") != NULL;
        (void)poll(NULL, 0, 50);
    }
    cr_expect(dropped, "it is dropped");
    cr_expect(process_is_running(exchange.pid));
    log_on(&slow);
    catch_up(&slow);
    size_t executions = count_lines("executions\n");
    cr_expect_eq(slow.fills + other.fills, executions);
    cr_expect_gt(executions, 50000);
    client_release(&slow);
    client_release(&other);
}

Test(exchange_sim, a_stop_logs_everybody_out)
{
    struct client client;
    client_init(&client, "POLITE");
    log_on(&client);
    cr_assert(order(&client, "55=AAPL|54=1|38=1|40=2|44=100|"));
    AWAIT(&client, client.reports == 1);
    (void)kill(exchange.pid, SIGTERM);
    AWAIT(&client, client.logged_out);
    cr_assert(say(&client, "5", ""));
    cr_expect_eq(process_wait(exchange.pid), 0);
    exchange.pid = -1;
    exchange_process_start(&exchange);
    log_on(&client);
    catch_up(&client);
    cr_expect_eq(count_lines("orders\n"), 1);
    client_release(&client);
}

Test(exchange_sim, what_is_not_a_logon_is_cut_off)
{
    static const char *const cases[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n8=FIX.4.4\x01"
        "9=5\x01"
        "35=0\x01"
        "10=161\x01",
        "8=FIX.4.4\x01"
        "9=5\x01"
        "35=A\x01"
        "10=178\x01",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_CLOSE int fd = exchange_process_dial(exchange.port);
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        char byte = 0;
        cr_assert_geq(fd, 0);
        cr_assert_gt(send(fd, cases[i], strlen(cases[i]), 0), 0);
        cr_expect_eq(poll(&waiting, 1, 5000), 1, "case %zu", i);
        cr_expect_leq(recv(fd, &byte, 1, 0), 0, "case %zu", i);
    }
    cr_expect_eq(count_lines("sessions\n"), 0);
}

/* Says a message field by field: $N is the next number, $T is now, $O three minutes ago. */
static void say_fields(struct client *client, const char *fields)
{
    char text[FIX_TEXT_MAX], bytes[FIX_TEXT_MAX], now[FIX_TIME_MAX], old[FIX_TIME_MAX], number[24];
    size_t length = 0;
    (void)fix_time_format(clock_now(), now);
    (void)fix_time_format((struct instant){clock_now().us - INT64_C(180000000)}, old);
    (void)snprintf(number, sizeof(number), "%llu", (unsigned long long)client->next_out);
    for (const char *c = fields; *c != '\0'; c++) {
        const char *put = *c != '$' ? NULL : c[1] == 'N' ? number : c[1] == 'T' ? now : old;
        length +=
            (size_t)(put != NULL ? sprintf(text + length, "%s", put) : sprintf(text + length, "%c", *c));
        c += put != NULL;
    }
    size_t whole = fix_text_build(text, bytes);
    cr_assert_eq(send(client->fd, bytes, whole, MSG_NOSIGNAL), (ssize_t)whole);
}

#define HEAD "49=RULES|56=SIM|34=$N|"

Test(exchange_sim, the_rules_of_the_session_hold_over_a_socket)
{
    static const struct {
        const char *fields;
        uint64_t reason;
    } cases[] = {
        {"35=D|49=RULES|34=$N|52=$T|11=x|56=SIM|", 14},
        {"35=D|" HEAD "52=$T|43=Y|11=x|", 1},
        {"35=D|" HEAD "52=$T|11=x|55=AAPL|54=1|38=1|40=w|60=$T|", 5},
        {"35=4|" HEAD "52=$T|123=X|36=99|", 6},
        {"35=0|" HEAD "52=$T|55=AAPL|", 2},
    };
    struct client client;
    client_init(&client, "RULES");
    log_on(&client);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        say_fields(&client, cases[i].fields);
        client.next_out++;
        AWAIT(&client, client.refusals == i + 1);
        cr_expect_eq(client.refusal_reason, cases[i].reason, "%s", cases[i].fields);
    }
    say_fields(&client, "35=4|49=RULES|56=SIM|34=0|52=$T|36=100|");
    client.next_out = 100;
    cr_assert(order(&client, "55=AAPL|54=1|38=1|40=2|44=100|"));
    AWAIT(&client, client.reports == 1);
    say_fields(&client, "35=0|" HEAD "52=$O|");
    AWAIT(&client, client.logged_out);
    cr_expect_eq(client.refusal_reason, 10);
    client_release(&client);
}

Test(exchange_sim, a_clock_may_be_off_where_that_is_allowed)
{
    struct client client;
    client_init(&client, "RULES");
    client.fd = exchange_process_dial(exchange.port);
    say_fields(&client, "35=A|" HEAD "52=$O|98=0|108=30|");
    AWAIT(&client, client.logged_out && !client.logged_on);
    client_release(&client);
    exchange_process_stop(&exchange, SIGTERM);
    cr_assert_eq(setenv("OXE_SIM_CLOCK_SKEW", "0", 1), 0);
    exchange_process_start(&exchange);
    client_init(&client, "RULES");
    client.next_in = 2; /* the refusal was number 1 */
    log_on(&client);
    say_fields(&client, "35=D|" HEAD "52=$O|11=x|55=AAPL|54=1|38=1|40=2|44=100|60=$T|");
    AWAIT(&client, client.reports == 1);
    client_release(&client);
}

Test(exchange_sim, the_control_port_answers_each_command)
{
    static const struct {
        const char *command, *wanted;
    } cases[] = {
        {"price AAPL\n", "{\"symbol\":\"AAPL\",\"price\":150}\n"},
        {"price AAPL 151.25\r\n", "{\"symbol\":\"AAPL\",\"price\":151.25}\n"},
        {"price AAPL\n", "{\"symbol\":\"AAPL\",\"price\":151.25}\n"},
        {"price AAPL 151.255\n", "{\"error\":\"the price must be a positive multiple of the tick size\"}\n"},
        {"price AAPL -1\n", "{\"error\":\"the price must be a positive multiple of the tick size\"}\n"},
        {"price NONE\n", "{\"error\":\"unknown symbol\"}\n"},
        {"book\n", "{\"error\":\"a symbol is required\"}\n"},
        {"a b c d e f g h i j k l m n o p q r s t u\n", "{\"error\":\"too many words\"}\n"},
        {"end-day foo\n", "{\"error\":\"too many words\"}\n"},
        {"price AAPL 150 x\n", "{\"error\":\"too many words\"}\n"},
        {"fly\n", "{\"error\":\"unknown command; try help\"}\n"},
        {"\n", "{\"error\":\"unknown command; try help\"}\n"},
        {"executions\n", ""},
        {"sessions\n", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t lines = 0;
        CLEANUP_FREE char *text = ask(cases[i].command, &lines);
        cr_expect_str_eq(text, cases[i].wanted, "%s", cases[i].command);
    }
    char line[1024];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\0';
    size_t lines = 0;
    CLEANUP_FREE char *text = ask(line, &lines);
    cr_expect_str_eq(text, "{\"error\":\"the line is too long\"}\n");
    /* A price that was set is there after a kill. */
    exchange_process_stop(&exchange, SIGKILL);
    exchange_process_start(&exchange);
    CLEANUP_FREE char *price = ask("price AAPL\n", &lines);
    cr_expect_str_eq(price, "{\"symbol\":\"AAPL\",\"price\":151.25}\n");
}

Test(exchange_sim, trading_goes_on_while_a_list_is_not_read)
{
    struct client client;
    client_init(&client, "TRADER");
    log_on(&client);
    for (int i = 0; i < 30000; i++) {
        cr_assert(order(&client, "55=AAPL|54=1|38=1|40=1|"));
        listen_for(&client, 0);
    }
    AWAIT(&client, client.fills == 30000);
    CLEANUP_CLOSE int idle = exchange_process_dial(exchange.port + 1);
    cr_assert_eq(send(idle, "executions\n", 11, 0), 11);
    for (int i = 0; i < 100; i++) {
        uint64_t before = client.fills;
        int64_t begun_us = clock_monotonic_us();
        cr_assert(order(&client, "55=AAPL|54=1|38=1|40=1|"));
        AWAIT(&client, client.fills == before + 1);
        cr_expect_lt(clock_monotonic_us() - begun_us, 500000);
    }
    cr_expect_eq(count_lines("executions\n"), 30100);
    client_release(&client);
}
