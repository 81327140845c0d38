/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-load: orders against a gateway, in one of two ways. Prints one JSON object: counts by status, orders a
 * second, latency percentiles in ms.
 *
 * As a closed loop each trader has one connection and sends its next order when the last one was answered; a
 * lost connection ends the trader. With --rate orders are due at a steady pace, whoever of the traders is
 * free sends the next one, and every order is repeated with its Idempotency-Key until it has an answer that
 * is not 503, as a careful client does: connections may break, nobody may listen, an answer may stay away.
 * SIGTERM ends the pace; what is under way is still brought to its answer.
 *
 * One thread, epoll. Long: one program, its options, its pace and its report. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/bench/order_post.h"

enum {
    TRADERS_MAX = 20000,
    KEY_MAX = 64,
    LATENCIES_MAX = 10000000,
    STALL_SECONDS = 30,
    STATUSES = 600,
    TICK_MS = 5,
    RETRY_US = 100000, /* after a broken connection */
    RETRY_503_US =
        500000, /* after a 503: sooner than its Retry-After asks, so that an outage is seen to end */
    SILENCE_US = 10000000,  /* then the connection is given up */
    PATIENCE_US = 60000000, /* after the end: for what is under way */
};

enum trader_state { FREE, ASKING, PAUSING };

struct trader {
    char token[ORDER_POST_TOKEN_MAX];
    int fd; /* -1: not connected */
    enum trader_state state;
    long left; /* orders still to send; -1: until the time is over */
    int64_t sent_us;
    int64_t again_us; /* PAUSING */
    char reply[ORDER_POST_REPLY_MAX];
    size_t received;
    unsigned seed;
    /* The order under way. */
    char body[ORDER_POST_BODY_MAX], key[KEY_MAX];
    struct instant first_sent;
    unsigned refused, broken; /* answers 503; connections lost or silent */
    long number;
};

struct load {
    uint16_t port;
    const char *order_type;
    struct trader *traders;
    size_t trader_count;
    int epoll_fd;
    size_t open;      /* connections */
    size_t under_way; /* orders without their answer */
    size_t next;      /* trader to look at first for a free one */
    long rate;        /* orders a second; 0: a closed loop */
    long brackets;    /* of a hundred orders, so many are BUYs with stop loss and take profit */
    FILE *orders;     /* NULL: none is wanted */
    int64_t end_us;   /* of CLOCK_MONOTONIC; INT64_MAX: by count only */
    uint32_t *latencies_us;
    size_t latency_count;
    uint64_t statuses[STATUSES];
    uint64_t broken; /* connections lost with a request under way */
    uint64_t run;    /* makes idempotency keys of separate runs differ */
};

static volatile sig_atomic_t told_to_end;

static const struct {
    const char *symbol;
    int price; /* near the simulator's opening price */
} symbols[] = {{"AAPL", 150}, {"MSFT", 410}, {"GOOG", 175}, {"AMZN", 185}, {"NVDA", 120}};

static void fail(const char *what)
{
    (void)fprintf(stderr, "oxe-load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void connection_end(struct load *load, struct trader *trader)
{
    if (trader->fd < 0)
        return;
    (void)close(trader->fd);
    trader->fd = -1;
    load->open--;
}

/* The request under way got no answer. */
static void request_broke(struct load *load, struct trader *trader)
{
    load->broken++;
    trader->broken++;
    connection_end(load, trader);
    trader->state = PAUSING;
    trader->again_us = clock_monotonic_us() + RETRY_US;
}

static int connect_trader(struct load *load, struct trader *trader)
{
    trader->fd = order_post_connect(load->port);
    if (trader->fd < 0)
        return trader->fd;
    load->open++;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = trader};
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, trader->fd, &event) != 0)
        fail("epoll_ctl");
    return 0;
}

/* A stop loss and a take profit 0.2 to 0.7 % from the opening price. */
static int add_legs(char *text, size_t size, int price, unsigned roll)
{
    int away = price * (20 + (int)(roll >> 8) % 50) / 100; /* hundredths */

    return snprintf(text, size, ",\"stop_loss\":%d.%02d,\"take_profit\":%d.%02d", (price * 100 - away) / 100,
                    (price * 100 - away) % 100, (price * 100 + away) / 100, (price * 100 + away) % 100);
}

