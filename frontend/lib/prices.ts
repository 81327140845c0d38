// SPDX-License-Identifier: Apache-2.0
// Bars with the live price in them. The server keeps bars (GET /instruments/{symbol}/bars), so nothing is kept in the browser: where no
// bar is, no price came, and the chart shows a gap.
import type { Bar, BarInterval, Decimal } from './types'

const LENGTH_MS = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000 }

// Oldest first. A bar of a trading day begins when the exchange's day does, which only the server knows: it is never begun here.
export function foldPrice(bars: Bar[], interval: BarInterval, price: Decimal, at: string): Bar[] {
  const last = bars.at(-1)
  const time = Date.parse(at)
  if (last && time < Date.parse(last.starts_at)) return bars
  const length = interval === '1d' ? null : LENGTH_MS[interval]
  if (last && (length === null || time < Date.parse(last.starts_at) + length)) {
    if (price === last.close) return bars
    const bar = {
      ...last,
      close: price,
      high: price > last.high ? price : last.high,
      low: price < last.low ? price : last.low,
    }
    return [...bars.slice(0, -1), bar]
  }
  if (length === null) return bars
  const starts_at = new Date(Math.floor(time / length) * length).toISOString()
  return [...bars, { starts_at, open: price, high: price, low: price, close: price, volume: 0n }]
}
