/* SPDX-License-Identifier: Apache-2.0 */
/* Long: each finding is judged and worded in one place. */
#include "services/oxectl/findings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/disk.h"
#include "services/oxectl/json.h"

enum {
    BEAT_STALE_MS = 5000,     /* a heartbeat older than that: nobody is there */
    SESSION_GRACE_MS = 5000,  /* a session that is down for longer does not come back by itself at once */
    WAITING_ALARM_MS = 30000, /* an order that should have been sent */
    OUTBOX_WARNING_MS = 2000,
    OUTBOX_ALARM_MS = 10000,
    UNSEALED_MS = 5000,
    UNPUBLISHED_MS = 30000,
    RECALLED_MS = 60000,
    BACKUP_OLD_MS = 26 * 3600 * 1000,
    CLOCK_WARNING_MS = 50,
    CLOCK_ALARM_MS = 1000,
    LANES_LOOKED_AT = 64,
    LANES_TEXT_MAX = 256,
    NAMES_MAX = 256,
    AGE_TEXT_MAX = 32,
};

#define FINDING(name) static const char kind_##name[] = #name;
#include "services/oxectl/findings.def"
#undef FINDING

/* What the functions below share. */
struct diagnosis {
    yajl_val facts;
    const struct platform *platform;
    struct findings *out;
    struct finding spare; /* where those go that have no room */
    char remedy[FINDING_REMEDY_MAX];
};

const struct platform *findings_platform(const char *name)
{
    static const struct platform platforms[] = {
        {.name = "",
         .ctl = "oxectl",
         .start = "docker compose restart %s",
         .start_all = "docker compose up -d --wait",
         .start_database = "docker compose start postgres",
         .logs = "docker compose logs --since 15m %s",
         .backup = "deploy/backup/backup",
         .first_backup = "deploy/backup/backup"},
        {.name = "oxe",
         .ctl = "./oxe ctl",
         .start = "./oxe up --no-demo --no-screen",
         .start_all = "./oxe up --no-demo --no-screen",
         .start_database = "./oxe up --no-demo --no-screen",
         .logs = "./oxe logs %s",
         .backup = "./oxe backup",
         .first_backup = "./oxe backup"},
        {.name = "compose",
         .ctl = "docker compose run --rm ctl",
         .start = "docker compose restart %s",
         .start_all = "docker compose up -d --wait",
         .start_database = "docker compose start postgres",
         .logs = "docker compose logs --since 15m %s",
         .backup = "docker compose logs --since 15m backup",
         .first_backup = "docker compose --profile backup up -d --no-deps backup"},
        /* It starts by itself what is dead: what matters is what keeps it from that. */
        {.name = "kubernetes",
         .ctl = "oxectl",
         .start = "kubectl -n oxe describe pods -l 'app.kubernetes.io/name in (%s)'",
         .separator = ",",
         .start_all = "kubectl -n oxe get pods",
         .start_database = "kubectl -n oxe get pods",
         .logs = "kubectl -n oxe logs --tail=200 --prefix -l app.kubernetes.io/name=%s",
         .backup = "deploy/backup/backup",
         .first_backup = "deploy/backup/backup"},
    };
    for (size_t i = 0; name != NULL && i < ARRAY_LEN(platforms); i++) {
        if (strcmp(platforms[i].name, name) == 0)
            return &platforms[i];
    }
    return &platforms[0];
}

const char *findings_severity_text(enum severity severity)
{
    static const char *const texts[SEVERITY_COUNT] = {
        [SEVERITY_ALARM] = "alarm", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};
    return texts[severity];
}

/* ---------------------------------------------------------------- reading facts */

static const char *text(yajl_val object, const char *name)
{
    yajl_val value = json_get(object, name);
    return YAJL_IS_STRING(value) ? YAJL_GET_STRING(value) : "";
}

static int64_t number(yajl_val object, const char *name, int64_t otherwise)
{
    yajl_val value = json_get(object, name);
    return YAJL_IS_NUMBER(value) ? strtoll(YAJL_GET_NUMBER(value), NULL, 10) : otherwise;
}

/* "14 s", "3 min", "5 h", "2 d" */
static const char *age_text(int64_t ms, char out[static AGE_TEXT_MAX])
{
    static const struct {
        int64_t ms, below_ms;
        const char *unit;
    } units[] = {
        {1000, 120000, "s"}, {60000, 7200000, "min"}, {3600000, 172800000, "h"}, {86400000, INT64_MAX, "d"}};
    size_t i = 0;
    while (ms >= units[i].below_ms)
        i++;
    (void)snprintf(out, AGE_TEXT_MAX, "%" PRId64 " %s", ms / units[i].ms, units[i].unit);
    return out;
}

