// SPDX-License-Identifier: Apache-2.0
'use client'
// What stands on the phone's cards of orders and fills.
import type { ReactNode } from 'react'
import { Age } from '@/components/Age'
import { Skeleton } from '@/components/Skeleton'
import { StateWord } from '@/components/StateWord'
import { type Decimal, divide } from '@/lib/decimal'
import { age, figure, money, percent } from '@/lib/format'
import { useInstrument } from '@/lib/hooks/useInstruments'
import type { Row } from '@/lib/hooks/useOrders'
import { useSettings } from '@/lib/settings'
import { stateWord, type StateWord as Word } from '@/lib/state'
import type { Fill, Order } from '@/lib/types'
import { useView } from '@/lib/view'
import { canCancel, requestCancel } from './cancel'
import { averageText, type Digits, filledPercent, quantityText, SideWord, Since, When } from './figures'
import { fillValue } from './fills'
import { type Entry, legOf } from './rows'

function Head({ order, word, digits, type }: { order: Order; word: Word; digits: Digits; type: ReactNode }) {
  const leg = legOf(order)
  return (
    <span className="l1">
      <b className="b">{order.symbol}</b>
      {leg && <span className="t2 pty">{leg}</span>}
      <SideWord side={order.side} />
      <span className="num">{quantityText(order.quantity, digits)}</span>
      <span className="t2 num pty ell">
        {leg ? '' : type} {order.price !== null && figure(order.price, digits.price)}
      </span>
      <span className="grow" />
      <StateWord word={word} />
    </span>
  )
}

const Bar = ({ order }: { order: Order }) => (
  <span className="fbar">
    <i style={{ width: filledPercent(order) }} />
  </span>
)

const filledText = (order: Order, digits: Digits): string =>
  `${quantityText(order.filled_quantity, digits)} of ${quantityText(order.quantity, digits)} filled` +
  (order.average_price === null ? '' : `, average ${averageText(order.average_price, digits)}`)

// How far the price is from the last one.
function Distance({ order, price }: { order: Order; price: Decimal }) {
  const last = useInstrument(order.symbol)?.last_price ?? null
  if (last === null || last === 0n) return 'at the exchange'
  return `${order.order_type === 'STOP' ? 'trigger ' : ''}${percent(divide((price - last) * 100n, last))} from last`
}

function Standing({ row, word, digits }: { row: Row; word: Word; digits: Digits }) {
  const { order, pending } = row
  switch (word) {
    case 'SENDING':
      return pending?.note === 'asking again' ? `asking again, try ${pending.tries}` : 'on its way to OXE'
    case 'ACCEPTED':
      return order.reason ? `waits: ${order.reason}` : 'accepted, not sent yet'
    case 'SENT':
      return 'sent to the exchange'
    case 'IN DOUBT':
      return 'may be working; do not send it again'
    case 'CANCEL REQUESTED':
      return (
        <>
          <Age at={Date.parse(order.cancel_requested_at ?? order.updated_at)} text={age} /> ago, the exchange decides
        </>
      )
    case 'WORKING':
      return order.price === null ? 'at the exchange' : <Distance order={order} price={order.price} />
    default:
      return order.reason ?? filledText(order, digits)
  }
}

export function OpenCard({ entry: { row, legs }, digits, word }: { entry: Entry; digits: Digits; word: Word }) {
  const utc = useSettings((settings) => settings.utc)
  const { order } = row
  const protection = protectionText(order, legs[0]?.row.order, digits)
  return (
    <>
      <Head order={order} word={word} digits={digits} type={row.sketch ? <Skeleton width={36} /> : order.order_type} />
      {order.filled_quantity > 0n && <Bar order={order} />}
      <span className="l2 num">
        <span>
          <Standing row={row} word={word} digits={digits} />
        </span>
        <Since at={order.created_at} utc={utc} />
      </span>
      {protection && <span className="l2 num">{protection}</span>}
    </>
  )
}

// 'Stop loss 145.00 · Take profit 160.00, for 80'
function protectionText(order: Order, leg: Order | undefined, digits: Digits): string | null {
  const parts = [
    order.stop_loss !== null && `Stop loss ${figure(order.stop_loss, digits.price)}`,
    order.take_profit !== null && `Take profit ${figure(order.take_profit, digits.price)}`,
  ].filter(Boolean)
  if (parts.length === 0) return null
  return `${parts.join(' · ')}, ${leg ? `for ${quantityText(leg.quantity, digits)}` : 'with the first fill'}`
}

export function OpenActions({ row }: { row: Row }) {
  if (row.pending) return null
  return (
    <>
      <button type="button" className="btn ghost" onClick={() => useView.getState().set({ order: row.order.id })}>
        Details
      </button>
      {canCancel(row) && (
        <button type="button" className="btn oln" onClick={() => requestCancel(row)}>
          Cancel order
        </button>
      )}
    </>
  )
}

export function HistoryCard({ order, digits }: { order: Order; digits: Digits }) {
  const utc = useSettings((settings) => settings.utc)
  return (
    <>
      <Head order={order} word={stateWord(order)} digits={digits} type={order.order_type} />
      <span className="l2 num">
        <span className="ell">{order.reason ?? filledText(order, digits)}</span>
        <When at={order.created_at} utc={utc} />
      </span>
    </>
  )
}

export function FillCard({ fill, digits }: { fill: Fill; digits: Digits }) {
  const utc = useSettings((settings) => settings.utc)
  return (
    <>
      <span className="l1">
        <b className="b">{fill.symbol}</b>
        <SideWord side={fill.side} />
        <span className="num">{quantityText(fill.quantity_filled, digits)}</span>
        <span className="t2 num pty">at {figure(fill.price_at_fill, digits.price)}</span>
        <span className="grow" />
        <span className="num">{money(fillValue(fill))}</span>
      </span>
      <span className="l2 num">
        <span className="ell">
          {fill.venue} <span className="mono">{fill.venue_exec_id}</span>
        </span>
        <When at={fill.timestamp} utc={utc} digits={3} />
      </span>
    </>
  )
}
