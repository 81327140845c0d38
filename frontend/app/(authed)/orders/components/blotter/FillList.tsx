// SPDX-License-Identifier: Apache-2.0
'use client'
// Executions, newest first.
import { useMemo } from 'react'
import { type Column, DataTable } from '@/components/DataTable'
import { figure, money, zone } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { Fill } from '@/lib/types'
import { useView } from '@/lib/view'
import { Older } from '../OrderHistory'
import { FillCard } from './cards'
import { Empty, Slow } from './Empty'
import { compare, type DigitsOf, Price, ShortId, SideWord, useDigits, When } from './figures'
import { fillsOfToday, fillValue, useAllFills } from './fills'

function columnsOf(digitsOf: DigitsOf, utc: boolean): Column<Fill>[] {
  return [
    {
      id: 'time',
      head: 'Time',
      width: 132,
      className: 'num t2c',
      sort: (a, b) => compare(a.timestamp, b.timestamp),
      cell: (fill) => <When at={fill.timestamp} utc={utc} digits={3} />,
    },
    {
      id: 'symbol',
      head: 'Symbol',
      width: 84,
      sort: (a, b) => compare(a.symbol, b.symbol),
      cell: (fill) => <span className="sym">{fill.symbol}</span>,
    },
    {
      id: 'side',
      head: 'Side',
      width: 46,
      sort: (a, b) => compare(a.side, b.side),
      cell: (fill) => <SideWord side={fill.side} />,
    },
    {
      id: 'quantity',
      head: 'Quantity',
      width: 84,
      className: 'r num',
      sort: (a, b) => compare(a.quantity_filled, b.quantity_filled),
      cell: (fill) => figure(fill.quantity_filled, digitsOf(fill.symbol).quantity),
    },
    {
      id: 'price',
      head: 'Price',
      width: 92,
      className: 'r num',
      sort: (a, b) => compare(a.price_at_fill, b.price_at_fill),
      cell: (fill) => <Price value={fill.price_at_fill} digits={digitsOf(fill.symbol)} />,
    },
    {
      id: 'value',
      head: 'Value',
      width: 106,
      className: 'r num',
      sort: (a, b) => compare(fillValue(a), fillValue(b)),
      cell: (fill) => money(fillValue(fill)),
    },
    {
      id: 'venue',
      head: 'Venue',
      width: 72,
      className: 't2c gap',
      sort: (a, b) => compare(a.venue, b.venue),
      cell: (fill) => fill.venue,
    },
    {
      id: 'execution',
      head: 'Execution',
      className: 't2c ell',
      cell: (fill) => <span className="mono">{fill.venue_exec_id}</span>,
    },
    { id: 'order', head: 'Order', width: 92, className: 'r t2c', cell: (fill) => <ShortId id={fill.order_id} /> },
  ]
}

export function FillList() {
  const utc = useSettings((settings) => settings.utc)
  const { fills, loading, hasMore, loadOlder } = useAllFills()
  const digitsOf = useDigits()
  const columns = useMemo(() => columnsOf(digitsOf, utc), [digitsOf, utc])
  const order = useView((view) => view.order)
  return (
    <>
      <DataTable
        caption="Fills"
        columns={columns}
        rows={fills}
        rowKey={(fill) => fill.id}
        rowVersion={(fill) => fill.id}
        rowProps={(fill) => ({
          className: fill.order_id === order ? 'mine' : '',
          data: { 'data-order-id': fill.order_id },
        })}
        onOpen={(fill) => useView.getState().set({ order: fill.order_id })}
        card={(fill) => <FillCard fill={fill} digits={digitsOf(fill.symbol)} />}
        skeletons={loading ? 7 : 0}
      >
        {loading && fills.length === 0 ? (
          <Slow what="fills" />
        ) : (
          fills.length === 0 && <Empty title="No fills today." />
        )}
      </DataTable>
      <div className="tfoot">
        <FillFoot />
        <Older hasMore={hasMore} loadOlder={loadOlder} />
        <span className="end">Times {zone(utc)}</span>
      </div>
    </>
  )
}

export function FillFoot() {
  const utc = useSettings((settings) => settings.utc)
  const { fills, hasMore } = useAllFills()
  const today = fillsOfToday(fills, hasMore, utc)
  const sum = (side: Fill['side']) =>
    today.fills.reduce((total, fill) => (fill.side === side ? total + fillValue(fill) : total), 0n)
  const count = today.fills.length
  const least = today.whole ? '' : 'at least '
  return (
    <>
      <span className="num">
        {least}
        {count} {count === 1 ? 'fill' : 'fills'} today
      </span>
      {count > 0 && (
        <span className="num">
          {least}bought {money(sum('BUY'))} · sold {money(sum('SELL'))}
        </span>
      )}
    </>
  )
}
