// SPDX-License-Identifier: Apache-2.0
// What the review says of an order.
import { expect, test } from 'vitest'
import { headline, terms } from '@/app/(authed)/orders/components/ticket/words'
import { parseDecimal } from '@/lib/decimal'
import type { NewOrder } from '@/lib/types'

const of = (text: string) => parseDecimal(text) as bigint
const order = (change: Partial<NewOrder>): NewOrder => ({
  symbol: 'AAPL',
  side: 'BUY',
  quantity: of('1000'),
  order_type: 'LIMIT',
  time_in_force: 'DAY',
  price: of('150.8'),
  ...change,
})

test('the headline', () => {
  expect(headline(order({}))).toBe('Buy 1,000 AAPL')
  expect(headline(order({ side: 'SELL', quantity: of('0.25'), symbol: 'BTC-USD' }))).toBe('Sell 0.25 BTC-USD')
})

test.each([
  [{}, 'at 150.80 or better, today'],
  [{ order_type: 'MARKET', price: undefined }, 'at the market, last 150.94, today'],
  [{ order_type: 'STOP', price: of('123') }, 'at the market once 123.00 trades, today'],
  [{ time_in_force: 'GTC' }, 'at 150.80 or better, until cancelled'],
  [{ time_in_force: 'IOC' }, 'at 150.80 or better, now or not at all, in part'],
  [{ time_in_force: 'FOK' }, 'at 150.80 or better, now and whole, or not'],
] as [Partial<NewOrder>, string][])('terms %#', (change, text) => {
  expect(terms(order(change), of('150.94'), 2)).toBe(text)
})
