'use client'
// Orders, fills and trails as components read them.
import useSWR from 'swr'
import useSWRInfinite from 'swr/infinite'
import { api, problemOf, read } from '../api'
import type { AuditEntry, Fill, Order, OrderStatus, Problem } from '../types'

export interface Row {
  key: string // the order's id; of one that is being sent: its Idempotency-Key
  order: Order // as the server said last; of a pending row: the ticket's figures
  pending: null | { since: number; tries: number; note: 'sending' | 'asking again' }
  cancel: null | 'asking' | { refused: string } // this screen's own cancel
  fresh: boolean // came or changed within the last 600 ms
  doneAt: number | null // when it was seen to finish
}

const plainRow = (order: Order): Row => ({
  key: order.id,
  order,
  pending: null,
  cancel: null,
  fresh: false,
  doneAt: null,
})

export function useOpenOrders(): { rows: Row[]; loading: boolean } {
  const { data, isLoading } = useSWR(
    'open',
    async () => {
      const pages = await Promise.all(
        (['PENDING', 'PARTIAL'] as const).map((status) =>
          read(api.GET('/api/v1/orders', { params: { query: { status, limit: 500 } } })),
        ),
      )
      return pages.flatMap((page) => page.orders).sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
    },
    { refreshInterval: 1000, keepPreviousData: true },
  )
  return { rows: (data ?? []).map(plainRow), loading: isLoading }
}

export function useOrder(id: string | null): { row: Row | null; error: Problem | null; loading: boolean } {
  const { data, error, isLoading } = useSWR(
    id && ['order', id],
    () => read(api.GET('/api/v1/orders/{id}', { params: { path: { id: id as string } } })),
    { refreshInterval: 1000 },
  )
  return { row: data ? plainRow(data) : null, error: problemOf(error), loading: isLoading }
}

export interface HistoryFilters {
  status?: OrderStatus
  symbol?: string
  from?: string
  to?: string
}

export function useHistory(filters: HistoryFilters): {
  rows: Order[]
  loading: boolean
  error: Problem | null
  hasMore: boolean
  loadOlder(): void
  loadingOlder: boolean
} {
  const { data, error, isLoading, size, setSize } = useSWRInfinite(
    (index, previous: { next_cursor: string | null } | null) =>
      index > 0 && !previous?.next_cursor ? null : ['history', filters, previous?.next_cursor ?? null],
    ([, { status, symbol, from, to }, cursor]: [string, HistoryFilters, string | null]) =>
      read(
        api.GET('/api/v1/orders', {
          params: {
            query: { status, symbol, created_from: from, created_to: to, cursor: cursor ?? undefined, limit: 50 },
          },
        }),
      ),
    { revalidateFirstPage: false, revalidateOnFocus: false, keepPreviousData: true },
  )
  return {
    rows: data?.flatMap((page) => page.orders) ?? [],
    loading: isLoading,
    error: problemOf(error),
    hasMore: Boolean(data?.[data.length - 1]?.next_cursor),
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
  const { data, error, isLoading, size, setSize } = useSWRInfinite(
    (index, previous: { next_cursor: string | null } | null) =>
      index > 0 && !previous?.next_cursor ? null : ['fills', filters, previous?.next_cursor ?? null],
    ([, { symbol, orderId }, cursor]: [string, FillFilters, string | null]) =>
      read(
        api.GET('/api/v1/fills', {
          params: { query: { symbol, order_id: orderId, cursor: cursor ?? undefined, limit: 50 } },
        }),
      ),
    { revalidateFirstPage: false, revalidateOnFocus: false, keepPreviousData: true },
  )
  return {
    fills: data?.flatMap((page) => page.fills) ?? [],
    loading: isLoading,
    error: problemOf(error),
    hasMore: Boolean(data?.[data.length - 1]?.next_cursor),
    loadOlder: () => void setSize(size + 1),
  }
}

export function useTrail(orderId: string | null): { entries: AuditEntry[]; loading: boolean; error: Problem | null } {
  const { data, error, isLoading } = useSWR(orderId && ['trail', orderId], () =>
    read(api.GET('/api/v1/orders/{id}/audit', { params: { path: { id: orderId as string } } })),
  )
  return { entries: data?.entries ?? [], loading: isLoading, error: problemOf(error) }
}

export async function cancelOrder(id: string): Promise<void> {
  await read(api.POST('/api/v1/orders/{id}/cancel', { params: { path: { id } } }))
}
