-- No row: another audit-writer has taken over.
SELECT next_log_seq, frontier, oxe.us(last_recorded_at) FROM oxe.audit_state WHERE epoch = $1::int8 FOR NO KEY UPDATE
