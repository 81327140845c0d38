/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/file.h"
#include "services/exchange-sim/crc32c.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the journal is written in the machine's byte order");

static const char file_header[JOURNAL_FILE_HEADER_LENGTH] = "OXE-SIM-JRNL-01\n";

enum {
    FRAME_MAGIC = 0x314a584f, /* OXJ1 */
    WALK_BUFFER = 256 * 1024,
};

struct frame_header {
    uint32_t magic;
    uint32_t length; /* of the payload, without padding: entries are padded, so it is a multiple of 8 */
    uint64_t number; /* 1, 2, 3 … */
    uint32_t payload_crc;
    uint32_t header_crc; /* of everything before */
};
static_assert(sizeof(struct frame_header) == JOURNAL_HEADER_LENGTH, "no padding");

struct entry_header {
    uint32_t type;
    uint32_t length; /* without padding */
};
static_assert(sizeof(struct entry_header) == JOURNAL_ENTRY_HEADER_LENGTH, "no padding");

struct journal {
    int fd;
    uint64_t length; /* of the file */
    uint64_t cut;
    uint64_t next_number;
    struct buffer batch; /* room for the frame's header, then its payload */
    int error;
    char *walk_buffer;
    struct crc32c_tables crc;
};

static size_t padded(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

/* Reads exactly `length` bytes, or up to the end of the file. */
static ssize_t read_at(int fd, void *buffer, size_t length, uint64_t offset)
{
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(fd, (char *)buffer + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static int fault_at(char *ret_fault, uint64_t offset, const char *what)
{
    (void)snprintf(ret_fault, JOURNAL_FAULT_MAX, "%s at byte %" PRIu64, what, offset);
    return -EBADMSG;
}

/* A crash of the machine can leave zeros where the last frame was to be. */
static bool zeros_until_end(const char *bytes, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* The entry at the front of these bytes, which stand at `place` of the file. Returns its length there; 0: it
 * is cut off. */
static ptrdiff_t read_entry(const char *bytes, size_t length, uint64_t place, struct journal_entry *ret_entry)
{
    struct entry_header header;
    if (length < sizeof(header))
        return 0;
    memcpy(&header, bytes, sizeof(header));
    if (header.length > JOURNAL_ENTRY_MAX)
        return -EBADMSG;
    size_t whole = sizeof(header) + padded(header.length);
    if (length < whole)
        return 0;
    *ret_entry = (struct journal_entry){
        .type = header.type, .length = header.length, .bytes = bytes + sizeof(header), .place = place};
    return (ptrdiff_t)whole;
}

static int load_entries(const char *payload, size_t length, uint64_t place, journal_handler *handler,
                        void *context, char *ret_fault)
{
    for (size_t at = 0; at < length;) {
        struct journal_entry entry;
        ptrdiff_t whole = read_entry(payload + at, length - at, place + at, &entry);
        if (whole <= 0)
            return fault_at(ret_fault, place + at, "entry does not fit its frame");
        int error = handler != NULL ? handler(context, &entry) : 0;
        if (error < 0) {
            fault_at(ret_fault, place + at, "entry is not understood");
            return error;
        }
        at += (size_t)whole;
    }
    return 0;
}

/* Checks the frame at `offset` of the file's `size` bytes. 1: loaded, *ret_next is the next; 0: it is cut
 * short; <0: error. */
static int load_frame(struct journal *journal, uint64_t offset, uint64_t size, char **buffer,
                      journal_handler *handler, void *context, uint64_t *ret_next, char *ret_fault)
{
    struct frame_header header;
    if (size - offset < sizeof(header))
        return 0;
    ssize_t got = read_at(journal->fd, &header, sizeof(header), offset);
    if (got != (ssize_t)sizeof(header))
        return got < 0 ? (int)got : fault_at(ret_fault, offset, "cannot read frame");
    bool sound =
        header.magic == FRAME_MAGIC && header.length <= JOURNAL_FRAME_MAX &&
        header.header_crc == crc32c(&journal->crc, &header, offsetof(struct frame_header, header_crc));
    uint64_t available = size - offset - sizeof(header);
    uint64_t wanted = sound ? header.length : available;
    if (sound && wanted > available)
        return 0;
    if (wanted > JOURNAL_FRAME_MAX)
        return fault_at(ret_fault, offset, "corrupt frame header");
    char *bytes = realloc(*buffer, wanted + 1);
    if (bytes == NULL)
        return -ENOMEM;
    *buffer = bytes;
    got = read_at(journal->fd, bytes, wanted, offset + sizeof(header));
    if (got != (ssize_t)wanted)
        return got < 0 ? (int)got : fault_at(ret_fault, offset, "cannot read frame");
    if (!sound) {
        bool blank = zeros_until_end((const char *)&header, sizeof(header)) && zeros_until_end(bytes, wanted);
        return blank ? 0 : fault_at(ret_fault, offset, "corrupt frame header");
    }
    if (crc32c(&journal->crc, bytes, wanted) != header.payload_crc)
        return wanted == available ? 0 : fault_at(ret_fault, offset, "corrupt frame");
    if (header.number != journal->next_number)
        return fault_at(ret_fault, offset, "frame out of order");
    journal->next_number++;
    *ret_next = offset + sizeof(header) + wanted;
    int error = load_entries(bytes, wanted, offset + sizeof(header), handler, context, ret_fault);
    return error < 0 ? error : 1;
}

/* Reads the file's own header; writes it when the file is new, or was cut short before its first frame. */
static int load_file_header(struct journal *journal, uint64_t *size, char *ret_fault)
{
    char header[sizeof(file_header)];
    ssize_t got = read_at(journal->fd, header, sizeof(header), 0);
    if (got < 0)
        return (int)got;
    if (memcmp(header, file_header, (size_t)got) != 0)
        return fault_at(ret_fault, 0, "not a journal of this version");
    if ((size_t)got == sizeof(header))
        return 0;
    if (ftruncate(journal->fd, 0) < 0)
        return -errno;
    int error = file_write_all(journal->fd, file_header, sizeof(file_header));
    *size = sizeof(file_header);
    return error;
}

static int load(struct journal *journal, journal_handler *handler, void *context, char *ret_fault)
{
    struct stat status;
    if (fstat(journal->fd, &status) < 0)
        return -errno;
    uint64_t size = (uint64_t)status.st_size, offset = sizeof(file_header);
    int error = load_file_header(journal, &size, ret_fault);
    char *buffer = NULL;
    while (error == 0 && offset < size) {
        uint64_t next = 0;
        int loaded = load_frame(journal, offset, size, &buffer, handler, context, &next, ret_fault);
        if (loaded == 0)
            break;
        error = loaded < 0 ? loaded : 0;
        offset = loaded > 0 ? next : offset;
    }
    free(buffer);
    if (error < 0)
        return error;
    journal->cut = size - offset;
    journal->length = offset;
    if (journal->cut > 0 && ftruncate(journal->fd, (off_t)offset) < 0)
        return -errno;
    return 0;
}

static void begin_frame(struct journal *journal)
{
    buffer_clear(&journal->batch);
    buffer_append(&journal->batch, &(struct frame_header){0}, sizeof(struct frame_header));
}

int journal_open(const char *path, journal_handler *handler, void *context, struct journal **ret_journal,
                 char ret_fault[static JOURNAL_FAULT_MAX])
{
    (void)snprintf(ret_fault, JOURNAL_FAULT_MAX, "cannot be opened");
    struct journal *journal = calloc(1, sizeof(*journal));
    if (journal == NULL)
        return -ENOMEM;
    crc32c_init(&journal->crc);
    journal->next_number = 1;
    journal->batch = BUFFER_INIT(JOURNAL_FRAME_MAX);
    begin_frame(journal);
    journal->walk_buffer = malloc(WALK_BUFFER);
    journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int error = journal->fd < 0 ? -errno : 0;
    if (buffer_failed(&journal->batch) || journal->walk_buffer == NULL)
        error = -ENOMEM;
    if (error == 0 && flock(journal->fd, LOCK_EX | LOCK_NB) < 0) {
        error = -errno;
        (void)snprintf(ret_fault, JOURNAL_FAULT_MAX, "is in use by another process");
    }
    if (error == 0)
        error = load(journal, handler, context, ret_fault);
    if (error < 0) {
        journal_close(&journal);
        return error;
    }
    *ret_journal = journal;
    return 0;
}

void journal_close(struct journal **journal)
{
    if (*journal == NULL)
        return;
    if ((*journal)->fd >= 0)
        (void)close((*journal)->fd);
    buffer_release(&(*journal)->batch);
    free((*journal)->walk_buffer);
    free(*journal);
    *journal = NULL;
}

uint64_t journal_put(struct journal *journal, uint32_t type, const void *bytes, size_t length,
                     const void *tail, size_t tail_length)
{
    static const char zeros[8];
    size_t whole = length + tail_length;
    uint64_t place = journal->length + journal->batch.length;
    struct entry_header header = {.type = type, .length = (uint32_t)whole};
    assert(whole <= JOURNAL_ENTRY_MAX);
    buffer_append(&journal->batch, &header, sizeof(header));
    buffer_append(&journal->batch, bytes, length);
    buffer_append(&journal->batch, tail, tail_length);
    buffer_append(&journal->batch, zeros, padded(whole) - whole);
    return place;
}

int journal_commit(struct journal *journal, bool sync)
{
    if (journal->error == 0)
        journal->error = journal->batch.error;
    size_t payload = journal_pending(journal);
    if (journal->error != 0 || payload == 0)
        return journal->error;
    struct frame_header header = {
        .magic = FRAME_MAGIC,
        .length = (uint32_t)payload,
        .number = journal->next_number,
        .payload_crc = crc32c(&journal->crc, journal->batch.data + sizeof(header), payload),
    };
    header.header_crc = crc32c(&journal->crc, &header, offsetof(struct frame_header, header_crc));
    memcpy(journal->batch.data, &header, sizeof(header));
    journal->error = file_write_all(journal->fd, journal->batch.data, journal->batch.length);
    if (journal->error == 0 && sync && fdatasync(journal->fd) < 0)
        journal->error = -errno;
    if (journal->error != 0)
        return journal->error;
    journal->next_number++;
    journal->length += journal->batch.length;
    begin_frame(journal);
    return 0;
}

size_t journal_pending(const struct journal *journal)
{
    return journal->batch.length - sizeof(struct frame_header);
}

uint64_t journal_length(const struct journal *journal)
{
    return journal->length;
}

uint64_t journal_cut(const struct journal *journal)
{
    return journal->cut;
}

int journal_read(struct journal *journal, uint64_t place, void *buffer, struct journal_entry *ret_entry)
{
    /* One read fetches what nearly every entry fits in; a longer one costs a second. */
    enum { FIRST_READ = 1024 };
    struct entry_header header;
    char first[FIRST_READ];
    if (place >= journal->length)
        return -EBADMSG;
    ssize_t got = read_at(journal->fd, first, sizeof(first), place);
    if (got < 0)
        return (int)got;
    if ((size_t)got < sizeof(header))
        return -EBADMSG;
    memcpy(&header, first, sizeof(header));
    if (header.length > JOURNAL_ENTRY_MAX)
        return -EBADMSG;
    size_t have = (size_t)got - sizeof(header);
    memcpy(buffer, first + sizeof(header), have < header.length ? have : header.length);
    if (have < header.length) {
        got =
            read_at(journal->fd, (char *)buffer + have, header.length - have, place + sizeof(header) + have);
        if (got != (ssize_t)(header.length - have))
            return got < 0 ? (int)got : -EBADMSG;
    }
    *ret_entry =
        (struct journal_entry){.type = header.type, .length = header.length, .bytes = buffer, .place = place};
    return 0;
}

/* Handles what is whole in `bytes`, the file's contents from walk->offset on. Returns the handler's answer;
 * progress is in walk. */
static int walk_bytes(struct journal_walk *walk, const char *bytes, size_t length, journal_handler *handler,
                      void *context)
{
    size_t at = 0;
    int answer = 0;
    while (answer == 0 && walk->offset < walk->end) {
        if (walk->frame_end == 0) {
            struct frame_header frame;
            if (length - at < sizeof(frame))
                return 0;
            memcpy(&frame, bytes + at, sizeof(frame));
            at += sizeof(frame);
            walk->offset += sizeof(frame);
            walk->frame_end = walk->offset + frame.length;
        } else {
            struct journal_entry entry;
            ptrdiff_t whole = read_entry(bytes + at, length - at, walk->offset, &entry);
            if (whole <= 0)
                return (int)whole;
            answer = handler(context, &entry);
            at += (size_t)whole;
            walk->offset += (size_t)whole;
        }
        if (walk->offset == walk->frame_end)
            walk->frame_end = 0;
    }
    return answer;
}

int journal_walk(struct journal *journal, struct journal_walk *walk, size_t bytes_max,
                 journal_handler *handler, void *context, bool *ret_done)
{
    if (walk->offset == 0)
        walk->offset = sizeof(file_header);
    uint64_t begin = walk->offset;
    while (walk->offset < walk->end && walk->offset - begin < bytes_max) {
        uint64_t left = walk->end - walk->offset;
        size_t wanted = left < WALK_BUFFER ? (size_t)left : WALK_BUFFER;
        ssize_t got = read_at(journal->fd, journal->walk_buffer, wanted, walk->offset);
        if (got < 0)
            return (int)got;
        uint64_t before = walk->offset;
        int answer = walk_bytes(walk, journal->walk_buffer, (size_t)got, handler, context);
        if (answer != 0)
            return answer;
        if (walk->offset == before)
            return -EBADMSG;
    }
    *ret_done = walk->offset >= walk->end;
    return 0;
}
