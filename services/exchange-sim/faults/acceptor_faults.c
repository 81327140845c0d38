/* SPDX-License-Identifier: Apache-2.0 */
/* Where the line misbehaves on command; see acceptor.h and fault.h. */
#include <sys/epoll.h>

#include "services/exchange-sim/session/acceptor_state.h"

static struct fault_subject subject_of(const struct member *member)
{
    return (struct fault_subject){.session = member->session.comp_id};
}

void acceptor_freeze(struct acceptor *acceptor, struct client *client, const struct fault *fault)
{
    client->frozen_until_us = acceptor->turn.monotonic_us + fault->spec.ms * INT64_C(1000);
    /* Not only its events: the end of the other side would be reported all the same. */
    (void)source_watch(&client->connection.source, acceptor->parts.epoll_fd, 0);
}

void acceptor_thaw(struct acceptor *acceptor, struct client *client)
{
    if (client->frozen_until_us == 0)
        return;
    client->frozen_until_us = 0;
    client->backlog = true;
    (void)source_watch(&client->connection.source, acceptor->parts.epoll_fd, EPOLLIN);
    /* What has arrived meanwhile is still to be read: the silence was ours. */
    if (client->member != NULL)
        client->member->session.last_received_us = acceptor->turn.monotonic_us;
}

void acceptor_misnumber(struct acceptor *acceptor, struct member *member)
{
    if (member->client == NULL || !faults_armed_at(acceptor->parts.faults, FAULT_AT_NUMBER))
        return;
    struct fault_subject subject = subject_of(member);
    const struct fault *fault = faults_fire(acceptor->parts.faults, FAULT_GAP, &subject);
    for (uint32_t i = 0; fault != NULL && i < fault->spec.number; i++)
        (void)session_take_out(&member->session, acceptor->turn.monotonic_us);
    fault = faults_fire(acceptor->parts.faults, FAULT_RESET, &subject);
    if (fault == NULL)
        return;
    struct fix_body body;
    uint64_t seq = member->session.next_out;
    member->session.next_out += fault->spec.number;
    fix_body_clear(&body);
    fix_put_char(&body, FIX_GAP_FILL_FLAG, 'N');
    fix_put_u64(&body, FIX_NEW_SEQ_NO, member->session.next_out);
    acceptor_queue(acceptor, member, "4", seq, NULL, body.bytes, body.length);
}

int acceptor_write(struct acceptor *acceptor, struct client *client)
{
    struct connection *connection = &client->connection;
    const struct fault *fault = NULL;
    if (client->member != NULL && faults_armed_at(acceptor->parts.faults, FAULT_AT_WRITE)) {
        struct fault_subject subject = subject_of(client->member);
        fault = faults_fire(acceptor->parts.faults, FAULT_SLOW, &subject);
    }
    bool slow = fault != NULL || client->delay.count > 0 || client->delay.ready > 0;
    if (!slow || client->closing) {
        client->delay = (struct line_delay){0};
        return connection_flush(connection);
    }
    size_t waiting = connection_waiting(connection);
    int64_t delay_us = fault != NULL ? fault->spec.ms * INT64_C(1000) : 0;
    int error = connection_flush_some(
        connection, line_delay_admit(&client->delay, waiting, delay_us, acceptor->turn.monotonic_us));
    line_delay_sent(&client->delay, waiting - connection_waiting(connection));
    return error;
}

int64_t acceptor_due_us(const struct acceptor *acceptor)
{
    int64_t due_us = INT64_MAX;
    for (size_t i = 0; i < acceptor->client_count; i++) {
        int64_t of_client_us = line_delay_due_us(&acceptor->clients[i]->delay);
        due_us = of_client_us < due_us ? of_client_us : due_us;
    }
    return due_us;
}
