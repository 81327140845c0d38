/* SPDX-License-Identifier: Apache-2.0 */
/* A FIX 4.4 session as its acceptor sees it: sequence numbers, logon, heartbeats, gaps and their repair.
 *
 * Pure: events and the time come in as arguments, what to do comes out as a short list of actions that the
 * shell carries out in order. The shell numbers what it sends with session_take_out and keeps what it sent;
 * it tells the session that with session_stored, so that a resend knows which numbers were application
 * messages. Times are monotonic microseconds. Bounds: at most SESSION_HELD_MAX messages or
 * SESSION_HELD_BYTES_MAX bytes wait for a gap to close; what comes on top is asked for again later.
 * Allocation happens only for held messages and the growing index of sent ones; -ENOMEM is the only error. */
#ifndef OXE_EXCHANGE_SIM_SESSION_H
#define OXE_EXCHANGE_SIM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/exchange-sim/fix/fix.h"

enum {
    SESSION_ACTIONS_MAX = 4,
    SESSION_TEXT_MAX = 160,  /* with NUL: Text(58) of a Logout or Reject */
    SESSION_HELD_MAX = 4096, /* messages */
    SESSION_HELD_BYTES_MAX = 4 * 1024 * 1024,
    SESSION_HEARTBEAT_MAX = 3600, /* seconds */
    SESSION_GAP_RETRY_US = 10 * 1000 * 1000,
};

enum session_state {
    SESSION_DISCONNECTED,
    SESSION_LOGGED_ON,
    SESSION_LOGGING_OUT, /* our Logout is out, the other's is awaited */
};

struct session_held {
    uint64_t seq;
    uint32_t length; /* 0: taken care of already, only its number counts */
    char *bytes;
};

struct session {
    char comp_id[FIX_COMP_ID_MAX]; /* of the client */
    uint64_t next_in;
    uint64_t next_out;
    enum session_state state;
    int64_t heartbeat_us; /* 0: none */
    int64_t last_received_us;
    int64_t last_sent_us;
    bool test_request_open;
    bool begins_anew; /* our Logon reset the numbers: the client confirms with one that does, too */
    uint64_t gap_end; /* a ResendRequest is open up to this number; 0: none */
    int64_t gap_asked_us;

    /* Where application message i is kept, counted from 1; 0: it was administrative. */
    uint64_t *stored;
    size_t stored_capacity;

    struct session_held *held; /* by seq, ascending */
    size_t held_count;
    size_t held_bytes;
};

enum session_action_type {
    SESSION_SEND,       /* an administrative message: type, body */
    SESSION_DELIVER,    /* hand the message to the application */
    SESSION_RESEND,     /* repeat [begin, end] with session_resend_next */
    SESSION_RESET,      /* both numbers began at 1 again and the index is empty: note it in the journal */
    SESSION_DISCONNECT, /* close the connection once everything before is sent; text says why */
};

struct session_action {
    enum session_action_type type;
    char message_type;
    uint64_t begin, end;
    char text[SESSION_TEXT_MAX];
    struct fix_body body;
};

struct session_actions {
    size_t count;
    struct session_action items[SESSION_ACTIONS_MAX];
};

/* Both numbers begin at 1. */
int session_init(struct session *session, const char *comp_id);
void session_release(struct session *session);

/* The first message of a connection, already known to be from this session's CompID. `fault` is fix_parse's
 * verdict on it. The session is DISCONNECTED (asserted). */
int session_logon(struct session *session, const struct fix_message *message, const struct fix_fault *fault,
                  int64_t now_us, struct session_actions *ret_actions);

/* The same, sound, by an exchange that begins both numbers anew of its own accord: its Logon is number 1 with
 * ResetSeqNumFlag, and the client confirms with such a one. */
void session_logon_anew(struct session *session, const struct fix_message *message, int64_t now_us,
                        struct session_actions *ret_actions);

/* Any further message. own_comp_id is what TargetCompID must be. The session is not DISCONNECTED (asserted).
 */
int session_receive(struct session *session, const char *own_comp_id, const struct fix_message *message,
                    const struct fix_fault *parsed, int64_t now_us, struct session_actions *ret_actions);

/* A message that waited for a gap and is next now; call again until false. The caller frees *ret_bytes and
 * receives it. */
bool session_next_held(struct session *session, char **ret_bytes, size_t *ret_length);

/* Heartbeats and time-outs; call it several times per heartbeat interval. */
void session_tick(struct session *session, int64_t now_us, struct session_actions *ret_actions);

/* We want to end: a Logout goes out, the answer is awaited until the time-out. */
void session_logout(struct session *session, const char *text, int64_t now_us,
                    struct session_actions *ret_actions);

/* The connection is gone. */
void session_disconnect(struct session *session);

/* Nothing came for 2 × HeartBtInt: a new connection may take this session's place. */
bool session_dead(const struct session *session, int64_t now_us);

/* Draws the next outgoing number; now_us restarts the heartbeat. */
uint64_t session_take_out(struct session *session, int64_t now_us);
/* Number `seq` was an application message that is kept at `place` (never 0). */
int session_stored(struct session *session, uint64_t seq, uint64_t place);
/* Both numbers are 1 and nothing is stored: what a logon with ResetSeqNumFlag does, for the journal to repeat
 * on load. */
void session_reset_numbers(struct session *session);

/* One step of a resend: the numbers [begin, end) are one gap fill (place 0), or begin is one message at
 * `place`. */
struct session_resend {
    uint64_t begin, end, place;
};
/* The next step from `from` up to and including `to`; false when nothing is left. */
bool session_resend_next(const struct session *session, uint64_t from, uint64_t to,
                         struct session_resend *ret_step);

#endif
