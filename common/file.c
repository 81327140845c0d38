/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { PATH_BYTES = 1024, CHUNK_BYTES = 4096 };

int file_read(const char *path, struct buffer *out)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char chunk[CHUNK_BYTES];
    struct stat status;
    ssize_t length;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    buffer_append(out, "", 0); /* so that there is something to point at in an empty file's too */
    while ((length = read(fd, chunk, sizeof(chunk))) > 0)
        buffer_append(out, chunk, (size_t)length);
    if (length < 0)
        return -errno;
    return !buffer_failed(out) ? 0 : out->error == -ENOBUFS ? -EFBIG : out->error;
}

int file_write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        at += written;
        length -= (size_t)written;
    }
    return 0;
}

static int write_new(const char *path, const void *bytes, size_t length)
{
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return -errno;
    int r = file_write_all(fd, bytes, length);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    return r;
}

static int sync_folder(const char *path)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

    (void)snprintf(folder, sizeof(folder), "%.*s", length == 0 ? 1 : (int)length, length == 0 ? "." : path);
    CLEANUP_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
}

int file_replace(const char *path, const void *bytes, size_t length)
{
    char new_path[PATH_BYTES];

    if (snprintf(new_path, sizeof(new_path), "%s.new", path) >= (int)sizeof(new_path))
        return -ENAMETOOLONG;
    int r = write_new(new_path, bytes, length);
    if (r == 0 && rename(new_path, path) < 0)
        r = -errno;
    if (r < 0) {
        (void)unlink(new_path);
        return r;
    }
    return sync_folder(path);
}
