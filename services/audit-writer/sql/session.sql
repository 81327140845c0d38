-- The plan of a statement stays while its tables grow: the outbox is empty most of the time, and what waits in it is sorted by the index;
-- a month's partition is empty when its first checkpoint is made, and its last leaves are found by the index, too.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('jit', 'off', false)
