// SPDX-License-Identifier: Apache-2.0
// CSV of the rows that are loaded. Times in UTC; a text that a spreadsheet would take for a formula gets a quote before it, as in
// the audit exports.
import { decimalText } from '@/lib/decimal'
import type { Order } from '@/lib/types'

const columns = [
  'id',
  'created_at',
  'updated_at',
  'symbol',
  'side',
  'order_type',
  'time_in_force',
  'quantity',
  'filled_quantity',
  'price',
  'average_price',
  'stop_loss',
  'take_profit',
  'status',
  'execution_state',
  'reason',
  'parent_order_id',
  'idempotent_key',
] as const satisfies readonly (keyof Order)[]

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'bigint') return decimalText(value)
  const text = String(value)
  const safe = /^[=+\-@'\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function ordersCsv(orders: Order[]): string {
  const lines = [columns.join(','), ...orders.map((order) => columns.map((column) => cell(order[column])).join(','))]
  return `${lines.join('\r\n')}\r\n`
}

export function saveCsv(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
