// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { ordersCsv } from '@/app/(authed)/orders/components/blotter/csv'
import { momentOf } from '@/app/(authed)/orders/components/blotter/moments'
import type { Order } from '@/lib/types'

const order = {
  id: '0199f0a5-7d0c-7a41-b3c2-55e1d2a90b52',
  created_at: '2026-11-24T16:38:22.104118Z',
  updated_at: '2026-11-24T16:39:04.018662Z',
  symbol: 'AAPL',
  side: 'BUY',
  order_type: 'LIMIT',
  time_in_force: 'DAY',
  quantity: 200_00000000n,
  filled_quantity: 80_00000000n,
  price: 150_20000000n,
  average_price: 150_47222222n,
  stop_loss: null,
  take_profit: null,
  status: 'PARTIAL',
  execution_state: 'WORKING',
  reason: null,
  parent_order_id: null,
  idempotent_key: 'web.1',
} as unknown as Order

const cells = (change: Partial<Order>) =>
  ordersCsv([{ ...order, ...change }])
    .split('\r\n')[1]
    ?.split(',') ?? []

describe('CSV of orders', () => {
  test('a head, exact figures, times in UTC, nothing for null', () => {
    expect(ordersCsv([order])).toBe(
      'id,created_at,updated_at,symbol,side,order_type,time_in_force,quantity,filled_quantity,price,average_price,stop_loss,take_profit,status,execution_state,reason,parent_order_id,idempotent_key\r\n' +
        '0199f0a5-7d0c-7a41-b3c2-55e1d2a90b52,2026-11-24T16:38:22.104118Z,2026-11-24T16:39:04.018662Z,AAPL,BUY,LIMIT,DAY,200,80,150.2,150.47222222,,,PARTIAL,WORKING,,,web.1\r\n',
    )
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', "'x", '\tx', '＝1', '＋1', '－1', '＠x'])(
    '%j is no formula for a spreadsheet',
    (key) => {
      expect(cells({ idempotent_key: key }).at(-1)).toBe(`'${key}`)
    },
  )

  test('commas, quotes and line ends stay inside their cell', () => {
    const text = ordersCsv([{ ...order, idempotent_key: 'a,"b"\r\nc' }])
    expect(text.endsWith(',"a,""b""\r\nc"\r\n')).toBe(true)
  })
})

describe('moments of the filters', () => {
  test.each([
    ['', null],
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    [' 2026-11-24 09:30 ', '2026-11-24T09:30:00.000Z'],
    ['2026-11-24T09:30:15', '2026-11-24T09:30:15.000Z'],
    ['2026-02-30', undefined],
    ['24.11.2026', undefined],
    ['2026-11-24 25:00', undefined],
    ['2026-11', undefined],
  ])('%j in UTC is %j', (typed, moment) => {
    expect(momentOf(typed, true)).toBe(moment)
  })
})
