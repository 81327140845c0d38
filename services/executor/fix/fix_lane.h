/* SPDX-License-Identifier: Apache-2.0 */
/* One lane: a QuickFIX session, its application, its store of numbers and its line.
 *
 * Everything in it is guarded by its mutex, which also makes up for QuickFIX reading its own state unlocked:
 * the session is entered only with the lane locked. fix_lane.cc has the line, fix_session.cc the lane as
 * QuickFIX's session sees it. Only C++ includes this file. */
#ifndef OXE_EXECUTOR_FIX_LANE_H
#define OXE_EXECUTOR_FIX_LANE_H

#include <netdb.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <quickfix/Application.h>
#include <quickfix/Log.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Responder.h>
#include <quickfix/Session.h>

extern "C" {
#include "proto/fix_tag.h"
#include "services/executor/fix/fix_frame.h"
#include "services/executor/fix/fix_text.h"
#include "services/executor/fix/venue_fix_map.h"
#include "services/executor/fix/venue_fix_queue.h"
#include "services/executor/venue.h"
}

namespace oxe
{

/* What all lanes share and none changes; owned by the venue. */
struct Shared {
    std::string host, port, sender_prefix, target_comp_id, name;
    int heartbeat_seconds, reconnect_seconds;
    struct venue_fix_queue *queue = nullptr;
    int epoll_fd = -1, wake_fd = -1;
};

int64_t now_ms();

/* Has the engine's thread look at all lanes. */
void wake(const Shared &shared);

/* A session's log, which hands itself out: the last thing that happened explains why a line was lost. */
struct LaneLog : FIX::LogFactory, FIX::NullLog {
    std::string last;

    FIX::Log *create() override
    {
        return this;
    }
    FIX::Log *create(const FIX::SessionID &) override
    {
        return this;
    }
    void destroy(FIX::Log *) override
    {
    }
    void onEvent(const std::string &text) override
    {
        if (text != "Disconnecting")
            last = text;
    }
};

class Lane : FIX::NullApplication, FIX::MessageStoreFactory, FIX::MemoryStore, FIX::Responder
{
  public:
    Lane(const Shared &shared, int number) : shared_(shared), number_(number)
    {
    }
    Lane(const Lane &) = delete;
    Lane &operator=(const Lane &) = delete;

    /* For the executor's thread. */
    int open(uint64_t next_in, uint64_t next_out);
    /* Logs out and returns the socket, half closed, or -1; the caller closes it when the peer has hung up. */
    int close();
    /* 0: numbered and on its way, or lost with the line. -ENOTCONN: not ready, no number was used. */
    int request(enum venue_fix_request request, const struct venue_order &order, struct uuid id,
                struct decimal quantity);
    int subscribe(const char *const *symbols, size_t symbol_count);
    uint64_t next_out();

    /* For the engine's thread. */
    bool wants_connection(int64_t now);
    bool connected();
    void connect(const addrinfo *addresses, int64_t now);
    void on_socket(int fd, uint32_t events);
    void on_tick(int64_t now);
    void on_wake();

  private:
    uint64_t in_next() const
    {
        return static_cast<uint64_t>(getNextTargetMsgSeqNum());
    }

    uint64_t out_next() const
    {
        return static_cast<uint64_t>(getNextSenderMsgSeqNum());
    }

    /* Nothing that the engine throws goes further than this. */
    template <typename Call> void enter(Call call)
    {
        try {
            call();
        } catch (const std::exception &e) {
            give_up(e.what());
        } catch (...) {
            give_up("unknown exception");
        }
    }

    /* The line. */
    void give_up(const char *reason);
    void settle();
    void close_socket();
    void on_refused(const char *why);
    void tell_unreachable(const char *why);
    void on_connected();
    void watch();
    void flush();
    void read();

