-- Of each part, $3 hashes of level $1 of the tiles, from number $2 on: as many as are there, one after the other. Numbers that are
-- spelt out, since the planner would take a range that it does not know for a good part of the log.
SELECT coalesce(
           (SELECT string_agg(leaf_hash, ''::bytea ORDER BY log_seq)
              FROM generate_series(part.first + 1, part.first + part.count) AS log_seq JOIN oxe.audit_leaves USING (log_seq)
             WHERE part.level = 0),
           (SELECT string_agg(hash, ''::bytea ORDER BY place)
              FROM generate_series(part.first, part.first + part.count - 1) AS place JOIN oxe.audit_tiles USING (place)
             WHERE part.level > 0 AND level = part.level),
           ''::bytea)
  FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS part (level, first, count, place)
 ORDER BY part.place
