// SPDX-License-Identifier: Apache-2.0
'use client'
// How true the figures are, in small print: the event they are from, the age of the prices, what is left to be sent this minute.
import { Age } from '@/components/Age'
import { age, clock, figure, NONE, zone } from '@/lib/format'
import { type Connection, useConnection } from '@/lib/hooks/useConnection'
import { useSettings } from '@/lib/settings'
import { useView } from '@/lib/view'
import { STALE_MS } from './notice'

const ago = (ms: number): string => `${age(ms)} ago`
// ONE: figure() takes decimals.
const count = (value: number): string => figure(BigInt(value) * 100_000_000n)

export function StatusBar() {
  const connection = useConnection()
  const utc = useSettings((settings) => settings.utc)
  const set = useView((view) => view.set)
  return (
    <footer className="bar">
      <span className="num">
        <Truth {...connection} />
      </span>
      <span className="num">
        {connection.pricesAt === null ? `prices ${NONE}` : <Prices at={connection.pricesAt} />}
      </span>
      <Left left={connection.ordersLeft} of={connection.ordersPerMinute} />
      <span className="end">Times {zone(utc)}</span>
      <span className="num">
        <Age at={0} text={() => clock(new Date().toISOString(), utc)} />
      </span>
      <span>
        <button type="button" className="keys-btn" aria-haspopup="dialog" onClick={() => set({ overlay: 'keys' })}>
          <kbd>?</kbd> keys
        </button>
      </span>
    </footer>
  )
}

function Truth({ state, seq, lastEventAt }: Connection) {
  if (state === 'connecting') return 'Connecting…'
  const from = seq !== null && (
    <>
      {' · seq '}
      <b>{count(seq)}</b>
    </>
  )
  if (state === 'live')
    return (
      <>
        <b>Live</b>
        {from}
        {lastEventAt !== null && (
          <>
            {' · last event '}
            <Age at={lastEventAt} text={ago} />
          </>
        )}
      </>
    )
  const words = { reconnecting: 'Reconnecting', polling: 'Polling', offline: 'Offline' } as const
  return (
    <>
      <b className={state === 'offline' ? 'err' : 'warn'}>{words[state]}</b>
      {from}
      {' · resumes after it, nothing is missed'}
    </>
  )
}

function Prices({ at }: { at: number }) {
  return (
    <>
      prices <Age at={at} text={(ms) => (ms > STALE_MS ? `${ago(ms)}, stale` : ago(ms))} />
    </>
  )
}

function Left({ left, of }: { left: number | null; of: number | null }) {
  if (of === null) return null
  const text = `${of} orders a minute${left === null ? '' : `, ${left} left`}`
  return <span className="num">{left === 0 ? <b className="warn">{text}</b> : text}</span>
}
