-- The last entry that is archived; 0: none.
SELECT coalesce(max(last_seq), 0) FROM oxe.audit_archives
