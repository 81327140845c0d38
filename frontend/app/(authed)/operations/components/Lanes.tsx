// SPDX-License-Identifier: Apache-2.0
// The lanes with owner and open orders; each that is not READY says so, with what its session said.
import { Note } from '@/components/Note'
import { clock } from '@/lib/format'
import type { Lane } from '@/lib/types'

const words: Record<Lane['state'], string> = {
  READY: '',
  DOWN: 'no session',
  REFUSED: 'refused',
  ORPHANED: 'owner silent',
  FREE: 'no owner',
}

const said: Record<Exclude<Lane['state'], 'READY'>, string> = {
  DOWN: 'has no session',
  REFUSED: 'is refused by the exchange',
  ORPHANED: 'has an owner that gives no sign of life',
  FREE: 'has no owner',
}

export function Lanes({ lanes, utc }: { lanes: Lane[] | null; utc: boolean }) {
  return (
    <>
      <ul className="lanes" aria-label="Lanes">
        {lanes?.map((lane) => (
          <li
            key={lane.lane}
            className={`lane${lane.state === 'READY' ? '' : ' w'}`}
            data-state={lane.state}
            title={`epoch ${lane.epoch}, in ${lane.in_seq}, out ${lane.out_seq}`}
          >
            <b className="num">
              <span>{lane.lane}</span>
              <span className="t3 owner">{lane.owner === null ? '–' : `e${lane.owner}`}</span>
            </b>
            <span className="num">
              {words[lane.state] || `${lane.open_orders} open`}
              {lane.commands > 0 && `, ${lane.commands} waiting`}
            </span>
          </li>
        ))}
      </ul>
      {lanes?.map(
        (lane) =>
          lane.state !== 'READY' && (
            <div className="lanenote" key={lane.lane}>
              <Note kind="w" title={`Lane ${lane.lane} ${said[lane.state]}`}>
                since {clock(lane.session_at, utc)}
                {lane.why ? `: ${lane.why}` : ''}. {lane.open_orders}{' '}
                {lane.open_orders === 1 ? 'order waits' : 'orders wait'}.
              </Note>
            </div>
          ),
      )}
    </>
  )
}
