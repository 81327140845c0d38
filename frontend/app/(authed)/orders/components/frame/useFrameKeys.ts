// SPDX-License-Identifier: Apache-2.0
'use client'
// Keys that act everywhere: palette, list of keys, next and previous instrument, theme, sounds, time zone, latest message.
import { useInstruments } from '@/lib/hooks/useInstruments'
import { useKey } from '@/lib/keys'
import { useSettings } from '@/lib/settings'
import { useView } from '@/lib/view'
import { toggleTheme } from './useLook'

export function useFrameKeys(): void {
  const { instruments } = useInstruments()
  const { set } = useView.getState()

  function step(by: 1 | -1): void {
    const symbols = instruments.filter((instrument) => instrument.tradable).map((instrument) => instrument.symbol)
    const at = symbols.indexOf(useView.getState().symbol ?? '')
    const next = symbols[(at + by + symbols.length) % symbols.length]
    if (next) set({ symbol: next })
  }

  useKey('mod+k', () => set({ overlay: useView.getState().overlay === 'palette' ? null : 'palette' }))
  useKey('?', () => set({ overlay: 'keys' }))
  useKey(']', () => step(1))
  useKey('[', () => step(-1))
  useKey('shift+d', toggleTheme)
  useKey('shift+m', () => useSettings.getState().set({ sounds: !useSettings.getState().sounds }))
  useKey('shift+u', () => useSettings.getState().set({ utc: !useSettings.getState().utc }))
  useKey('n', () => [...document.querySelectorAll<HTMLElement>('.toast')].at(-1)?.focus())
}
