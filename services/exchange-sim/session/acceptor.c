/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one listener and its connections, from accept to close. */
#include "services/exchange-sim/session/acceptor.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "services/exchange-sim/faults/line_faults.h"
#include "services/exchange-sim/records.h"

enum {
    IN_CAPACITY = 2 * FIX_MESSAGE_MAX,
    PENDING_MAX = 4 * 1024 * 1024, /* bytes for the journal: commit before more is read */
    RESEND_OUT_MAX = 256 * 1024,   /* bytes that wait for the peer: a resend pauses */
};

struct client {
    struct connection connection;     /* first */
    struct member *member;            /* NULL: not logged on */
    int64_t since_us;                 /* connected, or closing, since then */
    bool closing;                     /* send what is queued, then close */
    bool backlog;                     /* there may be whole messages left in `in` */
    uint64_t resend_next, resend_end; /* what is being repeated; end 0: nothing */
    struct line_faults line;
};

struct acceptor {
    const struct exchange_sim_parts *parts;
    struct source listener;
    struct members members;
    struct client *clients[ACCEPTOR_CONNECTIONS_MAX];
    size_t client_count;
    struct fix_message message; /* the one being handled; large, hence not on the stack */
    struct session_actions actions;
    char entry[JOURNAL_ENTRY_MAX] __attribute__((aligned(8)));
};

static int64_t now_us(const struct acceptor *acceptor)
{
    return acceptor->parts->turn.monotonic_us;
}

static void count(const struct acceptor *acceptor, enum exchange_sim_metric metric, size_t series)
{
    metrics_add(acceptor->parts->service->metrics, metric, series, 1);
}

static void gauge(const struct acceptor *acceptor)
{
    int64_t logged_on = 0;
    for (size_t i = 0; i < acceptor->members.count; i++)
        logged_on += acceptor->members.items[i]->client != NULL;
    metrics_set(acceptor->parts->service->metrics, METRIC_SESSIONS, 0, logged_on);
    metrics_set(acceptor->parts->service->metrics, METRIC_CONNECTIONS, 0, (int64_t)acceptor->client_count);
}

static void free_client(struct acceptor *acceptor, size_t index)
{
    struct client *client = acceptor->clients[index];
    acceptor->clients[index] = acceptor->clients[--acceptor->client_count];
    connection_close(&client->connection);
    gauge(acceptor);
}

void acceptor_destroy(struct acceptor **acceptor)
{
    if (*acceptor == NULL)
        return;
    while ((*acceptor)->client_count > 0)
        free_client(*acceptor, 0);
    members_release(&(*acceptor)->members);
    cleanup_close(&(*acceptor)->listener.fd);
    free(*acceptor);
    *acceptor = NULL;
}

/* Ends what ties a client to its session. */
static void detach(struct acceptor *acceptor, struct client *client, const char *why)
{
    struct member *member = client->member;
    if (member == NULL)
        return;
    LOG(&acceptor->parts->service->log, LOG_INFO, "session_ended",
        LOG_TEXT("client", member->session.comp_id), LOG_TEXT("reason", why));
    session_disconnect(&member->session);
    exchange_forget_session(acceptor->parts->exchange, member->index);
    member->client = NULL;
    client->member = NULL;
    client->resend_end = 0;
    gauge(acceptor);
}

/* Closes after what is queued has been sent. */
static void close_gently(struct acceptor *acceptor, struct client *client, const char *why)
{
    detach(acceptor, client, why);
    client->closing = true;
    client->since_us = now_us(acceptor);
}

static void drop(struct acceptor *acceptor, struct client *client, size_t series, const char *why)
{
    count(acceptor, METRIC_DROPPED, series);
    detach(acceptor, client, why);
    buffer_clear(&client->connection.out);
    client->connection.out_sent = 0;
    client->closing = true;
    client->since_us = 0; /* due at once */
}

