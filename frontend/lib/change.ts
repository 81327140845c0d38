// SPDX-License-Identifier: Apache-2.0
// How a price stands against the first one of the trading day.
import { type Decimal, divide, places } from './decimal'
import { figure, percent, signed } from './format'
import type { Instrument } from './types'

export interface Change {
  kind: 'up' | 'down' | ''
  amount: string // '+0.58'
  percent: string // '+0.39 %'
}

export function changeOf({ last_price, day_open_price, tick_size }: Instrument): Change | null {
  if (last_price === null || day_open_price === null || day_open_price === 0n) return null
  const amount = last_price - day_open_price
  return {
    kind: amount > 0n ? 'up' : amount < 0n ? 'down' : '',
    amount: signed(amount, places(tick_size)),
    percent: percent(divide(amount * 100n, day_open_price)),
  }
}

export const arrow = { up: '▲', down: '▼', '': '' } as const

// With the tick's decimals, more when there are exact ones.
export const priceText = (price: Decimal, { tick_size }: Instrument): string => figure(price, places(tick_size))
export const quantityText = (quantity: Decimal, { lot_size }: Instrument): string => figure(quantity, places(lot_size))
