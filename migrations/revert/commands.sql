-- Revert oxe:commands from pg
BEGIN;

REVOKE UPDATE (cancel_requested_at) ON oxe.orders FROM oxe_executor;
DROP TABLE oxe.commands;
DROP TYPE oxe.resolve_action, oxe.command_kind;

COMMIT;
