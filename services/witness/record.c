/* SPDX-License-Identifier: Apache-2.0 */
#include "services/witness/record.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/base64.h"

static const char magic[] = "oxe-witness/1 ";

/* The next of the line's words, which one blank parts; the last one reaches to the end. */
static const char *take_word(const char **at, const char *end, bool last, size_t *ret_length)
{
    const char *word = *at, *blank = last ? end : memchr(word, ' ', (size_t)(end - word));

    if (blank == NULL || blank == word)
        return NULL;
    *ret_length = (size_t)(blank - word);
    *at = last ? end : blank + 1;
    return word;
}

static const char *read_log(const char *line, size_t length, struct record *record)
{
    const char *at = line, *end = line + length;
    struct add_seen seen = {0};
    size_t word_length, decoded;

    const char *word = take_word(&at, end, false, &word_length);
    if (word == NULL || checkpoint_parse_size(word, word_length, &seen.size) < 0)
        return "it does not begin with a size";
    word = take_word(&at, end, false, &word_length);
    if (word == NULL || base64_decode(word, word_length, seen.root, sizeof(seen.root), &decoded) < 0 ||
        decoded != sizeof(seen.root))
        return "the root is no hash";
    word = take_word(&at, end, true, &word_length);
    if (word == NULL || word_length >= sizeof(seen.origin) || !note_name_is_valid(word, word_length))
        return "it does not end with a log's name";
    memcpy(seen.origin, word, word_length);
    if (record_find(record, seen.origin) != NULL)
        return "this log is there twice";
    if (record->count == ADD_LOGS_MAX)
        return "there are too many logs";
    record->logs[record->count++] = seen;
    return NULL;
}

static const char *read_head(const char *line, size_t length, uint64_t *ret_count)
{
    if (length < strlen(magic) || memcmp(line, magic, strlen(magic)) != 0 ||
        checkpoint_parse_size(line + strlen(magic), length - strlen(magic), ret_count) < 0)
        return "it is not the first line of a witness' state";
    return NULL;
}

int record_parse(const char *text, size_t length, struct record *ret_record, size_t *ret_line,
                 const char **ret_why)
{
    struct record record = {0};
    const char *end = text + length, *why = NULL;
    uint64_t count = 0;
    size_t number = 0;

    for (const char *at = text; why == NULL && at < end;) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        number++;
        if (lf == NULL)
            why = "it is cut off";
        else
            why = number == 1 ? read_head(at, (size_t)(lf - at), &count)
                              : read_log(at, (size_t)(lf - at), &record);
        at = lf == NULL ? end : lf + 1;
    }
    if (why == NULL && number == 0)
        why = "the file is empty";
    if (why == NULL && count != record.count)
        why = "the file does not have as many logs as it says";
    if (why == NULL) {
        *ret_record = record;
        return 0;
    }
    *ret_line = number;
    *ret_why = why;
    return -EBADMSG;
}

void record_append(const struct record *record, struct buffer *out)
{
    buffer_append_format(out, "%s%zu\n", magic, record->count);
    for (size_t i = 0; i < record->count; i++) {
        buffer_append_format(out, "%" PRIu64 " ", record->logs[i].size);
        base64_append(out, record->logs[i].root, MERKLE_HASH_BYTES);
        buffer_append_format(out, " %s\n", record->logs[i].origin);
    }
}

const struct add_seen *record_find(const struct record *record, const char *origin)
{
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->logs[i].origin, origin) == 0)
            return &record->logs[i];
    }
    return NULL;
}

int record_set(struct record *record, const struct checkpoint *checkpoint)
{
    size_t i = 0;

    while (i < record->count && strcmp(record->logs[i].origin, checkpoint->origin) != 0)
        i++;
    if (i == ADD_LOGS_MAX)
        return -ENOBUFS;
    if (i == record->count)
        record->count++;
    struct add_seen *seen = &record->logs[i];
    memcpy(seen->origin, checkpoint->origin, sizeof(seen->origin));
    seen->size = checkpoint->size;
    memcpy(seen->root, checkpoint->root, sizeof(seen->root));
    return 0;
}
