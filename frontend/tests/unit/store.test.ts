// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { parseDecimal } from '@/lib/decimal'
import * as store from '@/lib/store'
import type { Instrument, Order, OrderEvent } from '@/lib/types'

// The store asks the page two things: whether it is hidden, and for the next frame.
vi.stubGlobal('document', { hidden: true })

const iso = (ms: number) => new Date(ms).toISOString()
const order = (id: string, change: Partial<Order> = {}): Order =>
  ({
    id,
    symbol: 'AAPL',
    side: 'BUY',
    quantity: 100n,
    status: 'PENDING',
    execution_state: 'WORKING',
    filled_quantity: 0n,
    idempotent_key: `key-${id}`,
    cancel_requested_at: null,
    created_at: iso(0),
    updated_at: iso(Date.now()),
    ...change,
  }) as Order
const done: Partial<Order> = { status: 'FILLED', execution_state: 'DONE', filled_quantity: 100n }

const row = (id: string) => {
  vi.advanceTimersByTime(200)
  return store.useDesk.getState().rows.get(id)
}

vi.useFakeTimers()

// What is scheduled runs out, since the store is one for all tests.
beforeEach(() => {
  store.forget(true)
  vi.advanceTimersByTime(20_000)
})

describe('rows', () => {
  test('keep their identity while nothing changes', () => {
    store.takeSnapshots([order('a'), order('b')])
    vi.advanceTimersByTime(2000)
    const before = row('a')
    store.takeSnapshot(order('b', { filled_quantity: 5n, status: 'PARTIAL', updated_at: iso(Date.now() + 1) }))
    expect(row('a')).toBe(before)
    expect(row('b')?.order.filled_quantity).toBe(5n)
  })

  test('are fresh for 600 ms after a change, and not when they are first read', () => {
    store.takeSnapshots([order('a')])
    expect(row('a')?.fresh).toBe(false)
    store.takeSnapshot(order('a', { ...done, updated_at: iso(Date.now() + 1) }))
    expect(row('a')?.fresh).toBe(true)
    vi.advanceTimersByTime(1500)
    expect(row('a')?.fresh).toBe(false)
  })

  test.each([
    ['seen open', true, false, done, true],
    ['read as an old one', false, false, done, false],
    ['told by an event, filled before it could be read', false, true, done, true],
    ['refused', false, true, { status: 'REJECTED', execution_state: 'DONE' } as Partial<Order>, false],
    ['told by an event of an hour ago', false, true, { ...done, updated_at: iso(Date.now() - 3_600_000) }, false],
  ])('that are done and were %s stay among the open ones for a while: %s', (_how, open, news, end, stays) => {
    if (open) store.takeSnapshot(order('a', { updated_at: iso(Date.now() - 1) }))
    store.takeSnapshot(order('a', { updated_at: iso(Date.now()), ...end }), news)
    expect(row('a')?.doneAt !== null).toBe(stays)
  })

  test('that are done are kept to the newest 500, and open ones all', () => {
    const many = Array.from({ length: 600 }, (_, i) => order(`d${i}`, { ...done, updated_at: iso(i) }))
    store.takeSnapshots([...many, order('open', { updated_at: iso(0) })])
    expect(row('d99')).toBeUndefined()
    expect(row('d100')).toBeDefined()
    expect(row('open')).toBeDefined()
  })

  test('an order of the key that is being sent takes the place of its pending row', () => {
    store.takePending({
      key: 'key-a',
      name: 'key-a',
      sketch: null,
      order: order('', {}),
      pending: { since: 0, tries: 1, note: 'sending' },
      cancel: null,
      fresh: false,
      doneAt: null,
    })
    store.takeSnapshot(order('b'))
    vi.advanceTimersByTime(200)
    expect(store.useDesk.getState().pending).not.toBeNull()
    store.takeSnapshot(order('a'))
    expect(row('a')?.name).toBe('key-a')
    store.takeSnapshot(order('a', done))
    expect(row('a')?.name).toBe('key-a')
    expect(store.useDesk.getState().pending).toBeNull()
  })
})