static void compose_order(struct load *load, struct trader *trader)
{
    unsigned roll = (unsigned)rand_r(&trader->seed);
    bool bracket = (unsigned)rand_r(&trader->seed) % 100 < (unsigned long)load->brackets;
    size_t symbol = roll % ARRAY_LEN(symbols);
    bool limit = strcmp(load->order_type, "LIMIT") == 0 ||
                 (strcmp(load->order_type, "MIX") == 0 && (roll >> 8) % 2 == 0);
    int length = snprintf(trader->body, ORDER_POST_BODY_MAX,
                          "{\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":%u,\"order_type\":\"%s\"",
                          symbols[symbol].symbol, bracket || (roll >> 4) % 2 == 0 ? "BUY" : "SELL",
                          1 + (roll >> 12) % 50, limit ? "LIMIT" : "MARKET");
    if (limit)
        length += snprintf(trader->body + length, ORDER_POST_BODY_MAX - (size_t)length, ",\"price\":%d.%02u",
                           symbols[symbol].price, bracket ? 0 : (roll >> 16) % 100);
    if (bracket)
        length += add_legs(trader->body + length, ORDER_POST_BODY_MAX - (size_t)length, symbols[symbol].price,
                           roll);
    (void)snprintf(trader->body + length, ORDER_POST_BODY_MAX - (size_t)length, "}");
    (void)snprintf(trader->key, KEY_MAX, "load-%llx-%ld-%u", (unsigned long long)load->run, trader->number++,
                   roll);
    trader->first_sent = clock_now();
    trader->refused = trader->broken = 0;
}

/* Sends the order under way. */
static void ask(struct load *load, struct trader *trader)
{
    trader->state = ASKING;
    trader->sent_us = clock_monotonic_us();
    trader->received = 0;
    if ((trader->fd < 0 && connect_trader(load, trader) != 0) ||
        order_post_send(trader->fd, trader->token, trader->key, trader->body) != 0)
        request_broke(load, trader);
}

static void send_order(struct load *load, struct trader *trader)
{
    compose_order(load, trader);
    load->under_way++;
    ask(load, trader);
}

/* One line for an order that has its answer: status, order id or '-', when it was first sent and when it was
 * answered (µs since 1970), how many 503s and how many broken connections came before, and the code of a
 * refusal or '-'. */
static void record_order(const struct load *load, const struct trader *trader, int status)
{
    size_t id_length, code_length;

    if (load->orders == NULL)
        return;
    const char *id = order_post_text(trader->reply, "\"id\":\"", &id_length);
    const char *code = order_post_text(trader->reply, "\"code\":\"", &code_length);
    (void)fprintf(load->orders, "%d %.*s %lld %lld %u %u %.*s\n", status, (int)id_length, id,
                  (long long)trader->first_sent.us, (long long)clock_now().us, trader->refused,
                  trader->broken, (int)code_length, code);
    (void)fflush(load->orders);
}

static void take_reply(struct load *load, struct trader *trader, int status)
{
    load->statuses[status > 0 && status < STATUSES ? status : 0]++;
    int64_t now = clock_monotonic_us();
    if (load->rate > 0 && status == 503) {
        trader->refused++;
        trader->state = PAUSING;
        trader->again_us = now + RETRY_503_US;
        return;
    }
    record_order(load, trader, status);
    if (load->latency_count < LATENCIES_MAX)
        load->latencies_us[load->latency_count++] = (uint32_t)(now - trader->sent_us);
    trader->state = FREE;
    load->under_way--;
    if (trader->left > 0)
        trader->left--;
    if (load->rate > 0)
        return;
    if (trader->left == 0 || now >= load->end_us)
        connection_end(load, trader);
    else
        send_order(load, trader);
}

