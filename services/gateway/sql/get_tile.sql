-- The hashes $2 … $3 - 1 of a level above the leaves, one after the other. They are there once a checkpoint covers them.
SELECT count(*), coalesce(string_agg(hash, ''::bytea ORDER BY place), ''::bytea)
  FROM oxe.audit_tiles
 WHERE level = $1::smallint AND place >= $2::bigint AND place < $3::bigint
