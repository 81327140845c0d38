SELECT trader_id, last_seq FROM oxe.audit_traders WHERE trader_id = ANY ($1::uuid[])
