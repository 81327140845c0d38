'use client'
// The theme in force: the system's until one is chosen.
import { useEffect } from 'react'
import { useMedia } from '@/lib/hooks/useMedia'
import { useSettings } from '@/lib/settings'
import { applyLook } from '@/lib/theme'

export function useTheme(): 'dark' | 'light' {
  const chosen = useSettings((settings) => settings.theme)
  const systemIsLight = useMedia('(prefers-color-scheme: light)')
  if (chosen !== 'system') return chosen
  return systemIsLight ? 'light' : 'dark'
}

// Keeps <html> as the settings and the system say.
export function useLook(): void {
  const { theme, colours } = useSettings()
  const shown = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: shown changes with the system, which applyLook asks by itself
  useEffect(() => applyLook({ theme, colours }), [theme, colours, shown])
}

export function toggleTheme(): void {
  useSettings.getState().set({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' })
}
