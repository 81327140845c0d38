// SPDX-License-Identifier: Apache-2.0
// The checks that need nobody's answer: the form of the numbers and what the instrument asks for. The sentences are the backend's word
// for word (services/gateway/edge/json_body.c, services/validator/validate.c, proto/risk.c), so that a fault reads the same wherever it is found.

import { type Decimal, decimalText, ONE, parseDecimal } from './decimal'
import type { Draft } from './draft'
import type { Fault, Instrument, NewOrder } from './types'

const END: Decimal = 10_000_000_000n * ONE // 10 digits before the point

export type NumberMember = 'quantity' | 'price' | 'stop_loss' | 'take_profit'

export type Input =
  | { kind: 'empty' }
  | { kind: 'number'; value: Decimal }
  | { kind: 'fault'; code: 'TOO_PRECISE' | 'OUT_OF_RANGE' | 'INVALID_VALUE' }
  | { kind: 'ambiguous'; readings: readonly [string, string] }

// What a person typed. Comma and point both stand for the decimal point, and both group thousands where that is the only way to read
// them. '6,000' could be six or six thousand: nobody guesses with money, so the person is asked.
export function readInput(text: string): Input {
  const typed = text.trim().replace('−', '-')
  if (typed === '') return { kind: 'empty' }
  let plain = typed
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(typed)) {
    plain = typed.replaceAll(',', '')
    if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(typed))
      return { kind: 'ambiguous', readings: [plain, typed.replace(',', '.')] }
    if (/^[+-]?0/.test(typed)) plain = typed.replace(',', '.')
  } else if (/^[+-]?\d{1,3}(\.\d{3})+,\d*$/.test(typed) || /^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(typed)) {
    plain = typed.replaceAll('.', '').replace(',', '.')
  } else plain = typed.replace(',', '.')
  if (/^[+-]?\.\d/.test(plain)) plain = plain.replace('.', '0.')
  if (!/^[+-]?\d+(\.\d*)?$/.test(plain)) return { kind: 'fault', code: 'INVALID_VALUE' }
  const value = parseDecimal(plain)
  if (value === null) return { kind: 'fault', code: 'TOO_PRECISE' }
  if (value >= END || value <= -END) return { kind: 'fault', code: 'OUT_OF_RANGE' }
  return { kind: 'number', value }
}

// The number that TEXT says, whether or not the rules like it; null where it says none.
export function numberIn(text: string): Decimal | null {
  const input = readInput(text)
  return input.kind === 'number' ? input.value : null
}

function numberFault(member: NumberMember, text: string): Fault | null {
  const input = readInput(text)
  const field = `/${member}`
  const actual = text.trim()
  if (input.kind === 'empty') return null
  if (input.kind === 'ambiguous') {
    const message = `'${actual}' can be read in two ways; write ${input.readings[0]} or ${input.readings[1]}.`
    return { field, code: 'INVALID_VALUE', message, actual }
  }
  if (input.kind === 'number') {
    if (input.value > 0n) return null
    const message = `The member '${member}' is ${decimalText(input.value)}, not greater than 0; send a positive number.`
    return { field, code: 'NOT_POSITIVE', message }
  }
  const messages = {
    TOO_PRECISE: `The member '${member}' has more than 8 digits after the point, it is ${actual}; round it.`,
    OUT_OF_RANGE: `The member '${member}' has more than 10 digits before the point, it is ${actual}; send a smaller number.`,
    INVALID_VALUE: `The member '${member}' is no decimal number, it is '${actual}'; send one, for example 10.5.`,
  }
  return { field, code: input.code, message: messages[input.code] }
}

function stepFault(
  code: 'LOT_SIZE' | 'TICK_SIZE',
  member: NumberMember,
  what: string,
  value: Decimal,
  step: Decimal,
): Fault | null {
  if (value % step === 0n) return null
  const below = value - (value % step)
  const above = below + step
  const nearest = below > 0n ? `${decimalText(below)} or ${decimalText(above)}` : decimalText(above)
  const name = code === 'LOT_SIZE' ? 'lot size' : 'tick size'
  return {
    field: `/${member}`,
    code,
    message: `${what} ${decimalText(value)} is not a multiple of the ${name} ${decimalText(step)}; send the nearest, ${nearest}.`,
    limit: step,
    actual: value,
  }
}

interface Numbers {
  quantity: Decimal | null
  price: Decimal | null
  stopLoss: Decimal | null
  takeProfit: Decimal | null
}

const positive = (text: string): Decimal | null => {
  const value = numberIn(text)
  return value !== null && value > 0n ? value : null
}

// A MARKET order has no price of its own, whatever the field still holds.
export function numbersOf(draft: Draft): Numbers {
  return {
    quantity: positive(draft.quantity),
    price: draft.orderType === 'MARKET' ? null : positive(draft.price),
    stopLoss: positive(draft.stopLoss),
    takeProfit: positive(draft.takeProfit),
  }
}

