/* SPDX-License-Identifier: Apache-2.0 */
/* What oxectl says of exports that somebody has changed: by the file, its proof and the verifier key alone.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/log_world.h"

/* Checkpoints of 600, 700, 800 and 900 entries, kept in $LOG/kept; the
 * whole log in $LOG/all.csv and $LOG/all.ndjson. The gateway stays up, but
 * $OXE_TOKEN and $OXE_URL are gone: who verifies a file asks nobody. */
static void begin_files(struct log_world *world)
{
    static const char *const sizes[] = {"700", "800", "900"};

    log_world_begin(world);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        log_world_record(world, 100);
        log_world_await(world, sizes[i]);
        log_world_shell("cat $LOG/old >>$LOG/kept", 0, "");
        log_world_expect("audit heads --note >$LOG/old", 0, "");
    }
    log_world_expect("audit export --format csv --out $LOG/all.csv", 0, "entries 1 to 900, proved by");
    log_world_expect("audit export --out $LOG/all.ndjson", 0, "entries 1 to 900, proved by");
}

static void go_offline(void)
{
    (void)setenv("OXE_URL", "http://127.0.0.1:9", 1);
    (void)unsetenv("OXE_TOKEN");
}

/* Each changes $LOG/all.csv (or .ndjson) into $LOG/bad, and what is said of it. */
struct change {
    const char *how;
    const char *words;
};

static void check_changes(const char *of, const struct change *changes, size_t count)
{
    char line[1024];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(line, sizeof(line),
                       "cd $LOG && cp %s.proof bad.proof && { %s; } <%s >bad && ! cmp -s %s bad", of,
                       changes[i].how, of, of);
        log_world_shell(line, 0, "");
        log_world_expect("audit verify $LOG/bad", 1, changes[i].words);
    }
}