static void readable(struct load *load, struct trader *trader)
{
    int status = order_post_read(trader->fd, trader->reply, &trader->received);
    if (status > 0)
        take_reply(load, trader, status);
    else if (status < 0 && trader->state == ASKING)
        request_broke(load, trader);
    else if (status < 0)
        connection_end(load, trader);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(const struct load *load, double p)
{
    if (load->latency_count == 0)
        return 0;
    size_t index = (size_t)((double)(load->latency_count - 1) * p);
    return (double)load->latencies_us[index] / 1000.0;
}

static void report(struct load *load, int64_t duration_us)
{
    qsort(load->latencies_us, load->latency_count, sizeof(uint32_t), compare_u32);
    double seconds = (double)duration_us / 1e6;
    (void)printf(
        "{\"traders\":%zu,\"seconds\":%.3f,\"answers\":%zu,\"created\":%llu,\"per_second\":%.1f,"
        "\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"broken\":%llu,\"unanswered\":%zu,"
        "\"statuses\":{",
        load->trader_count, seconds, load->latency_count, (unsigned long long)load->statuses[201],
        (double)load->statuses[201] / seconds, percentile_ms(load, 0.5), percentile_ms(load, 0.95),
        percentile_ms(load, 0.99), percentile_ms(load, 1), (unsigned long long)load->broken, load->under_way);
    const char *separator = "";
    for (int status = 0; status < STATUSES; status++) {
        if (load->statuses[status] == 0)
            continue;
        (void)printf("%s\"%d\":%llu", separator, status, (unsigned long long)load->statuses[status]);
        separator = ",";
    }
    (void)printf("}}\n");
}

static void read_tokens(struct load *load, const char *path, size_t traders_wanted, long orders)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail(path);
    load->traders = calloc(traders_wanted, sizeof(struct trader));
    if (load->traders == NULL)
        fail("memory");
    while (load->trader_count < traders_wanted &&
           fgets(load->traders[load->trader_count].token, ORDER_POST_TOKEN_MAX, file) != NULL) {
        struct trader *trader = &load->traders[load->trader_count++];
        trader->token[strcspn(trader->token, "\r\n")] = '\0';
        trader->fd = -1;
        trader->left = orders;
        trader->seed = (unsigned)load->trader_count * 2654435761u + (unsigned)load->run;
    }
    (void)fclose(file);
    if (load->trader_count == 0) {
        (void)fprintf(stderr, "oxe-load: %s holds no token\n", path);
        exit(64);
    }
}

/* Waits for answers and takes them; false when none came. */
static bool take_answers(struct load *load, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(load->epoll_fd, events, ARRAY_LEN(events), timeout_ms);
    if (count < 0 && errno != EINTR)
        fail("epoll_wait");
    for (int i = 0; i < count; i++)
        readable(load, events[i].data.ptr);
    return count != 0;
}

static void run_closed_loop(struct load *load)
{
    for (size_t i = 0; i < load->trader_count; i++) {
        errno = -connect_trader(load, &load->traders[i]);
        if (errno != 0)
            fail("connect");
    }
    for (size_t i = 0; i < load->trader_count; i++)
        send_order(load, &load->traders[i]);
    while (load->open > 0) {
        if (!take_answers(load, STALL_SECONDS * 1000)) {
            (void)fprintf(stderr, "oxe-load: no answer for %d s, %zu requests are open\n", STALL_SECONDS,
                          load->open);
            exit(1);
        }
    }
}

static struct trader *free_trader(struct load *load)
{
    for (size_t i = 0; i < load->trader_count; i++) {
        struct trader *trader = &load->traders[load->next];
        load->next = (load->next + 1) % load->trader_count;
        if (trader->state == FREE && trader->left != 0)
            return trader;
    }
    return NULL;
}

/* Repeats what has waited long enough, and gives up connections that stay silent. */
static void repeat_orders(struct load *load)
{
    int64_t now = clock_monotonic_us();

    for (size_t i = 0; i < load->trader_count; i++) {
        struct trader *trader = &load->traders[i];
        if (trader->state == PAUSING && trader->again_us <= now)
            ask(load, trader);
        else if (trader->state == ASKING && trader->sent_us + SILENCE_US <= now)
            request_broke(load, trader);
    }
}

static bool has_orders_left(const struct load *load)
{
    for (size_t i = 0; i < load->trader_count; i++)
        if (load->traders[i].left != 0)
            return true;
    return false;
}

static void run_at_rate(struct load *load)
{
    int64_t due_us = clock_monotonic_us(), ended_us = 0;

    while (ended_us == 0 || load->under_way > 0) {
        (void)take_answers(load, TICK_MS);
        repeat_orders(load);
        int64_t now = clock_monotonic_us();
        if (ended_us == 0 && (told_to_end || now >= load->end_us || !has_orders_left(load)))
            ended_us = now;
        if (ended_us != 0 && now >= ended_us + PATIENCE_US)
            return;
        /* What was due while every trader waited for an answer is not made up for. */
        for (; ended_us == 0 && due_us <= now; due_us += 1000000 / load->rate) {
            struct trader *trader = free_trader(load);
            if (trader != NULL)
                send_order(load, trader);
        }
    }
}

