/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/log_range.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/base64.h"
#include "proto/line.h"

static const char head[] = "oxe log-range@v1\n";

static void append_bytes(struct buffer *out, const char *word, const uint8_t *bytes, size_t length)
{
    buffer_append_text(out, word);
    base64_append(out, bytes, length);
    buffer_append_char(out, '\n');
}

void log_range_append(const struct log_range *range, struct buffer *out)
{
    uint8_t before[MERKLE_SERIALISED_MAX];
    size_t length = merkle_serialise(&range->before, before);

    buffer_append_format(out, "%sfirst %" PRIu64 "\nlast %" PRIu64 "\n", head, range->first, range->last);
    append_bytes(out, "before ", before, length);
    if (range->lower.length > 0)
        append_bytes(out, "lower ", range->lower.bytes, range->lower.length);
    if (range->upper.length > 0)
        append_bytes(out, "upper ", range->upper.bytes, range->upper.length);
    merkle_proof_append(&range->after, out);
    buffer_append(out, range->checkpoint, range->checkpoint_length);
}

static int take_size(const char **at, const char *end, const char *word, uint64_t *ret_size)
{
    size_t length;
    const char *line = line_take(at, end, word, &length);

    return line == NULL ? -EBADMSG : checkpoint_parse_size(line, length, ret_size);
}

static int take_bytes(const char **at, const char *end, const char *word, uint8_t *ret_bytes, size_t max,
                      size_t *ret_length)
{
    size_t length;
    const char *line = line_take(at, end, word, &length);

    *ret_length = 0;
    if (line == NULL)
        return 0;
    return base64_decode(line, length, ret_bytes, max, ret_length) == 0 && *ret_length > 0 ? 0 : -EBADMSG;
}

int log_range_parse(const char *text, size_t length, struct log_range *ret_range)
{
    const char *at = text, *end = text + length;
    uint8_t before[MERKLE_SERIALISED_MAX];
    size_t before_length = 0;

    *ret_range = (struct log_range){0};
    if (length < strlen(head) || memcmp(text, head, strlen(head)) != 0)
        return -EBADMSG;
    at += strlen(head);
    if (take_size(&at, end, "first ", &ret_range->first) < 0 ||
        take_size(&at, end, "last ", &ret_range->last) < 0 ||
        take_bytes(&at, end, "before ", before, sizeof(before), &before_length) < 0 ||
        take_bytes(&at, end, "lower ", ret_range->lower.bytes, sizeof(ret_range->lower.bytes),
                   &ret_range->lower.length) < 0 ||
        take_bytes(&at, end, "upper ", ret_range->upper.bytes, sizeof(ret_range->upper.bytes),
                   &ret_range->upper.length) < 0 ||
        merkle_parse(before, before_length, &ret_range->before) < 0 ||
        merkle_proof_take(&at, end, &ret_range->after) < 0 || at == end)
        return -EBADMSG;
    if (ret_range->first == 0 || ret_range->last < ret_range->first - 1 ||
        ret_range->before.size + (ret_range->lower.length > 0 ? 1 : 0) != ret_range->first - 1)
        return -EBADMSG;
    ret_range->checkpoint = at;
    ret_range->checkpoint_length = (size_t)(end - at);
    return 0;
}

int log_range_check(const struct log_range *range, const struct merkle *tree,
                    const struct checkpoint *checkpoint)
{
    uint8_t root[MERKLE_HASH_BYTES];
    int r = merkle_root(tree, root);

    return r < 0 ? r
                 : merkle_proof_check_extension(tree->size, root, checkpoint->size, checkpoint->root,
                                                &range->after);
}

/* It is the last field of an entry: that it is there, and 8 bytes. */
bool log_range_recorded(const struct log_range_entry *entry, struct instant *ret_instant)
{
    uint64_t us = 0;

    if (entry->length < 10 || entry->bytes[0] != 1)
        return false;
    const uint8_t *field = entry->bytes + entry->length - 9;
    if (field[0] != 1)
        return false;
    for (size_t i = 1; i < 9; i++)
        us = us << 8 | field[i];
    *ret_instant = (struct instant){(int64_t)us};
    return true;
}
