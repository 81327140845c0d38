// SPDX-License-Identifier: Apache-2.0
// The ticket's draft: what the person has typed, as text. Chart, palette, blotter and ticket share it; nothing here sends.
import { create } from 'zustand'
import type { OrderType, Side, TimeInForce } from './types'
import { useView } from './view'

export interface Draft {
  side: Side
  orderType: OrderType
  quantity: string
  price: string
  timeInForce: TimeInForce
  stopLoss: string
  takeProfit: string
}

export const emptyDraft: Draft = {
  side: 'BUY',
  orderType: 'LIMIT',
  quantity: '',
  price: '',
  timeInForce: 'DAY',
  stopLoss: '',
  takeProfit: '',
}

// The symbol is the view's (lib/view.ts): there is one instrument on the screen.
export const useDraft = create<Draft & { set(change: Partial<Draft>): void; clear(): void }>()((set) => ({
  ...emptyDraft,
  set: (change) => set(change),
  clear: () => set(emptyDraft),
}))

// Prices of one instrument say nothing of another. Who fills both chooses the symbol first.
useView.subscribe((now, before) => {
  if (before.symbol !== null && now.symbol !== before.symbol)
    useDraft.setState({ price: '', stopLoss: '', takeProfit: '' })
})
