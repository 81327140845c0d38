/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the sessions' journal entries back, and showing the sessions: see acceptor.h. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/json_line.h"
#include "services/exchange-sim/records.h"
#include "services/exchange-sim/session/acceptor_state.h"

static int load_session(struct acceptor *acceptor, const struct record_session *record)
{
    struct member *member = NULL;
    if (record->session != acceptor->member_count ||
        memchr(record->comp_id, '\0', sizeof(record->comp_id)) == NULL)
        return -EBADMSG;
    return acceptor_add_member(acceptor, record->comp_id, &member);
}

/* What the entry says of a session that is known. */
static int load_member(struct member *member, const struct journal_entry *entry)
{
    struct session *session = &member->session;
    const struct record_sequence *sequence = entry->bytes;
    const struct record_message *message = entry->bytes;
    switch (entry->type) {
    case RECORD_SEQUENCE:
        session->next_in = member->sealed_in = sequence->next_in;
        session->next_out = member->sealed_out = sequence->next_out;
        return 0;
    case RECORD_RESET:
        session_reset_numbers(session);
        return 0;
    default:
        return message->seq != 0 ? session_stored(session, message->seq, entry->place) : -EBADMSG;
    }
}

int acceptor_load(struct acceptor *acceptor, const struct journal_entry *entry)
{
    static const size_t lengths[] = {
        [RECORD_SESSION] = sizeof(struct record_session),
        [RECORD_SEQUENCE] = sizeof(struct record_sequence),
        [RECORD_RESET] = sizeof(struct record_reset),
        [RECORD_MESSAGE] = sizeof(struct record_message),
    };
    if (entry->type >= ARRAY_LEN(lengths) || lengths[entry->type] == 0)
        return 1;
    /* A message's body follows its record. */
    if (entry->length < lengths[entry->type] ||
        (entry->type != RECORD_MESSAGE && entry->length > lengths[entry->type]))
        return -EBADMSG;
    if (entry->type == RECORD_SESSION)
        return load_session(acceptor, entry->bytes);
    /* All the others begin with the number of their session. */
    uint32_t session = *(const uint32_t *)entry->bytes;
    if (session >= acceptor->member_count)
        return -EBADMSG;
    return load_member(acceptor->members[session], entry);
}

void acceptor_describe(const struct acceptor *acceptor, struct buffer *out)
{
    for (size_t i = 0; i < acceptor->member_count; i++) {
        const struct member *member = acceptor->members[i];
        json_line_text(out, "client", member->session.comp_id);
        json_line_bool(out, "logged_on", member->client != NULL);
        json_line_i64(out, "next_in", (int64_t)member->session.next_in);
        json_line_i64(out, "next_out", (int64_t)member->session.next_out);
        json_line_i64(out, "heartbeat_seconds", member->session.heartbeat_us / 1000000);
        json_line_end(out);
    }
}
