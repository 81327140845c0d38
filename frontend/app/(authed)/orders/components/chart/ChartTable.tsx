// SPDX-License-Identifier: Apache-2.0
'use client'
// The chart's figures as tables: candles, own fills, and the lines of orders and draft.
import { priceText, quantityText } from '@/lib/change'
import { clock, day } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { Bar, BarInterval, Fill, Instrument } from '@/lib/types'
import type { DraftLine, OrderLine } from './lines'

const CANDLES = 200

export function ChartTable({
  instrument,
  interval,
  bars,
  fills,
  orders,
  draft,
}: {
  instrument: Instrument
  interval: BarInterval
  bars: Bar[]
  fills: Fill[]
  orders: OrderLine[]
  draft: DraftLine[]
}) {
  const utc = useSettings((settings) => settings.utc)
  const price = (value: bigint) => priceText(value, instrument)
  const when = (iso: string, length: number) => `${day(iso, utc)} ${clock(iso, utc).slice(0, length)}`
  const newest = bars.slice(-CANDLES).reverse()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard
    <div className="chart-table" role="group" tabIndex={0} aria-label={`Figures of the chart of ${instrument.symbol}`}>
      <table>
        <caption>
          Candles of {interval}, newest first{bars.length > CANDLES && `, the last ${CANDLES}`}
        </caption>
        <Head names={['Begins', 'Open', 'High', 'Low', 'Close', 'Volume']} />
        <tbody>
          {newest.map((bar) => (
            <tr key={bar.starts_at}>
              <td className="num">{interval === '1d' ? day(bar.starts_at, utc) : when(bar.starts_at, 5)}</td>
              <td className="r num">{price(bar.open)}</td>
              <td className="r num">{price(bar.high)}</td>
              <td className="r num">{price(bar.low)}</td>
              <td className="r num">{price(bar.close)}</td>
              <td className="r num">{quantityText(bar.volume, instrument)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <table>
          <caption>Own fills, newest first</caption>
          <Head names={['Time', 'Side', 'Quantity', 'Price']} />
          <tbody>
            {fills.map((fill) => (
              <tr key={fill.id}>
                <td className="num">{when(fill.timestamp, 8)}</td>
                <td className="r">
                  <span className={`side ${fill.side === 'BUY' ? 'buy' : 'sell'}`}>{fill.side}</span>
                </td>
                <td className="r num">{quantityText(fill.quantity_filled, instrument)}</td>
                <td className="r num">{price(fill.price_at_fill)}</td>
              </tr>
            ))}
            {fills.length === 0 && <None columns={4} />}
          </tbody>
        </table>
        <table>
          <caption>Lines</caption>
          <Head names={['What', 'Price']} />
          <tbody>
            {[...orders, ...draft].map((line) => (
              <tr key={'key' in line ? line.key : line.field}>
                <td>{line.text}</td>
                <td className="r num">{price(line.price)}</td>
              </tr>
            ))}
            {orders.length + draft.length === 0 && <None columns={2} />}
          </tbody>
        </table>
        <p className="lbl">
          The chart is drawn by{' '}
          <a className="link" href="https://www.tradingview.com/" rel="noreferrer" target="_blank">
            TradingView
          </a>{' '}
          Lightweight Charts™.
        </p>
      </div>
    </div>
  )
}

function Head({ names }: { names: string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name, index) => (
          <th key={name} scope="col" className={index > 0 ? 'r' : name === 'What' ? undefined : 'when'}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}

const None = ({ columns }: { columns: number }) => (
  <tr>
    <td colSpan={columns} className="t3">
      none
    </td>
  </tr>
)
