/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/line_faults.h"

#include <sys/epoll.h>

void line_faults_freeze(struct line_faults *line, struct connection *connection, const struct fault *fault,
                        int64_t now_us)
{
    line->frozen_until_us = now_us + fault->spec.ms * INT64_C(1000);
    /* Not only its events: the end of the other side would be reported all the same. */
    (void)source_watch(&connection->source, 0);
}

bool line_faults_thaw(struct line_faults *line, struct connection *connection)
{
    if (line->frozen_until_us == 0)
        return false;
    line->frozen_until_us = 0;
    (void)source_watch(&connection->source, EPOLLIN);
    return true;
}

int line_faults_write(struct line_faults *line, struct connection *connection, struct faults *faults,
                      const struct session *session, int64_t now_us)
{
    struct fault_subject subject = {.session = session->comp_id};
    const struct fault *fault = faults_fire(faults, FAULT_SLOW, &subject);
    if (fault == NULL && line->delay.count == 0 && line->delay.ready == 0)
        return connection_flush(connection);
    size_t waiting = connection_waiting(connection);
    int64_t delay_us = fault != NULL ? fault->spec.ms * INT64_C(1000) : 0;
    int error = connection_flush_some(connection, line_delay_admit(&line->delay, waiting, delay_us, now_us));
    line_delay_sent(&line->delay, waiting - connection_waiting(connection));
    return error;
}

bool line_faults_misnumber(struct faults *faults, struct session *session, int64_t now_us, uint64_t *ret_seq,
                           struct fix_body *ret_body)
{
    struct fault_subject subject = {.session = session->comp_id};
    const struct fault *fault = faults_fire(faults, FAULT_GAP, &subject);
    for (uint32_t i = 0; fault != NULL && i < fault->spec.number; i++)
        (void)session_take_out(session, now_us);
    fault = faults_fire(faults, FAULT_RESET, &subject);
    if (fault == NULL)
        return false;
    *ret_seq = session->next_out;
    session->next_out += fault->spec.number;
    fix_body_clear(ret_body);
    fix_put_char(ret_body, FIX_GAP_FILL_FLAG, 'N');
    fix_put_u64(ret_body, FIX_NEW_SEQ_NO, session->next_out);
    return true;
}
