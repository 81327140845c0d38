-- Deploy oxe:cosigning to pg
-- requires: archives
-- A proof for a witness may begin in a month that is archived: it was away, or nothing has happened since.
BEGIN;

GRANT SELECT ON oxe.audit_leaves, oxe.audit_archived_leaves TO oxe_audit;

COMMIT;
