// SPDX-License-Identifier: Apache-2.0
'use client'
// What is held, at the live prices.
import { useMemo } from 'react'
import { type Column, DataTable } from '@/components/DataTable'
import { Meter } from '@/components/Meter'
import { abs, type Decimal, decimalText, divide, min, round } from '@/lib/decimal'
import { emptyDraft, useDraft } from '@/lib/draft'
import { figure, money, NONE, percent, signedMoney } from '@/lib/format'
import { useAccount, usePositions } from '@/lib/hooks/useAccount'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import type { Position } from '@/lib/types'
import { useView } from '@/lib/view'
import { Empty, Slow } from './Empty'
import { averageText, compare, type Digits, type DigitsOf, None, Price, useDigits } from './figures'

// Of what it cost. A gain of a short is a fall of the price.
export function gainPercent(position: Position): Decimal | null {
  const cost = abs(position.market_value - position.unrealized_pnl)
  return cost === 0n ? null : divide(position.unrealized_pnl * 100n, cost)
}

export const shareOf = (value: Decimal, equity: Decimal | null): Decimal | null =>
  equity === null || equity <= 0n ? null : divide(abs(value) * 100n, equity)

export const shareText = (share: Decimal | null): string => (share === null ? NONE : `${figure(round(share, 1), 1)} %`)

export const tone = (value: Decimal): string => (value > 0n ? 'up' : value < 0n ? 'down' : 't2')

export function Gain({ value, bold }: { value: Decimal; bold?: boolean }) {
  const arrow = value > 0n ? '▲ ' : value < 0n ? '▼ ' : ''
  return (
    <span className={`${tone(value)}${bold === false ? '' : ' b'}`}>
      {arrow}
      {signedMoney(value)}
    </span>
  )
}

// Fills the ticket with the order that closes it. Sends nothing.
export function closeInTicket(position: Position): void {
  useDraft.getState().set({
    ...emptyDraft,
    side: position.quantity > 0n ? 'SELL' : 'BUY',
    orderType: 'MARKET',
    quantity: decimalText(abs(position.quantity)),
  })
  useView.getState().set({ symbol: position.symbol, order: null, phoneTab: 'trade', phoneTicket: true })
}

const max = (a: Decimal, b: Decimal): Decimal => -min(-a, -b)

interface Held {
  position: Position
  digits: Digits
  share: Decimal | null // of the equity, in percent
  largest: Decimal
}

const columns: Column<Held>[] = [
  {
    id: 'symbol',
    head: 'Symbol',
    width: 88,
    sort: (a, b) => compare(a.position.symbol, b.position.symbol),
    cell: ({ position }) => <span className="sym">{position.symbol}</span>,
  },
  {
    id: 'quantity',
    head: 'Quantity',
    width: 70,
    className: 'r num',
    sort: (a, b) => compare(a.position.quantity, b.position.quantity),
    cell: ({ position, digits }) => figure(position.quantity, digits.quantity),
  },
  {
    id: 'cost',
    head: 'Average cost',
    width: 86,
    className: 'r num',
    sort: (a, b) => compare(a.position.average_cost, b.position.average_cost),
    cell: ({ position, digits }) => <Price value={position.average_cost} digits={digits} average />,
  },
  {
    id: 'last',
    head: 'Last',
    width: 78,
    className: 'r num',
    sort: (a, b) => compare(a.position.last_price, b.position.last_price),
    cell: ({ position, digits }) => <Price value={position.last_price} digits={digits} />,
  },
  {
    id: 'value',
    head: 'Market value',
    width: 92,
    className: 'r num',
    sort: (a, b) => compare(a.position.market_value, b.position.market_value),
    cell: ({ position }) => money(position.market_value),
  },
  {
    id: 'gain',
    head: 'Unrealised P&L',
    width: 104,
    className: 'r num',
    sort: (a, b) => compare(a.position.unrealized_pnl, b.position.unrealized_pnl),
    cell: ({ position }) => <Gain value={position.unrealized_pnl} />,
  },
  {
    id: 'percent',
    head: <span className="vh">Unrealised P&L in percent</span>,
    width: 66,
    className: 'r num',
    cell: ({ position }) => {
      const value = gainPercent(position)
      return value === null ? <None /> : <span className={tone(value)}>{percent(value)}</span>
    },
  },
  {
    id: 'realised',
    head: 'Realised today',
    width: 94,
    className: 'r num',
    sort: (a, b) => compare(a.position.realized_pnl_today, b.position.realized_pnl_today),
    cell: ({ position: { realized_pnl_today: value } }) =>
      value === 0n ? <None /> : <span className={tone(value)}>{signedMoney(value)}</span>,
  },
  {
    id: 'share',
    head: 'Share of equity',
    className: 'gap',
    sort: (a, b) => compare(abs(a.position.market_value), abs(b.position.market_value)),
    cell: (held) => (
      <span className="row">
        <Meter
          value={abs(held.position.market_value)}
          max={held.largest}
          label={`${held.position.symbol}, share of equity`}
          text={shareText(held.share)}
        />
        <span className="num t3 pct">{shareText(held.share)}</span>
      </span>
    ),
  },
  {
    id: 'close',
    head: <span className="vh">Close</span>,
    width: 76,
    className: 'r act',
    cell: ({ position }) => (
      <button
        type="button"
        className="xcell"
        aria-label={`Close ${position.symbol}: fill the ticket`}
        onClick={() => closeInTicket(position)}
      >
        <span className="xbtn">Close…</span>
      </button>
    ),
  },
]

