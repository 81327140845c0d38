// SPDX-License-Identifier: Apache-2.0
'use client'
// What can be done with the order.
import { Age } from '@/components/Age'
import { decimalText } from '@/lib/decimal'
import { useDraft } from '@/lib/draft'
import { age } from '@/lib/format'
import type { Row } from '@/lib/hooks/useOrders'
import type { Order } from '@/lib/types'
import { useView } from '@/lib/view'
import { canCancel, requestCancel } from '../blotter/cancel'
import { type Digits, quantityText } from '../blotter/figures'
import { legOf } from '../blotter/rows'

export function Footer({ row, digits }: { row: Row; digits: Digits }) {
  const { order } = row
  const open = order.execution_state !== 'DONE'
  return (
    <div className="df">
      {open && !order.cancel_requested_at && (
        <button
          type="button"
          className="btn sm oln"
          aria-disabled={!canCancel(row) || undefined}
          aria-describedby="cancel-note"
          onClick={() => requestCancel(row)}
        >
          {row.cancel === 'asking' ? 'asking…' : 'Cancel order'}
        </button>
      )}
      <span className="t3 note2" id="cancel-note">
        {open && <CancelNote row={row} digits={digits} />}
      </span>
      <span className="grow" />
      {!legOf(order) && (
        <button type="button" className="btn sm ghost" onClick={() => repeatInTicket(order)}>
          Repeat in ticket
        </button>
      )}
    </div>
  )
}

function CancelNote({ row, digits }: { row: Row; digits: Digits }) {
  const { order, cancel } = row
  if (order.cancel_requested_at) {
    return (
      <>
        Cancel requested <Age at={Date.parse(order.cancel_requested_at)} text={age} /> ago; the exchange decides.
      </>
    )
  }
  if (cancel !== null && cancel !== 'asking') return <span className="err">{cancel.refused}</span>
  if (order.execution_state === 'IN_DOUBT') return 'asks for a cancel; it takes effect once the exchange answers'
  if (legOf(order)) return 'asks first: it leaves the position without this protection'
  const rest = quantityText(order.quantity - order.filled_quantity, digits)
  const legs = order.filled_quantity > 0n && (order.stop_loss !== null || order.take_profit !== null)
  return order.filled_quantity === 0n
    ? `cancels all ${rest}`
    : `cancels the ${rest} that are not filled${legs ? '; the legs stay' : ''}`
}

// Fills the ticket with the same order. Sends nothing.
export function repeatInTicket(order: Order): void {
  const text = (value: bigint | null) => (value === null ? '' : decimalText(value))
  useDraft.getState().set({
    side: order.side,
    orderType: order.order_type,
    quantity: decimalText(order.quantity),
    price: text(order.price),
    timeInForce: order.time_in_force,
    stopLoss: text(order.stop_loss),
    takeProfit: text(order.take_profit),
  })
  useView.getState().set({ symbol: order.symbol, order: null, phoneTab: 'trade', phoneTicket: true })
}
