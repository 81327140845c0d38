/* SPDX-License-Identifier: Apache-2.0 */
/* Small files: read whole, and replaced whole so that a reader finds the old one or the new one, whatever
 * dies in between. */
#ifndef OXE_COMMON_FILE_H
#define OXE_COMMON_FILE_H

#include "common/buffer.h"

/* Appends what the file has to *out, whose length_max bounds it. -errno; -EINVAL: it is no regular file;
 * -EFBIG: it is longer; -ENOMEM. */
int file_read(const char *path, struct buffer *out);

/* Writes all of the bytes where the descriptor is. -errno: perhaps not all. */
int file_write_all(int fd, const void *bytes, size_t length);

/* Puts these bytes in the file's place, for its owner alone: PATH.new is written and synced, renamed, and the
 * folder synced. It is on disk when this returns 0. -errno: the file is the old one, or (when syncing the
 * folder failed) either; -ENAMETOOLONG. */
int file_replace(const char *path, const void *bytes, size_t length);

#endif
