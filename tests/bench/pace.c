/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-pace: how long orders take, as their traders see it: from the moment at which an order was due to its
 * answer, and to the FILLED event at the trader's WebSocket. Prints one JSON object.
 *
 * With --rate it is an open loop: order k is due at start + k / rate, whatever became of those before it, and
 * what it waits for a free trader counts. (A load that waits for answers before it sends sees no queue, and
 * so leaves out just the orders that were slow: 'coordinated omission'.) Without it each trader sends its
 * next order when the last one was answered, a second later when that was 503, and as many as the suite takes
 * are sent. A 503 is an answer here: such an order is counted and not repeated. oxe-load is the one that does
 * not give up.
 *
 * Long: one program, its options, its pace and its report. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/uuid.h"
#include "common/ws_client.h"
#include "tests/bench/order_post.h"

enum {
    TRADERS_MAX = 5000, /* 20,000 files: a socket, and three of each WebSocket */
    SLOTS = 1 << 22,    /* of orders; a power of 2 */
    ORDERS_MAX = SLOTS / 2,
    HANDSHAKE_MS = 10000,
    PATIENCE_US = 60000000, /* after the end: for what is under way */
    WAIT_US = 100000,
    REFUSED_US = 1000000, /* what Retry-After asks of who got 503 */
};

struct trader {
    char token[ORDER_POST_TOKEN_MAX];
    int fd; /* negative: not connected */
    struct ws_client *events;
    bool busy;
    int64_t due_us;   /* of the order under way */
    int64_t again_us; /* not before, in a closed loop */
    char reply[ORDER_POST_REPLY_MAX];
    size_t received;
};

/* An order that was acknowledged, filled, or both: whichever is heard of first makes it. */
struct slot {
    struct uuid id;
    int64_t due_us;    /* 0: its answer has not come */
    int64_t filled_us; /* 0: it is not FILLED */
};

struct times {
    uint32_t *us;
    size_t count;
};

struct pace {
    uint16_t port;
    struct trader *traders;
    size_t trader_count;
    int epoll_fd;
    size_t next_trader;
    struct slot *slots;
    size_t slot_count;
    long rate; /* orders a second; 0: a closed loop */
    int64_t start_us, measured_us, end_us;
    uint64_t sent;
    uint64_t created, refused, others, broken, filled;
    uint64_t created_in_time, filled_in_time; /* between measured_us and end_us */
    size_t under_way, unfilled;
    int other_status; /* one of the others */
    struct times answers, fills;
    struct times events; /* from when it happened, before its commit, to its frame */
    uint64_t run;        /* makes idempotency keys of separate runs differ */
};

static _Noreturn void fail(const char *what, int error)
{
    (void)fprintf(stderr, "oxe-pace: %s: %s\n", what, strerror(error));
    exit(2);
}

