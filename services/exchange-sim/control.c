/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "services/exchange-sim/records.h"
#include "services/exchange-sim/session/connection.h"

enum {
    OUT_MAX = 1024 * 1024,
    OUT_PAUSE = 128 * 1024,      /* bytes that wait for the client: a list pauses */
    WALK_BYTES_MAX = 512 * 1024, /* of the journal, per turn */
    ORDERS_PER_TURN = 512,
    BOOK_LEVELS_SHOWN = 20,
    WORDS_MAX = 20,
    FAULT_LINE_MAX = 1024,
};

static const char too_many[] = "too many words";

struct control_client;

/* Makes the next piece of an answer; false when it is complete. */
typedef bool answer_more(struct control *control, struct control_client *client);

struct control_client {
    struct source source; /* first: epoll's data points here */
    struct connection connection;
    answer_more *more; /* NULL: no list is under way */
    struct journal_walk walk;
    uint64_t next_order, last_order;
    int64_t progress_us;
    bool answered, wants_write, closing;
};

struct control {
    const struct service *service;
    int epoll_fd;
    struct source listener_source;
    int listener;
    struct acceptor *acceptor;
    struct exchange *exchange;
    struct journal *journal;
    struct faults *faults;
    struct control_client *clients[CONTROL_CONNECTIONS_MAX];
    size_t client_count;
    bool end_day;
};

static void put_error(struct buffer *out, const char *text)
{
    buffer_append_text(out, "{\"error\":");
    buffer_append_json_text(out, text, strlen(text));
    buffer_append_text(out, "}\n");
}

static void put_text(struct buffer *out, const char *name, const char *text)
{
    buffer_append_text(out, name);
    buffer_append_json_text(out, text, strlen(text));
}

static void put_decimal(struct buffer *out, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    buffer_append_text(out, name);
    buffer_append(out, text, decimal_format(value, text));
}

static void put_time(struct buffer *out, const char *name, struct instant time)
{
    char text[INSTANT_TEXT_MAX];
    buffer_append_text(out, name);
    buffer_append_char(out, '"');
    buffer_append(out, text, instant_format(time, text));
    buffer_append_char(out, '"');
}

static const char *side_name(const struct order *order)
{
    return order->side == SIDE_BUY ? "BUY" : "SELL";
}

static const char *type_name(const struct order *order)
{
    return order->type == TYPE_MARKET ? "MARKET" : order->type == TYPE_LIMIT ? "LIMIT" : "STOP";
}

static const char *status_name(const struct order *order)
{
    switch (order->status) {
    case STATUS_NEW:
        return "NEW";
    case STATUS_PARTIAL:
        return "PARTIAL";
    case STATUS_FILLED:
        return "FILLED";
    case STATUS_EXPIRED:
        return "EXPIRED";
    default:
        return "CANCELLED";
    }
}

static const char *symbol_of(const struct control *control, const struct order *order)
{
    return exchange_instrument(control->exchange, order->instrument)->symbol;
}

struct execution_list {
    struct control *control;
    struct control_client *client;
};

static int put_execution(void *context, const struct journal_entry *entry)
{
    const struct execution_list *list = context;
    struct buffer *out = &list->client->connection.out;
    if (entry->type != RECORD_EXECUTION || entry->length != sizeof(struct record_execution))
        return 0;
    const struct record_execution *execution = entry->bytes;
    struct orders *orders = exchange_orders(list->control->exchange);
    const struct order *order = orders_get(orders, execution->order);
    if (order == NULL)
        return -EBADMSG;
    put_text(out, "{\"cl_ord_id\":", orders_id(orders, order->first_id));
    buffer_append_text(out, ",\"exec_id\":\"E");
    buffer_append_i64(out, (int64_t)execution->execution);
    put_text(out, "\",\"symbol\":", symbol_of(list->control, order));
    put_text(out, ",\"side\":", side_name(order));
    put_decimal(out, ",\"quantity\":", decimal_from_units(execution->quantity));
    put_decimal(out, ",\"price\":", decimal_from_units(execution->price));
    put_time(out, ",\"time\":", (struct instant){execution->time_us});
    buffer_append_text(out, "}\n");
    return connection_waiting(&list->client->connection) > OUT_PAUSE;
}

