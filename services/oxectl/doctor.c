/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl doctor: what is wrong with the suite, and what to do about it. Asks whatever there is to ask, each
 * for a second at most, and never needs any of it. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock_offset.h"
#include "common/disk.h"
#include "common/probe_round.h"
#include "services/oxectl/database.h"
#include "services/oxectl/findings.h"

#include "doctor.sql.h"
#include "doctor_orders.sql.h"

enum { ASK_MS = 1000, FACTS_MAX_BYTES = 4 << 20, PATH_BYTES = 1024, ERROR_MAX_BYTES = 256 };

static const char docs[] = "docs/operation/runbooks.md";

enum { STATEMENT_CLOCK, STATEMENT_STATE, STATEMENT_ORDERS, STATEMENT_COUNT };

static const struct db_statement statements[STATEMENT_COUNT] = {
    [STATEMENT_CLOCK] = {"clock_offset", sql_clock_offset},
    [STATEMENT_STATE] = {"doctor", sql_doctor},
    [STATEMENT_ORDERS] = {"doctor_orders", sql_doctor_orders},
};

struct probes_config {
    struct config_list list;
};
static const struct config_item probes_item[] = {PROBE_ROUND_CONFIG(struct probes_config, list)};

/* ---------------------------------------------------------------- processes */

/* Anything else may be JSON too, as another server's "not found". */
static bool is_health(const struct buffer *body)
{
    yajl_val value = body->length == 0 ? NULL : yajl_tree_parse(body->data, NULL, 0);
    bool has_checks = YAJL_IS_OBJECT(json_get(value, "checks"));
    yajl_tree_free(value);
    return has_checks;
}

static void add_probe(struct buffer *facts, const struct probe_answer *answer)
{
    bool said = is_health(&answer->body);
    const char *fault = answer->fault[0] != '\0' ? answer->fault : "what answers is no process of the suite";
    json_open_object(facts);
    json_append_member(facts, "name", answer->name);
    json_append_member(facts, "address", answer->address);
    json_append_member(facts, "fault", said ? "" : fault);
    buffer_append_format(facts, ",\"health\":%s}", said ? answer->body.data : "null");
}

static int add_probes(struct buffer *facts, const struct args *args)
{
    struct probes_config config = {0};
    if (config_load(probes_item, ARRAY_LEN(probes_item), &config, stderr) < 0)
        return EXIT_USAGE;
    if (probe_round_check(&config.list) != NULL)
        return usage_error(args->command, "%s", probe_round_check(&config.list));
    CLEANUP(probe_round_destroy) struct probe_round *round = probe_round_ask(&config.list);
    buffer_append_text(facts, "\"probes\":[");
    for (size_t i = 0; round != NULL && i < round->count; i++)
        add_probe(facts, &round->items[i]);
    buffer_append_char(facts, ']');
    return 0;
}

/* ---------------------------------------------------------------- disks */

static void add_disk(struct buffer *facts, const char *folder)
{
    char text[DISK_TEXT_MAX];
    struct disk disk;
    if (disk_look(folder, &disk) < 0)
        return;
    disk_describe(&disk, folder, text);
    json_open_object(facts);
    json_append_member(facts, "folder", folder);
    json_append_member(facts, "text", text);
    buffer_append_format(facts, ",\"used\":%d}", disk.used_percent);
}

/* The instance's folder, and those in it that have a disk of their own. */
static void add_disks(struct buffer *facts)
{
    const char *home = setting("OXE_HOME", NULL);
    char path[PATH_BYTES];
    struct stat whole, part;
    buffer_append_text(facts, ",\"disks\":[");
    DIR *folder = home == NULL ? NULL : opendir(home);
    if (folder != NULL && stat(home, &whole) == 0) {
        const struct dirent *entry;
        add_disk(facts, home);
        while ((entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] == '.' ||
                snprintf(path, sizeof(path), "%s/%s", home, entry->d_name) >= (int)sizeof(path))
                continue;
            if (stat(path, &part) == 0 && S_ISDIR(part.st_mode) && part.st_dev != whole.st_dev)
                add_disk(facts, path);
        }
    }
    if (folder != NULL)
        (void)closedir(folder);
    buffer_append_char(facts, ']');
}

/* ---------------------------------------------------------------- the database */

