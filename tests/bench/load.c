/* oxe-load: a closed loop of orders against a gateway. Each trader has one connection and sends its next
 * order when the last one was answered. Prints one JSON object: counts by status, orders a second, latency
 * percentiles in ms.
 *
 * One thread, epoll, a minimal HTTP/1.1 reader (status line and Content-Length are all it needs), so that the
 * load costs little beside what it measures. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"

enum {
    TRADERS_MAX = 20000,
    TOKEN_MAX = 2048,
    REQUEST_MAX = 4096,
    REPLY_MAX = 32768,
    LATENCIES_MAX = 10000000,
    STALL_SECONDS = 30,
    STATUSES = 600,
};

struct trader {
    char token[TOKEN_MAX];
    int fd;
    long left; /* orders still to send; -1: until the time is over */
    int64_t sent_us;
    char reply[REPLY_MAX];
    size_t received;
    unsigned seed;
};

struct load {
    struct sockaddr_in address;
    const char *host;
    const char *order_type;
    struct trader *traders;
    size_t trader_count;
    int epoll_fd;
    size_t open;
    int64_t end_us; /* of CLOCK_MONOTONIC; INT64_MAX: by count only */
    uint32_t *latencies_us;
    size_t latency_count;
    uint64_t statuses[STATUSES];
    uint64_t broken; /* connections lost with a request under way */
    uint64_t run;    /* makes idempotency keys of separate runs differ */
};

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
    (void)close(trader->fd);
    trader->fd = -1;
    load->open--;
}

/* Sends the next order. The request always fits the socket's buffer: nothing else is in it. */
static void send_order(struct load *load, struct trader *trader)
{
    char body[256], request[REQUEST_MAX];
    unsigned roll = (unsigned)rand_r(&trader->seed);
    size_t symbol = roll % ARRAY_LEN(symbols);
    bool limit = strcmp(load->order_type, "LIMIT") == 0 ||
                 (strcmp(load->order_type, "MIX") == 0 && (roll >> 8) % 2 == 0);
    int body_length = snprintf(body, sizeof(body),
                               "{\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":%u,\"order_type\":\"%s\"",
                               symbols[symbol].symbol, (roll >> 4) % 2 == 0 ? "BUY" : "SELL",
                               1 + (roll >> 12) % 50, limit ? "LIMIT" : "MARKET");
    if (limit)
        body_length += snprintf(body + body_length, sizeof(body) - (size_t)body_length, ",\"price\":%d.%02u",
                                symbols[symbol].price, (roll >> 16) % 100);
    body_length += snprintf(body + body_length, sizeof(body) - (size_t)body_length, "}");
    int length = snprintf(
        request, sizeof(request),
        "POST /api/v1/orders HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
        "Idempotency-Key: load-%llx-%ld-%u\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        load->host, trader->token, (unsigned long long)load->run, trader->left, roll, body_length, body);
    trader->sent_us = clock_monotonic_us();
    trader->received = 0;
    if (send(trader->fd, request, (size_t)length, MSG_NOSIGNAL) != length) {
        load->broken++;
        connection_end(load, trader);
    }
}

/* Bytes of the whole reply, or 0 while it is not complete. */
static size_t reply_length(struct trader *trader)
{
    trader->reply[trader->received] = '\0';
    const char *end = strstr(trader->reply, "\r\n\r\n");
    const char *length = end == NULL ? NULL : strcasestr(trader->reply, "\r\ncontent-length:");
    if (length == NULL || length > end)
        return 0;
    size_t total = (size_t)(end + 4 - trader->reply) + strtoul(length + 17, NULL, 10);
    return trader->received >= total ? total : 0;
}

static void take_reply(struct load *load, struct trader *trader)
{
    int status = atoi(trader->reply + 9);
    load->statuses[status > 0 && status < STATUSES ? status : 0]++;
    int64_t now = clock_monotonic_us();
    if (load->latency_count < LATENCIES_MAX)
        load->latencies_us[load->latency_count++] = (uint32_t)(now - trader->sent_us);
    if (trader->left > 0)
        trader->left--;
    if (trader->left == 0 || now >= load->end_us)
        connection_end(load, trader);
    else
        send_order(load, trader);
}

static void readable(struct load *load, struct trader *trader)
{
    ssize_t length = read(trader->fd, trader->reply + trader->received, REPLY_MAX - 1 - trader->received);
    if (length <= 0) {
        load->broken++;
        connection_end(load, trader);
        return;
    }
    trader->received += (size_t)length;
    if (reply_length(trader) > 0)
        take_reply(load, trader);
}

static void connect_trader(struct load *load, struct trader *trader)
{
    int one = 1;
    trader->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (trader->fd < 0 || connect(trader->fd, (struct sockaddr *)&load->address, sizeof(load->address)) != 0)
        fail("connect");
    (void)setsockopt(trader->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = trader};
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, trader->fd, &event) != 0)
        fail("epoll_ctl");
    load->open++;
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
        "\"p50_ms\":%.3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"broken\":%llu,\"statuses\":{",
        load->trader_count, seconds, load->latency_count, (unsigned long long)load->statuses[201],
        (double)load->statuses[201] / seconds, percentile_ms(load, 0.5), percentile_ms(load, 0.95),
        percentile_ms(load, 0.99), percentile_ms(load, 1), (unsigned long long)load->broken);
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
           fgets(load->traders[load->trader_count].token, TOKEN_MAX, file) != NULL) {
        struct trader *trader = &load->traders[load->trader_count++];
        trader->token[strcspn(trader->token, "\r\n")] = '\0';
        trader->left = orders;
        trader->seed = (unsigned)load->trader_count * 2654435761u;
    }
    (void)fclose(file);
    if (load->trader_count == 0) {
        (void)fprintf(stderr, "oxe-load: %s holds no token\n", path);
        exit(64);
    }
}

