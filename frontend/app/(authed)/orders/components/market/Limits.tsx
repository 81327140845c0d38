// SPDX-License-Identifier: Apache-2.0
'use client'
// How much of each limit is used up.
import { Meter } from '@/components/Meter'
import { Skeleton } from '@/components/Skeleton'
import { type Decimal, ONE } from '@/lib/decimal'
import { figure, money } from '@/lib/format'
import { useAccount, usePositions } from '@/lib/hooks/useAccount'
import { useConnection } from '@/lib/hooks/useConnection'
import { useInstruments } from '@/lib/hooks/useInstruments'
import { type Row, useOpenOrders } from '@/lib/hooks/useOrders'
import type { Account } from '@/lib/types'
import { useView } from '@/lib/view'

export interface Limit {
  name: string
  used: Decimal
  max: Decimal
  kind?: 'dn'
  text(value: Decimal): string
}

const whole = (value: number): Decimal => BigInt(value) * ONE

export function useLimits(): Limit[] | null {
  const { account } = useAccount()
  const symbol = useView((view) => view.symbol)
  const { positions } = usePositions()
  const { rows } = useOpenOrders()
  const { ordersLeft } = useConnection()
  const { instruments, loading } = useInstruments()
  const coming = symbol === null && (loading || instruments.some((one) => one.tradable))
  if (!account || coming) return null
  const held = positions.find((position) => position.symbol === symbol)?.quantity ?? 0n
  const ofDay = account.limits.max_daily_notional ?? 0n // 0 is none
  return [
    { name: 'Daily loss', used: account.usage.daily_loss, max: account.limits.daily_loss, kind: 'dn', text: money },
    ...(symbol ? [reach(account, symbol, held, rows)] : []),
    ...(ofDay > 0n ? [{ name: 'Ordered', used: account.usage.daily_notional ?? 0n, max: ofDay, text: money }] : []),
    {
      name: 'Open orders',
      used: whole(account.usage.open_orders),
      max: whole(account.limits.max_open_orders),
      text: figure,
    },
    {
      name: 'Orders this minute',
      used: whole(ordersLeft === null ? 0 : Math.max(0, account.limits.orders_per_minute - ordersLeft)),
      max: whole(account.limits.orders_per_minute),
      text: figure,
    },
  ]
}

// What the position can come to when every open order on its side is filled: that is what risk holds against the limit.
function reach({ limits }: Account, symbol: string, held: Decimal, rows: Row[]): Limit {
  const side = held < 0n ? 'SELL' : 'BUY'
  const open = rows
    .filter(({ order, pending }) => !pending && order.symbol === symbol && order.side === side)
    .filter(({ order }) => order.execution_state !== 'DONE')
    .reduce((sum, { order }) => sum + order.quantity - order.filled_quantity, 0n)
  return {
    name: `${symbol} + open ${side}s`,
    used: (held < 0n ? -held : held) + open,
    max: limits.max_position_quantity,
    text: figure,
  }
}

export function Limits() {
  const limits = useLimits()
  return (
    <>
      <div className="ph sec">
        <h2>Limits</h2>
      </div>
      <div className="lim">
        {limits
          ? limits.map((limit) => <LimitLine key={limit.name} limit={limit} />)
          : [90, 124, 76, 108].map((width) => (
              <div className="l" key={width}>
                <span>
                  <Skeleton width={width} />
                </span>
                <span>
                  <Skeleton width={62} />
                </span>
                <span className="meter" />
              </div>
            ))}
      </div>
    </>
  )
}

export function LimitLine({ limit: { name, used, max, kind, text } }: { limit: Limit }) {
  return (
    <div className="l">
      <span className="t2 ell" title={name}>
        {name}
      </span>
      <span className="num t3">
        <span key={text(used)} className="t1">
          {text(used)}
        </span>{' '}
        of {text(max)}
      </span>
      <Meter value={used} max={max} label={name} kind={kind} text={`${text(used)} of ${text(max)}`} />
    </div>
  )
}
