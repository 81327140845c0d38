-- $1 who asks, for oxe.limit_changes.
SELECT set_config('oxe.actor', $1::text, false)
