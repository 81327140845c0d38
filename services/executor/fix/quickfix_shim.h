/* SPDX-License-Identifier: Apache-2.0 */
/* QuickFIX behind a C interface: FIX 4.4 sessions, one for each lane, opened and closed while the process
 * runs.
 *
 * QuickFIX's Session keeps the protocol (logon, heartbeats, numbering, gap filling); this shim gives it
 * sockets and a thread. One thread of its own serves all lanes with epoll, so that heartbeats go out while
 * the caller is busy, no descriptor number is too high, and closing waits for nobody. The sink's functions
 * are called on that thread, or inside `send` and `close`, with the lane locked: they may take locks of their
 * own, but must not wait and must not call back into the shim. The calls below come from one other thread.
 * Nothing is written to disk; our own application messages are never repeated: a ResendRequest is answered
 * with gap fills alone. No C++ exception leaves. */
#ifndef OXE_EXECUTOR_QUICKFIX_SHIM_H
#define OXE_EXECUTOR_QUICKFIX_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    QUICKFIX_LANES_MAX = 64,
    QUICKFIX_SENT_MAX = 8192,       /* sent messages of a lane that a Reject can still be matched with */
    QUICKFIX_OUT_MAX = 4 << 20,     /* bytes waiting for a peer that does not read; more ends the line */
    QUICKFIX_TICK_MS = 200,         /* how often timers are looked at */
    QUICKFIX_TEST_REPEAT_MS = 1000, /* an unanswered TestRequest after logon is repeated */
    QUICKFIX_CONNECT_MS = 5000,     /* a connection attempt is given up */
    QUICKFIX_CLOSE_MS = 200,        /* at most so long does closing wait for the peer to hang up */
};

enum quickfix_event {
    QUICKFIX_READY, /* logged on; the TestRequest sent since was answered in sequence */
    QUICKFIX_DOWN,  /* the line or the logon is gone; text says why */
    QUICKFIX_RESET, /* the peer reset its numbers: in_seq is the last that now counts as received */
    QUICKFIX_ANEW,  /* the peer logs on with a number that it has used before, without ResetSeqNumFlag: all
                       that it has is asked for, from 1 on; text says both numbers */
    QUICKFIX_UNREACHABLE, /* no connection can be made; text says why; told again when that changes */
    QUICKFIX_REFUSED,     /* the engine itself refused an incoming message; text is what it told the peer */
};

/* How the numbers of both sides stood when a session event happened. */
struct quickfix_numbers {
    uint64_t in_expected;  /* of the peer's next message, as we had it when its last one came */
    uint64_t in_received;  /* of that last one; 0: none has come on this connection */
    uint64_t out_next;     /* of our next message */
    uint64_t out_expected; /* the one that the peer's Logout asks for; 0: it asks for none */
    bool by_logout;        /* the peer has sent a Logout */
};

/* What a sent message was about; handed back with the peer's Reject or BusinessMessageReject of it. */
struct quickfix_reference {
    int kind; /* the caller's; 0 for none */
    uint8_t id[16];
};

struct quickfix_sink {
    void *context;
    /* An application message or a Reject(3), in sequence, whole, header checked. Nonzero: it could not be
     * taken; it will not count as received, and the line is ended so that the peer repeats it. reference:
     * kind 0 where there is none. */
    int (*message)(void *context, int lane, const char *bytes, size_t length,
                   const struct quickfix_reference *reference);
    int (*session)(void *context, int lane, enum quickfix_event event, uint64_t in_seq, const char *text,
                   const struct quickfix_numbers *numbers);
    /* All messages up to in_seq have been received. */
    void (*sequence)(void *context, int lane, uint64_t in_seq);
    /* true: reading stops until quickfix_shim_resume. */
    bool (*full)(void *context);
    /* What is told between true and false came in one piece from the exchange. */
    void (*piece)(void *context, bool begins);
};

/* What `text` of QUICKFIX_DOWN begins with where it goes on with the Text(58) of the peer's Logout. */
#define QUICKFIX_LOGOUT "logout by the exchange: "

struct quickfix_config {
    const char *host;
    int port;
    const char *sender_prefix; /* SenderCompID is prefix and lane number */
    const char *target_comp_id;
    int heartbeat_seconds;
    int reconnect_seconds;
};

struct quickfix_field {
    int tag;
    const char *value;
};

struct quickfix_shim;

/* The configuration's strings are copied. -ENOMEM, -EAGAIN (no thread), -EMFILE. */
int quickfix_shim_create(const struct quickfix_config *config, const struct quickfix_sink *sink,
                         struct quickfix_shim **ret_shim);
/* Logs out and ends all lanes, then the thread. */
void quickfix_shim_destroy(struct quickfix_shim **shim);

/* Numbers from 1 to INT32_MAX. -EINVAL, -EBUSY open already, -ENOMEM. */
int quickfix_shim_open(struct quickfix_shim *shim, int lane, uint64_t next_in, uint64_t next_out);
void quickfix_shim_close(struct quickfix_shim *shim, int lane);

/* 0: numbered and on its way, or lost with the line. -ENOTCONN: not ready, no number was used. */
int quickfix_shim_send(struct quickfix_shim *shim, int lane, const char *type,
                       const struct quickfix_field *fields, size_t field_count,
                       const struct quickfix_reference *reference);

/* Subscribes trades of these symbols now, if ready, and after each logon. Replaces an earlier list. 0,
 * -ENOMEM, -ENOENT not open. */
int quickfix_shim_subscribe(struct quickfix_shim *shim, int lane, const char *const *symbols,
                            size_t symbol_count);

/* The number of the lane's next outgoing message; 0: not open. */
uint64_t quickfix_shim_next_out(struct quickfix_shim *shim, int lane);

/* There is room again after `full` said true. */
void quickfix_shim_resume(struct quickfix_shim *shim);

#ifdef __cplusplus
}
#endif

#endif
