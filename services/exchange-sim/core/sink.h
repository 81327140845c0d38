/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of the exchange: who takes its messages and gives them their numbers. */
#ifndef OXE_EXCHANGE_SIM_SINK_H
#define OXE_EXCHANGE_SIM_SINK_H

#include "services/exchange-sim/fix/fix.h"

enum sink_way {
    SINK_KEPT,     /* the message has a number for ever and is resent */
    SINK_PASSING,  /* it is of use only now */
    SINK_UNSENT,   /* as KEPT, but it is not written: only a resend brings it */
    SINK_REPEATED, /* it was just sent: once more, with its number and PossDupFlag */
};

struct sink {
    void *context;
    void (*send)(void *context, uint32_t session, const char *type, const struct fix_body *body,
                 enum sink_way way);
};

static inline void sink_send(const struct sink *sink, uint32_t session, const char *type,
                             const struct fix_body *body, enum sink_way way)
{
    sink->send(sink->context, session, type, body, way);
}

#endif
