/* SPDX-License-Identifier: Apache-2.0 */
/* Which witness is asked for what, and what its answer means (C2SP tlog-witness, the log's side). Pure: no
 * clock, no sockets, no database.
 *
 * One checkpoint at a time is to be published: the target. It stays the target until it has its quorum, so
 * that cosignatures of witnesses that are slow in different ways come together; the next target is then the
 * newest checkpoint. The one exception: witnesses that have seen a later checkpoint already do not cosign the
 * target any more; when it has no quorum without them, the newest takes its place. So it does when the log
 * goes under another name since: witnesses know it by its new one alone. */
#ifndef OXE_AUDIT_WRITER_COSIGN_H
#define OXE_AUDIT_WRITER_COSIGN_H

#include "proto/checkpoint.h"
#include "proto/policy.h"

enum {
    COSIGN_RETRY_US = 1000000,       /* from an answer that did not help to the next question */
    COSIGN_SIZES_MAX = 3,            /* sizes that a witness may name for one target without that pause */
    COSIGN_ALARM_US = 10 * 1000000,  /* without a quorum until that is an alarm */
    COSIGN_ANSWER_MAX = 16 * 1024,   /* bytes of an answer */
    COSIGN_LINE_MAX = NOTE_LINE_MAX, /* of a cosignature */
};

/* What stands between a witness and its cosignature. */
enum cosign_trouble {
    COSIGN_FINE,
    COSIGN_SILENT, /* no answer, or not in time */
    COSIGN_UNKNOWN_LOG,
    COSIGN_UNKNOWN_KEY,
    COSIGN_BROKEN,   /* an answer that the specification does not know */
    COSIGN_UNSIGNED, /* a cosignature that is not by its key */
    COSIGN_FORKED,   /* it has seen another history */
    COSIGN_AHEAD,    /* it has seen a later checkpoint than the target */
    COSIGN_TROUBLE_COUNT,
};

const char *cosign_trouble_text(enum cosign_trouble trouble);

struct cosign_witness {
    bool cosigned; /* the target; `line` is its signature line */
    char line[COSIGN_LINE_MAX];
    size_t line_length;
    uint64_t seen_size;  /* what it cosigned last, as far as is known */
    uint64_t asked_size; /* of the checkpoint that it was asked for last */
    uint64_t asked_from; /* where the proof began: what it has seen, or 0 to be told */
    bool asking;
    int64_t ask_at_us;
    unsigned int sizes_named; /* for this target */
    enum cosign_trouble trouble;
};

struct cosign {
    const struct policy *policy;
    bool pending; /* there is a target */
    struct checkpoint target;
    struct buffer note; /* the target as the log has signed it */
    size_t text_length; /* of the note's text */
    int64_t since_us;   /* since when something waits to be published; kept from one target to the next if
                           that one was given up */
    struct cosign_witness witnesses[POLICY_WITNESSES_MAX];
};

/* policy: borrowed. note.length_max must be set by the caller, who also releases it. */
void cosign_reset(struct cosign *cosign, const struct policy *policy);
/* Makes this checkpoint the target. -EBADMSG: it is not a checkpoint; -ENOMEM. */
int cosign_begin(struct cosign *cosign, const char *note, size_t length, int64_t now_us);
/* The target is published. */
void cosign_end(struct cosign *cosign);

/* A witness that is to be asked for the target now, and is taken for asked from here on. False: there is
 * none; *ret_due_us is when there may be one, INT64_MAX: not before something happens. */
bool cosign_next(struct cosign *cosign, int64_t now_us, size_t *ret_witness, int64_t *ret_due_us);
/* The question could not be made or sent, for reasons of our own. */
void cosign_put_off(struct cosign *cosign, size_t witness, int64_t now_us);
/* status: of HTTP; 0: there was no answer. */
void cosign_answer(struct cosign *cosign, size_t witness, long status, const char *body, size_t length,
                   int64_t now_us);

bool cosign_is_met(const struct cosign *cosign);
/* Whether this note is a checkpoint of a log by another name than the target's. */
bool cosign_is_renamed(const struct cosign *cosign, const char *note, size_t length);
/* Whether the target can have no quorum because witnesses have seen later checkpoints. */
bool cosign_is_overtaken(const struct cosign *cosign);
/* The note with all cosignatures. */
void cosign_append_note(const struct cosign *cosign, struct buffer *out);

/* Whether any witness contradicts the log: has seen another history, or what the database (whose newest
 * checkpoint has `newest` entries) has no more. */
bool cosign_is_contradicted(const struct cosign *cosign, uint64_t newest);
/* Whether the quorum has been missing for too long. */
bool cosign_is_late(const struct cosign *cosign, int64_t now_us);
/* For people: what is wrong with each witness that has not cosigned. */
void cosign_append_complaint(const struct cosign *cosign, struct buffer *out);

#endif
