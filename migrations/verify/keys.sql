-- Verify oxe:keys on pg
BEGIN;

DO $$
BEGIN
    ASSERT 'KEY_CHANGED' = ANY (enum_range(NULL::oxe.audit_action)::text[]), 'there is no such action';
    ASSERT oxe.note_key(E'oxe.example.com/log\n1\nAAAA\n\n\u2014 oxe.example.com/log Az3grlgtzPICa5OS8npVmf1M\n') = 'oxe.example.com/log+033de0ae', 'a key is misread';
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.audit_checkpoints'::regclass AND tgname = 'tell_key'), 'it is not told';
END
$$;

ROLLBACK;
