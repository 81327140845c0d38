// SPDX-License-Identifier: Apache-2.0
'use client'
// The chart of the chosen instrument. What draws it is loaded after the first paint.
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Icon } from '@/components/Icon'
import { useBars, useInstrument } from '@/lib/hooks/useInstruments'
import { useFills } from '@/lib/hooks/useOrders'
import { useView } from '@/lib/view'
import { useDraftLines, useOrderLines } from './lines'

const ChartCanvas = dynamic(() => import('./ChartCanvas').then((module) => module.ChartCanvas), {
  ssr: false,
  loading: () => <div className="chart-host" />,
})
const ChartTable = dynamic(() => import('./ChartTable').then((module) => module.ChartTable), { ssr: false })

export function Chart() {
  const { symbol, chart } = useView()
  const [asTable, setAsTable] = useState(false)
  const instrument = useInstrument(symbol)
  const interval = chart === 'line' ? '1m' : chart
  const { bars, loading, missing } = useBars(symbol, interval)
  const { fills } = useFills({ symbol: symbol ?? undefined })
  const orders = useOrderLines(instrument)
  const draft = useDraftLines(instrument?.last_price ?? null)
  return (
    <section
      className="chart"
      aria-label={symbol ? `Chart of ${symbol}, ${chart === 'line' ? 'closes' : chart}` : 'Chart'}
    >
      {instrument && asTable && (
        <ChartTable
          instrument={instrument}
          interval={interval}
          bars={bars}
          fills={fills}
          orders={orders}
          draft={draft.lines}
        />
      )}
      {instrument && !asTable && (
        <ChartCanvas
          key={`${instrument.symbol} ${chart}`}
          instrument={instrument}
          chart={chart}
          bars={bars}
          fills={fills}
          orders={orders}
          draft={draft}
        />
      )}
      {!loading && !asTable && instrument && bars.length === 0 && (
        <p className="empty">
          {missing
            ? `The chart of ${instrument.symbol} did not come. It is asked for again.`
            : `No price of ${instrument.symbol} has been seen yet. The chart begins with the first one.`}
        </p>
      )}
      <button
        type="button"
        className="ibtn chart-as"
        aria-pressed={asTable}
        aria-label="Show as table"
        title={asTable ? 'Show as chart' : 'Show as table'}
        onClick={() => setAsTable(!asTable)}
      >
        <Icon name="table" />
      </button>
    </section>
  )
}
