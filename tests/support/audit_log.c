/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/audit_log.h"

#include <stdio.h>

void audit_log_append(struct world *world, int count)
{
    world_sql(
        world,
        "BEGIN; SET LOCAL session_replication_role = replica; "
        "WITH numbers AS (SELECT last + i AS n FROM (SELECT coalesce(max(log_seq), 0) AS last FROM "
        "oxe.execution_logs) AS log, generate_series(1, %d) AS i), "
        "entries AS (SELECT n, n %% 10 = 0 AS halt, CASE WHEN n %% 20 > 0 THEN "
        "('0199aabb-ccdd-7000-8000-00000000000' || n / 5 %% %d)::uuid END AS trader, "
        "date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + n / 10 * interval '1 second' AS "
        "recorded FROM numbers), "
        "before AS (SELECT trader_id, max(trader_seq) AS seq FROM oxe.execution_logs GROUP BY trader_id) "
        "INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, trader_id, trader_seq, action, status, "
        "execution_state, symbol, quantity, price, total_filled, venue, message, actor, \"timestamp\", "
        "recorded_at, leaf_hash) "
        "SELECT n, gen_random_uuid(), "
        "CASE WHEN NOT halt THEN ('0199f0a5-7d0c-7000-8000-' || lpad((n / 5)::text, 12, '0'))::uuid END, "
        "trader, "
        "CASE WHEN NOT halt THEN coalesce(seq, 0) + row_number() OVER (PARTITION BY trader, halt ORDER BY n) "
        "END, "
        "CASE WHEN halt THEN 'HALTED' WHEN n %% 50 = 3 THEN 'REJECTED' ELSE (ARRAY['SUBMITTED', 'APPROVED', "
        "'EXECUTED', 'FILLED', 'FILLED'])[n %% 5 + 1] END::oxe.audit_action, "
        "CASE WHEN NOT halt THEN 'PENDING'::oxe.order_status END, "
        "CASE WHEN NOT halt THEN 'WORKING'::oxe.execution_state END, CASE WHEN NOT halt THEN 'AAPL' END, "
        "CASE WHEN NOT halt THEN n END, CASE WHEN NOT halt THEN 150.25 END, CASE WHEN NOT halt THEN 0.5 END, "
        "CASE WHEN n %% 5 = 3 THEN 'SIM' END, "
        "(ARRAY['plain', 'a \"quoted\" word', 'one, two', E'two\\nlines\\r\\nor three', '\xe2\x82\xacuro "
        "\xe6\x97\xa5\xe6\x9c\xac', '=1+1', NULL])[n %% 7 + 1], 'test', "
        "recorded - interval '3 ms', recorded, sha256(n::text::bytea) "
        "FROM entries LEFT JOIN before ON trader_id = trader ORDER BY n; COMMIT",
        count, AUDIT_LOG_TRADERS);
}

const char *audit_log_time(struct world *world, int log_seq)
{
    static char text[64];

    (void)snprintf(text, sizeof(text), "%s",
                   world_value(world,
                               "SELECT to_char(recorded_at AT TIME ZONE 'UTC', "
                               "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM oxe.execution_logs WHERE log_seq = "
                               "%d",
                               log_seq));
    return text;
}
