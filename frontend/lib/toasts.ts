// SPDX-License-Identifier: Apache-2.0
// Messages of what just happened to orders. Fills of one order within a second become one; what could be missed at a cost stays
// until it is closed; four are kept, what was pushed out stands in Activity and is counted.
import { create } from 'zustand'
import { type Decimal, divide, multiply, round } from './decimal'
import { type DeskEvent, onDeskEvent } from './desk'
import { figure, NONE } from './format'
import type { Order, Problem } from './types'

export const KEPT = 4
export const SHOWN_MS = 6000
const FOLD_MS = 1000

export interface Fills {
  count: number
  quantity: Decimal
  value: Decimal
}

export interface Toast {
  key: string
  at: number // when it came, or was last added to
  kind: 'buy' | 'sell' | 'er' | 'wn' | 'plain'
  title: string
  detail: string
  stays: boolean
  symbol: string | null // of a fill: what its position is now is told beside it
  order: string | null
  fills: Fills | null
  correct: boolean // leads back to the ticket
}

export interface Messages {
  toasts: Toast[] // newest last, so that a new one moves none
  more: number // pushed out while others stood
}

const whole = (value: Decimal): string => figure(value)

function filled(order: Order, event: NonNullable<DeskEvent['event']>, fills: Fills): Pick<Toast, 'title' | 'detail'> {
  const average = divide(fills.value, fills.quantity)
  const price = fills.count === 1 ? figure(average, 2) : figure(round(average, 2), 2)
  const parts = [
    order.status === 'FILLED' && order.cancel_requested_at
      ? 'FILLED before the cancel reached the exchange'
      : fills.count > 1
        ? `${order.status}, ${fills.count} fills, average ${figure(average, 2)}`
        : `${order.status}, ${whole(event.total_filled ?? order.filled_quantity)} of ${whole(order.quantity)}`,
  ]
  return {
    title: `${order.side === 'BUY' ? 'Bought' : 'Sold'} ${whole(fills.quantity)} ${order.symbol} at ${price}`,
    detail: parts.join(''),
  }
}

const outcome = (order: Order): string =>
  order.filled_quantity === 0n
    ? 'nothing was filled'
    : `${whole(order.filled_quantity)} of ${whole(order.quantity)} were filled`

const named = (order: Order): string =>
  `${order.side} ${whole(order.quantity)} ${order.symbol}${order.price === null ? '' : ` at ${figure(order.price, 2)}`}`

function refusedDetail(problem: Problem | null): string {
  if (!problem) return ''
  const rules = problem.errors?.length ?? 0
  const told = rules > 1 ? `${rules} rules` : problem.detail
  // The sentence goes on, so its full stop goes, also where it ends with somebody's words in quotes.
  return problem.order_id ? `${told.replace(/\.$/, '')}, recorded as …${problem.order_id.slice(-6)}` : told
}

const plain = { at: 0, stays: false, symbol: null, order: null, fills: null, correct: false } as const

// What EVENT says, alone; null when it says nothing that a message is for.
export function toastOf({ kind, order, event, problem }: DeskEvent): Omit<Toast, 'at'> | null {
  const id = order?.id || null // the ticket's figures have none
  switch (kind) {
    case 'filled': {
      if (!order || !event || event.quantity_filled === undefined || event.price_at_fill === undefined) return null
      const fills = {
        count: 1,
        quantity: event.quantity_filled,
        value: multiply(event.quantity_filled, event.price_at_fill),
      }
      return {
        ...plain,
        key: `fill ${order.id} ${event.seq}`,
        kind: order.side === 'BUY' ? 'buy' : 'sell',
        ...filled(order, event, fills),
        symbol: order.symbol,
        order: id,
        fills,
      }
    }
    case 'cancelled':
    case 'expired':
      return (
        order && {
          ...plain,
          key: `${kind} ${order.id}`,
          kind: 'plain',
          title: `${order.symbol} ${kind}, ${outcome(order)}`,
          detail: named(order),
          order: id,
        }
      )
    case 'in_doubt':
      return (
        order && {
          ...plain,
          key: `doubt ${order.id}`,
          kind: 'wn',
          title: `${order.symbol} is in doubt`,
          detail: `${named(order)} may be working, filled or lost. Do not send it anew.`,
          stays: true,
          order: id,
        }
      )
    case 'rejected':
      return (
        order && {
          ...plain,
          key: `rejected ${order.id}`,
          kind: 'er',
          title: `Refused: ${named(order)}`,
          detail: event?.message ?? event?.reason ?? NONE,
          stays: true,
          order: id,
        }
      )
    case 'refused':
      return {
        ...plain,
        key: `refused ${problem?.request_id}`,
        kind: 'er',
        title: order ? `Refused: ${named(order)}` : 'Refused',
        detail: refusedDetail(problem),
        stays: true,
        order: problem?.order_id ?? id,
        correct: true,
      }
    case 'cancel_rejected':
    case 'cancel_failed':
      return (
        order && {
          ...plain,
          key: `${kind} ${order.id}`,
          kind: 'er',
          title: `${order.symbol}: the cancel was refused`,
          detail: event?.message ?? problem?.detail ?? 'The order is as it was.',
          stays: true,
          order: id,
        }
      )
  }
}

// The messages after EVENT.
export function folded({ toasts, more }: Messages, event: DeskEvent, now: number): Messages {
  const next = toastOf(event)
  if (!next) return { toasts, more }
  const before = toasts.findLast((toast) => toast.order === next.order && toast.fills && now - toast.at < FOLD_MS)
  if (next.fills && before?.fills && event.order && event.event) {
    const fills = {
      count: before.fills.count + 1,
      quantity: before.fills.quantity + next.fills.quantity,
      value: before.fills.value + next.fills.value,
    }
    const sum = { ...before, at: now, fills, ...filled(event.order, event.event, fills) }
    return { toasts: toasts.map((toast) => (toast === before ? sum : toast)), more }
  }
  const all = [...toasts.filter((toast) => toast.key !== next.key), { ...next, at: now }]
  if (all.length <= KEPT) return { toasts: all, more }
  // The oldest of those that would go by themselves is pushed out first.
  const out = all.find((toast) => !toast.stays) ?? all[0]
  return { toasts: all.filter((toast) => toast !== out), more: more + 1 }
}

export const useToasts = create<Messages>()(() => ({ toasts: [], more: 0 }))

export function dismiss(key: string): void {
  useToasts.setState(({ toasts, more }) => {
    const left = toasts.filter((toast) => toast.key !== key)
    return { toasts: left, more: left.length === 0 ? 0 : more }
  })
}

export const startToasts = (): (() => void) =>
  onDeskEvent((event) => useToasts.setState((messages) => folded(messages, event, Date.now())))
