// SPDX-License-Identifier: Apache-2.0
'use client'
// The questions before a protective leg, or all orders, are cancelled.
import { useId, useState } from 'react'
import { Dialog } from '@/components/Dialog'
import { type Row, useOpenOrders } from '@/lib/hooks/useOrders'
import { canCancel, cancelEach, cancelNow, useCancelQuestion } from './cancel'
import { quantityText, useDigits } from './figures'
import { legOf } from './rows'

const close = () => useCancelQuestion.setState({ leg: null, all: null })

export function CancelDialogs() {
  const { leg, all } = useCancelQuestion()
  if (leg) return <LegQuestion leg={leg} />
  return all && <AllQuestion symbol={all.symbol} />
}

function LegQuestion({ leg }: { leg: Row }) {
  const digitsOf = useDigits()
  const { order } = leg
  const name = legOf(order)?.toLowerCase()
  const left = quantityText(order.quantity - order.filled_quantity, digitsOf(order.symbol))
  return (
    <Dialog
      open
      alert
      onClose={close}
      title={`Cancel the ${name} of ${order.symbol}?`}
      footer={
        <Answers
          yes="Cancel order"
          onYes={() => {
            close()
            void cancelNow(order.id)
          }}
        />
      }
    >
      <p>
        Cancelling it leaves{' '}
        <b className="t1 b num">
          {left} {order.symbol}
        </b>{' '}
        without its {name}.
      </p>
    </Dialog>
  )
}

function AllQuestion({ symbol }: { symbol: string | null }) {
  const { rows } = useOpenOrders()
  const [withLegs, setWithLegs] = useState(false)
  const box = useId()
  const open = rows.filter((row) => canCancel(row) && (symbol === null || row.order.symbol === symbol))
  const legs = open.filter((row) => legOf(row.order))
  const chosen = withLegs ? open : open.filter((row) => !legOf(row.order))
  const symbols = new Map<string, number>()
  for (const row of chosen) symbols.set(row.order.symbol, (symbols.get(row.order.symbol) ?? 0) + 1)
  const count = `${chosen.length} ${chosen.length === 1 ? 'order' : 'orders'}`
  return (
    <Dialog
      open
      alert
      onClose={close}
      title={`Cancel ${count}?`}
      footer={
        <Answers
          yes={`Cancel ${count}`}
          held={chosen.length === 0}
          onYes={() => {
            close()
            void cancelEach(chosen.map((row) => row.order.id))
          }}
        />
      }
    >
      <p className="num">
        {chosen.length === 0
          ? 'Nothing is open that can be cancelled.'
          : [...symbols].map(([name, n]) => (n === 1 ? name : `${name} ${n}`)).join(' · ')}
      </p>
      <p>What the exchange fills before the cancel reaches it stays filled.</p>
      {legs.length > 0 && (
        <label className="check" htmlFor={box}>
          <input id={box} type="checkbox" checked={withLegs} onChange={(event) => setWithLegs(event.target.checked)} />
          <span>
            Also the {legs.length} protective {legs.length === 1 ? 'leg' : 'legs'}, which leaves positions without
            protection
          </span>
        </label>
      )}
    </Dialog>
  )
}

function Answers({ yes, onYes, held }: { yes: string; onYes(): void; held?: boolean }) {
  return (
    <>
      <button type="button" className="btn sm ghost" onClick={close}>
        Keep
      </button>
      <button type="button" className="btn sm dng" disabled={held} onClick={onYes}>
        {yes}
      </button>
    </>
  )
}
