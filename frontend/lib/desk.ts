// What happened to orders, for those who tell a person: toasts, sounds.
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
  order: Order | null // as it is after the event; null: a refusal that was not recorded
  event: OrderEvent | null // null: an answer to a request, not an event
  problem: Problem | null // of 'refused' and 'cancel_failed'
}

type Listener = (event: DeskEvent) => void
const listeners = new Set<Listener>()

export function onDeskEvent(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function tellDesk(event: DeskEvent): void {
  for (const listener of listeners) listener(event)
}
