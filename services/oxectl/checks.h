/* SPDX-License-Identifier: Apache-2.0 */
/* What a command has checked, one line each, with what to do about it. */
#ifndef OXE_OXECTL_CHECKS_H
#define OXE_OXECTL_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

enum { CHECKS_MAX = 64 };

enum check_status { CHECKED_OK, CHECKED_SKIPPED, CHECKED_WARNING, CHECKED_FAILED };

struct check_result {
    enum check_status status;
    char *name, *detail, *remedy; /* remedy: NULL where nothing is to be done */
};

struct checks {
    struct check_result items[CHECKS_MAX]; /* those past it are not kept, and `overflow` is set */
    size_t count;
    bool overflow;
};

/* Copies all, the detail as printf makes it; of one that is ok the remedy is left out. */
void checks_add(struct checks *checks, const char *name, enum check_status status, const char *remedy,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Whether somebody has named what is to be looked at; else the check is skipped, with this detail. */
bool checks_named(struct checks *checks, const char *name, const char *what, const char *skipped);
void checks_release(struct checks *checks);

/* "ok", "skipped", "warning", "failed"; anything else is CHECKED_FAILED. */
enum check_status checks_status_of(const char *word);
/* On standard output: a line each, and the remedy below it; or one JSON object. Returns whether none has
 * failed. */
bool checks_print(const struct checks *checks, bool json);

/* How much of a folder's disk is free: (status of free bytes of total, as the caller has them). */
enum check_status checks_of_disk(unsigned long long free_bytes, unsigned long long total_bytes);

#endif