/* ---------------------------------------------------------------- making findings */

/* A command of oxectl, until the next one is made. */
static const char *remedy(struct diagnosis *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *remedy(struct diagnosis *d, const char *format, ...)
{
    va_list arguments;
    int length = snprintf(d->remedy, sizeof(d->remedy), "%s ", d->platform->ctl);
    va_start(arguments, format);
    (void)vsnprintf(d->remedy + length, sizeof(d->remedy) - (size_t)length, format, arguments);
    va_end(arguments);
    return d->remedy;
}

/* A command of the platform, whose text is its %s; likewise. */
static const char *remedy_for(struct diagnosis *d, const char *format, const char *names)
{
    const char *place = strstr(format, "%s");
    int before = place == NULL ? (int)strlen(format) : (int)(place - format);
    int length = snprintf(d->remedy, sizeof(d->remedy), "%.*s%s%s", before, format,
                          place == NULL ? "" : names, place == NULL ? "" : place + 2);
    assert(length >= 0); /* what does not fit is cut off */
    return d->remedy;
}

static struct finding *add(struct diagnosis *d, const char *kind, enum severity severity, const char *command,
                           const char *format, ...) __attribute__((format(printf, 5, 6)));
static struct finding *add(struct diagnosis *d, const char *kind, enum severity severity, const char *command,
                           const char *format, ...)
{
    struct finding *finding = d->out->count < FINDINGS_MAX ? &d->out->items[d->out->count++] : &d->spare;
    va_list arguments;
    *finding = (struct finding){.kind = kind, .severity = severity};
    (void)snprintf(finding->remedy, sizeof(finding->remedy), "%s", command);
    va_start(arguments, format);
    (void)vsnprintf(finding->detail, sizeof(finding->detail), format, arguments);
    va_end(arguments);
    return finding;
}

static enum severity alarm_if(bool alarm)
{
    return alarm ? SEVERITY_ALARM : SEVERITY_WARNING;
}

/* ---------------------------------------------------------------- processes */

static void append_name(char names[static NAMES_MAX], const char *separator, const char *name)
{
    size_t length = strlen(names);
    (void)snprintf(names + length, NAMES_MAX - length, "%s%s", length == 0 ? "" : separator, name);
}

static void judge_silent(struct diagnosis *d, yajl_val probes)
{
    char names[NAMES_MAX] = "", operands[NAMES_MAX] = "";
    size_t silent = 0;
    yajl_val first = NULL;
    for (size_t i = 0; i < json_length(probes); i++) {
        if (json_get(json_item(probes, i), "health") != NULL)
            continue;
        first = first == NULL ? json_item(probes, i) : first;
        append_name(names, " ", text(json_item(probes, i), "name"));
        append_name(operands, d->platform->separator == NULL ? " " : d->platform->separator,
                    text(json_item(probes, i), "name"));
        silent++;
    }
    if (silent == 0)
        return;
    bool all = silent == json_length(probes);
    (void)add(d, all ? kind_suite_down : kind_process_down, SEVERITY_ALARM,
              remedy_for(d, all ? d->platform->start_all : d->platform->start, operands), "no %s%s (%s: %s)",
              all ? "process answers" : "answer from ", all ? "" : names, text(first, "address"),
              text(first, "fault"));
}

static const char *kind_of_check(const char *check, const char *said, bool failing)
{
    if (strstr(said, "No space left on device") != NULL)
        return kind_disk_full;
    if (strcmp(check, "disk") == 0 && !failing)
        return kind_disk_low;
    return failing ? kind_process_failing : kind_process_degraded;
}

/* Said better elsewhere: by the lanes' rows, or by the database that does not answer us either. */
static bool is_said_elsewhere(const struct diagnosis *d, const char *process, const char *check)
{
    yajl_val database = json_get(d->facts, "database");
    bool of_executor = strncmp(process, "executor", 8) == 0;
    if (of_executor && strcmp(check, "exchange") == 0)
        return json_get(json_get(database, "state"), "lanes") != NULL;
    return json_get(database, "error") != NULL &&
           (strncmp(check, "postgresql", 10) == 0 || (of_executor && strcmp(check, "lanes") == 0));
}

/* A check that is as bad in several processes is one finding. */
struct complaint {
    const char *check, *status, *said;
    char names[NAMES_MAX];
};

static void judge_complaints(struct diagnosis *d, yajl_val probes)
{
    struct complaint complaints[FINDINGS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < json_length(probes); i++) {
        const char *name = text(json_item(probes, i), "name");
        yajl_val checks = json_get(json_get(json_item(probes, i), "health"), "checks");
        for (size_t c = 0; YAJL_IS_OBJECT(checks) && c < YAJL_GET_OBJECT(checks)->len; c++) {
            const char *check = YAJL_GET_OBJECT(checks)->keys[c];
            yajl_val said = YAJL_GET_OBJECT(checks)->values[c];
            const char *status = text(said, "status");
            size_t k = 0;
            if (strcmp(status, "ok") == 0 || is_said_elsewhere(d, name, check))
                continue;
            while (k < count &&
                   (strcmp(complaints[k].check, check) != 0 || strcmp(complaints[k].status, status) != 0))
                k++;
            if (k == FINDINGS_MAX)
                continue;
            if (k == count)
                complaints[count++] = (struct complaint){check, status, text(said, "detail"), ""};
            append_name(complaints[k].names, " ", name);
        }
    }
    for (size_t k = 0; k < count; k++) {
        bool failing = strcmp(complaints[k].status, "degraded") != 0;
        const char *kind = kind_of_check(complaints[k].check, complaints[k].said, failing);
        char first[NAMES_MAX];
        (void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(complaints[k].names, " "),
                       complaints[k].names);
        (void)add(d, kind, alarm_if(failing || strcmp(kind, kind_disk_full) == 0),
                  remedy_for(d, d->platform->logs, first), "%s: %s is %s%s%s", complaints[k].names,
                  complaints[k].check, complaints[k].status, complaints[k].said[0] == '\0' ? "" : ": ",
                  complaints[k].said);
    }
}

static void judge_probes(struct diagnosis *d)
{
    yajl_val probes = json_get(d->facts, "probes");
    if (json_length(probes) == 0) {
        (void)add(d, kind_probes_unknown, SEVERITY_NOTE,
                  "export OXE_PROBES=gateway=HOST:PORT,validator=HOST:PORT",
                  "nobody said where the processes' probe ports are, so none was asked");
        return;
    }
    judge_silent(d, probes);
    judge_complaints(d, probes);
}

static void judge_disks(struct diagnosis *d)
{
    yajl_val disks = json_get(d->facts, "disks");
    for (size_t i = 0; i < json_length(disks); i++) {
        int64_t used = number(json_item(disks, i), "used", 0);
        const char *folder = text(json_item(disks, i), "folder");
        if (used < DISK_LOW_PERCENT)
            continue;
        bool full = used >= DISK_FULL_PERCENT;
        (void)add(d, full ? kind_disk_full : kind_disk_low, alarm_if(full),
                  remedy_for(d, "du -xh --max-depth=2 %s | sort -h | tail", folder), "%s",
                  text(json_item(disks, i), "text"));
    }
}

/* ---------------------------------------------------------------- lanes */

/* "lane 3", "lanes 0-2, 7" */
static void lanes_text(uint64_t lanes, char out[static LANES_TEXT_MAX])
{
    size_t length = (size_t)snprintf(out, LANES_TEXT_MAX, (lanes & (lanes - 1)) == 0 ? "lane " : "lanes ");
    bool first = true;
    for (int lane = 0; lane < LANES_LOOKED_AT; lane++) {
        int last = lane;
        if ((lanes >> lane & 1) == 0)
            continue;
        while (last + 1 < LANES_LOOKED_AT && (lanes >> (last + 1) & 1) != 0)
            last++;
        if (length < LANES_TEXT_MAX)
            length +=
                (size_t)snprintf(out + length, LANES_TEXT_MAX - length, "%s%d", first ? "" : ", ", lane);
        if (last > lane && length < LANES_TEXT_MAX)
            length += (size_t)snprintf(out + length, LANES_TEXT_MAX - length, "-%d", last);
        first = false;
        lane = last;
    }
}

enum lane_state { LANE_FREE, LANE_FROZEN, LANE_DOWN, LANE_READY };

static enum lane_state lane_state(yajl_val lane)
{
    if (json_get(lane, "owner") == NULL || json_get(lane, "holder") == NULL)
        return LANE_FREE;
    if (number(lane, "beat_age", INT64_MAX) > BEAT_STALE_MS)
        return LANE_FROZEN;
    return strcmp(text(lane, "session"), "READY") == 0 ? LANE_READY : LANE_DOWN;
}

static bool is_alike(yajl_val a, yajl_val b)
{
    return lane_state(a) == lane_state(b) &&
           (lane_state(a) == LANE_FREE || strcmp(text(a, "owner"), text(b, "owner")) == 0 ||
            lane_state(a) == LANE_DOWN) &&
           (lane_state(a) != LANE_DOWN || (strcmp(text(a, "session"), text(b, "session")) == 0 &&
                                           strcmp(text(a, "why"), text(b, "why")) == 0));
}

/* The numbers of both sides, as far as they are known. */
static void append_numbers(struct finding *finding, yajl_val lane)
{
    static const struct {
        const char *member, *text;
    } numbers[] = {{"in_expected", "we expected number"},
                   {"in_received", "it sent"},
                   {"out_next", "ours comes next with"},
                   {"out_expected", "it asks for"}};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        size_t length = strlen(finding->detail);
        if (json_get(lane, numbers[i].member) != NULL)
            (void)snprintf(finding->detail + length, sizeof(finding->detail) - length, "%s %s %" PRId64,
                           i == 0 ? ";" : ",", numbers[i].text, number(lane, numbers[i].member, 0));
    }
}

