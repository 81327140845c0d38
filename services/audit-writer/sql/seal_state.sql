-- What is written, what the last checkpoint covers, and that checkpoint. No row: another audit-writer has taken over.
SELECT s.frontier, s.sealed_frontier, c.note
  FROM oxe.audit_state s
  LEFT JOIN LATERAL (SELECT note FROM oxe.audit_checkpoints ORDER BY tree_size DESC LIMIT 1) c ON true
 WHERE s.epoch = $1::int8 FOR NO KEY UPDATE OF s
