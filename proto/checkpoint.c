/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/base64.h"
#include "proto/line.h"

void checkpoint_append(const struct checkpoint *checkpoint, struct buffer *out)
{
    buffer_append_format(out, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
    base64_append(out, checkpoint->root, sizeof(checkpoint->root));
    buffer_append_char(out, '\n');
}

int checkpoint_parse_size(const char *text, size_t length, uint64_t *ret_size)
{
    uint64_t size = 0;

    if (length == 0 || length > 19 || (text[0] == '0' && length > 1))
        return -EBADMSG;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EBADMSG;
        size = size * 10 + (uint64_t)(text[i] - '0');
    }
    if (size > INT64_MAX)
        return -EBADMSG;
    *ret_size = size;
    return 0;
}

int checkpoint_parse(const char *text, size_t length, struct checkpoint *ret_checkpoint)
{
    const char *at = text, *end = text + length;
    struct checkpoint checkpoint = {0};
    size_t line, root;

    const char *origin = line_take(&at, end, "", &line);
    if (origin == NULL || line >= sizeof(checkpoint.origin) || !note_name_is_valid(origin, line))
        return -EBADMSG;
    memcpy(checkpoint.origin, origin, line);
    const char *size = line_take(&at, end, "", &line);
    if (size == NULL || checkpoint_parse_size(size, line, &checkpoint.size) < 0)
        return -EBADMSG;
    const char *hash = line_take(&at, end, "", &line);
    if (hash == NULL || base64_decode(hash, line, checkpoint.root, sizeof(checkpoint.root), &root) < 0 ||
        root != sizeof(checkpoint.root))
        return -EBADMSG;
    while (at < end) {
        if (line_take(&at, end, "", &line) == NULL || line == 0)
            return -EBADMSG;
    }
    *ret_checkpoint = checkpoint;
    return 0;
}
