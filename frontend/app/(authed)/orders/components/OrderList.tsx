// SPDX-License-Identifier: Apache-2.0
'use client'
// Open orders: what is on its way, working or in doubt, and what was finished within the last 10 s.
import { useMemo, useRef, useState } from 'react'
import { type Column, DataTable } from '@/components/DataTable'
import { Skeleton } from '@/components/Skeleton'
import { StateWord } from '@/components/StateWord'
import { money } from '@/lib/format'
import { useAccount, usePositions } from '@/lib/hooks/useAccount'
import { type Row, useOpenOrders } from '@/lib/hooks/useOrders'
import { useSettings } from '@/lib/settings'
import { stateWord } from '@/lib/state'
import { useView } from '@/lib/view'
import { CancelCell } from './blotter/CancelCell'
import { OpenActions, OpenCard } from './blotter/cards'
import { Empty, Slow } from './blotter/Empty'
import {
  compare,
  type DigitsOf,
  Filled,
  None,
  Price,
  reservedOf,
  ShortId,
  SideWord,
  Since,
  useDigits,
  When,
} from './blotter/figures'
import { type Entry, keepPlaces, legOf, nest, withDeparted } from './blotter/rows'

export const wordOf = (row: Row) => (row.pending ? 'SENDING' : stateWord(row.order))

function columnsOf(digitsOf: DigitsOf, utc: boolean, short: ReadonlySet<string>): Column<Entry>[] {
  return [
    {
      id: 'symbol',
      head: 'Symbol',
      width: 99,
      sort: (a, b) => compare(a.row.order.symbol, b.row.order.symbol),
      cell: (entry) => <Name entry={entry} />,
    },
    {
      id: 'side',
      head: 'Side',
      width: 44,
      sort: (a, b) => compare(a.row.order.side, b.row.order.side),
      cell: ({ row }) => <SideWord side={row.order.side} />,
    },
    {
      id: 'type',
      head: 'Type',
      width: 62,
      className: 't2c',
      sort: (a, b) => compare(a.row.order.order_type, b.row.order.order_type),
      cell: ({ row }) => (row.sketch ? <Skeleton width={38} /> : row.order.order_type),
    },
    {
      id: 'filled',
      head: 'Filled',
      width: 115,
      sort: (a, b) => compare(a.row.order.filled_quantity, b.row.order.filled_quantity),
      cell: ({ row }) => <Filled order={row.order} digits={digitsOf(row.order.symbol)} />,
    },
    {
      id: 'price',
      head: 'Price',
      width: 73,
      className: 'r num',
      sort: (a, b) => compare(a.row.order.price, b.row.order.price),
      cell: ({ row }) => <Price value={row.order.price} digits={digitsOf(row.order.symbol)} />,
    },
    {
      id: 'average',
      head: 'Average',
      width: 67,
      className: 'r num opt',
      sort: (a, b) => compare(a.row.order.average_price, b.row.order.average_price),
      cell: ({ row }) => <Price value={row.order.average_price} digits={digitsOf(row.order.symbol)} average />,
    },
    {
      id: 'protection',
      head: <abbr title="Stop loss / Take profit">SL / TP</abbr>,
      width: 107,
      className: 'r num t2c opt',
      cell: ({ row: { order, sketch } }) => {
        if (sketch) return <Skeleton width={38} />
        const digits = digitsOf(order.symbol)
        if (order.stop_loss === null && order.take_profit === null) return <None />
        return (
          <>
            <Price value={order.stop_loss} digits={digits} /> / <Price value={order.take_profit} digits={digits} />
          </>
        )
      },
    },
    {
      id: 'tif',
      head: <abbr title="Time in force">TIF</abbr>,
      width: 48,
      className: 't3c gap opt',
      sort: (a, b) => compare(a.row.order.time_in_force, b.row.order.time_in_force),
      cell: ({ row }) => (row.sketch ? <Skeleton width={24} /> : row.order.time_in_force),
    },
    {
      id: 'submitted',
      head: 'Submitted',
      width: 84,
      className: 'num t2c gain',
      sort: (a, b) => compare(a.row.order.created_at, b.row.order.created_at),
      cell: ({ row }) => <When at={row.order.created_at} utc={utc} />,
    },
    {
      id: 'reserved',
      head: 'Reserved',
      width: 96,
      className: 'r num gain',
      cell: ({ row }) => {
        if (row.sketch) return <Skeleton width={52} />
        const reserved = row.pending ? null : reservedOf(row.order, short.has(row.order.symbol))
        return reserved === null ? <None /> : money(reserved)
      },
    },
    {
      id: 'order',
      head: 'Order',
      width: 84,
      className: 't2c gap gain',
      cell: ({ row }) => (row.pending ? <None /> : <ShortId id={row.order.id} />),
    },
    {
      id: 'state',
      head: 'State',
      sort: (a, b) => compare<string>(wordOf(a.row), wordOf(b.row)),
      cell: ({ row }) => <StateWord word={wordOf(row)} />,
    },
    {
      id: 'age',
      head: 'Age',
      width: 50,
      className: 'r num t2c',
      sort: (a, b) => compare(b.row.order.created_at, a.row.order.created_at),
      cell: ({ row }) => <Since at={row.order.created_at} utc={utc} />,
    },
    {
      id: 'cancel',
      head: <span className="vh">Cancel</span>,
      width: 69,
      className: 'r act',
      cell: ({ row }) => <CancelCell row={row} />,
    },
  ]
}

