/* SPDX-License-Identifier: Apache-2.0 */
/* golden DIR: writes the golden vectors of proto/golden, DIR/MESSAGE.hex and .json, for every message. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/codec.h"
#include "proto/dump.h"
#include "tests/support/sample.h"

enum { HEX_LINE_BYTES = 32 };

static int write_file(const char *directory, const char *name, const char *suffix,
                      const struct buffer *content)
{
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/%s.%s", directory, name, suffix);

    if (length < 0 || (size_t)length >= sizeof(path))
        return -ENAMETOOLONG;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return -errno;
    bool written = fwrite(content->data, 1, content->length, file) == content->length;
    return fclose(file) == 0 && written ? 0 : -EIO;
}

static int write_vector(const struct schema_entry *entry, const char *directory)
{
    CLEANUP_FREE void *message = calloc(1, entry->record->size);
    CLEANUP(buffer_release) struct buffer wire = BUFFER_INIT(0), line = BUFFER_INIT(0), text = BUFFER_INIT(0);
    struct envelope envelope = sample_envelope(entry->type);

    if (message == NULL)
        return -ENOMEM;
    int r = sample_fill(entry->type, message);
    if (r == 0)
        r = codec_encode(entry->type, &envelope, message, &wire);
    if (r < 0)
        return r;
    for (size_t i = 0; i < wire.length; i += HEX_LINE_BYTES) {
        size_t left = wire.length - i;
        buffer_append_hex(&text, (const uint8_t *)wire.data + i,
                          left < HEX_LINE_BYTES ? left : HEX_LINE_BYTES);
        buffer_append_char(&text, '\n');
    }
    r = buffer_failed(&text) ? text.error : write_file(directory, entry->record->name, "hex", &text);
    if (r < 0)
        return r;
    buffer_clear(&text);
    dump_render(entry->record, message, &line);
    sample_indent(line.data, &text);
    return buffer_failed(&text) ? text.error : write_file(directory, entry->record->name, "json", &text);
}

static int write_vectors(const char *directory)
{
    for (size_t i = 0; i < schema_entry_count; i++) {
        if (schema_entries[i].type == 0)
            continue;
        int r = write_vector(&schema_entries[i], directory);
        if (r < 0) {
            (void)fprintf(stderr, "golden: %s: %s\n", schema_entries[i].record->name, strerror(-r));
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_vectors(argv[1]);
    (void)fputs("usage: golden DIR\n", stderr);
    return 64;
}
