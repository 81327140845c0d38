-- One row, also when nobody has set it. $1 is not used: there is one flag.
SELECT json_agg(t) FROM (
    SELECT 'ORDER_EXECUTION_V2_ENABLED' AS flag,
           CASE f.percent WHEN 0 THEN 'false' WHEN 100 THEN 'true' ELSE coalesce(f.percent || '%', 'not set') END AS value,
           f.percent, to_char(f.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at, f.actor, f.role
      FROM (VALUES ($1::int)) AS always (one)
      LEFT JOIN LATERAL (SELECT * FROM oxe.flag_changes ORDER BY id DESC LIMIT 1) AS f ON true
) AS t
