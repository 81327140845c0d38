// SPDX-License-Identifier: Apache-2.0
'use client'
// The last cell of an open order: the button, or what became of it. The whole cell is the target.
import { Age } from '@/components/Age'
import { age } from '@/lib/format'
import type { Row } from '@/lib/hooks/useOrders'
import { requestCancel } from './cancel'

export function CancelCell({ row }: { row: Row }) {
  if (row.pending) return <span className="xbtn off">{row.pending.note === 'asking again' ? 'asking again' : ''}</span>
  if (row.order.execution_state === 'DONE' || row.sketch) return null
  if (row.order.cancel_requested_at) {
    return <Age className="xbtn off" at={Date.parse(row.order.cancel_requested_at)} text={age} />
  }
  if (row.cancel === 'asking') return <span className="xbtn off">asking…</span>
  return (
    <button
      type="button"
      className="xcell"
      aria-label="Cancel order"
      aria-describedby={`row-${row.name}`}
      title={row.cancel?.refused}
      onClick={() => requestCancel(row)}
    >
      <span className="xbtn">Cancel</span>
    </button>
  )
}
