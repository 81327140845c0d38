-- Of the orders submitted in a range of time: how many came where. An order is complete when it is DONE for a reason that is the
-- trader's or the exchange's own (FILLED, CANCELLED, EXPIRED, or refused by a rule); one that we could not carry out is not.
--
--   psql -f measurement_task_completion.sql                            the last 24 hours
--   psql -v from="'2026-11-01'" -v to="'2026-12-01'" -f …              a range, `to` exclusive
\if :{?from} \else \set from 'now() - interval ''24 hours''' \endif
\if :{?to} \else \set to 'now()' \endif

SELECT count(*)                                                                     AS submitted,
       count(*) FILTER (WHERE admitted)                                             AS admitted,
       count(*) FILTER (WHERE NOT admitted)                                         AS refused_by_rules,
       count(*) FILTER (WHERE status = 'FILLED')                                    AS filled,
       count(*) FILTER (WHERE status = 'CANCELLED')                                 AS cancelled,
       count(*) FILTER (WHERE status = 'EXPIRED')                                   AS expired,
       count(*) FILTER (WHERE admitted AND status = 'REJECTED')                     AS rejected_after_admission,
       count(*) FILTER (WHERE execution_state = 'IN_DOUBT')                         AS in_doubt,
       count(*) FILTER (WHERE execution_state IN ('ADMITTED', 'SENT', 'WORKING'))   AS open,
       round(100.0 * count(*) FILTER (WHERE execution_state = 'DONE' AND NOT failed)
             / nullif(count(*) FILTER (WHERE execution_state = 'DONE' OR execution_state = 'IN_DOUBT'), 0), 3) AS completed_pct,
       round(100.0 * count(*) FILTER (WHERE status = 'FILLED') / nullif(count(*) FILTER (WHERE admitted), 0), 3) AS filled_pct
  FROM (SELECT o.status, o.execution_state,
               NOT (o.status = 'REJECTED' AND o.rejection IS NOT NULL) AS admitted,
               o.status = 'REJECTED' AND o.reason = 'EXCHANGE_UNAVAILABLE' AS failed
          FROM oxe.orders o
         WHERE o.created_at >= :from AND o.created_at < :to) AS orders;
