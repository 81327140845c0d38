// SPDX-License-Identifier: Apache-2.0
// What the ticket makes of faults: whose field each is, what the figures beside it are, and the value that would mend it.
import { type Decimal, decimalText, floorTo, min } from '@/lib/decimal'
import type { Draft } from '@/lib/draft'
import { figure, money } from '@/lib/format'
import { numberIn, numbersOf, readInput } from '@/lib/rules'
import type { Fault, Instrument } from '@/lib/types'
import { withPlaces } from './figures'

export type Field = 'side' | 'orderType' | 'symbol' | 'quantity' | 'price' | 'timeInForce' | 'stopLoss' | 'takeProfit'

const pointers: Record<string, Field> = {
  '/side': 'side',
  '/order_type': 'orderType',
  '/symbol': 'symbol',
  '/quantity': 'quantity',
  '/price': 'price',
  '/time_in_force': 'timeInForce',
  '/stop_loss': 'stopLoss',
  '/take_profit': 'takeProfit',
}

// In the order of Tab, so that the first of them is the first to correct.
export const fieldsInOrder: readonly Field[] = Object.values(pointers).sort((a, b) => order(a) - order(b))
function order(field: Field): number {
  return ['side', 'orderType', 'symbol', 'quantity', 'price', 'timeInForce', 'stopLoss', 'takeProfit'].indexOf(field)
}

export const fieldOf = (fault: Fault): Field | null => pointers[fault.field] ?? null

export interface Sorted {
  byField: Map<Field, Fault[]>
  without: Fault[] // those of the whole order, or of a field that is not shown
}

export function sortFaults(faults: readonly Fault[], hidden: readonly Field[] = []): Sorted {
  const sorted: Sorted = { byField: new Map(), without: [] }
  for (const fault of faults) {
    const field = fieldOf(fault)
    if (field === null || hidden.includes(field)) sorted.without.push(fault)
    else sorted.byField.set(field, [...(sorted.byField.get(field) ?? []), fault])
  }
  return sorted
}

const moneyCodes: readonly string[] = [
  'INSUFFICIENT_BUYING_POWER',
  'MAX_ORDER_NOTIONAL',
  'MAX_DAILY_NOTIONAL',
  'DAILY_LOSS_LIMIT',
]
// The limit of these says nothing that the sentence does not say better.
const plainCodes: readonly string[] = [
  'LOT_SIZE',
  'TICK_SIZE',
  'STOP_LOSS_SIDE',
  'TAKE_PROFIT_SIDE',
  'TOO_PRECISE',
  'NOT_POSITIVE',
]

const shown = (code: string, value: bigint | string): string =>
  typeof value === 'string' ? value : moneyCodes.includes(code) ? money(value) : figure(value)

export function limitOf(fault: Fault): { limit: string; yours: string } | null {
  if (fault.limit === undefined || fault.actual === undefined || plainCodes.includes(fault.code)) return null
  return { limit: shown(fault.code, fault.limit), yours: shown(fault.code, fault.actual) }
}

export interface Fix {
  label: string // 'Set to 4,530'
  change: Partial<Draft>
}

const exact = (value: bigint | string | undefined): Decimal | null => (typeof value === 'bigint' ? value : null)

function nearest(value: Decimal, step: Decimal): Decimal {
  const below = value - (value % step)
  if (below === 0n) return step
  return (value - below) * 2n > step ? below + step : below
}

// Towards the last price by as much as the collar allows, of that time's and of now's, so that a market on the move does not refuse it
// again; null where the price's side of it cannot be told.
function collarFix(fault: Fault, price: Decimal, instrument: Instrument): Decimal | null {
  const allowed = exact(fault.limit)
  const apart = exact(fault.actual)
  const now = instrument.last_price
  if (allowed === null || apart === null || now === null) return null
  const above = price > now
  const then = above ? price - apart : price + apart
  if (then <= 0n) return null
  const allowedNow = (allowed * now) / then
  if (above) return floorTo(min(then + allowed, now + allowedNow), instrument.tick_size)
  const edge = -min(-(then - allowed), -(now - allowedNow))
  const down = floorTo(edge, instrument.tick_size)
  return down === edge ? down : down + instrument.tick_size
}