/* The exchange is behind what we have of it, or asks for another number than ours: fetching all anew may mend
 * that, and nothing else does. A number of the exchange's past the one that we expected is a gap, which is
 * asked for anyway. */
static bool has_numbers_apart(yajl_val lane)
{
    int64_t expected = number(lane, "in_expected", 0), next = number(lane, "out_next", 0);
    return number(lane, "in_received", expected) < expected || number(lane, "out_expected", next) != next;
}

static void judge_session(struct diagnosis *d, yajl_val lane, const char *lanes)
{
    char age[AGE_TEXT_MAX];
    int64_t down_ms = number(lane, "session_age", 0);
    bool refused = strcmp(text(lane, "session"), "REFUSED") == 0;
    const char *what = refused && has_numbers_apart(lane)
                           ? remedy(d, "lanes; %s lane resync %" PRId64 " --reason 'WHY'", d->platform->ctl,
                                    number(lane, "lane", 0))
                           : remedy(d, "lanes");
    struct finding *finding =
        add(d, kind_session_down, alarm_if(down_ms > SESSION_GRACE_MS), what,
            "%s: the session at the exchange is %s for %s: %s", lanes, text(lane, "session"),
            age_text(down_ms, age), text(lane, "why")[0] != '\0' ? text(lane, "why") : "not logged on yet");
    if (refused)
        append_numbers(finding, lane);
}

