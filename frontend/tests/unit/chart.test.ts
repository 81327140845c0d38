// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { draftLines } from '@/app/(authed)/orders/components/chart/lines'
import { marksOf, pointsOf, toTick } from '@/app/(authed)/orders/components/chart/points'
import { ONE, parseDecimal } from '@/lib/decimal'
import { emptyDraft } from '@/lib/draft'
import type { Bar, Fill } from '@/lib/types'

const bar = (minute: number): Bar => ({
  starts_at: new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString(),
  open: ONE,
  high: ONE,
  low: ONE,
  close: ONE,
  volume: 0n,
})
const fill = (minute: number, second: number, side: Fill['side'], quantity: bigint): Fill => ({
  id: `${minute}${second}`,
  order_id: '',
  symbol: 'AAPL',
  side,
  quantity_filled: quantity * ONE,
  price_at_fill: ONE,
  venue: 'SIM',
  venue_exec_id: '',
  timestamp: new Date(Date.UTC(2026, 10, 24, 9, minute, second)).toISOString(),
})

describe('points', () => {
  it('have no hole where no bar is missing', () => {
    const { points, holes } = pointsOf([bar(0), bar(1), bar(2)], '1m')
    expect(points.length).toBe(3)
    expect(holes).toEqual([])
  })
  it('show a missing bar as a hole of one', () => {
    const { points, holes } = pointsOf([bar(0), bar(2)], '1m')
    expect(points.map((point) => point.bar === null)).toEqual([false, true, false])
    expect(holes).toEqual([{ from: points[1]?.time, to: points[1]?.time }])
  })
  it('show a long hole by eight, in order of time', () => {
    const { points } = pointsOf([bar(0), bar(59)], '1m')
    expect(points.length).toBe(10)
    expect(points.every((point, n) => n === 0 || point.time > (points[n - 1]?.time ?? 0))).toBe(true)
  })
  it('leave out a bar that is not later than the one before', () => {
    expect(pointsOf([bar(1), bar(1)], '1m').points.length).toBe(1)
  })
})

describe('marks', () => {
  it('are one a bar and side, with the sum of the fills', () => {
    const marks = marksOf([fill(1, 30, 'BUY', 20n), fill(1, 5, 'BUY', 30n), fill(1, 6, 'SELL', 1n)], [bar(0), bar(1)])
    expect(marks.map(({ side, quantity }) => [side, quantity / ONE])).toEqual([
      ['BUY', 50n],
      ['SELL', 1n],
    ])
  })
  it('stand on the bar before a hole, and not before the first bar', () => {
    const bars = [bar(5), bar(20)]
    expect(marksOf([fill(7, 0, 'BUY', 1n)], bars)[0]?.time).toBe(Date.parse(bar(5).starts_at) / 1000)
    expect(marksOf([fill(4, 59, 'BUY', 1n)], bars)).toEqual([])
  })
})

describe('a price of the chart', () => {
  it.each([
    [150.8049, '0.01', '150.8'],
    [150.806, '0.01', '150.81'],
    [60218.37, '0.05', '60218.35'],
    [0.1 + 0.2, '0.00000001', '0.3'],
  ])('%s becomes the nearest tick of %s', (price, tick, text) =>
    expect(toTick(price, parseDecimal(tick) as bigint)).toBe(parseDecimal(text)),
  )
})

describe('lines of the draft', () => {
  const last = 150n * ONE
  it('are entry, stop loss and take profit with their distance', () => {
    const draft = { ...emptyDraft, quantity: '100', price: '150,00', stopLoss: '148.50', takeProfit: '153' }
    const { lines, entry } = draftLines(draft, last)
    expect(entry).toBe(150n * ONE)
    expect(lines.map((line) => line.text)).toEqual(['Draft BUY 100', 'Stop loss −1.00 %', 'Take profit +2.00 %'])
  })
  it('of a MARKET order begin at the last price, without a line for it', () => {
    const { lines, entry } = draftLines({ ...emptyDraft, orderType: 'MARKET', price: '1', takeProfit: '153' }, last)
    expect(entry).toBe(last)
    expect(lines.map((line) => line.field)).toEqual(['takeProfit'])
  })
  it('are none of what is no price', () => {
    expect(draftLines({ ...emptyDraft, price: '15x', stopLoss: '-1', takeProfit: '0' }, last).lines).toEqual([])
  })
})
