-- Revert oxe:commands from pg
BEGIN;

DROP TABLE oxe.commands;
DROP TYPE oxe.resolve_action, oxe.command_kind;

COMMIT;
