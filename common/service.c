/* SPDX-License-Identifier: Apache-2.0 */
/* The skeleton of every process: see service.h. */
#include "common/service.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/describe.h"

/* The stop flag: the one piece of global state, because a signal handler can reach nothing else. */
static struct {
    volatile sig_atomic_t stopping;
    volatile sig_atomic_t reload;
    int stop_fd;
} signals = {.stop_fd = -1};

const char *service_check_log_level(const char *text)
{
    enum log_level level;

    return log_level_parse(text, &level) < 0 ? "must be debug, info, warning or error" : NULL;
}

const char *service_check_otlp_url(const char *text)
{
    return text[0] == '\0' || strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0
               ? NULL
               : "is no URL: http://… or https://…";
}

static void on_stop(int signal_number)
{
    static const uint64_t one = 1;
    int saved_errno = errno;

    (void)signal_number;
    signals.stopping = 1;
    /* Never read, so that the descriptor stays readable. It cannot fill up before 2^64 signals. */
    ssize_t written = write(signals.stop_fd, &one, sizeof(one));
    (void)written;
    errno = saved_errno;
}

static void on_reload(int signal_number)
{
    (void)signal_number;
    signals.reload = 1;
}

bool service_stopping(const struct service *service)
{
    if (signals.stopping == 0)
        return false;
    health_set_draining(service->health);
    return true;
}

bool service_take_reload(struct service *service)
{
    (void)service;
    if (signals.reload == 0)
        return false;
    /* Cleared first: a signal from here on is a new one. */
    signals.reload = 0;
    return true;
}

/* No SA_RESTART: a poll that waits is to come back. */
static int install_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction reload = {.sa_handler = on_reload};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    signals.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (signals.stop_fd < 0 || sigaction(SIGTERM, &stop, NULL) < 0 || sigaction(SIGINT, &stop, NULL) < 0 ||
        sigaction(SIGHUP, &reload, NULL) < 0 || sigaction(SIGPIPE, &ignore, NULL) < 0)
        return -errno;
    return 0;
}

static void print_help(const struct service_class *class, FILE *out)
{
    (void)fprintf(out,
                  "NAME\n  oxe-%s - %s\n\n"
                  "USAGE\n"
                  "  oxe-%s            run in the foreground until SIGTERM or SIGINT\n"
                  "  oxe-%s --check    validate the configuration and exit\n"
                  "  oxe-%s --help     print this page and exit\n"
                  "  oxe-%s --version  print the version and exit\n\n",
                  class->name, class->summary, class->name, class->name, class->name, class->name);
    if (class->manual != NULL)
        (void)fprintf(out, "DESCRIPTION\n  %s\n\n", class->manual);
    (void)fputs("ENVIRONMENT\n", out);
    config_help(class->config_items, class->config_item_count, out);
    (void)fputs("\nSIGNALS\n"
                "  SIGTERM, SIGINT  stop taking work, finish what was begun, exit\n"
                "  SIGHUP           read again what can change while running\n\n"
                "EXIT STATUS\n"
                "  0   stopped as told, or the configuration is valid\n"
                "  1   failed; the last log line tells why\n"
                "  64  wrong arguments\n"
                "  78  wrong configuration; standard error names each fault\n",
                out);
}

static int load_config(const struct service_class *class, void *config)
{
    int r = config_load(class->config_items, class->config_item_count, config, stderr);

    if (r == 0 && class->check != NULL) {
        const char *fault = class->check(config);
        if (fault != NULL) {
            (void)fprintf(stderr, "oxe-%s: %s\n", class->name, fault);
            return -EINVAL;
        }
    }
    return r;
}

static void open_log(struct service *service, const struct service_class *class,
                     const struct service_config *config)
{
    service->log = (struct log){
        .service = class->name,
        .instance = config->instance,
        .fd = STDERR_FILENO,
    };
    (void)log_level_parse(config->log_level, &service->log.level); /* which was checked */
}

static int run(const struct service_class *class, const struct service_config *config)
{
    CLEANUP(metrics_destroy) struct metrics *metrics = NULL;
    CLEANUP(health_destroy) struct health *health = NULL;
    CLEANUP(tracer_stop) struct tracer *tracer = NULL;
    CLEANUP(probe_stop) struct probe *probe = NULL;
    CLEANUP(clock_watch_stop) struct clock_watch *watch = NULL;
    struct service service = {.config = config};

    open_log(&service, class, config);
    int r = metrics_create(class->metrics, class->metric_count, class->name, &metrics);
    if (r == 0)
        r = health_create(class->name, OXE_VERSION, class->checks, class->check_count, &health);
    if (r == 0)
        r = install_signals();
    if (r == 0 && config->otlp_url[0] != '\0')
        r = tracer_start(config->otlp_url, class->name, config->instance, OXE_VERSION, &tracer);
    if (r == 0)
        r = probe_start(config->probe_listen, health, tracer, metrics, &probe);
    if (r == 0 && class->clock.database != 0)
        r = clock_watch_start((const char *)config + class->clock.database, &class->clock, health, metrics,
                              &watch);
    if (r < 0) {
        LOG_ALARM(&service.log, LOG_ERROR, "start_failed", "process_down", log_errno_name(r), "oxectl doctor",
                  LOG_TEXT("probe_listen", config->probe_listen));
        return r;
    }
    service.metrics = metrics;
    service.health = health;
    service.tracer = tracer;
    service.stop_fd = signals.stop_fd;
    LOG(&service.log, LOG_INFO, "service_started", LOG_TEXT("version", OXE_VERSION),
        LOG_I64("pid", getpid()));
    r = class->run(&service);
    if (r < 0)
        LOG_ALARM(&service.log, LOG_ERROR, "service_failed", "process_down", log_errno_name(r),
                  "oxectl doctor");
    else
        LOG(&service.log, LOG_INFO, "service_stopped");
    return r;
}

static int usage(const struct service_class *class, const char *surplus)
{
    (void)fprintf(stderr, "oxe-%s: unknown argument '%s' ('oxe-%s --help' tells more)\n", class->name,
                  surplus, class->name);
    return EX_USAGE;
}

int service_main(int argc, char **argv, const struct service_class *class)
{
    const char *option = argc > 1 ? argv[1] : "";

    assert(class->config_size >= sizeof(struct service_config));
    if (argc > 2)
        return usage(class, argv[2]);
    if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
        print_help(class, stdout);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (strcmp(option, "--version") == 0) {
        (void)printf("oxe-%s %s\n", class->name, OXE_VERSION);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (strcmp(option, "--describe") == 0)
        return describe(class, stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc == 2 && strcmp(option, "--check") != 0)
        return usage(class, option);

    CLEANUP_FREE void *config = calloc(1, class->config_size);
    if (config == NULL)
        return EXIT_FAILURE;
    if (load_config(class, config) < 0)
        return EX_CONFIG;
    if (argc == 2)
        return EXIT_SUCCESS;
    return run(class, config) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
