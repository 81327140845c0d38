-- A trader's last event, and the first that the log still has; the others are archived. NULL: all are.
SELECT last_seq, (SELECT min(trader_seq) FROM oxe.execution_logs WHERE trader_id = $1::uuid)
  FROM oxe.audit_traders WHERE trader_id = $1::uuid
