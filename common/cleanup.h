/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup attributes: a local frees itself when its scope ends.
 *
 *     CLEANUP(uuid_list_destroy) struct uuid_list *list = NULL;
 *
 * The function takes a pointer to the variable and accepts NULL inside (CONTRIBUTING.md, Parameters). */
#ifndef OXE_COMMON_CLEANUP_H
#define OXE_COMMON_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

#define CLEANUP_FREE  CLEANUP(cleanup_free)
#define CLEANUP_CLOSE CLEANUP(cleanup_close)

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
