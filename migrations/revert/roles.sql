-- Revert oxe:roles from pg
-- A role goes only when nothing in any database of the cluster needs it any more and the one who reverts may drop it.
BEGIN;

DROP SCHEMA oxe;

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['oxe_validator', 'oxe_risk', 'oxe_executor', 'oxe_audit',
                                     'oxe_trader', 'oxe_compliance', 'oxe_operations']
    LOOP
        BEGIN
            EXECUTE format('DROP ROLE IF EXISTS %I', role_name);
        EXCEPTION WHEN dependent_objects_still_exist OR object_in_use OR insufficient_privilege THEN
            RAISE NOTICE 'role % stays: %', role_name, SQLERRM;
        END;
    END LOOP;
END
$$;

COMMIT;