/* Queues a message; its number is drawn already. `first_sent`: it is a repetition; NULL: it is none. */
static void queue(struct acceptor *acceptor, struct member *member, const char *type, uint64_t seq,
                  const struct instant *first_sent, const char *body, size_t body_length)
{
    char bytes[FIX_BODY_MAX + FIX_HEADER_MAX];
    struct fix_header header = {
        .type = type,
        .sender = acceptor->parts->config->comp_id,
        .target = member->session.comp_id,
        .seq = seq,
        .sending_time = acceptor->parts->turn.now,
        .poss_dup = first_sent != NULL,
    };
    assert(body_length <= FIX_BODY_MAX);
    if (first_sent != NULL)
        header.orig_sending_time = *first_sent;
    buffer_append(&member->client->connection.out, bytes, fix_build(&header, body, body_length, bytes));
    count(acceptor, METRIC_MESSAGES, first_sent != NULL ? MESSAGES_RESENT : MESSAGES_SENT);
}

/* The number of a message that is not repeated, past the faults that skip some. */
static uint64_t draw(struct acceptor *acceptor, struct member *member)
{
    struct fix_body body;
    uint64_t seq = 0;
    if (member->client != NULL &&
        line_faults_misnumber(acceptor->parts->faults, &member->session, now_us(acceptor), &seq, &body))
        queue(acceptor, member, "4", seq, NULL, body.bytes, body.length);
    return session_take_out(&member->session, now_us(acceptor));
}

static void send_admin(struct acceptor *acceptor, struct member *member, char type,
                       const struct fix_body *body)
{
    char text[2] = {type, '\0'};
    uint64_t seq =
        type != 'A' ? draw(acceptor, member) : session_take_out(&member->session, now_us(acceptor));
    queue(acceptor, member, text, seq, NULL, body->bytes, body->length);
}

/* Puts a message that has its number into the journal, for resends. */
static void keep_message(struct acceptor *acceptor, struct member *member, const char *type, uint64_t seq,
                         const struct fix_body *body)
{
    struct record_message record = {
        .session = member->index, .seq = seq, .sending_time_us = acceptor->parts->turn.now.us};
    memcpy(record.type, type, strlen(type) + 1);
    uint64_t place = journal_put(acceptor->parts->journal, RECORD_MESSAGE, &record, sizeof(record),
                                 body->bytes, body->length);
    /* Without memory for its place the message is on its way all the same; a resend would gap-fill it. */
    if (session_stored(&member->session, seq, place) < 0)
        LOG_ALARM(&acceptor->parts->service->log, LOG_ERROR, "message_not_indexed", "process_degraded",
                  "no memory for its place", "oxectl sim sessions", LOG_I64("seq", seq));
}

/* The exchange's way out. What is kept gets a number also when nobody is connected: it is asked for after the
 * next logon. */
static void send_for_exchange(void *context, uint32_t session, const char *type, const struct fix_body *body,
                              enum sink_way way)
{
    struct acceptor *acceptor = context;
    struct member *member = acceptor->members.items[session];
    uint64_t seq = member->session.next_out - 1;
    if ((way == SINK_PASSING || way == SINK_REPEATED) && member->client == NULL)
        return;
    if (way == SINK_KEPT || way == SINK_PASSING)
        seq = draw(acceptor, member);
    else if (way == SINK_UNSENT)
        seq = session_take_out(&member->session, now_us(acceptor));
    if (way == SINK_KEPT || way == SINK_UNSENT)
        keep_message(acceptor, member, type, seq, body);
    if (member->client != NULL && way != SINK_UNSENT)
        queue(acceptor, member, type, seq, way == SINK_REPEATED ? &acceptor->parts->turn.now : NULL,
              body->bytes, body->length);
}

const char *acceptor_client(const void *acceptor, uint32_t session)
{
    return ((const struct acceptor *)acceptor)->members.items[session]->session.comp_id;
}

struct sink acceptor_sink(struct acceptor *acceptor)
{
    return (struct sink){.context = acceptor, .send = send_for_exchange};
}

static bool client_allowed(const struct acceptor *acceptor, struct fix_text comp_id)
{
    for (size_t i = 0; i < acceptor->parts->config->clients.count; i++)
        if (strcmp(acceptor->parts->config->clients.items[i], "*") == 0 ||
            fix_text_equals(comp_id, acceptor->parts->config->clients.items[i]))
            return true;
    return false;
}

