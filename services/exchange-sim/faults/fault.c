/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/faults/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/hash.h"

struct faults {
    uint64_t seed;
    uint32_t last_id;
    uint32_t armed;  /* set of kinds, by bit */
    uint32_t points; /* set of enum fault_point: where they hook in */
    size_t count;
    struct fault faults[FAULTS_MAX]; /* oldest first */
    struct fault_note notes[FAULTS_NOTES_MAX];
    uint64_t noted, taken; /* how many in all */
};

static_assert(FAULT_KINDS <= 32, "the set of armed kinds is 32 bits");

int faults_create(uint64_t seed, struct faults **ret_faults)
{
    struct faults *faults = calloc(1, sizeof(*faults));
    if (faults == NULL)
        return -ENOMEM;
    faults->seed = seed;
    *ret_faults = faults;
    return 0;
}

void faults_destroy(struct faults **faults)
{
    if (*faults == NULL)
        return;
    (void)faults_clear(*faults, 0);
    free(*faults);
    *faults = NULL;
}

static void rebuild_armed(struct faults *faults)
{
    faults->armed = faults->points = 0;
    for (size_t i = 0; i < faults->count; i++) {
        faults->armed |= UINT32_C(1) << faults->faults[i].spec.kind;
        faults->points |= fault_spec_kinds[faults->faults[i].spec.kind].points;
    }
}

static void remove_at(struct faults *faults, size_t index)
{
    free(faults->faults[index].caught);
    faults->count--;
    memmove(faults->faults + index, faults->faults + index + 1,
            (faults->count - index) * sizeof(*faults->faults));
}

static bool used_up(const struct fault *fault)
{
    return fault->spec.count != 0 && fault->left == 0;
}

/* Room for one more, by forgetting the oldest that is used up. */
static bool make_room(struct faults *faults)
{
    for (size_t i = 0; i < faults->count && faults->count == FAULTS_MAX; i++)
        if (used_up(&faults->faults[i]))
            remove_at(faults, i);
    return faults->count < FAULTS_MAX;
}

int faults_arm(struct faults *faults, const struct fault_spec *spec, const struct fault **ret_fault)
{
    uint64_t *caught = NULL;
    if (!make_room(faults))
        return -ENOBUFS;
    if (fault_spec_kinds[spec->kind].sticks && spec->count > 0) {
        caught = calloc(spec->count, sizeof(*caught));
        if (caught == NULL)
            return -ENOMEM;
    }
    struct fault *fault = &faults->faults[faults->count++];
    *fault = (struct fault){.id = ++faults->last_id, .spec = *spec, .left = spec->count, .caught = caught};
    fault->random = spec->seed != 0 ? spec->seed : hash_mix(faults->seed + HASH_STEP * fault->id);
    rebuild_armed(faults);
    *ret_fault = fault;
    return 0;
}

size_t faults_clear(struct faults *faults, uint32_t id)
{
    size_t before = faults->count;
    for (size_t i = faults->count; i-- > 0;)
        if (id == 0 || faults->faults[i].id == id)
            remove_at(faults, i);
    rebuild_armed(faults);
    return before - faults->count;
}

static bool meets(const struct fault_spec *spec, const struct fault_subject *subject)
{
    if (spec->session[0] != '\0' &&
        (subject->session == NULL || strcmp(spec->session, subject->session) != 0))
        return false;
    if (spec->symbol[0] != '\0' && !fix_text_equals(subject->symbol, spec->symbol))
        return false;
    if (spec->order[0] != '\0' && !fix_text_equals(subject->cl_ord_id, spec->order))
        return false;
    if (spec->side != 0 && subject->side != (char)spec->side)
        return false;
    if (spec->messages != 0 && (spec->messages & subject->message) == 0)
        return false;
    return spec->reports == 0 || (spec->reports & subject->report) != 0;
}

static bool sticks_to(const struct fault *fault, uint64_t order)
{
    for (size_t i = fault->caught_count; order != 0 && i-- > 0;)
        if (fault->caught[i] == order)
            return true;
    return false;
}

/* An order that a lasting fault sticks to gets one draw for all its reports; anything else one each time. */
static bool by_chance(struct fault *fault, const struct fault_subject *subject)
{
    if (fault->spec.chance_ppm == FAULT_CERTAIN_PPM)
        return true;
    uint64_t drawn = fault_spec_kinds[fault->spec.kind].sticks && subject->order != 0
                         ? hash_mix(fault->random + HASH_STEP * subject->order)
                         : hash_mix(fault->random += HASH_STEP);
    return drawn % FAULT_CERTAIN_PPM < fault->spec.chance_ppm;
}

