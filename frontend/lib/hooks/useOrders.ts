// SPDX-License-Identifier: Apache-2.0
'use client'
// Orders, fills and trails as components read them. Open orders live in the store; history, fills and trails are pages of the API,
// with what the store knows better laid over them.
import { useEffect, useMemo } from 'react'
import useSWR from 'swr'
import useSWRInfinite from 'swr/infinite'
import { api, NoAnswer, problemOf, Refusal, read } from '../api'
import { onOrderEvent, tellDesk } from '../desk'
import { fetchOrder } from '../fetches'
import { expectEvent } from '../live'
import { mergeSnapshot } from '../merge'
import * as store from '../store'
import { isDone, type Row, SHOWN_DONE_MS, useDesk } from '../store'
import type { AuditEntry, Fill, Order, OrderEvent, OrderStatus, Problem } from '../types'

export type { Row } from '../store'

const REREAD_MS = 500

const plainRow = (order: Order): Row => ({
  key: order.id,
  name: order.id,
  order,
  pending: null,
  cancel: null,
  fresh: false,
  doneAt: null,
  sketch: null,
})

const newestFirst = (a: Order, b: Order): number =>
  a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1

// The event of this screen's own order may come before the answer that says which key it has: until then it is shown once, as pending.
const mayBe = (pending: Row | null, { order, sketch }: Row): boolean =>
  pending !== null &&
  sketch !== null &&
  pending.order.symbol === order.symbol &&
  pending.order.side === order.side &&
  pending.order.quantity === order.quantity

// Newest first: what is being sent, what is open, and for ten seconds what has just finished. Many components ask at each paint: it is
// reckoned once.
let reckoned: { rows: ReadonlyMap<string, Row>; pending: Row | null; open: Row[] } | null = null

function openRows(rows: ReadonlyMap<string, Row>, pending: Row | null): Row[] {
  if (reckoned?.rows === rows && reckoned.pending === pending) return reckoned.open
  const now = Date.now()
  const shown = [...rows.values()].filter(
    (row) => (!isDone(row.order) || (row.doneAt !== null && row.doneAt + SHOWN_DONE_MS > now)) && !mayBe(pending, row),
  )
  shown.sort((a, b) => newestFirst(a.order, b.order))
  reckoned = { rows, pending, open: pending ? [pending, ...shown] : shown }
  return reckoned.open
}

export function useOpenOrders(): { rows: Row[]; loading: boolean } {
  const rows = useDesk((desk) => desk.rows)
  const pending = useDesk((desk) => desk.pending)
  const loaded = useDesk((desk) => desk.loaded)
  return { rows: openRows(rows, pending), loading: !loaded }
}

export function useOrder(id: string | null): { row: Row | null; error: Problem | null; loading: boolean } {
  const known = useDesk((desk) => (id ? (desk.rows.get(id) ?? null) : null))
  const row = known?.sketch ? null : known
  const { data, error, isLoading } = useSWR(id && !row ? ['order', id] : null, async ([, wanted]: [string, string]) =>
    store.takeSnapshot(await read(api.GET('/api/v1/orders/{id}', { params: { path: { id: wanted } } }))),
  )
  const fetched = useMemo(() => (data ? plainRow(data) : null), [data])
  return { row: row ?? fetched, error: problemOf(error), loading: !row && isLoading }
}

// Runs REREAD at once when an event concerns it, then at most twice a second.
function useReread(concerns: (event: OrderEvent) => boolean, reread: () => void): void {
  useEffect(() => {
    let at = 0
    let timer: ReturnType<typeof setTimeout> | null = null
    const end = onOrderEvent((event) => {
      if (timer || !concerns(event)) return
      timer = setTimeout(
        () => {
          timer = null
          at = Date.now()
          reread()
        },
        Math.max(0, at + REREAD_MS - Date.now()),
      )
    })
    return () => {
      end()
      if (timer) clearTimeout(timer)
    }
  }, [concerns, reread])
}

interface Page {
  next_cursor: string | null
}

const pagesKey =
  <Filters>(name: string, filters: Filters) =>
  (index: number, previous: Page | null): [string, Filters, string | null] | null =>
    index > 0 && !previous?.next_cursor ? null : [name, filters, previous?.next_cursor ?? null]

export interface HistoryFilters {
  status?: OrderStatus
  symbol?: string
  from?: string
  to?: string
}

const matches = (order: Order, { status, symbol, from, to }: HistoryFilters): boolean =>
  (!status || order.status === status) &&
  (!symbol || order.symbol === symbol) &&
  (!from || Date.parse(order.created_at) >= Date.parse(from)) &&
  (!to || Date.parse(order.created_at) < Date.parse(to))