static void judge_lane(struct diagnosis *d, yajl_val lane, uint64_t alike, int64_t executors)
{
    char lanes[LANES_TEXT_MAX], age[AGE_TEXT_MAX];
    lanes_text(alike, lanes);
    switch (lane_state(lane)) {
    case LANE_FREE:
        (void)add(d, kind_lane_without_owner, SEVERITY_ALARM, remedy_for(d, d->platform->start, "executor"),
                  "no executor has %s (executors alive: %" PRId64 "); the orders there wait", lanes,
                  executors);
        return;
    case LANE_FROZEN:
        (void)add(d, kind_lane_owner_frozen, SEVERITY_ALARM, remedy_for(d, d->platform->logs, "executor"),
                  "executor-%s holds %s and gives no sign of life for %s (database session %" PRId64 ")",
                  text(lane, "owner"), lanes, age_text(number(lane, "beat_age", 0), age),
                  number(lane, "holder", 0));
        return;
    case LANE_DOWN:
        judge_session(d, lane, lanes);
        return;
    case LANE_READY:
        return;
    }
}

static void judge_lanes(struct diagnosis *d, yajl_val state)
{
    yajl_val lanes = json_get(state, "lanes");
    size_t count = json_length(lanes) < LANES_LOOKED_AT ? json_length(lanes) : LANES_LOOKED_AT;
    uint64_t told = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t alike = 0;
        size_t longest = i; /* the one that is down for longest speaks for them */
        if ((told >> i & 1) != 0)
            continue;
        for (size_t j = i; j < count; j++) {
            if (!is_alike(json_item(lanes, i), json_item(lanes, j)))
                continue;
            alike |= UINT64_C(1) << j;
            if (number(json_item(lanes, j), "session_age", 0) >
                number(json_item(lanes, longest), "session_age", 0))
                longest = j;
        }
        judge_lane(d, json_item(lanes, longest), alike, number(state, "executors", 0));
        told |= alike;
    }
}

