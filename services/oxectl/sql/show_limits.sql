-- $1 subject or id of a trader, $2 the columns. No row: there is no such trader.
SELECT json_agg(json_build_object('limit', l.name, 'value', oxe.plain(to_jsonb(t) -> l.name)) ORDER BY l.place)
  FROM oxe.traders t
 CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS l (name, place)
 WHERE t.id = coalesce((SELECT id FROM oxe.traders WHERE subject = $1::text),
                       (SELECT id FROM oxe.traders WHERE id::text = lower($1::text)))
HAVING count(*) > 0
