/* SPDX-License-Identifier: Apache-2.0 */
/* How full the disk behind a folder is, by bytes and by files (inodes), whichever is scarcer. */
#ifndef OXE_COMMON_DISK_H
#define OXE_COMMON_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DISK_LOW_PERCENT = 90,  /* used: it is time to make room */
    DISK_FULL_PERCENT = 97, /* used: what is written next may fail */
    DISK_TEXT_MAX = 160,    /* with NUL */
};

struct disk {
    int used_percent; /* of what users other than root may use */
    uint64_t free_bytes;
    bool of_files; /* the percentage is that of files */
};

/* -errno: the folder is not there, or cannot be reached. */
int disk_look(const char *folder, struct disk *ret_disk);

/* "97 % of the disk of /var/lib/oxe are used, 12 MiB are free" */
void disk_describe(const struct disk *disk, const char *folder, char text[static DISK_TEXT_MAX]);

#endif