static void add_time(struct times *times, int64_t us)
{
    if (times->count < ORDERS_MAX)
        times->us[times->count++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static struct slot *slot_of(struct pace *pace, struct uuid id)
{
    size_t at = uuid_hash(id) & (SLOTS - 1);

    while (!uuid_is_nil(pace->slots[at].id) && uuid_compare(pace->slots[at].id, id) != 0)
        at = (at + 1) & (SLOTS - 1);
    if (uuid_is_nil(pace->slots[at].id)) {
        if (++pace->slot_count > ORDERS_MAX)
            fail("too many orders for one run", E2BIG);
        pace->slots[at].id = id;
    }
    return &pace->slots[at];
}

static bool is_measured(const struct pace *pace, int64_t us)
{
    return us >= pace->measured_us && us < pace->end_us;
}

/* Both its answer and its fill are known, so it is one of ours: traders may have had open orders before. */
static void order_done(struct pace *pace, const struct slot *slot)
{
    pace->unfilled--;
    pace->filled++;
    pace->filled_in_time += is_measured(pace, slot->filled_us);
    if (is_measured(pace, slot->due_us))
        add_time(&pace->fills, slot->filled_us - slot->due_us);
}

static int read_id(const char *text, const char *member, struct uuid *ret_id)
{
    size_t length;
    const char *id = order_post_text(text, member, &length);

    return uuid_parse(id, length, ret_id);
}

static void measure_event(struct pace *pace, const char *text)
{
    struct instant at;
    size_t length;
    const char *time = order_post_text(text, "\"timestamp\":\"", &length);

    if (is_measured(pace, clock_monotonic_us()) && instant_parse(time, length, &at) == 0)
        add_time(&pace->events, clock_now().us - at.us);
}

static void take_event(struct pace *pace, const char *text)
{
    struct uuid id;

    measure_event(pace, text);
    if (strstr(text, "\"event\":\"order.filled\"") == NULL || strstr(text, "\"status\":\"FILLED\"") == NULL ||
        read_id(text, "\"order_id\":\"", &id) < 0)
        return;
    struct slot *slot = slot_of(pace, id);
    if (slot->filled_us != 0)
        return;
    slot->filled_us = clock_monotonic_us();
    if (slot->due_us != 0)
        order_done(pace, slot);
}

static void connection_end(struct trader *trader)
{
    (void)close(trader->fd);
    trader->fd = -1;
}

static void watch(const struct pace *pace, int fd, size_t trader, bool events)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = trader * 2 + events};

    if (epoll_ctl(pace->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl", errno);
}

static void order_over(struct pace *pace, struct trader *trader)
{
    trader->busy = false;
    pace->under_way--;
}

static void take_reply(struct pace *pace, struct trader *trader, int status)
{
    struct uuid id;
    int64_t now_us = clock_monotonic_us();

    order_over(pace, trader);
    if (status == 201 && read_id(trader->reply, "\"id\":\"", &id) == 0) {
        struct slot *slot = slot_of(pace, id);
        slot->due_us = trader->due_us;
        pace->created++;
        pace->created_in_time += is_measured(pace, now_us);
        pace->unfilled++;
        if (is_measured(pace, trader->due_us))
            add_time(&pace->answers, now_us - trader->due_us);
        if (slot->filled_us != 0)
            order_done(pace, slot);
    } else if (status == 503) {
        pace->refused++;
        trader->again_us = now_us + REFUSED_US;
    } else {
        pace->others++;
        pace->other_status = status;
    }
}

static void order_broke(struct pace *pace, struct trader *trader)
{
    pace->broken++;
    order_over(pace, trader);
}

static void send_order(struct pace *pace, size_t index, int64_t due_us)
{
    struct trader *trader = &pace->traders[index];
    char key[64], body[ORDER_POST_BODY_MAX];

    (void)snprintf(key, sizeof(key), "pace-%llx-%llu", (unsigned long long)pace->run,
                   (unsigned long long)pace->sent);
    (void)snprintf(body, sizeof(body),
                   "{\"symbol\":\"AAPL\",\"side\":\"%s\",\"quantity\":10,\"order_type\":\"MARKET\"}",
                   pace->sent / pace->trader_count % 2 == 0 ? "BUY" : "SELL");
    pace->sent++;
    pace->under_way++;
    trader->busy = true;
    trader->due_us = due_us;
    trader->received = 0;
    if (trader->fd < 0) {
        trader->fd = order_post_connect(pace->port);
        if (trader->fd < 0) {
            order_broke(pace, trader);
            return;
        }
        watch(pace, trader->fd, index, false);
    }
    if (order_post_send(trader->fd, trader->token, key, body) < 0) {
        connection_end(trader);
        order_broke(pace, trader);
    }
}

static void readable(struct pace *pace, struct trader *trader)
{
    int status = order_post_read(trader->fd, trader->reply, &trader->received);

    if (status > 0 && trader->busy) {
        take_reply(pace, trader, status);
    } else if (status < 0) {
        connection_end(trader);
        if (trader->busy)
            order_broke(pace, trader);
    }
}

static void read_events(struct pace *pace, struct trader *trader)
{
    const char *text;
    size_t length;
    int r;

    while ((r = ws_client_next(trader->events, 0, &text, &length)) == 0)
        take_event(pace, text);
    if (r != -ETIMEDOUT)
        fail("a WebSocket ended", -r);
}

/* Waits for answers and events, and takes them. */
static void take_news(struct pace *pace, int64_t wait_us)
{
    struct epoll_event events[256];
    struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    int count = epoll_pwait2(pace->epoll_fd, events, ARRAY_LEN(events), &wait, NULL);

    if (count < 0 && errno != EINTR)
        fail("epoll_pwait2", errno);
    for (int i = 0; i < count; i++) {
        struct trader *trader = &pace->traders[events[i].data.u64 / 2];
        if (events[i].data.u64 % 2 == 1)
            read_events(pace, trader);
        else if (trader->fd >= 0)
            readable(pace, trader);
    }
}

/* The next free trader in turn; trader_count when there is none. */
static size_t free_trader(struct pace *pace, int64_t now_us)
{
    for (size_t i = 0; i < pace->trader_count; i++) {
        size_t trader = pace->next_trader;
        pace->next_trader = (trader + 1) % pace->trader_count;
        if (!pace->traders[trader].busy && (pace->rate > 0 || pace->traders[trader].again_us <= now_us))
            return trader;
    }
    return pace->trader_count;
}

static int64_t due_us(const struct pace *pace, int64_t now_us)
{
    return pace->rate == 0 ? now_us : pace->start_us + (int64_t)pace->sent * 1000000 / pace->rate;
}

/* Returns how long nothing is due, in µs. */
static int64_t send_due(struct pace *pace)
{
    for (;;) {
        int64_t now_us = clock_monotonic_us(), due = due_us(pace, now_us);
        if (due >= pace->end_us)
            return pace->end_us > now_us ? pace->end_us - now_us : 0;
        if (due > now_us)
            return due - now_us;
        size_t trader = free_trader(pace, now_us);
        if (trader == pace->trader_count)
            return WAIT_US;
        send_order(pace, trader, due);
    }
}

static void run(struct pace *pace, long warm, long seconds)
{
    pace->start_us = clock_monotonic_us();
    pace->measured_us = pace->start_us + warm * 1000000;
    pace->end_us = pace->measured_us + seconds * 1000000;
    while (clock_monotonic_us() < pace->end_us)
        take_news(pace, send_due(pace));
    while ((pace->under_way > 0 || pace->unfilled > 0) && clock_monotonic_us() < pace->end_us + PATIENCE_US)
        take_news(pace, WAIT_US);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, struct times *times)
{
    static const struct {
        const char *name;
        double share;
    } percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};

    qsort(times->us, times->count, sizeof(uint32_t), compare_u32);
    for (size_t i = 0; i < ARRAY_LEN(percentiles); i++) {
        size_t at = times->count == 0 ? 0 : (size_t)((double)(times->count - 1) * percentiles[i].share);
        (void)printf(",\"%s_%s_ms\":%.3f", name, percentiles[i].name,
                     times->count == 0 ? 0 : (double)times->us[at] / 1000);
    }
}

static void report(struct pace *pace, long seconds)
{
    uint64_t due = pace->rate == 0
                       ? pace->sent
                       : (uint64_t)(pace->end_us - pace->start_us) * (uint64_t)pace->rate / 1000000;

    (void)printf(
        "{\"traders\":%zu,\"rate\":%ld,\"seconds\":%ld,\"sent\":%llu,\"unsent\":%llu,\"created\":%llu,"
        "\"refused\":%llu,\"others\":%llu,\"other_status\":%d,\"broken\":%llu,\"unanswered\":%zu,"
        "\"filled\":%llu,\"unfilled\":%zu,\"created_per_second\":%.1f,\"filled_per_second\":%.1f",
        pace->trader_count, pace->rate, seconds, (unsigned long long)pace->sent,
        (unsigned long long)(due > pace->sent ? due - pace->sent : 0), (unsigned long long)pace->created,
        (unsigned long long)pace->refused, (unsigned long long)pace->others, pace->other_status,
        (unsigned long long)pace->broken, pace->under_way, (unsigned long long)pace->filled, pace->unfilled,
        (double)pace->created_in_time / (double)seconds, (double)pace->filled_in_time / (double)seconds);
    print_times("answer", &pace->answers);
    print_times("filled", &pace->fills);
    (void)printf(",\"events_per_second\":%.1f", (double)pace->events.count / (double)seconds);
    print_times("event", &pace->events);
    (void)printf("}\n");
}

static void read_traders(struct pace *pace, const char *path, size_t wanted)
{
    FILE *file = fopen(path, "re");

    pace->traders = calloc(wanted, sizeof(struct trader));
    if (file == NULL || pace->traders == NULL)
        fail(path, errno);
    while (pace->trader_count < wanted &&
           fgets(pace->traders[pace->trader_count].token, ORDER_POST_TOKEN_MAX, file) != NULL) {
        struct trader *trader = &pace->traders[pace->trader_count++];
        trader->token[strcspn(trader->token, "\r\n")] = '\0';
        trader->fd = -1;
    }
    (void)fclose(file);
    if (pace->trader_count < wanted) {
        (void)fprintf(stderr, "oxe-pace: %s holds %zu tokens, not %zu\n", path, pace->trader_count, wanted);
        exit(64);
    }
}

static void open_events(struct pace *pace)
{
    char url[64], header[ORDER_POST_TOKEN_MAX + 32];

    (void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws/orders/events", pace->port);
    for (size_t i = 0; i < pace->trader_count; i++) {
        struct trader *trader = &pace->traders[i];
        (void)snprintf(header, sizeof(header), "Authorization: Bearer %s", trader->token);
        int r = ws_client_open(url, (const char *const[]){header, NULL}, HANDSHAKE_MS, &trader->events, NULL);
        if (r < 0)
            fail("WebSocket", -r);
        watch(pace, ws_client_fd(trader->events), i, true);
        read_events(pace, trader); /* what came with the handshake */
    }
}

static void usage(FILE *out)
{
    (void)fputs(
        "oxe-pace - how long orders take to their answer and to their FILLED event\n\n"
        "Usage: oxe-pace --tokens FILE [--port PORT] [--traders N] [--rate N] [--seconds N] [--warm N]\n\n"
        "  --tokens FILE   one JWT a line, one trader each (./oxe traders makes it)\n"
        "  --port PORT     the gateway on 127.0.0.1 (default 8080)\n"
        "  --traders N     so many, each with a connection and a WebSocket (default 64, at most 5000)\n"
        "  --rate N        orders a second, due at even intervals whatever becomes of them; without it each\n"
        "                  trader sends when it is answered\n"
        "  --seconds N     how long it is measured (default 10)\n"
        "  --warm N        seconds of the same before, not measured (default 2)\n\n"
        "Prints one JSON object; times are in ms, from the moment at which an order was due. Exit status:\n"
        "0 every order that was acknowledged was FILLED within a minute, 1 not, 2 trouble, 64 wrong usage.\n",
        out);
}

static int wrong_usage(const char *what, const char *where)
{
    (void)fprintf(stderr, "oxe-pace: %s: '%s' ('oxe-pace --help' tells more)\n", what, where);
    return 64;
}

static long number(const char *text, long min, long max)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < min || value > max) {
        (void)fprintf(stderr, "oxe-pace: '%s' is no number from %ld to %ld\n", text, min, max);
        exit(64);
    }
    return value;
}

