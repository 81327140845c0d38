// SPDX-License-Identifier: Apache-2.0
// What the ticket reckons by itself: distances, risk and reward, what is free, what fits. All exact; what the server says goes before it.
import { abs, type Decimal, decimalText, divide, floorTo, min, multiply, ONE, places, round } from '@/lib/decimal'
import type { Account, Instrument, Order, OrderType, Preview, Side } from '@/lib/types'

const HUNDRED: Decimal = 100n * ONE

export const percentOf = (part: Decimal, whole: Decimal): Decimal => divide(part * 100n, whole)

// At what the entry is expected to trade: the price of a LIMIT, the trigger of a STOP, the last price for a MARKET.
export function entryPrice(type: OrderType, price: Decimal | null, last: Decimal | null): Decimal | null {
  return type === 'MARKET' ? last : price
}

export interface RiskReward {
  risk: Decimal
  reward: Decimal
  ratio: Decimal // reward ÷ risk, to two digits
}

// Null unless both legs are on their sides.
export function riskReward(
  side: Side,
  quantity: Decimal | null,
  entry: Decimal | null,
  stopLoss: Decimal | null,
  takeProfit: Decimal | null,
): RiskReward | null {
  if (quantity === null || entry === null || stopLoss === null || takeProfit === null) return null
  const lose = side === 'BUY' ? entry - stopLoss : stopLoss - entry
  const win = side === 'BUY' ? takeProfit - entry : entry - takeProfit
  if (lose <= 0n || win <= 0n) return null
  return { risk: multiply(quantity, lose), reward: multiply(quantity, win), ratio: round(divide(win, lose), 2) }
}

const left = (order: Order): Decimal => order.quantity - order.filled_quantity

// What open orders of SIDE may still trade. Two legs of one entry cancel each other, so that only the larger counts.
export function openQuantity(orders: readonly Order[], symbol: string, side: Side): { all: Decimal; legs: Decimal } {
  const legs = new Map<string, Decimal>()
  let entries: Decimal = 0n
  for (const order of orders) {
    if (order.symbol !== symbol || order.side !== side || order.execution_state === 'DONE') continue
    if (order.parent_order_id === null) entries += left(order)
    else {
      const before = legs.get(order.parent_order_id) ?? 0n
      if (left(order) > before) legs.set(order.parent_order_id, left(order))
    }
  }
  const ofLegs = [...legs.values()].reduce((sum, one) => sum + one, 0n)
  return { all: entries + ofLegs, legs: ofLegs }
}

export const atLeastZero = (value: Decimal): Decimal => (value < 0n ? 0n : value)

// The most that would pass: the least of buying power, order, notional, day's and position limit, rounded down to the lot. PRICE is what
// each unit is expected to trade at, RESERVE what each unit takes of the buying power.
export function maxToBuy(
  account: Account,
  held: Decimal,
  openBuys: Decimal,
  price: Decimal,
  reserve: Decimal,
  lot: Decimal,
): Decimal {
  const covers = atLeastZero(-held - openBuys) // buying back what is short takes no buying power
  const ofDay = account.limits.max_daily_notional ?? 0n // 0 is none
  return atLeastZero(
    floorTo(
      min(
        covers + (account.buying_power > 0n ? (account.buying_power * ONE) / reserve : 0n),
        account.limits.max_order_quantity,
        (account.limits.max_order_notional * ONE) / price,
        ...(ofDay > 0n ? [((ofDay - (account.usage.daily_notional ?? 0n)) * ONE) / price] : []),
        account.limits.max_position_quantity - held - openBuys,
      ),
      lot,
    ),
  )
}

export interface Estimate {
  title: 'Estimated cost' | 'Estimated proceeds'
  amount: Decimal | null
  reckoned: boolean // by this screen, not by the server
  basis: string // 'at the limit'
  powerAfter: Decimal | null
  positionAfter: Decimal | null
  held: Decimal
  refused: boolean // beyond what the account has
}

