// SPDX-License-Identifier: Apache-2.0
// Which rows stand where in Open orders: legs under their entry, and nothing that moves under the pointer.
import type { Row } from '@/lib/hooks/useOrders'
import type { Order } from '@/lib/types'

export interface Entry {
  name: string
  row: Row
  legs: Entry[]
  under: boolean // a leg whose entry stands above it
}

export type Leg = 'Stop loss' | 'Take profit'

export const legOf = (order: Pick<Order, 'parent_order_id' | 'order_type'>): Leg | null =>
  order.parent_order_id === null ? null : order.order_type === 'STOP' ? 'Stop loss' : 'Take profit'

// Newest first, legs under their entry, the stop loss before the take profit. A leg whose entry is done and gone stands for itself.
export function nest(rows: Row[]): Entry[] {
  const entries = rows.map((row): Entry => ({ name: row.name, row, legs: [], under: false })).sort(newestFirst)
  const byId = new Map(entries.map((entry) => [entry.row.order.id, entry]))
  return entries.filter((entry) => {
    const parent = entry.row.order.parent_order_id
    const above = parent === null ? undefined : byId.get(parent)
    if (!above) return true
    entry.under = true
    above.legs.push(entry)
    return false
  })
}

function newestFirst({ row: { order: a } }: Entry, { row: { order: b } }: Entry): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1
  return (a.order_type === 'STOP' ? 0 : 1) - (b.order_type === 'STOP' ? 0 : 1)
}

// While the pointer is on the list: what stood there keeps its place, what is new comes at the end.
export function keepPlaces<T>(now: T[], before: string[], name: (one: T) => string): T[] {
  const byName = new Map(now.map((one) => [name(one), one]))
  const kept = before.flatMap((each) => byName.get(each) ?? [])
  const known = new Set(before)
  return [...kept, ...now.filter((one) => !known.has(name(one)))]
}

// The rows, and those that were done and have left since: they stay while the pointer is on the list.
export function withDeparted(now: Row[], before: Row[]): Row[] {
  const names = new Set(now.map((row) => row.name))
  return [...now, ...before.filter((row) => row.doneAt !== null && !names.has(row.name))]
}
