/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/jwks.h"
#include "services/oxectl/tlog.h"

enum {
    CERTIFICATE_FAILED_DAYS = 3,
    CERTIFICATE_WARNING_DAYS = 30,
    FOLDER_MAX = 4096,
    SAID_MAX = 512,
    PROGRAM_MS = 10000, /* a program that knows no --check may well go on for ever */
};

/* --- the log's keys --- */

static int read_policy(const char *path, struct policy *ret_policy, struct checks *checks)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(POLICY_TEXT_MAX);
    static const char remedy[] = "docs/audit.md says what is in it";
    struct policy_fault fault;

    int r = file_read(path, &text);
    if (r < 0) {
        checks_add(checks, "audit policy", CHECKED_FAILED, remedy, "%s: %s", path, strerror(-r));
        return r;
    }
    r = policy_parse(text.data == NULL ? "" : text.data, text.length, ret_policy, &fault);
    if (r < 0)
        checks_add(checks, "audit policy", CHECKED_FAILED, remedy, "%s: line %zu: %s", path, fault.line,
                   fault.why);
    return r;
}

/* NULL, or why the policy does not have one believe the checkpoint. */
static const char *doubt(const struct policy *policy, const char *bytes, size_t length,
                         const char **ret_remedy)
{
    struct checkpoint checkpoint;
    struct note note;

    *ret_remedy = "see 'oxectl audit heads --note', and what audit-writer says at its start (checkpoint_key)";
    if (note_parse(bytes, length, &note) < 0 ||
        checkpoint_parse(note.text, note.text_length, &checkpoint) < 0)
        return "what the gateway publishes is no signed checkpoint";
    if (!tlog_is_signed(policy, &note, &checkpoint))
        return "the last checkpoint is signed by none of the policy's keys: it is another log's policy, or "
               "the log has got a new key";
    *ret_remedy = "see which witness is away: audit-writer's check 'witnesses'";
    return policy_is_met(policy, policy_cosigned(policy, &note))
               ? NULL
               : "the last checkpoint lacks the quorum of witnesses";
}

static void check_checkpoint(const struct context *context, const struct policy *policy,
                             struct checks *checks)
{
    struct reply reply = {0};
    const char *remedy = NULL;

    if (http_request(context, "GET", "/checkpoint", NULL, NULL, &reply) != 0) {
        checks_add(checks, "audit policy", CHECKED_FAILED, "start it, or set OXE_URL",
                   "the gateway does not answer");
        return;
    }
    const char *wrong =
        reply.status == 200 ? doubt(policy, reply.body.data, reply.body.length, &remedy) : NULL;
    if (reply.status == 404)
        checks_add(
            checks, "audit policy", CHECKED_WARNING,
            "one comes within seconds of the log's first entry; see audit-writer's check 'checkpoints'",
            "no checkpoint is published yet");
    else if (reply.status != 200)
        checks_add(checks, "audit policy", CHECKED_FAILED, "see the gateway's log",
                   "GET /checkpoint answers %ld", reply.status);
    else if (wrong != NULL)
        checks_add(checks, "audit policy", CHECKED_FAILED, remedy, "%s", wrong);
    else
        checks_add(checks, "audit policy", CHECKED_OK, NULL, "the last checkpoint is as it asks");
    reply_release(&reply);
}

static void check_key(const char *path, const struct policy *policy, struct checks *checks)
{
    CLEANUP(note_signer_destroy) struct note_signer *signer = NULL;
    bool known = false;
    int r = policy->log_count == 0 ? -ENOENT : 0;

    for (size_t i = 0; r == 0 && !known && i < policy->log_count; i++) {
        note_signer_destroy(&signer);
        r = note_signer_load(path, policy->logs[i].name, NOTE_ED25519, &signer);
        known = r == 0 && memcmp(note_signer_key(signer)->key, policy->logs[i].key, NOTE_KEY_BYTES) == 0;
    }
    if (r < 0)
        checks_add(checks, "audit key", CHECKED_FAILED,
                   "an Ed25519 key in PEM that its owner and group alone may read", "%s: %s", path,
                   strerror(-r));
    else if (!known)
        checks_add(checks, "audit key", CHECKED_FAILED,
                   "'oxectl audit verifier' prints what belongs into the policy",
                   "%s is no key of the policy: what it signs nobody believes", path);
    else
        checks_add(checks, "audit key", CHECKED_OK, NULL, "the policy has it");
}

