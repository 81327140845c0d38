-- $1 who asks and $2 why, for the audit log, oxe.limit_changes and oxe.flag_changes.
SELECT set_config('oxe.actor', $1::text, false), set_config('oxe.reason', $2::text, false)
