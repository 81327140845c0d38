/* SPDX-License-Identifier: Apache-2.0 */
/* The lane as QuickFIX's session sees it: its application, its store of numbers, its log and its line. */
#include <cstring>

#include "services/executor/fix/fix_frame.h"
#include "services/executor/fix/quickfix_lane.h"

namespace oxe
{

namespace
{

std::string text_of(const FIX::FieldMap &map, int tag)
{
    return map.isSetField(tag) ? map.getField(tag) : std::string();
}

uint64_t number_of(const FIX::FieldMap &map, int tag)
{
    const std::string text = text_of(map, tag);
    uint64_t number = 0;

    return fix_frame_number({text.data(), text.size()}, &number) < 0 ? 0 : number;
}

} /* namespace */

void Lane::onCreate(const FIX::SessionID &) noexcept
{
}

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
    tell(QUICKFIX_DOWN, 0, reason_.empty() ? last_event_.c_str() : reason_.c_str());
}

/* A Reject or BusinessMessageReject of ours means that the exchange said something we made nothing of. */
void Lane::toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept
{
    if (message.getHeader().getField(FIX::FIELD::MsgType) == "3")
        tell(QUICKFIX_REFUSED, 0, text_of(message, 58).c_str());
}

void Lane::toApp(FIX::Message &message, const FIX::SessionID &) noexcept
{
    if (message.getHeader().getField(FIX::FIELD::MsgType) == "j")
        tell(QUICKFIX_REFUSED, 0, text_of(message, 58).c_str());
}

void Lane::fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string &type = message.getHeader().getField(FIX::FIELD::MsgType);
    const uint64_t expected = static_cast<uint64_t>(next_target_);

    if (type == "0") {
        on_heartbeat(message);
    } else if (type == "2") {
        test_again_ = true;
    } else if (type == "3") {
        hand_over(current_, current_length_);
    } else if (type == "4") {
        const uint64_t next = number_of(message, 36);

        if (text_of(message, 123) != "Y" && next > expected)
            tell(QUICKFIX_RESET, next - 1, "SequenceReset");
    } else if (type == "5") {
        on_logout(text_of(message, 58));
    } else if (allow_reset_) {
        tell(QUICKFIX_RESET, expected - 1, "Logon with ResetSeqNumFlag");
    }
}

void Lane::fromApp(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string &bytes = message.getField(raw_data);

    hand_over(bytes.data(), bytes.size());
}

/* Engines say which number they expect when ours is too low (a restored backup, say), each in its own words:
 * "too low, expecting 5 but received 4", "Expected 5 but was 4". Going on from there is safe: what lies
 * between is filled as a gap. */
void Lane::on_logout(const std::string &text)
{
    const char *const expect = strcasestr(text.c_str(), "expect");
    const char *const digits = expect ? std::strpbrk(expect, "0123456789") : nullptr;
    uint64_t expected;

    reason_ = QUICKFIX_LOGOUT + text;
    numbers_.by_logout = true;
    numbers_.out_next = static_cast<uint64_t>(next_sender_);
    if (!digits || fix_frame_number({digits, std::strspn(digits, "0123456789")}, &expected) < 0)
        return;
    numbers_.out_expected = expected;
    if (expected > static_cast<uint64_t>(next_sender_) && expected <= FIX_FRAME_SEQ_MAX)
        next_sender_ = static_cast<int>(expected);
}

/* In sequence: everything before it has been received, and the exchange has taken everything before the
 * request. */
void Lane::on_heartbeat(const FIX::Message &heartbeat)
{
    if (!test_pending_ || text_of(heartbeat, 112) != test_id_)
        return;
    test_pending_ = false;
    ready_ = true;
    tell(QUICKFIX_READY, static_cast<uint64_t>(next_target_), "");
    request_prices(true);
}

void Lane::hand_over(const char *bytes, size_t length)
{
    if (muted_)
        return;
    const quickfix_reference reference = reference_of(bytes, length);

    if (shared_.sink.message(shared_.sink.context, number_, bytes, length, &reference) != 0)
        hold_target_ = refused_by_sink_ = true;
}

