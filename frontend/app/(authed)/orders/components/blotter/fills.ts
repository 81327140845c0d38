// SPDX-License-Identifier: Apache-2.0
// Fills, as tab, foot and drawer count them.
import { multiply } from '@/lib/decimal'
import { day } from '@/lib/format'
import { useFills } from '@/lib/hooks/useOrders'
import type { Fill } from '@/lib/types'

const allFills = {}

export const useAllFills = () => useFills(allFills)

export const fillValue = (fill: Fill) => multiply(fill.quantity_filled, fill.price_at_fill)

// Fills of this day, as far as they are loaded; whole when an older one is loaded too.
export function fillsOfToday(fills: Fill[], hasMore: boolean, utc: boolean, now = new Date()) {
  const today = day(now.toISOString(), utc)
  const mine = fills.filter((fill) => day(fill.timestamp, utc) === today)
  return { fills: mine, whole: !hasMore || mine.length < fills.length }
}
