/* SPDX-License-Identifier: Apache-2.0 */
/* Long: one session of FIX, message by message. */
#include "services/exchange-sim/session/session.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/exchange-sim/fix/message_rules.h"

/* The fields of administrative messages. */
static const struct message_rule admin_rules[] = {
    {FIX_BEGIN_SEQ_NO, FIX_KIND_NUMBER, "2", "2"},
    {FIX_END_SEQ_NO, FIX_KIND_NUMBER, "2", "2"},
    {FIX_NEW_SEQ_NO, FIX_KIND_NUMBER, "4", "4"},
    {FIX_REF_SEQ_NUM, FIX_KIND_NUMBER, "3", "3"},
    {FIX_TEXT, FIX_KIND_TEXT, "35", ""},
    {FIX_SIGNATURE, FIX_KIND_TEXT, "0A12345", ""},
    {FIX_SIGNATURE_LENGTH, FIX_KIND_NUMBER, "0A12345", ""},
    {FIX_RAW_DATA_LENGTH, FIX_KIND_NUMBER, "A", ""},
    {FIX_RAW_DATA, FIX_KIND_TEXT, "A", ""},
    {FIX_ENCRYPT_METHOD, FIX_KIND_TEXT, "A", ""},
    {FIX_HEART_BT_INT, FIX_KIND_TEXT, "A", ""},
    {FIX_TEST_REQ_ID, FIX_KIND_TEXT, "01", "1"},
    {FIX_GAP_FILL_FLAG, FIX_KIND_BOOL, "4", ""},
    {FIX_RESET_SEQ_NUM_FLAG, FIX_KIND_TEXT, "A", ""},
    {FIX_ENCODED_TEXT_LEN, FIX_KIND_NUMBER, "35", ""},
    {FIX_ENCODED_TEXT, FIX_KIND_TEXT, "35", ""},
    {FIX_REF_TAG_ID, FIX_KIND_NUMBER, "3", ""},
    {FIX_REF_MSG_TYPE, FIX_KIND_TEXT, "3A", "", .repeats = true},
    {FIX_SESSION_REJECT_REASON, FIX_KIND_NUMBER, "3", ""},
    {FIX_MAX_MESSAGE_SIZE, FIX_KIND_NUMBER, "A", ""},
    {FIX_NO_MSG_TYPES, FIX_KIND_NUMBER, "A", ""},
    {FIX_MSG_DIRECTION, FIX_KIND_TEXT, "A", "", .repeats = true},
    {FIX_TEST_MESSAGE_INDICATOR, FIX_KIND_BOOL, "A", ""},
    {FIX_USERNAME, FIX_KIND_TEXT, "A", ""},
    {FIX_PASSWORD, FIX_KIND_TEXT, "A", ""},
    {FIX_NEXT_EXPECTED_MSG_SEQ_NUM, FIX_KIND_NUMBER, "A", ""},
};

int session_init(struct session *session, const char *comp_id)
{
    size_t length = strlen(comp_id);
    if (length >= sizeof(session->comp_id))
        return -EINVAL;
    *session = (struct session){.next_in = 1, .next_out = 1};
    memcpy(session->comp_id, comp_id, length + 1);
    return 0;
}

static void drop_held(struct session *session, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        session->held_bytes -= session->held[i].length;
        free(session->held[i].bytes);
    }
    session->held_count -= count;
    if (session->held_count > 0)
        memmove(session->held, session->held + count, session->held_count * sizeof(*session->held));
}

void session_release(struct session *session)
{
    drop_held(session, session->held_count);
    free(session->held);
    free(session->stored);
    session->held = NULL;
    session->stored = NULL;
    session->stored_capacity = 0;
}

void session_reset_numbers(struct session *session)
{
    session->next_in = 1;
    session->next_out = 1;
    session->gap_end = 0;
    drop_held(session, session->held_count);
    if (session->stored_capacity > 0)
        memset(session->stored, 0, session->stored_capacity * sizeof(*session->stored));
}