/* Carries out what the session wants, for the message in acceptor->message. */
static void apply_actions(struct acceptor *acceptor, struct client *client)
{
    struct member *member = client->member;
    for (size_t i = 0; i < acceptor->actions.count && client->member != NULL; i++) {
        const struct session_action *action = &acceptor->actions.items[i];
        switch (action->type) {
        case SESSION_SEND:
            send_admin(acceptor, member, action->message_type, &action->body);
            break;
        case SESSION_DELIVER:
            exchange_receive(acceptor->parts->exchange, member->index, &acceptor->message,
                             acceptor->parts->turn.now);
            break;
        case SESSION_RESEND:
            if (client->resend_end == 0 || action->begin < client->resend_next)
                client->resend_next = action->begin;
            if (action->end > client->resend_end)
                client->resend_end = action->end;
            break;
        case SESSION_RESET:
            members_record_reset(member, acceptor->parts->journal);
            client->resend_end = 0;
            break;
        case SESSION_DISCONNECT:
            close_gently(acceptor, client, action->text);
            break;
        }
    }
}

static void refuse(struct acceptor *acceptor, struct client *client, const char *why)
{
    char comp_id[FIX_COMP_ID_MAX] = "";
    struct fix_text sender = acceptor->message.sender;
    if (sender.length > 0 && sender.length < sizeof(comp_id))
        memcpy(comp_id, sender.text, sender.length);
    LOG(&acceptor->parts->service->log, LOG_WARNING, "logon_refused", LOG_TEXT("client", comp_id),
        LOG_TEXT("reason", why));
    drop(acceptor, client, DROPPED_REFUSED, why);
}

/* The first message of a connection says whose it is. */
static void log_on(struct acceptor *acceptor, struct client *client, const struct fix_fault *fault)
{
    struct member *member = NULL;
    const struct fix_message *message = &acceptor->message;
    if (fault->kind == FIX_GARBLED || !fix_text_equals(message->type, "A")) {
        refuse(acceptor, client, "the first message is not a Logon");
        return;
    }
    if (!fix_text_equals(message->target, acceptor->parts->config->comp_id) || message->sender.length == 0 ||
        !client_allowed(acceptor, message->sender)) {
        refuse(acceptor, client, "unknown CompID");
        return;
    }
    if (members_find_or_add(&acceptor->members, message->sender, acceptor->parts->journal, &member) < 0) {
        refuse(acceptor, client, "no room for a further session");
        return;
    }
    struct fault_subject subject = fault_subject_of(message, member->session.comp_id);
    enum fault_verdict verdict = faults_judge(acceptor->parts->faults, FAULT_AT_CONNECT, &subject, NULL);
    if (verdict == FAULT_CUT_LINE)
        drop(acceptor, client, DROPPED_FAULT, "a fault: before the logon");
    if (verdict != FAULT_GO_ON)
        return; /* nobody answers; in the end nobody has logged on */
    if (member->client != NULL && !session_dead(&member->session, now_us(acceptor))) {
        refuse(acceptor, client, "the session is logged on already");
        return;
    }
    if (member->client != NULL)
        drop(acceptor, member->client, DROPPED_TIMEOUT, "replaced by a new connection");
    static const struct fix_fault refused = {.kind = FIX_FAULTY, .text = "the exchange takes nobody now"};
    if (fault->kind == FIX_VALID)
        verdict = faults_judge(acceptor->parts->faults, FAULT_AT_LOGON, &subject, NULL);
    if (verdict == FAULT_REFUSE_IT)
        fault = &refused;
    member->client = client;
    client->member = member;
    if (verdict == FAULT_BEGIN_ANEW)
        session_logon_anew(&member->session, message, now_us(acceptor), &acceptor->actions);
    else if (session_logon(&member->session, message, fault, now_us(acceptor), &acceptor->actions) < 0) {
        drop(acceptor, client, DROPPED_PROTOCOL, "out of memory");
        return;
    }
    LOG(&acceptor->parts->service->log, LOG_INFO, "session_logon",
        LOG_TEXT("client", member->session.comp_id), LOG_I64("in_seq", message->seq),
        LOG_I64("next_in", member->session.next_in), LOG_I64("next_out", member->session.next_out));
    apply_actions(acceptor, client);
    if (client->member != NULL &&
        faults_judge(acceptor->parts->faults, FAULT_AT_EFFECT, &subject, NULL) == FAULT_CUT_LINE)
        drop(acceptor, client, DROPPED_FAULT, "a fault: after the logon");
    gauge(acceptor);
}