static void usage(FILE *out)
{
    (void)fputs(
        "oxe-load - orders against a gateway\n\n"
        "Usage: oxe-load --tokens FILE [--port PORT] [--traders N] [--orders N | --seconds N] "
        "[--type MARKET|LIMIT|MIX] [--brackets PERCENT] [--rate N] [--orders-file FILE]\n\n"
        "  --tokens FILE   one JWT a line, one trader each (./oxe traders makes it)\n"
        "  --port PORT     the gateway on 127.0.0.1 (default 8080)\n"
        "  --traders N     how many of the tokens to use (default: all, at most 20000)\n"
        "  --orders N      orders of each trader (default 20)\n"
        "  --seconds N     send for N seconds instead\n"
        "  --type TYPE     MARKET (default), LIMIT near the opening price, or MIX of both\n"
        "  --brackets PERCENT  so many of a hundred orders are BUYs with a stop loss and a take profit\n"
        "                  near the opening price (default 0)\n"
        "  --rate N        N orders a second over all traders, each repeated with its key until it is\n"
        "                  answered; without it each trader sends as fast as it is answered\n"
        "  --orders-file FILE  a line for each answered order: status, order id or '-', when it was\n"
        "                  first sent and answered (microseconds), 503s and broken connections before\n\n"
        "Prints one JSON object. Exit status: 0 every request was answered, 1 not, 2 trouble, 64 "
        "wrong usage.\n",
        out);
}

static int wrong_usage(const char *what, const char *where)
{
    (void)fprintf(stderr, "oxe-load: %s: '%s' ('oxe-load --help' tells more)\n", what, where);
    return 64;
}

static long number(const char *text, long max)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > max) {
        (void)fprintf(stderr, "oxe-load: '%s' is no number from 1 to %ld\n", text, max);
        exit(64);
    }
    return value;
}

static void end_pace(int signal_number)
{
    (void)signal_number;
    told_to_end = 1;
}

static void run(struct load *load)
{
    int64_t start_us = clock_monotonic_us();
    if (load->end_us != INT64_MAX)
        load->end_us += start_us;
    if (load->rate > 0) {
        (void)signal(SIGTERM, end_pace);
        run_at_rate(load);
    } else {
        run_closed_loop(load);
    }
    report(load, clock_monotonic_us() - start_us);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"tokens", required_argument, NULL, 't'},
        {"port", required_argument, NULL, 'p'},
        {"traders", required_argument, NULL, 'n'},
        {"orders", required_argument, NULL, 'o'},
        {"seconds", required_argument, NULL, 's'},
        {"type", required_argument, NULL, 'y'},
        {"rate", required_argument, NULL, 'r'},
        {"orders-file", required_argument, NULL, 'f'},
        {"brackets", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static struct load load = {.order_type = "MARKET", .end_us = INT64_MAX};
    const char *tokens = NULL;
    long port = 8080, traders = TRADERS_MAX, orders = 20, seconds = 0;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 't':
            tokens = optarg;
            break;
        case 'p':
            port = number(optarg, 65535);
            break;
        case 'n':
            traders = number(optarg, TRADERS_MAX);
            break;
        case 'o':
            orders = number(optarg, 1000000);
            break;
        case 's':
            seconds = number(optarg, 86400);
            break;
        case 'y':
            load.order_type = optarg;
            break;
        case 'r':
            load.rate = number(optarg, 100000);
            break;
        case 'b':
            load.brackets = number(optarg, 100);
            break;
        case 'f':
            load.orders = fopen(optarg, "we");
            if (load.orders == NULL)
                fail(optarg);
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            return wrong_usage("unknown option, or one without its value", argv[optind - 1]);
        }
    }
    if (optind != argc)
        return wrong_usage("one argument too many", argv[optind]);
    if (tokens == NULL)
        return wrong_usage("it needs", "--tokens");
    load.port = (uint16_t)port;
    load.run = (uint64_t)clock_now().us;
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load.latencies_us = malloc(LATENCIES_MAX * sizeof(uint32_t));
    if (load.epoll_fd < 0 || load.latencies_us == NULL)
        fail("start");
    read_tokens(&load, tokens, (size_t)traders, seconds > 0 ? -1 : orders);
    if (seconds > 0)
        load.end_us = seconds * 1000000;
    run(&load);
    bool all_answered = load.under_way == 0 && (load.rate > 0 || load.broken == 0);
    free(load.latencies_us);
    free(load.traders);
    if (load.orders != NULL && fclose(load.orders) != 0)
        fail("--orders-file");
    return all_answered ? 0 : 1;
}
