// SPDX-License-Identifier: Apache-2.0
// A button with words. One that waits stays in reach of the keyboard and says by `describedBy` why it waits.
import type { MouseEvent, ReactNode, Ref } from 'react'

export function Button({
  kind = 'plain',
  size,
  waits = false,
  describedBy,
  keys,
  onClick,
  children,
  ref,
}: {
  kind?: 'plain' | 'pri' | 'buy' | 'sell' | 'dng' | 'ghost' | 'oln'
  size?: 'sm' | 'lg'
  waits?: boolean
  describedBy?: string
  keys?: string
  onClick(event: MouseEvent<HTMLButtonElement>): void
  children: ReactNode
  ref?: Ref<HTMLButtonElement>
}) {
  return (
    <button
      ref={ref}
      type="button"
      className={`btn num ${waits ? 'wait' : kind} ${size ?? ''}`}
      aria-disabled={waits || undefined}
      aria-describedby={describedBy}
      onClick={(event) => !waits && onClick(event)}
    >
      {children}
      {keys && !waits && (
        <span aria-hidden="true">
          <kbd>{keys}</kbd>
        </span>
      )}
    </button>
  )
}
