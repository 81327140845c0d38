/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/quickfix_lane.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "services/executor/fix/fix_frame.h"

namespace oxe
{

namespace
{

const char begin_string[] = "FIX.4.4";
const int logon_seconds = 5; /* an unanswered Logon is given up */

/* A session without hours: it never resets by the clock (the store says that it was created just now). */
FIX::TimeRange always()
{
    return FIX::TimeRange(FIX::UtcTimeOnly(0, 0, 0), FIX::UtcTimeOnly(0, 0, 0));
}

/* Hands the lane out as its own session's log. */
class LaneLog : public FIX::LogFactory
{
  public:
    explicit LaneLog(FIX::Log &log) : log_(log)
    {
    }
    FIX::Log *create() override
    {
        return &log_;
    }
    FIX::Log *create(const FIX::SessionID &) override
    {
        return &log_;
    }
    void destroy(FIX::Log *) override
    {
    }

  private:
    FIX::Log &log_;
};

bool is_administrative(const char *type)
{
    return type[1] == '\0' && std::strchr("0A12345", type[0]) != nullptr;
}

} /* namespace */

int64_t now_ms()
{
    timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

Lane::Lane(const Shared &shared, int number) : shared_(shared), number_(number)
{
}

Lane::~Lane()
{
    const int fd = close();

    if (fd >= 0)
        ::close(fd);
}

/* ------------------------------------------------------------------ the executor's thread */

int Lane::open(uint64_t next_in, uint64_t next_out)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (next_in < 1 || next_in > FIX_FRAME_SEQ_MAX || next_out < 1 || next_out > FIX_FRAME_SEQ_MAX)
        return -EINVAL;
    if (session_)
        return -EBUSY;
    next_target_ = static_cast<int>(next_in);
    next_sender_ = static_cast<int>(next_out);
    muted_ = attempted_ = false;
    sent_.assign(QUICKFIX_SENT_MAX, Sent());
    const FIX::SessionID id(begin_string, shared_.sender_prefix + std::to_string(number_),
                            shared_.target_comp_id);
    log_factory_.reset(new LaneLog(*this));
    session_.reset(new FIX::Session(*this, *this, id, FIX::DataDictionaryProvider(), always(),
                                    shared_.heartbeat_seconds, log_factory_.get()));
    session_->setCheckLatency(false); /* a clock that runs wrong must not make us refuse a fill */
    session_->setLogonTimeout(logon_seconds);
    wake();
    return 0;
}

int Lane::close()
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_)
        return -1;
    muted_ = true;
    enter([this] {
        session_->logout();
        session_->next(FIX::UtcTimeStamp());
    });
    if (fd_ >= 0 && !connecting_)
        flush();
    enter([this] { session_->disconnect(); });
    session_.reset();
    symbols_.clear();
    unreachable_.clear();
    const int fd = connecting_ ? -1 : fd_;
    if (fd >= 0) {
        epoll_ctl(shared_.epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
        shutdown(fd, SHUT_WR);
        fd_ = -1;
    }
    close_socket();
    return fd;
}

int Lane::send(const char *type, const quickfix_field *fields, size_t field_count,
               const quickfix_reference *reference)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_ || !ready_)
        return -ENOTCONN;
    const int number = next_sender_;
    const bool idle = out_.empty();
    sent_[static_cast<size_t>(number) % sent_.size()] = {static_cast<uint64_t>(number), *reference};
    enter([&] {
        FIX::Message message;

        message.getHeader().setField(FIX::MsgType(type));
        for (size_t i = 0; i < field_count; i++) {
            if (FIX::Message::isHeaderField(fields[i].tag))
                message.getHeader().setField(fields[i].tag, fields[i].value);
            else
                message.setField(fields[i].tag, fields[i].value);
        }
        session_->send(message);
    });
    if (idle || drop_ || overflow_)
        wake();
    return next_sender_ == number ? -ENOTCONN : 0;
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
    wake();
    return 0;
}

uint64_t Lane::next_out()
{
    std::lock_guard<std::mutex> lock(mutex_);

    return session_ ? static_cast<uint64_t>(next_sender_) : 0;
}

void Lane::wake()
{
    const uint64_t one = 1;
    const ssize_t written = write(shared_.wake_fd, &one, sizeof one);

    static_cast<void>(written); /* fails only when the counter is full, that is, when it is readable anyway */
}

/* ------------------------------------------------------------------ the engine's thread */

/* Ends the connection; the session hears of it at once, the socket is closed by settle(). */
void Lane::give_up(const char *reason)
{
    if (reason_.empty())
        reason_ = reason;
    drop_ = true;
    try {
        session_->disconnect();
    } catch (...) {
        /* The connection is dropped all the same. */
    }
}

void Lane::settle()
{
    if (!drop_)
        return;
    if (fd_ >= 0 && !connecting_)
        flush(); /* a Logout, perhaps */
    close_socket();
}

