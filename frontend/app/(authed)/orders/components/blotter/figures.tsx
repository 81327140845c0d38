// SPDX-License-Identifier: Apache-2.0
'use client'
// Figures as the tables show them: prices with the tick's decimals, quantities with the lot's, the exact value in the title.
import { useMemo } from 'react'
import { Age } from '@/components/Age'
import { type Decimal, multiply, places, round } from '@/lib/decimal'
import { age, clock, day, figure, NONE } from '@/lib/format'
import { useInstruments } from '@/lib/hooks/useInstruments'
import type { Order, Side } from '@/lib/types'

const DAY_MS = 86_400_000

export interface Digits {
  price: number
  quantity: number
}
export type DigitsOf = (symbol: string) => Digits

// The same function until an instrument's tick or lot changes, so that a price does not draw tables again.
export function useDigits(): DigitsOf {
  const { instruments } = useInstruments()
  const text = instruments.map((one) => `${one.symbol} ${places(one.tick_size)} ${places(one.lot_size)}`).join('\n')
  return useMemo(() => {
    const digits = new Map(
      text.split('\n').map((line) => {
        const [symbol = '', price = '', quantity = ''] = line.split(' ')
        return [symbol, { price: parseInt(price, 10) || 0, quantity: parseInt(quantity, 10) || 0 }]
      }),
    )
    return (symbol) => digits.get(symbol) ?? { price: 2, quantity: 0 }
  }, [text])
}

export const None = () => <span className="t3">{NONE}</span>

// An average may have more digits than the tick: two more are shown, all of them in the title.
export const averageText = (value: Decimal, digits: Digits): string =>
  figure(round(value, Math.min(8, digits.price + 2)), digits.price)

export function Price({ value, digits, average }: { value: Decimal | null; digits: Digits; average?: boolean }) {
  if (value === null) return <None />
  const text = average ? averageText(value, digits) : figure(value, digits.price)
  const exact = figure(value, digits.price)
  return <span title={text === exact ? undefined : exact}>{text}</span>
}

export const SideWord = ({ side }: { side: Side }) => <span className={`side ${side.toLowerCase()}`}>{side}</span>

export const filledPercent = (order: Pick<Order, 'filled_quantity' | 'quantity'>): string => {
  const percent = order.quantity > 0n ? (order.filled_quantity * 100n) / order.quantity : 0n
  return `${percent > 100n ? 100n : percent}%`
}

export const quantityText = (value: Decimal, digits: Digits): string =>
  value === 0n ? '0' : figure(value, digits.quantity)

export function Filled({ order, digits }: { order: Order; digits: Digits }) {
  return (
    <span className="fill">
      <span className="fbar">
        <i style={{ width: filledPercent(order) }} />
      </span>
      <span className="num r">
        {quantityText(order.filled_quantity, digits)}{' '}
        <span className="t3">/ {quantityText(order.quantity, digits)}</span>
      </span>
    </span>
  )
}

// '3 m'; from a day on the date.
export const sinceText = (at: string, utc: boolean) => (ms: number) => (ms < DAY_MS ? age(ms) : day(at, utc).slice(5))

export const Since = ({ at, utc, className }: { at: string; utc: boolean; className?: string }) => (
  <Age at={Date.parse(at)} className={className} text={sinceText(at, utc)} />
)

// The time of day; the date before it when it is another day's.
export function When({ at, utc, digits = 0 }: { at: string; utc: boolean; digits?: number }) {
  const today = day(at, utc) === day(new Date().toISOString(), utc)
  return (
    <time dateTime={at} title={`${day(at, utc)} ${clock(at, utc, 6)}`}>
      {today ? '' : `${day(at, utc).slice(5)} `}
      {clock(at, utc, digits)}
    </time>
  )
}

// What a BUY LIMIT holds of the buying power. Of other types the server alone knows it, and of one that closes a short too.
export const reservedOf = (order: Order, short: boolean): Decimal | null =>
  short ||
  order.execution_state === 'DONE' ||
  order.side !== 'BUY' ||
  order.order_type !== 'LIMIT' ||
  order.price === null
    ? null
    : multiply(order.quantity - order.filled_quantity, order.price)

// The last six characters tell the orders of a day apart.
export const ShortId = ({ id }: { id: string }) => (
  <span className="mono" title={id}>
    …{id.slice(-6)}
  </span>
)

export const compare = <T extends string | bigint>(a: T | null, b: T | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1
