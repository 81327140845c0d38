-- $1 at most so many, newest first.
SELECT coalesce(json_agg(t), '[]') FROM (
    SELECT to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at, actor, role,
           lag(percent) OVER (ORDER BY id) AS before, percent AS after
      FROM oxe.flag_changes ORDER BY id DESC LIMIT $1::int
) AS t
