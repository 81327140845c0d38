// SPDX-License-Identifier: Apache-2.0
// What a table says where it has no rows.
import type { ReactNode } from 'react'

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {children && <span>{children}</span>}
    </div>
  )
}

// After 5 s of skeletons.
export const Slow = ({ what }: { what: string }) => (
  <div className="empty slow" role="status">
    Still waiting for the {what}.
  </div>
)