// The largest quantity that each fault lets pass, at PRICE once that is mended; null where none would.
function quantityFix(fault: Fault, quantity: Decimal, scale: { from: Decimal; to: Decimal } | null): Decimal | null {
  const limit = exact(fault.limit)
  const actual = exact(fault.actual)
  if (limit === null || actual === null || actual <= 0n) return null
  switch (fault.code) {
    case 'MAX_ORDER_QUANTITY':
    case 'INSUFFICIENT_POSITION':
      return limit
    case 'MAX_POSITION':
      return quantity - (actual - limit)
    case 'MAX_ORDER_NOTIONAL':
    case 'INSUFFICIENT_BUYING_POWER': {
      const unit = scale ? (actual * scale.to) / scale.from : actual
      return unit > 0n ? (limit * quantity) / unit : null
    }
    default:
      return null
  }
}

function typedFix(text: string, step: Decimal): Decimal | null {
  const input = readInput(text)
  if (input.kind === 'number') return input.value > 0n ? nearest(input.value, step) : null
  return null
}

// One link for each field at fault: the value that mends all its faults, where one is known. Two readings of a number get two links.
export function fixesFor(faults: readonly Fault[], draft: Draft, instrument: Instrument | null): Map<Field, Fix[]> {
  const fixes = new Map<Field, Fix[]>()
  if (!instrument) return fixes
  const { byField } = sortFaults(faults)
  const numbers = numbersOf(draft)
  const put = (field: 'quantity' | 'price' | 'stopLoss' | 'takeProfit', value: Decimal, step: Decimal) => {
    if (value <= 0n || value === numberIn(draft[field])) return
    fixes.set(field, [
      {
        label: `Set to ${figure(value, withPlaces(step, step).split('.')[1]?.length)}`,
        change: { [field]: withPlaces(value, step) },
      },
    ])
  }

  let price = numbers.price
  for (const fault of byField.get('price') ?? []) {
    const fixed =
      fault.code === 'PRICE_COLLAR' && price !== null
        ? collarFix(fault, price, instrument)
        : fault.code === 'TICK_SIZE'
          ? typedFix(draft.price, instrument.tick_size)
          : null
    if (fixed !== null) {
      price = fixed
      put('price', fixed, instrument.tick_size)
    }
  }

  if (numbers.quantity !== null) {
    const scale = numbers.price !== null && price !== null ? { from: numbers.price, to: price } : null
    const quantity = numbers.quantity
    const most = (byField.get('quantity') ?? []).map((fault) =>
      fault.code === 'LOT_SIZE' ? typedFix(draft.quantity, instrument.lot_size) : quantityFix(fault, quantity, scale),
    )
    const known = most.filter((value): value is Decimal => value !== null)
    const [first, ...rest] = known
    if (first !== undefined && known.length === most.length)
      put('quantity', floorTo(min(first, ...rest), instrument.lot_size), instrument.lot_size)
  }

  for (const field of ['stopLoss', 'takeProfit'] as const) {
    for (const fault of byField.get(field) ?? []) {
      if (fault.code === 'STOP_LOSS_SIDE' || fault.code === 'TAKE_PROFIT_SIDE')
        fixes.set(field, [{ label: 'Leave it out', change: { [field]: '' } }])
      else if (fault.code === 'TICK_SIZE' && !fixes.has(field)) {
        const value = typedFix(draft[field], instrument.tick_size)
        if (value !== null) put(field, value, instrument.tick_size)
      }
    }
  }

  for (const field of ['quantity', 'price', 'stopLoss', 'takeProfit'] as const) {
    const input = readInput(draft[field])
    if (input.kind === 'ambiguous')
      fixes.set(
        field,
        input.readings.map((reading) => ({ label: `Set to ${reading}`, change: { [field]: reading } })),
      )
  }
  return fixes
}

// Every fix that is the only one of its field, for 'Correct all'.
export function allFixes(fixes: Map<Field, Fix[]>): Partial<Draft> {
  let change: Partial<Draft> = {}
  for (const choices of fixes.values()) if (choices.length === 1) change = { ...change, ...choices[0]?.change }
  return change
}

// The text of a field once a person has left it: exact, with the step's digits; as it is where it cannot be read.
export function tidy(text: string, step: Decimal | null): string {
  const value = numberIn(text)
  if (value === null) return text
  return step === null ? decimalText(value) : withPlaces(value, step)
}

export const idTail = (id: string): string => `…${id.slice(-6)}`
