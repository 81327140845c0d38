// SPDX-License-Identifier: Apache-2.0
// What the ticket reckons: the most that passes, what it risks, what it costs, the value that mends a fault.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allFixes, fieldOf, fixesFor, idTail, tidy } from '@/app/(authed)/orders/components/ticket/faults'
import {
  buyChips,
  entryPrice,
  estimate,
  hasMoved,
  marketCollar,
  maxToBuy,
  openQuantity,
  riskReward,
  sellChips,
  stepBy,
} from '@/app/(authed)/orders/components/ticket/figures'
import { decimalText, multiply, ONE, parseDecimal } from '@/lib/decimal'
import { type Draft, emptyDraft } from '@/lib/draft'
import { checkDraft } from '@/lib/rules'
import type { Account, Fault, Instrument, Order, Preview } from '@/lib/types'

const of = (text: string) => parseDecimal(text) as bigint
const units = (min: number, max: number) => fc.bigInt({ min: BigInt(min) * ONE, max: BigInt(max) * ONE })

const aapl = {
  symbol: 'AAPL',
  tick_size: of('0.01'),
  lot_size: of('10'),
  tradable: true,
  last_price: of('150'),
} as Instrument
const account = (change: {
  power: bigint
  quantity: bigint
  notional: bigint
  position: bigint
  ofDay: bigint
  ordered: bigint
}) =>
  ({
    buying_power: change.power,
    usage: { daily_notional: change.ordered },
    limits: {
      max_order_quantity: change.quantity,
      max_order_notional: change.notional,
      max_daily_notional: change.ofDay,
      max_position_quantity: change.position,
    },
  }) as Account

test('Max passes every limit, and one lot more breaks one', () => {
  const limits = fc.record({
    power: units(-100, 1_000_000),
    quantity: units(0, 20_000),
    notional: units(0, 5_000_000),
    position: units(0, 50_000),
    ofDay: fc.oneof(fc.constant(0n), units(0, 5_000_000)),
    ordered: units(0, 2_000_000),
  })
  const lot = fc.constantFrom(of('1'), of('10'), of('0.001'))
  const world = fc.record({ limits, held: units(-5_000, 5_000), open: units(0, 3_000), price: units(1, 5_000), lot })
  fc.assert(
    fc.property(world, fc.nat(15), ({ limits, held, open, price, lot }, collar) => {
      const reserve = multiply(price, ONE + (ONE * BigInt(collar)) / 100n)
      const max = maxToBuy(account(limits), held, open, price, reserve, lot)
      const covers = -held - open > 0n ? -held - open : 0n
      const passes = (quantity: bigint) =>
        quantity <= limits.quantity &&
        quantity * price <= limits.notional * ONE &&
        (limits.ofDay === 0n || quantity * price <= (limits.ofDay - limits.ordered) * ONE) &&
        held + open + quantity <= limits.position &&
        (quantity <= covers || (quantity - covers) * reserve <= (limits.power > 0n ? limits.power : 0n) * ONE)
      expect(max >= 0n && max % lot === 0n).toBe(true)
      if (max > 0n) expect(passes(max)).toBe(true)
      expect(passes(max + lot)).toBe(false)
    }),
    { numRuns: 500 },
  )
})

describe('risk and reward', () => {
  test('of the design: 100 at 150.80 between 149.80 and 152.50', () => {
    expect(riskReward('BUY', of('100'), of('150.8'), of('149.8'), of('152.5'))).toEqual({
      risk: of('100'),
      reward: of('170'),
      ratio: of('1.7'),
    })
    expect(riskReward('SELL', of('100'), of('150.8'), of('152.5'), of('149.8'))?.ratio).toBe(of('0.59'))
  })
  test.each([
    ['no stop loss', null, of('152')],
    ['no take profit', of('149'), null],
    ['a stop loss at the price', of('150.8'), of('152')],
    ['a take profit on the losing side', of('149'), of('150')],
  ])('%s: none', (_name, stop, take) => expect(riskReward('BUY', of('1'), of('150.8'), stop, take)).toBeNull())
})

