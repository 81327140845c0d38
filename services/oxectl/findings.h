/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a suite, by what is known of it. Pure: facts in, findings out.
 *
 * The facts are one JSON object:
 *     probes     [{name, address, fault, health}]: schema Health, or null and why; null: nobody said whom to
 * ask database   {state, orders, clock_offset, clock_spread}: as sql/doctor.sql and sql/doctor_orders.sql
 * say, and how far its clock is ahead of ours, give or take, in milliseconds; {error}: it does not answer;
 *                null: nobody said where it is
 *     disks      [{folder, used, text}]: in per cent
 *     simulator  {faults}: how many are armed; null: there is none, it does not answer, or nobody said where
 * A member that is not there or null is not judged. */
#ifndef OXE_OXECTL_FINDINGS_H
#define OXE_OXECTL_FINDINGS_H

#include <stddef.h>

#include <yajl/yajl_tree.h>

enum {
    FINDINGS_MAX = 64, /* more are left out */
    FINDING_DETAIL_MAX = 512,
    FINDING_REMEDY_MAX = 256,
};

enum severity {
    SEVERITY_ALARM,   /* somebody must act now */
    SEVERITY_WARNING, /* somebody must know, and act today */
    SEVERITY_NOTE,
    SEVERITY_COUNT
};

struct finding {
    const char *kind; /* its section in docs/operation/runbooks.md */
    enum severity severity;
    char detail[FINDING_DETAIL_MAX];
    char remedy[FINDING_REMEDY_MAX]; /* a command to paste */
};

struct findings {
    struct finding items[FINDINGS_MAX];
    size_t count;
};

/* How the suite is operated, as commands to paste; %s are names of processes. None may change what runs well:
 * neither its settings nor how many there are. */
struct platform {
    const char *name;
    const char *ctl;            /* what stands for oxectl */
    const char *start;          /* processes that are dead or stand still */
    const char *separator;      /* of the names in start; NULL: a blank */
    const char *start_all;      /* where nothing answers */
    const char *start_database; /* which may well be running, and refuse us alone */
    const char *logs;
    const char *backup, *first_backup;
};

/* By its name; one that is unknown, or NULL, is the first. */
const struct platform *findings_platform(const char *name);

/* The most severe first, causes before what follows from them. */
void findings_make(yajl_val facts, const struct platform *platform, struct findings *ret_findings);

const char *findings_severity_text(enum severity severity);

#endif
