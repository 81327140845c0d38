-- The leaf hashes after entry $1 up to entry $2, one after the other.
SELECT count(*), coalesce(string_agg(leaf_hash, ''::bytea ORDER BY log_seq), ''::bytea)
  FROM oxe.execution_logs
 WHERE log_seq > $1::int8 AND log_seq <= $2::int8
