/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/exchange_sim.h"
#include "services/exchange-sim/parts.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/suite_config.h"
#include "common/trading_day.h"
#include "services/exchange-sim/control.h"
#include "services/exchange-sim/session/acceptor.h"

enum {
    EVENTS_MAX = 64,
    TICK_US = 100 * 1000,         /* heartbeats and time-outs are looked after this often */
    PRICES_US = 10 * 1000 * 1000, /* price paths are put into the journal this often */
    STOP_US = 2 * 1000 * 1000,    /* how long the answers to our Logouts are awaited */
    EXPIRE_MAX = 1000,            /* DAY orders that expire in one turn */
};

struct simulator {
    struct exchange_sim_parts parts;
    struct control *control;
    struct source stop;
    int64_t next_tick_us, next_step_us, next_publish_us, next_prices_us;
    struct trading_day day; /* of the last turn */
    bool ending_day;        /* DAY orders that came before day_end are expiring */
    struct instant day_end;
    bool more; /* work is left that waits for nothing */
    bool stop_requested;
    int64_t stop_at_us; /* 0: not stopping */
    uint64_t reported[EXCHANGE_COUNTS];
};

static int load_entry(void *context, const struct journal_entry *entry)
{
    struct simulator *simulator = context;
    int answer = members_load(acceptor_members(simulator->parts.acceptor), entry);
    return answer > 0 ? exchange_load(simulator->parts.exchange, entry) : answer;
}

static int create_exchange(struct simulator *simulator)
{
    const struct exchange_sim_config *config = simulator->parts.config;
    CLEANUP_FREE struct instrument *instruments = NULL;
    size_t count = 0;
    char fault[INSTRUMENT_FAULT_MAX];
    int error = instruments_load(config->instruments, &instruments, &count, fault);
    if (error < 0) {
        LOG_ALARM(&simulator->parts.service->log, LOG_ERROR, "instruments_not_loaded", "process_down", fault,
                  "oxectl doctor", LOG_TEXT("file", config->instruments), LOG_ERRNO(error));
        return error;
    }
    struct exchange_config rules = {
        .levels = (int)config->levels,
        .level_quantity = decimal_from_units(config->level_quantity * DECIMAL_ONE),
        .spread_ticks = (int)config->spread_ticks,
        .volatility_bp = config->volatility_bp,
        .seed = (uint64_t)config->seed,
        .orders_expected = (size_t)config->orders_expected,
    };
    struct sink sink = acceptor_sink(simulator->parts.acceptor);
    error = exchange_create(&rules, instruments, count, &sink, &simulator->parts.exchange);
    if (error == 0)
        error = exchange_faults_create(simulator->parts.faults, simulator->parts.exchange, acceptor_client,
                                       simulator->parts.acceptor, &simulator->parts.exchange_faults);
    return error;
}

static int open_journal(struct simulator *simulator)
{
    char path[CONFIG_TEXT_MAX + 16], fault[JOURNAL_FAULT_MAX];
    const struct log *log = &simulator->parts.service->log;
    if (mkdir(simulator->parts.config->data, 0700) < 0 && errno != EEXIST) {
        int error = -errno;
        LOG_ALARM(log, LOG_ERROR, "data_not_created", "process_down", log_errno_name(error), "oxectl doctor",
                  LOG_TEXT("folder", simulator->parts.config->data));
        return error;
    }
    health_watch_disk(simulator->parts.service->health, simulator->parts.config->data);
    (void)snprintf(path, sizeof(path), "%s/journal", simulator->parts.config->data);
    int error = journal_open(path, load_entry, simulator, &simulator->parts.journal, fault);
    if (error < 0) {
        LOG_ALARM(log, LOG_ERROR, "journal_not_loaded", "process_down", fault, "oxectl doctor",
                  LOG_TEXT("file", path), LOG_ERRNO(error));
        return error;
    }
    if (journal_cut(simulator->parts.journal) > 0)
        LOG(log, LOG_WARNING, "journal_tail_cut", LOG_I64("bytes", journal_cut(simulator->parts.journal)));
    LOG(log, LOG_INFO, "journal_loaded", LOG_I64("bytes", journal_length(simulator->parts.journal)),
        LOG_I64("orders", orders_count(simulator->parts.exchange->orders)));
    return exchange_load_end(simulator->parts.exchange, simulator->parts.journal);
}

