/* SPDX-License-Identifier: Apache-2.0 */
/* One lane: a QuickFIX session and its socket.
 *
 * Everything in it is guarded by its mutex, which also makes up for QuickFIX reading its own state unlocked:
 * the session is entered only with the lane locked. The engine's thread calls `on_socket`, `on_tick` and
 * `on_wake`, the executor's thread the rest. */
#ifndef OXE_EXECUTOR_QUICKFIX_LANE_H
#define OXE_EXECUTOR_QUICKFIX_LANE_H

#include <netdb.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <quickfix/Application.h>
#include <quickfix/Log.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Responder.h>
#include <quickfix/Session.h>

#include "services/executor/fix/quickfix_shim.h"

namespace oxe
{

/* What all lanes share and none changes. */
struct Shared {
    std::string host, port, sender_prefix, target_comp_id;
    int heartbeat_seconds, reconnect_seconds;
    quickfix_sink sink;
    int epoll_fd, wake_fd;
};

class Lane : public FIX::Application,
             public FIX::MessageStoreFactory,
             public FIX::MessageStore,
             public FIX::Log,
             public FIX::Responder
{
  public:
    Lane(const Shared &shared, int number);
    ~Lane() override;
    Lane(const Lane &) = delete;
    Lane &operator=(const Lane &) = delete;

    int open(uint64_t next_in, uint64_t next_out);
    /* Logs out and returns the socket, half closed, or -1; the caller closes it when the peer has hung up. */
    int close();
    int send(const char *type, const quickfix_field *fields, size_t field_count,
             const quickfix_reference *reference);
    int subscribe(const char *const *symbols, size_t symbol_count);
    uint64_t next_out();

    void on_socket(int fd, uint32_t events);
    void on_tick(int64_t now_ms);
    void on_wake();
    bool wants_connection(int64_t now_ms);
    bool connected();
    void connect(const addrinfo *addresses, int64_t now_ms);

  private:
    /* FIX::Application */
    void onCreate(const FIX::SessionID &) noexcept override;
    void onLogon(const FIX::SessionID &) noexcept override;
    void onLogout(const FIX::SessionID &) noexcept override;
    void toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept override;
    void toApp(FIX::Message &message, const FIX::SessionID &) noexcept override;
    void fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept override;
    void fromApp(const FIX::Message &message, const FIX::SessionID &) noexcept override;

    /* FIX::MessageStoreFactory: the lane is its session's store. */
    FIX::MessageStore *create(const FIX::SessionID &) override;
    void destroy(FIX::MessageStore *) override;

    /* FIX::MessageStore: numbers only; no message is kept, so none can be resent. */
    bool set(int, const std::string &) noexcept override;
    void get(int, int, std::vector<std::string> &) const noexcept override;
    int getNextSenderMsgSeqNum() const noexcept override;
    int getNextTargetMsgSeqNum() const noexcept override;
    void setNextSenderMsgSeqNum(int number) noexcept override;
    void setNextTargetMsgSeqNum(int number) noexcept override;
    void incrNextSenderMsgSeqNum() noexcept override;
    void incrNextTargetMsgSeqNum() noexcept override;
    FIX::UtcTimeStamp getCreationTime() const noexcept override;
    void reset() noexcept override;
    void refresh() noexcept override;

    /* FIX::Log: the last thing that happened explains why a line was lost. */
    void clear() override;
    void backup() override;
    void onIncoming(const std::string &) override;
    void onOutgoing(const std::string &) override;
    void onEvent(const std::string &text) override;

    /* FIX::Responder */
    bool send(const std::string &bytes) override;
    void disconnect() override;

    void give_up(const char *reason);
    template <typename Call> void enter(Call call);
    void settle();
    void close_socket();
    void watch();
    void flush();
    void read();
    void process();
    void deliver(const char *bytes, size_t length);
    void pass_on(const char *bytes, size_t length, bool with_body);
    void on_heartbeat(const FIX::Message &heartbeat);
    void on_logout(const std::string &text);
    void wake();
    void on_refused(const char *why);
    void tell_unreachable(const char *why);
    void begin_anew(uint64_t logon_seq);
    void on_connected();
    void tell(enum quickfix_event event, uint64_t in_seq, const char *text);
    void hand_over(const char *bytes, size_t length);
    quickfix_reference reference_of(const char *bytes, size_t length) const;
    void request_test();
    void request_prices(bool begin);
    void request_price(const std::string &request_id, const std::string &symbol, bool begin);
    void moved();

    const Shared &shared_;
    const int number_;
    std::mutex mutex_;

    std::unique_ptr<FIX::LogFactory> log_factory_; /* outlives the session */
    std::unique_ptr<FIX::Session> session_;        /* null: closed */
    bool muted_ = false;                           /* closing: the sink hears no more */
    bool ready_ = false;
    int next_sender_ = 1, next_target_ = 1;
    bool refused_by_sink_ = false;
    bool hold_target_ = false;      /* the message being processed must not move the incoming number */
    bool allow_reset_ = false;      /* it is a Logon with ResetSeqNumFlag(141) */
    const char *current_ = nullptr; /* its bytes */
    size_t current_length_ = 0;
    std::string reason_, last_event_;
    quickfix_numbers numbers_ = {}; /* of this connection; out_next is filled in when they are told */
    std::string unreachable_;       /* why no connection could be made, as it was told */

    bool test_pending_ = false; /* READY waits for the answer to test_id_ */
    bool test_again_ = false;   /* the peer asked for a resend, which swallows the request */
    unsigned test_count_ = 0;
    std::string test_id_;
    int64_t test_sent_ms_ = 0;

    struct Sent {
        uint64_t seq;
        quickfix_reference reference;
    };
    std::vector<Sent> sent_;
    std::vector<std::string> symbols_;
    std::string price_request_; /* its MDReqIDs begin so; empty: none is in force */
    unsigned price_request_count_ = 0;

    int fd_ = -1;
    bool connecting_ = false;
    bool drop_ = false;   /* the session is done with this connection */
    bool paused_ = false; /* the sink is full */
    uint32_t watched_ = 0;
    bool attempted_ = false;
    int64_t attempted_ms_ = 0;
    size_t address_ = 0, address_count_ = 1; /* which of the host's addresses is tried */
    bool overflow_ = false;
    std::string in_, out_;
    size_t out_sent_ = 0;
};

int64_t now_ms();

const int raw_data = 96; /* carries a whole application message through the session */

/* Nothing that the engine throws goes further than this. */
template <typename Call> void Lane::enter(Call call)
{
    try {
        call();
    } catch (const std::exception &e) {
        give_up(e.what());
    } catch (...) {
        give_up("unknown exception");
    }
}

} /* namespace oxe */

#endif
