-- Revert oxe:backups from pg
-- The role goes only when nothing in any database of the cluster needs it any more and the one who reverts may drop it.
BEGIN;

DROP TABLE oxe.backups;
REVOKE USAGE ON SCHEMA oxe FROM oxe_backup;

DO $$
BEGIN
    BEGIN
        REVOKE EXECUTE ON FUNCTION pg_catalog.pg_backup_start(text, boolean), pg_catalog.pg_backup_stop(boolean),
                                   pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal() FROM oxe_backup;
    EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- who may not revoke them could not grant them
    END;
    DROP ROLE oxe_backup;
EXCEPTION WHEN dependent_objects_still_exist OR object_in_use OR insufficient_privilege THEN
    RAISE NOTICE 'role oxe_backup stays: %', SQLERRM;
END
$$;

COMMIT;
