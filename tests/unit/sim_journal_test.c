/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's journal: what was committed comes back,
 * a torn end is cut off, damage in the middle is named. */
#include "services/exchange-sim/journal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "services/exchange-sim/crc32c.h"

enum { PATH_MAX_HERE = 64, FRAMES = 5, ENTRIES_MAX = 4096 };

static char folder[] = "/tmp/oxe-journal-XXXXXX";
static char path[PATH_MAX_HERE];
static char fault[JOURNAL_FAULT_MAX];

struct seen {
    size_t count;
    uint32_t types[ENTRIES_MAX];
    uint32_t lengths[ENTRIES_MAX];
    uint64_t places[ENTRIES_MAX];
    uint64_t sum; /* of all bytes */
};
static struct seen seen;

static int see(void *context, const struct journal_entry *entry)
{
    struct seen *to = context;
    cr_assert_lt(to->count, ENTRIES_MAX);
    cr_assert_eq((uintptr_t)entry->bytes % 8, 0, "entries are aligned");
    to->types[to->count] = entry->type;
    to->lengths[to->count] = entry->length;
    to->places[to->count++] = entry->place;
    for (uint32_t i = 0; i < entry->length; i++)
        to->sum = to->sum * 31 + ((const unsigned char *)entry->bytes)[i];
    return 0;
}

static int open_journal(struct journal **ret_journal)
{
    memset(&seen, 0, sizeof(seen));
    return journal_open(path, see, &seen, ret_journal, fault);
}

static void create(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/journal", folder);
}

static void destroy(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

/* Writes FRAMES frames; frame i holds i + 1 entries of growing length. ends[i] is where it ends. */
static void write_frames(uint64_t ends[static FRAMES])
{
    struct journal *journal = NULL;
    char bytes[64];
    memset(bytes, 'x', sizeof(bytes));
    cr_assert_eq(open_journal(&journal), 0, "%s", fault);
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t j = 0; j <= i; j++)
            (void)journal_put(journal, (uint32_t)(100 * i + j), bytes, i + j, "tail", 4);
        cr_assert_eq(journal_commit(journal, i % 2 == 0), 0);
        ends[i] = journal_length(journal);
    }
    journal_close(&journal);
}

static void overwrite(uint64_t offset, const void *bytes, size_t length)
{
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
    cr_assert_eq(pwrite(fd, bytes, length, (off_t)offset), (ssize_t)length);
}

TestSuite(sim_journal, .init = create, .fini = destroy);

Test(sim_journal, the_checksum_is_crc_32c)
{
    static struct crc32c_tables tables;
    crc32c_init(&tables);
    cr_expect_eq(crc32c(&tables, "123456789", 9), 0xe3069283U);
    cr_expect_eq(crc32c(&tables, "", 0), 0);
    unsigned char zeros[32] = {0};
    cr_expect_eq(crc32c(&tables, zeros, sizeof(zeros)), 0x8a9136aaU); /* RFC 3720 appendix B.4 */
}

Test(sim_journal, what_was_committed_comes_back_in_order)
{
    uint64_t ends[FRAMES];
    struct journal *journal = NULL;
    write_frames(ends);
    cr_assert_eq(open_journal(&journal), 0, "%s", fault);
    size_t at = 0;
    for (uint32_t i = 0; i < FRAMES; i++)
        for (uint32_t j = 0; j <= i; j++, at++) {
            cr_expect_eq(seen.types[at], 100 * i + j);
            cr_expect_eq(seen.lengths[at], i + j + 4);
        }
    cr_expect_eq(seen.count, at);
    cr_expect_eq(journal_length(journal), ends[FRAMES - 1]);
    cr_expect_eq(journal_cut(journal), 0);
    journal_close(&journal);
}

Test(sim_journal, what_was_not_committed_is_gone)
{
    struct journal *journal = NULL;
    cr_assert_eq(open_journal(&journal), 0);
    (void)journal_put(journal, 1, "a", 1, NULL, 0);
    cr_assert_eq(journal_commit(journal, false), 0);
    (void)journal_put(journal, 2, "b", 1, NULL, 0);
    cr_expect_gt(journal_pending(journal), 0);
    journal_close(&journal);
    cr_assert_eq(open_journal(&journal), 0);
    cr_expect_eq(seen.count, 1);
    journal_close(&journal);
}

