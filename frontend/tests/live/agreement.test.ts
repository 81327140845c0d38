// SPDX-License-Identifier: Apache-2.0
// The screen reckons some things by itself: what a running suite says of the same must be the same, word for word and byte for byte.
import { expect, test, vi } from 'vitest'
import { allFixes, fixesFor } from '@/app/(authed)/orders/components/ticket/faults'
import { decimalText } from '@/lib/decimal'
import { type Draft, emptyDraft } from '@/lib/draft'
import { parseExact } from '@/lib/json'
import { leafHash } from '@/lib/leafhash'
import { checkDraft } from '@/lib/rules'
import type { AuditEntry, Fault, Instrument, Order } from '@/lib/types'

const { OXE_ORIGIN: origin, OXE_TOKEN: token } = process.env
if (!origin || !token) throw new Error('OXE_ORIGIN and OXE_TOKEN say which suite is asked, and as whom')

async function ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(`${origin}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
  return parseExact(await response.text()) as T
}

// As often as it takes: the last price stands in some sentences and limits, and may move in between.
const settled = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 100 })

// What was typed, sent as it is.
const sent = (draft: Draft, symbol: string | null) => ({
  ...(symbol && { symbol }),
  side: draft.side,
  order_type: draft.orderType,
  time_in_force: draft.timeInForce,
  ...(draft.quantity && { quantity: draft.quantity }),
  ...(draft.price && { price: draft.price }),
  ...(draft.stopLoss && { stop_loss: draft.stopLoss }),
  ...(draft.takeProfit && { take_profit: draft.takeProfit }),
})

// Those of the form come alone: the suite does not look further until an order can be read.
const wrongs: [string, Partial<Draft>, string?][] = [
  ['no symbol', {}, ''],
  ['no quantity', { quantity: '' }],
  ['zero', { quantity: '0' }],
  ['a negative price', { price: '-1' }],
  ['nine digits', { stopLoss: '1.123456789' }],
  ['eleven digits', { takeProfit: '10000000000' }],
  ['no number', { price: '1x' }],
  ['three at once', { quantity: '0', price: '0.123456789', takeProfit: '99999999999' }],
  ['unknown', {}, 'NOPE'],
  ['a LIMIT without price', { price: '' }],
  ['a STOP without trigger', { orderType: 'STOP', price: '' }],
  ['off lot and ticks', { quantity: '1.5', price: '1.0000001', stopLoss: '0.9000001', takeProfit: '1.9000001' }],
  ['less than a lot and a tick', { quantity: '0.00000001', price: '0.00000001' }],
  ['a stop loss over a BUY', { stopLoss: '9999' }],
  ['a take profit under a BUY', { takeProfit: '0.01' }],
  ['a stop loss under a SELL', { side: 'SELL', stopLoss: '0.01' }],
  ['a take profit over a SELL', { side: 'SELL', takeProfit: '9999' }],
  ['both of a MARKET', { orderType: 'MARKET', price: '', stopLoss: '9999', takeProfit: '0.01' }],
  ['both of a STOP', { orderType: 'STOP', stopLoss: '9999', takeProfit: '0.01' }],
  ['legs of an order without a price', { price: '', stopLoss: '20', takeProfit: '10' }],
  ['an order with nothing wrong', {}],
]

const screens =
  'REQUIRED INVALID_VALUE NOT_POSITIVE TOO_PRECISE OUT_OF_RANGE PRICE_REQUIRED TICK_SIZE LOT_SIZE STOP_LOSS_SIDE'
const checked = new Set(`${screens} TAKE_PROFIT_SIDE UNKNOWN_SYMBOL SYMBOL_NOT_TRADABLE`.split(' '))
const words = (faults: readonly Fault[]) =>
  faults
    .filter(({ code }) => checked.has(code))
    .map(({ field, code, message }) => `${field} ${code} ${message}`)
    .sort()

const members: Partial<Record<keyof Draft, string>> = {
  quantity: '/quantity',
  price: '/price',
  stopLoss: '/stop_loss',
  takeProfit: '/take_profit',
}

test('of each wrong order the suite says what the screen has said', async () => {
  const { instruments } = await ask<{ instruments: Instrument[] }>('GET', '/instruments')
  const shut = instruments.find((one) => !one.tradable)
  for (const [name, change, other] of [...wrongs, ['not tradable', {}, shut?.symbol] as const]) {
    if (name === 'not tradable' && !shut) continue
    const symbol = other ?? 'AAPL'
    const draft: Draft = { ...emptyDraft, quantity: '10', price: '150', ...change }
    await settled(async () => {
      const { instruments } = await ask<{ instruments: Instrument[] }>('GET', '/instruments')
      const instrument = instruments.find((one) => one.symbol === symbol) ?? null
      const answer = await ask<{ errors?: Fault[] }>('POST', '/orders/preview', sent(draft, symbol))
      expect(words(checkDraft(draft, symbol, instrument)), name).toEqual(words(answer.errors ?? []))
    })
  }
})

const tooMuch: [string, Partial<Draft>][] = [
  ['beyond every limit', { quantity: '900001', price: '100000' }],
  ['beyond the collar', { quantity: '1.5', price: '9999.999' }],
  ['under the collar', { quantity: '10', price: '0.011' }],
  ['more than is held', { side: 'SELL', quantity: '77.7', price: '' }],
  ['legs on the wrong side', { quantity: '10.5', stopLoss: '9999', takeProfit: '0.01' }],
  ['dear at the market', { orderType: 'MARKET', price: '', quantity: '5000000' }],
  ['dear behind a trigger', { orderType: 'STOP', quantity: '5000000' }],
]

test('what Correct all sets is not refused for the same again', async () => {
  for (const [name, change] of tooMuch) {
    await settled(async () => {
      const { instruments } = await ask<{ instruments: Instrument[] }>('GET', '/instruments')
      const instrument = instruments.find((one) => one.symbol === 'AAPL') as Instrument
      const draft: Draft = { ...emptyDraft, quantity: '10', price: decimalText(instrument.last_price ?? 0n), ...change }
      const refused = await ask<{ errors: Fault[] }>('POST', '/orders/preview', sent(draft, 'AAPL'))
      const instant = checkDraft(draft, 'AAPL', instrument)
      const mended = allFixes(fixesFor([...instant, ...refused.errors], draft, instrument))
      expect(mended, name).not.toEqual({})
      const after = await ask<{ errors: Fault[] }>('POST', '/orders/preview', sent({ ...draft, ...mended }, 'AAPL'))
      const told = new Set(Object.keys(mended).map((field) => members[field as keyof Draft]))
      expect(
        after.errors.filter(({ field }) => told.has(field)),
        name,
      ).toEqual([])
    })
  }
})

test('the leaf hash of every entry is the one that the suite wrote', async () => {
  const body = { symbol: 'AAPL', side: 'BUY', order_type: 'MARKET', time_in_force: 'IOC', quantity: '10' }
  const order = await ask<Order>('POST', '/orders', body)
  let entries: AuditEntry[] = []
  await settled(async () => {
    entries = (await ask<{ entries: AuditEntry[] }>('GET', `/orders/${order.id}/audit`)).entries
    expect(entries.at(-1)?.execution_state).toBe('DONE')
  })
  expect(entries.length).toBeGreaterThan(3)
  for (const entry of entries) expect(await leafHash(entry), entry.action).toBe(entry.hash)
})
