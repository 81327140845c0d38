// SPDX-License-Identifier: Apache-2.0
'use client'
// One order: how far it is, its figures, fills, protection and audit trail.
import { Drawer } from '@/components/Drawer'
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { StateWord } from '@/components/StateWord'
import { figure } from '@/lib/format'
import { type Row, useFills, useOrder, useTrail } from '@/lib/hooks/useOrders'
import { useView } from '@/lib/view'
import { SideWord, useDigits } from '../blotter/figures'
import { wordOf } from '../OrderList'
import { Facts } from './Facts'
import { FillTable } from './FillTable'
import { Footer } from './Footer'
import { Progress } from './Progress'
import { Protection } from './Protection'
import { StateNote } from './StateNote'
import { Timeline } from './Timeline'

const close = () => useView.getState().set({ order: null })

export function OrderDrawer({ id }: { id: string }) {
  const { row, error, loading } = useOrder(id)
  const label = row ? `Order ${row.order.symbol} ${row.order.side} ${figure(row.order.quantity)}` : 'Order'
  const back = () => document.querySelector<HTMLElement>(`.blot [data-order-id="${CSS.escape(id)}"]`)
  return (
    <Drawer open onClose={close} label={label} returnTo={back}>
      {row ? (
        <Detail key={id} row={row} />
      ) : (
        <>
          <div className="dh">
            <div className="row">
              <h2>Order</h2>
              <span className="grow" />
              <Close />
            </div>
            <span className="mono t3 ell">{id}</span>
          </div>
          <div className="db pad">
            {error ? (
              <Note kind="e" title={error.title}>
                {error.detail}
              </Note>
            ) : (
              loading && <Waiting />
            )}
          </div>
        </>
      )}
    </Drawer>
  )
}

function Detail({ row }: { row: Row }) {
  const { order } = row
  const digits = useDigits()(order.symbol)
  const { fills } = useFills({ orderId: order.id })
  const trail = useTrail(order.id)
  return (
    <>
      <div className="dh" data-order-id={order.id} data-status={order.status} data-state={order.execution_state}>
        <div className="row">
          <h2>{order.symbol}</h2>
          <SideWord side={order.side} />
          <span className="num b qty">{figure(order.quantity, digits.quantity)}</span>
          <span className="t2 num ell">
            {order.order_type}
            {order.price !== null && ` ${figure(order.price, digits.price)}`} · {order.time_in_force}
          </span>
          <span className="grow" />
          <StateWord word={wordOf(row)} />
          <Close />
        </div>
        <Progress order={order} digits={digits} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled by the keyboard too */}
      <section className="db" tabIndex={0} aria-label="Details">
        <StateNote order={order} trail={trail.entries} />
        <Facts order={order} digits={digits} trail={trail.entries} />
        <FillTable order={order} digits={digits} fills={fills} />
        <Protection order={order} digits={digits} />
        <Timeline order={order} digits={digits} {...trail} />
      </section>
      <Footer row={row} digits={digits} />
    </>
  )
}

const Close = () => (
  <button type="button" className="ibtn" aria-label="Close" onClick={close}>
    <Icon name="close" />
  </button>
)

const Waiting = () => (
  <div className="waiting">
    {['64px', '220px', '180px', '240px'].map((width) => (
      <span key={width} className="sk" style={{ width }} />
    ))}
  </div>
)
