// SPDX-License-Identifier: Apache-2.0
'use client'
// The order's executions, newest first, with their average.
import { figure, money } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { Fill, Order } from '@/lib/types'
import { type Digits, Price, When } from '../blotter/figures'
import { fillValue } from '../blotter/fills'

export function FillTable({ order, digits, fills }: { order: Order; digits: Digits; fills: Fill[] }) {
  const utc = useSettings((settings) => settings.utc)
  if (fills.length === 0) {
    return (
      <h3>
        Fills <span className="t3">{order.execution_state === 'IN_DOUBT' ? 'none known' : 'none'}</span>
      </h3>
    )
  }
  const value = fills.reduce((sum, fill) => sum + fillValue(fill), 0n)
  return (
    <>
      <h3 id="fills-of-order">
        Fills <span className="t3">{fills.length === 1 ? '1' : `${fills.length}, newest first`}</span>
      </h3>
      <table aria-labelledby="fills-of-order" className="dfills">
        <colgroup>
          <col className="w134" />
          <col className="w74" />
          <col className="w82" />
          <col className="w96" />
          <col className="w60" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" className="r">
              Quantity
            </th>
            <th scope="col" className="r">
              Price
            </th>
            <th scope="col" className="r">
              Value
            </th>
            <th scope="col" className="venue">
              Venue
            </th>
            <th scope="col" className="r">
              Execution
            </th>
          </tr>
        </thead>
        <tbody>
          {fills.map((fill) => (
            <tr key={fill.id}>
              <td className="num t2">
                <When at={fill.timestamp} utc={utc} digits={6} />
              </td>
              <td className="r num">{figure(fill.quantity_filled, digits.quantity)}</td>
              <td className="r num">
                <Price value={fill.price_at_fill} digits={digits} />
              </td>
              <td className="r num">{money(fillValue(fill))}</td>
              <td className="t2 venue">{fill.venue}</td>
              <td className="r mono t2" title={fill.venue_exec_id}>
                {fill.venue_exec_id}
              </td>
            </tr>
          ))}
          {order.average_price !== null && (
            <tr>
              <td className="b">Average</td>
              <td className="r num b">{figure(order.filled_quantity, digits.quantity)}</td>
              <td className="r num b">
                <Price value={order.average_price} digits={digits} average />
              </td>
              <td className="r num b">{money(value)}</td>
              <td className="venue" />
              <td />
            </tr>
          )}
        </tbody>
      </table>
    </>
  )
}