/* Whether a fault may meet the message: it is sound and the next of its session. */
static bool may_misbehave(const struct acceptor *acceptor, const struct client *client,
                          const struct fix_fault *fault)
{
    return faults_armed_at(acceptor->parts->faults,
                           FAULT_AT_ARRIVAL | FAULT_AT_MESSAGE | FAULT_AT_DELIVERED | FAULT_AT_EFFECT) &&
           fault->kind == FIX_VALID && acceptor->message.seq == client->member->session.next_in;
}

/* False: the message is to be left where it is. Of one that was held while a gap was open, SendingTime was
 * judged when it came. */
static bool receive(struct acceptor *acceptor, struct client *client, const char *bytes, size_t length,
                    bool was_held)
{
    struct fix_fault fault = fix_parse(bytes, length, &acceptor->message);
    if (fault.kind == FIX_VALID && !was_held)
        fault = fix_check_time(&acceptor->message, acceptor->parts->turn.now,
                               acceptor->parts->config->clock_skew_ms * INT64_C(1000));
    count(acceptor, METRIC_MESSAGES, MESSAGES_RECEIVED);
    if (fault.kind == FIX_GARBLED)
        count(acceptor, METRIC_GARBLED, 0);
    if (client->member == NULL) {
        log_on(acceptor, client, &fault);
        return true;
    }
    struct fault_subject subject = fault_subject_of(&acceptor->message, client->member->session.comp_id);
    const struct fault *met = NULL;
    bool faulty = may_misbehave(acceptor, client, &fault);
    if (faulty &&
        faults_judge(acceptor->parts->faults, FAULT_AT_ARRIVAL, &subject, &met) == FAULT_FREEZE_LINE) {
        line_faults_freeze(&client->line, &client->connection, met, now_us(acceptor));
        return false;
    }
    if (faulty && faults_judge(acceptor->parts->faults, FAULT_AT_MESSAGE, &subject, NULL) == FAULT_CUT_LINE) {
        drop(acceptor, client, DROPPED_FAULT, "a fault: before the effect");
        return true;
    }
    if (session_receive(&client->member->session, acceptor->parts->config->comp_id, &acceptor->message,
                        &fault, now_us(acceptor), &acceptor->actions) < 0) {
        drop(acceptor, client, DROPPED_PROTOCOL, "out of memory");
        return true;
    }
    apply_actions(acceptor, client);
    if (!faulty || client->member == NULL)
        return true;
    if (faults_judge(acceptor->parts->faults, FAULT_AT_DELIVERED, &subject, &met) == FAULT_TELL_STRAY)
        exchange_faults_stray(acceptor->parts->exchange_faults, client->member->index, met,
                              acceptor->parts->turn.now);
    if (faults_judge(acceptor->parts->faults, FAULT_AT_EFFECT, &subject, NULL) == FAULT_CUT_LINE)
        drop(acceptor, client, DROPPED_FAULT, "a fault: after the effect");
    return true;
}

/* Messages that had waited for a gap to close. */
static void receive_held(struct acceptor *acceptor, struct client *client)
{
    char *bytes = NULL;
    size_t length = 0;
    while (client->member != NULL && session_next_held(&client->member->session, &bytes, &length)) {
        (void)receive(acceptor, client, bytes, length, true);
        free(bytes);
    }
}

/* Handles the whole messages in a client's input, until the journal is to be committed. */
static void process_input(struct acceptor *acceptor, struct client *client)
{
    size_t done = 0, length = 0;
    client->backlog = false;
    while (!client->closing) {
        if (journal_pending(acceptor->parts->journal) > PENDING_MAX) {
            client->backlog = true;
            break;
        }
        const char *at = client->connection.in + done;
        enum fix_frame frame = fix_frame(at, client->connection.in_length - done, &length);
        if (frame == FIX_FRAME_MORE)
            break;
        if (frame == FIX_FRAME_GARBAGE) {
            count(acceptor, METRIC_GARBLED, 0);
            done += length;
            continue;
        }
        if (!receive(acceptor, client, at, length, false))
            break;
        done += length;
        receive_held(acceptor, client);
    }
    connection_consume(&client->connection, client->closing ? client->connection.in_length : done);
}

