// SPDX-License-Identifier: Apache-2.0
'use client'
// Whether the window is as QUERY says. Below 768 px the screen is the phone's.
import { useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 767px)'

// Made once: each paint asks many times.
const lists = new Map<string, MediaQueryList>()

function listOf(query: string): MediaQueryList {
  const known = lists.get(query) ?? matchMedia(query)
  lists.set(query, known)
  return known
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      listOf(query).addEventListener('change', changed)
      return () => listOf(query).removeEventListener('change', changed)
    },
    () => listOf(query).matches,
    () => false,
  )
}