void preflight_log_keys(const struct context *context, const struct args *args, struct checks *checks)
{
    const char *path = args_text(args, "--policy"), *key = setting("OXE_AUDIT_KEY", NULL);
    struct policy policy = {0};

    if (path == NULL)
        path = setting("OXE_AUDIT_POLICY", NULL);
    if (!checks_named(checks, "audit policy", path, "neither --policy nor OXE_AUDIT_POLICY names it"))
        return;
    if (read_policy(path, &policy, checks) < 0)
        return;
    check_checkpoint(context, &policy, checks);
    if (checks_named(checks, "audit key", key, "OXE_AUDIT_KEY does not name it"))
        check_key(key, &policy, checks);
}

/* --- keys of tokens --- */

void preflight_token_keys(const struct context *context, struct checks *checks)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(JWKS_TEXT_MAX);
    static const char remedy[] = "without keys nobody signs in: see OXE_JWKS and the identity provider";
    const char *location = setting("OXE_JWKS", NULL), *wrong = NULL;
    struct jwks *jwks = NULL;

    if (!checks_named(checks, "token keys", location, "OXE_JWKS does not name them"))
        return;
    if (strstr(location, "://") != NULL) {
        wrong = http_fetch(context, location, &text);
    } else {
        int r = file_read(location, &text);
        wrong = r < 0 ? strerror(-r) : NULL;
    }
    if (wrong == NULL && jwks_parse(text.data == NULL ? "" : text.data, text.length, &jwks) < 0)
        wrong = "it is no JWKS";
    if (wrong == NULL && jwks_count(jwks) == 0)
        wrong = "it has no key that verifies a token";
    if (wrong != NULL)
        checks_add(checks, "token keys", CHECKED_FAILED, remedy, "%s: %s", location, wrong);
    else
        checks_add(checks, "token keys", CHECKED_OK, NULL, "%zu in %s", jwks_count(jwks), location);
    jwks_destroy(&jwks);
}

/* --- the certificate --- */

/* Of the one that ends first; false: there is none. */
static bool first_end(FILE *file, int *ret_days, int *ret_seconds, bool *ret_early)
{
    X509 *certificate;
    bool any = false;

    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        int days = 0, seconds = 0;
        (void)ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
        if (!any || days < *ret_days || (days == *ret_days && seconds < *ret_seconds)) {
            *ret_days = days;
            *ret_seconds = seconds;
        }
        *ret_early = *ret_early || X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0;
        any = true;
        X509_free(certificate);
    }
    return any;
}

void preflight_certificate(struct checks *checks)
{
    static const char remedy[] = "put the new one in its place, and restart the gateways one after the other";
    const char *path = setting("OXE_TLS_CERTIFICATE", NULL);
    int days = 0, seconds = 0;
    bool early = false;

    if (!checks_named(checks, "certificate", path, "OXE_TLS_CERTIFICATE does not name it"))
        return;
    FILE *file = fopen(path, "re");
    bool any = file != NULL && first_end(file, &days, &seconds, &early);
    if (file == NULL)
        checks_add(checks, "certificate", CHECKED_FAILED, remedy, "%s: %s", path, strerror(errno));
    else if (!any)
        checks_add(checks, "certificate", CHECKED_FAILED, remedy, "%s holds none (PEM)", path);
    else if (early)
        checks_add(checks, "certificate", CHECKED_FAILED, remedy, "%s holds one that does not hold yet",
                   path);
    else if (days < 0 || seconds < 0)
        checks_add(checks, "certificate", CHECKED_FAILED, remedy, "%s has expired", path);
    else
        checks_add(checks, "certificate",
                   days < CERTIFICATE_FAILED_DAYS    ? CHECKED_FAILED
                   : days < CERTIFICATE_WARNING_DAYS ? CHECKED_WARNING
                                                     : CHECKED_OK,
                   remedy, "%s holds for %d days", path, days);
    if (file != NULL)
        (void)fclose(file);
}

