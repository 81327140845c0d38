// SPDX-License-Identifier: Apache-2.0
// What is being looked at: kept in the URL (?symbol=, ?order=), so that a reload and a link show the same.
import { create } from 'zustand'
import type { BarInterval } from './types'

export type BlotterTab = 'open' | 'history' | 'fills' | 'positions'

export interface View {
  symbol: string | null // the instrument of head, chart and ticket
  order: string | null // whose drawer is open
  chart: 'line' | BarInterval // 'line': the closes of 1m
  tab: BlotterTab
  overlay: 'palette' | 'keys' | null
  phoneTab: 'trade' | 'orders' | 'positions' | 'account'
  phoneTicket: boolean
  set(change: Partial<Omit<View, 'set'>>): void
}

export const useView = create<View>()((set) => ({
  symbol: null,
  order: null,
  chart: '1m',
  tab: 'open',
  overlay: null,
  phoneTab: 'trade',
  phoneTicket: false,
  set: (change) => set(change),
}))