uint64_t session_take_out(struct session *session, int64_t now_us)
{
    session->last_sent_us = now_us;
    return session->next_out++;
}

int session_stored(struct session *session, uint64_t seq, uint64_t place)
{
    assert(place != 0);
    if (seq >= session->stored_capacity) {
        size_t capacity = session->stored_capacity == 0 ? 1024 : session->stored_capacity;
        while (capacity <= seq)
            capacity *= 2;
        uint64_t *stored = realloc(session->stored, capacity * sizeof(*stored));
        if (stored == NULL)
            return -ENOMEM;
        memset(stored + session->stored_capacity, 0, (capacity - session->stored_capacity) * sizeof(*stored));
        session->stored = stored;
        session->stored_capacity = capacity;
    }
    session->stored[seq] = place;
    return 0;
}

static uint64_t place_of(const struct session *session, uint64_t seq)
{
    return seq < session->stored_capacity ? session->stored[seq] : 0;
}

bool session_resend_next(const struct session *session, uint64_t from, uint64_t to,
                         struct session_resend *ret_step)
{
    if (from > to)
        return false;
    uint64_t place = place_of(session, from);
    uint64_t end = from + 1;
    while (place == 0 && end <= to && place_of(session, end) == 0)
        end++;
    *ret_step = (struct session_resend){.begin = from, .end = end, .place = place};
    return true;
}

static struct session_action *add_action(struct session_actions *actions, enum session_action_type type)
{
    assert(actions->count < SESSION_ACTIONS_MAX);
    struct session_action *action = &actions->items[actions->count++];
    action->type = type;
    action->message_type = '\0';
    action->begin = action->end = 0;
    action->text[0] = '\0';
    fix_body_clear(&action->body);
    return action;
}

static struct session_action *add_send(struct session_actions *actions, char message_type)
{
    struct session_action *action = add_action(actions, SESSION_SEND);
    action->message_type = message_type;
    return action;
}

static void add_disconnect(struct session_actions *actions, const char *text)
{
    struct session_action *action = add_action(actions, SESSION_DISCONNECT);
    (void)snprintf(action->text, sizeof(action->text), "%s", text);
}

