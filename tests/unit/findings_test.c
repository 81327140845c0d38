/* SPDX-License-Identifier: Apache-2.0 */
/* What oxectl doctor makes of facts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/oxectl/findings.h"

#define WELL                                                                                                 \
    "{\"name\":\"gateway\",\"address\":\"a:1\",\"fault\":\"\",\"health\":{\"status\":\"ok\",\"checks\":{"    \
    "\"redis\":{\"status\":\"ok\"}}}}"
#define PROBES(...) "\"probes\":[" __VA_ARGS__ "]"
#define SAYS(name, c)                                                                                        \
    "{\"name\":\"" name "\",\"address\":\"a:1\",\"fault\":\"\",\"health\":{\"checks\":{" c "}}}"
#define SILENT(name) "{\"name\":\"" name "\",\"address\":\"a:2\",\"fault\":\"refused\",\"health\":null}"
#define ORDERS                                                                                               \
    "\"waiting\":{\"count\":0,\"order\":null},\"doubts\":{\"count\":0,\"order\":null},\"recalled\":{"        \
    "\"count\":0,\"order\":null}"
#define LANE(n, owner, holder, beat, session, why)                                                           \
    "{\"lane\":" n ",\"owner\":" owner ",\"holder\":" holder ",\"beat_age\":" beat ",\"session\":\"" session \
    "\",\"why\":" why ",\"session_age\":14000}"
#define READY(n) LANE(n, "\"0\"", "7", "900", "READY", "null")
#define DATABASE(state, orders)                                                                              \
    "{" PROBES(WELL) ",\"database\":{\"clock_offset\":0,\"clock_spread\":1,\"state\":{" state                \
                     "},\"orders\":{" orders "}}}"
#define STATE(state) DATABASE("\"executors\":1,\"lanes\":[" READY("0") "]," state, ORDERS)

static yajl_val facts;
static struct findings found;

static void judge(const char *json, const char *platform)
{
    char error[256];
    facts = yajl_tree_parse(json, error, sizeof(error));
    cr_assert_not_null(facts, "%s: %s", json, error);
    findings_make(facts, findings_platform(platform), &found);
    yajl_tree_free(facts);
}

/* "alarm kind, warning kind" */
static const char *kinds(void)
{
    static char text[1024];
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < found.count; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %s", i > 0 ? ", " : "",
                                   findings_severity_text(found.items[i].severity), found.items[i].kind);
    return text;
}

