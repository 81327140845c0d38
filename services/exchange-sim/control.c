/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one table of commands, and what each of them does. */
#include "services/exchange-sim/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "services/exchange-sim/json_line.h"
#include "services/exchange-sim/records.h"
#include "services/exchange-sim/session/acceptor.h"
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

struct control_client {
    struct connection connection; /* first */
    /* Makes the next piece of a list; false when it is complete. NULL: none is under way. */
    bool (*more)(struct control *control, struct control_client *client);
    struct journal_walk walk;
    uint64_t next_order, last_order;
    int64_t progress_us;
    bool answered, closing;
};

struct control {
    const struct exchange_sim_parts *parts;
    struct source listener;
    struct control_client *clients[CONTROL_CONNECTIONS_MAX];
    size_t client_count;
    bool end_day;
};

static int64_t now_us(const struct control *control)
{
    return control->parts->turn.monotonic_us;
}

/* One command: who gave it, its words (NULL behind the last), and where its answer goes. */
struct call {
    struct control *control;
    struct control_client *client;
    char **words;
    size_t count;
    struct buffer *out;
};

/* The name of a value of that field, as proto/fix_values.def has it. */
static const char *name_of(const char *field, char value)
{
    static const struct {
        const char *field;
        char value;
        const char *name;
    } names[] = {
#define FIX_VALUE(field, name, value) {#field, value, #name},
#include "proto/fix_values.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].value == value && strcmp(names[i].field, field) == 0)
            return names[i].name;
    return "";
}

static const char *symbol_name(const struct control *control, size_t symbol)
{
    return symbols_name(&control->parts->exchange->symbols, symbol);
}

static int put_execution(void *context, const struct journal_entry *entry)
{
    struct control_client *client = context;
    const struct control *control = client->connection.source.owner;
    struct buffer *out = &client->connection.out;
    if (entry->type != RECORD_EXECUTION || entry->length != sizeof(struct record_execution))
        return 0;
    const struct record_execution *execution = entry->bytes;
    struct orders *orders = control->parts->exchange->orders;
    const struct order *order = orders_get(orders, execution->order);
    if (order == NULL)
        return -EBADMSG;
    json_line_text(out, "cl_ord_id", orders_id(orders, order->first_id));
    json_line_numbered(out, "exec_id", 'E', execution->execution);
    json_line_text(out, "symbol", symbol_name(control, order->instrument));
    json_line_text(out, "side", name_of("SIDE", order->side));
    json_line_decimal(out, "quantity", decimal_from_units(execution->quantity));
    json_line_decimal(out, "price", decimal_from_units(execution->price));
    json_line_time(out, "time", (struct instant){execution->time_us});
    json_line_end(out);
    return connection_waiting(&client->connection) > OUT_PAUSE;
}

static bool more_executions(struct control *control, struct control_client *client)
{
    bool done = false;
    int error =
        journal_walk(control->parts->journal, &client->walk, WALK_BYTES_MAX, put_execution, client, &done);
    if (error < 0)
        json_line_error(&client->connection.out, "the journal cannot be read");
    return error >= 0 && !done;
}

static void command_executions(const struct call *call)
{
    call->client->walk = (struct journal_walk){.end = journal_length(call->control->parts->journal)};
    call->client->more = more_executions;
}

static void put_order(struct control *control, const struct order *order, struct buffer *out)
{
    json_line_text(out, "cl_ord_id", orders_id(control->parts->exchange->orders, order->first_id));
    json_line_numbered(out, "order_id", 'O', order->number);
    json_line_text(out, "symbol", symbol_name(control, order->instrument));
    json_line_text(out, "side", name_of("SIDE", order->side));
    json_line_text(out, "order_type", name_of("TYPE", order->type));
    json_line_text(out, "status",
                   order->status == STATUS_CANCELED ? "CANCELLED" : name_of("STATUS", order->status));
    json_line_decimal(out, "quantity", order->quantity);
    if (order->type == TYPE_LIMIT)
        json_line_decimal(out, "price", order->price);
    if (order->type == TYPE_STOP)
        json_line_decimal(out, "stop_price", order->stop_price);
    json_line_decimal(out, "filled_quantity", order->cum_quantity);
    json_line_decimal(out, "average_price", order_average_price(order));
    json_line_time(out, "time", order->time);
    json_line_end(out);
}

static bool more_orders(struct control *control, struct control_client *client)
{
    struct orders *orders = control->parts->exchange->orders;
    for (size_t i = 0; i < ORDERS_PER_TURN && client->next_order <= client->last_order; i++)
        put_order(control, orders_get(orders, client->next_order++), &client->connection.out);
    return client->next_order <= client->last_order;
}

static void command_orders(const struct call *call)
{
    call->client->next_order = 1;
    call->client->last_order = orders_count(call->control->parts->exchange->orders);
    call->client->more = more_orders;
}

/* Finds the symbol that words[1] names, or says that there is none. */
static int find_symbol(const struct call *call)
{
    const char *name = call->words[1];
    if (name == NULL) {
        json_line_error(call->out, "a symbol is required");
        return -1;
    }
    int symbol = symbols_find(&call->control->parts->exchange->symbols, fix_text_of(name));
    if (symbol < 0)
        json_line_error(call->out, "unknown symbol");
    return symbol;
}

static void put_level(struct buffer *out, const char *side, const char *source, struct decimal price,
                      struct decimal quantity)
{
    json_line_text(out, "side", side);
    json_line_text(out, "source", source);
    json_line_decimal(out, "price", price);
    json_line_decimal(out, "quantity", quantity);
}

static void command_book(const struct call *call)
{
    static const struct {
        enum book_ladder ladder;
        const char *side, *source;
    } ladders[] = {{BOOK_BIDS, "BUY", "orders"},
                   {BOOK_ASKS, "SELL", "orders"},
                   {BOOK_STOP_BUYS, "BUY", "stops"},
                   {BOOK_STOP_SELLS, "SELL", "stops"}};
    int symbol = find_symbol(call);
    if (symbol < 0)
        return;
    const struct book *book = call->control->parts->exchange->symbols.items[symbol].book;
    struct book_level level;
    for (size_t i = 0; i < ARRAY_LEN(ladders); i++)
        for (size_t at = 0; at < BOOK_LEVELS_SHOWN && book_level_at(book, ladders[i].ladder, at, &level);
             at++) {
            put_level(call->out, ladders[i].side, ladders[i].source, level.price, level.quantity);
            json_line_i64(call->out, "orders", (int64_t)level.orders);
            json_line_end(call->out);
        }
    struct liquidity quotes = trading_liquidity(call->control->parts->exchange, (size_t)symbol);
    for (int side = 0; side < 2; side++)
        for (int at = 0; at < quotes.levels; at++) {
            struct decimal price = side == 0 ? liquidity_bid(&quotes, at) : liquidity_ask(&quotes, at);
            put_level(call->out, side == 0 ? "BUY" : "SELL", "quotes", price,
                      liquidity_quantity(&quotes, at));
            json_line_end(call->out);
        }
}

static void command_price(const struct call *call)
{
    struct decimal price;
    const char *wanted = call->words[2];
    struct exchange *exchange = call->control->parts->exchange;
    int symbol = find_symbol(call);
    if (symbol < 0)
        return;
    if (wanted != NULL && (fix_value_decimal(wanted, strlen(wanted), &price) < 0 ||
                           exchange_set_price(exchange, (size_t)symbol, price) < 0)) {
        json_line_error(call->out, "the price must be a positive multiple of the tick size");
        return;
    }
    json_line_text(call->out, "symbol", symbol_name(call->control, (size_t)symbol));
    json_line_decimal(call->out, "price", symbols_price(&exchange->symbols, (size_t)symbol));
    json_line_end(call->out);
}

static void command_sessions(const struct call *call)
{
    members_describe(acceptor_members(call->control->parts->acceptor), call->out);
}

static void command_end_day(const struct call *call)
{
    call->control->end_day = true;
    buffer_append_text(call->out, "{\"ok\":true}\n");
}

static void command_cancel(const struct call *call)
{
    const char *id = call->words[1];
    if (id == NULL || !exchange_take_away(call->control->parts->exchange, id, clock_now()))
        json_line_error(call->out, "which open order? it is named by the ClOrdID of its NewOrderSingle");
    else
        buffer_append_text(call->out, "{\"ok\":true}\n");
}

static void put_fault(const struct fault *fault, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(FAULT_LINE_MAX);
    fault_spec_describe(&fault->spec, &line);
    json_line_i64(out, "id", fault->id);
    json_line_text(out, "kind", fault_spec_kinds[fault->spec.kind].name);
    json_line_text(out, "fault", line.data);
    if (fault->spec.count == 0)
        json_line_text(out, "left", "always");
    else
        json_line_i64(out, "left", fault->left);
    json_line_i64(out, "fired", (int64_t)fault->fired);
    json_line_end(out);
}

static void fault_help(const struct call *call)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        json_line_text(call->out, "fault", fault_spec_kinds[i].usage);
        json_line_text(call->out, "help", fault_spec_kinds[i].help);
        json_line_end(call->out);
    }
}

