/* SPDX-License-Identifier: Apache-2.0 */
/* See floor.h. */
#include "tests/fault/floor.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cleanup.h"

enum { PATH_BYTES = 512, CHILDREN_MAX = 512, CONTROL_OFFSET = 4, DATABASE_OFFSET = 1 };

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        (void)printf("Bail out! %s is not set: run this through tests/e2e/with-instance.sh\n", name);
        exit(1);
    }
    return value;
}

struct floor floor_open(void)
{
    return (struct floor){.home = environment("OXE_HOME"),
                          .front_door = environment("OXE_FRONT_DOOR"),
                          .build = environment("OXE_BUILD"),
                          .port = atoi(environment("OXE_HTTP_PORT"))};
}

void floor_close(struct floor *floor)
{
    PQfinish(floor->database);
    floor->database = NULL;
}

static void become(const char *const *argv, const char *log_path)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    (void)dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    (void)execvp(argv[0], (char *const *)argv);
    _exit(127);
}

int floor_run(const char *const *argv, const struct floor *floor)
{
    char path[PATH_BYTES];
    int status;

    (void)snprintf(path, sizeof(path), "%s/fault.log", floor->home);
    pid_t child = fork();
    if (child == 0)
        become(argv, path);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The number at the start of a file; 0 when there is none. */
static long read_number(const char *path)
{
    char text[32] = "";
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
        return strtol(text, NULL, 10);
    return 0;
}

pid_t floor_pid(const struct floor *floor, const char *name)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/service/%s/supervise/pid", floor->home, name);
    return (pid_t)read_number(path);
}

void floor_tell(const struct floor *floor, const char *what, const char *name)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/service/%s", floor->home, name);
    (void)floor_run((const char *const[]){"sv", "-w", "20", what, path, NULL}, floor);
}

/* The field after the command's name, which may hold anything, in /proc/PID/stat: state, then the parent. */
static pid_t parent_of(const char *pid)
{
    char path[PATH_BYTES], text[1024] = "";
    (void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    const char *end = strrchr(text, ')');
    return end == NULL ? 0 : (pid_t)atoi(end + 4);
}

void floor_signal_database(const struct floor *floor, int signal_number)
{
    pid_t children[CHILDREN_MAX];
    size_t count = 0;
    pid_t postmaster = floor_pid(floor, "postgres");
    DIR *folder = opendir("/proc");

    if (postmaster == 0 || folder == NULL)
        return;
    /* The parent first, so that it neither starts others nor cleans up. */
    (void)kill(postmaster, signal_number);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (atoi(entry->d_name) > 0 && count < CHILDREN_MAX && parent_of(entry->d_name) == postmaster)
            children[count++] = atoi(entry->d_name);
    (void)closedir(folder);
    for (size_t i = 0; i < count; i++)
        (void)kill(children[i], signal_number);
}

bool floor_is_ready(const struct floor *floor)
{
    return floor_run((const char *const[]){floor->front_door, "status", "--json", NULL}, floor) == 0;
}

/* A server that crashes says so to everybody; the results tell as much. */
static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static bool connect_database(struct floor *floor)
{
    char conninfo[PATH_BYTES];
    const struct passwd *user = getpwuid(getuid());

    if (floor->database != NULL && PQstatus(floor->database) == CONNECTION_OK)
        return true;
    PQfinish(floor->database);
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=%s/run port=%d dbname=oxe user=%s connect_timeout=3 fallback_application_name=fault",
                   floor->home, floor->port + DATABASE_OFFSET, getuid() == 0 ? "oxe" : user->pw_name);
    floor->database = PQconnectdb(conninfo);
    (void)PQsetNoticeProcessor(floor->database, ignore_notice, NULL);
    return PQstatus(floor->database) == CONNECTION_OK;
}

static char *rows_text(const PGresult *result)
{
    struct buffer out = BUFFER_INIT(0);

    buffer_append_text(&out, "");
    for (int row = 0; row < PQntuples(result); row++) {
        for (int column = 0; column < PQnfields(result); column++) {
            if (column > 0)
                buffer_append_char(&out, ' ');
            buffer_append_text(&out, PQgetvalue(result, row, column));
        }
        buffer_append_char(&out, '\n');
    }
    if (out.data == NULL)
        return strdup("");
    return out.data;
}

char *floor_sql_with(struct floor *floor, const char *statement, const char *argument)
{
    if (!connect_database(floor))
        return NULL;
    PGresult *result =
        PQexecParams(floor->database, statement, argument == NULL ? 0 : 1, NULL, &argument, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    char *text = NULL;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        text = rows_text(result);
    else if (PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) != NULL)
        (void)printf("# SQL: %s\n", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    return text;
}

char *floor_sql(struct floor *floor, const char *statement)
{
    return floor_sql_with(floor, statement, NULL);
}

long floor_count(struct floor *floor, const char *statement)
{
    CLEANUP_FREE char *text = floor_sql(floor, statement);
    return text == NULL ? -1 : strtol(text, NULL, 10);
}

char *floor_ask_exchange(const struct floor *floor, const char *command)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)(floor->port + CONTROL_OFFSET)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct buffer out = BUFFER_INIT(0);
    struct timeval patience = {.tv_sec = 10};
    char bytes[65536];
    ssize_t length;

    CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return NULL;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)snprintf(bytes, sizeof(bytes), "%s\n", command);
    if (send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) < 0)
        return NULL;
    buffer_append_text(&out, "");
    while ((length = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_append(&out, bytes, (size_t)length);
    if (length < 0 || buffer_failed(&out)) {
        buffer_release(&out);
        return NULL;
    }
    return out.data == NULL ? strdup("") : out.data;
}
