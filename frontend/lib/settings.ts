// SPDX-License-Identifier: Apache-2.0
// What a person chose for this screen, kept in localStorage. Never tokens, never orders.
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export interface Settings {
  theme: 'system' | 'dark' | 'light'
  utc: boolean
  sounds: boolean
  singleKeys: boolean
  colours: 'teal-orange' | 'blue-orange' | 'red-green'
  chartShare: number // of the centre's height, 0.2 to 0.8
  set(change: Partial<Omit<Settings, 'set'>>): void
}

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: 'system',
      utc: false,
      sounds: false,
      singleKeys: true,
      colours: 'teal-orange',
      chartShare: 0.45,
      set: (change) => set(change),
    }),
    { name: 'oxe.settings' },
  ),
)
