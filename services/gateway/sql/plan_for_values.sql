-- Plans that know the values: which index serves a search depends on what it filters by.
SET LOCAL plan_cache_mode = force_custom_plan