/* --- disks --- */

static void check_disk(const char *folder, struct checks *checks)
{
    static const char remedy[] =
        "make room, or a larger disk: what cannot be written is not answered with 201";
    struct statvfs disk;

    if (statvfs(folder, &disk) < 0) {
        checks_add(checks, "disk", CHECKED_FAILED, remedy, "%s: %s", folder, strerror(errno));
        return;
    }
    unsigned long long free_bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
    unsigned long long total_bytes = (unsigned long long)disk.f_blocks * disk.f_frsize;
    checks_add(checks, "disk", checks_of_disk(free_bytes, total_bytes), remedy,
               "%s: %llu of %llu MiB are free", folder, free_bytes >> 20, total_bytes >> 20);
}

void preflight_disks(const char *folders, struct checks *checks)
{
    char folder[FOLDER_MAX];

    if (!checks_named(checks, "disk", folders,
                      "--disk names no folder; the database's own disk is seen on its machine alone"))
        return;
    for (;; folders++) {
        size_t length = strcspn(folders, ",");
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)length, folders);
        check_disk(folder, checks);
        folders += length;
        if (*folders == '\0')
            return;
    }
}

/* --- configuration --- */

/* Runs it with its output in the pipe, as the leader of a group of its own; the pid, or -errno. */
static pid_t start_check(const char *program, int output)
{
    char *const argv[] = {(char *)program, "--check", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = 0;

    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    int r = posix_spawn(&pid, program, &actions, &attributes, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return r != 0 ? -r : pid;
}

/* Until it ends; the first line of its output. What it says beyond that is read too, or it would wait for its
 * reader. False: it has not ended in time. */
static bool await_end(pid_t pid, int output, char said[static SAID_MAX])
{
    CLEANUP_CLOSE int process = pidfd_open(pid, 0);
    struct pollfd fds[] = {{.fd = output, .events = POLLIN}, {.fd = process, .events = POLLIN}};
    int64_t until_us = clock_monotonic_us() + PROGRAM_MS * INT64_C(1000), left_ms;
    char rest[SAID_MAX];
    size_t length = 0;
    bool ended = false;

    while (!ended && (left_ms = (until_us - clock_monotonic_us()) / 1000) > 0 &&
           poll(fds, 2, (int)left_ms) > 0) {
        bool room = length < SAID_MAX - 1;
        if (fds[0].revents == 0) {
            ended = true;
            continue;
        }
        ssize_t count =
            read(output, room ? said + length : rest, room ? SAID_MAX - 1 - length : sizeof(rest));
        length += room && count > 0 ? (size_t)count : 0;
        if (count <= 0)
            fds[0].fd = -1;
    }
    said[length] = '\0';
    said[strcspn(said, "\n")] = '\0';
    return ended;
}

void preflight_program(const char *program, struct checks *checks)
{
    static const char remedy[] = "'--help' of the program explains its settings";
    char said[SAID_MAX];
    int fds[2], status = 0;

    if (pipe2(fds, O_CLOEXEC) < 0) {
        checks_add(checks, "configuration", CHECKED_FAILED, remedy, "%s: %s", program, strerror(errno));
        return;
    }
    pid_t pid = start_check(program, fds[1]);
    (void)close(fds[1]);
    bool ended = pid < 0 || await_end(pid, fds[0], said);
    (void)close(fds[0]);
    if (!ended)
        (void)kill(-pid, SIGKILL); /* with what it has started */
    if (pid < 0)
        checks_add(checks, "configuration", CHECKED_FAILED, remedy, "%s: %s", program, strerror(-(int)pid));
    else if (waitpid(pid, &status, 0) == pid && !ended)
        checks_add(checks, "configuration", CHECKED_FAILED, remedy, "%s: --check has not ended in %d s",
                   program, PROGRAM_MS / 1000);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        checks_add(checks, "configuration", CHECKED_FAILED, remedy, "%s: %s", program,
                   said[0] == '\0' ? "does not accept it" : said);
    else
        checks_add(checks, "configuration", CHECKED_OK, NULL, "%s accepts it", program);
}
