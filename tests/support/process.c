/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes of tests: see process.h. */
#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool become(const struct passwd *user)
{
    return initgroups(user->pw_name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 &&
           setuid(user->pw_uid) == 0;
}

static _Noreturn void run_child(const char *const *argv, const struct passwd *user, int log_fd,
                                int death_signal)
{
    sigset_t none;
    int null_fd = open("/dev/null", O_RDONLY);

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)dup2(null_fd, STDIN_FILENO);
    (void)dup2(log_fd, STDOUT_FILENO);
    (void)dup2(log_fd, STDERR_FILENO);
    /* After the change of user, which clears it. */
    if ((user == NULL || become(user)) && chdir("/") == 0 && prctl(PR_SET_PDEATHSIG, death_signal) == 0)
        (void)execv(argv[0], (char *const *)argv);
    _exit(127);
}

pid_t process_start(const char *const *argv, const char *user, const char *log_path, int death_signal)
{
    const struct passwd *entry = NULL;

    if (user != NULL && (entry = getpwnam(user)) == NULL)
        return -ENOENT;
    int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_fd < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        run_child(argv, entry, log_fd, death_signal);
    (void)close(log_fd);
    return pid < 0 ? -errno : pid;
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_wait(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return exit_code(status);
}

int process_is_running(pid_t pid)
{
    int status;

    return waitpid(pid, &status, WNOHANG) == 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void process_remove_tree(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
