// SPDX-License-Identifier: Apache-2.0
// The review's sentences: what the order says in words.
import type { Decimal } from '@/lib/decimal'
import { figure } from '@/lib/format'
import type { NewOrder } from '@/lib/types'

const forHowLong = {
  DAY: 'today',
  GTC: 'until cancelled',
  IOC: 'now or not at all, in part',
  FOK: 'now and whole, or not',
} as const

// 'Buy 100 AAPL'
export const headline = (order: NewOrder): string =>
  `${order.side === 'SELL' ? 'Sell' : 'Buy'} ${figure(order.quantity)} ${order.symbol}`

// 'at 150.80 or better, today'. DECIMALS: those of the instrument's tick.
export function terms(order: NewOrder, last: Decimal | null, decimals: number): string {
  const price = order.price == null ? '–' : figure(order.price, decimals)
  const at =
    order.order_type === 'LIMIT'
      ? `at ${price} or better`
      : order.order_type === 'STOP'
        ? `at the market once ${price} trades`
        : last === null
          ? 'at the market'
          : `at the market, last ${figure(last, decimals)}`
  return `${at}, ${forHowLong[order.time_in_force]}`
}
