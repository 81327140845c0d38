// The API's JSON with exact numbers: a member that the contract calls an integer is a number, every other number a bigint of 1e-8.
import { decimalText, parseDecimal } from './decimal'
import { integers } from './generated/integers'

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown

// Throws SyntaxError for what is no JSON, RangeError for a number that OXE cannot hold.
export function parseExact(text: string): unknown {
  const revive: Reviver = (key, value, context) => {
    if (typeof value !== 'number' || integers.has(key)) return value
    if (context?.source === undefined) throw new RangeError('this browser does not show the digits of JSON numbers')
    const exact = parseDecimal(context.source)
    if (exact === null) throw new RangeError(`${key}: ${context.source} is no decimal of 8 digits`)
    return exact
  }
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown)
}

// Decimals go out as strings, which the API reads exactly.
export function toJson(body: unknown): string {
  return JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? decimalText(value) : value))
}