static const struct {
    const char *fact, *json, *kinds, *detail, *remedy; /* of the first finding */
} cases[] = {
    {"a suite that is well", STATE("\"halts\":[]"), "", "", ""},
    {"nothing is known", "{}", "note probes_unknown, note database_unknown",
     "nobody said where the processes'", "export OXE_PROBES="},
    {"one process is silent",
     "{" PROBES(WELL "," SILENT("validator")) ",\"database\":{\"state\":{},\"orders\":{}}}",
     "alarm process_down", "no answer from validator (a:2: refused)", "./oxe up"},
    {"all are silent",
     "{" PROBES(SILENT("gateway") "," SILENT("validator")) ",\"database\":{\"error\":\"could not connect\"}}",
     "alarm suite_down, alarm database_down", "no process answers (a:2: refused)", "./oxe up"},
    {"a check fails in two",
     "{" PROBES(SAYS("gateway", "\"redis\":{\"status\":\"failing\",\"detail\":\"no connection\"}") "," SAYS(
         "status-broadcaster",
         "\"redis\":{\"status\":\"failing\",\"detail\":\"lost\"}")) ",\"database\":{\"state\":{},"
                                                                    "\"orders\":{}}}",
     "alarm process_failing", "gateway status-broadcaster: redis is failing: no connection",
     "./oxe logs gateway"},
    {"a degraded check is a warning",
     "{" PROBES(
         SAYS("audit-writer-0",
              "\"witnesses\":{\"status\":\"degraded\",\"detail\":\"none\"}")) ",\"database\":{\"state\":{},"
                                                                              "\"orders\":{}}}",
     "warning process_degraded", "audit-writer-0: witnesses is degraded: none", "./oxe logs audit-writer-0"},
    {"the database's absence is said once",
     "{" PROBES(SAYS("executor-0",
                     "\"postgresql\":{\"status\":\"failing\"},\"lanes\":{\"status\":"
                     "\"failing\"}") "," SAYS("gateway", "\"postgresql_compliance\":{\"status\":"
                                                         "\"failing\"}")) ",\"database\":{\"error\":"
                                                                          "\"could not connect\"}}",
     "alarm database_down", "could not connect", "./oxe up"},
    {"a session is said by its lane, where that is known",
     "{" PROBES(SAYS(
         "executor-0",
         "\"exchange\":{\"status\":\"degraded\",\"detail\":\"7 of 8\"}")) ",\"database\":{\"state\":{"
                                                                          "\"lanes\":[" LANE("0", "\"0\"",
                                                                                             "7", "900",
                                                                                             "REFUSED",
                                                                                             "\"logout"
                                                                                             "\"") "]},"
                                                                                                   "\"or"
                                                                                                   "ders"
                                                                                                   "\":{"
                                                                                                   "}}}",
     "alarm session_down", "lane 0: the session at the exchange is REFUSED for 14 s: logout",
     "./oxe ctl lanes"},
    {"a session that is refused has its numbers, and its way out",
     "{" PROBES(WELL) ",\"database\":{\"orders\":{},\"state\":{\"lanes\":[{\"lane\":3,\"owner\":\"0\","
                      "\"holder\":7,\"beat_age\":900,"
                      "\"session\":\"REFUSED\",\"why\":\"logout\",\"session_age\":14000,\"in_expected\":12,"
                      "\"in_received\":5,"
                      "\"out_next\":7,\"out_expected\":9}]}}}",
     "alarm session_down", "logout; we expected number 12, it sent 5, ours comes next with 7, it asks for 9",
     "./oxe ctl lanes; ./oxe ctl lane resync 3 --reason 'WHY'"},
    {"and by its executor, where not",
     "{" PROBES(SAYS(
         "executor-0",
         "\"exchange\":{\"status\":\"degraded\",\"detail\":\"7 of 8\"}")) ",\"database\":{\"error\":\"x\"}}",
     "alarm database_down, warning process_degraded", "", ""},
    {"a process whose disk is full",
     "{" PROBES(SAYS("risk-manager",
                     "\"postgresql\":{\"status\":\"failing\",\"detail\":\"could not extend file: No "
                     "space left on device\"}")) ",\"database\":{\"state\":{},\"orders\":{}}}",
     "alarm disk_full", "No space left on device", "./oxe logs risk-manager"},
    {"a disk at the bound",
     "{" PROBES(
         WELL) ",\"database\":{\"state\":{},\"orders\":{}},\"disks\":[{\"folder\":\"/var\",\"used\":89,"
               "\"text\":\"89 %\"},{\"folder\":\"/srv\",\"used\":90,\"text\":\"90 %\"}]}",
     "warning disk_low", "90 %", "du -xh --max-depth=2 /srv | sort -h | tail"},
    {"a full disk",
     "{" PROBES(WELL) ",\"database\":{\"state\":{},\"orders\":{}},\"disks\":[{\"folder\":\"/"
                      "var\",\"used\":97,\"text\":\"97\"}]}",
     "alarm disk_full", "97", "du "},
    {"lanes of nobody",
     DATABASE("\"executors\":0,\"lanes\":[" LANE("0", "null", "null", "null", "DOWN", "null") "," READY(
                  "1") "," LANE("2", "\"1\"", "null", "900", "READY", "null") "]",
              ORDERS),
     "alarm lane_without_owner", "no executor has lanes 0, 2 (executors alive: 0)", "./oxe up"},
    {"a frozen owner",
     DATABASE("\"executors\":0,\"lanes\":[" LANE("0", "\"0\"", "7", "5001", "READY", "null") "," LANE(
                  "1", "\"0\"", "7", "5001", "READY", "null") "]",
              ORDERS),
     "alarm lane_owner_frozen",
     "executor-0 holds lanes 0-1 and gives no sign of life for 5 s (database session 7)",
     "./oxe logs executor"},
    {"a heartbeat of five seconds is one",
     DATABASE("\"executors\":1,\"lanes\":[" LANE("0", "\"0\"", "7", "5000", "READY", "null") "]", ORDERS), "",
     "", ""},
    {"sessions that are down for the same reason are one finding",
     DATABASE("\"executors\":1,\"lanes\":[" LANE("0", "\"0\"", "7", "1", "DOWN", "\"refused\"") "," LANE(
                  "1", "\"1\"", "8", "1", "DOWN", "\"refused\"") "," LANE("2", "\"0\"", "7", "1", "DOWN",
                                                                          "\"late\"") "]",
              ORDERS),
     "alarm session_down, alarm session_down",
     "lanes 0-1: the session at the exchange is DOWN for 14 s: refused", "./oxe ctl lanes"},
    {"of them the one that is down for longest counts",
     DATABASE(
         "\"executors\":1,\"lanes\":[{\"lane\":0,\"owner\":\"0\",\"holder\":7,\"beat_age\":1,\"session\":"
         "\"DOWN\",\"session_age\":1000},{\"lane\":1,\"owner\":\"0\",\"holder\":7,\"beat_age\":1,"
         "\"session\":\"DOWN\",\"session_age\":3600000}]",
         ORDERS),
     "alarm session_down", "lanes 0-1: the session at the exchange is DOWN for 60 min: not logged on yet",
     "./oxe ctl lanes"},
    {"an order that waits",
     DATABASE("\"lanes\":[]", "\"waiting\":{\"count\":2,\"order\":\"O\",\"lane\":3,\"age\":29999}"),
     "warning order_waiting", "orders that wait to be sent: 2, the oldest for 29 s: O (lane 3)",
     "./oxe ctl lanes; ./oxe ctl show O"},
    {"for long",
     DATABASE("\"lanes\":[]", "\"waiting\":{\"count\":1,\"order\":\"O\",\"lane\":3,\"age\":30000}"),
     "alarm order_waiting", "", ""},
    {"an order in doubt",
     DATABASE("\"lanes\":[]",
              "\"doubts\":{\"count\":1,\"order\":\"O\",\"reason\":\"UNKNOWN_AT_EXCHANGE\",\"age\":180000}"),
     "alarm order_in_doubt", "orders in doubt: 1, the oldest for 3 min: O (UNKNOWN_AT_EXCHANGE)",
     "./oxe ctl doubts; ./oxe ctl resolve O RETRY|REJECT|CANCEL|FILL --reason 'WHY'"},
    {"an order that may live there",
     DATABASE("\"lanes\":[]", "\"recalled\":{\"count\":1,\"order\":\"O\",\"age\":59999}"),
     "warning order_recalled", "orders done here that may live at the exchange: 1, the oldest for 59 s: O",
     "./oxe ctl doubts"},
    {"events wait", STATE("\"outbox\":{\"age\":2001,\"rows\":4}"), "warning outbox_waiting",
     "4 batches, the oldest for 2 s", "./oxe up"},
    {"for long", STATE("\"outbox\":{\"age\":10001,\"rows\":4}"), "alarm outbox_waiting", "", ""},
    {"not yet signed", STATE("\"log\":{\"entries\":9,\"sealed\":7,\"entry_age\":5000}"), "", "", ""},
    {"not signed", STATE("\"log\":{\"entries\":9,\"sealed\":7,\"entry_age\":5001}"), "alarm audit_unsealed",
     "under no signed checkpoint: 2", "./oxe logs audit-writer"},
    {"not published", STATE("\"log\":{\"entries\":9,\"sealed\":9,\"unpublished_age\":30001}"),
     "alarm audit_unwitnessed", "for 30 s", "./oxe logs witness"},
    {"put aside lately", STATE("\"aside\":{\"day\":3,\"hour\":1,\"kinds\":\"UNKNOWN_ORDER\"}"),
     "warning put_aside", "in 24 h: 3, in the last hour: 1 (UNKNOWN_ORDER)", "./oxe ctl aside"},
    {"put aside long ago", STATE("\"aside\":{\"day\":3,\"hour\":0,\"kinds\":\"UNKNOWN_ORDER\"}"),
     "note put_aside", "", ""},
    {"a halt",
     STATE("\"halts\":[{\"id\":\"H\",\"scope\":\"SYMBOL\",\"whom\":\"AAPL\",\"reason\":\"news\",\"by\":"
           "\"olga\",\"since\":\"T\"}]"),
     "warning halt_in_force", "trading is halted: SYMBOL AAPL since T by olga: news", "./oxe ctl resume H"},
    {"the flag is off", STATE("\"flag\":{\"percent\":0,\"by\":\"olga\",\"since\":\"T\"}"),
     "warning flag_restricted", "from 0 % of the traders (ORDER_EXECUTION_V2_ENABLED) since T by olga",
     "./oxe ctl flag true"},
    {"the flag is in roll-out", STATE("\"flag\":{\"percent\":50,\"by\":\"olga\",\"since\":\"T\"}"),
     "note flag_restricted", "", ""},
    {"the flag is on", STATE("\"flag\":{\"percent\":100,\"by\":\"olga\",\"since\":\"T\"}"), "", "", ""},
    {"a backup of yesterday", STATE("\"backup_age\":93600000"), "", "", ""},
    {"an old backup", STATE("\"backup_age\":93600001"), "warning backup_old",
     "the last good backup is 26 h old", "./oxe backup"},
    {"none yet, of a suite of yesterday", STATE("\"backup_age\":null,\"log_age\":93600000"), "", "", ""},
    {"none at all", STATE("\"backup_age\":null,\"log_age\":93600001"), "warning backup_missing",
     "no backup was ever made, and the log is 26 h old", "./oxe backup"},
    {"a backup of an old suite", STATE("\"backup_age\":1000,\"log_age\":93600001"), "", "", ""},
    {"a fault is armed",
     "{" PROBES(WELL) ",\"database\":{\"state\":{},\"orders\":{}},\"simulator\":{\"faults\":2}}",
     "warning fault_armed", "faults armed: 2", "./oxe ctl sim fault list; ./oxe ctl sim fault clear"},
    {"a clock within what can be told",
     "{" PROBES(WELL) ",\"database\":{\"clock_offset\":-80,\"clock_spread\":30,\"state\":{},\"orders\":{}}}",
     "", "", ""},
    {"a clock behind ours",
     "{" PROBES(WELL) ",\"database\":{\"clock_offset\":-82,\"clock_spread\":30,\"state\":{},\"orders\":{}}}",
     "warning clock_offset", "82 ms behind", "chronyc tracking"},
    {"a clock far ahead of ours",
     "{" PROBES(WELL) ",\"database\":{\"clock_offset\":1032,\"clock_spread\":30,\"state\":{},\"orders\":{}}}",
     "alarm clock_offset", "1032 ms ahead of", ""},
    {"orders that could not be looked at",
     "{" PROBES(WELL) ",\"database\":{\"state\":{},\"fault\":\"canceling statement\"}}",
     "warning figures_missing", "the open orders are: canceling statement", "./oxe logs postgres"},
};

