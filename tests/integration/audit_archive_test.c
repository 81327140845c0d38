/* SPDX-License-Identifier: Apache-2.0 */
/* Old months leave the log for files: what is refused, what still holds afterwards, and what shows when
 * either was changed. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/log_history.h"
#include "tests/support/log_world.h"

/* Entries 1 to 300 two months ago, 301 to 500 last month, 501 to 1100 now: $M2, $M1 and $M0. */
static void write_past(struct world *world)
{
    struct log_history history;

    log_history_begin(&history, world, 2);
    log_history_write(&history, 2, 0, 300);
    log_history_write(&history, 1, 86400, 200);
    log_history_end(&history);
}

static void begin_months(struct log_world *world)
{
    static const char *const names[] = {"M0", "M1", "M2", "M3"};

    log_world_begin_after(world, write_past, "1100");
    gateway_set_database(&world->gateway, "oxe_operations");
    for (int ago = 0; ago < (int)ARRAY_LEN(names); ago++)
        (void)setenv(names[ago], log_history_month(&world->gateway.world, ago), 1);
    log_world_shell("mkdir $LOG/files", 0, "");
}

static void expect_count(struct log_world *world, const char *sql, const char *count)
{
    cr_expect_str_eq(world_value(&world->gateway.world, "%s", sql), count, "%s", sql);
}

#define TILE(name) "curl -sf \"$OXE_URL/tile/" name "\" | sha256sum >>$LOG/tiles"

Test(audit_archive, archives_and_log_verify_together, .timeout = 180)
{
    struct log_world world = {0};

    begin_months(&world);
    (void)setenv("OXE_URL", instance_url(), 1);
    log_world_shell(
        TILE("0/000") ";" TILE("0/001") ";" TILE("0/004.p/76") ";" TILE("1/000.p/4") "; cat $LOG/tiles", 0,
        "");
    log_world_expect("audit archive $M2 --directory $LOG/files --actor olga", 0,
                     "entries 1 to 300, in the log no more");
    expect_count(&world, "SELECT min(log_seq) FROM oxe.execution_logs", "301");
    log_world_expect("audit archive $M1 --directory $LOG/files", 0, "entries 301 to 500, in the log no more");
    expect_count(&world, "SELECT min(log_seq) FROM oxe.execution_logs", "501");
    expect_count(&world,
                 "SELECT string_agg(first_seq || '-' || last_seq || ' ' || role, ', ' ORDER BY month) FROM "
                 "oxe.audit_archives",
                 "1-300 oxe_operations, 301-500 oxe_operations");
    expect_count(&world, "SELECT actor FROM oxe.audit_archives ORDER BY month LIMIT 1", "olga");

    log_world_await(&world, "1102");
    log_world_expect("audit search --action MONTH_ARCHIVED", 0, "olga");
    log_world_expect("audit search --action MONTH_ARCHIVED", 0,
                     ", entries: 301 to 500, role: oxe_operations");

    /* The hashes are as they were, the entries are no longer here. */
    log_world_shell(
        "mv $LOG/tiles $LOG/before; " TILE("0/000") ";" TILE("0/001") ";" TILE("0/004.p/76") ";" TILE(
            "1/000.p/4") "; cmp $LOG/tiles $LOG/before && wc -l <$LOG/tiles",
        0, "4");
    log_world_shell("curl -s -H \"Authorization: Bearer $OXE_TOKEN\" $OXE_URL/tile/entries/000", 0,
                    "Entries up to 500 are archived");
    log_world_shell("curl -s -H \"Authorization: Bearer $OXE_TOKEN\" $OXE_URL/tile/entries/001", 0,
                    "Entries up to 500 are archived");
    log_world_shell("curl -sf -H \"Authorization: Bearer $OXE_TOKEN\" $OXE_URL/tile/entries/002 | wc -c", 0,
                    "");
    log_world_shell("curl -s -H \"Authorization: Bearer $OXE_TOKEN\" $OXE_URL/tile/entries/009", 0,
                    "There is no such tile");

    /* The log goes on, also under a writer that has just started. */
    log_world_record(&world, 20);
    log_world_await(&world, "1122");
    log_world_writer_end(&world);
    log_world_writer_start(&world);
    log_world_record(&world, 30);
    log_world_await(&world, "1152");
    log_world_expect("audit consistency $LOG/old", 0, "1152 entries begin with the 1100");
    log_world_expect("audit verify --log --since $LOG/old $LOG/files/*.csv", 0, ": 1152 entries, root ");
    log_world_expect("audit verify", 1, "entry 1 is missing: in its place is entry 501");
    log_world_expect("audit verify", 1, "Were the entries before it archived? Then name their files");
    log_world_expect("audit verify --log $LOG/files/oxe-audit-$M1.csv", 0, ": 1152 entries, root ");
    log_world_expect("audit verify $LOG/files/oxe-audit-$M2.csv", 0, "entries 1 to 300");
    log_world_expect("audit verify --log $LOG/files/oxe-audit-$M2.csv", 1,
                     "entry 301 is missing: in its place is entry 501");

    /* A change in either is found. */
    log_world_shell(
        "cd $LOG && mkdir bad && cp files/* bad && sed -i '/entry 400,/s/AAPL/MSFT/' bad/*$M1.csv", 0, "");
    log_world_expect("audit verify --log $LOG/bad/*.csv", 1, "entry 400 is not what was recorded");
    log_world_tamper(&world, "UPDATE oxe.execution_logs SET actor = 'eve' WHERE log_seq = 700");
    log_world_expect("audit verify --log $LOG/files/*.csv", 1, "entry 700 is not what was recorded");
    log_world_tamper(&world, "UPDATE oxe.execution_logs SET actor = 'olga' WHERE log_seq = 700");
    log_world_tamper(&world, "DELETE FROM oxe.execution_logs WHERE log_seq = 501");
    log_world_expect("audit verify --log $LOG/files/*.csv", 1,
                     "entry 501 is missing: in its place is entry 502");
    log_world_end(&world);
}

