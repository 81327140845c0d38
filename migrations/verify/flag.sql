-- Verify oxe:flag on pg
BEGIN;

SELECT id, percent, changed_at, actor, role FROM oxe.flag_changes WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('oxe_trader', 'oxe.flag_changes', 'percent', 'SELECT'), 'a gateway cannot read the flag';
    ASSERT has_column_privilege('oxe_trader', 'oxe.limit_changes', 'id', 'SELECT'), 'a gateway cannot see that limits have changed';
    ASSERT NOT has_column_privilege('oxe_trader', 'oxe.flag_changes', 'actor', 'SELECT'), 'a trader''s session sees who sets the flag';
    ASSERT has_column_privilege('oxe_operations', 'oxe.flag_changes', 'percent', 'INSERT'), 'operations cannot set the flag';
    ASSERT NOT has_column_privilege('oxe_operations', 'oxe.flag_changes', 'role', 'INSERT'), 'operations may set it in another''s name';
END
$$;

ROLLBACK;
