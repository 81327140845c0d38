// SPDX-License-Identifier: Apache-2.0
// What happened to orders, for those who tell a person of it or read more about it: toasts, sounds, activity, trails.

import { places } from './decimal'
import { figure } from './format'
import * as store from './store'
import type { Order, OrderEvent, Problem } from './types'

export type DeskKind =
  | 'filled'
  | 'rejected'
  | 'in_doubt'
  | 'cancelled'
  | 'cancel_rejected'
  | 'expired'
  | 'refused'
  | 'cancel_failed'

export interface DeskEvent {
  kind: DeskKind
  order: Order | null // as it is after the event; of 'refused' the ticket's figures
  event: OrderEvent | null // null: the answer to a request
  problem: Problem | null // of 'refused' and 'cancel_failed'
}

const deskListeners = new Set<(event: DeskEvent) => void>()
const orderListeners = new Set<(event: OrderEvent, order: Order) => void>()

export function onDeskEvent(listener: (event: DeskEvent) => void): () => void {
  deskListeners.add(listener)
  return () => deskListeners.delete(listener)
}

// Every order event, as soon as its order is known.
export function onOrderEvent(listener: (event: OrderEvent, order: Order) => void): () => void {
  orderListeners.add(listener)
  return () => orderListeners.delete(listener)
}

export function tellDesk(event: DeskEvent): void {
  for (const listener of deskListeners) listener(event)
}

const kinds: Partial<Record<OrderEvent['event'], DeskKind>> = {
  'order.filled': 'filled',
  'order.rejected': 'rejected',
  'order.in_doubt': 'in_doubt',
  'order.cancelled': 'cancelled',
  'order.cancel_rejected': 'cancel_rejected',
  'order.expired': 'expired',
}

// Keys of orders whose refusal this screen's own request is told: the event of it would say the same again.
const answered = new Set<string>()
const ANSWERED_MAX = 100

export function answeredHere(key: string, refusal: boolean): void {
  if (answered.size >= ANSWERED_MAX) answered.clear()
  if (refusal) answered.add(key)
  else answered.delete(key)
}

export function tellOrderEvent(event: OrderEvent, order: Order): void {
  store.takeActivity({
    key: `${event.seq}`,
    at: Date.parse(event.timestamp),
    symbol: order.symbol,
    text: activityText(event, order),
    kind: event.event,
  })
  for (const listener of orderListeners) listener(event, order)
  const kind = kinds[event.event]
  const told = kind === 'rejected' && order.attempts === 0 && answered.has(order.idempotent_key)
  if (kind && !told) tellDesk({ kind, order, event, problem: null })
}

export function activityText(event: OrderEvent, order: Order): string {
  const instrument = store.instrumentOf(order.symbol)
  switch (event.event) {
    case 'order.filled':
      return `filled ${figure(event.quantity_filled ?? 0n)} @ ${figure(event.price_at_fill ?? 0n, instrument ? places(instrument.tick_size) : 2)}`
    case 'order.submitted':
      return `${order.side} ${figure(order.quantity)} submitted`
    case 'order.approved':
      return `${order.side} ${figure(order.quantity)} accepted`
    case 'order.executed':
      return event.reason === 'RESIZED' ? 'resized' : `sent, attempt ${Math.max(1, order.attempts)}`
    case 'order.retried':
      return `sent again, attempt ${Math.max(2, order.attempts)}`
    case 'order.acknowledged':
      return 'working'
    case 'order.cancel_rejected':
      return 'cancel came too late'
    default:
      return event.event.replace('order.', '').replaceAll('_', ' ')
  }
}
