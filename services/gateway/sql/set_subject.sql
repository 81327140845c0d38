SELECT set_config('oxe.subject', $1, true)