    /* What the exchange says. */
    void process();
    void deliver(const char *bytes, size_t length);
    void begin_anew(uint64_t logon_seq);
    void pass_on(const fix_frame_message &from, bool with_body);
    static void push(void *context, const struct venue_event *event);
    void hand_over(const fix_frame_message &message);
    void tell(enum venue_event_type type, uint64_t in_seq, const std::string &text);
    venue_fix_reference reference_of(const fix_frame_message &message) const;
    void on_logout(const std::string &text);
    void on_heartbeat(const FIX::Message &heartbeat);

    /* What the exchange is asked. */
    void request_test();
    void request_prices(bool begin);
    void request_price(const std::string &request_id, const std::string &symbol, bool begin);

    /* FIX::Application */
    void onLogon(const FIX::SessionID &) noexcept override;
    void onLogout(const FIX::SessionID &) noexcept override;
    void toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept override;
    void toApp(FIX::Message &message, const FIX::SessionID &) noexcept override;
    void fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept override;
    void fromApp(const FIX::Message &message, const FIX::SessionID &) noexcept override;

    /* FIX::Responder */
    bool send(const std::string &bytes) override;
    void disconnect() override
    {
        drop_ = true;
    }

    /* FIX::MessageStoreFactory: the lane is its session's store. */
    FIX::MessageStore *create(const FIX::SessionID &) override
    {
        return this;
    }

    void destroy(FIX::MessageStore *) override
    {
    }

    /* FIX::MessageStore: numbers only. No message is kept, so none can be resent, and none is looked for: the
     * exchange may ask for all numbers since the first. */
    bool set(int, const std::string &) noexcept override
    {
        return true;
    }

    void get(int, int, std::vector<std::string> &) const noexcept override
    {
    }

    void setNextTargetMsgSeqNum(int number) noexcept override;
    void incrNextTargetMsgSeqNum() noexcept override
    {
        setNextTargetMsgSeqNum(getNextTargetMsgSeqNum() + 1);
    }

    FIX::UtcTimeStamp getCreationTime() const noexcept override
    {
        return FIX::UtcTimeStamp();
    }

    void reset() noexcept override
    {
        if (allow_reset_)
            MemoryStore::reset();
    }

    const Shared &shared_;
    const int number_;
    std::mutex mutex_;

    LaneLog log_;                           /* outlives the session */
    std::unique_ptr<FIX::Session> session_; /* null: closed */
    bool muted_ = false;                    /* closing: the queue hears no more */
    bool ready_ = false;
    bool refused_ = false;     /* by the queue: no memory */
    bool hold_target_ = false; /* the message being processed must not move the incoming number */
    bool allow_reset_ = false; /* it is a Logon with ResetSeqNumFlag(141) */
    const fix_frame_message *current_ = nullptr; /* it, if it is administrative */
    std::string reason_;
    venue_numbers numbers_ = {}; /* of this connection; out_next is filled in when they are told */
    bool by_logout_ = false;     /* the peer has sent a Logout */
    std::string unreachable_;    /* why no connection could be made, as it was told */

    bool test_pending_ = false; /* READY waits for the answer to test_id_ */
    bool test_again_ = false;   /* the peer asked for a resend, which swallows the request */
    unsigned test_count_ = 0;
    std::string test_id_;
    int64_t test_sent_ms_ = 0;

    struct Sent {
        uint64_t seq;
        venue_fix_reference reference;
    };
    std::vector<Sent> sent_;
    std::vector<std::string> symbols_;
    std::string price_request_; /* its MDReqIDs begin so; empty: none is in force */
    unsigned price_request_count_ = 0;

    int fd_ = -1;
    bool connecting_ = false;
    bool drop_ = false;   /* the session is done with this connection */
    bool paused_ = false; /* the queue is full */
    uint32_t watched_ = 0;
    bool attempted_ = false;
    int64_t attempted_ms_ = 0;
    size_t address_ = 0, address_count_ = 1; /* which of the host's addresses is tried */
    bool overflow_ = false;
    std::string in_, out_;
    size_t out_sent_ = 0;
};

} /* namespace oxe */

#endif
