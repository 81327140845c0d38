-- Takes month $1 out of the log, whose export has the entries from $2 to $3.
SELECT oxe.archive_month(to_date($1::text, 'YYYY-MM'), $2::bigint, $3::bigint)
