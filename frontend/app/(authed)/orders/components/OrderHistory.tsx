// SPDX-License-Identifier: Apache-2.0
'use client'
// Orders of any age, filtered by the server, 50 a page.
import { useMemo } from 'react'
import { type Column, DataTable } from '@/components/DataTable'
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { StateWord } from '@/components/StateWord'
import { zone } from '@/lib/format'
import { useInstruments } from '@/lib/hooks/useInstruments'
import { useHistory } from '@/lib/hooks/useOrders'
import { useSettings } from '@/lib/settings'
import { stateWord } from '@/lib/state'
import type { Order, OrderStatus } from '@/lib/types'
import { useView } from '@/lib/view'
import { Choice } from './blotter/Choice'
import { HistoryCard } from './blotter/cards'
import { ordersCsv, saveCsv } from './blotter/csv'
import { Empty, Slow } from './blotter/Empty'
import { compare, type DigitsOf, Filled, Price, ShortId, SideWord, useDigits, When } from './blotter/figures'
import { MomentField } from './blotter/MomentField'
import { momentOf } from './blotter/moments'
import { legOf } from './blotter/rows'
import { anyOrder, type Typed } from './blotter/typed'

const statuses = ['PENDING', 'PARTIAL', 'FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'] as const satisfies OrderStatus[]

// What ended the order. A cancel without a reason is one that the trader asked for.
export function reasonText(order: Order): { code?: string; text?: string } {
  if (order.reason) return { code: order.reason }
  return order.status === 'CANCELLED' && order.cancel_requested_at ? { text: 'by you' } : {}
}

function columnsOf(digitsOf: DigitsOf, utc: boolean): Column<Order>[] {
  return [
    {
      id: 'time',
      head: 'Time',
      width: 98,
      className: 'num t2c',
      sort: (a, b) => compare(a.created_at, b.created_at),
      cell: (order) => <When at={order.created_at} utc={utc} />,
    },
    {
      id: 'symbol',
      head: 'Symbol',
      width: 76,
      sort: (a, b) => compare(a.symbol, b.symbol),
      cell: (order) => <span className="sym">{order.symbol}</span>,
    },
    {
      id: 'side',
      head: 'Side',
      width: 46,
      sort: (a, b) => compare(a.side, b.side),
      cell: (order) => <SideWord side={order.side} />,
    },
    {
      id: 'type',
      head: 'Type',
      width: 64,
      className: 't2c',
      sort: (a, b) => compare(a.order_type, b.order_type),
      cell: (order) => <span title={legOf(order) ?? undefined}>{order.order_type}</span>,
    },
    {
      id: 'filled',
      head: 'Filled',
      width: 112,
      sort: (a, b) => compare(a.filled_quantity, b.filled_quantity),
      cell: (order) => <Filled order={order} digits={digitsOf(order.symbol)} />,
    },
    {
      id: 'price',
      head: 'Price',
      width: 76,
      className: 'r num',
      sort: (a, b) => compare(a.price, b.price),
      cell: (order) => <Price value={order.price} digits={digitsOf(order.symbol)} />,
    },
    {
      id: 'average',
      head: 'Average',
      width: 72,
      className: 'r num opt',
      sort: (a, b) => compare(a.average_price, b.average_price),
      cell: (order) => <Price value={order.average_price} digits={digitsOf(order.symbol)} average />,
    },
    {
      id: 'status',
      head: 'Status',
      width: 146,
      className: 'gap',
      sort: (a, b) => compare<string>(stateWord(a), stateWord(b)),
      cell: (order) => <StateWord word={stateWord(order)} />,
    },
    {
      id: 'reason',
      head: 'Reason',
      className: 't2c ell',
      sort: (a, b) => compare(a.reason, b.reason),
      cell: (order) => {
        const { code, text } = reasonText(order)
        return code ? (
          <span className="mono" title={code}>
            {code}
          </span>
        ) : (
          text
        )
      },
    },
    { id: 'order', head: 'Order', width: 78, className: 'r t2c', cell: (order) => <ShortId id={order.id} /> },
  ]
}

function useFilters(typed: Typed, utc: boolean) {
  const from = momentOf(typed.from, utc) ?? undefined
  const to = momentOf(typed.to, utc) ?? undefined
  return useMemo(
    () => ({ status: typed.status || undefined, symbol: typed.symbol || undefined, from, to }),
    [typed.status, typed.symbol, from, to],
  )
}

