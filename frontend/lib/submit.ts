// How one order gets to the server once and only once.
import type { NewOrder, Order, Problem } from './types'

export type SubmitState =
  | { kind: 'idle' }
  | { kind: 'drawn'; key: string; body: NewOrder }
  | {
      kind: 'sending' | 'asking again'
      key: string
      body: NewOrder
      tries: number
      nextTryAt: number | null
      why: string
    }
  | { kind: 'rate limited'; key: string; body: NewOrder; until: number; problem: Problem }
  | { kind: 'refused'; key: string; body: NewOrder; problem: Problem }
  | { kind: 'accepted'; order: Order; serverMs: number | null }
  | { kind: 'signed out'; key: string; body: NewOrder }
  | { kind: 'given up'; key: string; body: NewOrder }
