/* SPDX-License-Identifier: Apache-2.0 */
/* What a fault is: its kind, whom it meets, how often, and how; and the line of text that says so.
 *
 *     KIND [NAME=VALUE ...] [COUNT|always]
 *
 * Pure. The kinds and the words of the grammar are declared in faults.def; docs/exchange-sim.md has an
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
#define FAULT(kind, ...) FAULT_##kind,
#include "services/exchange-sim/faults/faults.def"
    FAULT_KINDS,
};

/* Where a fault hooks in. The first seven are about a message from a client, in the order that it passes
 * them. */
enum fault_point {
    FAULT_AT_CONNECT = 1 << 0,   /* a Logon has come */
    FAULT_AT_LOGON = 1 << 1,     /* it is to be answered */
    FAULT_AT_ARRIVAL = 1 << 2,   /* another message has come, and may be left where it is */
    FAULT_AT_MESSAGE = 1 << 3,   /* it is taken */
    FAULT_AT_REQUEST = 1 << 4,   /* it is a request about an order, and sound */
    FAULT_AT_DELIVERED = 1 << 5, /* it has had its effect, and there may be more to tell */
    FAULT_AT_EFFECT = 1 << 6,    /* it has had its effect, as a Logon has */
    FAULT_AT_FILL = 1 << 7,      /* an order trades */
    FAULT_AT_CANCEL = 1 << 8,    /* an order was cancelled */
    FAULT_AT_REPORT = 1 << 9,    /* a report about an order is to go out */
    FAULT_AT_NUMBER = 1 << 10,   /* a message to a session gets its number */
    FAULT_AT_WRITE = 1 << 11,    /* bytes are to leave */
    FAULT_AT_QUOTES = 1 << 12,   /* synthetic quotes are looked at */
};

/* What a fault makes of a message. */
enum fault_verdict {
    FAULT_GO_ON,  /* nothing */
    FAULT_IGNORE, /* it is passed over */
    FAULT_REFUSE_IT,
    FAULT_CUT_LINE,
    FAULT_FREEZE_LINE,
    FAULT_BEGIN_ANEW, /* both numbers begin anew with the answer */
    FAULT_TELL_STRAY,
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

enum fault_until { FAULT_UNTIL_QUERY = 1, FAULT_UNTIL_RESEND, FAULT_UNTIL_NEVER };
enum fault_as { FAULT_AS_RESEND = 1, FAULT_AS_DUP, FAULT_AS_NEW };

struct fault_spec {
    enum fault_kind kind;
    /* Whom it meets; empty or 0: anybody. */
    char session[FIX_COMP_ID_MAX]; /* CompID of the client */
    char symbol[INSTRUMENT_SYMBOL_MAX];
    char order[CL_ORD_ID_MAX]; /* ClOrdID of the NewOrderSingle */
    uint32_t side;             /* FIX: '1' or '2' */
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

/* What is declared of each kind. */
struct fault_kind_info {
    const char *name;
    const char *usage; /* "swallow [message=order] …" */
    const char *help;  /* a sentence */
    uint32_t points;   /* set of enum fault_point */
    enum fault_verdict verdict;
    uint32_t words;   /* those that it takes, by bit */
    uint32_t allowed; /* the messages or reports that `message` or `report` may name */
    bool sticks;      /* it fires once for an order and then meets every such report of that order */
    struct fault_spec defaults;
};
extern const struct fault_kind_info fault_spec_kinds[FAULT_KINDS];

/* The fault is a state that lasts until it is cleared; it is not counted down. */
bool fault_spec_lasts(enum fault_kind kind);

/* words[0] is the kind; `count` words. -EINVAL, with ret_wrong set. */
int fault_spec_parse(char *const *words, size_t count, struct fault_spec *ret_spec,
                     char ret_wrong[static FAULT_TEXT_MAX]);

/* The line that makes this fault, with its defaults written out but for selectors that select all. */
void fault_spec_describe(const struct fault_spec *spec, struct buffer *out);

#endif
