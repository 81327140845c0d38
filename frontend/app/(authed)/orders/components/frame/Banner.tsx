// SPDX-License-Identifier: Apache-2.0
'use client'
// One line below the top bar, while something is wrong. What it says is announced once, without the seconds that run in it.
import { Icon } from '@/components/Icon'
import { fetchInstruments } from '@/lib/fetches'
import { useHalts } from '@/lib/hooks/useAccount'
import { useConnection, useNow } from '@/lib/hooks/useConnection'
import { useSettings } from '@/lib/settings'
import { useView } from '@/lib/view'
import { noticeOf } from './notice'

export function Banner() {
  const connection = useConnection()
  const halts = useHalts()
  const symbol = useView((view) => view.symbol)
  const utc = useSettings((settings) => settings.utc)
  const now = useNow()
  const notice = noticeOf({ connection, halts, symbol, now, utc })
  if (!notice) return null
  const { action } = notice
  return (
    <section className={`banner ${notice.kind === 'error' ? 'errb' : 'warnb'}`} aria-label="Notice">
      <Icon name={notice.kind === 'error' ? 'error' : 'warning'} />
      <p>
        <b className="b">{notice.title}</b> <span className="t2">{notice.text}</span>
      </p>
      {action && (
        <button
          type="button"
          className="link"
          onClick={() =>
            action.does === 'reconnect' ? connection.reconnect() : void fetchInstruments().catch(() => {})
          }
        >
          {action.name}
        </button>
      )}
    </section>
  )
}
