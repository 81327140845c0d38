SELECT set_config('oxe.trader', $1, true)
