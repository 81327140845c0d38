/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange's memory on disk: an append-only file of frames that survives kill -9.
 *
 * Entries are gathered in memory and written as one frame with one write(2) by journal_commit: a frame is
 * there as a whole or not at all, so whatever belongs together goes into one frame. Nothing may leave the
 * process before its frame is committed. Frames are numbered and carry CRC-32C of header and payload. On open
 * every frame is checked and its entries are handed to the caller. A last frame that was cut short is
 * removed; a bad frame with something behind it is -EBADMSG, and journal_fault says where. The file is
 * locked: -EWOULDBLOCK when another process has it. An entry is a type, a length and bytes (records.h says
 * which). Its place is its offset in the file, never 0. Bounds: a frame's payload is at most
 * JOURNAL_FRAME_MAX; journal_pending tells when to commit. Little-endian machines only. */
#ifndef OXE_EXCHANGE_SIM_JOURNAL_H
#define OXE_EXCHANGE_SIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JOURNAL_FRAME_MAX = 64 * 1024 * 1024, /* bytes of payload */
    JOURNAL_ENTRY_MAX = 65536,            /* bytes */
    JOURNAL_HEADER_LENGTH = 24,           /* of a frame */
    JOURNAL_ENTRY_HEADER_LENGTH = 8,
    JOURNAL_FILE_HEADER_LENGTH = 16,
    JOURNAL_FAULT_MAX = 160,
};

struct journal;

struct journal_entry {
    uint32_t type;
    uint32_t length;
    const void *bytes; /* aligned to 8 */
    uint64_t place;
};

/* Returns 0, or a negative errno that ends the loading. */
typedef int journal_handler(void *context, const struct journal_entry *entry);

/* Opens or creates the file. handler may be NULL (frames are checked all the same). On error ret_fault says
 * what and where. */
int journal_open(const char *path, journal_handler *handler, void *context, struct journal **ret_journal,
                 char ret_fault[static JOURNAL_FAULT_MAX]);
/* What is not committed is lost. */
void journal_close(struct journal **journal);

/* Adds an entry to the next frame; tail (may be NULL) follows bytes. Returns the place it will have. Running
 * out of memory or of room makes the next commit fail with -ENOMEM or -ENOBUFS. */
uint64_t journal_put(struct journal *journal, uint32_t type, const void *bytes, size_t length,
                     const void *tail, size_t tail_length);

/* Writes the frame; with `sync` it is on the disk on return. Nothing to write is fine. After an error the
 * journal is unusable. */
int journal_commit(struct journal *journal, bool sync);

/* Bytes that wait for the next commit. */
size_t journal_pending(const struct journal *journal);
/* The length of the file. */
uint64_t journal_length(const struct journal *journal);
/* How many bytes were cut off on open. */
uint64_t journal_cut(const struct journal *journal);

/* Reads the committed entry at `place` into `buffer` of JOURNAL_ENTRY_MAX bytes; ret_entry points into it.
 * -EBADMSG when there is none. */
int journal_read(struct journal *journal, uint64_t place, void *buffer, struct journal_entry *ret_entry);

/* Walks the committed entries from *offset (0: the beginning) up to `end` (a journal_length of some moment)
 * and hands each to `handler`, until about `bytes_max` bytes are done or the handler returns non-zero (which
 * is returned; the entry counts as done). *offset is where to go on; *ret_done tells that the end is reached.
 */
struct journal_walk {
    uint64_t offset;    /* of the next frame header or entry */
    uint64_t frame_end; /* of the frame that offset is in; 0: between frames */
    uint64_t end;
};
int journal_walk(struct journal *journal, struct journal_walk *walk, size_t bytes_max,
                 journal_handler *handler, void *context, bool *ret_done);

#endif
