// SPDX-License-Identifier: Apache-2.0
// What no rule covered, newest first, with the whole message: a person has to look at it.
import { clock, figure } from '@/lib/format'
import type { PutAside } from '@/lib/types'

export function PutAsideList({ entries, utc }: { entries: PutAside[] | null; utc: boolean }) {
  if (entries?.length === 0) return <p className="none">Nothing was put aside.</p>
  return (
    <ol className="aside">
      {entries?.map((entry) => (
        <li key={entry.id}>
          <time className="num t2" dateTime={entry.created_at} title={entry.created_at}>
            {clock(entry.created_at, utc)}
          </time>
          <div>
            <b className="b">{entry.kind}</b> <span className="t3">by {entry.service}</span>
            {entry.order_id && (
              <span className="mono t3" title={entry.order_id}>
                {' '}
                order …{entry.order_id.slice(-6)}
              </span>
            )}
            <div className="t2">{entry.detail}</div>
            {(entry.quantity !== null || entry.venue_exec_id) && (
              <div className="t2 num">
                {entry.quantity !== null &&
                  `${figure(entry.quantity)} at ${entry.price === null ? '–' : figure(entry.price, 2)} `}
                {entry.venue_exec_id && `as ${entry.venue_exec_id}`}
              </div>
            )}
            {entry.message && (
              <details>
                <summary>Message</summary>
                <div className="hash">{entry.message}</div>
              </details>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
