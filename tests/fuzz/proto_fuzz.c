/* SPDX-License-Identifier: Apache-2.0 */
/* Every decoder of proto/: the first byte picks the message, the rest is what came over the wire.
 *
 * Checked: no fault of memory or arithmetic (the sanitizers see to it), and that what a decoder accepts is
 * stable: it can be encoded, the encoding decodes, and encodes to the same bytes. What is rendered from a
 * decoded message must render. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/audit_leaf.h"
#include "proto/codec.h"
#include "proto/event_frame.h"
#include "proto/order_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render_event(const struct event *event, struct buffer *out)
{
    struct audit_entry entry = {.log_seq = 1, .event = *event, .recorded_at = event->occurred_at};
    uint8_t hash[AUDIT_LEAF_HASH_BYTES];

    (void)event_frame_render(event, 1, out);
    assert(audit_leaf_hash(&entry, hash) == 0);
}

static void render(uint32_t type, const void *message)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    if (type == MESSAGE_ANSWER) {
        const struct answer *answer = message;

        if (answer->has_order)
            order_json_render(&answer->order, &out);
        for (size_t i = 0; i < answer->faults_count; i++)
            fault_json_render(&answer->faults[i], &out);
    } else if (type == MESSAGE_EVENT_BATCH) {
        const struct event_batch *batch = message;

        for (size_t i = 0; i < batch->events_count; i++)
            render_event(&batch->events[i], &out);
    } else if (type == MESSAGE_LOGGED_EVENTS) {
        const struct logged_events *logged = message;

        for (size_t i = 0; i < logged->events_count; i++)
            render_event(&logged->events[i].event, &out);
    }
    assert(!buffer_failed(&out));
}

static void check_stable(uint32_t type, const struct envelope *envelope, void *message)
{
    CLEANUP(buffer_release) struct buffer first = BUFFER_INIT(0), second = BUFFER_INIT(0);
    struct envelope again;

    int r = codec_encode(type, envelope, message, &first);
    assert(r == 0);
    r = codec_decode(type, (const uint8_t *)first.data, first.length, &again, message);
    assert(r == 0);
    r = codec_encode(type, &again, message, &second);
    assert(r == 0);
    assert(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
}

/* A struct for each message, of exactly its size, kept from run to run: some are over 1 MB. */
static void *reused(uint32_t type, size_t size)
{
    static void *structs[256]; /* the first byte of an input is the type */

    assert(type < ARRAY_LEN(structs));
    if (structs[type] == NULL)
        structs[type] = malloc(size);
    assert(structs[type] != NULL);
    return structs[type];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t type = size == 0 ? 0 : data[0];
    const struct schema_record *record = schema_message(type);
    struct envelope envelope, alone;

    if (record == NULL)
        return 0;
    void *message = reused(type, record->size);
    int known = envelope_decode(data + 1, size - 1, &alone);
    if (codec_decode(type, data + 1, size - 1, &envelope, message) < 0)
        return 0;
    assert(known == 0 && alone.type == type && alone.deadline.us == envelope.deadline.us);
    render(type, message);
    check_stable(type, &envelope, message);
    return 0;
}
