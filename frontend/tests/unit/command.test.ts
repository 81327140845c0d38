// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { readCommand } from '@/lib/command'

const read = (text: string) => readCommand(text, (symbol) => ['AAPL', 'BRK.B', 'SELL'].includes(symbol))
const order = { side: 'BUY', quantity: '100', symbol: 'AAPL', orderType: 'MARKET', price: '', timeInForce: 'DAY' }

test.each([
  ['buy 100 aapl', {}],
  ['  B 100 AAPL ', {}],
  [
    'sell 6,000 brk.b 1,5 GTC',
    { side: 'SELL', quantity: '6,000', symbol: 'BRK.B', orderType: 'LIMIT', price: '1,5', timeInForce: 'GTC' },
  ],
  ['s 100 aapl 150.80 fok', { side: 'SELL', orderType: 'LIMIT', price: '150.80', timeInForce: 'FOK' }],
  ['buy 100 aapl ioc', { timeInForce: 'IOC' }],
  ['buy 100 sell', { symbol: 'SELL' }],
  ['buy .5 aapl', { quantity: '.5' }],
  ['buy -5 aapl', { quantity: '-5' }],
])('%j fills the ticket', (text, change) => {
  expect(read(text)).toEqual({ kind: 'order', order: { ...order, ...change } })
})

test.each(['', 'b', 'buy', 'aapl', 'buyer 100 aapl', 'halt aapl', 'constructor 1 aapl'])('%j is no order', (text) => {
  expect(read(text)).toEqual({ kind: 'none' })
})

test.each([
  ['buy ', 'quantity'],
  ['sell 10', 'symbol'],
])('%j waits for the %s', (text, next) => expect(read(text)).toMatchObject({ kind: 'partial', next }))

test.each([
  ['buy aapl', "'aapl' is no quantity."],
  ['buy 10 msft', 'There is no instrument MSFT.'],
  ['buy 10 aapl 150 151', "'151' is not expected here."],
  ['buy 10 aapl day 150', "'150' is not expected here."],
  ['buy 10 aapl day gtc', "'gtc' is not expected here."],
  ['buy 10 aapl now', "'now' is not expected here."],
  ['buy 1e5 aapl', "'1e5' is no quantity."],
])('%j is refused: %s', (text, begin) => {
  const command = read(text)
  expect(command.kind === 'fault' && command.text.startsWith(begin)).toBe(true)
})
