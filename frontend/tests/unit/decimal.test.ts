// SPDX-License-Identifier: Apache-2.0
// Against plain arithmetic of whole numbers: a decimal is the fraction VALUE / 10^8.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { abs, decimalText, divide, floorTo, min, multiply, ONE, parseDecimal, places, round } from '@/lib/decimal'

const held = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })
const positive = fc.bigInt({ min: 1n, max: 10n ** 18n - 1n })
const size = (value: bigint) => (value < 0n ? -value : value)

test('a text and its value go both ways', () => {
  fc.assert(
    fc.property(held, (value) => {
      const text = decimalText(value)
      expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,7}[1-9])?$/)
      expect(text).not.toBe('-0')
      expect(parseDecimal(text)).toBe(value)
    }),
  )
})

test('a text is the fraction that its digits say, or none with more than 8 digits after the point', () => {
  const written = fc.record({
    sign: fc.constantFrom('', '-', '+'),
    whole: fc.stringMatching(/^[0-9]{1,12}$/),
    fraction: fc.option(fc.stringMatching(/^[0-9]{0,12}$/), { nil: null }),
    power: fc.option(fc.integer({ min: -12, max: 12 }), { nil: null }),
  })
  fc.assert(
    fc.property(written, ({ sign, whole, fraction, power }) => {
      const text = `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${power === null ? '' : `e${power}`}`
      // value · 10^20 is whole for every such text.
      const scaled = BigInt(whole + (fraction ?? '')) * 10n ** BigInt(24 + (power ?? 0) - (fraction ?? '').length)
      const exact = scaled % 10n ** 16n === 0n ? scaled / 10n ** 16n : null
      expect(parseDecimal(text)).toBe(exact === null ? null : sign === '-' ? -exact : exact)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '',
  '-',
  '.',
  '.5',
  '1,5',
  ' 1',
  '1 ',
  '1e',
  'e1',
  '--1',
  '0x10',
  '1e1000',
  'NaN',
  'Infinity',
  '١',
  '1_0',
  '1\n',
])('%j is no decimal', (text) => expect(parseDecimal(text)).toBeNull())

describe('rounding', () => {
  // The nearest whole number to n/d; the one further from zero of two.
  const isNearest = (quotient: bigint, n: bigint, d: bigint) => {
    const apart = 2n * size(quotient * d - n)
    return apart < size(d) || (apart === size(d) && size(quotient) * size(d) > size(n))
  }
  test('a product is the nearest decimal', () => {
    fc.assert(
      fc.property(held, held, (a, b) => {
        expect(isNearest(multiply(a, b), a * b, ONE)).toBe(true)
      }),
    )
    expect([multiply(5n, ONE / 10n), multiply(-5n, ONE / 10n)]).toEqual([1n, -1n])
  })
  test('a quotient is the nearest decimal', () => {
    fc.assert(
      fc.property(held, held, (a, b) => {
        fc.pre(b !== 0n)
        expect(isNearest(divide(a, b), a * ONE, b)).toBe(true)
      }),
    )
  })
  test('to so many digits is the nearest, and again changes nothing', () => {
    fc.assert(
      fc.property(held, fc.nat(8), (value, digits) => {
        const unit = 10n ** BigInt(8 - digits)
        const rounded = round(value, digits)
        expect(isNearest(rounded / unit, value, unit)).toBe(true)
        expect(round(rounded, digits)).toBe(rounded)
        expect(places(rounded)).toBeLessThanOrEqual(digits)
      }),
    )
  })
  test('down to a step is the largest multiple that is not above', () => {
    fc.assert(
      fc.property(held, positive, (value, step) => {
        const floored = floorTo(value, step)
        expect(floored % step).toBe(0n)
        expect(floored <= value && value < floored + step).toBe(true)
      }),
    )
  })
})

test('places are the digits of the shortest text', () => {
  fc.assert(
    fc.property(held, (value) => {
      const shortest = places(value)
      expect(value % 10n ** BigInt(8 - shortest)).toBe(0n)
      if (shortest > 0) expect(value % 10n ** BigInt(9 - shortest)).not.toBe(0n)
    }),
  )
})

test('min and abs', () => {
  fc.assert(
    fc.property(fc.array(held, { minLength: 1 }), (all) => {
      const least = min(...(all as [bigint]))
      expect(all).toContain(least)
      expect(all.every((one) => least <= one)).toBe(true)
      expect(all.every((one) => abs(one) === size(one))).toBe(true)
    }),
  )
})