// Each leg on its side of every price at which the entry may be expected to trade, as check_bracket in proto/risk.c does it.
function bracketFaults(draft: Draft, numbers: Numbers, last: Decimal | null): Fault[] {
  const buy = draft.side === 'BUY'
  const { price, stopLoss, takeProfit } = numbers
  const losing = (a: Decimal, b: Decimal) => (buy ? a < b : a > b)
  const fault = (isStop: boolean, value: Decimal, measure: string, other: Decimal): Fault => ({
    field: isStop ? '/stop_loss' : '/take_profit',
    code: isStop ? 'STOP_LOSS_SIDE' : 'TAKE_PROFIT_SIDE',
    message: `The ${isStop ? 'stop loss' : 'take profit'} ${decimalText(value)} of a ${draft.side} must be ${
      buy === isStop ? 'below' : 'above'
    } ${measure} ${decimalText(other)}; move it there or leave it out.`,
    limit: other,
    actual: value,
  })
  if (last === null || (draft.orderType !== 'MARKET' && price === null)) {
    if (stopLoss !== null && takeProfit !== null && !losing(stopLoss, takeProfit))
      return [fault(true, stopLoss, 'its take profit', takeProfit)]
    return []
  }
  const passed = draft.orderType === 'STOP' && price !== null && losing(price, last)
  const expected = price === null || passed ? last : price
  const best = draft.orderType === 'LIMIT' && losing(last, expected) ? last : expected
  const measure = 'the price at which the entry is expected to trade,'
  const found: Fault[] = []
  if (stopLoss !== null && !losing(stopLoss, best)) found.push(fault(true, stopLoss, measure, best))
  if (takeProfit !== null && !losing(expected, takeProfit)) found.push(fault(false, takeProfit, measure, expected))
  return found
}

// Every fault of the draft that this screen can find by itself, in the order of the fields.
export function checkDraft(draft: Draft, symbol: string | null, instrument: Instrument | null): Fault[] {
  const faults: Fault[] = []
  const add = (fault: Fault | null) => fault && faults.push(fault)
  if (symbol === null || symbol === '')
    add({ field: '/symbol', code: 'REQUIRED', message: "The member 'symbol' is missing; add it." })
  else if (instrument === null)
    add({
      field: '/symbol',
      code: 'UNKNOWN_SYMBOL',
      message: `There is no instrument ${symbol}; take a symbol from the list of instruments.`,
      actual: symbol,
    })
  else if (!instrument.tradable)
    add({
      field: '/symbol',
      code: 'SYMBOL_NOT_TRADABLE',
      message: `${symbol} cannot be traded now; try again when its instrument is tradable.`,
      actual: symbol,
    })

  const needsPrice = draft.orderType !== 'MARKET'
  if (readInput(draft.quantity).kind === 'empty')
    add({ field: '/quantity', code: 'REQUIRED', message: "The member 'quantity' is missing; add it." })
  add(numberFault('quantity', draft.quantity))
  const numbers = numbersOf(draft)
  if (instrument && numbers.quantity !== null)
    add(stepFault('LOT_SIZE', 'quantity', 'The quantity', numbers.quantity, instrument.lot_size))

  if (needsPrice) {
    if (readInput(draft.price).kind === 'empty')
      add({
        field: '/price',
        code: 'PRICE_REQUIRED',
        message: `A ${draft.orderType} order needs a price; add the ${draft.orderType === 'STOP' ? 'trigger' : 'limit'}.`,
      })
    add(numberFault('price', draft.price))
  }
  add(numberFault('stop_loss', draft.stopLoss))
  add(numberFault('take_profit', draft.takeProfit))
  if (instrument) {
    const prices = [
      ['price', 'The price', numbers.price],
      ['stop_loss', 'The stop loss', numbers.stopLoss],
      ['take_profit', 'The take profit', numbers.takeProfit],
    ] as const
    for (const [member, what, value] of prices)
      if (value !== null) add(stepFault('TICK_SIZE', member, what, value, instrument.tick_size))
  }
  return [...faults, ...bracketFaults(draft, numbers, instrument?.last_price ?? null)]
}

// The order that the draft asks for; only of a draft without faults.
export function orderOf(draft: Draft, symbol: string): NewOrder {
  const { quantity, price, stopLoss, takeProfit } = numbersOf(draft)
  if (quantity === null) throw new Error('the draft has faults')
  return {
    symbol,
    side: draft.side,
    quantity,
    order_type: draft.orderType,
    time_in_force: draft.timeInForce,
    ...(price !== null && { price }),
    ...(stopLoss !== null && { stop_loss: stopLoss }),
    ...(takeProfit !== null && { take_profit: takeProfit }),
  }
}