static void fault_list(const struct call *call)
{
    const struct faults *faults = call->control->parts->faults;
    for (size_t i = 0; i < faults_count(faults); i++)
        put_fault(faults_at(faults, i), call->out);
}

/* What the cleared faults hold back goes its way. */
static void fault_clear(const struct call *call)
{
    const struct exchange_sim_parts *parts = call->control->parts;
    const char *which = call->words[2];
    uint64_t id = 0;
    if (which != NULL && (fix_value_u64(which, strlen(which), &id) < 0 || id == 0 || id > UINT32_MAX)) {
        json_line_error(call->out, "which fault? its id is a number");
        return;
    }
    size_t released = 0;
    for (size_t i = 0; i < faults_count(parts->faults); i++)
        if (id == 0 || faults_at(parts->faults, i)->id == id)
            released += exchange_faults_release(parts->exchange_faults, faults_at(parts->faults, i)->id);
    size_t cleared = faults_clear(parts->faults, (uint32_t)id);
    LOG(&parts->service->log, LOG_INFO, "faults_cleared", LOG_I64("count", cleared),
        LOG_I64("released", released));
    json_line_i64(call->out, "cleared", (int64_t)cleared);
    json_line_i64(call->out, "released", (int64_t)released);
    json_line_end(call->out);
}