static void run(struct load *load)
{
    for (size_t i = 0; i < load->trader_count; i++)
        connect_trader(load, &load->traders[i]);
    for (size_t i = 0; i < load->trader_count; i++)
        send_order(load, &load->traders[i]);
    struct epoll_event events[256];
    while (load->open > 0) {
        int count = epoll_wait(load->epoll_fd, events, ARRAY_LEN(events), STALL_SECONDS * 1000);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        if (count == 0) {
            (void)fprintf(stderr, "oxe-load: no answer for %d s, %zu requests are open\n", STALL_SECONDS,
                          load->open);
            exit(1);
        }
        for (int i = 0; i < count; i++)
            readable(load, events[i].data.ptr);
    }
}

static void usage(FILE *out)
{
    (void)fputs("oxe-load - a closed loop of orders against a gateway\n\n"
                "Usage: oxe-load --tokens FILE [--port PORT] [--traders N] [--orders N | --seconds N] "
                "[--type MARKET|LIMIT|MIX]\n\n"
                "  --tokens FILE   one JWT a line, one trader each (./oxe traders makes it)\n"
                "  --port PORT     the gateway on 127.0.0.1 (default 8080)\n"
                "  --traders N     how many of the tokens to use (default: all, at most 20000)\n"
                "  --orders N      orders of each trader (default 20)\n"
                "  --seconds N     send for N seconds instead\n"
                "  --type TYPE     MARKET (default), LIMIT near the opening price, or MIX of both\n\n"
                "Prints one JSON object. Exit status: 0 every request was answered, 1 not, 2 trouble, 64 "
                "wrong usage.\n",
                out);
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

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"tokens", required_argument, NULL, 't'},  {"port", required_argument, NULL, 'p'},
        {"traders", required_argument, NULL, 'n'}, {"orders", required_argument, NULL, 'o'},
        {"seconds", required_argument, NULL, 's'}, {"type", required_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    static struct load load = {.host = "127.0.0.1", .order_type = "MARKET", .end_us = INT64_MAX};
    const char *tokens = NULL;
    long port = 8080, traders = TRADERS_MAX, orders = 20, seconds = 0;
    int option;
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
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 64;
        }
    }
    if (tokens == NULL || optind != argc) {
        usage(stderr);
        return 64;
    }
    load.address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    load.run = (uint64_t)clock_now().us;
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load.latencies_us = malloc(LATENCIES_MAX * sizeof(uint32_t));
    if (load.epoll_fd < 0 || load.latencies_us == NULL)
        fail("start");
    read_tokens(&load, tokens, (size_t)traders, seconds > 0 ? -1 : orders);
    int64_t start_us = clock_monotonic_us();
    if (seconds > 0)
        load.end_us = start_us + seconds * 1000000;
    run(&load);
    report(&load, clock_monotonic_us() - start_us);
    free(load.latencies_us);
    free(load.traders);
    return load.broken == 0 ? 0 : 1;
}
