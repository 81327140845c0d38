// SPDX-License-Identifier: Apache-2.0
// The palette's order: 'buy 100 aapl 150.80 day', in words as a person says it. It fills the ticket and sends nothing.
//   side quantity symbol [price] [day|gtc|ioc|fok]
// With a price it is a LIMIT, without one a MARKET. Numbers stay text: the ticket judges them as if they had been typed there.
import type { OrderType, Side, TimeInForce } from './types'

export interface OrderCommand {
  side: Side
  quantity: string
  symbol: string
  orderType: OrderType
  price: string
  timeInForce: TimeInForce
}

export type Command =
  | { kind: 'none' } // does not begin as an order: a search for something else
  | { kind: 'partial'; next: 'quantity' | 'symbol'; side: Side }
  | { kind: 'order'; order: OrderCommand }
  | { kind: 'fault'; text: string }

const sides = new Map<string, Side>([
  ['b', 'BUY'],
  ['buy', 'BUY'],
  ['s', 'SELL'],
  ['sell', 'SELL'],
])
const times = new Set<string>(['DAY', 'GTC', 'IOC', 'FOK'] satisfies TimeInForce[])
const isNumber = (word: string): boolean => /^[+−-]?[\d.,]*\d[\d.,]*$/.test(word)

// KNOWN: whether there is such an instrument; its symbol stands in capitals.
export function readCommand(text: string, known: (symbol: string) => boolean): Command {
  const words = text.trim().split(/\s+/)
  const side = sides.get((words[0] ?? '').toLowerCase())
  // A lone letter or word may yet become the name of an instrument.
  if (!side || (words.length === 1 && !/\s$/.test(text))) return { kind: 'none' }
  const [, quantity, name, ...rest] = words
  if (quantity === undefined) return { kind: 'partial', next: 'quantity', side }
  if (!isNumber(quantity)) return { kind: 'fault', text: `'${quantity}' is no quantity. ${FORM}` }
  if (name === undefined) return { kind: 'partial', next: 'symbol', side }
  const symbol = name.toUpperCase()
  if (!known(symbol)) return { kind: 'fault', text: `There is no instrument ${symbol}.` }
  let price = ''
  let timeInForce: TimeInForce | null = null
  for (const word of rest) {
    const upper = word.toUpperCase()
    if (isNumber(word) && price === '' && timeInForce === null) price = word
    else if (times.has(upper) && timeInForce === null) timeInForce = upper as TimeInForce
    else return { kind: 'fault', text: `'${word}' is not expected here. ${FORM}` }
  }
  const orderType = price === '' ? 'MARKET' : 'LIMIT'
  return { kind: 'order', order: { side, quantity, symbol, orderType, price, timeInForce: timeInForce ?? 'DAY' } }
}

const FORM = 'An order reads: side quantity symbol [price] [day|gtc|ioc|fok].'