void Lane::close_socket()
{
    if (fd_ >= 0)
        ::close(fd_); /* leaves the epoll set by itself */
    fd_ = -1;
    connecting_ = drop_ = paused_ = ready_ = overflow_ = test_pending_ = test_again_ = false;
    watched_ = 0;
    out_sent_ = 0;
    in_.clear();
    out_.clear();
    reason_.clear();
    last_event_.clear();
    numbers_ = quickfix_numbers();
    price_request_.clear();
}

bool Lane::wants_connection(int64_t now)
{
    std::lock_guard<std::mutex> lock(mutex_);

    return session_ && fd_ < 0 &&
           (!attempted_ || now - attempted_ms_ >= int64_t{shared_.reconnect_seconds} * 1000);
}

bool Lane::connected()
{
    std::lock_guard<std::mutex> lock(mutex_);

    return fd_ >= 0 && !connecting_;
}

void Lane::connect(const addrinfo *addresses, int64_t now)
{
    std::lock_guard<std::mutex> lock(mutex_);
    const addrinfo *address = addresses;
    const int on = 1;

    if (!session_ || fd_ >= 0)
        return;
    attempted_ = true;
    attempted_ms_ = now;
    if (!addresses)
        return tell_unreachable("the exchange's host has no address");
    address_count_ = 0;
    for (const addrinfo *a = addresses; a; a = a->ai_next)
        address_count_++;
    address_ %= address_count_;
    for (size_t i = 0; i < address_; i++)
        address = address->ai_next;
    fd_ = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0)
        return tell_unreachable(strerrordesc_np(errno));
    connecting_ = true;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS)
        return on_refused(strerrordesc_np(errno));
    watch();
}

/* The next address of the host is tried at once, all of them again after reconnect_seconds. */
void Lane::on_refused(const char *why)
{
    tell_unreachable(why);
    address_++;
    if (address_ % address_count_ != 0)
        attempted_ = false;
    close_socket();
}

void Lane::tell_unreachable(const char *why)
{
    if (unreachable_ == why)
        return;
    unreachable_ = why;
    tell(QUICKFIX_UNREACHABLE, 0, ("no connection: " + unreachable_).c_str());
}

void Lane::on_socket(int fd, uint32_t events)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (fd != fd_ || !session_)
        return; /* closed meanwhile */
    if (connecting_)
        return on_connected();
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read();
    if (!drop_)
        flush();
    settle();
}

void Lane::on_connected()
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0)
        return on_refused(strerrordesc_np(error));
    connecting_ = false;
    unreachable_.clear();
    enter([this] {
        session_->setResponder(this);
        session_->next(FIX::UtcTimeStamp()); /* sends the Logon */
    });
    flush();
    watch();
    settle();
}

void Lane::on_tick(int64_t now)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_ || fd_ < 0)
        return;
    if (connecting_) {
        if (now - attempted_ms_ >= QUICKFIX_CONNECT_MS)
            on_refused("no answer in time");
        return;
    }
    enter([this] { session_->next(FIX::UtcTimeStamp()); });
    if (test_pending_ && now - test_sent_ms_ >= QUICKFIX_TEST_REPEAT_MS)
        request_test();
    flush();
    settle();
}

void Lane::on_wake()
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_ || fd_ < 0 || connecting_)
        return;
    if (overflow_)
        give_up("the exchange does not read");
    if (paused_ && !shared_.sink.full(shared_.sink.context)) {
        paused_ = false;
        process();
    }
    flush();
    watch();
    settle();
}

/* Tells epoll what this connection waits for. */
void Lane::watch()
{
    uint32_t wanted = 0;
    epoll_event event;

    if (fd_ < 0)
        return;
    if (connecting_)
        wanted = EPOLLOUT;
    else if (!paused_)
        wanted = EPOLLIN | (out_.empty() ? 0u : uint32_t{EPOLLOUT});
    if (wanted == watched_)
        return;
    event.events = wanted;
    event.data.u64 =
        (static_cast<uint64_t>(static_cast<uint32_t>(fd_)) << 32) | static_cast<uint32_t>(number_);
    epoll_ctl(shared_.epoll_fd,
              watched_ == 0 ? EPOLL_CTL_ADD
              : wanted == 0 ? EPOLL_CTL_DEL
                            : EPOLL_CTL_MOD,
              fd_, &event);
    watched_ = wanted;
}

void Lane::flush()
{
    while (out_sent_ < out_.size()) {
        const ssize_t sent =
            ::send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            if (errno != EAGAIN && !drop_)
                give_up(strerrordesc_np(errno));
            break;
        }
        out_sent_ += static_cast<size_t>(sent);
    }
    if (out_sent_ == out_.size()) {
        out_.clear();
        out_sent_ = 0;
    }
    if (!drop_)
        watch();
}

