// SPDX-License-Identifier: Apache-2.0
// What the screen says of a draft is what the suite would say: its sentences are read from the sources that make them.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalText, ONE, parseDecimal } from '@/lib/decimal'
import { type Draft, emptyDraft } from '@/lib/draft'
import { checkDraft, numberIn, orderOf, readInput } from '@/lib/rules'
import type { Fault, Instrument } from '@/lib/types'

const source = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const of = (text: string) => parseDecimal(text) as bigint

const sources = ['services/gateway/edge/json_body.c', 'services/validator/validate.c', 'proto/risk.c']
  .map(source)
  .join('\n')
const codes = new Set([...source('proto/reject.def').matchAll(/^REJECT\(\d+, (\w+),/gm)].map(([, code]) => code))

// Every sentence of the sources, adjacent literals joined, as a pattern; what is put into it is anything.
const sentences = [...sources.matchAll(/"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*/g)]
  .map(([literals]) => literals.replace(/"\s*"/g, '').slice(1, -1))
  .filter((text) => text.split(' ').length > 5)
  .map((text) => ({
    text,
    pattern: new RegExp(
      `^${text
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%s', '.*')
        .replaceAll('%%', '%')}$`,
      's',
    ),
  }))

const aapl: Instrument = {
  symbol: 'AAPL',
  name: 'Apple Inc.',
  tick_size: of('0.01'),
  lot_size: of('10'),
  tradable: true,
  last_price: of('150'),
  last_price_at: '2026-11-24T16:42:07.123456Z',
  day_open_price: of('149'),
}
const good: Draft = { ...emptyDraft, quantity: '100', price: '150.8' }
const check = (change: Partial<Draft>, instrument: Instrument | null = aapl, symbol: string | null = 'AAPL') =>
  checkDraft({ ...good, ...change }, symbol, instrument)

test('the sources and the codes were read', () => {
  expect(codes.size).toBeGreaterThan(45)
  expect(sentences.length).toBeGreaterThan(20)
})

const cases: [string, Fault[], Partial<Fault>][] = [
  ['no quantity', check({ quantity: ' ' }), { field: '/quantity', code: 'REQUIRED' }],
  ['no symbol', check({}, null, null), { field: '/symbol', code: 'REQUIRED' }],
  [
    'zero',
    check({ quantity: '0.0' }),
    {
      field: '/quantity',
      code: 'NOT_POSITIVE',
      message: "The member 'quantity' is 0, not greater than 0; send a positive number.",
    },
  ],
  ['minus', check({ stopLoss: '−5' }), { field: '/stop_loss', code: 'NOT_POSITIVE' }],
  ['nine digits', check({ price: '150.123456789' }), { field: '/price', code: 'TOO_PRECISE' }],
  ['eleven digits', check({ quantity: '10000000000' }), { field: '/quantity', code: 'OUT_OF_RANGE' }],
  ['no number', check({ takeProfit: '15o' }), { field: '/take_profit', code: 'INVALID_VALUE' }],
  [
    'LIMIT without price',
    check({ price: '' }),
    { field: '/price', code: 'PRICE_REQUIRED', message: 'A LIMIT order needs a price; add the limit.' },
  ],
  [
    'STOP without price',
    check({ orderType: 'STOP', price: '' }),
    { field: '/price', code: 'PRICE_REQUIRED', message: 'A STOP order needs a price; add the trigger.' },
  ],
  [
    'off the tick',
    check({ price: '150.805' }),
    {
      field: '/price',
      code: 'TICK_SIZE',
      message: 'The price 150.805 is not a multiple of the tick size 0.01; send the nearest, 150.8 or 150.81.',
    },
  ],
  [
    'off the lot',
    check({ quantity: '105' }),
    { field: '/quantity', code: 'LOT_SIZE', limit: of('10'), actual: of('105') },
  ],
  [
    'below a lot',
    check({ quantity: '3' }),
    { code: 'LOT_SIZE', message: 'The quantity 3 is not a multiple of the lot size 10; send the nearest, 10.' },
  ],
  ['stop loss above a BUY', check({ stopLoss: '151' }), { field: '/stop_loss', code: 'STOP_LOSS_SIDE' }],
  [
    'take profit above a SELL',
    check({ side: 'SELL', takeProfit: '151' }),
    { field: '/take_profit', code: 'TAKE_PROFIT_SIDE' },
  ],
  ['unknown', check({}, null, 'NOPE'), { field: '/symbol', code: 'UNKNOWN_SYMBOL', actual: 'NOPE' }],
  ['not tradable', check({}, { ...aapl, tradable: false }), { field: '/symbol', code: 'SYMBOL_NOT_TRADABLE' }],
]

describe('one fault, and only it', () => {
  test.each(cases)('%s', (_name, faults, expected) => {
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject(expected)
    expect(sentences.some(({ pattern }) => pattern.test(faults[0]?.message ?? ''))).toBe(true)
  })
  test('every instant check is among the cases', () => {
    const wanted = 'REQUIRED NOT_POSITIVE TOO_PRECISE OUT_OF_RANGE PRICE_REQUIRED TICK_SIZE LOT_SIZE STOP_LOSS_SIDE'
    const found = new Set(cases.map(([, faults]) => faults[0]?.code))
    for (const code of `${wanted} TAKE_PROFIT_SIDE UNKNOWN_SYMBOL SYMBOL_NOT_TRADABLE`.split(' ')) {
      expect(codes).toContain(code)
      expect(found).toContain(code)
    }
  })
})

const typed = fc.oneof(
  fc.constantFrom('', '0', '-1', '1', '10', '150', '150.8', '150,85', '1,000', '6.000,5', '1e5', 'abc', '0.000000001'),
  fc.stringMatching(/^[0-9]{0,12}[.,]?[0-9]{0,9}$/),
  fc.string({ maxLength: 6 }),
)
const drafts = fc.record<Draft>({
  side: fc.constantFrom('BUY', 'SELL'),
  orderType: fc.constantFrom('MARKET', 'LIMIT', 'STOP'),
  timeInForce: fc.constantFrom('DAY', 'GTC', 'IOC', 'FOK'),
  quantity: typed,
  price: typed,
  stopLoss: typed,
  takeProfit: typed,
})

test('whatever was typed, each fault reads as the suite says it, and a draft without any is an order', () => {
  fc.assert(
    fc.property(drafts, fc.constantFrom(aapl, { ...aapl, last_price: null }), (draft, instrument) => {
      const faults = checkDraft(draft, 'AAPL', instrument)
      for (const fault of faults) {
        expect(codes).toContain(fault.code)
        // That two readings are possible is the screen's own word: nothing such is ever sent.
        if (!fault.message.includes('can be read in two ways'))
          expect(sentences.some(({ pattern }) => pattern.test(fault.message)) ? '' : fault.message).toBe('')
      }
      if (faults.length > 0) return
      const order = orderOf(draft, 'AAPL')
      expect(order.quantity % aapl.lot_size).toBe(0n)
      expect(order.quantity > 0n && order.quantity < 10_000_000_000n * ONE).toBe(true)
      expect(order.order_type === 'MARKET').toBe(order.price === undefined)
    }),
    { numRuns: 1000 },
  )
})

describe('a number as a person types it', () => {
  test.each([
    ['1,5', '1.5'],
    ['1.5', '1.5'],
    ['1,000.5', '1000.5'],
    ['1.000,5', '1000.5'],
    ['1,234,567', '1234567'],
    ['1.234.567', '1234567'],
    ['150.800', '150.8'], // a point is a point: three digits after it are no thousand
    ['0,500', '0.5'], // no group of thousands begins with 0
    ['12,3456', '12.3456'],
    [' 100 ', '100'],
    ['.5', '0.5'],
    [',5', '0.5'],
    ['5.', '5'],
    ['−3', '-3'],
    ['+3', '3'],
    ['9999999999.99999999', '9999999999.99999999'],
  ])('%j is %s', (text, value) => {
    const read = numberIn(text)
    expect(read === null ? null : decimalText(read)).toBe(value)
  })
  test.each([
    ['6,000', ['6000', '6.000']],
    ['12,345', ['12345', '12.345']],
    ['-1,000', ['-1000', '-1.000']],
  ])('%j could be %j, so that nobody guesses', (text, readings) => {
    expect(readInput(text)).toEqual({ kind: 'ambiguous', readings })
    expect(numberIn(text)).toBeNull()
  })
  test.each(['1e5', '1.5.2', '1,2,3', '1,2.3.4', '1,0000.5', '12,34.5', '1 000', 'abc', '-', '.', '0,500,000', '１'])(
    '%j is no number',
    (text) => expect(readInput(text)).toEqual({ kind: 'fault', code: 'INVALID_VALUE' }),
  )
  test('what is shown, with or without thousands, is read as what it is or not at all', () => {
    const held = fc.bigInt({ min: 1n, max: 10n ** 18n - 1n })
    fc.assert(
      fc.property(held, (value) => {
        const plain = decimalText(value)
        expect(numberIn(plain)).toBe(value)
        const [whole = '', fraction] = plain.split('.')
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? `.${fraction}` : '')
        expect([value, null]).toContain(numberIn(grouped))
      }),
    )
  })
})
