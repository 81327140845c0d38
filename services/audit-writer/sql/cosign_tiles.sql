-- The hashes $2 … $3 - 1 of a level above the leaves, one after the other; spelt out as in cosign_leaves.
SELECT count(*), coalesce(string_agg(hash, ''::bytea ORDER BY place), ''::bytea)
  FROM generate_series($2::int8, $3::int8 - 1) AS place JOIN oxe.audit_tiles USING (place)
 WHERE level = $1::int2