static bool more_executions(struct control *control, struct control_client *client)
{
    bool done = false;
    struct execution_list list = {.control = control, .client = client};
    int error = journal_walk(control->journal, &client->walk, WALK_BYTES_MAX, put_execution, &list, &done);
    if (error < 0) {
        put_error(&client->connection.out, "the journal cannot be read");
        return false;
    }
    return !done;
}

static void command_executions(struct control *control, struct control_client *client, char **words,
                               struct buffer *out)
{
    (void)words;
    (void)out;
    client->walk = (struct journal_walk){.end = journal_length(control->journal)};
    client->more = more_executions;
}

static void put_order(struct control *control, const struct order *order, struct buffer *out)
{
    struct orders *orders = exchange_orders(control->exchange);
    put_text(out, "{\"cl_ord_id\":", orders_id(orders, order->first_id));
    buffer_append_text(out, ",\"order_id\":\"O");
    buffer_append_i64(out, (int64_t)order->number);
    put_text(out, "\",\"symbol\":", symbol_of(control, order));
    put_text(out, ",\"side\":", side_name(order));
    put_text(out, ",\"order_type\":", type_name(order));
    put_text(out, ",\"status\":", status_name(order));
    put_decimal(out, ",\"quantity\":", order->quantity);
    if (order->type == TYPE_LIMIT)
        put_decimal(out, ",\"price\":", order->price);
    if (order->type == TYPE_STOP)
        put_decimal(out, ",\"stop_price\":", order->stop_price);
    put_decimal(out, ",\"filled_quantity\":", order->cum_quantity);
    put_decimal(out, ",\"average_price\":", order_average_price(order));
    put_time(out, ",\"time\":", order->time);
    buffer_append_text(out, "}\n");
}

static bool more_orders(struct control *control, struct control_client *client)
{
    struct orders *orders = exchange_orders(control->exchange);
    for (size_t i = 0; i < ORDERS_PER_TURN && client->next_order <= client->last_order; i++)
        put_order(control, orders_get(orders, client->next_order++), &client->connection.out);
    return client->next_order <= client->last_order;
}

static void command_orders(struct control *control, struct control_client *client, char **words,
                           struct buffer *out)
{
    (void)words;
    (void)out;
    client->next_order = 1;
    client->last_order = orders_count(exchange_orders(control->exchange));
    client->more = more_orders;
}

/* Finds the symbol that words[1] names, or says that there is none. */
static int find_symbol(const struct control *control, char **words, struct buffer *out)
{
    if (words[1] == NULL) {
        put_error(out, "a symbol is required");
        return -1;
    }
    int symbol = exchange_symbol(control->exchange, (struct fix_text){words[1], strlen(words[1])});
    if (symbol < 0)
        put_error(out, "unknown symbol");
    return symbol;
}

static void put_level(struct buffer *out, const char *side, const char *source, struct decimal price,
                      struct decimal quantity)
{
    put_text(out, "{\"side\":", side);
    put_text(out, ",\"source\":", source);
    put_decimal(out, ",\"price\":", price);
    put_decimal(out, ",\"quantity\":", quantity);
}

static void command_book(struct control *control, struct control_client *client, char **words,
                         struct buffer *out)
{
    static const struct {
        enum book_ladder ladder;
        const char *side, *source;
    } ladders[] = {{BOOK_BIDS, "BUY", "orders"},
                   {BOOK_ASKS, "SELL", "orders"},
                   {BOOK_STOP_BUYS, "BUY", "stops"},
                   {BOOK_STOP_SELLS, "SELL", "stops"}};
    (void)client;
    int symbol = find_symbol(control, words, out);
    if (symbol < 0)
        return;
    const struct book *book = exchange_book(control->exchange, (size_t)symbol);
    struct book_level level;
    for (size_t i = 0; i < ARRAY_LEN(ladders); i++)
        for (size_t at = 0; at < BOOK_LEVELS_SHOWN && book_level_at(book, ladders[i].ladder, at, &level);
             at++) {
            put_level(out, ladders[i].side, ladders[i].source, level.price, level.quantity);
            buffer_append_text(out, ",\"orders\":");
            buffer_append_i64(out, (int64_t)level.orders);
            buffer_append_text(out, "}\n");
        }
    struct liquidity quotes = exchange_liquidity(control->exchange, (size_t)symbol);
    for (int side = 0; side < 2; side++)
        for (int at = 0; at < quotes.levels; at++) {
            struct decimal price = side == 0 ? liquidity_bid(&quotes, at) : liquidity_ask(&quotes, at);
            put_level(out, side == 0 ? "BUY" : "SELL", "quotes", price, liquidity_quantity(&quotes, at));
            buffer_append_text(out, "}\n");
        }
}

