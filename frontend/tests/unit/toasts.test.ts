// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { ONE, parseDecimal } from '@/lib/decimal'
import type { DeskEvent } from '@/lib/desk'
import { folded, KEPT, type Messages } from '@/lib/toasts'
import type { Order, OrderEvent } from '@/lib/types'

const d = (text: string): bigint => parseDecimal(text) as bigint

const order = (change: Partial<Order> = {}): Order =>
  ({
    id: 'o1',
    symbol: 'NVDA',
    side: 'SELL',
    order_type: 'MARKET',
    quantity: 50n * ONE,
    filled_quantity: 0n,
    price: null,
    status: 'PARTIAL',
    execution_state: 'WORKING',
    cancel_requested_at: null,
    ...change,
  }) as Order

let seq = 0
const fill = (quantity: string, price: string, total: string, change: Partial<Order> = {}): DeskEvent => ({
  kind: 'filled',
  order: order({ filled_quantity: d(total), ...change }),
  event: {
    event: 'order.filled',
    seq: ++seq,
    quantity_filled: d(quantity),
    price_at_fill: d(price),
    total_filled: d(total),
  } as OrderEvent,
  problem: null,
})

const none: Messages = { toasts: [], more: 0 }
const told = (messages: Messages) => messages.toasts.map(({ title, detail }) => [title, detail])

test('one fill says its own price and how far the order is', () => {
  expect(told(folded(none, fill('25', '121.4', '25'), 0))).toEqual([['Sold 25 NVDA at 121.40', 'PARTIAL, 25 of 50']])
})

test('fills of one order within a second are one message', () => {
  let messages = folded(none, fill('20', '121.47', '20'), 0)
  messages = folded(messages, fill('20', '121.47', '40'), 400)
  messages = folded(messages, fill('10', '121.46', '50', { status: 'FILLED' }), 1300)
  expect(told(messages)).toEqual([['Sold 50 NVDA at 121.47', 'FILLED, 3 fills, average 121.468']])
})

test('a fill after a second, or of another order, is a message of its own', () => {
  let messages = folded(none, fill('20', '121.47', '20'), 0)
  messages = folded(messages, fill('20', '121.47', '40'), 1000)
  messages = folded(messages, fill('5', '10', '5', { id: 'o2', symbol: 'SPY', side: 'BUY' }), 1100)
  expect(messages.toasts.map((toast) => toast.title)).toEqual([
    'Sold 20 NVDA at 121.47',
    'Sold 20 NVDA at 121.47',
    'Bought 5 SPY at 10.00',
  ])
})

test('a fill that came before the cancel says so', () => {
  const event = fill('50', '173.4', '50', { status: 'FILLED', cancel_requested_at: '2026-11-24T16:41:50Z' })
  expect(folded(none, event, 0).toasts[0]?.detail).toBe('FILLED before the cancel reached the exchange')
})

test('a cancelled order says what was filled', () => {
  const of = (filled: string): DeskEvent => ({
    kind: 'cancelled',
    order: order({ filled_quantity: d(filled), quantity: d('60'), symbol: 'GOOG' }),
    event: null,
    problem: null,
  })
  expect(folded(none, of('20'), 0).toasts[0]?.title).toBe('GOOG cancelled, 20 of 60 were filled')
  expect(folded(none, of('0'), 0).toasts[0]?.title).toBe('GOOG cancelled, nothing was filled')
})

test('a recorded refusal says how many rules, and where it is recorded', () => {
  const event = {
    kind: 'refused',
    order: order({ side: 'BUY', quantity: d('6000'), symbol: 'AAPL', price: d('166.5') }),
    event: null,
    problem: {
      detail: 'The order breaks 2 rules.',
      order_id: '0199f0a5-7d0c-7a41-b3c2-55e1d277d41c',
      request_id: 'r1',
      errors: [{}, {}],
    },
  } as unknown as DeskEvent
  const toast = folded(none, event, 0).toasts[0]
  expect([toast?.title, toast?.detail, toast?.stays]).toEqual([
    'Refused: BUY 6,000 AAPL at 166.50',
    '2 rules, recorded as …77d41c',
    true,
  ])
})

test('a refusal by one rule reads as one sentence, also with a reason in quotes', () => {
  const told = (detail: string, recorded: boolean) =>
    folded(
      none,
      {
        kind: 'refused',
        order: null,
        event: null,
        problem: { detail, request_id: 'r1', errors: [{}], ...(recorded && { order_id: '0199f0a5-77d41c' }) },
      } as unknown as DeskEvent,
      0,
    ).toasts[0]?.detail
  const halted = "Trading is halted for AAPL; wait until the halt is lifted. Its reason: 'news pending'."
  expect(told(halted, true)).toBe(`${halted.slice(0, -1)}, recorded as …77d41c`)
  expect(told(halted, false)).toBe(halted)
})

test('four are kept; what goes by itself is pushed out before what stays', () => {
  const doubt: DeskEvent = { kind: 'in_doubt', order: order({ id: 'doubt' }), event: null, problem: null }
  let messages = folded(none, doubt, 0)
  for (let i = 0; i < 8; i++) messages = folded(messages, fill('1', '1', '1', { id: `f${i}` }), i * 10)
  expect(messages.toasts).toHaveLength(KEPT)
  expect(messages.toasts[0]?.key).toBe('doubt doubt')
  expect(messages.more).toBe(5)
})
