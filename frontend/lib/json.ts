// SPDX-License-Identifier: Apache-2.0
// The API's JSON with exact numbers: a member that the contract calls an integer is a number, every other number a bigint of 1e-8.
import { decimalText, parseDecimal } from './decimal'
import { integers } from './generated/integers'

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown
type Parse = (text: string, revive?: Reviver) => unknown

const parse = JSON.parse as Parse

const LARGEST = 2n ** 63n - 1n // what OXE holds

function held(key: string, digits: string): number | bigint {
  if (integers.has(key)) {
    const whole = parse(digits) as number
    if (Number.isSafeInteger(whole)) return whole
  } else {
    const value = parseDecimal(digits)
    if (value !== null && value <= LARGEST && value >= -LARGEST) return value
  }
  throw new RangeError(`${key}: ${digits.slice(0, 40)} is no number of OXE`)
}

// Where the browser tells the digits of a number as they stand in the text.
export function parseWithSource(text: string): unknown {
  return parse(text, (key, value, context) => (typeof value === 'number' ? held(key, context?.source ?? '') : value))
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

// Where it does not: each number of the text is replaced by its place in a list of the digits, so that the reviver finds them there.
export function parseWithList(text: string): unknown {
  parse(text) // what is no JSON must not become JSON by the replacing
  const digits: string[] = []
  const places = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') ? token : String(digits.push(token) - 1),
  )
  return parse(places, (key, value) => (typeof value === 'number' ? held(key, digits[value] ?? '') : value))
}

let tellsSource: boolean | undefined

// Throws SyntaxError for what is no JSON, RangeError for a number that OXE cannot hold.
export function parseExact(text: string): unknown {
  tellsSource ??= parse('1', (_key, _value, context) => context?.source) === '1'
  return tellsSource ? parseWithSource(text) : parseWithList(text)
}

// Decimals go out as strings, which the API reads exactly.
export function toJson(body: unknown): string {
  return JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? decimalText(value) : value))
}
