/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to the rows of a trader while an order is admitted: the real validator and risk-manager, the
 * test as executor and as operations. */
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>

#include "proto/fault.h"
#include "tests/support/admission_world.h"

static struct world world;

static void begin(void)
{
    world_begin(&world, 1);
}

static void end(void)
{
    world_end(&world);
}

TestSuite(late_locks, .init = begin, .fini = end);

static void expect_value(const char *wanted, const char *sql)
{
    const char *value = world_value(&world, "%s", sql);

    cr_expect_str_eq(value, wanted, "%s gives %s, not %s", sql, value, wanted);
}

static PGconn *connect_as(const char *begin)
{
    PGconn *connection = PQconnectdb(postgres_conninfo(world.postgres));

    cr_assert_eq(PQstatus(connection), CONNECTION_OK);
    PGresult *result = PQexec(connection, begin);
    cr_assert_str_eq(PQresultErrorMessage(result), "");
    PQclear(result);
    return connection;
}

/* Ends the transaction; it was not ended by PostgreSQL before. */
static void commit(PGconn *connection)
{
    PGresult *result = PQexec(connection, "COMMIT");

    cr_expect_str_eq(PQcmdStatus(result), "COMMIT", "%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

static void await_value(const char *wanted, const char *sql)
{
    for (int i = 0; i < 500 && strcmp(world_value(&world, "%s", sql), wanted) != 0; i++)
        (void)poll(NULL, 0, 10);
    expect_value(wanted, sql);
}

static const char waits_for_row[] =
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oxe_risk' AND wait_event_type = 'Lock'";

Test(late_locks, what_an_execution_moves_meanwhile_is_kept)
{
    struct order_request first = world_order(&world, 2), resting = world_order(&world, 2),
                         second = world_order(&world, 2);
    static const char held[] =
        "SELECT trim_scale(t.cash) || ' ' || trim_scale(reserved) || ' ' || open_orders || ' ' ||"
        " trim_scale(p.quantity) || ' ' || trim_scale(open_buy)"
        " FROM oxe.traders t JOIN oxe.positions p ON p.trader_id = t.id AND symbol = 'AAPL'"
        " WHERE subject = 'trader-2'";

    cr_assert_eq(world_ask(&world, &first)->outcome, ANSWER_CREATED);
    cr_assert_eq(world_ask(&world, &resting)->outcome, ANSWER_CREATED);
    expect_value("1000000 3150 2 500 20", held);
    /* As the executor writes the fill of the first one, at its end. */
    PGconn *executor = connect_as("SET ROLE oxe_executor; BEGIN;"
                                  "UPDATE oxe.traders SET cash = cash - 1500, reserved = reserved - 1575,"
                                  " open_orders = open_orders - 1 WHERE subject = 'trader-2'");
    world_send(&world, &second);
    await_value("1", waits_for_row);
    PQclear(PQexec(executor, "UPDATE oxe.positions p SET quantity = quantity + 10, open_buy = open_buy - 10"
                             " FROM oxe.traders t WHERE t.id = trader_id AND subject = 'trader-2'"
                             " AND symbol = 'AAPL'"));
    commit(executor);
    cr_expect_eq(world_answer(&world)->outcome, ANSWER_CREATED);
    expect_value("998500 3150 2 510 20", held);
}

Test(late_locks, a_limit_changes_before_an_order_is_decided_or_after_it_is_recorded)
{
    struct order_request before = world_order(&world, 2), after = world_order(&world, 2);

    cr_assert_eq(world_ask(&world, &before)->outcome, ANSWER_CREATED); /* the day is rolled */
    before = world_order(&world, 2);
    PGconn *blocker = connect_as("BEGIN; LOCK TABLE oxe.open_orders IN SHARE MODE");
    world_send(&world, &before);
    await_value("1", waits_for_row); /* decided, and about to be recorded */
    PGconn *operations = connect_as("SELECT 1");
    cr_assert(
        PQsendQuery(operations, "UPDATE oxe.traders SET max_order_quantity = 9 WHERE subject = 'trader-2'"));
    await_value("1", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'");
    commit(blocker);
    cr_expect_eq(world_answer(&world)->outcome, ANSWER_CREATED);
    PGresult *result = PQgetResult(operations);
    cr_expect_str_eq(PQcmdTuples(result), "1", "%s", PQerrorMessage(operations));
    PQclear(result);
    PQfinish(operations);
    const struct answer *answer = world_ask(&world, &after);
    cr_expect_eq(answer->outcome, ANSWER_REJECTED);
    cr_expect(fault_has(answer->faults, answer->faults_count, REJECT_MAX_ORDER_QUANTITY));
}

Test(late_locks, a_deadlock_with_somebody_by_hand_is_run_again)
{
    struct order_request request = world_order(&world, 2);

    cr_assert_eq(world_ask(&world, &request)->outcome, ANSWER_CREATED);
    request = world_order(&world, 2);
    PGconn *hand = connect_as("SET deadlock_timeout = '60 s'; BEGIN;"
                              "SELECT FROM oxe.traders WHERE subject = 'trader-2' FOR NO KEY UPDATE");
    world_send(&world, &request);
    await_value("1", waits_for_row);
    PGresult *result = PQexec(hand, "UPDATE oxe.traders SET cash = cash + 1, opening_cash = opening_cash + 1"
                                    " WHERE subject = 'trader-2'");
    cr_expect_str_eq(PQcmdTuples(result), "1", "%s", PQerrorMessage(hand));
    PQclear(result);
    commit(hand);
    const struct answer *answer = world_answer(&world);
    cr_expect_eq(answer->outcome, ANSWER_CREATED, "%s", answer->detail);
    expect_value("2 1000001", "SELECT open_orders || ' ' || trim_scale(cash) FROM oxe.traders"
                              " WHERE subject = 'trader-2'");
    cr_expect_geq(world_metric(world.risk_ports[0], "oxe_risk_db_failures_total", NULL), 1);
}
