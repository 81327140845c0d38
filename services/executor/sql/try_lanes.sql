-- Held until unlocked or until the connection ends. $1 LANE_LOCK_CLASS.
SELECT lane, pg_try_advisory_lock($1::integer, lane) FROM unnest($2::integer[]) AS u (lane)
