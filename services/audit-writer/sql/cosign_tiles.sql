-- The hashes $2 … $3 - 1 of a level above the leaves, one after the other.
SELECT count(*), coalesce(string_agg(hash, ''::bytea ORDER BY place), ''::bytea)
  FROM oxe.audit_tiles
 WHERE level = $1::int2 AND place >= $2::int8 AND place < $3::int8
