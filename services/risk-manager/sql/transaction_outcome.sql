-- $1 a transaction's number. NULL: too long ago to know.
SELECT status = 'committed', status = 'in progress' FROM pg_xact_status($1::bigint::text::xid8) AS status
