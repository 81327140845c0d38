/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/quickfix_shim.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cerrno>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "services/executor/fix/quickfix_lane.h"

using oxe::Lane;
using oxe::Shared;

namespace
{

const int wake_lane = -1;
const int events_max = 32;

class FileDescriptor
{
  public:
    explicit FileDescriptor(int fd) : fd_(fd)
    {
        if (fd_ < 0)
            throw std::system_error(errno, std::generic_category());
    }
    ~FileDescriptor()
    {
        ::close(fd_);
    }
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor &operator=(const FileDescriptor &) = delete;
    int get() const
    {
        return fd_;
    }

  private:
    const int fd_;
};

/* Waits until every peer has hung up, at most QUICKFIX_CLOSE_MS in all, then closes. What they still say is
 * not for us: it was not counted, so the lane's next session gets it again. */
void part_from(std::vector<int> sockets)
{
    const int64_t deadline = oxe::now_ms() + QUICKFIX_CLOSE_MS;
    char discarded[4096];

    for (const int fd : sockets) {
        for (;;) {
            const int64_t left = deadline - oxe::now_ms();
            pollfd readable = {fd, POLLIN, 0};

            if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) <= 0)
                break;
            if (recv(fd, discarded, sizeof discarded, MSG_DONTWAIT) <= 0)
                break;
        }
        ::close(fd);
    }
}

} /* namespace */

struct quickfix_shim {
    FileDescriptor epoll{epoll_create1(EPOLL_CLOEXEC)};
    FileDescriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    Shared shared;
    std::vector<std::unique_ptr<Lane>> lanes;
    addrinfo *addresses = nullptr;
    std::atomic<bool> stop{false};
    std::thread thread;

    quickfix_shim(const quickfix_config &config, const quickfix_sink &sink);
    ~quickfix_shim();
    void run();
    void handle(const epoll_event &event);
    void connect_lanes(int64_t now);
    void resolve();
    bool any_connected();
    Lane &lane(int number)
    {
        assert(number >= 0 && number < QUICKFIX_LANES_MAX);
        return *lanes[static_cast<size_t>(number)];
    }
};

quickfix_shim::quickfix_shim(const quickfix_config &config, const quickfix_sink &sink)
    : shared{config.host,
             std::to_string(config.port),
             config.sender_prefix,
             config.target_comp_id,
             config.heartbeat_seconds,
             config.reconnect_seconds,
             sink,
             epoll.get(),
             wake.get()}
{
    epoll_event event;
    sigset_t all, before;

    event.events = EPOLLIN;
    event.data.u64 = static_cast<uint32_t>(wake_lane);
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) < 0)
        throw std::system_error(errno, std::generic_category());
    for (int number = 0; number < QUICKFIX_LANES_MAX; number++)
        lanes.emplace_back(new Lane(shared, number));
    sigfillset(&all); /* signals are for the service's own thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread = std::thread(&quickfix_shim::run, this);
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

quickfix_shim::~quickfix_shim()
{
    std::vector<int> sockets;

    stop = true;
    quickfix_shim_resume(this);
    thread.join();
    for (const std::unique_ptr<Lane> &each : lanes) {
        const int fd = each->close();

        if (fd >= 0)
            sockets.push_back(fd);
    }
    part_from(sockets);
    if (addresses)
        freeaddrinfo(addresses);
}

void quickfix_shim::run()
{
    epoll_event events[events_max];
    int64_t ticked = 0;

    while (!stop) {
        const int count = epoll_wait(epoll.get(), events, events_max, QUICKFIX_TICK_MS);
        const int64_t now = oxe::now_ms();

        for (int i = 0; i < count; i++)
            handle(events[i]);
        if (now - ticked >= QUICKFIX_TICK_MS) {
            ticked = now;
            for (const std::unique_ptr<Lane> &each : lanes)
                each->on_tick(now);
            connect_lanes(now);
        }
    }
}

void quickfix_shim::handle(const epoll_event &event)
{
    const int number = static_cast<int>(static_cast<uint32_t>(event.data.u64));
    uint64_t count;

    if (number != wake_lane)
        return lane(number).on_socket(static_cast<int>(event.data.u64 >> 32), event.events);
    while (read(wake.get(), &count, sizeof count) > 0)
        continue;
    for (const std::unique_ptr<Lane> &each : lanes)
        each->on_wake();
    connect_lanes(oxe::now_ms());
}

/* The host is looked up again before each attempt, but not while any lane is connected: a name server that
 * does not answer would hold up its heartbeats. */
void quickfix_shim::connect_lanes(int64_t now)
{
    for (const std::unique_ptr<Lane> &each : lanes) {
        if (!each->wants_connection(now))
            continue;
        if (!addresses || !any_connected())
            resolve();
        each->connect(addresses, now);
    }
}

bool quickfix_shim::any_connected()
{
    for (const std::unique_ptr<Lane> &each : lanes)
        if (each->connected())
            return true;
    return false;
}

void quickfix_shim::resolve()
{
    addrinfo hints = addrinfo(), *found;

    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(shared.host.c_str(), shared.port.c_str(), &hints, &found) != 0)
        return; /* the addresses known before are better than none */
    if (addresses)
        freeaddrinfo(addresses);
    addresses = found;
}

/* ------------------------------------------------------------------ the C interface */

extern "C" int quickfix_shim_create(const struct quickfix_config *config, const struct quickfix_sink *sink,
                                    struct quickfix_shim **ret_shim)
{
    try {
        *ret_shim = new quickfix_shim(*config, *sink);
        return 0;
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (const std::system_error &e) {
        return -e.code().value();
    }
}

extern "C" void quickfix_shim_destroy(struct quickfix_shim **shim)
{
    delete *shim;
    *shim = nullptr;
}

extern "C" int quickfix_shim_open(struct quickfix_shim *shim, int lane, uint64_t next_in, uint64_t next_out)
{
    if (lane < 0 || lane >= QUICKFIX_LANES_MAX)
        return -EINVAL;
    try {
        return shim->lane(lane).open(next_in, next_out);
    } catch (const std::exception &) {
        return -ENOMEM;
    }
}

extern "C" void quickfix_shim_close(struct quickfix_shim *shim, int lane)
{
    const int fd = shim->lane(lane).close();

    if (fd >= 0)
        part_from({fd});
}

extern "C" int quickfix_shim_send(struct quickfix_shim *shim, int lane, const char *type,
                                  const struct quickfix_field *fields, size_t field_count,
                                  const struct quickfix_reference *reference)
{
    return shim->lane(lane).send(type, fields, field_count, reference);
}

extern "C" int quickfix_shim_subscribe(struct quickfix_shim *shim, int lane, const char *const *symbols,
                                       size_t symbol_count)
{
    try {
        return shim->lane(lane).subscribe(symbols, symbol_count);
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    }
}

extern "C" uint64_t quickfix_shim_next_out(struct quickfix_shim *shim, int lane)
{
    return shim->lane(lane).next_out();
}

extern "C" void quickfix_shim_resume(struct quickfix_shim *shim)
{
    const uint64_t one = 1;
    const ssize_t written = write(shim->wake.get(), &one, sizeof one);

    static_cast<void>(written); /* fails only when the counter is full, that is, when it is readable anyway */
}
