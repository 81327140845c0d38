/* getAuditPolicy: which keys sign the log's checkpoints, and how many witnesses vouch for them (C2SP
 * tlog-policy). The file is read for each answer: it is small, seldom asked for, and in force as soon as it
 * is changed. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "services/gateway/gateway.h"
#include "services/gateway/operations.h"

enum { POLICY_BYTES_MAX = 16 * 1024 };

/* Its length; -errno; -EFBIG. */
static ssize_t read_policy(const char *path, char text[static POLICY_BYTES_MAX])
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    size_t length = 0;
    ssize_t r;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    while ((r = read(fd, text + length, POLICY_BYTES_MAX - length)) > 0)
        length += (size_t)r;
    if (r < 0)
        return -errno;
    return length < POLICY_BYTES_MAX ? (ssize_t)length : -EFBIG;
}

void policy_get(struct request *request)
{
    const char *path = request->gateway->config->audit_policy;
    char text[POLICY_BYTES_MAX];

    if (path[0] == '\0') {
        request_refuse(request, REJECT_NOT_FOUND,
                       "This server names no keys of its audit log; ask whoever runs it for the policy.");
        return;
    }
    ssize_t length = read_policy(path, text);
    if (length < 0)
        request_unavailable(request, "The policy of the audit log cannot be read; try again shortly.");
    else
        request_answer_bytes(request, "text/plain; charset=utf-8", "no-cache", text, (size_t)length);
}
