/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's line: its socket, from the first attempt to connect until the peer has hung up, and the pieces of
 * bytes that come from it. */
#include "services/executor/fix/fix_lane.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace oxe
{

namespace
{

const size_t sent_max = 8192;    /* sent messages of a lane that a Reject can still be matched with */
const size_t out_max = 4 << 20;  /* bytes waiting for a peer that does not read; more ends the line */
const int test_repeat_ms = 1000; /* an unanswered TestRequest after logon is repeated */
const int connect_ms = 5000;     /* a connection attempt is given up */
const int logon_seconds = 5;     /* an unanswered Logon is given up */
const char begin_string[] = "FIX.4.4";

/* A session without hours: it never resets by the clock (the store says that it was created just now). */
FIX::TimeRange always()
{
    return FIX::TimeRange(FIX::UtcTimeOnly(0, 0, 0), FIX::UtcTimeOnly(0, 0, 0));
}

} /* namespace */

int64_t now_ms()
{
    return clock_monotonic_us() / 1000;
}

/* Has the engine's thread look at all lanes. */
void wake(const Shared &shared)
{
    const uint64_t one = 1;
    const ssize_t written = write(shared.wake_fd, &one, sizeof one);

    static_cast<void>(written); /* fails only when the counter is full, that is, when it is readable anyway */
}

int Lane::open(uint64_t next_in, uint64_t next_out)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (next_in < 1 || next_in > FIX_FRAME_SEQ_MAX || next_out < 1 || next_out > FIX_FRAME_SEQ_MAX)
        return -EINVAL;
    if (session_)
        return -EBUSY;
    MemoryStore::setNextTargetMsgSeqNum(static_cast<int>(next_in));
    setNextSenderMsgSeqNum(static_cast<int>(next_out));
    muted_ = attempted_ = false;
    sent_.assign(sent_max, Sent());
    const FIX::SessionID id(begin_string, shared_.sender_prefix + std::to_string(number_),
                            shared_.target_comp_id);
    session_.reset(new FIX::Session(*this, *this, id, FIX::DataDictionaryProvider(), always(),
                                    shared_.heartbeat_seconds, &log_));
    session_->setCheckLatency(false); /* a clock that runs wrong must not make us refuse a fill */
    session_->setLogonTimeout(logon_seconds);
    wake(shared_);
    return 0;
}

/* Logs out and returns the socket, half closed, or -1; the caller closes it when the peer has hung up. */
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

void Lane::on_tick(int64_t now)
{
    std::lock_guard<std::mutex> lock(mutex_);

    if (!session_ || fd_ < 0)
        return;
    if (connecting_) {
        if (now - attempted_ms_ >= connect_ms)
            on_refused("no answer in time");
        return;
    }
    enter([this] { session_->next(FIX::UtcTimeStamp()); });
    if (test_pending_ && now - test_sent_ms_ >= test_repeat_ms)
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
    if (paused_ && !venue_fix_queue_is_full(shared_.queue)) {
        paused_ = false;
        process();
    }
    flush();
    watch();
    settle();
}

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
    connecting_ = drop_ = paused_ = ready_ = overflow_ = test_pending_ = test_again_ = by_logout_ = false;
    watched_ = 0;
    out_sent_ = 0;
    in_.clear();
    out_.clear();
    reason_.clear();
    log_.last.clear();
    numbers_ = venue_numbers();
    price_request_.clear();
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
    tell(VENUE_UNREACHABLE, 0, "no connection: " + unreachable_);
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

/* FIX::Responder */
bool Lane::send(const std::string &bytes)
{
    if (!drop_ && out_.size() + bytes.size() > out_max)
        overflow_ = true;
    if (drop_ || overflow_)
        return false;
    out_ += bytes;
    return true;
}

/* Messages that came together are told together. */
void Lane::process()
{
    size_t at = 0;

    venue_fix_queue_hold(shared_.queue, true);
    while (!drop_) {
        size_t start, end;

        if (venue_fix_queue_is_full(shared_.queue)) {
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
    venue_fix_queue_hold(shared_.queue, false);
}

} /* namespace oxe */