static void fault_arm(const struct call *call)
{
    const struct exchange_sim_parts *parts = call->control->parts;
    struct fault_spec spec;
    const struct fault *fault = NULL;
    char wrong[FAULT_TEXT_MAX];
    if (fault_spec_parse(call->words + 1, call->count - 1, &spec, wrong) < 0) {
        json_line_error(call->out, wrong);
        return;
    }
    if (faults_arm(parts->faults, &spec, &fault) < 0) {
        json_line_error(call->out, "too many faults are armed; clear some");
        return;
    }
    LOG(&parts->service->log, LOG_INFO, "fault_armed", LOG_I64("fault", fault->id),
        LOG_TEXT("kind", fault_spec_kinds[spec.kind].name));
    put_fault(fault, call->out);
}

static void command_help(const struct call *call);

/* A command of two words goes before the one of its first word. */
static const struct command {
    const char *first, *second; /* NULL: whatever it is */
    size_t words_max;
    void (*run)(const struct call *call);
    const char *usage, *help; /* NULL: told with another one */
} commands[] = {
    {"executions", NULL, 1, command_executions, "executions", "every execution, oldest first"},
    {"orders", NULL, 1, command_orders, "orders", "every order, oldest first"},
    {"book", NULL, 2, command_book, "book SYMBOL",
     "the best resting orders, waiting stops and synthetic quotes"},
    {"price", NULL, 3, command_price, "price SYMBOL [VALUE]",
     "shows the price, or moves it and fills what it reaches"},
    {"sessions", NULL, 1, command_sessions, "sessions", "the FIX sessions and their numbers"},
    {"cancel", NULL, 2, command_cancel, "cancel CLORDID", "cancels an order that nobody asked to cancel"},
    {"end-day", NULL, 1, command_end_day, "end-day", "ends the trading day: DAY orders expire"},
    {"fault", "list", 2, fault_list, NULL, NULL},
    {"fault", "help", 2, fault_help, NULL, NULL},
    {"fault", "clear", 3, fault_clear, NULL, NULL},
    {"fault", "", 1, fault_list, NULL, NULL},
    {"fault", NULL, WORDS_MAX, fault_arm,
     "fault KIND [NAME=VALUE ...] [COUNT|always] | fault list | fault clear [ID] | fault help",
     "misbehaves from now on; fault help lists the kinds"},
    {"help", NULL, 1, command_help, "help", "this list"},
};

static void command_help(const struct call *call)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (commands[i].usage == NULL)
            continue;
        json_line_text(call->out, "command", commands[i].usage);
        json_line_text(call->out, "help", commands[i].help);
        json_line_end(call->out);
    }
}

