-- Of each part, $3 hashes of level $1 of the tiles, from number $2 on: as many as are there, one after the other.
SELECT coalesce(
           (SELECT string_agg(leaf_hash, ''::bytea ORDER BY log_seq)
              FROM oxe.execution_logs
             WHERE part.level = 0 AND log_seq > part.first AND log_seq <= part.first + part.count),
           (SELECT string_agg(hash, ''::bytea ORDER BY place)
              FROM oxe.audit_tiles
             WHERE part.level > 0 AND level = part.level AND place >= part.first AND place < part.first + part.count),
           ''::bytea)
  FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS part (level, first, count, place)
 ORDER BY part.place
