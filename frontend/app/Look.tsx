// SPDX-License-Identifier: Apache-2.0
'use client'
// Keeps <html> as the settings and the system say, on every page.
import { useEffect } from 'react'
import { useTheme } from '@/app/(authed)/orders/components/frame/useLook'
import { useSettings } from '@/lib/settings'
import { applyLook } from '@/lib/theme'

export function Look() {
  const { theme, colours } = useSettings()
  const shown = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: shown changes with the system, which applyLook asks by itself
  useEffect(() => applyLook({ theme, colours }), [theme, colours, shown])
  return null
}
