// SPDX-License-Identifier: Apache-2.0
// What OXE knows of an order in doubt. The trail belongs to its trader and to compliance: operations may not read it.
import { Age } from '@/components/Age'
import { age, clock, figure } from '@/lib/format'
import type { Lane, OpenQuestion } from '@/lib/types'

export function KnownFacts({ order, lane, utc }: { order: OpenQuestion; lane: Lane | null; utc: boolean }) {
  const facts: [string, React.ReactNode][] = [
    ['State', `${order.execution_state}, ${order.status}`],
    ['Created', clock(order.created_at, utc, 3)],
    ['Last change', clock(order.updated_at, utc, 3)],
    ['Asked next', order.next_check_at ? <Age key="next" at={Date.parse(order.next_check_at)} text={next} /> : '–'],
    ['Filled', `${figure(order.filled_quantity)} of ${figure(order.quantity)}`],
    ['Average price', order.average_price === null ? '–' : figure(order.average_price, 2)],
    ['Sent', `${order.attempts} ${order.attempts === 1 ? 'time' : 'times'}`],
    ['Lane', lane ? `${order.lane}, ${lane.state}` : `${order.lane}`],
    ['Reason', order.reason ?? '–'],
    ['Waiting command', order.commands ?? 'none'],
  ]
  return (
    <dl className="facts known">
      {facts.map(([label, value]) => (
        <div key={label} className={label === 'Reason' || label === 'Waiting command' ? 'wide' : undefined}>
          <dt className="lbl">{label}</dt>
          <dd className="v num ell">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const next = (ms: number) => (ms >= 0 ? 'now' : `in ${age(-ms)}`)
