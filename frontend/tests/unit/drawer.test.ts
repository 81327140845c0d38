import { describe, expect, test } from 'vitest'
import { spanText } from '@/app/(authed)/orders/components/drawer/latency'
import { proofOf, verdict } from '@/app/(authed)/orders/components/drawer/proofs'
import { parseExact } from '@/lib/json'
import type { AuditEntry } from '@/lib/types'

// The example of docs/audit-format.md.
const entry = parseExact(
  '{"log_seq":1000,"event_id":"0199f0a5-7d0c-7000-8000-000000000e01","order_id":"0199f0a5-7d0c-7000-8000-000000000001","trader_id":"0199f000-0000-7000-8000-00000000000a","trader_seq":42,"action":"FILLED","status":"PARTIAL","execution_state":"WORKING","symbol":"AAPL","quantity":50,"price":150.45,"total_filled":50,"average_price":150.45,"venue":"SIM","reason":"LATE","message":"50 at 150.45 – \\"späte\\" Ausführung","actor":"executor","timestamp":"2025-10-17T12:01:05.000000Z","recorded_at":"2025-10-17T12:01:05.002500Z","hash":"0ec70f6f343048ff7ace3f0767e14ee4998fbc11d42425e8c23723ac2fa02ed5","side":"BUY","venue_exec_id":"E-1001","trace_id":"101112131415161718191a1b1c1d1e1f"}',
) as AuditEntry

describe('proofs of the trail', () => {
  test('an entry that was changed does not match', async () => {
    expect(await proofOf(entry)).toBe('equal')
    expect(await proofOf({ ...entry, quantity: 51_00000000n })).toBe('different')
    expect(await proofOf({ ...entry, message: null })).toBe('different')
  })

  test('the verdict counts, and waits for all of them', () => {
    const two = [entry, { ...entry, log_seq: 1001 }]
    const said = (...proofs: ['equal' | 'different' | 'impossible', 'equal' | 'different' | 'impossible']) =>
      verdict(two, new Map([[1000, proofs[0]] as const, [1001, proofs[1]] as const]))
    expect(verdict(two, new Map([[1000, 'equal'] as const]))).toBe(null)
    expect(said('equal', 'equal')).toEqual({ ok: true, text: '2 of 2 hashes recomputed here and equal' })
    expect(said('equal', 'different')).toEqual({ ok: false, text: '1 of 2 hashes does not match' })
    expect(said('different', 'different')).toEqual({ ok: false, text: '2 of 2 hashes do not match' })
    expect(said('equal', 'impossible')?.ok).toBe(false)
  })
})

test.each([
  [0n, '0.0 ms'],
  [1_784n, '1.7 ms'],
  [99_999n, '99.9 ms'],
  [412_000n, '412 ms'],
  [4_621_668n, '4.62 s'],
  [37_288_547n, '37.2 s'],
  [192_000_000n, '3 m 12 s'],
  [7_560_000_000n, '2 h 06 m'],
  [345_600_000_000n, '4 d'],
  [-2_000n, '−2.0 ms'],
])('%d µs are told as %s', (us, text) => {
  expect(spanText(us)).toBe(text)
})