static void raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"tokens", required_argument, NULL, 't'},  {"port", required_argument, NULL, 'p'},
        {"traders", required_argument, NULL, 'n'}, {"rate", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 's'}, {"warm", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    static struct pace pace = {.port = 8080};
    const char *tokens = NULL;
    long traders = 64, seconds = 10, warm = 2;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 't':
            tokens = optarg;
            break;
        case 'p':
            pace.port = (uint16_t)number(optarg, 1, 65535);
            break;
        case 'n':
            traders = number(optarg, 1, TRADERS_MAX);
            break;
        case 'r':
            pace.rate = number(optarg, 1, 100000);
            break;
        case 's':
            seconds = number(optarg, 1, 86400);
            break;
        case 'w':
            warm = number(optarg, 0, 3600);
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
    pace.run = (uint64_t)clock_now().us;
    pace.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    pace.slots = calloc(SLOTS, sizeof(struct slot));
    pace.answers.us = malloc(ORDERS_MAX * sizeof(uint32_t));
    pace.fills.us = malloc(ORDERS_MAX * sizeof(uint32_t));
    pace.events.us = malloc(ORDERS_MAX * sizeof(uint32_t));
    if (pace.epoll_fd < 0 || pace.slots == NULL || pace.answers.us == NULL || pace.fills.us == NULL ||
        pace.events.us == NULL)
        fail("start", errno);
    raise_files();
    read_traders(&pace, tokens, (size_t)traders);
    open_events(&pace);
    run(&pace, warm, seconds);
    report(&pace, seconds);
    for (size_t i = 0; i < pace.trader_count; i++)
        ws_client_destroy(&pace.traders[i].events);
    free(pace.traders);
    free(pace.slots);
    free(pace.answers.us);
    free(pace.fills.us);
    free(pace.events.us);
    return pace.under_way == 0 && pace.unfilled == 0 ? 0 : 1;
}