export function useHistory(filters: HistoryFilters): {
  rows: Order[]
  loading: boolean
  error: Problem | null
  hasMore: boolean
  loadOlder(): void
  loadingOlder: boolean
} {
  const { data, error, isLoading, size, setSize } = useSWRInfinite(
    pagesKey('history', filters),
    ([, { status, symbol, from, to }, cursor]: [string, HistoryFilters, string | null]) =>
      read(
        api.GET('/api/v1/orders', {
          params: {
            query: { status, symbol, created_from: from, created_to: to, cursor: cursor ?? undefined, limit: 50 },
          },
        }),
      ),
    { revalidateFirstPage: false, revalidateOnMount: true },
  )
  const known = useDesk((desk) => desk.rows)
  const text = JSON.stringify(filters)
  const hasMore = Boolean(data?.at(-1)?.next_cursor)
  const rows = useMemo(() => {
    if (!data) return []
    const wanted: HistoryFilters = JSON.parse(text)
    const orders = new Map(data.flatMap((page) => page.orders.map((order) => [order.id, order])))
    const oldest = [...orders.values()].at(-1)
    for (const { order, sketch } of known.values()) {
      if (sketch) continue
      const listed = orders.get(order.id)
      // One that is not listed is newer than the answer; older than the last page it would only tear a hole.
      if (listed) orders.set(order.id, mergeSnapshot(order, listed))
      else if (!hasMore || (oldest && newestFirst(order, oldest) < 0)) orders.set(order.id, order)
    }
    return [...orders.values()].filter((order) => matches(order, wanted)).sort(newestFirst)
  }, [data, known, text, hasMore])
  return {
    rows,
    loading: isLoading,
    error: problemOf(error),
    hasMore,
    loadOlder: () => void setSize(size + 1),
    loadingOlder: data !== undefined && size > data.length,
  }
}

export interface FillFilters {
  symbol?: string
  orderId?: string
}

export function useFills(filters: FillFilters): {
  fills: Fill[]
  loading: boolean
  error: Problem | null
  hasMore: boolean
  loadOlder(): void
} {
  const { data, error, isLoading, size, setSize, mutate } = useSWRInfinite(
    pagesKey('fills', filters),
    ([, { symbol, orderId }, cursor]: [string, FillFilters, string | null]) =>
      read(
        api.GET('/api/v1/fills', {
          params: { query: { symbol, order_id: orderId, cursor: cursor ?? undefined, limit: 50 } },
        }),
      ),
    { revalidateFirstPage: false, revalidateOnMount: true },
  )
  const { symbol, orderId } = filters
  const concerns = useMemo(
    () => (event: OrderEvent) =>
      event.event === 'order.filled' &&
      (!symbol || event.symbol === symbol) &&
      (!orderId || event.order_id === orderId),
    [symbol, orderId],
  )
  const reread = useMemo(() => () => void mutate(), [mutate])
  useReread(concerns, reread)
  const fills = useMemo(() => data?.flatMap((page) => page.fills) ?? [], [data])
  return {
    fills,
    loading: isLoading,
    error: problemOf(error),
    hasMore: Boolean(data?.at(-1)?.next_cursor),
    loadOlder: () => void setSize(size + 1),
  }
}

const noEntries: AuditEntry[] = []

export function useTrail(orderId: string | null): { entries: AuditEntry[]; loading: boolean; error: Problem | null } {
  const { data, error, isLoading, mutate } = useSWR(
    orderId && ['trail', orderId],
    ([, id]: [string, string]) => read(api.GET('/api/v1/orders/{id}/audit', { params: { path: { id } } })),
    { keepPreviousData: false },
  )
  const concerns = useMemo(() => (event: OrderEvent) => event.order_id === orderId, [orderId])
  const reread = useMemo(() => () => void mutate(), [mutate])
  useReread(concerns, reread)
  return { entries: data?.entries ?? noEntries, loading: isLoading, error: problemOf(error) }
}

// Not optimistic: the row says 'asking' until the 202, then what the server says.
export async function cancelOrder(id: string): Promise<void> {
  const before = store.orderOf(id)
  const since = Date.now()
  store.takeCancel(id, 'asking')
  try {
    const order = await read(api.POST('/api/v1/orders/{id}/cancel', { params: { path: { id } } }))
    store.takeCancel(id, null)
    store.takeSnapshot(order)
    if (!before?.cancel_requested_at) expectEvent(id, since)
  } catch (error) {
    const refused =
      error instanceof Refusal ? error.problem.detail : 'No answer in time. It may have been taken: look at the row.'
    store.takeCancel(id, { refused })
    if (error instanceof Refusal && error.problem.status === 401) return
    tellDesk({ kind: 'cancel_failed', order: store.orderOf(id), event: null, problem: problemOf(error) })
    // 409: it has ended by then. No answer: only the order itself can tell.
    if (error instanceof NoAnswer || (error instanceof Refusal && error.problem.status === 409)) await fetchOrder(id)
  }
}
