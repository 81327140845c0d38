/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the sessions' journal entries back, and showing the sessions: see acceptor.h. */
#include <errno.h>
#include <string.h>

#include "services/exchange-sim/records.h"
#include "services/exchange-sim/session/acceptor_state.h"

static struct member *member_at(struct acceptor *acceptor, uint32_t session)
{
    return session < acceptor->member_count ? acceptor->members[session] : NULL;
}

static int load_session(struct acceptor *acceptor, const struct record_session *record)
{
    struct member *member = NULL;
    if (record->session != acceptor->member_count ||
        memchr(record->comp_id, '\0', sizeof(record->comp_id)) == NULL)
        return -EBADMSG;
    return acceptor_add_member(acceptor, record->comp_id, &member);
}

static int load_sequence(struct acceptor *acceptor, const struct record_sequence *record)
{
    struct member *member = member_at(acceptor, record->session);
    if (member == NULL)
        return -EBADMSG;
    member->session.next_in = member->sealed_in = record->next_in;
    member->session.next_out = member->sealed_out = record->next_out;
    return 0;
}

static int load_reset(struct acceptor *acceptor, const struct record_reset *record)
{
    struct member *member = member_at(acceptor, record->session);
    if (member == NULL)
        return -EBADMSG;
    session_reset_numbers(&member->session);
    return 0;
}

static int load_message(struct acceptor *acceptor, const struct journal_entry *entry)
{
    const struct record_message *record = entry->bytes;
    struct member *member = member_at(acceptor, record->session);
    if (member == NULL || record->seq == 0)
        return -EBADMSG;
    return session_stored(&member->session, record->seq, entry->place);
}

int acceptor_load(struct acceptor *acceptor, const struct journal_entry *entry)
{
    switch (entry->type) {
    case RECORD_SESSION:
        return entry->length == sizeof(struct record_session) ? load_session(acceptor, entry->bytes)
                                                              : -EBADMSG;
    case RECORD_SEQUENCE:
        return entry->length == sizeof(struct record_sequence) ? load_sequence(acceptor, entry->bytes)
                                                               : -EBADMSG;
    case RECORD_RESET:
        return entry->length == sizeof(struct record_reset) ? load_reset(acceptor, entry->bytes) : -EBADMSG;
    case RECORD_MESSAGE:
        return entry->length >= sizeof(struct record_message) ? load_message(acceptor, entry) : -EBADMSG;
    default:
        return 1;
    }
}

void acceptor_describe(const struct acceptor *acceptor, struct buffer *out)
{
    for (size_t i = 0; i < acceptor->member_count; i++) {
        const struct member *member = acceptor->members[i];
        buffer_append_text(out, "{\"client\":");
        buffer_append_json_text(out, member->session.comp_id, strlen(member->session.comp_id));
        buffer_append_text(out, member->client != NULL ? ",\"logged_on\":true" : ",\"logged_on\":false");
        buffer_append_text(out, ",\"next_in\":");
        buffer_append_i64(out, (int64_t)member->session.next_in);
        buffer_append_text(out, ",\"next_out\":");
        buffer_append_i64(out, (int64_t)member->session.next_out);
        buffer_append_text(out, ",\"heartbeat_seconds\":");
        buffer_append_i64(out, member->session.heartbeat_us / 1000000);
        buffer_append_text(out, "}\n");
    }
}
