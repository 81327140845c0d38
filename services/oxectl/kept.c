/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/kept.h"

#include <inttypes.h>
#include <string.h>

enum { KEPT_BYTES_MAX = 64 * 1024 * 1024 };

static const char signature[] = "\xe2\x80\x94 "; /* an em dash and a blank begin each signature's line */

/* How long the first note of the text is: up to the line behind its signatures. */
static size_t note_length(const char *text, size_t length)
{
    bool is_signed = false;
    size_t at = 0;

    while (at < length) {
        const char *lf = memchr(text + at, '\n', length - at);
        bool signs =
            length - at >= sizeof(signature) - 1 && memcmp(text + at, signature, sizeof(signature) - 1) == 0;
        if (is_signed && !signs)
            break;
        is_signed = is_signed || signs;
        at = lf == NULL ? length : (size_t)(lf - text) + 1;
    }
    return at;
}

int kept_open(const struct args *args, const char *path, struct kept *ret_kept)
{
    *ret_kept = (struct kept){.args = args, .path = path};
    if (path == NULL)
        return 0;
    int status = tlog_read_file(path, KEPT_BYTES_MAX, "signed checkpoint", &ret_kept->text);
    return status == 0 ? kept_next(ret_kept) : status;
}

void kept_release(struct kept *kept)
{
    buffer_release(&kept->text);
}

int kept_next(struct kept *kept)
{
    uint64_t before = kept->has ? kept->checkpoint.size : 0;

    kept->has = kept->at < kept->text.length;
    if (!kept->has)
        return 0;
    const char *note = kept->text.data + kept->at;
    size_t length = note_length(note, kept->text.length - kept->at);
    kept->at += length;
    int status = tlog_verify_kept(kept->args, note, length, &kept->checkpoint);
    if (status == 0 && kept->checkpoint.size < before)
        return trouble("%s: the checkpoint of %" PRIu64 " entries comes behind one of %" PRIu64
                       ": was the log cut in between?",
                       kept->path, kept->checkpoint.size, before);
    return status;
}

int kept_check_origin(const struct kept *kept, const char *origin)
{
    if (!kept->has || strcmp(kept->checkpoint.origin, origin) == 0)
        return 0;
    return trouble("%s is of another log: %s", kept->path, kept->checkpoint.origin);
}
