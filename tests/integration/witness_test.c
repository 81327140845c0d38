/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-witness as a process, against logs on paper: what it answers over HTTP, and that nothing makes it
 * forget what it has cosigned: kill -9 at any moment, a disk that cannot be written, a broken state, a second
 * witness on the same state. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "tests/support/instance.h"
#include "tests/support/paper_log.h"
#include "tests/support/port.h"
#include "tests/support/process.h"
#include "tests/support/witness.h"

static const char origin[] = "oxe.test/log";

struct stand {
    char directory[32];
    struct note_signer *log;
    struct witness witness;
};

static void know(struct stand *stand, const struct note_signer *other)
{
    char keys[2 * NOTE_KEY_TEXT_MAX + 2];

    note_key_format(note_signer_key(stand->log), keys);
    if (other != NULL) {
        (void)strcat(keys, "\n");
        note_key_format(note_signer_key(other), keys + strlen(keys));
    }
    witness_know(stand->directory, keys);
}

static void begin(struct stand *stand)
{
    (void)strcpy(stand->directory, "/tmp/witness_test.XXXXXX");
    cr_assert_not_null(mkdtemp(stand->directory));
    stand->log = paper_signer(origin, NOTE_ED25519, 1);
    stand->witness = (struct witness){.directory = stand->directory, .number = 1};
    know(stand, NULL);
    witness_start(&stand->witness);
}

static void end(struct stand *stand)
{
    if (stand->witness.pid > 0)
        cr_expect_eq(witness_end(&stand->witness, SIGTERM), 0);
    note_signer_destroy(&stand->log);
    process_remove_tree(stand->directory);
}

static struct reply post(const struct stand *stand, const char *path, const char *body, size_t length)
{
    char url[64];

    witness_url(&stand->witness, url);
    return instance_call(
        &(struct call){.url = url, .method = "POST", .path = path, .body = body, .body_length = length});
}

static struct reply ask(const struct stand *stand, int fork, uint64_t old_size, uint64_t size)
{
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);

    paper_request(fork, old_size, size, stand->log, &body);
    return post(stand, "/add-checkpoint", body.data, body.length);
}

static void expect_status(const struct stand *stand, int fork, uint64_t old_size, uint64_t size, int status)
{
    AUTO_REPLY reply = ask(stand, fork, old_size, size);

    cr_expect_eq(reply.status, status, "%d: %zu to %zu: %d %s", fork, (size_t)old_size, (size_t)size,
                 (int)reply.status, reply.body.data);
}

/* What the witness has seen, by its own word. */
static int64_t seen_size(const struct stand *stand)
{
    AUTO_REPLY reply = ask(stand, 1, PAPER_LEAVES_MAX / 2, PAPER_LEAVES_MAX / 2);

    cr_assert_eq(reply.status, 409, "%s", reply.body.data);
    return strtoll(reply.body.data, NULL, 10);
}

static void expect_said(const struct stand *stand, const char *words)
{
    char path[256], line[4096];
    bool found = false;

    witness_path(&stand->witness, "log", path);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        found |= strstr(line, words) != NULL;
    (void)fclose(file);
    cr_expect(found, "the log does not say %s", words);
}

static struct reply readiness(const struct stand *stand)
{
    char url[64];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", stand->witness.probe_port);
    return instance_call(&(struct call){.url = url, .path = "/readyz"});
}

