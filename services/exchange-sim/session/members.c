/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/session/members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/exchange-sim/json_line.h"
#include "services/exchange-sim/records.h"

void members_release(struct members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        session_release(&members->items[i]->session);
        free(members->items[i]);
    }
}

static int add(struct members *members, const char *comp_id, struct member **ret_member)
{
    if (members->count == MEMBERS_MAX)
        return -ENOBUFS;
    struct member *member = calloc(1, sizeof(*member));
    if (member == NULL)
        return -ENOMEM;
    int error = session_init(&member->session, comp_id);
    if (error < 0) {
        free(member);
        return error;
    }
    member->index = (uint32_t)members->count;
    member->sealed_in = member->sealed_out = 1;
    members->items[members->count++] = member;
    *ret_member = member;
    return 0;
}

int members_find_or_add(struct members *members, struct fix_text comp_id, struct journal *journal,
                        struct member **ret_member)
{
    for (size_t i = 0; i < members->count; i++)
        if (fix_text_equals(comp_id, members->items[i]->session.comp_id)) {
            *ret_member = members->items[i];
            return 0;
        }
    struct record_session record = {.session = (uint32_t)members->count};
    if (comp_id.length >= sizeof(record.comp_id))
        return -EINVAL;
    memcpy(record.comp_id, comp_id.text, comp_id.length);
    int error = add(members, record.comp_id, ret_member);
    if (error == 0)
        (void)journal_put(journal, RECORD_SESSION, &record, sizeof(record), NULL, 0);
    return error;
}

static int load_session(struct members *members, const struct record_session *record)
{
    struct member *member = NULL;
    if (record->session != members->count || memchr(record->comp_id, '\0', sizeof(record->comp_id)) == NULL)
        return -EBADMSG;
    return add(members, record->comp_id, &member);
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

int members_load(struct members *members, const struct journal_entry *entry)
{
    if (entry->type < RECORD_SESSION || entry->type > RECORD_MESSAGE)
        return 1;
    if (!records_fit(entry->type, entry->length))
        return -EBADMSG;
    if (entry->type == RECORD_SESSION)
        return load_session(members, entry->bytes);
    /* All the others begin with the number of their session. */
    uint32_t session = *(const uint32_t *)entry->bytes;
    if (session >= members->count)
        return -EBADMSG;
    return load_member(members->items[session], entry);
}

void members_record_reset(struct member *member, struct journal *journal)
{
    struct record_reset record = {.session = member->index};
    (void)journal_put(journal, RECORD_RESET, &record, sizeof(record), NULL, 0);
    member->sealed_in = member->sealed_out = 1;
}

void members_seal(struct members *members, struct journal *journal)
{
    for (size_t i = 0; i < members->count; i++) {
        struct member *member = members->items[i];
        const struct session *session = &member->session;
        if (session->next_in == member->sealed_in && session->next_out == member->sealed_out)
            continue;
        struct record_sequence record = {
            .session = member->index, .next_in = session->next_in, .next_out = session->next_out};
        (void)journal_put(journal, RECORD_SEQUENCE, &record, sizeof(record), NULL, 0);
        member->sealed_in = session->next_in;
        member->sealed_out = session->next_out;
    }
}

void members_describe(const struct members *members, struct buffer *out)
{
    for (size_t i = 0; i < members->count; i++) {
        const struct member *member = members->items[i];
        json_line_text(out, "client", member->session.comp_id);
        json_line_bool(out, "logged_on", member->client != NULL);
        json_line_i64(out, "next_in", (int64_t)member->session.next_in);
        json_line_i64(out, "next_out", (int64_t)member->session.next_out);
        json_line_i64(out, "heartbeat_seconds", member->session.heartbeat_us / 1000000);
        json_line_end(out);
    }
}
