-- $1 trader ids. One decision about a trader's next order at a time, also of other risk-managers and of executors that decide one anew (the
-- same numbers there): what such decisions write stands until COMMIT. Executions go on, no row is locked. Then the halts' lock, shared: who
-- sets or lifts a halt takes it alone, so an order is decided either before the halt or under it. 5199937 is 'OXA' in ASCII, 1751215220 'halt'.
SELECT pg_advisory_xact_lock(5199937, key)
  FROM (SELECT DISTINCT uuid_hash(id) AS key FROM unnest($1::uuid[]) AS u (id) ORDER BY key) AS keys
UNION ALL
SELECT pg_advisory_xact_lock_shared(1751215220)
