// SPDX-License-Identifier: Apache-2.0
// Whether the page can be seen. What cannot be seen is not drawn; the newest is drawn when it is seen again.
import { useSyncExternalStore } from 'react'

const subscribe = (changed: () => void) => {
  document.addEventListener('visibilitychange', changed)
  return () => document.removeEventListener('visibilitychange', changed)
}

export const useShown = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => !document.hidden,
    () => false,
  )