static void on_input(struct source *source)
{
    struct acceptor *acceptor = source->owner;
    struct client *client = (struct client *)source;
    ptrdiff_t got = connection_read(&client->connection);
    if (got == -EAGAIN || got == -ENOBUFS)
        return;
    if (got <= 0) {
        /* The peer is gone: what it sent before is worked on, nobody waits for the answers. */
        if (!client->closing)
            process_input(acceptor, client);
        detach(acceptor, client, "the connection was closed");
        client->closing = true;
        client->since_us = 0;
        return;
    }
    process_input(acceptor, client);
}

static void on_connect(struct source *source)
{
    static const struct connection_kind kind = {sizeof(struct client), IN_CAPACITY, ACCEPTOR_OUT_MAX,
                                                on_input};
    struct acceptor *acceptor = source->owner;
    struct connection *connection = NULL;
    while (connection_accept(source, &kind, acceptor->client_count < ACCEPTOR_CONNECTIONS_MAX, &connection)) {
        struct client *client = (struct client *)connection;
        if (client == NULL) {
            count(acceptor, METRIC_DROPPED, DROPPED_REFUSED);
            continue;
        }
        client->since_us = now_us(acceptor);
        acceptor->clients[acceptor->client_count++] = client;
        gauge(acceptor);
    }
}

int acceptor_create(const struct exchange_sim_parts *parts, struct acceptor **ret_acceptor)
{
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
    if (acceptor == NULL)
        return -ENOMEM;
    acceptor->parts = parts;
    acceptor->listener =
        (struct source){.fd = -1, .epoll_fd = parts->epoll_fd, .owner = acceptor, .handle = on_connect};
    *ret_acceptor = acceptor;
    return 0;
}

int acceptor_start(struct acceptor *acceptor)
{
    return connection_listen(&acceptor->listener, acceptor->parts->config->listen,
                             &acceptor->parts->service->log);
}

void acceptor_resume(struct acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->client_count; i++)
        if (acceptor->clients[i]->backlog)
            process_input(acceptor, acceptor->clients[i]);
}

bool acceptor_has_backlog(const struct acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->client_count; i++)
        if (acceptor->clients[i]->backlog)
            return true;
    return false;
}

/* Reading and writing go on. */
static void thaw(struct acceptor *acceptor, struct client *client)
{
    if (!line_faults_thaw(&client->line, &client->connection))
        return;
    client->backlog = true;
    /* What has arrived meanwhile is still to be read: the silence was ours. */
    if (client->member != NULL)
        client->member->session.last_received_us = now_us(acceptor);
}

void acceptor_tick(struct acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->client_count; i++) {
        struct client *client = acceptor->clients[i];
        if (now_us(acceptor) >= client->line.frozen_until_us)
            thaw(acceptor, client);
        if (client->closing || client->line.frozen_until_us != 0)
            continue;
        if (client->member != NULL) {
            session_tick(&client->member->session, now_us(acceptor), &acceptor->actions);
            apply_actions(acceptor, client);
        } else if (now_us(acceptor) - client->since_us > ACCEPTOR_LOGON_MS * INT64_C(1000)) {
            drop(acceptor, client, DROPPED_TIMEOUT, "no logon");
        }
    }
}

struct members *acceptor_members(struct acceptor *acceptor)
{
    return &acceptor->members;
}

