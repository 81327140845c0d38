-- The newest checkpoint, and how many entries the last one covers that was published. Always one row.
SELECT c.tree_size, c.note, p.published
  FROM (SELECT max(tree_size) AS published FROM oxe.audit_published) p
  LEFT JOIN LATERAL (SELECT tree_size, note FROM oxe.audit_checkpoints ORDER BY tree_size DESC LIMIT 1) c ON true