/* Logout with a reason, then the end: the answer is not awaited, the other side is at fault. */
__attribute__((format(printf, 2, 3))) static void refuse(struct session_actions *actions, const char *format,
                                                         ...)
{
    char text[SESSION_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fix_put_string(&add_send(actions, '5')->body, FIX_TEXT, text);
    add_disconnect(actions, text);
}

static void reject(struct session_actions *actions, const struct fix_message *message, struct fix_fault fault)
{
    fix_build_reject(message, &fault, &add_send(actions, '3')->body);
}

/* The number of a message that is refused counts as received when it was the next. */
static void use_up(struct session *session, const struct fix_message *message)
{
    session->next_in += message->seq == session->next_in;
}

/* What the message is worth as a whole. What a Logon asks for is judged apart, and answered by a Logout; the
 * application judges its own messages. */
static struct fix_fault judge(const struct fix_message *message, const struct fix_fault *parsed)
{
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    if (parsed->kind != FIX_VALID || type == '\0' || strchr("0A12345", type) == NULL)
        return *parsed;
    return message_rules_read(message, type, admin_rules, ARRAY_LEN(admin_rules), true, NULL);
}

/* Keeps a message that came too early. A full store is no error: the gap is asked for again when the next
 * number is missed. */
static int hold(struct session *session, uint64_t seq, const char *bytes, size_t length)
{
    size_t at = session->held_count;
    while (at > 0 && session->held[at - 1].seq > seq)
        at--;
    if (at > 0 && session->held[at - 1].seq == seq)
        return 0;
    if (session->held_count == SESSION_HELD_MAX || session->held_bytes + length > SESSION_HELD_BYTES_MAX)
        return 0;
    if (session->held == NULL) {
        session->held = calloc(SESSION_HELD_MAX, sizeof(*session->held));
        if (session->held == NULL)
            return -ENOMEM;
    }
    char *copy = NULL;
    if (length > 0) {
        copy = malloc(length);
        if (copy == NULL)
            return -ENOMEM;
        memcpy(copy, bytes, length);
    }
    memmove(session->held + at + 1, session->held + at, (session->held_count - at) * sizeof(*session->held));
    session->held[at] = (struct session_held){.seq = seq, .length = (uint32_t)length, .bytes = copy};
    session->held_count++;
    session->held_bytes += length;
    return 0;
}

bool session_next_held(struct session *session, char **ret_bytes, size_t *ret_length)
{
    size_t past = 0;
    bool found = false;
    while (!found && past < session->held_count && session->held[past].seq <= session->next_in) {
        struct session_held *held = &session->held[past++];
        if (held->seq < session->next_in)
            continue;
        if (held->length == 0) {
            session->next_in++;
            continue;
        }
        *ret_bytes = held->bytes;
        *ret_length = held->length;
        held->bytes = NULL;
        found = true;
    }
    if (past > 0)
        drop_held(session, past);
    if (session->gap_end != 0 && session->next_in > session->gap_end)
        session->gap_end = 0;
    return found;
}

/* Asks for what is missing before `seq`, once per gap. */
static void ask_for_gap(struct session *session, uint64_t seq, int64_t now_us,
                        struct session_actions *actions)
{
    if (session->gap_end >= session->next_in && now_us - session->gap_asked_us < SESSION_GAP_RETRY_US)
        return;
    uint64_t end = session->held_count > 0 && session->held[0].seq < seq ? session->held[0].seq - 1 : seq - 1;
    struct fix_body *body = &add_send(actions, '2')->body;
    fix_put_u64(body, FIX_BEGIN_SEQ_NO, session->next_in);
    fix_put_u64(body, FIX_END_SEQ_NO, end);
    session->gap_end = end;
    session->gap_asked_us = now_us;
}

/* Of a field that judge has found to be there and a number. */
static uint64_t number_of(const struct fix_message *message, uint32_t tag)
{
    const struct fix_field *field = fix_find(message, tag);
    uint64_t number = 0;
    assert(field != NULL);
    int error = fix_value_u64(field->value, field->length, &number);
    assert(error == 0);
    return number;
}

static bool has_flag(const struct fix_message *message, uint32_t tag)
{
    const struct fix_field *field = fix_find(message, tag);
    return field != NULL && field->length == 1 && field->value[0] == 'Y';
}

struct logon_fields {
    uint64_t heartbeat_s;
    bool reset;
};

static bool read_logon(const struct fix_message *message, struct session_actions *actions,
                       struct logon_fields *ret_fields)
{
    const struct fix_field *encrypt = fix_find(message, FIX_ENCRYPT_METHOD);
    const struct fix_field *heartbeat = fix_find(message, FIX_HEART_BT_INT);
    const struct fix_field *reset = fix_find(message, FIX_RESET_SEQ_NUM_FLAG);
    struct logon_fields fields = {0};
    if (encrypt == NULL || encrypt->length != 1 || encrypt->value[0] != '0') {
        refuse(actions, "EncryptMethod(98) must be 0");
        return false;
    }
    if (heartbeat == NULL || fix_value_u64(heartbeat->value, heartbeat->length, &fields.heartbeat_s) < 0 ||
        fields.heartbeat_s > SESSION_HEARTBEAT_MAX) {
        refuse(actions, "HeartBtInt(108) must be 0 to %d", SESSION_HEARTBEAT_MAX);
        return false;
    }
    if (reset != NULL && fix_value_bool(reset->value, reset->length, &fields.reset) < 0) {
        refuse(actions, "ResetSeqNumFlag(141) must be Y or N");
        return false;
    }
    *ret_fields = fields;
    return true;
}

static void answer_logon(const struct logon_fields *fields, struct session_actions *actions)
{
    struct fix_body *body = &add_send(actions, 'A')->body;
    fix_put_char(body, FIX_ENCRYPT_METHOD, '0');
    fix_put_u64(body, FIX_HEART_BT_INT, fields->heartbeat_s);
    if (fields->reset)
        fix_put_char(body, FIX_RESET_SEQ_NUM_FLAG, 'Y');
}

/* The session begins, and the Logon is answered. */
static void begin(struct session *session, const struct logon_fields *fields, int64_t now_us,
                  struct session_actions *actions)
{
    if (fields->reset) {
        add_action(actions, SESSION_RESET);
        session_reset_numbers(session);
    }
    session->state = SESSION_LOGGED_ON;
    session->heartbeat_us = (int64_t)fields->heartbeat_s * 1000000;
    session->last_received_us = now_us;
    session->test_request_open = false;
    session->begins_anew = false;
    session->gap_end = 0;
    answer_logon(fields, actions);
}

int session_logon(struct session *session, const struct fix_message *message, const struct fix_fault *fault,
                  int64_t now_us, struct session_actions *ret_actions)
{
    assert(session->state == SESSION_DISCONNECTED);
    struct session_actions *actions = ret_actions;
    actions->count = 0;
    struct logon_fields fields;
    struct fix_fault verdict = judge(message, fault);
    if (verdict.kind != FIX_VALID || message->seq == 0) {
        refuse(actions, "Logon refused: %s (tag %u)", verdict.text != NULL ? verdict.text : "no MsgSeqNum",
               verdict.tag);
        return 0;
    }
    if (!read_logon(message, actions, &fields))
        return 0;
    if (fields.reset && message->seq != 1) {
        refuse(actions, "MsgSeqNum must be 1 with ResetSeqNumFlag");
        return 0;
    }
    if (!fields.reset && message->seq < session->next_in) {
        refuse(actions, "MsgSeqNum too low, expecting %" PRIu64 " but received %" PRIu64, session->next_in,
               message->seq);
        return 0;
    }
    begin(session, &fields, now_us, actions);
    if (message->seq == session->next_in) {
        session->next_in++;
        return 0;
    }
    ask_for_gap(session, message->seq, now_us, actions);
    return hold(session, message->seq, NULL, 0);
}

void session_logon_anew(struct session *session, const struct fix_message *message, int64_t now_us,
                        struct session_actions *ret_actions)
{
    assert(session->state == SESSION_DISCONNECTED);
    struct logon_fields fields;
    ret_actions->count = 0;
    if (!read_logon(message, ret_actions, &fields))
        return;
    fields.reset = true;
    begin(session, &fields, now_us, ret_actions);
    session->begins_anew = true;
}

/* SequenceReset: with GapFillFlag it fills a gap (and is numbered), without it the next number is what it
 * says. */
static void receive_sequence_reset(struct session *session, const struct fix_message *message, bool gap_fill,
                                   struct session_actions *actions)
{
    uint64_t new_seq = number_of(message, FIX_NEW_SEQ_NO);
    if (new_seq < session->next_in + (gap_fill ? 1 : 0)) {
        session->next_in += gap_fill;
        reject(actions, message, fix_faulty(FIX_REASON_VALUE_INCORRECT, FIX_NEW_SEQ_NO));
        return;
    }
    session->next_in = new_seq;
}

static void receive_resend_request(const struct session *session, const struct fix_message *message,
                                   struct session_actions *actions)
{
    uint64_t begin = number_of(message, FIX_BEGIN_SEQ_NO), end = number_of(message, FIX_END_SEQ_NO);
    uint64_t last = session->next_out - 1;
    if (end == 0 || end > last)
        end = last;
    if (begin == 0 || begin > end) {
        reject(actions, message, fix_faulty(FIX_REASON_VALUE_INCORRECT, FIX_BEGIN_SEQ_NO));
        return;
    }
    struct session_action *action = add_action(actions, SESSION_RESEND);
    action->begin = begin;
    action->end = end;
}

static void receive_logout(struct session *session, struct session_actions *actions)
{
    if (session->state != SESSION_LOGGING_OUT)
        add_send(actions, '5');
    add_disconnect(actions, "logout");
}

static void receive_logon_again(struct session *session, const struct fix_message *message,
                                struct session_actions *actions)
{
    struct logon_fields fields;
    if (!read_logon(message, actions, &fields))
        return;
    session->heartbeat_us = (int64_t)fields.heartbeat_s * 1000000;
    answer_logon(&fields, actions);
}

/* A message whose number is the next one; the number is used up whatever it says. */
static void receive_in_order(struct session *session, const struct fix_message *message,
                             const struct fix_fault *fault, struct session_actions *actions)
{
    if (fault->kind == FIX_FAULTY) {
        session->next_in++;
        reject(actions, message, *fault);
        return;
    }
    char type = message->type.length == 1 ? message->type.text[0] : '\0';
    if (type == '4') {
        receive_sequence_reset(session, message, true, actions);
        return;
    }
    session->next_in++;
    switch (type) {
    case '0':
    case '3':
        return;
    case '1': {
        const struct fix_field *id = fix_find(message, FIX_TEST_REQ_ID);
        fix_put_text(&add_send(actions, '0')->body, FIX_TEST_REQ_ID, id->value, id->length);
        return;
    }
    case '2':
        receive_resend_request(session, message, actions);
        return;
    case '5':
        receive_logout(session, actions);
        return;
    case 'A':
        receive_logon_again(session, message, actions);
        return;
    default:
        add_action(actions, SESSION_DELIVER);
    }
}

static int receive_too_high(struct session *session, const struct fix_message *message,
                            const struct fix_fault *fault, int64_t now_us, struct session_actions *actions)
{
    bool sound = fault->kind == FIX_VALID;
    if (sound && fix_text_equals(message->type, "5")) {
        receive_logout(session, actions);
        return 0;
    }
    /* Answered at once, for both sides may be asking each other. */
    bool answered = sound && fix_text_equals(message->type, "2");
    if (answered)
        receive_resend_request(session, message, actions);
    ask_for_gap(session, message->seq, now_us, actions);
    return hold(session, message->seq, message->bytes.text, answered ? 0 : message->bytes.length);
}

/* A SequenceReset in reset mode: GapFillFlag is N, or absent. It goes by no number. */
static bool is_reset(const struct fix_message *message)
{
    const struct fix_field *gap_fill = fix_find(message, FIX_GAP_FILL_FLAG);
    return fix_text_equals(message->type, "4") &&
           (gap_fill == NULL || (gap_fill->length == 1 && gap_fill->value[0] == 'N'));
}

static bool is_logon_with_reset(const struct fix_message *message)
{
    return fix_text_equals(message->type, "A") && message->seq == 1 &&
           has_flag(message, FIX_RESET_SEQ_NUM_FLAG);
}

/* Within a session. It goes by no number either. */
static void receive_logon_with_reset(struct session *session, const struct fix_message *message,
                                     struct session_actions *actions)
{
    struct logon_fields fields;
    if (!read_logon(message, actions, &fields))
        return;
    if (session->begins_anew) {
        session->begins_anew = false;
        session->next_in = 2;
        return;
    }
    add_action(actions, SESSION_RESET);
    session_reset_numbers(session);
    session->next_in = 2;
    session->heartbeat_us = (int64_t)fields.heartbeat_s * 1000000;
    answer_logon(&fields, actions);
}

static bool comp_ids_hold(const struct session *session, const char *own_comp_id,
                          const struct fix_message *message)
{
    return (message->sender.length == 0 || fix_text_equals(message->sender, session->comp_id)) &&
           (message->target.length == 0 || fix_text_equals(message->target, own_comp_id));
}

/* What ends the session, whatever number the message has. Returns whether it was so. */
static bool ends_session(struct session *session, const char *own_comp_id, const struct fix_message *message,
                         const struct fix_fault *fault, struct session_actions *actions)
{
    if (fault->kind == FIX_BAD_VERSION) {
        refuse(actions, "Incorrect BeginString");
        return true;
    }
    if (message->seq == 0 && (fault->tag == FIX_MSG_SEQ_NUM || !is_reset(message))) {
        refuse(actions, "MsgSeqNum(34) missing or not a number");
        return true;
    }
    struct fix_fault why = *fault;
    if (!comp_ids_hold(session, own_comp_id, message))
        why = fix_faulty(FIX_REASON_COMP_ID, 0);
    else if (fault->kind != FIX_FAULTY || fault->reason != FIX_REASON_SENDING_TIME)
        return false;
    use_up(session, message);
    reject(actions, message, why);
    refuse(actions, "%s", why.text);
    return true;
}

static void receive_too_low(const struct session *session, const struct fix_message *message,
                            const struct fix_fault *fault, struct session_actions *actions)
{
    if (!message->poss_dup)
        refuse(actions, "MsgSeqNum too low, expecting %" PRIu64 " but received %" PRIu64, session->next_in,
               message->seq);
    else if (fault->kind == FIX_FAULTY && fault->tag == FIX_ORIG_SENDING_TIME)
        reject(actions, message, *fault);
}

int session_receive(struct session *session, const char *own_comp_id, const struct fix_message *message,
                    const struct fix_fault *parsed, int64_t now_us, struct session_actions *ret_actions)
{
    assert(session->state != SESSION_DISCONNECTED);
    struct session_actions *actions = ret_actions;
    struct fix_fault fault = judge(message, parsed);
    actions->count = 0;
    if (fault.kind == FIX_GARBLED)
        return 0;
    session->last_received_us = now_us;
    session->test_request_open = false;
    if (ends_session(session, own_comp_id, message, &fault, actions))
        return 0;
    if (is_reset(message)) {
        if (fault.kind == FIX_FAULTY)
            reject(actions, message, fault);
        else
            receive_sequence_reset(session, message, false, actions);
    } else if (fault.kind == FIX_VALID && is_logon_with_reset(message)) {
        receive_logon_with_reset(session, message, actions);
    } else if (message->seq > session->next_in) {
        return receive_too_high(session, message, &fault, now_us, actions);
    } else if (message->seq < session->next_in) {
        receive_too_low(session, message, &fault, actions);
    } else {
        receive_in_order(session, message, &fault, actions);
    }
    return 0;
}

void session_tick(struct session *session, int64_t now_us, struct session_actions *ret_actions)
{
    ret_actions->count = 0;
    if (session->state == SESSION_DISCONNECTED || session->heartbeat_us == 0)
        return;
    int64_t silent_us = now_us - session->last_received_us;
    if (silent_us >= 2 * session->heartbeat_us) {
        add_disconnect(ret_actions, "heartbeat timeout");
        return;
    }
    if (!session->test_request_open && silent_us >= session->heartbeat_us + session->heartbeat_us / 5) {
        session->test_request_open = true;
        fix_put_string(&add_send(ret_actions, '1')->body, FIX_TEST_REQ_ID, "ALIVE");
    }
    if (now_us - session->last_sent_us >= session->heartbeat_us)
        add_send(ret_actions, '0');
}

void session_logout(struct session *session, const char *text, int64_t now_us,
                    struct session_actions *ret_actions)
{
    ret_actions->count = 0;
    if (session->state != SESSION_LOGGED_ON)
        return;
    session->state = SESSION_LOGGING_OUT;
    session->last_sent_us = now_us;
    fix_put_string(&add_send(ret_actions, '5')->body, FIX_TEXT, text);
}

void session_disconnect(struct session *session)
{
    session->state = SESSION_DISCONNECTED;
    session->test_request_open = false;
    session->gap_end = 0;
    /* The client numbers on from its own store: what was held is asked for again. */
    drop_held(session, session->held_count);
}

bool session_dead(const struct session *session, int64_t now_us)
{
    return session->heartbeat_us > 0 && now_us - session->last_received_us >= 2 * session->heartbeat_us;
}
