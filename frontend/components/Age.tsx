// SPDX-License-Identifier: Apache-2.0
'use client'
// A text that depends on the time, such as '2 s ago'. One timer for all of them; it writes text nodes, so React does nothing.
import { useEffect, useLayoutEffect, useRef } from 'react'

const beats = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function everySecond(beat: () => void): () => void {
  beats.add(beat)
  timer ??= setInterval(() => {
    if (!document.hidden) for (const each of beats) each()
  }, 1000)
  return () => {
    beats.delete(beat)
    if (beats.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

// TEXT is told the time that has gone by since AT, in ms; negative when AT is still to come.
export function Age({ at, text, className }: { at: number; text(ms: number): string; className?: string }) {
  const span = useRef<HTMLSpanElement>(null)
  const write = useRef<() => void>(() => {})
  useLayoutEffect(() => {
    write.current = () => {
      const next = text(Date.now() - at)
      const node = span.current?.firstChild
      if (!node || node.nodeValue === next) return
      // A text that grows where it stands on the right moves its beginning, which counts as a shift of the layout; a new node does not.
      // In a dialog the node stays: it takes the focus back to itself when nodes go while the focus is between two fields.
      const grows = node.nodeValue?.length !== next.length
      if (grows && !span.current?.closest('[role=dialog], [role=alertdialog]')) span.current?.replaceChildren(next)
      else node.nodeValue = next
    }
    write.current()
  })
  useEffect(() => everySecond(() => write.current()), [])
  return (
    <span ref={span} className={className} suppressHydrationWarning>
      {' '}
    </span>
  )
}
