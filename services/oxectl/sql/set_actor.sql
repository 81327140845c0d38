-- $1 who asks, for oxe.limit_changes and oxe.flag_changes.
SELECT set_config('oxe.actor', $1::text, false)
