/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/witness.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/audit_key.h"
#include "tests/support/paper_log.h"
#include "tests/support/port.h"
#include "tests/support/process.h"

enum { WAIT_US = 10 * 1000 * 1000, POLL_MS = 10, SEED = 100 };

void witness_path(const struct witness *witness, const char *kind, char ret_path[static 256])
{
    (void)snprintf(ret_path, 256, "%s/w%d.%s", witness->directory, witness->number, kind);
}

void witness_url(const struct witness *witness, char ret_url[static 64])
{
    (void)snprintf(ret_url, 64, "http://127.0.0.1:%d", witness->port);
}

static void name_of(const struct witness *witness, char ret_name[static 32])
{
    (void)snprintf(ret_name, 32, "witness.test/w%d", witness->number);
}

void witness_verifier(const struct witness *witness, char ret_text[static NOTE_KEY_TEXT_MAX])
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    char name[32];

    name_of(witness, name);
    signer = paper_signer(name, NOTE_COSIGNATURE, (uint8_t)(SEED + witness->number));
    note_key_format(note_signer_key(signer), ret_text);
}

void witness_know(const char *directory, const char *keys)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/w-logs", directory);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    (void)fprintf(file, "# logs\n%s\n", keys);
    cr_assert_eq(fclose(file), 0);
}

void witness_launch(struct witness *witness)
{
    const char *const argv[] = {getenv("OXE_WITNESS_BINARY"), NULL};
    char name[32], file[32], text[256];

    cr_assert_not_null(argv[0], "OXE_WITNESS_BINARY must name the program");
    if (witness->port == 0) {
        witness->port = port_free_range(2);
        witness->probe_port = witness->port + 1;
    }
    name_of(witness, name);
    (void)setenv("OXE_WITNESS_NAME", name, 1);
    (void)snprintf(file, sizeof(file), "w%d.key", witness->number);
    audit_key_write(witness->directory, file, (uint8_t)(SEED + witness->number));
    witness_path(witness, "key", text);
    (void)setenv("OXE_WITNESS_KEY", text, 1);
    witness_path(witness, "state", text);
    (void)setenv("OXE_WITNESS_STATE", text, 1);
    (void)snprintf(text, sizeof(text), "%s/w-logs", witness->directory);
    (void)setenv("OXE_WITNESS_LOGS", text, 1);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", witness->port);
    (void)setenv("OXE_WITNESS_LISTEN", text, 1);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%d", witness->probe_port);
    (void)setenv("OXE_PROBE_LISTEN", text, 1);
    (void)snprintf(text, sizeof(text), "%d", witness->number);
    (void)setenv("OXE_INSTANCE", text, 1);
    witness_path(witness, "log", text);
    witness->pid = process_start(argv, NULL, text, SIGKILL);
    cr_assert_gt(witness->pid, 0);
}

void witness_start(struct witness *witness)
{
    int64_t end_us = clock_monotonic_us() + WAIT_US;

    witness_launch(witness);
    while (!port_answers(witness->port) && clock_monotonic_us() < end_us)
        (void)poll(NULL, 0, POLL_MS);
    cr_assert_lt(clock_monotonic_us(), end_us, "witness %d does not listen", witness->number);
}

int witness_end(struct witness *witness, int signal)
{
    cr_assert_gt(witness->pid, 0);
    (void)kill(witness->pid, signal);
    int status = process_wait(witness->pid);
    witness->pid = 0;
    return status;
}
