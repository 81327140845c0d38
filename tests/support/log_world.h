/* SPDX-License-Identifier: Apache-2.0 */
/* A world for what oxectl says of the log: the gateway's (gateway_world.h), a real audit-writer, and a log of
 * 600 entries with its checkpoint, which is kept in the file DIRECTORY/old. oxectl is compliance and has the
 * log's verifier key. Whatever cannot be set up fails the test. */
#ifndef OXE_TESTS_SUPPORT_LOG_WORLD_H
#define OXE_TESTS_SUPPORT_LOG_WORLD_H

#include "tests/support/audit_key.h"
#include "tests/support/gateway_world.h"

enum { LOG_WORLD_ENTRIES = 600 };

struct log_world {
    struct gateway_world gateway;
    pid_t writer;
};

void log_world_begin(struct log_world *world);
/* The same behind entries that `past` has written, which make the log so large. */
void log_world_begin_after(struct log_world *world, void (*past)(struct world *world), const char *size);
void log_world_end(struct log_world *world);

void log_world_writer_start(struct log_world *world);
void log_world_writer_end(struct log_world *world);

/* Has audit-writer record so many entries; and waits for a checkpoint of so many. */
void log_world_record(struct log_world *world, int count);
void log_world_await(struct log_world *world, const char *size);

/* As the database's superuser, with the triggers off. */
void log_world_tamper(struct log_world *world, const char *sql);

/* oxectl, or a shell's line, ends with this status and says
 * these words, errors too. $LOG is the world's directory. */
void log_world_expect(const char *command, int status, const char *words);
void log_world_shell(const char *line, int status, const char *words);

#endif