/* ---------------------------------------------------------------- orders */

static void judge_orders(struct diagnosis *d, yajl_val orders)
{
    yajl_val waiting = json_get(orders, "waiting"), doubts = json_get(orders, "doubts"),
             recalled = json_get(orders, "recalled");
    char age[AGE_TEXT_MAX];
    if (number(doubts, "count", 0) > 0)
        (void)add(d, kind_order_in_doubt, SEVERITY_ALARM,
                  remedy(d, "doubts; %s resolve %s RETRY|REJECT|CANCEL|FILL --reason 'WHY'", d->platform->ctl,
                         text(doubts, "order")),
                  "orders in doubt: %" PRId64 ", the oldest for %s: %s (%s)", number(doubts, "count", 0),
                  age_text(number(doubts, "age", 0), age), text(doubts, "order"), text(doubts, "reason"));
    if (number(waiting, "count", 0) > 0)
        (void)add(d, kind_order_waiting, alarm_if(number(waiting, "age", 0) >= WAITING_ALARM_MS),
                  remedy(d, "lanes; %s show %s", d->platform->ctl, text(waiting, "order")),
                  "orders that wait to be sent: %" PRId64 ", the oldest for %s: %s (lane %" PRId64 ")",
                  number(waiting, "count", 0), age_text(number(waiting, "age", 0), age),
                  text(waiting, "order"), number(waiting, "lane", 0));
    if (number(recalled, "count", 0) > 0)
        (void)add(d, kind_order_recalled, alarm_if(number(recalled, "age", 0) >= RECALLED_MS),
                  remedy(d, "doubts; %s show %s", d->platform->ctl, text(recalled, "order")),
                  "orders done here that may live at the exchange: %" PRId64 ", the oldest for %s: %s",
                  number(recalled, "count", 0), age_text(number(recalled, "age", 0), age),
                  text(recalled, "order"));
}

/* ---------------------------------------------------------------- events and the log */

static void judge_log(struct diagnosis *d, yajl_val state)
{
    yajl_val outbox = json_get(state, "outbox"), log = json_get(state, "log");
    int64_t outbox_ms = number(outbox, "age", 0), unpublished_ms = number(log, "unpublished_age", 0);
    int64_t unsealed = number(log, "entries", 0) - number(log, "sealed", 0);
    char age[AGE_TEXT_MAX];
    if (outbox_ms > OUTBOX_WARNING_MS)
        (void)add(d, kind_outbox_waiting, alarm_if(outbox_ms > OUTBOX_ALARM_MS),
                  remedy_for(d, d->platform->start, "audit-writer"),
                  "events wait to be recorded: %" PRId64 " batches, the oldest for %s",
                  number(outbox, "rows", 0), age_text(outbox_ms, age));
    if (unsealed > 0 && number(log, "entry_age", 0) > UNSEALED_MS)
        (void)add(d, kind_audit_unsealed, SEVERITY_ALARM, remedy_for(d, d->platform->logs, "audit-writer"),
                  "entries of the audit log under no signed checkpoint: %" PRId64 ", the last one for %s",
                  unsealed, age_text(number(log, "entry_age", 0), age));
    if (unpublished_ms > UNPUBLISHED_MS)
        (void)add(d, kind_audit_unwitnessed, SEVERITY_ALARM, remedy_for(d, d->platform->logs, "witness"),
                  "a checkpoint of the audit log lacks its witnesses for %s", age_text(unpublished_ms, age));
}

static void judge_aside(struct diagnosis *d, yajl_val state)
{
    yajl_val aside = json_get(state, "aside");
    int64_t hour = number(aside, "hour", 0), day = number(aside, "day", 0);
    if (day > 0)
        (void)add(d, kind_put_aside, hour > 0 ? SEVERITY_WARNING : SEVERITY_NOTE, remedy(d, "aside"),
                  "messages put aside in 24 h: %" PRId64 ", in the last hour: %" PRId64 " (%s)", day, hour,
                  text(aside, "kinds"));
}

/* ---------------------------------------------------------------- what people have set */

