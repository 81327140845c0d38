// SPDX-License-Identifier: Apache-2.0
// Which instruments a few letters mean, and in which order.
import { expect, test } from 'vitest'
import { matching } from '@/lib/matching'
import type { Instrument } from '@/lib/types'

const one = (symbol: string, name: string, tradable = true) => ({ symbol, name, tradable }) as Instrument
const all = [
  one('AMZN', 'Amazon.com Inc.'),
  one('DELISTED', 'An instrument that is no longer traded', false),
  one('MSFT', 'Microsoft Corporation'),
  one('SPY', 'SPDR S&P 500 ETF Trust'),
  one('M', "Macy's Inc."),
]
const found = (query: string) => matching(all, query).map(({ symbol }) => symbol)

test.each([
  ['m', ['M', 'MSFT', 'AMZN', 'DELISTED']], // the symbol itself, its beginning, anywhere; not tradable last
  ['amazon', ['AMZN']],
  ['trust', ['SPY']],
  [' SPY ', ['SPY']],
  ['xyz', []],
])('%s', (query, symbols) => expect(found(query)).toEqual(symbols))

test('nothing typed lists all, what cannot be traded last', () =>
  expect(found('')).toEqual(['AMZN', 'M', 'MSFT', 'SPY', 'DELISTED']))
