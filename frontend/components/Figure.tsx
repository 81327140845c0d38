// SPDX-License-Identifier: Apache-2.0
'use client'
// A figure of the server. When it changes, its ground fades from the accent's tint: at most twice a second, never in the colours of
// up and down, and not at all for who asked for stillness. One that grows is a
// new node: on the right of its place a node would move its beginning, which counts as a shift of the layout.
import { Fragment, useLayoutEffect, useRef } from 'react'

const PAUSE_MS = 500
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

export function Figure({ text }: { text: string }) {
  const span = useRef<HTMLSpanElement>(null)
  const shown = useRef({ text, at: 0 })
  useLayoutEffect(() => {
    if (shown.current.text === text) return
    const now = performance.now()
    const pause = now - shown.current.at < PAUSE_MS
    shown.current = { text, at: pause ? shown.current.at : now }
    if (pause || document.hidden || still()) return
    span.current?.animate([{ backgroundColor: 'var(--accent-bg)' }, { backgroundColor: 'transparent' }], {
      duration: 600,
      easing: 'ease-out',
    })
  }, [text])
  return (
    <span ref={span} className="fig">
      <Fragment key={text.length}>{text}</Fragment>
    </span>
  )
}
