// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { parseDecimal } from '@/lib/decimal'
import { foldPrice } from '@/lib/prices'
import type { Bar } from '@/lib/types'

const d = (text: string) => parseDecimal(text) as bigint
const bar = (starts_at: string, close = '10'): Bar => ({
  starts_at,
  open: d('10'),
  high: d('11'),
  low: d('9'),
  close: d(close),
  volume: d('5'),
})
const bars = [bar('2026-11-28T11:41:00.000Z'), bar('2026-11-28T11:42:00.000Z')]

describe('a live price', () => {
  test.each([
    ['10.5', '11', '9'],
    ['12', '12', '9'],
    ['8', '11', '8'],
  ])('%s is in the bar of its minute', (price, high, low) => {
    const after = foldPrice(bars, '1m', d(price), '2026-11-28T11:42:59.999999Z')
    expect(after).toHaveLength(2)
    expect(after[1]).toMatchObject({ open: d('10'), close: d(price), high: d(high), low: d(low), volume: d('5') })
    expect(after[0]).toBe(bars[0])
  })

  test('of the next minute begins its own bar, also after a gap', () => {
    expect(foldPrice(bars, '1m', d('12'), '2026-11-28T11:47:03.5Z').at(-1)).toEqual({
      starts_at: '2026-11-28T11:47:00.000Z',
      open: d('12'),
      high: d('12'),
      low: d('12'),
      close: d('12'),
      volume: 0n,
    })
  })

  test('that is older than the last bar, or no news, changes nothing', () => {
    expect(foldPrice(bars, '1m', d('12'), '2026-11-28T11:41:30Z')).toBe(bars)
    expect(foldPrice(bars, '1m', d('10'), '2026-11-28T11:42:30Z')).toBe(bars)
  })

  test('never begins a trading day, which only the server can', () => {
    const days = [bar('2026-11-27T21:00:00.000Z')]
    expect(foldPrice(days, '1d', d('12'), '2026-11-29T03:00:00Z')).toHaveLength(1)
    expect(foldPrice([], '1d', d('12'), '2026-11-29T03:00:00Z')).toEqual([])
  })
})
