// SPDX-License-Identifier: Apache-2.0
'use client'
// The line between chart and blotter: dragged, or moved by the arrow keys; a double click puts it back. Kept in the settings.
import { type RefObject, useRef } from 'react'
import { useSettings } from '@/lib/settings'

const LEAST = 0.2
const MOST = 0.8
const USUAL = 0.45
const STEP = 0.02

const within = (share: number): number => Math.min(MOST, Math.max(LEAST, share))

// While it is dragged, only the pane's CSS variable changes: what listens to the settings hears of the end.
export function Splitter({ pane }: { pane: RefObject<HTMLElement | null> }) {
  const { chartShare, set } = useSettings()
  const dragged = useRef<number | null>(null)
  const percent = Math.round(chartShare * 100)

  function drag(event: React.PointerEvent): void {
    if (dragged.current === null || !pane.current) return
    const { top, height } = pane.current.getBoundingClientRect()
    dragged.current = within((event.clientY - top) / height)
    pane.current.style.setProperty('--chart-share', String(dragged.current))
  }

  function end(): void {
    if (dragged.current !== null) set({ chartShare: dragged.current })
    dragged.current = null
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const to = {
      ArrowUp: chartShare - STEP,
      ArrowDown: chartShare + STEP,
      PageUp: chartShare - 5 * STEP,
      PageDown: chartShare + 5 * STEP,
      Home: LEAST,
      End: MOST,
      Enter: USUAL,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set({ chartShare: within(to) })
  }

  return (
    <div
      className="split"
      role="separator"
      aria-label="Height of the chart"
      aria-orientation="horizontal"
      aria-valuemin={LEAST * 100}
      aria-valuemax={MOST * 100}
      aria-valuenow={percent}
      aria-valuetext={`${percent} % chart`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set({ chartShare: USUAL })}
      onPointerDown={(event) => {
        dragged.current = chartShare
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
    />
  )
}
