-- $1 trader ids. For orders that are decided anew: one decision about a trader's next order at a time, as admission does (the same numbers
-- in risk-manager). 5199937 is 'OXA' in ASCII.
SELECT pg_advisory_xact_lock(5199937, key)
FROM (SELECT DISTINCT uuid_hash(id) AS key FROM unnest($1::uuid[]) AS u (id) ORDER BY key) AS keys