Test(findings, follow_from_the_facts)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        judge(cases[i].json, "oxe");
        cr_expect_str_eq(kinds(), cases[i].kinds, "%s: got %s", cases[i].fact, kinds());
        if (found.count == 0)
            continue;
        cr_expect_not_null(strstr(found.items[0].detail, cases[i].detail), "%s: %s", cases[i].fact,
                           found.items[0].detail);
        cr_expect_not_null(strstr(found.items[0].remedy, cases[i].remedy), "%s: %s", cases[i].fact,
                           found.items[0].remedy);
    }
}

/* Beginning anew has a price: what had not arrived is in doubt. */
Test(findings, a_lane_begins_anew_only_where_the_numbers_are_apart)
{
    static const struct {
        const char *numbers;
        bool anew;
    } lanes[] = {
        {"\"in_expected\":12,\"in_received\":12,\"out_next\":7", false},
        {"\"in_expected\":12,\"in_received\":13,\"out_next\":7", false},
        {"\"in_expected\":12,\"in_received\":11,\"out_next\":7", true},
        {"\"in_expected\":12,\"out_next\":7,\"out_expected\":7", false},
        {"\"in_expected\":12,\"out_next\":7,\"out_expected\":6", true},
        {"\"out_next\":7,\"out_expected\":9", true},
        {"\"in_received\":null", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(lanes); i++) {
        char json[1024];
        (void)snprintf(
            json, sizeof(json),
            DATABASE("\"lanes\":[{\"lane\":3,\"owner\":\"0\",\"holder\":7,\"beat_age\":1,\"session\":"
                     "\"REFUSED\",\"why\":\"logout\",\"session_age\":14000,%s}]",
                     ORDERS),
            lanes[i].numbers);
        judge(json, "oxe");
        cr_assert_eq(found.count, 1);
        cr_expect_eq(strstr(found.items[0].remedy, "resync") != NULL, lanes[i].anew, "%s: %s",
                     lanes[i].numbers, found.items[0].remedy);
    }
}

Test(findings, alarms_come_first)
{
    judge(DATABASE("\"lanes\":[],\"halts\":[{\"id\":\"H\"}],\"flag\":{\"percent\":50}",
                   "\"doubts\":{\"count\":1,\"order\":\"O\"}"),
          "oxe");
    cr_expect_str_eq(kinds(), "alarm order_in_doubt, warning halt_in_force, note flag_restricted");
}

Test(findings, remedies_are_commands_of_the_platform)
{
    static const char json[] = "{" PROBES(
        WELL "," SILENT("executor") "," SILENT("validator")) ",\"database\":{\"state\":{"
                                                             "\"halts\":[{\"id\":\"H\"}]},\"orders\":{}}}";
    static const struct {
        const char *platform, *start, *resume, *database, *all;
    } platforms[] = {
        {NULL, "docker compose restart executor validator", "oxectl resume H",
         "docker compose start postgres", "docker compose up -d --wait"},
        {"anything", "docker compose restart executor validator", "oxectl resume H",
         "docker compose start postgres", "docker compose up -d --wait"},
        {"oxe", "./oxe up --no-demo --no-screen", "./oxe ctl resume H", "./oxe up --no-demo --no-screen",
         "./oxe up --no-demo --no-screen"},
        {"compose", "docker compose restart executor validator", "docker compose run --rm ctl resume H",
         "docker compose start postgres", "docker compose up -d --wait"},
        {"kubernetes", "kubectl -n oxe describe pods -l 'app.kubernetes.io/name in (executor,validator)'",
         "oxectl resume H", "kubectl -n oxe get pods", "kubectl -n oxe get pods"},
    };
    for (size_t i = 0; i < ARRAY_LEN(platforms); i++) {
        judge(json, platforms[i].platform);
        cr_assert_eq(found.count, 2);
        cr_expect_str_eq(found.items[0].remedy, platforms[i].start);
        cr_expect_str_eq(found.items[1].remedy, platforms[i].resume);
        judge("{" PROBES(SILENT("gateway")) ",\"database\":{\"error\":\"x\"}}", platforms[i].platform);
        cr_assert_eq(found.count, 2);
        cr_expect_str_eq(found.items[0].remedy, platforms[i].all);
        cr_expect_str_eq(found.items[1].remedy, platforms[i].database);
    }
}

Test(findings, what_has_no_room_is_left_out)
{
    static char json[32768];
    int length =
        snprintf(json, sizeof(json), "{" PROBES(WELL) ",\"database\":{\"orders\":{},\"state\":{\"halts\":[");
    for (int i = 0; i < FINDINGS_MAX + 10; i++)
        length +=
            snprintf(json + length, sizeof(json) - (size_t)length, "%s{\"id\":\"H%d\"}", i > 0 ? "," : "", i);
    (void)snprintf(json + length, sizeof(json) - (size_t)length, "]}}}");
    judge(json, "oxe");
    cr_expect_eq(found.count, FINDINGS_MAX);
}