Test(witness, it_cosigns_what_extends_and_says_when, .timeout = 60)
{
    struct stand stand;
    char verifier[NOTE_KEY_TEXT_MAX];
    struct note_key key;
    struct note note;
    uint64_t time_s = 0;

    begin(&stand);
    uint64_t before_s = (uint64_t)clock_now().us / 1000000;
    AUTO_REPLY first = ask(&stand, 1, 0, 7);
    cr_assert_eq(first.status, 200, "%s", first.body.data);
    CLEANUP(buffer_release) struct buffer whole = BUFFER_INIT(0);
    paper_checkpoint(1, 7, stand.log, &whole);
    buffer_append(&whole, first.body.data, first.body.length);
    cr_assert_eq(note_parse(whole.data, whole.length, &note), 0);
    cr_expect_eq(note.count, 2);
    witness_verifier(&stand.witness, verifier);
    cr_assert_eq(note_key_parse(verifier, strlen(verifier), &key), 0);
    cr_assert_eq(note_verify(&note, &key, NULL, &time_s), 0);
    cr_expect(time_s >= before_s && time_s <= (uint64_t)clock_now().us / 1000000);

    expect_status(&stand, 1, 7, 7, 200);
    expect_status(&stand, 1, 7, 600, 200);
    expect_status(&stand, 1, 600, 599, 400);
    expect_status(&stand, 2, 600, 600, 422);
    expect_status(&stand, 2, 600, 900, 422);
    expect_said(&stand, "\"checkpoint_refused\"");
    AUTO_REPLY conflict = ask(&stand, 1, 7, 900);
    cr_expect_eq(conflict.status, 409);
    cr_expect_str_eq(conflict.body.data, "600\n");
    cr_expect_str_eq(reply_header(&conflict, "content-type"), "text/x.tlog.size");
    AUTO_REPLY ready = readiness(&stand);
    cr_expect_eq(ready.status, 200, "%s", ready.body.data);
    end(&stand);
}

Test(witness, each_log_has_its_own_history, .timeout = 60)
{
    struct stand stand;
    CLEANUP(note_signer_destroy) struct note_signer *other = paper_signer("other.test/log", NOTE_ED25519, 2);
    CLEANUP(note_signer_destroy) struct note_signer *thief = paper_signer(origin, NOTE_ED25519, 9);
    CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0), stolen = BUFFER_INIT(0);
    int64_t end_us = clock_monotonic_us() + 10 * 1000 * 1000;

    begin(&stand);
    expect_status(&stand, 1, 0, 50, 200);
    paper_request(2, 0, 20, other, &body);
    AUTO_REPLY unknown = post(&stand, "/add-checkpoint", body.data, body.length);
    cr_expect_eq(unknown.status, 404);
    paper_request(1, 50, 60, thief, &stolen);
    AUTO_REPLY forged = post(&stand, "/add-checkpoint", stolen.data, stolen.length);
    cr_expect_eq(forged.status, 403);

    /* Known from a SIGHUP on; what was seen of the first stays. */
    know(&stand, other);
    (void)kill(stand.witness.pid, SIGHUP);
    long status = 404;
    while (status == 404 && clock_monotonic_us() < end_us) {
        AUTO_REPLY reply = post(&stand, "/add-checkpoint", body.data, body.length);
        status = reply.status;
        (void)poll(NULL, 0, 20);
    }
    cr_expect_eq(status, 200);
    cr_expect_eq(seen_size(&stand), 50);
    cr_expect_eq(witness_end(&stand.witness, SIGKILL), 128 + SIGKILL);
    witness_start(&stand.witness);
    cr_expect_eq(seen_size(&stand), 50);
    AUTO_REPLY again = post(&stand, "/add-checkpoint", body.data, body.length);
    cr_expect_eq(again.status, 409);
    cr_expect_str_eq(again.body.data, "20\n");
    end(&stand);
}

Test(witness, what_is_no_request_is_refused, .timeout = 60)
{
    struct stand stand;
    CLEANUP(buffer_release) struct buffer good = BUFFER_INIT(0), large = BUFFER_INIT(0);
    char url[64];

    begin(&stand);
    paper_request(1, 0, 9, stand.log, &good);
    AUTO_REPLY empty = post(&stand, "/add-checkpoint", "\n", 1);
    cr_expect_eq(empty.status, 400);
    AUTO_REPLY cut = post(&stand, "/add-checkpoint", good.data, good.length - 1);
    cr_expect_eq(cut.status, 400);
    AUTO_REPLY elsewhere = post(&stand, "/add-checkpoints", good.data, good.length);
    cr_expect_eq(elsewhere.status, 404);
    witness_url(&stand.witness, url);
    AUTO_REPLY get = instance_call(&(struct call){.url = url, .path = "/add-checkpoint"});
    cr_expect_eq(get.status, 405);
    cr_expect_str_eq(reply_header(&get, "allow"), "POST");
    for (int i = 0; i < 40000; i++)
        buffer_append_char(&large, 'x');
    AUTO_REPLY too_large = post(&stand, "/add-checkpoint", large.data, large.length);
    cr_expect_eq(too_large.status, 413);
    cr_expect_eq(seen_size(&stand), 0);
    end(&stand);
}

