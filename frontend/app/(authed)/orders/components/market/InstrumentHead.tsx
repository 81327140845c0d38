// SPDX-License-Identifier: Apache-2.0
'use client'
// The chosen instrument: what it costs, what it did today, what is held of it.
import * as RadioGroup from '@radix-ui/react-radio-group'
import { Skeleton } from '@/components/Skeleton'
import { arrow, changeOf, priceText, quantityText } from '@/lib/change'
import { round } from '@/lib/decimal'
import { figure, NONE, signedMoney } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import { useBars, useInstrument } from '@/lib/hooks/useInstruments'
import type { Bar, Decimal, Instrument, Position } from '@/lib/types'
import { useView } from '@/lib/view'

export function InstrumentHead() {
  const symbol = useView((view) => view.symbol)
  const instrument = useInstrument(symbol)
  if (!instrument)
    return (
      <div className="ihead">
        <div className="ih-name">
          <h1>{symbol ?? 'Orders'}</h1>
          <div className="lbl">
            <Skeleton width={70} height={8} />
          </div>
        </div>
        <span className="px">
          <Skeleton width={84} height={20} />
        </span>
        <Skeleton width={260} height={12} />
        <IntervalChoice />
      </div>
    )
  return <Known instrument={instrument} />
}

function Known({ instrument }: { instrument: Instrument }) {
  const { symbol, name, last_price: last, tick_size, lot_size } = instrument
  const { positions } = usePositions()
  const position = positions.find((one) => one.symbol === symbol && one.quantity !== 0n)
  const change = changeOf(instrument)
  const price = (value: Decimal | undefined) => (value === undefined ? NONE : priceText(value, instrument))
  const today = useToday(symbol)
  return (
    <div className="ihead">
      <div className="ih-name">
        <h1>{symbol}</h1>
        <div className="lbl ell" title={name}>
          {name}
        </div>
      </div>
      <div className="px num">{last === null ? NONE : price(last)}</div>
      <div
        key={`${change?.kind} ${change?.amount}`}
        className={`num ih-change ${change?.kind ?? ''}`}
        title="since the first price of the trading day"
      >
        {change ? (
          <>
            {arrow[change.kind]} {change.amount}
            <br />
            {change.percent}
          </>
        ) : (
          NONE
        )}
      </div>
      <Stat label="High today" kind="opt">
        {price(today?.high)}
      </Stat>
      <Stat label="Low today" kind="opt">
        {price(today?.low)}
      </Stat>
      <Stat label="Tick" kind="opt">
        {figure(tick_size)}
      </Stat>
      <Stat label="Lot" kind="opt">
        {figure(lot_size)}
      </Stat>
      <Stat label="Position" kind="pos">
        {position ? <Held {...{ position, instrument }} /> : '0'}
      </Stat>
      {position && (
        <Stat label="Unrealised" kind="unr">
          <Gain value={position.unrealized_pnl} />
        </Stat>
      )}
      <IntervalChoice />
    </div>
  )
}

function useToday(symbol: string): Bar | undefined {
  const { bars } = useBars(symbol, '1d')
  const last = bars.at(-1)
  return last && Date.now() - Date.parse(last.starts_at) < 86_400_000 ? last : undefined
}

function Stat({ label, kind = '', children }: { label: string; kind?: string; children: React.ReactNode }) {
  return (
    <div className={kind}>
      <div className="lbl">{label}</div>
      <div className="st num">{children}</div>
    </div>
  )
}

// An average has as many digits as its division gives; the title has them all.
const AVERAGE_DIGITS = 4

export function Held({ position, instrument }: { position: Position; instrument: Instrument }) {
  return (
    <>
      <b className="b">{quantityText(position.quantity, instrument)}</b> <span className="t3">@</span>{' '}
      <span title={figure(position.average_cost)}>
        {priceText(round(position.average_cost, AVERAGE_DIGITS), instrument)}
      </span>
    </>
  )
}

export function Gain({ value }: { value: Decimal }) {
  return <b className={`b ${value > 0n ? 'up' : value < 0n ? 'down' : ''}`}>{signedMoney(value)}</b>
}

const charts = ['line', '1m', '5m', '1h', '1d'] as const

export function IntervalChoice() {
  const { chart, set } = useView()
  return (
    <RadioGroup.Root
      className="seg"
      aria-label="Chart"
      orientation="horizontal"
      value={chart}
      onValueChange={(next) => set({ chart: next as typeof chart })}
    >
      {charts.map((value) => (
        <RadioGroup.Item key={value} value={value}>
          {value === 'line' ? 'Line' : value}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
