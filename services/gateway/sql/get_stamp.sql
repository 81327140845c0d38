SELECT oxe.us(stamped_at), note, answer FROM oxe.audit_stamps ORDER BY tree_size DESC LIMIT 1
