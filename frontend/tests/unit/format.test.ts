// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { parseDecimal } from '@/lib/decimal'
import { age, clock, day, figure, money, percent, signed, signedMoney, zone } from '@/lib/format'

const of = (text: string) => parseDecimal(text) as bigint
const ZONE = process.env.TZ
afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ
  else process.env.TZ = ZONE
})

describe('figures', () => {
  test.each([
    ['150.8', 2, '150.80'],
    ['150.4722', 2, '150.4722'], // more digits where there are some
    ['1550410', 0, '1,550,410'],
    ['1234567.5', 2, '1,234,567.50'],
    ['999', 0, '999'],
    ['-1000', 0, '−1,000'],
    ['0.00000001', 2, '0.00000001'],
    ['0', 2, '0.00'],
    ['1000.1234', 0, '1,000.1234'], // no thousands after the point
  ])('%s with %i digits is %s', (text, least, shown) => expect(figure(of(text), least)).toBe(shown))

  test('are exact and as wide as asked, whatever the value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), fc.nat(8), (value, least) => {
        const text = figure(value, least)
        expect(text).toMatch(/^−?\d{1,3}(,\d{3})*(\.\d+)?$/)
        expect((text.split('.')[1] ?? '').length).toBeGreaterThanOrEqual(least)
        expect(parseDecimal(text.replaceAll(',', '').replace('−', '-'))).toBe(value)
      }),
    )
  })

  test.each([
    ['0.39', '+0.39', '+0.39 %'],
    ['-0.09', '−0.09', '−0.09 %'],
    ['0', '0', '0.00 %'],
    ['0.004', '+0.004', '0.00 %'], // no sign on what rounds to nothing
    ['-0.004', '−0.004', '0.00 %'],
    ['12.345', '+12.345', '+12.35 %'],
    ['-12.345', '−12.345', '−12.35 %'],
  ])('%s has its sign', (text, plain, inPercent) => {
    expect(signed(of(text))).toBe(plain)
    expect(percent(of(text))).toBe(inPercent)
  })

  test('money has two digits', () => {
    expect(money(of('15094'))).toBe('15,094.00')
    expect(money(of('0.005'))).toBe('0.01')
    expect(money(of('-0.004'))).toBe('0.00')
    expect(signedMoney(of('1550.4'))).toBe('+1,550.40')
    expect(signedMoney(of('-3.999'))).toBe('−4.00')
  })
})

describe('times', () => {
  const at = '2026-11-24T16:42:07.123456Z'
  test('to the second, the millisecond, the microsecond as the text has it', () => {
    expect(clock(at, true)).toBe('16:42:07')
    expect(clock(at, true, 3)).toBe('16:42:07.123')
    expect(clock(at, true, 6)).toBe('16:42:07.123456')
    expect(clock('2026-11-24T16:42:07.999999Z', true, 3)).toBe('16:42:07.999') // never a moment that has not been
    expect(clock('2026-11-24T16:42:07Z', true, 6)).toBe('16:42:07.000000')
  })
  test('of the place, with its offset', () => {
    process.env.TZ = 'America/New_York'
    expect(clock(at, false, 6)).toBe('11:42:07.123456')
    expect(day('2026-11-24T03:00:00Z', false)).toBe('2026-11-23')
    expect(day('2026-11-24T03:00:00Z', true)).toBe('2026-11-24')
    expect(zone(false, new Date(at))).toBe('New York, UTC−05:00')
    expect(zone(false, new Date('2026-07-01T12:00:00Z'))).toBe('New York, UTC−04:00')
    expect(zone(true)).toBe('UTC')
  })
  test.each([
    ['Asia/Kolkata', '22:12:07', 'UTC+05:30'],
    ['America/St_Johns', '13:12:07', 'UTC−03:30'],
    ['UTC', '16:42:07', 'UTC'],
  ])('in %s', (place, text, offset) => {
    process.env.TZ = place
    expect(clock(at, false)).toBe(text)
    expect(zone(false, new Date(at)).endsWith(offset)).toBe(true)
  })
})

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 m'],
  [3_599_999, '59 m'],
  [3_600_000, '1 h 00'],
  [7_560_000, '2 h 06'],
  [86_399_999, '23 h 59'],
  [86_400_000, '1 d'],
])('%i ms ago is %s', (ms, text) => expect(age(ms)).toBe(text))
