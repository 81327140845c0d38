-- Verify oxe:resync on pg
BEGIN;

DO $$
BEGIN
    ASSERT 'LANE_RESYNCED' = ANY (enum_range(NULL::oxe.audit_action)::text[]), 'there is no such action';
    PERFORM logout_text, in_expected, in_received, out_next, out_expected FROM oxe.lanes WHERE false;
    PERFORM id, lane, reason, actor, role, asked_at, done_at, done_by, from_in_seq FROM oxe.lane_resyncs WHERE false;
    ASSERT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'oxe.lane_resyncs'::regclass AND tgname = 'tell_resync'), 'it is not told';
    ASSERT has_column_privilege('oxe_risk', 'oxe.lanes', 'owner', 'SELECT'), 'risk-manager does not see who owns a lane';
END
$$;

ROLLBACK;
