SELECT last_seq FROM oxe.audit_traders WHERE trader_id = $1::uuid