static void command_price(struct control *control, struct control_client *client, char **words,
                          struct buffer *out)
{
    struct decimal price;
    (void)client;
    int symbol = find_symbol(control, words, out);
    if (symbol < 0)
        return;
    if (words[2] != NULL && (fix_value_decimal(words[2], strlen(words[2]), &price) < 0 ||
                             exchange_set_price(control->exchange, (size_t)symbol, price) < 0)) {
        put_error(out, "the price must be a positive multiple of the tick size");
        return;
    }
    put_text(out, "{\"symbol\":", exchange_instrument(control->exchange, (size_t)symbol)->symbol);
    put_decimal(out, ",\"price\":", exchange_price(control->exchange, (size_t)symbol));
    buffer_append_text(out, "}\n");
}

static void command_sessions(struct control *control, struct control_client *client, char **words,
                             struct buffer *out)
{
    (void)client;
    (void)words;
    acceptor_describe(control->acceptor, out);
}

static void command_end_day(struct control *control, struct control_client *client, char **words,
                            struct buffer *out)
{
    (void)client;
    (void)words;
    control->end_day = true;
    buffer_append_text(out, "{\"ok\":true}\n");
}

static void command_cancel(struct control *control, struct control_client *client, char **words,
                           struct buffer *out)
{
    (void)client;
    if (words[1] == NULL || !exchange_take_away(control->exchange, words[1], clock_now()))
        put_error(out, "which open order? it is named by the ClOrdID of its NewOrderSingle");
    else
        buffer_append_text(out, "{\"ok\":true}\n");
}

static void put_fault(const struct fault *fault, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(FAULT_LINE_MAX);
    fault_spec_describe(&fault->spec, &line);
    buffer_append_format(out, "{\"id\":%u,\"kind\":\"%s\",\"fault\":", fault->id,
                         fault_kind_name(fault->spec.kind));
    buffer_append_json_text(out, line.data, line.length);
    if (fault->spec.count == 0)
        buffer_append_text(out, ",\"left\":\"always\"");
    else
        buffer_append_format(out, ",\"left\":%u", fault->left);
    buffer_append_text(out, ",\"fired\":");
    buffer_append_i64(out, (int64_t)fault->fired);
    buffer_append_text(out, "}\n");
}

static void fault_help(struct buffer *out)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        put_text(out, "{\"fault\":", fault_kind_usage((enum fault_kind)i));
        put_text(out, ",\"help\":", fault_kind_help((enum fault_kind)i));
        buffer_append_text(out, "}\n");
    }
}

static void fault_list(const struct control *control, struct buffer *out)
{
    for (size_t i = 0; i < faults_count(control->faults); i++)
        put_fault(faults_at(control->faults, i), out);
}

/* What the cleared faults hold back goes its way. */
static void fault_clear(struct control *control, const char *which, struct buffer *out)
{
    uint64_t id = 0;
    if (which != NULL && (fix_value_u64(which, strlen(which), &id) < 0 || id == 0 || id > UINT32_MAX)) {
        put_error(out, "which fault? its id is a number");
        return;
    }
    size_t released = 0;
    for (size_t i = 0; i < faults_count(control->faults); i++)
        if (id == 0 || faults_at(control->faults, i)->id == id)
            released += exchange_release_fault(control->exchange, faults_at(control->faults, i)->id);
    size_t cleared = faults_clear(control->faults, (uint32_t)id);
    LOG(&control->service->log, LOG_INFO, "faults_cleared", LOG_I64("count", cleared),
        LOG_I64("released", released));
    buffer_append_format(out, "{\"cleared\":%zu,\"released\":%zu}\n", cleared, released);
}

static size_t count_words(char **words)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    return count;
}