const open = (change: Partial<Order>) =>
  ({
    symbol: 'AAPL',
    side: 'SELL',
    quantity: of('100'),
    filled_quantity: 0n,
    execution_state: 'WORKING',
    parent_order_id: null,
    ...change,
  }) as Order

test('of two legs that cancel each other only the larger is promised', () => {
  const orders = [
    open({ filled_quantity: of('40') }),
    open({ parent_order_id: 'a', quantity: of('50') }),
    open({ parent_order_id: 'a', quantity: of('80') }),
    open({ parent_order_id: 'b', quantity: of('7') }),
    open({ execution_state: 'DONE' }),
    open({ side: 'BUY' }),
    open({ symbol: 'MSFT' }),
  ]
  expect(openQuantity(orders, 'AAPL', 'SELL')).toEqual({ all: of('147'), legs: of('87') })
})

describe('an estimate', () => {
  const input = {
    side: 'BUY' as const,
    type: 'LIMIT' as const,
    quantity: of('100'),
    price: of('150.8'),
    last: of('150.94'),
    held: of('350'),
    power: of('50000'),
    preview: null,
  }
  const preview = (change: Partial<Preview>): Preview => ({
    acceptable: true,
    estimated_price: of('150.8'),
    estimated_cost: of('15080'),
    buying_power_after: of('34920'),
    position_after: of('450'),
    errors: [],
    ...change,
  })
  test('is reckoned until the server has said it', () => {
    expect(estimate(input)).toMatchObject({
      title: 'Estimated cost',
      amount: of('15080'),
      reckoned: true,
      basis: 'at the limit',
      powerAfter: of('34920'),
      positionAfter: of('450'),
    })
    expect(estimate({ ...input, preview: preview({ estimated_cost: of('15081') }) })).toMatchObject({
      amount: of('15081'),
      reckoned: false,
    })
  })
  test('at the market says which collar the server took', () => {
    const taken = preview({ estimated_price: of('150.94'), estimated_cost: of('16603.4') })
    expect(marketCollar(taken, of('100'))).toBe(of('10'))
    expect(estimate({ ...input, type: 'MARKET', price: null, preview: taken }).basis).toBe('last + collar 10 %')
  })
  test('of a sale of what is held is what comes in', () => {
    expect(estimate({ ...input, side: 'SELL', type: 'MARKET', price: null })).toMatchObject({
      title: 'Estimated proceeds',
      amount: of('15094'),
      basis: 'at the last price',
      powerAfter: of('50000'),
      positionAfter: of('250'),
    })
  })
  test('beyond the buying power is told as refused', () => {
    expect(estimate({ ...input, quantity: of('400') })).toMatchObject({ refused: true, powerAfter: of('-10320') })
  })
})

test('a step goes to the next multiple, and never below one', () => {
  fc.assert(
    fc.property(
      fc.option(units(0, 1000), { nil: null }),
      fc.constantFrom(1 as const, -1 as const),
      fc.constantFrom(1n, 10n),
      (value, direction, count) => {
        const step = of('0.01')
        const next = stepBy(value, step, direction, count, of('150'))
        expect(next % step).toBe(0n)
        expect(next >= step).toBe(true)
        if (value !== null && direction === 1) expect(next > value && next - value <= step * count).toBe(true)
        if (value !== null && direction === -1 && next > step)
          expect(next < value && value - next <= step * count).toBe(true)
      },
    ),
  )
})

test('chips, entries and how far the market has moved', () => {
  expect(buyChips(aapl).map(decimalText)).toEqual(['100', '500', '1000', '5000'])
  expect(sellChips(of('350'), of('10')).map(({ value }) => decimalText(value))).toEqual(['80', '170', '350'])
  expect([entryPrice('MARKET', of('1'), of('2')), entryPrice('STOP', of('1'), of('2'))]).toEqual([of('2'), of('1')])
  expect(hasMoved(of('100'), of('100.5'))).toBe(false)
  expect(hasMoved(of('100'), of('99.49'))).toBe(true)
  expect(hasMoved(null, of('1'))).toBe(false)
})

