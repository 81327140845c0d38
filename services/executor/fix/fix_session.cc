/* SPDX-License-Identifier: Apache-2.0 */
/* The lane as QuickFIX's session sees it, and the messages to the exchange. */
#include "services/executor/fix/fix_lane.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace oxe
{

namespace
{

const char logout_text[] = "logout by the exchange: "; /* goes on with the Text(58) of its Logout */

/* By the numbers of the enums, which are permanent. */
const char order_types[] = {'\0', FIX_TYPE_MARKET, FIX_TYPE_LIMIT, FIX_TYPE_STOP};
const char times_in_force[] = {'\0', FIX_TIF_DAY, FIX_TIF_GTC, FIX_TIF_IOC, FIX_TIF_FOK};
const char request_types[] = {'\0', FIX_MSG_NEW_ORDER_SINGLE, FIX_MSG_ORDER_CANCEL_REQUEST,
                              FIX_MSG_ORDER_CANCEL_REPLACE_REQUEST, FIX_MSG_ORDER_STATUS_REQUEST};
static_assert(sizeof order_types == ORDER_TYPE_STOP + 1 && sizeof times_in_force == TIME_IN_FORCE_FOK + 1 &&
                  sizeof request_types == VENUE_FIX_QUERY + 1,
              "each has its character");

std::string text_of(struct uuid id)
{
    char text[UUID_TEXT_MAX];

    uuid_format(id, text);
    return text;
}

std::string text_of(struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    (void)decimal_format(value, text);
    return text;
}

std::string text_of(fix_frame_span span)
{
    return std::string(span.text, span.length);
}

std::string text_of(const FIX::FieldMap &map, enum fix_tag tag)
{
    return map.isSetField(tag) ? map.getField(tag) : std::string();
}

char type_of(const FIX::Message &message)
{
    const std::string &type = message.getHeader().getField(FIX_MSG_TYPE);

    return fix_frame_code({type.data(), type.size()});
}

void put(FIX::FieldMap &map, enum fix_tag tag, const std::string &value)
{
    map.setField(tag, value);
}

void put(FIX::FieldMap &map, enum fix_tag tag, int code)
{
    map.setField(tag, std::string(1, static_cast<char>(code)));
}

/* What NewOrderSingle and OrderCancelReplaceRequest share. */
void put_terms(FIX::Message &message, const struct venue_order &order)
{
    put(message, FIX_HANDL_INST, FIX_HANDL_INST_AUTOMATED); /* no intervention by the broker's people */
    put(message, FIX_ORD_TYPE, order_types[order.order_type]);
    put(message, FIX_TIME_IN_FORCE, times_in_force[order.time_in_force]);
    if (order.order_type == ORDER_TYPE_LIMIT)
        put(message, FIX_PRICE, text_of(order.price));
    else if (order.order_type == ORDER_TYPE_STOP)
        put(message, FIX_STOP_PX, text_of(order.price));
}

/* `id` is the request's own ClOrdID. */
FIX::Message order_message(enum venue_fix_request request, const struct venue_order &order, struct uuid id,
                           struct decimal quantity)
{
    FIX::Message message;
    char now[FIX_TEXT_TIME_MAX];

    put(message.getHeader(), FIX_MSG_TYPE, request_types[request]);
    put(message, FIX_CL_ORD_ID, text_of(id));
    put(message, FIX_SYMBOL, order.symbol);
    put(message, FIX_SIDE, order.side == SIDE_BUY ? FIX_SIDE_BUY : FIX_SIDE_SELL);
    if (request == VENUE_FIX_QUERY)
        return message;
    if (request != VENUE_FIX_SUBMIT)
        put(message, FIX_ORIG_CL_ORD_ID, text_of(order.order_id));
    put(message, FIX_ORDER_QTY, text_of(quantity));
    fix_text_format_time(clock_now(), now);
    put(message, FIX_TRANSACT_TIME, now);
    if (request != VENUE_FIX_CANCEL)
        put_terms(message, order);
    if (request == VENUE_FIX_SUBMIT && order.possible_resend)
        put(message.getHeader(), FIX_POSS_RESEND, FIX_FLAG_YES);
    return message;
}

bool is_administrative(char type)
{
    static const char types[] = {FIX_MSG_HEARTBEAT, FIX_MSG_TEST_REQUEST,   FIX_MSG_RESEND_REQUEST,
                                 FIX_MSG_REJECT,    FIX_MSG_SEQUENCE_RESET, FIX_MSG_LOGOUT,
                                 FIX_MSG_LOGON};

    return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

} /* namespace */

/* The session never parses bytes: its own parser knows no data field without a dictionary, and takes what
 * follows a SOH inside one for fields of the message. It is given the fields that fix_frame_next finds; the
 * first of a tag counts. Of an application message it sees the header alone. It needs no more for its part,
 * and so can neither refuse a report for a field that it does not know nor stumble over repeating groups;
 * the whole message travels in RawData and comes back in its turn. */
void Lane::pass_on(const fix_frame_message &from, bool with_body)
{
    static const enum fix_tag copied[] = {
        FIX_BEGIN_STRING,   FIX_BODY_LENGTH,  FIX_MSG_SEQ_NUM,    FIX_MSG_TYPE,    FIX_POSS_DUP_FLAG,
        FIX_SENDER_COMP_ID, FIX_SENDING_TIME, FIX_TARGET_COMP_ID, FIX_POSS_RESEND, FIX_ORIG_SENDING_TIME};

    enter([&] {
        FIX::Message message;
        fix_frame_field field;
        const char *cursor = from.bytes, *const end = cursor + from.length;

        for (const enum fix_tag tag : copied)
            if (from.field[tag].length > 0)
                put(message.getHeader(), tag, text_of(from.field[tag]));
        if (!with_body)
            put(message, FIX_RAW_DATA, text_of({from.bytes, from.length}));
        while (with_body && fix_frame_next(&cursor, end, &field)) {
            if (field.value.length > 0 && !message.isSetField(field.tag) &&
                !FIX::Message::isHeaderField(field.tag) && !FIX::Message::isTrailerField(field.tag))
                message.setField(field.tag, text_of(field.value));
        }
        session_->next(message, FIX::UtcTimeStamp());
    });
}

/* The peer has used this number before: it has lost its count, and perhaps more. QuickFIX would refuse every
 * logon until the number is reached again. Instead all that the peer has is asked for, from 1 on: executions
 * that came before count once all the same. */
void Lane::begin_anew(uint64_t logon_seq)
{
    tell(VENUE_BEGAN_ANEW, 0,
         "the exchange logs on with number " + std::to_string(logon_seq) + " where " +
             std::to_string(in_next()) + " was expected");
    if (!refused_)
        MemoryStore::setNextTargetMsgSeqNum(1);
}

/* Gives one message to the session, which puts it into sequence. QuickFIX 1.15.1 counts a Logout and
 * a Reject as received even when their numbers are not the next: a message missing before them would
 * be lost. */
void Lane::deliver(const char *bytes, size_t length)
{
    fix_frame_message message;

    if (fix_frame_read(bytes, length, &message) < 0)
        return give_up("message without a proper header");
    numbers_.in_expected = in_next();
    numbers_.in_received = message.seq;
    if (!is_administrative(message.code)) {
        pass_on(message, false);
    } else if (message.code != FIX_MSG_REJECT || message.seq <= in_next()) {
        current_ = &message;
        hold_target_ = message.code == FIX_MSG_LOGOUT && message.seq != in_next();
        const bool is_logon = message.code == FIX_MSG_LOGON;
        allow_reset_ = is_logon && fix_frame_flag(&message, FIX_RESET_SEQ_NUM_FLAG);
        if (is_logon && !allow_reset_ && !fix_frame_flag(&message, FIX_POSS_DUP_FLAG) &&
            !session_->receivedLogon() && message.seq < in_next())
            begin_anew(message.seq);
        if (!refused_)
            pass_on(message, true);
    }
    if (refused_)
        give_up("no memory for the exchange's messages");
    current_ = nullptr;
    refused_ = hold_target_ = allow_reset_ = false;
}

void Lane::push(void *context, const struct venue_event *event)
{
    Lane *const lane = static_cast<Lane *>(context);

    if (venue_fix_queue_push(lane->shared_.queue, event) != 0)
        lane->hold_target_ = lane->refused_ = true;
}

/* An application message or a Reject(3), in sequence, whole, header checked. One that cannot be taken does
 * not count as received, and the line is ended so that the peer repeats it. */
void Lane::hand_over(const fix_frame_message &message)
{
    const venue_fix_reference reference = reference_of(message);

    if (!muted_)
        (void)venue_fix_map(number_, &message, &reference, clock_now(), push, this);
}

void Lane::tell(enum venue_event_type type, uint64_t in_seq, const std::string &text)
{
    struct venue_event event = venue_event();

    if (muted_)
        return;
    event.type = type;
    event.lane = number_;
    event.in_seq = in_seq;
    event.transact_time = clock_now();
    event.numbers = numbers_;
    if (numbers_.in_received == 0)
        event.numbers.in_expected = in_next();
    if (!by_logout_)
        event.numbers.out_next = out_next();
    else if (type == VENUE_DOWN)
        event.logout_at = sizeof logout_text - 1;
    fix_text_copy({text.c_str(), std::strlen(text.c_str())}, event.text, sizeof event.text);
    push(this, &event);
}

/* What the message that is refused was about. */
venue_fix_reference Lane::reference_of(const fix_frame_message &message) const
{
    uint64_t seq;

    if ((message.code != FIX_MSG_REJECT && message.code != FIX_MSG_BUSINESS_MESSAGE_REJECT) ||
        fix_frame_number(message.field[FIX_REF_SEQ_NUM], &seq) < 0)
        return venue_fix_reference();
    const Sent &sent = sent_[seq % sent_.size()];
    return sent.seq == seq ? sent.reference : venue_fix_reference();
}

/* FIX::Application */
void Lane::onLogon(const FIX::SessionID &) noexcept
{
    test_pending_ = true;
    request_test();
}

void Lane::onLogout(const FIX::SessionID &) noexcept
{
    if (ready_)
        attempted_ = false; /* a line that worked is dialled again at once */
    ready_ = test_pending_ = false;
    tell(VENUE_DOWN, 0, reason_.empty() ? log_.last : reason_);
}

/* A Reject or BusinessMessageReject of ours means that the exchange said something we made nothing of. */
void Lane::toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept
{
    if (type_of(message) == FIX_MSG_REJECT)
        tell(VENUE_UNEXPECTED, 0, text_of(message, FIX_TEXT));
}

void Lane::toApp(FIX::Message &message, const FIX::SessionID &) noexcept
{
    if (type_of(message) == FIX_MSG_BUSINESS_MESSAGE_REJECT)
        tell(VENUE_UNEXPECTED, 0, text_of(message, FIX_TEXT));
}

void Lane::fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string number = text_of(message, FIX_NEW_SEQ_NO);
    uint64_t next = 0; /* where it names none */

    (void)fix_frame_number({number.data(), number.size()}, &next);
    switch (type_of(message)) {
    case FIX_MSG_HEARTBEAT:
        return on_heartbeat(message);
    case FIX_MSG_RESEND_REQUEST:
        test_again_ = true;
        return;
    case FIX_MSG_REJECT:
        return hand_over(*current_);
    case FIX_MSG_SEQUENCE_RESET:
        if (text_of(message, FIX_GAP_FILL_FLAG) != "Y" && next > in_next())
            tell(VENUE_SEQUENCE_RESET, next - 1, "SequenceReset");
        return;
    case FIX_MSG_LOGOUT:
        return on_logout(text_of(message, FIX_TEXT));
    default:
        if (allow_reset_)
            tell(VENUE_SEQUENCE_RESET, in_next() - 1, "Logon with ResetSeqNumFlag");
    }
}

void Lane::fromApp(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string &bytes = message.getField(FIX_RAW_DATA);
    fix_frame_message whole;
    const int r = fix_frame_read(bytes.data(), bytes.size(), &whole);

    assert(r == 0); /* as when it came */
    hand_over(whole);
}

/* Engines say which number they expect when ours is too low (a restored backup, say), each in its own words:
 * "too low, expecting 5 but received 4", "Expected 5 but was 4". Going on from there is safe: what lies
 * between is filled as a gap. */
void Lane::on_logout(const std::string &text)
{
    const char *const expect = strcasestr(text.c_str(), "expect");
    const char *const digits = expect ? std::strpbrk(expect, "0123456789") : nullptr;
    uint64_t expected;

    reason_ = logout_text + text;
    by_logout_ = true;
    numbers_.out_next = out_next();
    if (!digits || fix_frame_number({digits, std::strspn(digits, "0123456789")}, &expected) < 0)
        return;
    numbers_.out_expected = expected;
    if (expected > out_next() && expected <= FIX_FRAME_SEQ_MAX)
        setNextSenderMsgSeqNum(static_cast<int>(expected));
}

/* In sequence: everything before it has been received, and the exchange has taken everything before the
 * request. */
void Lane::on_heartbeat(const FIX::Message &heartbeat)
{
    if (!test_pending_ || text_of(heartbeat, FIX_TEST_REQ_ID) != test_id_)
        return;
    test_pending_ = false;
    ready_ = true;
    tell(VENUE_READY, in_next(), "");
    request_prices(true);
}

void Lane::request_test()
{
    test_again_ = false;
    test_sent_ms_ = now_ms();
    test_id_ = "OXE-" + std::to_string(++test_count_);
    enter([this] {
        FIX::Message request;

        put(request.getHeader(), FIX_MSG_TYPE, FIX_MSG_TEST_REQUEST);
        put(request, FIX_TEST_REQ_ID, test_id_);
        session_->send(request);
    });
}

/* MarketDataRequest for trades: begins or ends the subscription. Each symbol has a request of its own,
 * because an exchange refuses a request as a whole when it does not list one of its symbols. */
void Lane::request_prices(bool begin)
{
    if (symbols_.empty() || (!begin && price_request_.empty()))
        return;
    if (begin)
        price_request_ = "PRICES-" + std::to_string(number_) + "-" + std::to_string(++price_request_count_);
    for (size_t i = 0; i < symbols_.size(); i++)
        request_price(price_request_ + "-" + std::to_string(i), symbols_[i], begin);
    if (!begin)
        price_request_.clear();
}

void Lane::request_price(const std::string &request_id, const std::string &symbol, bool begin)
{
    enter([&] {
        FIX::Message request;
        FIX::Group types(FIX_NO_MD_ENTRY_TYPES, FIX_MD_ENTRY_TYPE), related(FIX_NO_RELATED_SYM, FIX_SYMBOL);

        put(request.getHeader(), FIX_MSG_TYPE, FIX_MSG_MARKET_DATA_REQUEST);
        put(request, FIX_MD_REQ_ID, request_id);
        put(request, FIX_SUBSCRIPTION_REQUEST_TYPE, begin ? FIX_SUBSCRIPTION_BEGIN : FIX_SUBSCRIPTION_END);
        put(request, FIX_MARKET_DEPTH, FIX_DEPTH_TOP);
        put(request, FIX_MD_UPDATE_TYPE, FIX_UPDATE_INCREMENTAL);
        put(types, FIX_MD_ENTRY_TYPE, FIX_ENTRY_TRADE);
        request.addGroup(types);
        put(related, FIX_SYMBOL, symbol);
        request.addGroup(related);
        session_->send(request);
    });
}

void Lane::setNextTargetMsgSeqNum(int number) noexcept
{
    if (hold_target_)
        return;
    MemoryStore::setNextTargetMsgSeqNum(number);
    if (!muted_)
        venue_fix_queue_sequence(shared_.queue, number_, in_next() - 1);
}

/* 0: numbered and on its way, or lost with the line. -ENOTCONN: not ready, no number was used. */
int Lane::request(enum venue_fix_request request, const struct venue_order &order, struct uuid id,
                  struct decimal quantity)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_ || !ready_)
        return -ENOTCONN;
    const uint64_t number = out_next();
    const bool idle = out_.empty();
    sent_[number % sent_.size()] = {number, {request, order.order_id}};
    enter([&] {
        FIX::Message message = order_message(request, order, id, quantity);

        session_->send(message);
    });
    if (idle || drop_ || overflow_)
        wake(shared_);
    return out_next() == number ? -ENOTCONN : 0;
}

int Lane::subscribe(const char *const *symbols, size_t symbol_count)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_)
        return -ENOENT;
    if (ready_)
        request_prices(false);
    symbols_.assign(symbols, symbols + symbol_count);
    if (ready_)
        request_prices(true);
    wake(shared_);
    return 0;
}

uint64_t Lane::next_out()
{
    std::lock_guard<std::mutex> lock(mutex_);

    return session_ ? out_next() : 0;
}

} /* namespace oxe */