Test(audit_archive, what_would_leave_a_gap_is_refused, .timeout = 180)
{
    struct log_world world = {0};

    begin_months(&world);
    log_world_expect("audit archive $M1 --directory $LOG/files", 2, "the oldest month of the log is ");
    log_world_expect("audit archive $M3 --directory $LOG/files", 2, "the oldest month of the log is ");
    log_world_expect("audit archive $M0 --directory $LOG/files", 2, " is not over");
    log_world_expect("audit archive 2026-13 --directory $LOG/files", 64, "MONTH is as 2026-10");
    log_world_expect("audit archive 26-10 --directory $LOG/files", 64, "MONTH is as 2026-10");
    log_world_expect("audit archive $M2 --directory $LOG/nowhere", 2, "cannot write ");
    log_world_shell("OXE_DATABASE= $OXE_CTL_BINARY audit archive $M2 --directory $LOG/files 2>&1", 64,
                    "it needs OXE_DATABASE");
    log_world_shell("ls $LOG/files | wc -l", 0, "6"); /* of those that the database has refused */
    expect_count(&world, "SELECT count(*) FROM oxe.execution_logs", "1100");
    expect_count(&world, "SELECT count(*) FROM oxe.audit_archives", "0");

    /* Files of a run that came no further, one of which was changed meanwhile; and those of another month. */
    log_world_shell(
        "OXE_DATABASE='host=/nowhere' $OXE_CTL_BINARY audit archive $M2 --directory $LOG/files 2>&1", 2,
        "the database: ");
    log_world_shell("cd $LOG/files && cp oxe-audit-$M2.csv ../good && sed -i '/entry 100,/s/AAPL/MSFT/' "
                    "oxe-audit-$M2.csv",
                    0, "");
    log_world_expect("audit archive $M2 --directory $LOG/files", 1, "the log has another entry 100");
    log_world_shell("cd $LOG/files && cp oxe-audit-$M1.csv oxe-audit-$M2.csv && mv oxe-audit-$M2.csv.proof "
                    "../proof && cp oxe-audit-$M1.csv.proof oxe-audit-$M2.csv.proof",
                    0, "");
    log_world_expect("audit archive $M2 --directory $LOG/files", 2,
                     "the month has 300 entries, from 1 to 300, and the export those from 301 to 500");
    log_world_shell("cd $LOG && mv good files/oxe-audit-$M2.csv && mv proof files/oxe-audit-$M2.csv.proof", 0,
                    "");
    log_world_tamper(&world,
                     "CREATE TABLE public.seven AS SELECT leaf_hash FROM oxe.execution_logs WHERE log_seq = "
                     "7; UPDATE oxe.execution_logs SET leaf_hash = sha256('x') WHERE log_seq = 7");
    log_world_expect("audit archive $M2 --directory $LOG/files", 1, "the log has another entry 7");
    log_world_tamper(
        &world,
        "UPDATE oxe.execution_logs SET leaf_hash = (SELECT leaf_hash FROM public.seven) WHERE log_seq = 7");
    log_world_expect("audit archive $M2 --directory $LOG/files", 0, "entries 1 to 300, in the log no more");

    log_world_expect("audit archive $M2 --directory $LOG/files", 2, "is archived already");
    log_world_expect("audit export --to $M1-01T00:00:00Z --out $LOG/none", 0, "entries 301 to 300");
    world_sql(&world.gateway.world,
              "DO $$ DECLARE part text; BEGIN SELECT relname INTO STRICT part FROM pg_class WHERE relname ~ "
              "'^archived_execution_logs_[0-9_]*$' AND relkind = 'r'; BEGIN EXECUTE format('ALTER TABLE "
              "oxe.execution_logs "
              "ATTACH PARTITION oxe.%%I FOR VALUES FROM (%%L) TO (%%L)', part, '2000-01-01', '2999-01-01'); "
              "RAISE 'attached'; "
              "EXCEPTION WHEN datatype_mismatch THEN NULL; END; END $$");
    log_world_end(&world);
}