Test(sim_journal, a_file_cut_at_any_byte_loses_only_the_frame_that_was_cut)
{
    uint64_t ends[FRAMES];
    write_frames(ends);
    for (uint64_t cut = ends[FRAMES - 1]; cut > 0; cut--) {
        struct journal *journal = NULL;
        size_t frames = 0, entries = 0;
        cr_assert_eq(truncate(path, (off_t)cut), 0);
        while (frames < FRAMES && ends[frames] <= cut)
            entries += ++frames;
        cr_assert_eq(open_journal(&journal), 0, "cut at %llu: %s", (unsigned long long)cut, fault);
        cr_expect_eq(seen.count, entries, "cut at %llu", (unsigned long long)cut);
        /* It can be written to at once, and read again. */
        (void)journal_put(journal, 9, "new", 3, NULL, 0);
        cr_assert_eq(journal_commit(journal, false), 0);
        journal_close(&journal);
        cr_assert_eq(open_journal(&journal), 0, "%s", fault);
        cr_expect_eq(seen.count, entries + 1);
        journal_close(&journal);
        (void)unlink(path);
        write_frames(ends);
    }
}

Test(sim_journal, every_changed_byte_before_the_last_frame_is_an_error_that_says_where)
{
    uint64_t ends[FRAMES];
    write_frames(ends);
    size_t frame = 0;
    for (uint64_t offset = JOURNAL_FILE_HEADER_LENGTH; offset < ends[FRAMES - 2]; offset++) {
        struct journal *journal = NULL;
        unsigned char byte = 0, changed = 0;
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        cr_assert_eq(pread(fd, &byte, 1, (off_t)offset), 1);
        changed = byte ^ 0x10;
        overwrite(offset, &changed, 1);
        frame += offset >= ends[frame];
        char where[32];
        (void)snprintf(where, sizeof(where), "byte %llu",
                       (unsigned long long)(frame == 0 ? JOURNAL_FILE_HEADER_LENGTH : ends[frame - 1]));
        cr_assert_eq(open_journal(&journal), -EBADMSG, "offset %llu", (unsigned long long)offset);
        cr_expect_not_null(strstr(fault, where), "offset %llu: %s", (unsigned long long)offset, fault);
        overwrite(offset, &byte, 1);
    }
}

Test(sim_journal, a_frame_that_is_missing_is_noticed)
{
    uint64_t ends[FRAMES];
    struct journal *journal = NULL;
    char bytes[4096], where[32];
    write_frames(ends);
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = pread(fd, bytes, sizeof(bytes), (off_t)ends[1]);
    cr_assert(length > 0 && (size_t)length < sizeof(bytes));
    overwrite(ends[0], bytes, (size_t)length);
    cr_assert_eq(truncate(path, (off_t)(ends[0] + (uint64_t)length)), 0);
    cr_expect_eq(open_journal(&journal), -EBADMSG);
    (void)snprintf(where, sizeof(where), "out of order at byte %llu", (unsigned long long)ends[0]);
    cr_expect_not_null(strstr(fault, where), "%s", fault);
}

Test(sim_journal, a_file_of_something_else_is_left_alone)
{
    struct journal *journal = NULL;
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(write(fd, "precious", 8), 8);
    cr_expect_eq(open_journal(&journal), -EBADMSG);
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_size, 8);
}

Test(sim_journal, zeros_where_the_last_frame_was_to_be_are_cut_off)
{
    uint64_t ends[FRAMES];
    struct journal *journal = NULL;
    write_frames(ends);
    cr_assert_eq(truncate(path, (off_t)ends[FRAMES - 1] + 100), 0);
    cr_assert_eq(open_journal(&journal), 0, "%s", fault);
    cr_expect_eq(journal_cut(journal), 100);
    cr_expect_eq(journal_length(journal), ends[FRAMES - 1]);
    journal_close(&journal);
}

