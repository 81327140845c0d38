SELECT note FROM oxe.audit_published ORDER BY tree_size DESC LIMIT 1