/* Killed wherever it may be, it leaves the month in the log
 * or in its files, and goes on when it is called again. */
Test(audit_archive, one_that_is_killed_loses_nothing, .timeout = 180)
{
    struct log_world world = {0};

    begin_months(&world);
    log_world_shell("for i in 1 2 3 4 5 6 7 8 9; do $OXE_CTL_BINARY audit archive $M2 --directory $LOG/files "
                    ">$LOG/said 2>&1 & "
                    "sleep 0.0$i; kill -9 $!; wait $!; done 2>/dev/null; echo killed",
                    0, "killed");
    log_world_shell("$OXE_CTL_BINARY audit archive $M2 --directory $LOG/files 2>&1 || true", 0,
                    ""); /* or it was already */
    expect_count(&world, "SELECT min(log_seq) FROM oxe.execution_logs", "301");
    expect_count(&world, "SELECT count(*) FROM oxe.audit_archived_leaves", "300");
    log_world_await(&world, "1101");
    log_world_expect("audit verify --log $LOG/files/oxe-audit-$M2.csv", 0, ": 1101 entries, root ");
    log_world_end(&world);
}

/* Who reads for long delays no recording, and is not thrown out: the archiving gives up. */
Test(audit_archive, it_waits_for_nobody_for_long, .timeout = 180)
{
    struct log_world world = {0};

    begin_months(&world);
    PGconn *reader = PQconnectdb(postgres_conninfo(world.gateway.world.postgres));
    PQclear(PQexec(reader, "BEGIN; SELECT FROM oxe.execution_logs LIMIT 1"));
    cr_assert_eq(PQtransactionStatus(reader), PQTRANS_INTRANS);
    log_world_expect("audit archive $M2 --directory $LOG/files", 2,
                     "canceling statement due to lock timeout");
    expect_count(&world, "SELECT count(*) FROM oxe.audit_leaves", "1100");
    log_world_record(&world, 5);
    log_world_await(&world, "1105");
    PQfinish(reader);
    log_world_expect("audit archive $M2 --directory $LOG/files", 0, "entries 1 to 300, in the log no more");
    log_world_end(&world);
}

/* Without entries there is still a month, and it is archived before those that follow. */
Test(audit_archive, a_month_without_entries_has_its_file, .timeout = 180)
{
    struct log_world world = {0};

    log_world_begin(&world);
    gateway_set_database(&world.gateway, "oxe_operations");
    struct log_history history;
    log_history_begin(&history, &world.gateway.world, 1);
    (void)setenv("M1", log_history_month(&world.gateway.world, 1), 1);
    log_world_expect("audit archive $M1 --directory $LOG", 0, "entries 1 to 0, in the log no more");
    log_world_await(&world, "601");
    log_world_expect("audit verify --log $LOG/*.csv", 0, ": 601 entries, root ");
    log_world_end(&world);
}