static void copy_text(char *target, size_t size, struct fix_text text)
{
    size_t length = text.length < size ? text.length : size - 1;
    if (length > 0)
        memcpy(target, text.text, length);
    target[length] = '\0';
}

static void take_down(struct faults *faults, const struct fault *fault, const struct fault_subject *subject)
{
    struct fault_note *note = &faults->notes[faults->noted++ % FAULTS_NOTES_MAX];
    *note = (struct fault_note){.id = fault->id, .kind = fault->spec.kind};
    if (subject->session != NULL)
        copy_text(note->session, sizeof(note->session), fix_text_of(subject->session));
    copy_text(note->cl_ord_id, sizeof(note->cl_ord_id), subject->cl_ord_id);
    if (faults->noted - faults->taken > FAULTS_NOTES_MAX)
        faults->taken = faults->noted - FAULTS_NOTES_MAX;
}

const struct fault *faults_fire(struct faults *faults, enum fault_kind kind,
                                const struct fault_subject *subject)
{
    if (faults == NULL || (faults->armed & UINT32_C(1) << kind) == 0)
        return NULL;
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->faults[i];
        if (fault->spec.kind != kind || !meets(&fault->spec, subject))
            continue;
        /* Of a fault that lasts the log says when it began and ended. */
        if (sticks_to(fault, subject->order) || fault_spec_lasts(kind))
            return fault;
        if (used_up(fault) || !by_chance(fault, subject))
            continue;
        fault->fired++;
        if (fault->spec.count != 0) {
            fault->left--;
            if (fault->caught != NULL && subject->order != 0)
                fault->caught[fault->caught_count++] = subject->order;
        }
        take_down(faults, fault, subject);
        return fault;
    }
    return NULL;
}

bool faults_armed_at(const struct faults *faults, uint32_t points)
{
    return (faults->points & points) != 0;
}

enum fault_verdict faults_judge(struct faults *faults, enum fault_point point,
                                const struct fault_subject *subject, const struct fault **ret_fault)
{
    for (size_t kind = 0; kind < FAULT_KINDS && faults_armed_at(faults, point); kind++) {
        const struct fault *fault = NULL;
        if ((fault_spec_kinds[kind].points & point) != 0)
            fault = faults_fire(faults, (enum fault_kind)kind, subject);
        if (fault == NULL)
            continue;
        if (ret_fault != NULL)
            *ret_fault = fault;
        return fault_spec_kinds[kind].verdict;
    }
    return FAULT_GO_ON;
}

size_t faults_count(const struct faults *faults)
{
    return faults->count;
}

const struct fault *faults_at(const struct faults *faults, size_t index)
{
    return &faults->faults[index];
}

bool faults_take_note(struct faults *faults, struct fault_note *ret_note)
{
    if (faults->taken == faults->noted)
        return false;
    *ret_note = faults->notes[faults->taken++ % FAULTS_NOTES_MAX];
    return true;
}

static struct fix_text text_of(const struct fix_message *message, uint32_t tag)
{
    const struct fix_field *field = fix_find(message, tag);
    return field != NULL ? (struct fix_text){field->value, field->length} : (struct fix_text){0};
}

uint32_t fault_message_of(struct fix_text type)
{
    static const struct {
        char type;
        enum fault_message message;
    } types[] = {{'D', FAULT_ORDER},
                 {'F', FAULT_CANCEL},
                 {'G', FAULT_REPLACE},
                 {'H', FAULT_QUERY},
                 {'A', FAULT_LOGON}};
    for (size_t i = 0; i < ARRAY_LEN(types) && type.length == 1; i++)
        if (types[i].type == type.text[0])
            return types[i].message;
    return FAULT_OTHER;
}

struct fault_subject fault_subject_of(const struct fix_message *message, const char *session)
{
    struct fault_subject subject = {.session = session, .message = fault_message_of(message->type)};
    subject.symbol = text_of(message, FIX_SYMBOL);
    bool names_another = subject.message == FAULT_CANCEL || subject.message == FAULT_REPLACE;
    subject.cl_ord_id = text_of(message, names_another ? FIX_ORIG_CL_ORD_ID : FIX_CL_ORD_ID);
    struct fix_text side = text_of(message, FIX_SIDE);
    if (side.length == 1)
        subject.side = side.text[0];
    return subject;
}
