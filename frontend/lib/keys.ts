// SPDX-License-Identifier: Apache-2.0
'use client'
// Keys of the screen: 'b', '?', ']', 'shift+d', 'mod+k' (Ctrl, on a Mac Cmd). Keys without mod act outside of text fields and
// dialogs only, and can be switched off (WCAG 2.1.4). One listener; of two parts that ask for one key, the later one has it.
import { useEffect, useRef } from 'react'
import { useSettings } from './settings'

const takers = new Map<string, (() => void)[]>()

export type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

// The name of what was pressed. Shift is told for letters only: which key '?' or '1' needs it for differs by layout.
export function keyName(event: Pressed): string | null {
  const key = event.key.toLowerCase()
  const shift = event.shiftKey && /^[a-z]$/.test(key)
  // AltGr, by which some layouts make ']', is told as Ctrl and Alt with the character that it makes.
  if (event.altKey) return event.ctrlKey && !/^[a-z0-9]$/.test(key) ? key : null
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? null : `mod+${key}`
  return shift ? `shift+${key}` : key
}

const TEXT_FIELDS = 'textarea, select, input:not([type=checkbox], [type=radio])'
// Menus choose by letters, and behind a dialog nothing may act.
const HOLD_KEYS = '[data-radix-popper-content-wrapper], .sheet'
// What has the focus and acts by Enter itself.
const OWN_ENTER = 'button, a[href], summary, [role=tab], [role=menuitem], [role=radio]'
// Those that go from one to the next may be held down; of all others one press is one act.
const MAY_REPEAT = new Set(['j', 'k', '[', ']'])

function acts(name: string, event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || (event.repeat && !MAY_REPEAT.has(name))) return false
  if (name.startsWith('mod+')) return true
  if (!useSettings.getState().singleKeys || document.querySelector('.scrim, [role="alertdialog"]')) return false
  const target = event.target
  if (!(target instanceof HTMLElement)) return true
  if (name === 'enter' && target.closest(OWN_ENTER)) return false
  return !target.isContentEditable && !target.matches(TEXT_FIELDS) && !target.closest(HOLD_KEYS)
}

function onKeyDown(event: KeyboardEvent): void {
  const name = keyName(event)
  const run = name === null ? undefined : takers.get(name)?.at(-1)
  if (!name || !run || !acts(name, event)) return
  event.preventDefault()
  run()
}

// As if KEY had been pressed, for who chooses its act from a list.
export const runKey = (key: string): void => takers.get(key)?.at(-1)?.()

export function useKey(key: string, run: () => void): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    const call = () => latest.current()
    if (takers.size === 0) document.addEventListener('keydown', onKeyDown)
    takers.set(key, [...(takers.get(key) ?? []), call])
    return () => {
      const left = (takers.get(key) ?? []).filter((each) => each !== call)
      if (left.length > 0) takers.set(key, left)
      else takers.delete(key)
      if (takers.size === 0) document.removeEventListener('keydown', onKeyDown)
    }
  }, [key])
}
