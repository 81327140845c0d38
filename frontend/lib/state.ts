// SPDX-License-Identifier: Apache-2.0
// The one word that a row shows for an order, from the API's status and execution_state.
import type { Order } from './types'

export type StateWord =
  | 'SENDING'
  | 'ACCEPTED'
  | 'SENT'
  | 'WORKING'
  | 'PARTIAL'
  | 'FILLED'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'REJECTED'
  | 'IN DOUBT'
  | 'CANCEL REQUESTED'

export function stateWord(order: Pick<Order, 'status' | 'execution_state' | 'cancel_requested_at'>): StateWord {
  if (order.execution_state !== 'DONE' && order.cancel_requested_at) return 'CANCEL REQUESTED'
  if (order.status === 'PARTIAL' && order.execution_state !== 'DONE' && order.execution_state !== 'IN_DOUBT')
    return 'PARTIAL'
  switch (order.execution_state) {
    case 'ADMITTED':
      return 'ACCEPTED'
    case 'SENT':
      return 'SENT'
    case 'WORKING':
      return 'WORKING'
    case 'IN_DOUBT':
      return 'IN DOUBT'
    case 'DONE':
      return order.status === 'PENDING' ? 'ACCEPTED' : order.status
  }
}
