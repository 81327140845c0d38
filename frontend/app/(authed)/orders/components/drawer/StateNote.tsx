// SPDX-License-Identifier: Apache-2.0
'use client'
// What a state means for the person, where the word alone does not say it.
import { Note } from '@/components/Note'
import { clock } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { AuditEntry, Order } from '@/lib/types'

export function StateNote({ order, trail }: { order: Order; trail: AuditEntry[] }) {
  const utc = useSettings((settings) => settings.utc)
  const last = trail.findLast((entry) => entry.reason !== null && entry.reason === order.reason)
  const note = noteOf()
  return note && <div className="dnote">{note}</div>

  function noteOf() {
    if (order.execution_state === 'IN_DOUBT') {
      return (
        <Note kind="w" title="OXE does not know whether the exchange has this order.">
          It may be working, filled or lost.{' '}
          {order.next_check_at ? (
            <>
              The exchange is asked again at <b className="num">{clock(order.next_check_at, utc)}</b>; operations can
              resolve it by hand.
            </>
          ) : (
            'Operations can resolve it by hand.'
          )}{' '}
          Until then it counts against your buying power and limits. Sending the same order anew could buy twice.
        </Note>
      )
    }
    if (order.reason === null) return null
    const code = <span className="mono">{order.reason}</span>
    if (order.execution_state !== 'DONE') {
      return (
        <Note kind="w" title="It waits before it may be sent:">
          {code}
          {last?.message && ` · ${last.message}`}
        </Note>
      )
    }
    return (
      <Note kind={order.status === 'REJECTED' ? 'e' : 'i'} title={`${titles[order.status] ?? 'Ended'}:`}>
        {code}
        {last?.message && ` · ${last.message}`}
      </Note>
    )
  }
}

const titles: Partial<Record<Order['status'], string>> = {
  REJECTED: 'Rejected',
  CANCELLED: 'Cancelled',
  EXPIRED: 'Expired',
}
