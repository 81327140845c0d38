// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { effect, haltWord, hindrance, orderName, scopeName } from '@/app/(authed)/operations/components/texts'
import { ONE } from '@/lib/decimal'
import type { OpenQuestion } from '@/lib/types'

const order: OpenQuestion = {
  id: '0199f0a5-6b21-7c08-9d10-2e6f60d1a7b9',
  trader_id: '0199f000-0000-7000-8000-000000000a3f',
  symbol: 'AMZN',
  side: 'BUY',
  order_type: 'LIMIT',
  quantity: 80n * ONE,
  price: 185_10000000n,
  filled_quantity: 0n,
  average_price: null,
  status: 'PENDING',
  execution_state: 'IN_DOUBT',
  reason: 'EXCHANGE_UNAVAILABLE',
  attempts: 3,
  next_check_at: null,
  recalls: null,
  lane: 5,
  commands: null,
  created_at: '2026-11-24T16:35:41.220871Z',
  updated_at: '2026-11-24T16:36:03.519207Z',
}
const fill = (quantity: bigint) => ({ quantity: quantity * ONE, price: 185_08000000n, execId: 'E-20412' })

describe('a halt', () => {
  it.each([
    [{ scope: 'ALL', symbol: null, trader_id: null }, 'HALT ALL', 'All traders'],
    [{ scope: 'SYMBOL', symbol: 'AAPL', trader_id: null }, 'HALT AAPL', 'AAPL'],
    [{ scope: 'TRADER', symbol: null, trader_id: order.trader_id }, 'HALT 0a3f', 'Trader …0a3f'],
  ] as const)('is confirmed by its scope', (halt, word, name) => {
    expect(haltWord(halt)).toBe(word)
    expect(scopeName(halt)).toBe(name)
  })
})

describe('a resolution', () => {
  it('names the order', () => expect(orderName(order)).toBe('AMZN BUY 80 LIMIT 185.10'))
  it('says what a whole FILL moves', () =>
    expect(effect('FILL', order, fill(80n))).toBe(
      'FILL of 80 at 185.08 as E-20412. The trader’s cash falls by 14,806.40, the AMZN position grows by 80, the order is FILLED, and the audit trail names you.',
    ))
  it('says what a FILL leaves open, and what it has too much', () => {
    expect(effect('FILL', order, fill(30n))).toContain('50 stay open and in doubt')
    expect(effect('FILL', order, fill(90n))).toContain('10 more than the order has left')
    expect(effect('FILL', { ...order, side: 'SELL' }, fill(80n))).toContain('cash rises by 14,806.40')
  })
  it('is told not to be possible where the executor would refuse it', () => {
    expect(hindrance('RETRY', order)).toBeNull()
    expect(hindrance('RETRY', { ...order, filled_quantity: ONE })).toContain('filled in part')
    expect(hindrance('REJECT', { ...order, filled_quantity: ONE })).toContain('filled in part')
    expect(hindrance('CANCEL', { ...order, filled_quantity: ONE })).toBeNull()
    expect(hindrance('FILL', { ...order, execution_state: 'DONE' })).toContain('over here')
  })
})
