// SPDX-License-Identifier: Apache-2.0
// What a person may choose of how the screen looks, with the words for it.
import type { Settings } from '@/lib/settings'

export const themes: { value: Settings['theme']; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
]

export const colourPairs: { value: Settings['colours']; label: string }[] = [
  { value: 'teal-orange', label: 'Teal, orange' },
  { value: 'blue-orange', label: 'Blue, orange' },
  { value: 'red-green', label: 'Red, green' },
]