/* By how much its clock is ahead of ours. */
static int add_clock(struct buffer *facts, struct db *db)
{
    struct clock_offset offset;
    int r = clock_offset_measure(db, STATEMENT_CLOCK, ASK_MS, &offset);
    if (r == 0)
        buffer_append_format(facts, ",\"clock_offset\":%" PRId64 ",\"clock_spread\":%" PRId64,
                             -offset.offset_us / 1000, offset.error_us / 1000 + 1);
    return r;
}

/* A statement that fails leaves its member out; the others are asked all the same. */
static void add_statement(struct buffer *facts, struct db *db, size_t statement, const char *member)
{
    CLEANUP(db_args_release) struct db_args args = {0};
    const PGresult *result = NULL;
    db_args_i64(&args, 1);
    if (db_ensure(db, ASK_MS) == 0 && db_run(db, statement, &args, ASK_MS, &result) == 0)
        buffer_append_format(facts, ",\"%s\":%s", member, db_get_text(result, 0, 0));
    else
        json_append_member(facts, "fault", db_error(db));
}

static void add_database(struct buffer *facts, const struct context *context)
{
    CLEANUP(db_destroy) struct db *db = NULL;
    buffer_append_text(facts, ",\"database\":");
    if (context->database == NULL) {
        buffer_append_text(facts, "null");
        return;
    }
    const char *fault = database_connect(context->database, statements, STATEMENT_COUNT, ASK_MS, &db);
    buffer_append_text(facts, "{\"asked\":true");
    if (fault == NULL && add_clock(facts, db) < 0)
        fault = db_error(db);
    if (fault != NULL) {
        json_append_member(facts, "error", fault);
    } else {
        add_statement(facts, db, STATEMENT_STATE, "state");
        add_statement(facts, db, STATEMENT_ORDERS, "orders");
    }
    buffer_append_char(facts, '}');
}

static void add_simulator(struct buffer *facts, const struct context *context)
{
    size_t count;
    if (setting("OXE_SIM_CONTROL", NULL) != NULL &&
        sim_count_faults(context->sim_control, ASK_MS, &count) == 0)
        buffer_append_format(facts, ",\"simulator\":{\"faults\":%zu}", count);
}

/* ---------------------------------------------------------------- printing */

static void print_json(const struct findings *findings)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    buffer_append_char(&out, '[');
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        json_open_object(&out);
        json_append_member(&out, "kind", finding->kind);
        json_append_member(&out, "severity", findings_severity_text(finding->severity));
        json_append_member(&out, "detail", finding->detail);
        json_append_member(&out, "remedy", finding->remedy);
        buffer_append_format(&out, ",\"docs\":\"%s#%s\"}", docs, finding->kind);
    }
    (void)printf("%s]\n", out.data);
}

static void print_text(const struct findings *findings, bool brief)
{
    size_t counts[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        counts[finding->severity]++;
        (void)printf("%-7s %s: %s\n", findings_severity_text(finding->severity), finding->kind,
                     finding->detail);
        (void)printf("        %s\n", finding->remedy);
        if (!brief)
            (void)printf("        %s#%s\n", docs, finding->kind);
    }
    if (findings->count == 0)
        (void)puts("nothing is wrong");
    else if (!brief)
        (void)printf("alarms: %zu, warnings: %zu, notes: %zu\n", counts[SEVERITY_ALARM],
                     counts[SEVERITY_WARNING], counts[SEVERITY_NOTE]);
}

int doctor_run(const struct context *context, const struct args *args)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(FACTS_MAX_BYTES);
    struct findings findings;
    char error[ERROR_MAX_BYTES];
    buffer_append_char(&text, '{');
    int status = add_probes(&text, args);
    if (status != 0)
        return status;
    add_disks(&text);
    add_database(&text, context);
    add_simulator(&text, context);
    buffer_append_char(&text, '}');
    if (buffer_failed(&text))
        return trouble("out of memory");
    if (args_has(args, "--facts")) {
        (void)printf("%s\n", text.data);
        return 0;
    }
    yajl_val facts = yajl_tree_parse(text.data, error, sizeof(error));
    if (facts == NULL)
        return trouble("what was asked is no JSON: %s", error);
    findings_make(facts, findings_platform(setting("OXE_PLATFORM", NULL)), &findings);
    if (args_has(args, "--json"))
        print_json(&findings);
    else
        print_text(&findings, args_has(args, "--short"));
    yajl_tree_free(facts);
    return findings.count > 0 && findings.items[0].severity == SEVERITY_ALARM ? EXIT_REFUSED : 0;
}