export function OrderHistory({ typed, onType }: { typed: Typed; onType(typed: Typed): void }) {
  const utc = useSettings((settings) => settings.utc)
  const filters = useFilters(typed, utc)
  const history = useHistory(filters)
  const digitsOf = useDigits()
  const columns = useMemo(() => columnsOf(digitsOf, utc), [digitsOf, utc])
  const open = useView((view) => view.order)
  const { rows } = history
  return (
    <>
      <Filters typed={typed} onType={onType} utc={utc} rows={rows} />
      {history.error && (
        <div className="over">
          <Note kind="e" title={history.error.title}>
            {history.error.detail}
          </Note>
        </div>
      )}
      <DataTable
        caption="History"
        className="hist"
        columns={columns}
        rows={rows}
        rowKey={(order) => order.id}
        rowVersion={(order) => `${order.updated_at} ${order.status} ${order.filled_quantity}`}
        rowProps={(order) => ({
          className: order.execution_state === 'IN_DOUBT' ? 'doubt' : '',
          data: { 'data-order-id': order.id, 'data-status': order.status, 'data-state': order.execution_state },
        })}
        selected={open}
        onOpen={(order) => useView.getState().set({ order: order.id })}
        card={(order) => <HistoryCard order={order} digits={digitsOf(order.symbol)} />}
        skeletons={history.loading ? 7 : 0}
      >
        {history.loading && rows.length === 0 ? (
          <Slow what="orders" />
        ) : (
          rows.length === 0 && !history.error && <NoHistory typed={typed} onType={onType} />
        )}
      </DataTable>
      <div className="tfoot">
        <span className="num">
          {rows.length} {rows.length === 1 ? 'order' : 'orders'}, newest first
        </span>
        <Older {...history} />
        <span className="end">Times {zone(utc)}</span>
      </div>
    </>
  )
}

export function Older(props: { hasMore: boolean; loadingOlder?: boolean; loadOlder(): void }) {
  if (!props.hasMore) return null
  return (
    <button
      type="button"
      className="link"
      aria-disabled={props.loadingOlder || undefined}
      onClick={() => props.loadingOlder || props.loadOlder()}
    >
      {props.loadingOlder ? 'Loading…' : 'Load 50 older'}
    </button>
  )
}

export function NoHistory({ typed, onType }: { typed: Typed; onType(typed: Typed): void }) {
  if (Object.values(typed).every((value) => value === '')) {
    return <Empty title="No orders yet">Every order that you submit is kept here.</Empty>
  }
  return (
    <Empty title="No orders match.">
      <button type="button" className="link" onClick={() => onType(anyOrder)}>
        Clear filters
      </button>
    </Empty>
  )
}

function Filters(props: { typed: Typed; onType(typed: Typed): void; utc: boolean; rows: Order[] }) {
  const { typed, utc, rows } = props
  const { instruments } = useInstruments()
  const change = (part: Partial<Typed>) => props.onType({ ...typed, ...part })
  const any = { value: '', text: 'Any' } as const
  return (
    <div className="filters">
      <Choice
        label="Status"
        first
        value={typed.status}
        options={[any, ...statuses.map((value) => ({ value, text: value }))]}
        onChange={(status) => change({ status })}
      />
      <Choice
        label="Symbol"
        value={typed.symbol}
        options={[any, ...instruments.map(({ symbol }) => ({ value: symbol, text: symbol }))]}
        onChange={(symbol) => change({ symbol })}
      />
      <MomentField label="From" hint="any" value={typed.from} utc={utc} onChange={(from) => change({ from })} />
      <MomentField label="To" hint="now" value={typed.to} utc={utc} onChange={(to) => change({ to })} />
      <button type="button" className="link" onClick={() => props.onType(anyOrder)}>
        Clear
      </button>
      <span className="grow" />
      <button
        type="button"
        className="fbtn"
        disabled={rows.length === 0}
        onClick={() =>
          saveCsv(`orders-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}Z.csv`, ordersCsv(rows))
        }
      >
        <Icon name="download" size="s" />
        CSV of these rows
      </button>
    </div>
  )
}