static void answer(struct control *control, struct control_client *client, char *line)
{
    char *words[WORDS_MAX + 2] = {NULL}, *rest = NULL;
    struct call call = {.control = control, .client = client, .words = words, .out = &client->connection.out};
    client->answered = true;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && call.count <= WORDS_MAX;
         word = strtok_r(NULL, " \t\r", &rest))
        words[call.count++] = word;
    const char *first = call.count > 0 ? words[0] : "", *second = call.count > 1 ? words[1] : "";
    const struct command *command = commands, *end = commands + ARRAY_LEN(commands);
    while (command < end && (strcmp(command->first, first) != 0 ||
                             (command->second != NULL && strcmp(command->second, second) != 0)))
        command++;
    if (call.count > WORDS_MAX || (command < end && call.count > command->words_max))
        json_line_error(call.out, "too many words");
    else if (command < end)
        command->run(&call);
    else
        json_line_error(call.out, "unknown command; try help");
}

static void free_client(struct control *control, size_t index)
{
    struct control_client *client = control->clients[index];
    control->clients[index] = control->clients[--control->client_count];
    connection_close(&client->connection);
}

void control_destroy(struct control **control)
{
    if (*control == NULL)
        return;
    while ((*control)->client_count > 0)
        free_client(*control, 0);
    cleanup_close(&(*control)->listener.fd);
    free(*control);
    *control = NULL;
}

static void on_input(struct source *source)
{
    struct control *control = source->owner;
    struct control_client *client = (struct control_client *)source;
    ptrdiff_t got = connection_read(&client->connection);
    if (got == -EAGAIN)
        return;
    if (got > 0)
        client->progress_us = now_us(control);
    if (client->answered) {
        /* Whatever follows the line is of no interest, nor is the end of the client's side. */
        connection_consume(&client->connection, client->connection.in_length);
        client->closing = client->closing || (got < 0 && got != -ENOBUFS);
        /* EPOLLERR comes unasked: it stands for nothing else. */
        if (got == 0)
            (void)source_watch(source, source->watched & EPOLLOUT ? EPOLLOUT : EPOLLERR);
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
            json_line_error(&client->connection.out, "the line is too long");
        else
            client->closing = true;
    }
}

static void on_connect(struct source *source)
{
    static const struct connection_kind kind = {sizeof(struct control_client), CONTROL_LINE_MAX, OUT_MAX,
                                                on_input};
    struct control *control = source->owner;
    struct connection *connection = NULL;
    while (connection_accept(source, &kind, control->client_count < CONTROL_CONNECTIONS_MAX, &connection)) {
        struct control_client *client = (struct control_client *)connection;
        if (client == NULL)
            continue;
        client->progress_us = now_us(control);
        control->clients[control->client_count++] = client;
    }
}

int control_create(const struct exchange_sim_parts *parts, struct control **ret_control)
{
    struct control *control = calloc(1, sizeof(*control));
    if (control == NULL)
        return -ENOMEM;
    control->parts = parts;
    control->listener = (struct source){.epoll_fd = parts->epoll_fd, .owner = control, .handle = on_connect};
    int error = connection_listen(&control->listener, parts->config->control_listen, &parts->service->log);
    if (error < 0)
        control_destroy(&control);
    else
        *ret_control = control;
    return error;
}

/* Returns whether there is more to do at once. */
static bool flush_client(struct control *control, struct control_client *client)
{
    size_t before = connection_waiting(&client->connection);
    if (client->more != NULL && before < OUT_PAUSE && !client->more(control, client))
        client->more = NULL;
    size_t waiting = connection_waiting(&client->connection);
    int error = connection_flush(&client->connection);
    if (connection_waiting(&client->connection) < waiting)
        client->progress_us = now_us(control);
    if ((error < 0 && error != -EAGAIN) || buffer_failed(&client->connection.out) ||
        now_us(control) - client->progress_us > CONTROL_IDLE_MS * INT64_C(1000))
        client->closing = true;
    if (client->answered && error == 0 && client->more == NULL)
        client->closing = true;
    bool wants_write = error == -EAGAIN;
    struct source *source = &client->connection.source;
    if (!client->closing && wants_write != ((source->watched & EPOLLOUT) != 0))
        (void)source_watch(source, wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return !client->closing && client->more != NULL && !wants_write;
}

bool control_flush(struct control *control)
{
    bool more = false;
    for (size_t i = 0; i < control->client_count;) {
        more = flush_client(control, control->clients[i]) || more;
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