Test(sim_journal, two_processes_never_share_a_journal)
{
    struct journal *first = NULL, *second = NULL;
    cr_assert_eq(open_journal(&first), 0);
    cr_expect_eq(journal_open(path, NULL, NULL, &second, fault), -EWOULDBLOCK);
    journal_close(&first);
    cr_expect_eq(journal_open(path, NULL, NULL, &second, fault), 0);
    journal_close(&second);
}

static int refuse(void *context, const struct journal_entry *entry)
{
    (void)context;
    return entry->type == 202 ? -EBADMSG : 0;
}

Test(sim_journal, an_entry_that_the_caller_refuses_is_named)
{
    uint64_t ends[FRAMES];
    struct journal *journal = NULL;
    char where[32];
    write_frames(ends);
    cr_assert_eq(open_journal(&journal), 0);
    uint64_t place = seen.places[5];
    cr_assert_eq(seen.types[5], 202);
    journal_close(&journal);
    cr_expect_eq(journal_open(path, refuse, NULL, &journal, fault), -EBADMSG);
    (void)snprintf(where, sizeof(where), "byte %llu", (unsigned long long)place);
    cr_expect_not_null(strstr(fault, where), "%s", fault);
}

Test(sim_journal, an_entry_is_found_again_by_its_place)
{
    struct journal *journal = NULL;
    static char large[JOURNAL_ENTRY_MAX], buffer[JOURNAL_ENTRY_MAX] __attribute__((aligned(8)));
    memset(large, 'l', sizeof(large));
    cr_assert_eq(open_journal(&journal), 0);
    uint64_t small_place = journal_put(journal, 1, "small", 5, NULL, 0);
    uint64_t large_place = journal_put(journal, 2, large, sizeof(large), NULL, 0);
    struct journal_entry entry;
    cr_expect_eq(journal_read(journal, small_place, buffer, &entry), -EBADMSG, "not committed yet");
    cr_assert_eq(journal_commit(journal, false), 0);
    cr_assert_eq(journal_read(journal, small_place, buffer, &entry), 0);
    cr_expect(entry.type == 1 && entry.length == 5 && memcmp(entry.bytes, "small", 5) == 0);
    cr_assert_eq(journal_read(journal, large_place, buffer, &entry), 0);
    cr_expect(entry.type == 2 && entry.length == sizeof(large) &&
              memcmp(entry.bytes, large, sizeof(large)) == 0);
    journal_close(&journal);
}

Test(sim_journal, a_walk_in_small_steps_sees_what_loading_sees)
{
    struct journal *journal = NULL;
    cr_assert_eq(open_journal(&journal), 0);
    static char bytes[5000];
    for (int frame = 0; frame < 100; frame++) {
        for (int i = 0; i < 20; i++) {
            memset(bytes, frame + i, sizeof(bytes));
            (void)journal_put(journal, (uint32_t)i, bytes, (size_t)(frame * 40 + i), NULL, 0);
        }
        cr_assert_eq(journal_commit(journal, false), 0);
    }
    journal_close(&journal);
    cr_assert_eq(open_journal(&journal), 0);
    cr_assert_eq(seen.count, 2000);
    static struct seen walked;
    struct journal_walk walk = {.end = journal_length(journal)};
    size_t steps = 0;
    for (bool done = false; !done; steps++)
        cr_assert_eq(journal_walk(journal, &walk, 10000, see, &walked, &done), 0);
    cr_expect_eq(walked.count, seen.count);
    cr_expect_eq(walked.sum, seen.sum);
    cr_expect_eq(memcmp(walked.places, seen.places, sizeof(seen.places)), 0);
    cr_expect_gt(steps, 10);
    journal_close(&journal);
}

Test(sim_journal, a_frame_is_bounded)
{
    struct journal *journal = NULL;
    static char bytes[JOURNAL_ENTRY_MAX];
    cr_assert_eq(open_journal(&journal), 0);
    for (size_t i = 0; i <= JOURNAL_FRAME_MAX / JOURNAL_ENTRY_MAX; i++)
        (void)journal_put(journal, 1, bytes, sizeof(bytes), NULL, 0);
    cr_expect_eq(journal_commit(journal, false), -ENOBUFS);
    journal_close(&journal);
    cr_assert_eq(open_journal(&journal), 0);
    cr_expect_eq(seen.count, 0);
    journal_close(&journal);
}
