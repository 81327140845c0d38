// SPDX-License-Identifier: Apache-2.0
// The filters of the history, as a person typed them.
import type { OrderStatus } from '@/lib/types'

export interface Typed {
  status: OrderStatus | ''
  symbol: string
  from: string
  to: string
}
export const anyOrder: Typed = { status: '', symbol: '', from: '', to: '' }
