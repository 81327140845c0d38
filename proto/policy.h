/* SPDX-License-Identifier: Apache-2.0 */
/* A policy (C2SP tlog-policy): which logs and witnesses are known, and which of the witnesses must have
 * cosigned a checkpoint before it is believed. Pure.
 *
 *     log VERIFIER-KEY [URL]
 *     witness NAME VERIFIER-KEY [URL]
 *     group NAME all|any|K MEMBER …
 *     quorum NAME|none */
#ifndef OXE_PROTO_POLICY_H
#define OXE_PROTO_POLICY_H

#include "proto/note.h"

enum {
    POLICY_TEXT_MAX = 16 * 1024,
    POLICY_LOGS_MAX = 32,
    POLICY_WITNESSES_MAX = 32,
    POLICY_GROUPS_MAX = 32,
    POLICY_NAME_MAX = NOTE_NAME_MAX, /* with NUL */
    POLICY_URL_MAX = 256,            /* likewise */
};

struct policy_witness {
    char name[POLICY_NAME_MAX]; /* means something within the policy alone */
    struct note_key key;
    char url[POLICY_URL_MAX]; /* "": none */
};

struct policy_group {
    char name[POLICY_NAME_MAX];
    unsigned int threshold;
    uint64_t members; /* bits as in `quorum` */
};

struct policy {
    struct note_key logs[POLICY_LOGS_MAX];
    size_t log_count;
    struct policy_witness witnesses[POLICY_WITNESSES_MAX];
    size_t witness_count;
    struct policy_group groups[POLICY_GROUPS_MAX];
    size_t group_count;
    uint64_t quorum; /* bit i: witness i; bit POLICY_WITNESSES_MAX + i: group i; 0: none is asked for */
};

/* Why a text is no policy. */
struct policy_fault {
    size_t line; /* from 1; 0: of the whole */
    const char *why;
};

/* -EINVAL: *ret_fault tells. */
int policy_parse(const char *text, size_t length, struct policy *ret_policy, struct policy_fault *ret_fault);

/* Whether the witnesses whose bits are set (bit i: witness i) are a quorum. */
bool policy_is_met(const struct policy *policy, uint32_t cosigned);
/* Which witnesses have cosigned the note: a line that is a witness' and wrong counts as none. */
uint32_t policy_cosigned(const struct policy *policy, const struct note *note);

#endif
