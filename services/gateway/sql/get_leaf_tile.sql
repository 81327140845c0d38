-- The leaf hashes $1 … $2 - 1, counted from 0, one after the other; of what a checkpoint covers.
SELECT count(*), coalesce(string_agg(leaf_hash, ''::bytea ORDER BY log_seq), ''::bytea)
  FROM oxe.audit_leaves
 WHERE log_seq > $1::bigint AND log_seq <= $2::bigint AND $2::bigint <= (SELECT max(tree_size) FROM oxe.audit_checkpoints)
