/* SPDX-License-Identifier: Apache-2.0 */
/* The faults that are armed: who asks whether one fires, which does, and how often it has.
 *
 * Pure, and in memory only: a restarted exchange behaves. The exchange and its shell ask at a few points
 * (faults_fire); with nothing armed that costs one comparison. Chances are drawn from the fault's own seeded
 * generator, so that the same messages in the same order meet the same faults. A fault that sticks to orders
 * (`sticks`) fires at the first matching report of an order and then meets every matching report of
 * that order. Bounds: FAULTS_MAX faults; a used up one makes room for a new one. */
#ifndef OXE_EXCHANGE_SIM_FAULT_H
#define OXE_EXCHANGE_SIM_FAULT_H

#include "services/exchange-sim/faults/fault_spec.h"

enum { FAULTS_MAX = 64, FAULTS_NOTES_MAX = 256 };

struct faults;

/* What might meet a fault. Texts are borrowed for the call and may be empty. */
struct fault_subject {
    const char *session; /* CompID of the client; NULL: none */
    struct fix_text symbol;
    struct fix_text cl_ord_id; /* of the NewOrderSingle */
    char side;                 /* 0: none */
    uint32_t message;          /* one of enum fault_message, or 0 */
    uint32_t report;           /* one of enum fault_report, or 0 */
    uint64_t order;            /* its number; 0: none */
};

struct fault {
    uint32_t id; /* 1, 2, 3 … */
    struct fault_spec spec;
    uint32_t left; /* firings; meaningless when spec.count is 0 */
    uint64_t fired;
    uint64_t random;
    uint64_t *caught; /* orders that it sticks to */
    size_t caught_count;
};

/* -ENOMEM. `seed`: for faults that name none. */
int faults_create(uint64_t seed, struct faults **ret_faults);
void faults_destroy(struct faults **faults);

/* -ENOBUFS when FAULTS_MAX are armed, -ENOMEM. The fault is borrowed until it is cleared. */
int faults_arm(struct faults *faults, const struct fault_spec *spec, const struct fault **ret_fault);
/* 0: all. Returns how many there were. */
size_t faults_clear(struct faults *faults, uint32_t id);

/* Whether a fault is armed that hooks in at one of these points (a set). */
bool faults_armed_at(const struct faults *faults, uint32_t points);
/* The fault of this kind that meets the subject now, counted unless it lasts; NULL: none. Good until the next
 * arm or clear. `faults` may be NULL: none. */
const struct fault *faults_fire(struct faults *faults, enum fault_kind kind,
                                const struct fault_subject *subject);
/* What the first fault at the point that meets a message makes of it. ret_fault (may be NULL) is set unless
 * the message goes on. */
enum fault_verdict faults_judge(struct faults *faults, enum fault_point point,
                                const struct fault_subject *subject, const struct fault **ret_fault);

size_t faults_count(const struct faults *faults);
const struct fault *faults_at(const struct faults *faults, size_t index);

/* Firings since the last call, oldest first, for the log; false: none is left. The oldest are forgotten past
 * FAULTS_NOTES_MAX. */
struct fault_note {
    uint32_t id;
    enum fault_kind kind;
    char session[FIX_COMP_ID_MAX];
    char cl_ord_id[CL_ORD_ID_MAX];
};
bool faults_take_note(struct faults *faults, struct fault_note *ret_note);

/* Which of enum fault_message a MsgType is. */
uint32_t fault_message_of(struct fix_text type);
/* What a message from a client is about. */
struct fault_subject fault_subject_of(const struct fix_message *message, const char *session);

#endif
