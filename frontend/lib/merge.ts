// What is known of an order, out of answers and events that come in any order. A late one never moves a row back: more filled wins,
// even over CANCELLED (a late fill is a fact); then what is done wins over what is not; then the later one, and of two at once the event.
import type { Order, OrderEvent } from './types'

interface Standing {
  filled_quantity: bigint
  execution_state: Order['execution_state']
  updated_at: string
}

function wins(incoming: Standing, known: Standing, onTie: boolean): boolean {
  if (incoming.filled_quantity !== known.filled_quantity) return incoming.filled_quantity > known.filled_quantity
  const done = incoming.execution_state === 'DONE'
  if (done !== (known.execution_state === 'DONE')) return done
  if (incoming.updated_at !== known.updated_at) return incoming.updated_at > known.updated_at
  return onTie
}

// The known order itself when the answer is no news.
export function mergeSnapshot(known: Order, answer: Order): Order {
  return wins(answer, known, false) ? answer : known
}

export function mergeEvent(known: Order, event: OrderEvent): Order {
  const incoming: Order = {
    ...known,
    status: event.status ?? known.status,
    execution_state: event.execution_state ?? known.execution_state,
    filled_quantity: event.total_filled ?? known.filled_quantity,
    average_price: event.average_price === undefined ? known.average_price : event.average_price,
    reason: event.reason === undefined ? known.reason : event.reason,
    updated_at: event.timestamp,
  }
  if (event.event === 'order.cancel_requested') incoming.cancel_requested_at = event.timestamp
  if (event.event === 'order.cancel_rejected') incoming.cancel_requested_at = null
  return wins(incoming, known, true) ? incoming : known
}
