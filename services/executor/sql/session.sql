-- $1 time zone, $2 local time at which a day begins: wrong ones show here, not with the first order.
-- Every statement here reaches few rows through an index, in tables that grow while the plan stays: a plan made while a table
-- was small must not go on reading all of it.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('jit', 'off', false),
       oxe.trading_day(now(), $1::text, $2::time)
