'use client'
// Keys of the screen. Single keys act outside of text fields only, and not at all where a person has switched them off (WCAG 2.1.4).
import { useEffect, useRef } from 'react'
import { useSettings } from './settings'

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))

export function useKey(key: string, run: () => void): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return
      if (event.key.toLowerCase() !== key || isText(event.target) || !useSettings.getState().singleKeys) return
      if (document.querySelector('[role="alertdialog"], .scrim')) return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [key])
}
