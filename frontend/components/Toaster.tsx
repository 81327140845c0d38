// SPDX-License-Identifier: Apache-2.0
'use client'
// The messages, within the chart over its oldest prices: never over ticket or orders. They are announced by OrderStatusSocket, folded, so
// that the list itself is silent. Pointer and focus hold a message.
import { useEffect, useRef } from 'react'
import { figure } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import { startSounds } from '@/lib/sounds'
import { dismiss, SHOWN_MS, startToasts, type Toast, useToasts } from '@/lib/toasts'
import { useView } from '@/lib/view'
import { Icon } from './Icon'

export function Toaster() {
  const { toasts, more } = useToasts()
  useEffect(() => {
    const ends = [startToasts(), startSounds()]
    return () => {
      for (const end of ends) end()
    }
  }, [])
  const list = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: where they do not all fit, the newest is seen
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight }) // newer browsers give a promise, which is no cleanup
  }, [toasts])
  return (
    <section className="toasts" aria-label="Messages" ref={list}>
      {toasts.map((toast) => (
        <Message key={toast.key} toast={toast} />
      ))}
      {more > 0 && <p className="toast-more">+{more} more in Activity</p>}
    </section>
  )
}

const marks = {
  buy: <span className="up b">▲</span>,
  sell: <span className="down b">▼</span>,
  er: (
    <span className="err">
      <Icon name="error" />
    </span>
  ),
  wn: (
    <span className="warn">
      <Icon name="warning" />
    </span>
  ),
  plain: (
    <span className="t3">
      <Icon name="info" />
    </span>
  ),
}

function Message({ toast }: { toast: Toast }) {
  const held = useRef(0)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (toast.stays) return
    const timer = setInterval(() => {
      if (held.current > 0 || document.hidden) return
      if (Date.now() - toast.at >= SHOWN_MS) dismiss(toast.key)
    }, 500)
    return () => clearInterval(timer)
  }, [toast.stays, toast.at, toast.key])

  function close(): void {
    // The focus must not fall to the page's top: to the next message, else to where it is useful.
    const next = box.current?.nextElementSibling ?? box.current?.previousElementSibling
    const within = box.current?.contains(document.activeElement)
    dismiss(toast.key)
    if (!within) return
    if (next instanceof HTMLElement && next.matches('.toast')) next.focus()
    else document.getElementById('ticket')?.focus()
  }

  const hold = () => {
    held.current += 1
  }
  const release = () => {
    held.current -= 1
  }
  return (
    <div
      ref={box}
      className={`toast ${toast.kind}`}
      role="group"
      aria-label={toast.title}
      tabIndex={-1}
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocus={hold}
      onBlur={release}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' && event.key !== 'Delete') return
        event.preventDefault()
        close()
      }}
    >
      {marks[toast.kind]}
      <div>
        <b className="num">{toast.title}</b>
        <div className="d num">
          {toast.detail}
          {toast.symbol && <Position symbol={toast.symbol} />}
        </div>
      </div>
      <span className="acts">
        {toast.correct && (
          <button
            type="button"
            className="link"
            onClick={() => {
              useView.getState().set({ phoneTab: 'trade', phoneTicket: true })
              dismiss(toast.key)
              document.getElementById('ticket')?.focus()
            }}
          >
            Correct
          </button>
        )}
        <button type="button" className="x" aria-label="Close" onClick={close}>
          <Icon name="close" size="s" />
        </button>
      </span>
    </div>
  )
}

function Position({ symbol }: { symbol: string }) {
  const position = usePositions().positions.find((one) => one.symbol === symbol)
  return ` · position ${figure(position?.quantity ?? 0n)}`
}
