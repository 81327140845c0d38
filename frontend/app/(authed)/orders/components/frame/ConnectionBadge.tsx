// SPDX-License-Identifier: Apache-2.0
'use client'
// How the screen is connected, in one word; each word is an element of its own, so that none is moved by the next. Loss of it is announced by the frame, so nothing here is a live region.
import { Age } from '@/components/Age'
import { age } from '@/lib/format'
import { useConnection } from '@/lib/hooks/useConnection'

export function ConnectionBadge() {
  const { state, since, latencyMs } = useConnection()
  switch (state) {
    case 'connecting':
      return (
        <span key={state} className="conn" data-connection={state}>
          <span className="dot wait" />
          <span>Connecting</span>
        </span>
      )
    case 'live':
      return (
        <span key={state} className="conn" data-connection={state}>
          <span className="dot" />
          <span>Live</span>
          <span className="t3 num conn-more">{latencyMs === null ? '' : `${latencyMs} ms`}</span>
        </span>
      )
    case 'reconnecting':
      return (
        <span key={state} className="conn" data-connection={state}>
          <span className="dot poll" />
          <span className="warn">Reconnecting</span>
        </span>
      )
    case 'polling':
      return (
        <span key={state} className="conn" data-connection={state}>
          <span className="dot poll" />
          <span className="warn">Polling</span>
          <span className="t3 num conn-more">every 5 s</span>
        </span>
      )
    case 'offline':
      return (
        <span key={state} className="conn" data-connection={state}>
          <span className="dot off" />
          <span className="err">Offline</span>
          <span className="t3 num conn-more">
            <Age at={since} text={age} />
          </span>
        </span>
      )
  }
}
