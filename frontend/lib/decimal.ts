// SPDX-License-Identifier: Apache-2.0
// Exact decimals: bigints of 1e-8, as OXE keeps them (10 digits before the point, 8 after it). No float anywhere.

export type Decimal = bigint

const SCALE = 8
export const ONE: Decimal = 100_000_000n

// The decimal that TEXT says ('150.5', '-1', '1e-8' as JSON may write it), or null when it is none or has more than 8 digits after the point.
export function parseDecimal(text: string): Decimal | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const zeros = SCALE - fraction.length + parseInt(exponent, 10)
  let digits = whole + fraction
  if (zeros < 0) {
    if (/[^0]/.test(digits.slice(zeros))) return null
    digits = digits.slice(0, zeros) || '0'
  } else digits += '0'.repeat(zeros)
  const value = BigInt(digits)
  return sign === '-' ? -value : value
}

// As the API takes it: no sign for zero, no zeros at the end, '-' for minus.
export function decimalText(value: Decimal): string {
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE + 1, '0')
  const fraction = digits.slice(-SCALE).replace(/0+$/, '')
  return (value < 0n ? '-' : '') + digits.slice(0, -SCALE) + (fraction && `.${fraction}`)
}

// How many digits stand after the point: 2 for 0.01, 0 for 100.
export function places(value: Decimal): number {
  const fraction = decimalText(value).split('.')[1]
  return fraction ? fraction.length : 0
}

function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const quotient = (2n * n + d) / (2n * d)
  return negative ? -quotient : quotient
}

export const multiply = (a: Decimal, b: Decimal): Decimal => divideHalfUp(a * b, ONE)
export const divide = (a: Decimal, b: Decimal): Decimal => divideHalfUp(a * ONE, b)
export const floorTo = (value: Decimal, step: Decimal): Decimal => value - (((value % step) + step) % step)
export const abs = (value: Decimal): Decimal => (value < 0n ? -value : value)
export const min = (a: Decimal, ...more: Decimal[]): Decimal =>
  more.reduce((least, one) => (one < least ? one : least), a)

// Rounded half up to so many digits after the point, for showing only.
export function round(value: Decimal, digits: number): Decimal {
  const unit = 10n ** BigInt(SCALE - digits)
  return divideHalfUp(value, unit) * unit
}
