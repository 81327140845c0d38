// SPDX-License-Identifier: Apache-2.0
// The lines across the chart: the working orders of the instrument, and the ticket's draft.
import { useMemo } from 'react'
import { priceText, quantityText } from '@/lib/change'
import { type Decimal, divide, parseDecimal } from '@/lib/decimal'
import { type Draft, useDraft } from '@/lib/draft'
import { percent } from '@/lib/format'
import { type Row, useOpenOrders } from '@/lib/hooks/useOrders'
import type { Instrument } from '@/lib/types'
import { legOf } from '../blotter/rows'

export interface OrderLine {
  key: string
  row: Row
  price: Decimal
  side: 'BUY' | 'SELL'
  text: string // 'BUY 120 LIMIT', 'Stop loss 80'
  edge: string // '145.00 stop loss 80', where the price is out of sight
}

export type DraftField = 'price' | 'stopLoss' | 'takeProfit'

export interface DraftLine {
  field: DraftField
  price: Decimal
  text: string // 'Draft BUY 100', 'Stop loss −0.66 %'
}

export function useOrderLines(instrument: Instrument | null): OrderLine[] {
  const { rows } = useOpenOrders()
  return useMemo(() => {
    if (!instrument) return []
    return rows.flatMap((row): OrderLine[] => {
      const { order } = row
      if (order.symbol !== instrument.symbol || order.execution_state === 'DONE') return []
      if (row.pending || row.sketch) return []
      if (order.price === null || order.order_type === 'MARKET') return []
      const left = quantityText(order.quantity - order.filled_quantity, instrument)
      const leg = legOf(order)
      const text = leg ? `${leg} ${left}` : `${order.side} ${left} ${order.order_type}`
      return [
        {
          key: order.id,
          row,
          price: order.price,
          side: order.side,
          text: order.cancel_requested_at ? `${text}, cancel requested` : text,
          edge: `${priceText(order.price, instrument)} ${leg ? text.toLowerCase() : text}`,
        },
      ]
    })
  }, [rows, instrument])
}

const typed = (text: string): Decimal | null => {
  const value = parseDecimal(text.trim().replace(',', '.'))
  return value !== null && value > 0n ? value : null
}

export function draftLines(draft: Draft, last: Decimal | null): { lines: DraftLine[]; entry: Decimal | null } {
  const own = draft.orderType === 'MARKET' ? null : typed(draft.price)
  const entry = draft.orderType === 'MARKET' ? last : own
  const lines: DraftLine[] = []
  if (own !== null) lines.push({ field: 'price', price: own, text: `Draft ${draft.side} ${draft.quantity}`.trim() })
  for (const [field, name] of [
    ['stopLoss', 'Stop loss'],
    ['takeProfit', 'Take profit'],
  ] as const) {
    const price = typed(draft[field])
    if (price === null) continue
    const away = entry ? ` ${percent(divide((price - entry) * 100n, entry))}` : ''
    lines.push({ field, price, text: `${name}${away}` })
  }
  return { lines, entry }
}

export function useDraftLines(last: Decimal | null): ReturnType<typeof draftLines> {
  const draft = useDraft()
  return useMemo(() => draftLines(draft, last), [draft, last])
}