/* Somebody who opens connections and says nothing keeps nobody else out for longer than a request may take.
 */
Test(witness, silent_clients_are_let_go, .timeout = 60)
{
    struct stand stand;
    int silent[80];

    begin(&stand);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)stand.witness.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
        silent[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        cr_assert_eq(connect(silent[i], (const struct sockaddr *)&address, sizeof(address)), 0);
        (void)send(silent[i], "POST /add-checkpoint HTTP/1.1\r\n", 31, MSG_NOSIGNAL);
    }
    (void)poll(NULL, 0, 4000);
    expect_status(&stand, 1, 0, 9, 200);
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        (void)close(silent[i]);
    end(&stand);
}

/* --- nothing is forgotten --- */

/* Kills the witness as soon as a new state is in its place. */
struct killer {
    int inotify;
    pid_t pid;
};

static void *kill_at_rename(void *context)
{
    const struct killer *killer = context;
    char event[4096];

    (void)!read(killer->inotify, event, sizeof(event));
    (void)kill(killer->pid, SIGKILL);
    return NULL;
}

Test(witness, a_kill_between_state_and_answer_forgets_nothing, .timeout = 120)
{
    struct stand stand;
    uint64_t size = 1, wanted;
    int between = 0;

    begin(&stand);
    expect_status(&stand, 1, 0, 1, 200);
    for (int round = 0; round < 40; round++) {
        struct killer killer = {.inotify = inotify_init1(IN_CLOEXEC), .pid = stand.witness.pid};
        pthread_t thread;
        CLEANUP(buffer_release) struct buffer body = BUFFER_INIT(0);
        char url[64];

        cr_assert_geq(inotify_add_watch(killer.inotify, stand.directory, IN_MOVED_TO), 0);
        cr_assert_eq(pthread_create(&thread, NULL, kill_at_rename, &killer), 0);
        wanted = size + 3;
        paper_request(1, size, wanted, stand.log, &body);
        witness_url(&stand.witness, url);
        /* By curl as a program, for an answer that may not come. */
        char path[64], command[256];
        (void)snprintf(path, sizeof(path), "%s/body", stand.directory);
        FILE *file = fopen(path, "we");
        cr_assert_eq(fwrite(body.data, 1, body.length, file), body.length);
        (void)fclose(file);
        (void)snprintf(command, sizeof(command),
                       "curl -s -o /dev/null -w '%%{http_code}' --data-binary @%s %s/add-checkpoint", path,
                       url);
        FILE *curl = popen(command, "re");
        char answer[16] = "";
        (void)!fgets(answer, sizeof(answer), curl);
        (void)pclose(curl);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        (void)close(killer.inotify);
        (void)process_wait(stand.witness.pid);
        witness_start(&stand.witness);
        cr_assert_eq(seen_size(&stand), (int64_t)wanted, "round %d: answered %s", round, answer);
        between += strcmp(answer, "200") != 0;
        /* The log asks again, and gets what it was owed; another history of that size gets nothing. */
        expect_status(&stand, 2, wanted, wanted, wanted <= PAPER_SHARED ? 200 : 422);
        expect_status(&stand, 1, wanted, wanted, 200);
        size = wanted;
    }
    cr_expect_gt(between, 0, "no kill came before the answer");
    end(&stand);
}

