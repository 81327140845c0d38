/* SPDX-License-Identifier: Apache-2.0 */
/* The process in figures: see vitals.h. */
#include "common/vitals.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

enum {
    METRIC_BUILD_INFO,
    METRIC_CPU,
    METRIC_RESIDENT,
    METRIC_VIRTUAL,
    METRIC_OPEN_FILES,
    METRIC_MAX_FILES,
    METRIC_STARTED,
};

const struct metric_def vitals_metric_defs[] = {
    [METRIC_BUILD_INFO] = {"oxe_build_info", METRIC_GAUGE, "Always 1; the version is the label.", "version",
                           NULL},
    [METRIC_CPU] = {"process_cpu_seconds_total", METRIC_COUNTER, "Processor time, of user and system.", NULL,
                    NULL},
    [METRIC_RESIDENT] = {"process_resident_memory_bytes", METRIC_GAUGE, "Memory that is in RAM.", NULL, NULL},
    [METRIC_VIRTUAL] = {"process_virtual_memory_bytes", METRIC_GAUGE, "Address space in use.", NULL, NULL},
    [METRIC_OPEN_FILES] = {"process_open_fds", METRIC_GAUGE, "Open file descriptors.", NULL, NULL},
    [METRIC_MAX_FILES] = {"process_max_fds", METRIC_GAUGE, "File descriptors that may be open.", NULL, NULL},
    [METRIC_STARTED] = {"process_start_time_seconds", METRIC_GAUGE,
                        "When the process began, in seconds since 1970.", NULL, NULL},
};
const size_t vitals_metric_count = ARRAY_LEN(vitals_metric_defs);

struct vitals {
    uint64_t cpu_ticks, resident_bytes, virtual_bytes, started_ticks; /* ticks since the machine booted */
};

/* The fields of /proc/self/stat, see proc(5). The name in parentheses may hold anything, so what counts
 * begins behind the last one. */
static bool read_stat(struct vitals *ret_vitals)
{
    CLEANUP_CLOSE int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    char line[1024];
    ssize_t length = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
    uint64_t user, system, started, virtual_bytes;
    int64_t resident_pages;

    if (length <= 0)
        return false;
    line[length] = '\0';
    if (strrchr(line, ')') == NULL ||
        sscanf(strrchr(line, ')') + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
               " %*d %*d %*d %*d %*d %*d %" SCNu64 " %" SCNu64 " %" SCNd64,
               &user, &system, &started, &virtual_bytes, &resident_pages) != 5)
        return false;
    *ret_vitals =
        (struct vitals){.cpu_ticks = user + system,
                        .resident_bytes = (uint64_t)resident_pages * (uint64_t)sysconf(_SC_PAGESIZE),
                        .virtual_bytes = virtual_bytes,
                        .started_ticks = started};
    return true;
}

static uint64_t count_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;

    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count - 1; /* the folder itself */
}

static void append(struct buffer *out, size_t metric, const char *service, uint64_t value)
{
    metrics_render_head(&vitals_metric_defs[metric], out);
    buffer_append_format(out, "%s{service=\"%s\"} %" PRIu64 "\n", vitals_metric_defs[metric].name, service,
                         value);
}

static void append_hundredths(struct buffer *out, size_t metric, const char *service, uint64_t value)
{
    metrics_render_head(&vitals_metric_defs[metric], out);
    buffer_append_format(out, "%s{service=\"%s\"} %" PRIu64 ".%02" PRIu64 "\n",
                         vitals_metric_defs[metric].name, service, value / 100, value % 100);
}

/* Since 1970. The clock may be set meanwhile: the start moves with it, by as much. */
static uint64_t started_hundredths(uint64_t ticks, uint64_t ticks_per_second)
{
    struct timespec now, since_boot;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)clock_gettime(CLOCK_BOOTTIME, &since_boot);
    uint64_t booted = (uint64_t)(now.tv_sec - since_boot.tv_sec) * 100 +
                      (uint64_t)((now.tv_nsec - since_boot.tv_nsec + 1000000000) / 10000000) - 100;
    return booted + ticks * 100 / ticks_per_second;
}

void vitals_render(const char *service, const char *version, struct buffer *out)
{
    uint64_t ticks_per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    struct rlimit files;
    struct vitals vitals;

    metrics_render_head(&vitals_metric_defs[METRIC_BUILD_INFO], out);
    buffer_append_format(out, "oxe_build_info{service=\"%s\",version=\"%s\"} 1\n", service, version);
    if (read_stat(&vitals)) {
        append_hundredths(out, METRIC_CPU, service, vitals.cpu_ticks * 100 / ticks_per_second);
        append(out, METRIC_RESIDENT, service, vitals.resident_bytes);
        append(out, METRIC_VIRTUAL, service, vitals.virtual_bytes);
        append_hundredths(out, METRIC_STARTED, service,
                          started_hundredths(vitals.started_ticks, ticks_per_second));
    }
    append(out, METRIC_OPEN_FILES, service, count_open_files());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        append(out, METRIC_MAX_FILES, service, files.rlim_cur);
}
