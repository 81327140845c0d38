SELECT note FROM oxe.audit_checkpoints ORDER BY tree_size DESC LIMIT 1