function Name({ entry: { row, under } }: { entry: Entry }) {
  const leg = legOf(row.order)
  if (leg && under) return leg
  return (
    <>
      <span className="sym">{row.order.symbol}</span>
      {leg && (
        <abbr className="t3" title={leg}>
          {leg === 'Stop loss' ? ' SL' : ' TP'}
        </abbr>
      )}
    </>
  )
}

const version = ({ row, under }: Entry): string =>
  [
    row.order.id,
    row.order.updated_at,
    row.order.status,
    row.order.filled_quantity,
    row.order.cancel_requested_at,
    row.pending?.note,
    row.pending?.tries,
    typeof row.cancel === 'object' ? row.cancel?.refused : row.cancel,
    row.fresh,
    row.doneAt,
    row.sketch === null,
    under,
  ].join()

function rowProps({ row, under }: Entry) {
  const doubt = row.order.execution_state === 'IN_DOUBT' && !row.pending
  return {
    className: `${under ? 'sub ' : ''}${doubt ? 'doubt ' : ''}${row.fresh ? 'fresh ' : ''}${row.doneAt ? 'done' : ''}`,
    data: {
      'data-order-id': row.pending ? undefined : row.order.id,
      'data-status': row.pending ? undefined : row.order.status,
      'data-state': row.pending ? 'SENDING' : row.order.execution_state,
    },
  }
}

export const openOrder = (row: Row) => row.pending || useView.getState().set({ order: row.order.id })

export function OrderList({ symbol }: { symbol: string | null }) {
  const { rows, loading } = useOpenOrders()
  const order = useView((view) => view.order)
  const digitsOf = useDigits()
  const short = useShort()
  const utc = useSettings((settings) => settings.utc)
  const columns = useMemo(() => columnsOf(digitsOf, utc, short), [digitsOf, utc, short])
  const [pointer, setPointer] = useState(false)
  // What the list showed last: while the pointer is on it, none of that moves.
  const last = useRef<{ rows: Row[]; names: string[] }>({ rows: [], names: [] })
  const mine = symbol === null ? rows : rows.filter((row) => row.order.symbol === symbol)
  const shown = pointer ? withDeparted(mine, last.current.rows) : mine
  const selected = shown.find((row) => !row.pending && row.order.id === order)

  function arrange(entries: Entry[]): Entry[] {
    const now = pointer ? keepPlaces(entries, last.current.names, (entry) => entry.name) : entries
    last.current = { rows: shown, names: now.map((entry) => entry.name) }
    return now
  }

  return (
    <DataTable
      caption="Open orders"
      className="ol"
      columns={columns}
      rows={nest(shown)}
      rowKey={(entry) => entry.name}
      rowVersion={version}
      rowProps={rowProps}
      subRows={(entry) => entry.legs}
      arrange={arrange}
      selected={selected ? selected.name : null}
      onOpen={({ row }) => openOrder(row)}
      onHover={setPointer}
      card={(entry) => <OpenCard entry={entry} digits={digitsOf(entry.row.order.symbol)} word={wordOf(entry.row)} />}
      cardActions={({ row }) => <OpenActions row={row} />}
      skeletons={loading ? 7 : 0}
      sortedBy={newestFirst}
    >
      {loading && rows.length === 0 ? <Slow what="orders" /> : shown.length === 0 && <NoOpenOrders symbol={symbol} />}
    </DataTable>
  )
}

const newestFirst = [{ id: 'age', desc: false }]

export const NoOpenOrders = ({ symbol }: { symbol: string | null }) => (
  <Empty title={symbol ? `No open orders in ${symbol}` : 'No open orders'}>
    An order that you submit appears here at once and stays until it is done.
    <span className="hints">
      <kbd>B</kbd> buy &nbsp; <kbd>S</kbd> sell
    </span>
  </Empty>
)

// Symbols that are short, as a set that stays the same while they do.
function useShort(): ReadonlySet<string> {
  const { positions } = usePositions()
  const text = positions.flatMap((position) => (position.quantity < 0n ? position.symbol : [])).join(' ')
  return useMemo(() => new Set(text.split(' ')), [text])
}

// '8 orders and 2 protective legs', with what the account holds for them.
function OpenFoot() {
  const { rows } = useOpenOrders()
  const { account } = useAccount()
  const open = rows.filter((row) => row.doneAt === null)
  const legs = open.filter((row) => row.order.parent_order_id !== null).length
  const orders = open.length - legs
  return (
    <div className="tfoot">
      <span className="num">
        {orders} {orders === 1 ? 'order' : 'orders'}
        {legs > 0 && ` and ${legs} protective ${legs === 1 ? 'leg' : 'legs'}`}
      </span>
      {account && <span className="num">reserved {money(account.reserved)}</span>}
      <span className="end more">Newest first</span>
    </div>
  )
}

export const OpenOrders = ({ symbol }: { symbol: string | null }) => (
  <>
    <OrderList symbol={symbol} />
    <OpenFoot />
  </>
)
