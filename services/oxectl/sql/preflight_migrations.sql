-- Whether the migrations that are deployed are those of the plan $1 (sqitch.plan): (check, status, detail, remedy).
WITH known AS (
    SELECT split_part(line, ' ', 1) AS change, place FROM string_to_table($1::text, E'\n') WITH ORDINALITY AS t (line, place)
     WHERE line ~ '^[a-z]'
), deployed AS (
    SELECT change FROM sqitch.changes WHERE project = 'oxe'
), missing AS (
    SELECT string_agg(change, ', ' ORDER BY place) AS changes FROM known WHERE change NOT IN (SELECT change FROM deployed)
), unknown AS (
    SELECT string_agg(change, ', ' ORDER BY change) AS changes FROM deployed WHERE change NOT IN (SELECT change FROM known)
)
SELECT 'migrations', CASE WHEN m.changes IS NOT NULL OR u.changes IS NOT NULL THEN 'failed' ELSE 'ok' END,
       CASE WHEN m.changes IS NOT NULL THEN 'not deployed: ' || m.changes WHEN u.changes IS NOT NULL THEN 'of a later version: ' || u.changes
            ELSE format('all %s are deployed', (SELECT count(*) FROM known)) END,
       CASE WHEN m.changes IS NOT NULL THEN 'sqitch deploy --verify' ELSE 'install the version that they came with' END
  FROM missing m CROSS JOIN unknown u