static void set_turn(struct simulator *simulator)
{
    simulator->parts.turn = (struct turn){.now = clock_now(), .monotonic_us = clock_monotonic_us()};
}

static void end_day(struct simulator *simulator, struct instant end)
{
    simulator->ending_day = true;
    simulator->day_end = end;
}

/* The trading day of this turn. What is left of the day before expires, also when it ended while the exchange
 * was down. */
static void enter_day(struct simulator *simulator)
{
    int start_minutes = suite_config_day_start_minutes(simulator->parts.config->trading_day_start);
    simulator->day = trading_day_of(simulator->parts.turn.now, start_minutes);
    end_day(simulator, simulator->day.begin);
}

static void on_stop(struct source *source)
{
    struct simulator *simulator = source->owner;
    simulator->stop_requested = true;
    /* It stays readable for ever: once is enough. */
    (void)source_watch(source, 0);
}

static int start(struct simulator *simulator)
{
    simulator->parts.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (simulator->parts.epoll_fd < 0)
        return -errno;
    int error = trading_day_set_zone(simulator->parts.config->trading_tz);
    if (error == 0)
        error = acceptor_create(&simulator->parts, &simulator->parts.acceptor);
    if (error == 0)
        error = faults_create((uint64_t)simulator->parts.config->seed, &simulator->parts.faults);
    if (error == 0)
        error = create_exchange(simulator);
    if (error == 0)
        error = open_journal(simulator);
    if (error == 0)
        error = acceptor_start(simulator->parts.acceptor);
    if (error == 0)
        error = control_create(&simulator->parts, &simulator->control);
    simulator->stop = (struct source){.fd = simulator->parts.service->stop_fd,
                                      .epoll_fd = simulator->parts.epoll_fd,
                                      .owner = simulator,
                                      .handle = on_stop};
    if (error == 0)
        error = source_watch(&simulator->stop, EPOLLIN);
    if (error == 0) {
        set_turn(simulator);
        enter_day(simulator);
        health_set(simulator->parts.service->health, EXCHANGE_SIM_CHECK_JOURNAL, HEALTH_OK, NULL);
    }
    return error;
}

/* Whether a timer is due; sets it anew, without catching up on what was missed. */
static bool due(int64_t *next_us, int64_t period_us, int64_t now_us)
{
    if (now_us < *next_us)
        return false;
    *next_us = now_us + period_us;
    return true;
}

static void run_timers(struct simulator *simulator)
{
    int64_t now_us = simulator->parts.turn.monotonic_us;
    if (due(&simulator->next_step_us, simulator->parts.config->step_ms * 1000, now_us))
        exchange_step(simulator->parts.exchange);
    if (due(&simulator->next_publish_us, simulator->parts.config->publish_ms * 1000, now_us))
        exchange_publish(simulator->parts.exchange, simulator->parts.turn.now);
    if (due(&simulator->next_tick_us, TICK_US, now_us))
        acceptor_tick(simulator->parts.acceptor);
    if (simulator->parts.turn.now.us >= simulator->day.end.us)
        enter_day(simulator);
    if (control_take_end_day(simulator->control))
        end_day(simulator, (struct instant){INT64_MAX});
    exchange_faults_run_due(simulator->parts.exchange_faults, simulator->parts.turn.now);
    if (simulator->ending_day)
        simulator->ending_day = !exchange_end_day(simulator->parts.exchange, simulator->day_end,
                                                  simulator->parts.turn.now, EXPIRE_MAX);
}

static void update_metrics(struct simulator *simulator)
{
    static_assert((int)METRIC_STATUS_ANSWERS == (int)EXCHANGE_STATUS_ANSWERS, "counts are metrics");
    for (size_t i = 0; i < EXCHANGE_COUNTS; i++) {
        uint64_t now = simulator->parts.exchange->counts[i];
        if (now > simulator->reported[i])
            metrics_add(simulator->parts.service->metrics, i, 0, now - simulator->reported[i]);
        simulator->reported[i] = now;
    }
}