describe('an order of another client', () => {
  const event = (name: string, seq: number, change: Partial<OrderEvent> = {}): OrderEvent => ({
    event: `order.${name}` as OrderEvent['event'],
    seq,
    order_id: 'a',
    symbol: 'AAPL',
    side: 'SELL',
    quantity: 100n,
    price: 7n,
    status: 'PENDING',
    execution_state: 'ADMITTED',
    total_filled: 0n,
    average_price: null,
    timestamp: iso(Date.now() + seq),
    ...change,
  })
  const filled = { total_filled: 100n, average_price: 7n, status: 'FILLED', execution_state: 'DONE' } as const

  test('is drawn from what its event tells, and completed by the answer', () => {
    expect(store.takeEvent(event('submitted', 1))).toBeNull()
    expect(row('a')).toMatchObject({ name: 'a', order: { side: 'SELL', quantity: 100n, price: 7n } })
    expect(row('a')?.sketch).not.toBeNull()
    expect(row('a')?.order.order_type).toBeUndefined()
    store.takeSnapshot(order('a', { order_type: 'LIMIT', execution_state: 'ADMITTED' }), true)
    expect(row('a')).toMatchObject({ name: 'a', sketch: null, order: { order_type: 'LIMIT' } })
  })

  test('goes on by its events meanwhile, and an older answer does not move it back', () => {
    store.takeEvent(event('submitted', 1))
    store.takeEvent(event('filled', 2, filled))
    expect(row('a')).toMatchObject({ order: { status: 'FILLED' } })
    const doneAt = row('a')?.doneAt
    expect(doneAt).not.toBeNull()
    store.takeSnapshot(order('a', { order_type: 'LIMIT', execution_state: 'ADMITTED' }), true)
    expect(row('a')).toMatchObject({ sketch: null, doneAt, order: { status: 'FILLED', order_type: 'LIMIT' } })
  })

  test('is not drawn from an event that does not tell what it is for', () => {
    store.takeEvent(event('filled', 2, { ...filled, quantity: undefined, price: undefined }))
    expect(row('a')).toBeUndefined()
  })

  test('that was refused before it was sent is not shown', () => {
    store.takeEvent(event('submitted', 1))
    store.takeEvent(event('rejected', 2, { status: 'REJECTED', execution_state: 'DONE' }))
    expect(row('a')).toBeUndefined()
  })

  test('that the exchange refused stands for its ten seconds', () => {
    store.takeEvent(event('submitted', 1))
    store.takeEvent(event('executed', 2, { execution_state: 'SENT' }))
    store.takeEvent(event('rejected', 3, { status: 'REJECTED', execution_state: 'DONE' }))
    expect(row('a')?.doneAt).not.toBeNull()
  })
})

describe('painting', () => {
  test('is at most twenty times a second, of the account twice', () => {
    const paints: number[] = []
    let accounts = 0
    const end = store.useDesk.subscribe((desk, before) => {
      paints.push(Date.now())
      if (desk.accountAt !== before.accountAt) accounts++
    })
    for (let i = 0; i < 200; i++) {
      store.takeSnapshot(order('a', { filled_quantity: BigInt(i), updated_at: iso(Date.now()) }))
      store.takeAccount({ accountAt: Date.now() })
      vi.advanceTimersByTime(10)
    }
    end()
    expect(paints.length).toBeGreaterThan(10)
    expect(paints.length).toBeLessThanOrEqual(41)
    expect(accounts).toBeGreaterThan(2)
    expect(accounts).toBeLessThanOrEqual(5)
  })

  test('the account’s pace does not hold up the rows', () => {
    store.takeAccount({ accountAt: 1 })
    vi.advanceTimersByTime(100)
    store.takeAccount({ accountAt: 2 })
    vi.advanceTimersByTime(150)
    store.takeSnapshot(order('a'))
    vi.advanceTimersByTime(100)
    expect(store.useDesk.getState().rows.get('a')).toBeDefined()
    expect(store.useDesk.getState().accountAt).toBe(1)
    vi.advanceTimersByTime(500)
    expect(store.useDesk.getState().accountAt).toBe(2)
  })
})

describe('prices', () => {
  const instrument = (at: string, price: string, change: Partial<Instrument> = {}): Instrument =>
    ({
      symbol: 'AAPL',
      name: 'Apple',
      last_price: parseDecimal(price),
      last_price_at: at,
      tradable: true,
      ...change,
    }) as Instrument
  const price = () => {
    vi.advanceTimersByTime(200)
    return store.useDesk.getState().instruments?.[0]?.last_price
  }

  test('the newer one stays, whichever way it came, and the rest is the answer’s', () => {
    store.takeInstruments([instrument('2026-11-28T12:00:00Z', '150')])
    store.takePrices({
      event: 'prices',
      prices: [{ symbol: 'AAPL', last_price: 151n, last_price_at: '2026-11-28T12:00:02Z' }],
    })
    expect(price()).toBe(151n)
    store.takeInstruments([instrument('2026-11-28T12:00:01Z', '149', { tradable: false })])
    expect(price()).toBe(151n)
    expect(store.instrumentOf('AAPL')?.tradable).toBe(false)
    store.takePrices({
      event: 'prices',
      prices: [{ symbol: 'AAPL', last_price: 1n, last_price_at: '2026-11-28T12:00:00Z' }],
    })
    expect(price()).toBe(151n)
  })

  test('an instrument that is gone goes', () => {
    store.takeInstruments([instrument('2026-11-28T12:00:00Z', '150')])
    store.takeInstruments([])
    vi.advanceTimersByTime(200)
    expect(store.useDesk.getState().instruments).toEqual([])
  })
})
