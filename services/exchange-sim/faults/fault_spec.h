/* SPDX-License-Identifier: Apache-2.0 */
/* What a fault is: its kind, whom it meets, how often, and how; and the line of text that says so.
 *
 *     KIND [NAME=VALUE ...] [COUNT|always]
 *
 * Pure. The kinds and the words of the grammar are tables in fault_spec.c; docs/exchange-sim.md has an
 * example of each. Texts are bounded and copied. */
#ifndef OXE_EXCHANGE_SIM_FAULT_SPEC_H
#define OXE_EXCHANGE_SIM_FAULT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/decimal.h"
#include "services/exchange-sim/core/instruments.h"
#include "services/exchange-sim/fix/fix.h"
#include "services/exchange-sim/records.h"

enum {
    FAULT_COUNT_MAX = 1000,
    FAULT_MS_MAX = 3600 * 1000,
    FAULT_NUMBER_MAX = 100000,
    FAULT_TEXT_MAX = 128, /* with NUL: what is wrong with a line */
    FAULT_CERTAIN_PPM = 1000000,
};

enum fault_kind {
    FAULT_WITHHOLD,    /* reports of an order are not sent */
    FAULT_DELAY,       /* reports of an order are sent later */
    FAULT_REORDER,     /* a report is sent after the one that follows it */
    FAULT_REPEAT,      /* a report is sent twice */
    FAULT_ALTER,       /* a fill is told again with its ExecID and other figures */
    FAULT_SWALLOW,     /* a message is read and forgotten */
    FAULT_REFUSE,      /* a message is answered with a refusal */
    FAULT_DROP_BEFORE, /* a message is read, not applied, and the connection cut */
    FAULT_DROP_AFTER,  /* a message is applied and journaled, and the connection cut before the answer */
    FAULT_HALF_OPEN,   /* the connection stays, but nothing is read or written */
    FAULT_SLOW,        /* everything that is written leaves later */
    FAULT_GAP,         /* outgoing numbers are skipped */
    FAULT_RESET,       /* SequenceReset-Reset to a higher number */
    FAULT_RESET_LOGON, /* the answer to a logon begins both numbers anew */
    FAULT_PIECES,      /* each fill of an order is split */
    FAULT_OVERFILL,    /* a filled order is filled beyond its quantity */
    FAULT_LATE_FILL,   /* the rest of a cancelled order is filled after all */
    FAULT_WRONG_CUM,   /* a status answer with another CumQty */
    FAULT_STRAY,       /* a fill of an order that nobody sent */
    FAULT_NO_QUOTES,   /* no synthetic quotes */
    FAULT_KINDS,
};

/* Sets of these select messages from a client, and reports to one. */
enum fault_message {
    FAULT_ORDER = 1,
    FAULT_CANCEL = 2,
    FAULT_REPLACE = 4,
    FAULT_QUERY = 8,
    FAULT_LOGON = 16,
    FAULT_OTHER = 32, /* heartbeats and the like */
    FAULT_MESSAGES_ANY = 63,
};
enum fault_report {
    FAULT_ACK = 1,
    FAULT_FILL = 2,
    FAULT_DONE = 4, /* cancelled, expired, replaced */
    FAULT_REFUSAL = 8,
    FAULT_STATUS = 16,
    FAULT_REPORTS_ANY = 31,
};

enum fault_until { FAULT_UNTIL_QUERY, FAULT_UNTIL_RESEND, FAULT_UNTIL_NEVER };
enum fault_as { FAULT_AS_RESEND, FAULT_AS_DUP, FAULT_AS_NEW };

struct fault_spec {
    enum fault_kind kind;
    /* Whom it meets; empty or 0: anybody. */
    char session[FIX_COMP_ID_MAX]; /* CompID of the client */
    char symbol[INSTRUMENT_SYMBOL_MAX];
    char order[CL_ORD_ID_MAX]; /* ClOrdID of the NewOrderSingle */
    uint8_t side;              /* FIX: '1' or '2' */
    uint32_t messages;         /* set of enum fault_message */
    uint32_t reports;          /* set of enum fault_report */
    /* How often. */
    uint32_t count;      /* 0: always */
    uint32_t chance_ppm; /* of a million, FAULT_CERTAIN_PPM: each time */
    uint64_t seed;       /* 0: the simulator's */
    /* How; what a kind does not use is 0. */
    char id[CL_ORD_ID_MAX];  /* ClOrdID of a stray fill; empty: made up */
    uint32_t until;          /* enum fault_until */
    uint32_t as;             /* enum fault_as */
    uint32_t ms;             /* how long */
    uint32_t number;         /* how many numbers or pieces; the reason of a refusal */
    struct decimal quantity; /* 0: one lot */
};

const char *fault_kind_name(enum fault_kind kind);
/* "swallow [message=order] …" and a sentence. */
const char *fault_kind_usage(enum fault_kind kind);
const char *fault_kind_help(enum fault_kind kind);
/* The fault is about an order as a whole: it fires once and then meets every such report of that order. */
bool fault_kind_sticks(enum fault_kind kind);
/* The fault is a state that lasts until it is cleared; it is not counted down. */
bool fault_kind_lasts(enum fault_kind kind);

/* words[0] is the kind; `count` words. -EINVAL, with ret_wrong set. */
int fault_spec_parse(char *const *words, size_t count, struct fault_spec *ret_spec,
                     char ret_wrong[static FAULT_TEXT_MAX]);

/* The line that makes this fault, with its defaults written out but for selectors that select all. */
void fault_spec_describe(const struct fault_spec *spec, struct buffer *out);

#endif
