// SPDX-License-Identifier: Apache-2.0
// What is searched for: as typed, and as the API takes it. Kept in the address, so that a reload and a link show the same.
import { momentOf } from '@/app/(authed)/orders/components/blotter/moments'
import { clock, day } from '@/lib/format'
import type { AuditEntry } from '@/lib/types'

export type AuditAction = AuditEntry['action']

export const actions: readonly AuditAction[] = [
  'SUBMITTED',
  'APPROVED',
  'EXECUTED',
  'ACKNOWLEDGED',
  'RETRIED',
  'FILLED',
  'REJECTED',
  'CANCEL_REQUESTED',
  'CANCEL_REJECTED',
  'CANCELLED',
  'EXPIRED',
  'RECOVERED',
  'IN_DOUBT',
  'RESOLVED',
  'HALTED',
  'RESUMED',
  'ACCOUNT_OPENED',
  'ACCOUNT_CHANGED',
  'LIMITS_CHANGED',
  'FLAG_CHANGED',
  'INSTRUMENT_CHANGED',
  'MONTH_ARCHIVED',
  'KEY_CHANGED',
  'LANE_RESYNCED',
]

export interface Search {
  trader: string
  order: string
  action: AuditAction | ''
  from: string
  to: string
}

export interface AuditQuery {
  trader_id?: string
  order_id?: string
  action?: AuditAction
  from?: string
  to?: string
}

export type SearchFaults = Partial<Record<keyof Search, string>>

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const DEFAULT_MINUTES = 15

export const everything: Search = { trader: '', order: '', action: '', from: '', to: '' }

export function lastMinutes(utc: boolean): Search {
  const from = new Date(Date.now() - DEFAULT_MINUTES * 60_000).toISOString()
  return { ...everything, from: `${day(from, utc)} ${clock(from, utc)}` }
}

export function judge(search: Search, utc: boolean): { query: AuditQuery; faults: SearchFaults } {
  const faults: SearchFaults = {}
  const query: AuditQuery = {}
  const trader = search.trader.trim().toLowerCase()
  const order = search.order.trim().toLowerCase()
  if (trader) {
    if (UUID.test(trader)) query.trader_id = trader
    else faults.trader = 'The trader is a UUID.'
  }
  if (order) {
    if (UUID.test(order)) query.order_id = order
    else faults.order = 'The order is a UUID.'
  }
  if (search.action) query.action = search.action
  for (const end of ['from', 'to'] as const) {
    const at = momentOf(search[end], utc)
    if (at) query[end] = at
    else if (at === undefined) faults[end] = 'A time is as 2026-11-24 or 2026-11-24 11:27:03.'
  }
  if (query.from && query.to && query.from >= query.to) faults.to = 'The end is not after the beginning.'
  return { query, faults }
}

const NAMES = ['trader', 'order', 'action', 'from', 'to'] as const

export function searchOfAddress(utc: boolean): Search {
  const address = new URLSearchParams(typeof window === 'undefined' ? '' : window.location.search)
  if (!NAMES.some((name) => address.has(name))) return lastMinutes(utc)
  const action = actions.find((one) => one === address.get('action')) ?? ''
  const text = (name: string) => address.get(name) ?? ''
  return { trader: text('trader'), order: text('order'), action, from: text('from'), to: text('to') }
}

export function keepInAddress(search: Search): void {
  const address = new URLSearchParams()
  for (const name of NAMES) if (search[name].trim()) address.set(name, search[name].trim())
  // A search for everything is not the default one: the address must say so.
  if (address.size === 0) address.set('from', '')
  window.history.replaceState(null, '', `?${address}`)
}
