-- The newest published checkpoint, unless it has a stamp already, and when the last stamp was made. Always one row.
SELECT p.tree_size, p.note, oxe.us(s.stamped_at)
  FROM (SELECT max(stamped_at) AS stamped_at FROM oxe.audit_stamps) s
  LEFT JOIN LATERAL (SELECT tree_size, note FROM oxe.audit_published ORDER BY tree_size DESC LIMIT 1) p
    ON NOT EXISTS (SELECT FROM oxe.audit_stamps a WHERE a.tree_size = p.tree_size)
