// SPDX-License-Identifier: Apache-2.0
'use client'
// Orders whose fate at the exchange is not known, oldest first. One of them is chosen, and resolved below.
import { Age } from '@/components/Age'
import { age, figure } from '@/lib/format'
import type { OpenQuestion } from '@/lib/types'

function until(ms: number): string {
  if (ms >= 0) return 'now'
  return `in ${age(-ms)}`
}

export function InDoubt({
  orders,
  chosen,
  onChoose,
}: {
  orders: OpenQuestion[] | null
  chosen: string | null
  onChoose(id: string): void
}) {
  if (orders?.length === 0)
    return (
      <p className="none">
        <b>No orders in doubt.</b> An order whose fate at the exchange is not known appears here, and is asked for until
        it is.
      </p>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard
    <section className="doubts" tabIndex={0} aria-label="Table of orders in doubt">
      <table>
        <caption className="vh">Orders in doubt, oldest first</caption>
        <colgroup>
          <col style={{ width: 84 }} />
          <col style={{ width: 58 }} />
          <col style={{ width: 46 }} />
          <col style={{ width: 82 }} />
          <col style={{ width: 62 }} />
          <col style={{ width: 58 }} />
          <col />
          <col style={{ width: 76 }} />
          <col style={{ width: 48 }} />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Symbol</th>
            <th scope="col">Side</th>
            <th scope="col" className="r">
              Filled
            </th>
            <th scope="col" className="r">
              Price
            </th>
            <th scope="col" className="r">
              Attempts
            </th>
            <th scope="col" className="gap">
              Why
            </th>
            <th scope="col" className="r">
              Asked next
            </th>
            <th scope="col" className="r">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {orders?.map((order) => (
            <tr
              key={order.id}
              className={order.id === chosen ? 'sel' : undefined}
              data-order-id={order.id}
              data-state={order.execution_state}
              onClick={() => onChoose(order.id)}
            >
              <td className="mono">
                <button
                  type="button"
                  aria-pressed={order.id === chosen}
                  aria-label={`Resolve ${order.symbol} ${order.side} ${figure(order.quantity)}`}
                  title={order.id}
                >
                  …{order.id.slice(-6)}
                </button>
              </td>
              <td className="sym">{order.symbol}</td>
              <td>
                <span className={`side ${order.side === 'BUY' ? 'buy' : 'sell'}`}>{order.side}</span>
              </td>
              <td className="r num">
                {figure(order.filled_quantity)} <span className="t3">/ {figure(order.quantity)}</span>
              </td>
              <td className="r num">{order.price === null ? '–' : figure(order.price, 2)}</td>
              <td className="r num">{order.attempts}</td>
              <td className="t2 ell gap" title={why(order)}>
                {why(order)}
              </td>
              <td className="r num t2">
                {order.next_check_at ? <Age at={Date.parse(order.next_check_at)} text={until} /> : '–'}
              </td>
              <td className="r num warn b">
                <Age at={Date.parse(order.created_at)} text={age} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function why(order: OpenQuestion): string {
  if (order.commands) return `${order.commands}, waits for lane ${order.lane}`
  if (order.execution_state === 'DONE')
    return `${order.status} here; asked to cancel there, ${order.recalls ?? 0} times`
  return order.reason ?? '–'
}