describe('fixes', () => {
  const draft = (change: Partial<Draft>): Draft => ({ ...emptyDraft, quantity: '100', price: '150', ...change })
  const fixed = (change: Partial<Draft>, faults: Fault[] = []) => {
    const typed = draft(change)
    return allFixes(fixesFor([...checkDraft(typed, 'AAPL', aapl), ...faults], typed, aapl))
  }
  const fault = (field: string, code: Fault['code'], limit?: bigint, actual?: bigint): Fault => ({
    field,
    code,
    message: '',
    limit,
    actual,
  })

  test('mend every lot and tick, and what they set needs no fix', () => {
    const off = fc.bigInt({ min: 1n, max: 10_000n * ONE }).map(decimalText)
    fc.assert(
      fc.property(off, off, (quantity, price) => {
        const typed = draft({ quantity, price })
        const mended = { ...typed, ...allFixes(fixesFor(checkDraft(typed, 'AAPL', aapl), typed, aapl)) }
        expect(checkDraft(mended, 'AAPL', aapl)).toEqual([])
      }),
    )
  })
  test.each([
    ['the limit of an order', fault('/quantity', 'MAX_ORDER_QUANTITY', of('55'), of('100')), '50'],
    ['what is left to sell', fault('/quantity', 'INSUFFICIENT_POSITION', of('80'), of('100')), '80'],
    ['the limit of a position', fault('/quantity', 'MAX_POSITION', of('500'), of('535')), '60'],
    ['the limit of a value', fault('/quantity', 'MAX_ORDER_NOTIONAL', of('9000'), of('15000')), '60'],
    ['the buying power', fault('/quantity', 'INSUFFICIENT_BUYING_POWER', of('14999.99'), of('15000')), '90'],
  ])('of a quantity over %s', (_name, one, quantity) => expect(fixed({}, [one])).toEqual({ quantity }))
  test('take the least of several limits, and none where one lets nothing pass', () => {
    const two = [
      fault('/quantity', 'MAX_ORDER_QUANTITY', of('70'), of('100')),
      fault('/quantity', 'MAX_POSITION', of('100'), of('160')),
    ]
    expect(fixed({}, two)).toEqual({ quantity: '40' })
    expect(fixed({}, [fault('/quantity', 'INSUFFICIENT_POSITION', 0n, of('100'))])).toEqual({})
  })
  test('move a price to the edge of the collar, on its own side', () => {
    expect(fixed({ price: '180' }, [fault('/price', 'PRICE_COLLAR', of('15.005'), of('30'))])).toEqual({
      price: '165.00',
    })
    expect(fixed({ price: '120' }, [fault('/price', 'PRICE_COLLAR', of('15.005'), of('30'))])).toEqual({
      price: '135.00',
    })
  })
  test('move a price to the edge that holds now where the market has come down since', () => {
    const since = { ...aapl, last_price: of('149') }
    const typed = draft({ price: '180' })
    const refused = [fault('/price', 'PRICE_COLLAR', of('15'), of('30'))]
    expect(allFixes(fixesFor(refused, typed, since))).toEqual({ price: '163.90' })
  })
  test('do not choose between two readings of a number', () => {
    const typed = draft({ quantity: '6,000' })
    const both = fixesFor(checkDraft(typed, 'AAPL', aapl), typed, aapl)
    expect(both.get('quantity')?.map(({ change }) => change)).toEqual([{ quantity: '6000' }, { quantity: '6.000' }])
    expect(allFixes(both)).toEqual({})
  })
  test('leave out a leg on the wrong side', () => expect(fixed({ stopLoss: '151' })).toEqual({ stopLoss: '' }))
})

test('texts of fields and ids', () => {
  expect(tidy('150,8', of('0.01'))).toBe('150.80')
  expect(tidy('150.805', of('0.01'))).toBe('150.805') // nothing is rounded away
  expect(tidy('6,000', of('1'))).toBe('6,000')
  expect(idTail('0199f0a5-7d0c-7000-8000-00000077d41c')).toBe('…77d41c')
  expect(fieldOf({ field: '/stop_loss', code: 'TICK_SIZE', message: '' })).toBe('stopLoss')
  expect(fieldOf({ field: '/constructor', code: 'TICK_SIZE', message: '' })).toBeNull()
})
