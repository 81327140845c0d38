-- Verify oxe:types on pg
BEGIN;

DO $$
BEGIN
    ASSERT enum_range(NULL::oxe.side)::text = '{BUY,SELL}';
    ASSERT enum_range(NULL::oxe.order_type)::text = '{MARKET,LIMIT,STOP}';
    ASSERT enum_range(NULL::oxe.time_in_force)::text = '{DAY,GTC,IOC,FOK}';
    ASSERT enum_range(NULL::oxe.order_status)::text = '{PENDING,PARTIAL,FILLED,REJECTED,CANCELLED,EXPIRED}';
    ASSERT enum_range(NULL::oxe.execution_state)::text = '{ADMITTED,SENT,WORKING,IN_DOUBT,DONE}';
    ASSERT enum_range(NULL, 'RESUMED'::oxe.audit_action)::text = '{SUBMITTED,APPROVED,EXECUTED,RETRIED,FILLED,REJECTED,CANCEL_REQUESTED,'
        'CANCEL_REJECTED,CANCELLED,EXPIRED,RECOVERED,IN_DOUBT,RESOLVED,HALTED,RESUMED}';
    ASSERT enum_range(NULL::oxe.account_status)::text = '{ACTIVE,SUSPENDED,CLOSED}';
    ASSERT enum_range(NULL::oxe.halt_scope)::text = '{ALL,TRADER,SYMBOL}';
    ASSERT 'BRK.B'::oxe.symbol = 'BRK.B';
    ASSERT oxe.us(timestamptz '2025-10-17 12:01:05.000001+00') = 1760702465000001;
    ASSERT oxe.ts(1760702465000001) = timestamptz '2025-10-17 12:01:05.000001+00';
    ASSERT oxe.trading_day(timestamptz '2025-10-17 03:30:00+00', 'America/New_York', '00:00') = date '2025-10-16';
    ASSERT oxe.trading_day_end(date '2025-10-17', 'America/New_York', '00:00') = timestamptz '2025-10-18 04:00:00+00';
END
$$;

ROLLBACK;
