// SPDX-License-Identifier: Apache-2.0
'use client'
// How much is filled, what becomes of the rest, and the order's id.
import { useState } from 'react'
import { Icon } from '@/components/Icon'
import { money } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import type { Order } from '@/lib/types'
import { type Digits, filledPercent, quantityText, reservedOf } from '../blotter/figures'

// What became of the quantity that is not filled.
function restText(order: Order, rest: string): string | null {
  if (order.filled_quantity >= order.quantity) return null
  switch (order.execution_state) {
    case 'ADMITTED':
      return `${rest} accepted, not sent yet`
    case 'SENT':
      return `${rest} sent`
    case 'WORKING':
      return `${rest} working`
    case 'IN_DOUBT':
      return null
    case 'DONE':
      return order.status === 'PENDING' ? null : `${rest} ${order.status.toLowerCase()}`
  }
}

export function Progress({ order, digits }: { order: Order; digits: Digits }) {
  const { positions } = usePositions()
  const short = positions.some((position) => position.symbol === order.symbol && position.quantity < 0n)
  const reserved = reservedOf(order, short)
  const doubt = order.execution_state === 'IN_DOUBT'
  const rest = restText(order, quantityText(order.quantity - order.filled_quantity, digits))
  return (
    <>
      <div className={`prog${order.side === 'SELL' ? ' sell' : ''}`}>
        <i style={{ width: filledPercent(order) }} />
      </div>
      <div className="row sub3">
        <span className="num">
          <b className="t1 b">{quantityText(order.filled_quantity, digits)}</b>{' '}
          {doubt ? 'known to be filled of' : 'filled of'} {quantityText(order.quantity, digits)}
        </span>
        {(rest || reserved !== null) && (
          <span className="num">
            {rest}
            {reserved !== null && `${rest ? ', ' : ''}${money(reserved)} ${doubt ? 'stays reserved' : 'reserved'}`}
          </span>
        )}
        <span className="grow" />
        <span className="mono id">{order.id}</span>
        <CopyId id={order.id} />
      </div>
    </>
  )
}

function CopyId({ id }: { id: string }) {
  const [done, setDone] = useState(false)
  return (
    <button
      type="button"
      className="copy"
      aria-label={done ? 'Copied' : "Copy the order's id"}
      onClick={() => {
        void navigator.clipboard.writeText(id).then(() => setDone(true))
        setTimeout(() => setDone(false), 2000)
      }}
    >
      <Icon name={done ? 'check' : 'copy'} size="s" />
    </button>
  )
}
