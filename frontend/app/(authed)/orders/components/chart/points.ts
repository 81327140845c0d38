// SPDX-License-Identifier: Apache-2.0
// What the chart draws, as plain data: bars with the holes between them, and fills on the bar that they belong to. Floats are for
// pixels only; every price that leaves the chart goes through toTick.
import { type Decimal, decimalText } from '@/lib/decimal'
import type { Bar, BarInterval, Fill } from '@/lib/types'

export const float = (value: Decimal): number => Number(decimalText(value))

// The nearest price that the tick allows, exact.
export const toTick = (price: number, tick: Decimal): Decimal => BigInt(Math.round(price / float(tick))) * tick

export interface Point {
  time: number // seconds
  bar: Bar | null // null: nothing was seen here
}

export interface Hole {
  from: number
  to: number // both are points without a bar
}

const STEP_S: Record<BarInterval, number> = { '1m': 60, '5m': 300, '1h': 3600, '1d': 86_400 }
// A hole is shown, not its length: hours of it must not push the bars out of sight.
const HOLE_POINTS = 8
// Days without trading are no hole.
const DAYS_APART = 4

export const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000)

export function pointsOf(bars: Bar[], interval: BarInterval): { points: Point[]; holes: Hole[] } {
  const step = STEP_S[interval]
  const apart = interval === '1d' ? DAYS_APART * step : step
  const points: Point[] = []
  const holes: Hole[] = []
  let before: number | null = null
  for (const bar of bars) {
    const time = seconds(bar.starts_at)
    if (before !== null && time <= before) continue
    if (before !== null && time - before > apart) {
      const missing = Math.min(HOLE_POINTS, Math.ceil((time - before) / step) - 1)
      for (let n = 1; n <= missing; n += 1) points.push({ time: before + n * step, bar: null })
      holes.push({ from: before + step, to: before + missing * step })
    }
    points.push({ time, bar })
    before = time
  }
  return { points, holes }
}

export interface Mark {
  time: number
  side: Fill['side']
  quantity: Decimal
}

// Fills of one bar and side are one arrow. What happened before the first bar is not shown.
export function marksOf(fills: Fill[], bars: Bar[]): Mark[] {
  const starts = bars.map((bar) => seconds(bar.starts_at))
  const marks = new Map<string, Mark>()
  for (const fill of fills) {
    const at = seconds(fill.timestamp)
    const time = lastUntil(starts, at)
    if (time === null) continue
    const key = `${time} ${fill.side}`
    const mark = marks.get(key)
    if (mark) mark.quantity += fill.quantity_filled
    else marks.set(key, { time, side: fill.side, quantity: fill.quantity_filled })
  }
  return [...marks.values()].sort((a, b) => a.time - b.time)
}

function lastUntil(starts: number[], at: number): number | null {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= at) low = middle + 1
    else high = middle
  }
  return starts[low - 1] ?? null
}