/* Repeats one message, or fills a gap where there was none worth repeating. */
static void resend_step(struct acceptor *acceptor, struct member *member, const struct session_resend *step)
{
    struct journal_entry entry;
    if (step->place != 0 &&
        journal_read(acceptor->parts->journal, step->place, acceptor->entry, &entry) == 0 &&
        entry.type == RECORD_MESSAGE && entry.length >= sizeof(struct record_message)) {
        const struct record_message *record = entry.bytes;
        queue(acceptor, member, record->type, step->begin, &(struct instant){record->sending_time_us},
              (const char *)(record + 1), entry.length - sizeof(*record));
        return;
    }
    if (step->place != 0)
        LOG_ALARM(&acceptor->parts->service->log, LOG_ERROR, "message_not_readable", "process_degraded",
                  "it cannot be read from the journal", "oxectl sim sessions", LOG_I64("seq", step->begin));
    struct fix_body body;
    fix_body_clear(&body);
    fix_put_char(&body, FIX_GAP_FILL_FLAG, 'Y');
    fix_put_u64(&body, FIX_NEW_SEQ_NO, step->end);
    queue(acceptor, member, "4", step->begin, &acceptor->parts->turn.now, body.bytes, body.length);
}

static void resend(struct acceptor *acceptor, struct client *client)
{
    struct session_resend step;
    while (client->resend_end != 0 && connection_waiting(&client->connection) < RESEND_OUT_MAX &&
           session_resend_next(&client->member->session, client->resend_next, client->resend_end, &step)) {
        resend_step(acceptor, client->member, &step);
        client->resend_next = step.end;
        if (step.end > client->resend_end)
            client->resend_end = 0;
    }
}

static void want_write(struct client *client, bool wants)
{
    (void)source_watch(&client->connection.source, wants ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Writes what may be written; a line that closes is not slow. */
static int write_out(const struct acceptor *acceptor, struct client *client)
{
    if (!client->closing && client->member != NULL)
        return line_faults_write(&client->line, &client->connection, acceptor->parts->faults,
                                 &client->member->session, now_us(acceptor));
    client->line.delay = (struct line_delay){0};
    return connection_flush(&client->connection);
}

/* Returns whether the client is to stay. */
static bool flush_client(struct acceptor *acceptor, struct client *client)
{
    if (client->line.frozen_until_us != 0 && !client->closing)
        return true;
    resend(acceptor, client);
    if (buffer_failed(&client->connection.out)) {
        LOG(&acceptor->parts->service->log, LOG_WARNING, "client_too_slow",
            LOG_TEXT("client", client->member != NULL ? client->member->session.comp_id : ""));
        drop(acceptor, client, DROPPED_SLOW, "it does not read");
    }
    int error = write_out(acceptor, client);
    if (error < 0 && error != -EAGAIN && !client->closing)
        drop(acceptor, client, DROPPED_PROTOCOL, "the connection is broken");
    if (!client->closing) {
        want_write(client, error == -EAGAIN || client->resend_end != 0);
        return true;
    }
    /* The end of our side is announced; the other side's end, or a short while, is awaited so that it can
     * read the last words. */
    if (error == 0 && client->since_us != 0)
        (void)shutdown(client->connection.source.fd, SHUT_WR);
    if (now_us(acceptor) - client->since_us > ACCEPTOR_CLOSE_MS * INT64_C(1000))
        return false;
    want_write(client, error == -EAGAIN);
    return true;
}

void acceptor_flush(struct acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->client_count;) {
        if (flush_client(acceptor, acceptor->clients[i]))
            i++;
        else
            free_client(acceptor, i);
    }
}

void acceptor_stop(struct acceptor *acceptor)
{
    cleanup_close(&acceptor->listener.fd);
    acceptor->listener.fd = -1;
    for (size_t i = 0; i < acceptor->client_count; i++) {
        struct client *client = acceptor->clients[i];
        thaw(acceptor, client);
        if (client->member == NULL) {
            close_gently(acceptor, client, "stopping");
            continue;
        }
        session_logout(&client->member->session, "The exchange is stopping", now_us(acceptor),
                       &acceptor->actions);
        apply_actions(acceptor, client);
    }
}

int64_t acceptor_due_us(const struct acceptor *acceptor)
{
    int64_t due_us = INT64_MAX;
    for (size_t i = 0; i < acceptor->client_count; i++) {
        int64_t of_client_us = line_delay_due_us(&acceptor->clients[i]->line.delay);
        due_us = of_client_us < due_us ? of_client_us : due_us;
    }
    return due_us;
}

bool acceptor_idle(const struct acceptor *acceptor)
{
    return acceptor->client_count == 0;
}
