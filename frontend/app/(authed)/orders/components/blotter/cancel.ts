// SPDX-License-Identifier: Apache-2.0
'use client'
// Cancelling from the blotter: an order at once, a protective leg or several orders after a question.
import { create } from 'zustand'
import { cancelOrder, type Row } from '@/lib/hooks/useOrders'
import { legOf } from './rows'

const AT_ONCE = 4

// All: those of one symbol, or of any.
export const useCancelQuestion = create<{ leg: Row | null; all: { symbol: string | null } | null }>()(() => ({
  leg: null,
  all: null,
}))

// Whether a sketch is a protective leg is not known yet.
export const canCancel = (row: Row): boolean =>
  row.pending === null &&
  row.sketch === null &&
  row.cancel !== 'asking' &&
  row.order.execution_state !== 'DONE' &&
  row.order.cancel_requested_at === null

// Refusals are told by the row and a toast.
export const cancelNow = (id: string): Promise<void> => cancelOrder(id).catch(() => {})

export function requestCancel(row: Row): void {
  if (!canCancel(row)) return
  if (legOf(row.order)) useCancelQuestion.setState({ leg: row })
  else void cancelNow(row.order.id)
}

export async function cancelEach(ids: string[]): Promise<void> {
  const left = [...ids]
  const one = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await cancelNow(id)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}
