-- Deploy oxe:backups to pg
-- requires: keys
-- Which backups there are, as deploy/backup/backup has recorded them, and the role that makes them. It reads no row of the suite: what it
-- copies are PostgreSQL's files. A server whose migrations' owner may not grant the functions has other backups, its provider's.
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oxe_backup') THEN
        BEGIN
            CREATE ROLE oxe_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this cluster made it at the same moment
        END;
    END IF;
    BEGIN
        GRANT pg_read_all_settings TO oxe_backup;
        GRANT EXECUTE ON FUNCTION pg_catalog.pg_backup_start(text, boolean), pg_catalog.pg_backup_stop(boolean),
                                  pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal() TO oxe_backup;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'oxe_backup cannot make backups here: %', SQLERRM;
    END;
END
$$;
GRANT USAGE ON SCHEMA oxe TO oxe_backup;

CREATE TABLE oxe.backups (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('full', 'diff', 'incr')),
    label       text NOT NULL UNIQUE, -- pgBackRest's
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    bytes       bigint NOT NULL CHECK (bytes >= 0), -- that it added to the repository
    CHECK (finished_at >= started_at)
);
CREATE INDEX ON oxe.backups (finished_at);

GRANT SELECT ON oxe.backups TO oxe_backup, oxe_operations;
GRANT INSERT (kind, label, started_at, finished_at, bytes) ON oxe.backups TO oxe_backup;
-- A gateway exports how old the last one is.
GRANT SELECT (finished_at) ON oxe.backups TO oxe_trader;

COMMIT;