export function useHeld(digitsOf: DigitsOf): { held: Held[]; loading: boolean } {
  const { positions, loading } = usePositions()
  const { account } = useAccount()
  const largest = positions.reduce((most, one) => max(most, abs(one.market_value)), 0n)
  return {
    loading,
    held: positions.map((position) => ({
      position,
      digits: digitsOf(position.symbol),
      share: shareOf(position.market_value, account?.equity ?? null),
      largest,
    })),
  }
}

export const total = (held: Held[], of: (position: Position) => Decimal): Decimal =>
  held.reduce((sum, one) => sum + of(one.position), 0n)

const largestFirst = (held: Held[]): Held[] =>
  [...held].sort((a, b) => compare(abs(b.position.market_value), abs(a.position.market_value)))

export function PositionList() {
  const digitsOf = useDigits()
  const { held, loading } = useHeld(digitsOf)
  const phone = useMedia(PHONE)
  const choose = useMemo(
    () =>
      ({ position }: Held) =>
        useView.getState().set({ symbol: position.symbol }),
    [],
  )
  const realised = total(held, (position) => position.realized_pnl_today)
  return (
    <>
      {phone && held.length > 0 && <Sum held={held} />}
      <DataTable
        caption="Positions"
        columns={columns}
        rows={phone ? largestFirst(held) : held}
        rowKey={({ position }) => position.symbol}
        rowVersion={({ position: p, share, digits, largest }) =>
          [
            p.quantity,
            p.average_cost,
            p.last_price,
            p.realized_pnl_today,
            share,
            digits.price,
            digits.quantity,
            largest,
          ].join()
        }
        rowProps={({ position }) => ({ data: { 'data-symbol': position.symbol } })}
        onOpen={choose}
        card={(one) => <PositionCard held={one} />}
        cardActions={({ position }) => <PositionActions position={position} />}
        skeletons={loading ? 5 : 0}
        total={
          held.length > 1 && (
            <tr className="total">
              <td className="t2 b">Total</td>
              <td />
              <td />
              <td />
              <td className="r num b">{money(total(held, (position) => position.market_value))}</td>
              <td className="r num">
                <Gain value={total(held, (position) => position.unrealized_pnl)} />
              </td>
              <td />
              <td className={`r num b ${tone(realised)}`}>{realised === 0n ? NONE : signedMoney(realised)}</td>
              <td />
              <td />
            </tr>
          )
        }
      >
        {loading && held.length === 0 ? (
          <Slow what="positions" />
        ) : (
          held.length === 0 && <Empty title="No positions." />
        )}
      </DataTable>
      <div className="tfoot">
        <span>
          ‘Close…’ fills the ticket with the order that closes the whole position; nothing is sent before you submit it.
        </span>
        <span className="end more">Closed positions are not listed</span>
      </div>
    </>
  )
}

function PositionCard({ held: { position, digits, share, largest } }: { held: Held }) {
  const gain = gainPercent(position)
  return (
    <>
      <span className="l1">
        <b className="b">{position.symbol}</b>
        <span className="num t2">{figure(position.quantity, digits.quantity)}</span>
        <span className="grow" />
        <span className="num">
          <Gain value={position.unrealized_pnl} />
        </span>
      </span>
      <span className="l2 num">
        <span>
          {averageText(position.average_cost, digits)} → {figure(position.last_price, digits.price)}
        </span>
        {gain !== null && <span className={tone(gain)}>{percent(gain)}</span>}
      </span>
      <span className="row">
        <Meter
          value={abs(position.market_value)}
          max={largest}
          label={`${position.symbol}, share of equity`}
          text={shareText(share)}
        />
        <span className="num t3 pval">
          {money(position.market_value)} · {shareText(share)}
        </span>
      </span>
    </>
  )
}

function PositionActions({ position }: { position: Position }) {
  return (
    <>
      <button
        type="button"
        className="btn ghost"
        onClick={() => useView.getState().set({ symbol: position.symbol, phoneTab: 'trade' })}
      >
        Chart
      </button>
      <button type="button" className="btn oln" onClick={() => closeInTicket(position)}>
        Close…
      </button>
    </>
  )
}

// Above the phone's cards.
function Sum({ held }: { held: Held[] }) {
  return (
    <div className="pcard sum">
      <div className="l1">
        <span className="t2">
          {held.length} {held.length === 1 ? 'position' : 'positions'}
        </span>
        <span className="grow" />
        <span className="num">
          <Gain value={total(held, (position) => position.unrealized_pnl)} />
        </span>
      </div>
      <div className="l2 num">
        <span>Market value</span>
        <span className="t1">{money(total(held, (position) => position.market_value))}</span>
      </div>
    </div>
  )
}
