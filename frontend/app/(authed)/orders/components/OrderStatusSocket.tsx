// SPDX-License-Identifier: Apache-2.0
'use client'
// The one socket of the screen: it lives as long as this is mounted, for one person. Renders nothing but the live regions, which say
// what a person who does not look has to know: fills once a second, refusals and the loss of the connection at once.
import { useEffect, useRef, useState } from 'react'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { onDeskEvent } from '@/lib/desk'
import { figure } from '@/lib/format'
import { useConnection } from '@/lib/hooks/useConnection'
import { retryIfBarred, startLive } from '@/lib/live'
import { forget } from '@/lib/store'
import { setPerson } from '@/lib/submitting'

const FOLD_MS = 1000

export function OrderStatusSocket() {
  const { subject, role, signOut } = useAuth()
  const { state } = useConnection()
  const [fills, setFills] = useState('')
  const [alert, setAlert] = useState('')
  const out = useRef(signOut)
  out.current = signOut

  useEffect(() => {
    if (!subject || role !== 'trader') return
    const stop = startLive(() => void out.current())
    return () => {
      stop()
      forget(true) // what one person saw is not for the next
    }
  }, [subject, role])

  // An order that was under way when the page or the session ended is asked about as soon as its person is back.
  const ended = useSessionEnd((session) => session.ended !== null)
  useEffect(() => {
    setPerson(role === 'trader' && !ended ? subject : null)
    if (!ended) retryIfBarred()
    return () => setPerson(null)
  }, [subject, role, ended])

  useEffect(() => {
    let lines: string[] = []
    let timer: ReturnType<typeof setTimeout> | null = null
    const end = onDeskEvent(({ kind, order, event, problem }) => {
      if (kind === 'filled' && order && event) {
        lines.push(
          `${order.symbol} filled ${figure(event.quantity_filled ?? 0n)} at ${figure(event.price_at_fill ?? 0n)}`,
        )
        timer ??= setTimeout(() => {
          timer = null
          setFills(lines.length > 3 ? `${lines.length} fills` : lines.join('. '))
          lines = []
        }, FOLD_MS)
      } else if (kind === 'in_doubt') setAlert(`${order?.symbol} is in doubt`)
      else if (kind === 'rejected' || kind === 'refused' || kind === 'cancel_failed')
        setAlert(problem?.detail ?? event?.message ?? `${order?.symbol} was refused`)
    })
    return () => {
      end()
      if (timer) clearTimeout(timer)
    }
  }, [])

  const lost = state === 'offline' ? 'No connection to OXE.' : state === 'polling' ? 'Live updates are down.' : ''
  return (
    <>
      <div className="vh" role="status" aria-live="polite">
        {fills}
      </div>
      <div className="vh" aria-live="assertive">
        {lost || alert}
      </div>
    </>
  )
}