void Lane::read()
{
    char buffer[65536];
    const ssize_t got = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);

    if (got > 0) {
        in_.append(buffer, static_cast<size_t>(got));
        process();
    } else if (got == 0) {
        give_up("the exchange closed the connection");
    } else if (errno != EAGAIN && errno != EINTR) {
        give_up(strerrordesc_np(errno));
    }
}

namespace
{

/* Messages that came together are told together. */
struct Piece {
    explicit Piece(const quickfix_sink &told) : sink(told)
    {
        sink.piece(sink.context, true);
    }
    ~Piece()
    {
        sink.piece(sink.context, false);
    }
    Piece(const Piece &) = delete;
    Piece &operator=(const Piece &) = delete;
    const quickfix_sink &sink;
};

} // namespace

void Lane::process()
{
    const Piece piece(shared_.sink);
    size_t at = 0;

    while (!drop_) {
        size_t start, end;

        if (shared_.sink.full(shared_.sink.context)) {
            paused_ = true;
            break;
        }
        const int r = fix_frame_find(in_.data() + at, in_.size() - at, &start, &end);
        if (r == -EAGAIN) {
            at += start;
            break;
        }
        if (r == 0)
            deliver(in_.data() + at + start, end - start);
        at += end;
    }
    in_.erase(0, at);
    if (!drop_ && test_pending_ && test_again_)
        request_test();
}

/* Gives one message to the session, which puts it into sequence. QuickFIX 1.15.1 counts a Logout and a Reject
 * as received even when their numbers are not the next: a message missing before them would be lost. */
void Lane::deliver(const char *bytes, size_t length)
{
    fix_frame_header header;
    fix_frame_span flag = {nullptr, 0};

    if (fix_frame_read_header(bytes, length, &header) < 0)
        return give_up("message without a proper header");
    const bool in_turn = header.seq == static_cast<uint64_t>(next_target_);
    numbers_.in_expected = static_cast<uint64_t>(next_target_);
    numbers_.in_received = header.seq;
    if (!is_administrative(header.type)) {
        pass_on(bytes, length, false);
    } else if (std::strcmp(header.type, "3") != 0 || header.seq <= static_cast<uint64_t>(next_target_)) {
        current_ = bytes;
        current_length_ = length;
        hold_target_ = std::strcmp(header.type, "5") == 0 && !in_turn;
        const bool is_logon = std::strcmp(header.type, "A") == 0;
        allow_reset_ = is_logon && fix_frame_get(bytes, length, 141, &flag) && fix_frame_is(flag, "Y");
        if (is_logon && !allow_reset_ && !header.possible_duplicate && !session_->receivedLogon() &&
            header.seq < static_cast<uint64_t>(next_target_))
            begin_anew(header.seq);
        if (!refused_by_sink_)
            pass_on(bytes, length, true);
    }
    if (refused_by_sink_)
        give_up("no memory for the exchange's messages");
    current_ = nullptr;
    refused_by_sink_ = hold_target_ = allow_reset_ = false;
}

/* The peer has used this number before: it has lost its count, and perhaps more. QuickFIX would refuse every
 * logon until the number is reached again. Instead all that the peer has is asked for, from 1 on: executions
 * that came before count once all the same. */
void Lane::begin_anew(uint64_t logon_seq)
{
    tell(QUICKFIX_ANEW, 0,
         ("the exchange logs on with number " + std::to_string(logon_seq) + " where " +
          std::to_string(next_target_) + " was expected")
             .c_str());
    if (!refused_by_sink_)
        next_target_ = 1;
}

/* The session never parses bytes: its own parser knows no data field without a dictionary, and takes what
 * follows a SOH inside one for fields of the message. It is given the fields that fix_frame_next finds; the
 * first of a tag counts. Of an application message it sees the header alone. It needs no more for its part,
 * and so can neither refuse a report for a field that it does not know nor stumble over repeating groups; the
 * whole message travels in a data field and comes back in its turn. */
void Lane::pass_on(const char *bytes, size_t length, bool with_body)
{
    static const int copied[] = {8, 9, 34, 35, 43, 49, 52, 56, 97, 122};

    enter([&] {
        FIX::Message message;
        fix_frame_field field;
        const char *cursor = bytes;

        while (fix_frame_next(&cursor, bytes + length, &field)) {
            const std::string value(field.value.text, field.value.length);
            const bool in_header = FIX::Message::isHeaderField(field.tag);
            FIX::FieldMap &part = in_header ? static_cast<FIX::FieldMap &>(message.getHeader()) : message;

            if (value.empty() || part.isSetField(field.tag) || FIX::Message::isTrailerField(field.tag))
                continue;
            if (in_header ? std::find(std::begin(copied), std::end(copied), field.tag) != std::end(copied)
                          : with_body)
                part.setField(field.tag, value);
        }
        if (!with_body)
            message.setField(raw_data, std::string(bytes, length));
        session_->next(message, FIX::UtcTimeStamp());
    });
}

} /* namespace oxe */