static int commit(struct simulator *simulator)
{
    bool prices = due(&simulator->next_prices_us, PRICES_US, simulator->parts.turn.monotonic_us) ||
                  simulator->stop_at_us != 0;
    struct metrics *metrics = simulator->parts.service->metrics;
    members_seal(acceptor_members(simulator->parts.acceptor), simulator->parts.journal);
    exchange_seal(simulator->parts.exchange, prices);
    if (journal_pending(simulator->parts.journal) == 0)
        return 0;
    int64_t before_us = clock_monotonic_us();
    int error = journal_commit(simulator->parts.journal, simulator->parts.config->sync);
    if (error < 0) {
        health_set(simulator->parts.service->health, EXCHANGE_SIM_CHECK_JOURNAL, HEALTH_FAILING,
                   "cannot be written");
        LOG_ALARM(&simulator->parts.service->log, LOG_ERROR, "journal_not_written", "disk_full",
                  log_errno_name(error), "oxectl doctor");
        return error;
    }
    metrics_observe_us(metrics, METRIC_COMMIT_SECONDS, 0, clock_monotonic_us() - before_us);
    metrics_add(metrics, METRIC_COMMITS, 0, 1);
    metrics_set(metrics, METRIC_JOURNAL_BYTES, 0, (int64_t)journal_length(simulator->parts.journal));
    return 0;
}

static int wait_ms(const struct simulator *simulator)
{
    if (simulator->more || simulator->ending_day)
        return 0;
    int64_t next_us = simulator->next_tick_us;
    next_us = simulator->next_step_us < next_us ? simulator->next_step_us : next_us;
    next_us = simulator->next_publish_us < next_us ? simulator->next_publish_us : next_us;
    int64_t line_us = acceptor_due_us(simulator->parts.acceptor);
    next_us = line_us < next_us ? line_us : next_us;
    int64_t now_us = clock_monotonic_us(), due_us = exchange_faults_due(simulator->parts.exchange_faults).us;
    if (due_us != INT64_MAX && now_us + due_us - clock_now().us < next_us)
        next_us = now_us + due_us - clock_now().us;
    int64_t left_us = next_us - now_us;
    return left_us <= 0 ? 0 : (int)((left_us + 999) / 1000);
}

/* What has fired leaves its trace in the log. */
static void tell_faults(struct simulator *simulator)
{
    struct fault_note note;
    while (faults_take_note(simulator->parts.faults, &note)) {
        metrics_add(simulator->parts.service->metrics, METRIC_FAULTS, 0, 1);
        LOG(&simulator->parts.service->log, LOG_INFO, "fault_fired", LOG_I64("fault", note.id),
            LOG_TEXT("kind", fault_spec_kinds[note.kind].name), LOG_TEXT("client", note.session),
            LOG_TEXT("cl_ord_id", note.cl_ord_id));
    }
}

/* One turn of the loop: read, let the exchange work, commit, send. */
static int turn(struct simulator *simulator)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(simulator->parts.epoll_fd, events, EVENTS_MAX, wait_ms(simulator));
    if (count < 0 && errno != EINTR)
        return -errno;
    set_turn(simulator);
    service_beat(simulator->parts.service);
    /* What waited for the last commit goes first, so that nothing overtakes it. */
    acceptor_resume(simulator->parts.acceptor);
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;
        source->handle(source);
    }
    run_timers(simulator);
    bool settled = exchange_settle(simulator->parts.exchange, simulator->parts.turn.now);
    if (simulator->stop_requested && simulator->stop_at_us == 0) {
        simulator->stop_at_us = simulator->parts.turn.monotonic_us + STOP_US;
        acceptor_stop(simulator->parts.acceptor);
    }
    int error = commit(simulator);
    if (error < 0)
        return error;
    acceptor_flush(simulator->parts.acceptor);
    bool listing = control_flush(simulator->control);
    simulator->more = listing || !settled || acceptor_has_backlog(simulator->parts.acceptor);
    tell_faults(simulator);
    update_metrics(simulator);
    return 0;
}

int exchange_sim_run(struct service *service)
{
    struct simulator simulator = {.parts = {.service = service, .config = service->config, .epoll_fd = -1}};
    int error = start(&simulator);
    while (error == 0) {
        if (service_stopping(service))
            simulator.stop_requested = true;
        error = turn(&simulator);
        if (simulator.stop_at_us != 0 && (acceptor_idle(simulator.parts.acceptor) ||
                                          simulator.parts.turn.monotonic_us > simulator.stop_at_us))
            break;
    }
    control_destroy(&simulator.control);
    acceptor_destroy(&simulator.parts.acceptor);
    exchange_faults_destroy(&simulator.parts.exchange_faults);
    exchange_destroy(&simulator.parts.exchange);
    faults_destroy(&simulator.parts.faults);
    journal_close(&simulator.parts.journal);
    cleanup_close(&simulator.parts.epoll_fd);
    return error;
}
