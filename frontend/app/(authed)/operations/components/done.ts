// SPDX-License-Identifier: Apache-2.0
// What this person has done since the page was opened, and the server has confirmed. The audit log has all of it, for good.
import { create } from 'zustand'

export interface Deed {
  at: number
  text: string
}

const KEPT = 100

export const useDone = create<{ deeds: Deed[] }>()(() => ({ deeds: [] }))

export function done(text: string): void {
  useDone.setState(({ deeds }) => ({ deeds: [{ at: Date.now(), text }, ...deeds].slice(0, KEPT) }))
}
