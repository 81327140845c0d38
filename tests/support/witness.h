/* SPDX-License-Identifier: Apache-2.0 */
/* Real witnesses for tests: oxe-witness (OXE_WITNESS_BINARY) with a key, a state and a log of its own in a
 * folder of the test. Whatever cannot be set up fails the test. */
#ifndef OXE_TESTS_SUPPORT_WITNESS_H
#define OXE_TESTS_SUPPORT_WITNESS_H

#include <sys/types.h>

#include "proto/note.h"

struct witness {
    const char *directory; /* borrowed */
    int number; /* its name is witness.test/wNUMBER, its key that of which every byte is 100 + it */
    int port;
    int probe_port;
    pid_t pid; /* 0: it does not run */
};

/* Writes DIRECTORY/w-logs, the logs that witnesses of this folder know: verifier keys, one a line. */
void witness_know(const char *directory, const char *keys);
/* Starts it and waits until it answers. Ports are chosen once, and kept when it is started again. */
void witness_start(struct witness *witness);
/* The same without waiting for it. */
void witness_launch(struct witness *witness);
/* Its exit status. */
int witness_end(struct witness *witness, int signal);

/* PATH of its file: "state", "key", "log". */
void witness_path(const struct witness *witness, const char *kind, char ret_path[static 256]);
/* "http://127.0.0.1:PORT". */
void witness_url(const struct witness *witness, char ret_url[static 64]);
void witness_verifier(const struct witness *witness, char ret_text[static NOTE_KEY_TEXT_MAX]);

#endif