static void fault_arm(struct control *control, char **words, struct buffer *out)
{
    struct fault_spec spec;
    const struct fault *fault = NULL;
    char wrong[FAULT_TEXT_MAX];
    if (fault_spec_parse(words, count_words(words), &spec, wrong) < 0) {
        put_error(out, wrong);
        return;
    }
    if (faults_arm(control->faults, &spec, &fault) < 0) {
        put_error(out, "too many faults are armed; clear some");
        return;
    }
    LOG(&control->service->log, LOG_INFO, "fault_armed", LOG_I64("fault", fault->id),
        LOG_TEXT("kind", fault_kind_name(spec.kind)));
    put_fault(fault, out);
}

static bool is_fault_word(const char *word)
{
    return strcmp(word, "list") == 0 || strcmp(word, "help") == 0 || strcmp(word, "clear") == 0;
}

static void command_fault(struct control *control, struct control_client *client, char **words,
                          struct buffer *out)
{
    (void)client;
    size_t count = count_words(words);
    if (count > (words[1] != NULL && strcmp(words[1], "clear") == 0 ? 3 : 2) && is_fault_word(words[1]))
        put_error(out, too_many);
    else if (words[1] == NULL || strcmp(words[1], "list") == 0)
        fault_list(control, out);
    else if (strcmp(words[1], "help") == 0)
        fault_help(out);
    else if (strcmp(words[1], "clear") == 0)
        fault_clear(control, words[2], out);
    else
        fault_arm(control, words + 1, out);
}

static void command_help(struct control *control, struct control_client *client, char **words,
                         struct buffer *out);

static const struct command {
    const char *name;
    const char *usage;
    const char *help;
    size_t words_max; /* its name counts */
    void (*run)(struct control *control, struct control_client *client, char **words, struct buffer *out);
} commands[] = {
    {"executions", "executions", "every execution, oldest first", 1, command_executions},
    {"orders", "orders", "every order, oldest first", 1, command_orders},
    {"book", "book SYMBOL", "the best resting orders, waiting stops and synthetic quotes", 2, command_book},
    {"price", "price SYMBOL [VALUE]", "shows the price, or moves it and fills what it reaches", 3,
     command_price},
    {"sessions", "sessions", "the FIX sessions and their numbers", 1, command_sessions},
    {"cancel", "cancel CLORDID", "cancels an order that nobody asked to cancel", 2, command_cancel},
    {"end-day", "end-day", "ends the trading day: DAY orders expire", 1, command_end_day},
    {"fault", "fault KIND [NAME=VALUE ...] [COUNT|always] | fault list | fault clear [ID] | fault help",
     "misbehaves from now on; fault help lists the kinds", WORDS_MAX, command_fault},
    {"help", "help", "this list", 1, command_help},
};

static void command_help(struct control *control, struct control_client *client, char **words,
                         struct buffer *out)
{
    (void)control;
    (void)client;
    (void)words;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        put_text(out, "{\"command\":", commands[i].usage);
        put_text(out, ",\"help\":", commands[i].help);
        buffer_append_text(out, "}\n");
    }
}

static void answer(struct control *control, struct control_client *client, char *line)
{
    struct buffer *out = &client->connection.out;
    char *words[WORDS_MAX + 1] = {NULL}, *rest = NULL;
    size_t count = 0;
    client->answered = true;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count == WORDS_MAX) {
            put_error(out, too_many);
            return;
        }
        words[count++] = word;
    }
    for (size_t i = 0; count > 0 && i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, words[0]) == 0) {
            if (count > commands[i].words_max)
                put_error(out, too_many);
            else
                commands[i].run(control, client, words, out);
            return;
        }
    put_error(out, "unknown command; try help");
}

int control_create(const struct service *service, const struct exchange_sim_config *config, int epoll_fd,
                   struct acceptor *acceptor, struct exchange *exchange, struct journal *journal,
                   struct faults *faults, struct control **ret_control)
{
    struct control *control = calloc(1, sizeof(*control));
    if (control == NULL)
        return -ENOMEM;
    *control = (struct control){.service = service,
                                .epoll_fd = epoll_fd,
                                .listener_source = {SOURCE_CONTROL_LISTENER},
                                .acceptor = acceptor,
                                .exchange = exchange,
                                .journal = journal,
                                .faults = faults};
    control->listener = connection_listen(config->control_listen);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &control->listener_source};
    int error = control->listener < 0 ? control->listener : 0;
    if (error == 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, control->listener, &event) < 0)
        error = -errno;
    if (error < 0) {
        LOG_ALARM(&service->log, LOG_ERROR, "cannot_listen", "process_down", log_errno_name(error),
                  "oxectl doctor", LOG_TEXT("address", config->control_listen));
        control_destroy(&control);
        return error;
    }
    *ret_control = control;
    return 0;
}

