// SPDX-License-Identifier: Apache-2.0
// The words of the operations page: what a halt stops and what a resolution does, told before it is done.
import { type Decimal, multiply } from '@/lib/decimal'
import { figure, money } from '@/lib/format'
import type { Halt, OpenQuestion } from '@/lib/types'

export type ResolveAction = 'RETRY' | 'REJECT' | 'CANCEL' | 'FILL'

export const short = (id: string): string => `…${id.slice(-4)}`

export function scopeName(halt: Pick<Halt, 'scope' | 'symbol' | 'trader_id'>): string {
  if (halt.scope === 'SYMBOL') return halt.symbol ?? ''
  return halt.scope === 'TRADER' ? `Trader ${short(halt.trader_id ?? '')}` : 'All traders'
}

// What has to be typed: a halt must not be one click away.
export function haltWord(halt: Pick<Halt, 'scope' | 'symbol' | 'trader_id'>): string {
  if (halt.scope === 'SYMBOL') return `HALT ${halt.symbol}`
  return halt.scope === 'TRADER' ? `HALT ${(halt.trader_id ?? '').slice(-4)}` : 'HALT ALL'
}

export function orderName(order: OpenQuestion): string {
  const price = order.price === null ? '' : ` ${figure(order.price, 2)}`
  return `${order.symbol} ${order.side} ${figure(order.quantity)} ${order.order_type}${price}`
}

export const remaining = (order: OpenQuestion): Decimal => order.quantity - order.filled_quantity

export const saying: Record<ResolveAction, string> = {
  RETRY: 'RETRY: it does not have the order. It is sent again under the same id, which the exchange takes once.',
  REJECT: 'REJECT: it never took the order, and nothing of it was executed.',
  CANCEL: 'CANCEL: it took the order and holds nothing of it any more. What is filled stays filled.',
  FILL: 'FILL: it was executed there and we missed it. Enter the execution exactly as the exchange has it; the same execution id counts once.',
}

// Why the executor would refuse it, as far as this page can know.
export function hindrance(action: ResolveAction, order: OpenQuestion): string | null {
  if (order.execution_state !== 'IN_DOUBT') return 'The order is over here; only an order in doubt can be resolved.'
  if (action === 'RETRY' && order.filled_quantity > 0n)
    return 'It is filled in part, so the exchange has it: RETRY would be refused.'
  if (action === 'REJECT' && order.filled_quantity > 0n) return 'It is filled in part: REJECT would be refused.'
  return null
}

export interface Execution {
  quantity: Decimal
  price: Decimal
  execId: string
}

export function effect(action: ResolveAction, order: OpenQuestion, execution: Execution | null): string {
  const { symbol } = order
  switch (action) {
    case 'RETRY':
      return `The order goes to the exchange once more, as attempt ${order.attempts + 1}. It is refused, and put aside, if the exchange has shown that it has the order, if its cancel was requested, or if trading is halted for it.`
    case 'REJECT':
      return 'The order ends REJECTED with EXCHANGE_UNAVAILABLE, and what it reserved is free. Whatever the exchange may hold of it is cancelled there until it says that it is gone.'
    case 'CANCEL':
      return `The order ends CANCELLED with ${figure(order.filled_quantity)} filled, and what it reserved for the rest is free. Whatever the exchange may hold of it is cancelled there until it says that it is gone.`
    case 'FILL': {
      if (!execution) return 'Enter quantity, price and execution id.'
      const value = money(multiply(execution.quantity, execution.price))
      const open = remaining(order) - execution.quantity
      const after =
        open > 0n
          ? `${figure(open)} stay open and in doubt until the exchange has answered`
          : open < 0n
            ? `that is ${figure(-open)} more than the order has left: the excess is recorded, and ${symbol} is halted`
            : 'the order is FILLED'
      const cash = order.side === 'BUY' ? 'falls' : 'rises'
      const position = order.side === 'BUY' ? 'grows' : 'shrinks'
      return `FILL of ${figure(execution.quantity)} at ${figure(execution.price, 2)} as ${execution.execId}. The trader’s cash ${cash} by ${value}, the ${symbol} position ${position} by ${figure(execution.quantity)}, ${after}, and the audit trail names you.`
    }
  }
}