Test(audit_file, what_was_changed_in_an_export_is_found_without_the_log, .timeout = 120)
{
    static const struct change csv[] = {
        {"sed 's/entry 300,/entry 301,/'",
         "entry 300 is not what was recorded: fields were changed, the hash was not"},
        {"sed '/entry 300,/s/AAPL/MSFT/; /entry 310,/s/AAPL/MSFT/'",
         "entry 300 is not what was recorded, nor are 1 more:"},
        {"sed '301s/\\(,[0-9a-f]\\{63\\}\\)0,/\\11,/;t;301s/\\(,[0-9a-f]\\{63\\}\\)[0-9a-f],/\\10,/'",
         "the hash of entry 300 is not what was recorded; the fields are"},
        {"sed '301s/,20[0-9-]*T/,2001-01-01T/'", "entry 300 is not what was recorded"},
        {"sed '301s/HALTED/HALTEN/'", "entry 300 is not what was recorded: its action is none"},
        {"sed 301d", "entry 300 is missing: in its place is entry 301"},
        {"sed -n '301{h;d};302{p;g;p;d};p'", "entry 300 is missing: in its place is entry 301"},
        {"sed 301p", "entry 301 is missing: in its place is entry 300"},
        {"head -n 591", "entries 591 to 900 are missing: it ends before them"},
        {"head -c 100000", "is cut off"},
        {"sed '$p'", "there are more entries than the proof is of"},
        {"sed '$s/^900,/901,/'", "entry 900 is missing: in its place is entry 901"},
        {"sed 1d", "row 1 is not the head of an export"},
        {"sed '1s/log_seq,event_id/event_id,log_seq/'", "row 1 is not the head of an export"},
        {"sed '301s/^300,/300,,/'", "row 301 has too many cells"},
        {"sed '301s/entry 300,/entry 300\\x00x,/'", "row 301 has a byte that no export has"},
        {"cat; printf x", "row 902 is cut off"},
        {"true", "entries 1 to 900 are missing"},
    };
    static const struct change json[] = {
        {"sed 's/\"entry 300\"/\"entry 301\"/'", "entry 300 is not what was recorded: fields were changed"},
        {"sed '300s/\"entry 300\"/\"entry 300\\\\u0000x\"/'",
         "row 300 has a byte that no export has in message"},
        {"sed '300s/\"entry 300\"/\"entry 300\",\"message\":\"entry 300\"/'", "row 300 has twice message"},
        {"sed '300s/\"message\":\"entry 300\",//'", "row 300 lacks message"},
        {"sed '300s/\"message\"/\"note\"/'", "row 300 has a member that no entry has"},
        {"sed 300d", "entry 300 is missing: in its place is entry 301"},
        {"head -c 100000", "is cut off"},
        {"head -n 899", "entries 900 to 900 are missing"},
        {"sed '300s/^{/[/'", "row 300 "},
    };
    struct log_world world = {0};

    begin_files(&world);
    go_offline();
    log_world_expect("audit verify $LOG/all.csv", 0,
                     "all.csv: entries 1 to 900 of " AUDIT_KEY_ORIGIN " are what was recorded");
    log_world_expect("audit verify --since $LOG/kept $LOG/all.ndjson", 0, "entries 1 to 900 of");
    log_world_shell("script -qec \"$OXE_CTL_BINARY audit verify $LOG/all.csv\" /dev/null", 0,
                    "[##############################] 900 of 900 entries");
    log_world_shell(
        "cd $LOG && tr -d '\\r' <all.csv >bad && cp all.csv.proof bad.proof && ! cmp -s all.csv bad", 0, "");
    log_world_expect("audit verify $LOG/bad", 0, "entries 1 to 900 of"); /* line ends alone say nothing */
    check_changes("all.csv", csv, ARRAY_LEN(csv));
    check_changes("all.ndjson", json, ARRAY_LEN(json));

    /* The proof changed, or another's. */
    log_world_shell("cd $LOG && cp all.csv bad && sed 's/^last 900/last 899/' all.csv.proof >bad.proof", 0,
                    "");
    log_world_expect("audit verify $LOG/bad", 1, "there are more entries than the proof is of");
    log_world_shell("cd $LOG && sed 's/^first 1/first 2/' all.csv.proof >bad.proof", 0, "");
    log_world_expect("audit verify $LOG/bad", 2, "is no proof of an export");
    log_world_shell("cd $LOG && sed 's/^900$/901/' all.csv.proof >bad.proof", 0, "");
    log_world_expect("audit verify $LOG/bad", 1, "signed by none of the verifier keys");
    log_world_shell("cd $LOG && rm bad.proof", 0, "");
    log_world_expect("audit verify $LOG/bad", 2, "cannot read ");
    log_world_expect("audit verify $LOG/none", 2, "cannot read ");
    (void)setenv("OXE_AUDIT_VERIFIER", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                 1);
    log_world_expect("audit verify $LOG/all.csv", 1, "signed by none of the verifier keys");
    log_world_end(&world);
}

/* Whoever changes an entry can compute its hash anew: then only roots tell, and the more of them, the closer.
 */
Test(audit_file, an_entry_with_a_hash_of_its_own_is_narrowed_down_by_checkpoints, .timeout = 120)
{
    struct log_world world = {0};

    begin_files(&world);
    log_world_writer_end(&world);
    log_world_tamper(&world,
                     "DELETE FROM oxe.execution_logs; DELETE FROM oxe.audit_checkpoints; DELETE FROM "
                     "oxe.audit_published; DELETE FROM oxe.audit_tiles; "
                     "UPDATE oxe.audit_state SET next_log_seq = 1, frontier = '', sealed_frontier = ''");
    log_world_writer_start(&world);
    log_world_record(&world, 900);
    log_world_await(&world, "900");
    log_world_expect("audit export --format csv --out $LOG/other.csv", 0, "entries 1 to 900");
    go_offline();
    log_world_expect("audit verify $LOG/other.csv", 0, "entries 1 to 900");
    log_world_expect("audit verify --since $LOG/old $LOG/other.csv", 1, "the log was changed");
    log_world_shell("cd $LOG && cp all.csv.proof bad.proof && "
                    "{ head -n 750 all.csv; sed -n 751p other.csv; tail -n +752 all.csv; } >bad",
                    0, "");
    log_world_expect(
        "audit verify $LOG/bad", 1,
        "bad: of entries 1 to 900 one or more are not those that were signed, though their hashes fit them");
    log_world_expect("audit verify --since $LOG/kept $LOG/bad", 1,
                     "of entries 701 to 800 one or more are not");

    /* A proof of the one log beside an export of the other. */
    log_world_shell("cd $LOG && cp other.csv bad", 0, "");
    log_world_expect("audit verify $LOG/bad", 1,
                     "of entries 1 to 900 one or more are not those that were signed");
    log_world_end(&world);
}