Test(witness, what_cannot_be_kept_is_not_cosigned, .timeout = 60)
{
    struct stand stand;
    char path[256];

    begin(&stand);
    expect_status(&stand, 1, 0, 9, 200);
    /* Where the new state is to be written there is a folder: no rights help, not even root's. */
    witness_path(&stand.witness, "state.new", path);
    cr_assert_eq(mkdir(path, 0700), 0);
    expect_status(&stand, 1, 9, 12, 503);
    AUTO_REPLY failing = readiness(&stand);
    cr_expect_eq(failing.status, 503);
    cr_expect_not_null(strstr(failing.body.data, "the state cannot be written"), "%s", failing.body.data);
    cr_expect_eq(seen_size(&stand), 9);
    cr_assert_eq(rmdir(path), 0);
    expect_status(&stand, 1, 9, 12, 200);
    AUTO_REPLY ready = readiness(&stand);
    cr_expect_eq(ready.status, 200);
    cr_expect_eq(seen_size(&stand), 12);
    end(&stand);
}

Test(witness, a_full_disk_is_no_cosignature, .timeout = 60)
{
    static const char filling[4096] = "x";
    struct stand stand;
    char path[64], filler[80], keys[NOTE_KEY_TEXT_MAX];

    begin(&stand);
    cr_expect_eq(witness_end(&stand.witness, SIGTERM), 0);
    (void)snprintf(path, sizeof(path), "%s/full", stand.directory);
    cr_assert_eq(mkdir(path, 0700), 0);
    if (mount("none", path, "tmpfs", 0, "size=256k") < 0) {
        end(&stand);
        cr_skip_test("no file system can be mounted here");
    }
    stand.witness.directory = path;
    note_key_format(note_signer_key(stand.log), keys);
    witness_know(path, keys);
    witness_start(&stand.witness);
    expect_status(&stand, 1, 0, 9, 200);
    (void)snprintf(filler, sizeof(filler), "%s/filler", path);
    int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, filling, sizeof(filling)) > 0)
        continue;
    cr_assert_eq(errno, ENOSPC);
    expect_status(&stand, 1, 9, 12, 503);
    expect_status(&stand, 2, 9, 12, 422);
    cr_expect_eq(seen_size(&stand), 9);
    (void)close(fd);
    cr_assert_eq(unlink(filler), 0);
    expect_status(&stand, 1, 9, 12, 200);
    cr_expect_eq(witness_end(&stand.witness, SIGKILL), 128 + SIGKILL);
    witness_start(&stand.witness);
    cr_expect_eq(seen_size(&stand), 12);
    cr_expect_eq(witness_end(&stand.witness, SIGTERM), 0);
    cr_assert_eq(umount(path), 0);
    end(&stand);
}

Test(witness, a_broken_state_keeps_it_from_starting, .timeout = 60)
{
    static const struct {
        const char *state, *words;
    } cases[] = {
        {"", "the file is empty"},
        {"oxe-witness/1 1\n", "the file does not have as many logs as it says"},
        {"oxe-witness/1 1\n9 AAAA oxe.test/log\n", "the root is no hash"},
        {"not a state\n", "it is not the first line of a witness' state"},
    };
    struct stand stand;
    char path[256];

    begin(&stand);
    cr_expect_eq(witness_end(&stand.witness, SIGTERM), 0);
    witness_path(&stand.witness, "state", path);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        FILE *file = fopen(path, "we");
        cr_assert_not_null(file);
        (void)fputs(cases[i].state, file);
        (void)fclose(file);
        witness_launch(&stand.witness);
        cr_expect_eq(process_wait(stand.witness.pid), 1, "case %zu", i);
        expect_said(&stand, cases[i].words);
    }
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    witness_launch(&stand.witness);
    cr_expect_eq(process_wait(stand.witness.pid), 1);
    stand.witness.pid = 0;
    end(&stand);
}

Test(witness, one_state_has_one_witness, .timeout = 60)
{
    struct stand stand;

    begin(&stand);
    struct witness second = {.directory = stand.directory, .number = 1};
    witness_launch(&second);
    cr_expect_eq(process_wait(second.pid), 1);
    expect_said(&stand, "witness_state_in_use");
    expect_status(&stand, 1, 0, 9, 200);
    end(&stand);
}