static void free_client(struct control *control, size_t index)
{
    struct control_client *client = control->clients[index];
    control->clients[index] = control->clients[--control->client_count];
    connection_release(&client->connection);
    free(client);
}

void control_destroy(struct control **control)
{
    if (*control == NULL)
        return;
    while ((*control)->client_count > 0)
        free_client(*control, 0);
    cleanup_close(&(*control)->listener);
    free(*control);
    *control = NULL;
}

void control_accept(struct control *control, const struct turn *turn)
{
    for (;;) {
        int fd = connection_accept(control->listener);
        if (fd < 0)
            return;
        struct control_client *client =
            control->client_count < CONTROL_CONNECTIONS_MAX ? calloc(1, sizeof(*client)) : NULL;
        if (client == NULL || connection_init(&client->connection, fd, CONTROL_LINE_MAX, OUT_MAX) < 0) {
            if (client == NULL)
                cleanup_close(&fd);
            free(client);
            continue;
        }
        client->source.type = SOURCE_CONTROL;
        client->progress_us = turn->monotonic_us;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        control->clients[control->client_count++] = client;
        if (epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
            free_client(control, control->client_count - 1);
    }
}

void control_event(struct control *control, struct source *source, const struct turn *turn)
{
    struct control_client *client = (struct control_client *)source;
    ptrdiff_t got = connection_read(&client->connection);
    if (got == -EAGAIN)
        return;
    if (got > 0)
        client->progress_us = turn->monotonic_us;
    if (client->answered) {
        /* Whatever follows the line is of no interest, nor is the end of the client's side. */
        connection_consume(&client->connection, client->connection.in_length);
        client->closing = client->closing || (got < 0 && got != -ENOBUFS);
        if (got == 0) {
            struct epoll_event event = {.events = client->wants_write ? EPOLLOUT : 0, .data.ptr = client};
            (void)epoll_ctl(control->epoll_fd, EPOLL_CTL_MOD, client->connection.fd, &event);
        }
        return;
    }
    char *in = client->connection.in;
    char *newline = client->connection.in_length > 0 ? memchr(in, '\n', client->connection.in_length) : NULL;
    if (newline != NULL) {
        *newline = '\0';
        answer(control, client, in);
    } else if (got <= 0) {
        client->answered = true;
        if (got == -ENOBUFS)
            put_error(&client->connection.out, "the line is too long");
        else
            client->closing = true;
    }
}

/* Returns whether there is more to do at once. */
static bool flush_client(struct control *control, struct control_client *client, const struct turn *turn)
{
    size_t before = connection_waiting(&client->connection);
    if (client->more != NULL && before < OUT_PAUSE && !client->more(control, client))
        client->more = NULL;
    size_t waiting = connection_waiting(&client->connection);
    int error = connection_flush(&client->connection);
    if (connection_waiting(&client->connection) < waiting)
        client->progress_us = turn->monotonic_us;
    if ((error < 0 && error != -EAGAIN) || buffer_failed(&client->connection.out) ||
        turn->monotonic_us - client->progress_us > CONTROL_IDLE_MS * INT64_C(1000))
        client->closing = true;
    if (client->answered && error == 0 && client->more == NULL)
        client->closing = true;
    bool wants_write = error == -EAGAIN;
    if (!client->closing && wants_write != client->wants_write) {
        struct epoll_event event = {.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = client};
        (void)epoll_ctl(control->epoll_fd, EPOLL_CTL_MOD, client->connection.fd, &event);
        client->wants_write = wants_write;
    }
    return !client->closing && client->more != NULL && !wants_write;
}

bool control_flush(struct control *control, const struct turn *turn)
{
    bool more = false;
    for (size_t i = 0; i < control->client_count;) {
        more = flush_client(control, control->clients[i], turn) || more;
        if (control->clients[i]->closing)
            free_client(control, i);
        else
            i++;
    }
    return more;
}

bool control_take_end_day(struct control *control)
{
    bool end_day = control->end_day;
    control->end_day = false;
    return end_day;
}