static const char *recorded(struct log_world *world, int log_seq)
{
    char sql[256];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM "
                   "oxe.execution_logs WHERE log_seq = %d",
                   log_seq);
    return world_value(&world->gateway.world, "%s", sql);
}

Test(audit_file, files_go_on_where_the_one_before_ends, .timeout = 120)
{
    struct log_world world = {0};

    begin_files(&world);
    (void)setenv("T", recorded(&world, 701), 1);
    (void)setenv("U", recorded(&world, 900), 1);
    log_world_expect("audit export --to $T --format csv --out $LOG/one", 0, "entries 1 to 700");
    log_world_expect("audit export --from $T --out $LOG/two", 0, "entries 701 to 900");
    log_world_record(&world, 50);
    log_world_await(&world, "950");
    log_world_expect("audit export --from 2999-01-01T00:00:00Z --out $LOG/none", 0, "entries 951 to 950");
    log_world_expect("audit export --from 1999-01-01T00:00:00Z --to 2000-01-01T00:00:00Z --out $LOG/before",
                     0, "entries 1 to 0");
    log_world_expect("audit verify --log --since $LOG/kept $LOG/one $LOG/two", 0, ": 950 entries, root ");
    log_world_expect("audit verify --log $LOG/two", 0, ": 950 entries, root ");
    go_offline();
    log_world_expect("audit verify --since $LOG/kept $LOG/one $LOG/two", 0, "two: entries 701 to 900");
    log_world_expect("audit verify $LOG/two", 0, "two: entries 701 to 900");
    log_world_expect("audit verify $LOG/none", 0, "none: entries 951 to 950");
    log_world_expect("audit verify $LOG/before", 0, "before: entries 1 to 0");
    log_world_expect("audit verify $LOG/two $LOG/one", 1,
                     "begins with entry 1, and the file before it ends with 900");
    log_world_expect("audit verify $LOG/one $LOG/one", 1,
                     "begins with entry 1, and the file before it ends with 700");
    log_world_expect("audit verify --log $LOG/one", 64, "with a token of the role compliance");
    log_world_end(&world);
}

Test(audit_file, an_export_that_breaks_off_leaves_nothing_that_looks_whole, .timeout = 120)
{
    struct log_world world = {0};

    begin_files(&world);
    log_world_expect("audit export --out $LOG/all.csv", 2, "all.csv exists already");
    log_world_expect("audit export --out $LOG/new --trader 0199f0a5-7d0c-7000-8000-000000000001", 64,
                     "leaves some out");
    log_world_expect("audit export --out $LOG/no/new", 2, "cannot write ");

    /* A disk that is full. */
    log_world_shell("trap '' XFSZ; ulimit -f 100; $OXE_CTL_BINARY audit export --out $LOG/new 2>&1", 2,
                    "cannot write ");
    log_world_shell("ls $LOG | grep -c ^new", 1, "0");
    /* Killed in the middle, as often as it takes to hit one. */
    log_world_shell("for i in 1 2 3 4 5 6 7 8 9; do $OXE_CTL_BINARY audit export --out $LOG/new & sleep "
                    "0.00$i; kill -9 $!; wait $!; "
                    "test ! -e $LOG/new || { test -e $LOG/new.proof && $OXE_CTL_BINARY audit verify $LOG/new "
                    "&& rm $LOG/new; } "
                    "|| exit 1; done 2>/dev/null; echo survived",
                    0, "survived");
    log_world_shell("echo rubbish >$LOG/new.part; rm -f $LOG/new", 0, "");
    log_world_expect("audit export --out $LOG/new", 0, "entries 1 to 900");
    log_world_shell("ls $LOG | grep -c 'new.*part'", 1, "0");
    log_world_end(&world);
}
