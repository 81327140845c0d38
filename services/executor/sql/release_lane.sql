WITH given AS (UPDATE oxe.lanes SET owner = NULL, session = 'DOWN', why = NULL, session_at = now(), updated_at = now() WHERE lane = $2 AND epoch = $3)
SELECT pg_advisory_unlock($1::integer, $2::integer)
