// SPDX-License-Identifier: Apache-2.0
'use client'
// The order's figures.
import type { ReactNode } from 'react'
import { Age } from '@/components/Age'
import { multiply } from '@/lib/decimal'
import { age, clock, day, money, NONE } from '@/lib/format'
import { useInstrument } from '@/lib/hooks/useInstruments'
import { useSettings } from '@/lib/settings'
import type { AuditEntry, Order } from '@/lib/types'
import { useView } from '@/lib/view'
import { type Digits, None, Price, quantityText, reservedOf, ShortId } from '../blotter/figures'
import { Gain } from '../blotter/PositionList'
import { legOf } from '../blotter/rows'
import { after } from './latency'

const priceLabel = { MARKET: 'Price', LIMIT: 'Limit price', STOP: 'Trigger price' } as const

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="lbl">{label}</dt>
      <dd className="v num ell">{children}</dd>
    </div>
  )
}

export function Facts({ order, digits, trail }: { order: Order; digits: Digits; trail: AuditEntry[] }) {
  const utc = useSettings((settings) => settings.utc)
  const first = (action: AuditEntry['action']) => trail.find((entry) => entry.action === action)
  const submitted = first('SUBMITTED')
  const since = (entry: AuditEntry | undefined) => (submitted && entry ? after(submitted, entry) : NONE)
  const doubt = order.execution_state === 'IN_DOUBT'
  const doubted = trail.findLast((entry) => entry.action === 'IN_DOUBT')
  const today = day(order.created_at, utc) === day(new Date().toISOString(), utc)
  const leg = legOf(order)
  return (
    <dl className="facts">
      {doubt ? (
        <Fact label="Known filled">
          {quantityText(order.filled_quantity, digits)} of {quantityText(order.quantity, digits)}
        </Fact>
      ) : (
        <Fact label="Average price">
          <Price value={order.average_price} digits={digits} average />
        </Fact>
      )}
      <Fact label={priceLabel[order.order_type]}>
        {order.price === null ? 'at the market' : <Price value={order.price} digits={digits} />}
      </Fact>
      {doubt ? <Fact label="Reserved">{reservedText(order)}</Fact> : <Unrealised order={order} />}
      <Fact label="Attempts">{order.attempts}</Fact>
      <Fact label="Submitted">
        {today ? '' : `${day(order.created_at, utc).slice(5)} `}
        {clock(order.created_at, utc, 3)}
      </Fact>
      {doubt ? (
        <>
          <Fact label="In doubt since">
            {doubted ? (
              <>
                {clock(doubted.timestamp, utc)}, <Age at={Date.parse(doubted.timestamp)} text={age} />
              </>
            ) : (
              NONE
            )}
          </Fact>
          <Fact label="Next question">
            {order.next_check_at ? (
              <Age at={Date.parse(order.next_check_at)} text={(ms) => (ms < 0 ? `in ${age(-ms + 999)}` : 'now')} />
            ) : (
              NONE
            )}
          </Fact>
        </>
      ) : (
        <>
          <Fact label="Sent after">{since(first('EXECUTED'))}</Fact>
          <Fact label="First fill after">{since(first('FILLED'))}</Fact>
        </>
      )}
      {leg && order.parent_order_id ? (
        <Fact label={`${leg} of`}>
          <button
            type="button"
            className="link"
            onClick={() => useView.getState().set({ order: order.parent_order_id })}
          >
            <ShortId id={order.parent_order_id} />
          </button>
        </Fact>
      ) : (
        <Fact label="Idempotency-Key">
          <span className="mono t2" title={order.idempotent_key}>
            {shortKey(order.idempotent_key)}
          </span>
        </Fact>
      )}
    </dl>
  )
}

const shortKey = (key: string): string => (key.length > 16 ? `${key.slice(0, 10)}…${key.slice(-4)}` : key)

function reservedText(order: Order): string {
  const reserved = reservedOf(order, false)
  return reserved === null ? NONE : money(reserved)
}

// Of what was filled, against the last price.
function Unrealised({ order }: { order: Order }) {
  const last = useInstrument(order.symbol)?.last_price ?? null
  if (order.average_price === null || last === null || order.filled_quantity === 0n) {
    return (
      <Fact label="Unrealised">
        <None />
      </Fact>
    )
  }
  const move = order.side === 'BUY' ? last - order.average_price : order.average_price - last
  return (
    <Fact label="Against last">
      <Gain value={multiply(move, order.filled_quantity)} bold={false} />
    </Fact>
  )
}
