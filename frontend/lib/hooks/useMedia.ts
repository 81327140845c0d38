'use client'
// Whether the window is as QUERY says. Below 768 px the screen is the phone's.
import { useSyncExternalStore } from 'react'

export const PHONE = '(max-width: 767px)'

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
    () => false,
  )
}
