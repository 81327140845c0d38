// SPDX-License-Identifier: Apache-2.0
'use client'
// The theme in force: the system's until one is chosen.
import { useMedia } from '@/lib/hooks/useMedia'
import { useSettings } from '@/lib/settings'

export function useTheme(): 'dark' | 'light' {
  const chosen = useSettings((settings) => settings.theme)
  const systemIsLight = useMedia('(prefers-color-scheme: light)')
  if (chosen !== 'system') return chosen
  return systemIsLight ? 'light' : 'dark'
}

export function toggleTheme(): void {
  useSettings.getState().set({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' })
}
