-- The hashes $1 … $2 - 1 of entries, counted from 0, archived or not, one after the other. Numbers that are spelt out, since the planner
-- would take a range that it does not know for a good part of the log.
SELECT count(*), coalesce(string_agg(leaf_hash, ''::bytea ORDER BY log_seq), ''::bytea)
  FROM generate_series($1::int8 + 1, $2::int8) AS log_seq JOIN oxe.audit_leaves USING (log_seq)