void Lane::tell(enum quickfix_event event, uint64_t in_seq, const char *text)
{
    if (muted_)
        return;
    quickfix_numbers numbers = numbers_;
    if (numbers.in_received == 0)
        numbers.in_expected = static_cast<uint64_t>(next_target_);
    if (!numbers.by_logout)
        numbers.out_next = static_cast<uint64_t>(next_sender_);
    if (shared_.sink.session(shared_.sink.context, number_, event, in_seq, text, &numbers) != 0)
        hold_target_ = refused_by_sink_ = true;
}

quickfix_reference Lane::reference_of(const char *bytes, size_t length) const
{
    fix_frame_header header;
    fix_frame_span span = {nullptr, 0};
    uint64_t seq;

    if (fix_frame_read_header(bytes, length, &header) < 0 ||
        (std::strcmp(header.type, "3") != 0 && std::strcmp(header.type, "j") != 0) ||
        !fix_frame_get(bytes, length, 45, &span) || fix_frame_number(span, &seq) < 0)
        return quickfix_reference();
    const Sent &sent = sent_[seq % sent_.size()];
    return sent.seq == seq ? sent.reference : quickfix_reference();
}

void Lane::request_test()
{
    test_again_ = false;
    test_sent_ms_ = now_ms();
    test_id_ = "OXE-" + std::to_string(++test_count_);
    enter([this] {
        FIX::Message request;

        request.getHeader().setField(FIX::MsgType("1"));
        request.setField(FIX::TestReqID(test_id_));
        session_->send(request);
    });
}

/* MarketDataRequest for trades: begins (263=1) or ends (263=2) the subscription. Each symbol has a request of
 * its own, because an exchange refuses a request as a whole when it does not list one of its symbols. */
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
        FIX::Group types(267, 269), related(146, 55);

        request.getHeader().setField(FIX::MsgType("V"));
        request.setField(262, request_id);
        request.setField(263, begin ? "1" : "2");
        request.setField(264, "1"); /* top of the book */
        request.setField(265, "1"); /* incremental refresh */
        types.setField(269, "2");
        request.addGroup(types);
        related.setField(55, symbol);
        request.addGroup(related);
        session_->send(request);
    });
}

/* ------------------------------------------------------------------ store, log, responder */

FIX::MessageStore *Lane::create(const FIX::SessionID &)
{
    return this;
}

void Lane::destroy(FIX::MessageStore *)
{
}

bool Lane::set(int, const std::string &) noexcept
{
    return true;
}

void Lane::get(int, int, std::vector<std::string> &) const noexcept
{
}

int Lane::getNextSenderMsgSeqNum() const noexcept
{
    return next_sender_;
}

int Lane::getNextTargetMsgSeqNum() const noexcept
{
    return next_target_;
}

void Lane::setNextSenderMsgSeqNum(int number) noexcept
{
    next_sender_ = number;
}

void Lane::setNextTargetMsgSeqNum(int number) noexcept
{
    if (hold_target_)
        return;
    next_target_ = number;
    moved();
}

void Lane::incrNextSenderMsgSeqNum() noexcept
{
    next_sender_++;
}

void Lane::incrNextTargetMsgSeqNum() noexcept
{
    if (hold_target_)
        return;
    next_target_++;
    moved();
}

void Lane::moved()
{
    if (!muted_)
        shared_.sink.sequence(shared_.sink.context, number_, static_cast<uint64_t>(next_target_ - 1));
}

FIX::UtcTimeStamp Lane::getCreationTime() const noexcept
{
    return FIX::UtcTimeStamp();
}

void Lane::reset() noexcept
{
    if (allow_reset_)
        next_sender_ = next_target_ = 1;
}

void Lane::refresh() noexcept
{
}

void Lane::clear()
{
}

void Lane::backup()
{
}

void Lane::onIncoming(const std::string &)
{
}

void Lane::onOutgoing(const std::string &)
{
}

void Lane::onEvent(const std::string &text)
{
    if (text != "Disconnecting")
        last_event_ = text;
}

bool Lane::send(const std::string &bytes)
{
    if (drop_ || overflow_)
        return false;
    if (out_.size() + bytes.size() > QUICKFIX_OUT_MAX) {
        overflow_ = true;
        return false;
    }
    out_ += bytes;
    return true;
}

void Lane::disconnect()
{
    drop_ = true;
}

} /* namespace oxe */
