/* SPDX-License-Identifier: Apache-2.0 */
#include "common/disk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>

/* Rounded up, so that a last free block does not count as one per cent. */
static int percent(uint64_t used, uint64_t available)
{
    uint64_t whole = used + available;

    return whole == 0 ? 0 : (int)((used * 100 + whole - 1) / whole);
}

int disk_look(const char *folder, struct disk *ret_disk)
{
    struct statvfs found;

    if (statvfs(folder, &found) < 0)
        return -errno;
    int bytes = percent(found.f_blocks - found.f_bfree, found.f_bavail);
    int files = percent(found.f_files - found.f_ffree, found.f_favail);
    *ret_disk = (struct disk){
        .used_percent = files > bytes ? files : bytes,
        .free_bytes = (uint64_t)found.f_bavail * found.f_frsize,
        .of_files = files > bytes,
    };
    return 0;
}

void disk_describe(const struct disk *disk, const char *folder, char text[static DISK_TEXT_MAX])
{
    (void)snprintf(text, DISK_TEXT_MAX, "%d %% of the %s of %.80s are used, %" PRIu64 " MiB are free",
                   disk->used_percent, disk->of_files ? "files" : "disk", folder, disk->free_bytes >> 20);
}
