/* SPDX-License-Identifier: Apache-2.0 */
/* The FIX 4.4 adapter: venue_ops on QuickFIX's Session, one for each lane, opened and closed while the
 * process runs.
 *
 * QuickFIX's Session keeps the protocol (logon, heartbeats, numbering, gap filling); this file gives it
 * sockets and a thread. One thread of its own serves all lanes with epoll, so that heartbeats go out while
 * the executor is busy, no descriptor number is too high, and closing waits for nobody. What happens is
 * pushed into the event queue on that thread, or inside `send` and `close`, with the lane locked. Nothing is
 * written to disk; our own application messages are never repeated: a ResendRequest is answered with gap
 * fills alone. No C++ exception leaves. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <thread>

#include "services/executor/fix/fix_lane.h"

using oxe::Lane;
using oxe::now_ms;
using oxe::Shared;
using oxe::wake;

namespace
{

const int tick_ms = 200;  /* how often timers are looked at */
const int close_ms = 200; /* at most so long does closing wait for the peer to hang up */
const int wake_lane = -1;
const int events_max = 32;

/* Waits until every peer has hung up, at most close_ms in all, then closes. What they still say is not for
 * us: it was not counted, so the lane's next session gets it again. */
void part_from(const std::vector<int> &sockets)
{
    const int64_t deadline = now_ms() + close_ms;
    char discarded[4096];

    for (const int fd : sockets) {
        if (fd < 0)
            continue;
        for (;;) {
            const int64_t left = deadline - now_ms();
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

/* ------------------------------------------------------------------ all lanes, and their thread */

struct venue : Shared {
    struct venue_ops ops; /* with the configured name and capabilities */
    std::vector<std::unique_ptr<Lane>> lanes;
    addrinfo *addresses = nullptr;
    std::atomic<bool> stop{false};
    std::thread thread;

    explicit venue(const struct venue_fix_config &config)
        : Shared{config.host, std::to_string(config.port), config.sender_prefix,    config.target_comp_id,
                 config.name, config.heartbeat_seconds,    config.reconnect_seconds}
    {
    }

    ~venue()
    {
        std::vector<int> sockets;

        stop = true;
        if (thread.joinable()) {
            wake(*this);
            thread.join();
        }
        for (const std::unique_ptr<Lane> &each : lanes)
            sockets.push_back(each->close());
        part_from(sockets);
        lanes.clear();
        if (addresses)
            freeaddrinfo(addresses);
        venue_fix_queue_destroy(&queue);
        for (const int fd : {epoll_fd, wake_fd})
            if (fd >= 0)
                ::close(fd);
    }

    venue(const venue &) = delete;
    venue &operator=(const venue &) = delete;

    int start()
    {
        epoll_event event;
        sigset_t all, before;
        const int r = venue_fix_queue_create(VENUE_EVENT_QUEUE_MAX, &queue);

        if (r < 0)
            return r;
        epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        event.events = EPOLLIN;
        event.data.u64 = static_cast<uint32_t>(wake_lane);
        if (epoll_fd < 0 || wake_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &event) < 0)
            return -errno;
        for (int number = 0; number < VENUE_LANES_MAX; number++)
            lanes.emplace_back(new Lane(*this, number));
        sigfillset(&all); /* signals are for the service's own thread */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            thread = std::thread(&venue::run, this);
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return 0;
    }

    Lane &lane(int number) const
    {
        assert(number >= 0 && number < VENUE_LANES_MAX);
        return *lanes[static_cast<size_t>(number)];
    }

    void run()
    {
        epoll_event events[events_max];
        int64_t ticked = 0;

        while (!stop) {
            const int count = epoll_wait(epoll_fd, events, events_max, tick_ms);
            const int64_t now = now_ms();

            for (int i = 0; i < count; i++)
                handle(events[i]);
            if (now - ticked >= tick_ms) {
                ticked = now;
                for (const std::unique_ptr<Lane> &each : lanes)
                    each->on_tick(now);
                connect_lanes(now);
            }
        }
    }

    void handle(const epoll_event &event)
    {
        const int number = static_cast<int>(static_cast<uint32_t>(event.data.u64));
        uint64_t count;

        if (number != wake_lane)
            return lane(number).on_socket(static_cast<int>(event.data.u64 >> 32), event.events);
        while (read(wake_fd, &count, sizeof count) > 0)
            continue;
        for (const std::unique_ptr<Lane> &each : lanes)
            each->on_wake();
        connect_lanes(now_ms());
    }

    /* The host is looked up again before each attempt, but not while any lane is connected: a name server
     * that does not answer would hold up its heartbeats. */
    void connect_lanes(int64_t now)
    {
        for (const std::unique_ptr<Lane> &each : lanes) {
            if (!each->wants_connection(now))
                continue;
            if (!addresses ||
                std::none_of(lanes.begin(), lanes.end(),
                             [](const std::unique_ptr<Lane> &other) { return other->connected(); }))
                resolve();
            each->connect(addresses, now);
        }
    }

    void resolve()
    {
        addrinfo hints = addrinfo(), *found;

        hints.ai_socktype = SOCK_STREAM;
        if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
            return; /* the addresses known before are better than none */
        if (addresses)
            freeaddrinfo(addresses);
        addresses = found;
    }
};

/* ------------------------------------------------------------------ the table */

static int fix_open(struct venue *venue, int lane, uint64_t next_in, uint64_t next_out)
{
    if (lane < 0 || lane >= VENUE_LANES_MAX)
        return -EINVAL;
    try {
        return venue->lane(lane).open(next_in, next_out);
    } catch (const std::exception &) {
        return -ENOMEM;
    }
}

static void fix_close(struct venue *venue, int lane)
{
    part_from({venue->lane(lane).close()});
    venue_fix_queue_forget(venue->queue, lane);
}

static int fix_submit(struct venue *venue, int lane, const struct venue_order *order)
{
    return venue->lane(lane).request(VENUE_FIX_SUBMIT, *order, order->order_id, order->quantity);
}

static int fix_cancel(struct venue *venue, int lane, const struct venue_order *order, struct uuid cancel_id)
{
    return venue->lane(lane).request(VENUE_FIX_CANCEL, *order, cancel_id, order->quantity);
}

static int fix_replace(struct venue *venue, int lane, const struct venue_order *order, struct uuid replace_id,
                       struct decimal new_quantity)
{
    return venue->lane(lane).request(VENUE_FIX_REPLACE, *order, replace_id, new_quantity);
}

static int fix_query(struct venue *venue, int lane, const struct venue_order *order)
{
    return venue->lane(lane).request(VENUE_FIX_QUERY, *order, order->order_id, order->quantity);
}

static int fix_subscribe_prices(struct venue *venue, int lane, const char *const *symbols,
                                size_t symbol_count)
{
    try {
        return venue->lane(lane).subscribe(symbols, symbol_count);
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    }
}

static int fix_event_fd(const struct venue *venue)
{
    return venue_fix_queue_fd(venue->queue);
}

static int fix_drain(struct venue *venue, int max, venue_event_handler *handler, void *context)
{
    bool resume;
    const int taken = venue_fix_queue_take(venue->queue, max, handler, context, &resume);

    if (resume)
        wake(*venue);
    return taken;
}

static uint64_t fix_next_out(const struct venue *venue, int lane)
{
    return venue->lane(lane).next_out();
}

static void fix_destroy(struct venue **venue)
{
    delete *venue;
    *venue = nullptr;
}

static bool config_is_valid(const struct venue_fix_config *config)
{
    return config->host && config->port > 0 && config->port <= 65535 && config->sender_prefix &&
           config->target_comp_id && config->heartbeat_seconds > 0 && config->reconnect_seconds > 0 &&
           config->name && std::strlen(config->name) < VENUE_MAX;
}

extern "C" int venue_fix_create(const struct venue_fix_config *config, const struct venue_ops **ret_ops,
                                struct venue **ret_venue)
{
    if (!config_is_valid(config))
        return -EINVAL;
    try {
        std::unique_ptr<struct venue> venue(new struct venue(*config));
        const int r = venue->start();

        if (r < 0)
            return r;
        venue->ops = {venue->name.c_str(),  config->capabilities, fix_open,    fix_close,
                      fix_submit,           fix_cancel,           fix_replace, fix_query,
                      fix_subscribe_prices, fix_event_fd,         fix_drain,   fix_next_out,
                      fix_destroy};
        *ret_ops = &venue->ops;
        *ret_venue = venue.release();
        return 0;
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (const std::system_error &e) {
        return -e.code().value();
    }
}