static void judge_halts(struct diagnosis *d, yajl_val state)
{
    yajl_val halts = json_get(state, "halts");
    for (size_t i = 0; i < json_length(halts); i++) {
        yajl_val halt = json_item(halts, i);
        (void)add(d, kind_halt_in_force, SEVERITY_WARNING, remedy(d, "resume %s", text(halt, "id")),
                  "trading is halted: %s%s%s since %s by %s: %s", text(halt, "scope"),
                  text(halt, "whom")[0] != '\0' ? " " : "", text(halt, "whom"), text(halt, "since"),
                  text(halt, "by"), text(halt, "reason"));
    }
}

static void judge_flag(struct diagnosis *d, yajl_val state)
{
    yajl_val flag = json_get(state, "flag");
    int64_t percent = number(flag, "percent", 100);
    if (percent < 100)
        (void)add(
            d, kind_flag_restricted, percent == 0 ? SEVERITY_WARNING : SEVERITY_NOTE, remedy(d, "flag true"),
            "orders are taken from %" PRId64 " %% of the traders (ORDER_EXECUTION_V2_ENABLED) since %s by %s",
            percent, text(flag, "since"), text(flag, "by"));
}

static void judge_simulator(struct diagnosis *d)
{
    int64_t faults = number(json_get(d->facts, "simulator"), "faults", 0);
    if (faults > 0)
        (void)add(d, kind_fault_armed, SEVERITY_WARNING,
                  remedy(d, "sim fault list; %s sim fault clear", d->platform->ctl),
                  "the simulated exchange misbehaves on command; faults armed: %" PRId64, faults);
}

/* ---------------------------------------------------------------- the database */

/* A suite that is no older than a backup may be needs none yet. */
static void judge_backups(struct diagnosis *d, yajl_val state)
{
    bool any = json_get(state, "backup_age") != NULL;
    int64_t old_ms = number(state, any ? "backup_age" : "log_age", 0);
    char age[AGE_TEXT_MAX];
    if (old_ms > BACKUP_OLD_MS)
        (void)add(d, any ? kind_backup_old : kind_backup_missing, SEVERITY_WARNING,
                  any ? d->platform->backup : d->platform->first_backup, "%s is %s old",
                  any ? "the last good backup" : "no backup was ever made, and the log",
                  age_text(old_ms, age));
}

static void judge_clock(struct diagnosis *d, yajl_val database)
{
    int64_t offset = number(database, "clock_offset", 0), spread = number(database, "clock_spread", 0);
    int64_t size = offset < 0 ? -offset : offset, sure = size - spread;
    if (sure > CLOCK_WARNING_MS)
        (void)add(d, kind_clock_offset, alarm_if(sure > CLOCK_ALARM_MS), "chronyc tracking",
                  "the database's clock is %" PRId64 " ms %s the clock here", size,
                  offset > 0 ? "ahead of" : "behind");
}

static void judge_database(struct diagnosis *d)
{
    yajl_val database = json_get(d->facts, "database"), state = json_get(database, "state");
    if (database == NULL) {
        (void)add(d, kind_database_unknown, SEVERITY_NOTE,
                  "export OXE_DATABASE='host=HOST dbname=oxe user=oxe_operations'",
                  "nobody said where the database is, so orders, lanes and halts were not looked at");
        return;
    }
    if (json_get(database, "error") != NULL) {
        (void)add(d, kind_database_down, SEVERITY_ALARM, d->platform->start_database,
                  "the database does not answer, so orders, lanes and halts were not looked at: %s",
                  text(database, "error"));
        return;
    }
    judge_lanes(d, state);
    judge_orders(d, json_get(database, "orders"));
    judge_log(d, state);
    judge_aside(d, state);
    judge_halts(d, state);
    judge_flag(d, state);
    judge_backups(d, state);
    judge_clock(d, database);
    if (state == NULL || json_get(database, "orders") == NULL)
        (void)add(d, kind_figures_missing, SEVERITY_WARNING, remedy_for(d, d->platform->logs, "postgres"),
                  "the database did not say within a second how %s: %s",
                  state == NULL ? "lanes, halts and the log are" : "the open orders are",
                  text(database, "fault"));
}

void findings_make(yajl_val facts, const struct platform *platform, struct findings *ret_findings)
{
    struct findings found = {.count = 0};
    struct diagnosis d = {.facts = facts, .platform = platform, .out = &found};
    judge_probes(&d);
    judge_disks(&d);
    judge_database(&d);
    judge_simulator(&d);
    ret_findings->count = 0;
    for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
        for (size_t i = 0; i < found.count; i++) {
            if (found.items[i].severity == (enum severity)severity)
                ret_findings->items[ret_findings->count++] = found.items[i];
        }
    }
}
