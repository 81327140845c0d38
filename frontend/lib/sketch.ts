// SPDX-License-Identifier: Apache-2.0
// An order that only events have told of: another client of this trader has sent it, and the answer that knows the rest of it is on
// its way. order.submitted says enough to draw a row from; what it leaves open is shown as open, and nothing is decided by it.
import { type Known, mergeEvent } from './merge'
import type { Order, OrderEvent } from './types'

const HEARD_MAX = 50 // the newest: the answer tells of those before

export interface Sketch {
  order: Order
  heard: OrderEvent[] // told again to the answer, when it comes
}

// What no event tells is left empty.
type Told = Omit<Order, 'order_type' | 'time_in_force' | 'idempotent_key' | 'trader_id'>

function begin(event: OrderEvent): Known | null {
  const { order_id, symbol, side, quantity, status, execution_state } = event
  if (event.event !== 'order.submitted' || !order_id || !symbol || !side || !quantity || !status || !execution_state)
    return null
  const told: Told = {
    id: order_id,
    symbol,
    side,
    quantity,
    price: event.price ?? null,
    stop_loss: null,
    take_profit: null,
    status,
    execution_state,
    attempts: 0,
    next_check_at: null,
    filled_quantity: event.total_filled ?? 0n,
    average_price: event.average_price ?? null,
    reason: event.reason ?? null,
    parent_order_id: null,
    cancel_requested_at: null,
    created_at: event.timestamp,
    updated_at: event.timestamp,
  }
  const moment = { at: event.timestamp, seq: event.seq }
  return { ...(told as Order), heard: { state: moment, cancel: moment } }
}

// Null: not enough is known to draw it.
export function sketch(before: Sketch | null, event: OrderEvent): Sketch | null {
  if (before === null) {
    const order = begin(event)
    return order && { order, heard: [event] }
  }
  const order = mergeEvent(before.order, event)
  return order === before.order ? before : { order, heard: [...before.heard, event].slice(-HEARD_MAX) }
}

// The answer, and what was heard meanwhile: as if the answer had come first.
export const complete = ({ heard }: Sketch, answer: Order): Order => heard.reduce<Known>(mergeEvent, answer)
