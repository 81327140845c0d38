UPDATE oxe.audit_state SET epoch = epoch + 1 RETURNING epoch
