// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { keepPlaces, legOf, nest, withDeparted } from '@/app/(authed)/orders/components/blotter/rows'
import type { Row } from '@/lib/hooks/useOrders'
import type { Order } from '@/lib/types'

function row(id: string, order: Partial<Order> = {}, rest: Partial<Row> = {}): Row {
  const whole = {
    id,
    idempotent_key: `key-${id}`,
    parent_order_id: null,
    order_type: 'LIMIT',
    created_at: '2026-11-29T00:00:00Z',
    ...order,
  } as Order
  return {
    key: id,
    name: id,
    sketch: null,
    order: whole,
    pending: null,
    cancel: null,
    fresh: false,
    doneAt: null,
    ...rest,
  }
}
const names = (rows: Row[]) => rows.map((one) => one.key)

describe('open orders', () => {
  test('legs stand under their entry, the stop loss first', () => {
    const rows = [
      row('tp', { parent_order_id: 'entry', order_type: 'LIMIT' }),
      row('other'),
      row('sl', { parent_order_id: 'entry', order_type: 'STOP' }),
      row('entry'),
    ]
    const [first, second] = nest(rows)
    expect(first?.row.key).toBe('other')
    expect(second?.row.key).toBe('entry')
    expect(second?.legs.map((leg) => [leg.row.key, leg.under])).toEqual([
      ['sl', true],
      ['tp', true],
    ])
  })

  test('newest first, whatever order they come in', () => {
    const at = (id: string, created_at: string) => row(id, { created_at })
    const rows = [at('2', '2026-11-29T00:00:02Z'), at('3', '2026-11-29T00:00:03Z'), at('1', '2026-11-29T00:00:01Z')]
    expect(nest(rows).map((entry) => entry.row.key)).toEqual(['3', '2', '1'])
  })

  test('a leg whose entry is gone stands for itself', () => {
    const [only] = nest([row('sl', { parent_order_id: 'gone', order_type: 'STOP' })])
    expect(only?.under).toBe(false)
    expect(only && legOf(only.row.order)).toBe('Stop loss')
  })

  test('under the pointer nothing moves: new rows come at the end, finished ones stay', () => {
    const done = row('done', {}, { doneAt: 1 })
    const before = [row('a'), done, row('b')]
    const now = withDeparted([row('new'), row('a'), row('b')], before)
    expect(names(keepPlaces(now, names(before), (one) => one.key))).toEqual(['a', 'done', 'b', 'new'])
  })

  test('a row that left without being done does not come back', () => {
    expect(names(withDeparted([row('a')], [row('a'), row('refused')]))).toEqual(['a'])
  })

  test('a finished row that is still told about stands once', () => {
    const done = row('done', {}, { doneAt: 1 })
    expect(names(withDeparted([done], [done]))).toEqual(['done'])
  })
})