export interface EstimateInput {
  side: Side
  type: OrderType
  quantity: Decimal | null
  price: Decimal | null
  last: Decimal | null
  held: Decimal
  power: Decimal | null
  preview: Preview | null
}

// By how much a MARKET or STOP reserves more than it is expected to cost; null where the answer does not tell.
export function marketCollar(preview: Preview | null, quantity: Decimal | null): Decimal | null {
  if (!preview?.estimated_cost || !preview.estimated_price || !quantity) return null
  const plain = multiply(quantity, preview.estimated_price)
  if (plain === 0n || preview.estimated_cost < plain) return null
  return round(divide(preview.estimated_cost * 100n, plain) - HUNDRED, 1)
}

function basisOf(type: OrderType, collar: Decimal | null): string {
  if (type === 'LIMIT') return 'at the limit'
  const from = type === 'MARKET' ? 'last' : 'trigger'
  return collar === null
    ? `at the ${from === 'last' ? 'last price' : from}`
    : `${from} + collar ${decimalText(collar)} %`
}

export function estimate(input: EstimateInput): Estimate {
  const { side, type, quantity, price, last, held, power, preview } = input
  const entry = preview?.estimated_price ?? entryPrice(type, price, last)
  const traded = quantity !== null && entry !== null ? multiply(quantity, entry) : null
  const sellsHeld = side === 'SELL' && quantity !== null && quantity <= atLeastZero(held)
  const positionAfter =
    preview?.position_after ?? (quantity === null ? null : side === 'BUY' ? held + quantity : held - quantity)
  if (sellsHeld || (side === 'SELL' && quantity === null)) {
    return {
      title: 'Estimated proceeds',
      amount: traded,
      reckoned: true,
      basis: type === 'LIMIT' ? 'at the limit' : type === 'STOP' ? 'at the trigger' : 'at the last price',
      powerAfter: quantity === null ? null : (preview?.buying_power_after ?? power),
      positionAfter,
      held,
      refused: false,
    }
  }
  const known = preview?.estimated_cost ?? null
  const amount = known ?? traded
  const powerAfter = preview?.buying_power_after ?? (amount !== null && power !== null ? power - amount : null)
  return {
    title: 'Estimated cost',
    amount,
    reckoned: known === null,
    basis: basisOf(type, marketCollar(preview, quantity)),
    powerAfter,
    positionAfter,
    held,
    refused: powerAfter !== null && powerAfter < 0n,
  }
}

// Whether the last price has moved by more than 0.5 % since THEN.
export const hasMoved = (then: Decimal | null, now: Decimal | null): boolean =>
  then !== null && now !== null && abs(now - then) * 200n > then

// The next multiple of STEP from VALUE in a direction; never below one step. COUNT: 10 with Shift.
export function stepBy(
  value: Decimal | null,
  step: Decimal,
  direction: 1 | -1,
  count: bigint,
  start: Decimal,
): Decimal {
  if (value === null) return start > 0n ? start : step
  const off = value % step
  const first = off === 0n ? value + step * BigInt(direction) : direction === 1 ? value - off + step : value - off
  const next = first + step * BigInt(direction) * (count - 1n)
  return next < step ? step : next
}

export const withPlaces = (value: Decimal, step: Decimal): string => {
  const [whole = '0', fraction = ''] = decimalText(value).split('.')
  const padded = fraction.padEnd(places(step), '0')
  return padded ? `${whole}.${padded}` : whole
}

// 10, 50, 100 and 500 lots; for a SELL parts of what is free.
export const buyChips = (instrument: Instrument): Decimal[] =>
  [10n, 50n, 100n, 500n].map((n) => instrument.lot_size * n)

export const sellChips = (free: Decimal, lot: Decimal): { label: string; value: Decimal }[] => [
  { label: '25 %', value: floorTo(free / 4n, lot) },
  { label: '50 %', value: floorTo(free / 2n, lot) },
  { label: 'All', value: floorTo(free, lot) },
]
