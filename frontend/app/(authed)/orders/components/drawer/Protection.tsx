// SPDX-License-Identifier: Apache-2.0
'use client'
// The legs of an entry: as the exchange has them, or as they will be placed with the first fill.
import useSWR from 'swr'
import { StateWord } from '@/components/StateWord'
import { api, read } from '@/lib/api'
import { type Decimal, divide } from '@/lib/decimal'
import { NONE, percent } from '@/lib/format'
import { stateWord } from '@/lib/state'
import { useDesk } from '@/lib/store'
import type { Order } from '@/lib/types'
import { useView } from '@/lib/view'
import { type Digits, Price, quantityText, SideWord } from '../blotter/figures'
import { type Leg, legOf } from '../blotter/rows'

// By the server, with what the screen knows better since.
function useLegs(order: Order): Order[] {
  const protects = order.stop_loss !== null || order.take_profit !== null
  const { data } = useSWR(
    protects ? ['legs', order.id, order.status, order.filled_quantity.toString()] : null,
    ([, id]: [string, string, string, string]) =>
      read(api.GET('/api/v1/orders', { params: { query: { parent_order_id: id, limit: 50 } } })),
  )
  const known = useDesk((desk) => desk.rows)
  const legs = new Map(data?.orders.map((leg) => [leg.id, leg]))
  for (const row of known.values()) if (row.order.parent_order_id === order.id) legs.set(row.order.id, row.order)
  return [...legs.values()]
}

interface Line {
  leg: Leg
  price: Decimal
  order: Order | null
}

export function Protection({ order, digits }: { order: Order; digits: Digits }) {
  const legs = useLegs(order)
  const line = (leg: Leg, planned: Decimal | null): Line[] => {
    const placed = legs.find((one) => legOf(one) === leg)
    const price = placed?.price ?? planned
    return price === null ? [] : [{ leg, price, order: placed ?? null }]
  }
  const lines = [...line('Stop loss', order.stop_loss), ...line('Take profit', order.take_profit)]
  if (lines.length === 0) return null
  const done = order.execution_state === 'DONE'
  const both = lines.length === 2
  const rule = [both && 'one cancels the other', !done && `each further fill makes ${both ? 'both' : 'it'} larger`]
  const entry = order.average_price ?? order.price
  return (
    <>
      <h3 id="protection-of-order">
        Protection <span className="t3">{rule.filter(Boolean).join('; ')}</span>
      </h3>
      <table aria-labelledby="protection-of-order" className="dlegs">
        <colgroup>
          <col className="w104" />
          <col className="w96" />
          <col className="w70" />
          <col className="w80" />
          <col className="w84" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">Leg</th>
            <th scope="col">Order</th>
            <th scope="col" className="r">
              Quantity
            </th>
            <th scope="col" className="r">
              Price
            </th>
            <th scope="col" className="r from">
              From entry
            </th>
            <th scope="col" className="r">
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((one) => (
            <tr key={one.leg}>
              <td className="b">
                {one.order ? (
                  <button
                    type="button"
                    className="leg"
                    onClick={() => useView.getState().set({ order: one.order?.id ?? null })}
                  >
                    {one.leg}
                  </button>
                ) : (
                  one.leg
                )}
              </td>
              <td>
                <SideWord side={order.side === 'BUY' ? 'SELL' : 'BUY'} />{' '}
                <span className="t2">{one.leg === 'Stop loss' ? 'STOP' : 'LIMIT'}</span>
              </td>
              <td className="r num">{one.order ? quantityText(one.order.quantity, digits) : NONE}</td>
              <td className="r num">
                <Price value={one.price} digits={digits} />
              </td>
              <td className={`r num from ${one.leg === 'Stop loss' ? 'down' : 'up'}`}>
                {entry ? percent(divide((one.price - entry) * 100n, entry)) : NONE}
              </td>
              <td className="r">
                {one.order ? (
                  <StateWord word={stateWord(one.order)} />
                ) : (
                  <span className="t3">{done ? 'not placed' : 'with the first fill'}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
