// SPDX-License-Identifier: Apache-2.0
'use client'
// The drawn chart, and what lies over it: the tags of lines, with their × and their drag, and what is out of sight at the edges.
// The tags follow each picture that the engine draws by writing styles, without React.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Icon } from '@/components/Icon'
import { priceText, quantityText } from '@/lib/change'
import { decimalText, places } from '@/lib/decimal'
import { useDraft } from '@/lib/draft'
import { useSettings } from '@/lib/settings'
import type { Bar, Fill, Instrument } from '@/lib/types'
import type { View } from '@/lib/view'
import { canCancel, requestCancel } from '../blotter/cancel'
import { createEngine, type Engine, type Frame } from './engine'
import type { DraftField, DraftLine, OrderLine, useDraftLines } from './lines'
import { float, marksOf, pointsOf, seconds, toTick } from './points'
import { useShown } from './useShown'

// Working orders and drafts that are further from the last price than this do not stretch the chart: they stand at its edge.
const WORKING_NEAR = 0.01
const DRAFT_NEAR = 0.05
const TAG_PX = 18
const EDGE_PX = 26 // the row of tags at the upper edge

export function ChartCanvas({
  instrument,
  chart,
  bars,
  fills,
  orders,
  draft,
}: {
  instrument: Instrument
  chart: View['chart']
  bars: Bar[]
  fills: Fill[]
  orders: OrderLine[]
  draft: ReturnType<typeof useDraftLines>
}) {
  const host = useRef<HTMLDivElement>(null)
  const over = useRef<HTMLDivElement>(null)
  const engine = useRef<Engine | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  const utc = useSettings((settings) => settings.utc)
  const shown = useShown()
  const { tick_size: tick, last_price: last } = instrument

  const place = useCallback((frame: Frame) => {
    if (over.current) placeTags(over.current, frame)
  }, [])

  // Filled in by a click: the ticket's price, where it has one.
  const pick = useRef((_price: number) => {})
  useEffect(() => {
    pick.current = (price) => {
      const { orderType, set } = useDraft.getState()
      if (orderType !== 'MARKET') set({ price: decimalText(toTick(price, tick)) })
    }
  })

  useEffect(() => {
    if (!host.current) return
    const made = createEngine(host.current, {
      kind: chart === 'line' ? 'line' : 'candles',
      daily: chart === '1d',
      onFrame: place,
      onHover: setHovered,
      onPick: (price) => pick.current(price),
    })
    engine.current = made
    return () => {
      engine.current = null
      made.destroy()
    }
  }, [chart, place])

  useEffect(() => engine.current?.setFormat({ digits: places(tick), utc }), [tick, utc])

  const { points, holes } = useMemo(() => pointsOf(bars, chart === 'line' ? '1m' : chart), [bars, chart])
  useEffect(() => {
    if (shown) engine.current?.setPoints(points, holes)
  }, [points, holes, shown])

  const marks = useMemo(() => marksOf(fills, bars), [fills, bars])
  const marksKey = marks.map((mark) => `${mark.time}${mark.side}${mark.quantity}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what they say, not by who they are: bars change with each price
  useEffect(() => {
    if (shown) engine.current?.setMarks(marks, (mark) => quantityText(mark.quantity, instrument))
  }, [marksKey, shown])

  const linesKey = [...orders, ...draft.lines].map((line) => `${line.price}${line.text}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what they say: rows change with each event
  useEffect(() => {
    if (!shown) return
    engine.current?.setLines([
      ...orders.map((order) => ({
        key: order.key,
        price: float(order.price),
        tone: order.side === 'BUY' ? ('up' as const) : ('down' as const),
        draft: false,
      })),
      ...draft.lines.map((line) => ({
        key: line.field,
        price: float(line.price),
        tone: tones[line.field],
        draft: true,
      })),
    ])
    const of = (field: DraftField) => draft.lines.find((line) => line.field === field)
    const [risk, reward] = [of('stopLoss'), of('takeProfit')]
    const near = (price: number, share: number) => last === null || Math.abs(price / float(last) - 1) <= share
    engine.current?.setWanted([
      ...orders.map((order) => float(order.price)).filter((price) => near(price, WORKING_NEAR)),
      ...draft.lines.map((line) => float(line.price)).filter((price) => near(price, DRAFT_NEAR)),
    ])
    engine.current?.setZones(
      draft.entry !== null && (risk || reward)
        ? {
            entry: float(draft.entry),
            risk: risk ? float(risk.price) : null,
            reward: reward ? float(reward.price) : null,
          }
        : null,
    )
  }, [linesKey, shown])

  return (
    <>
      <div className="chart-host" ref={host} aria-hidden="true" />
      <Legend instrument={instrument} chart={chart} bars={bars} hovered={hovered} />
      <div className="chart-over" ref={over}>
        {orders.map((order) => (
          <OrderTag key={order.key} order={order} />
        ))}
        {draft.lines.map((line) => (
          <DraftTag key={line.field} line={line} tick={tick} engine={engine} host={host} />
        ))}
        {(['top', 'bottom'] as const).map((edge) => (
          <div key={edge} className={`chart-edge ${edge}`} aria-hidden="true">
            {orders.map((order) => (
              <span key={order.key} data-edge={edge} data-price={float(order.price)} hidden>
                {edge === 'top' ? '▲' : '▼'} {order.edge}
              </span>
            ))}
          </div>
        ))}
      </div>
    </>
  )
}

const tones = { price: 'accent', stopLoss: 'down', takeProfit: 'up' } as const

// Each tag at its price; those that would cover one another move apart. What is out of sight is told at the edge.
function placeTags(over: HTMLElement, { width, height, y }: Frame): void {
  over.style.width = `${width}px`
  over.style.height = `${height}px`
  let told = false // at the upper edge
  for (const edge of over.querySelectorAll<HTMLElement>('[data-edge]')) {
    const at = y(Number(edge.dataset.price))
    const upper = edge.dataset.edge === 'top'
    edge.hidden = at === null || !(upper ? at < 0 : at > height)
    if (upper && !edge.hidden) told = true
  }
  const tags = [...over.querySelectorAll<HTMLElement>('[data-tag]')].map((tag) => ({
    tag,
    y: y(Number(tag.dataset.price)),
  }))
  const taken: Record<string, number> = {}
  for (const { tag, y: at } of tags.sort((a, b) => (a.y ?? 0) - (b.y ?? 0))) {
    const outside = at === null || at < 0 || at > height
    tag.hidden = outside
    if (outside) continue
    const column = tag.dataset.tag as string
    const top = Math.max(
      at - TAG_PX / 2,
      (taken[column] ?? (told ? EDGE_PX : 0)) + (taken[column] === undefined ? 0 : TAG_PX),
    )
    taken[column] = top
    tag.style.transform = `translateY(${Math.round(top)}px)`
  }
}

function OrderTag({ order }: { order: OrderLine }) {
  return (
    <div
      className={`chart-tag ${order.side === 'BUY' ? 'up' : 'down'}`}
      data-tag="order"
      data-price={float(order.price)}
      data-order-id={order.key}
    >
      {order.text}
      {canCancel(order.row) && (
        <button type="button" aria-label={`Cancel order: ${order.text}`} onClick={() => requestCancel(order.row)}>
          <Icon name="close" size="s" />
        </button>
      )}
    </div>
  )
}

// A line of the draft is dragged by its tag. The field in the ticket does the same by keyboard.
function DraftTag({
  line,
  tick,
  engine,
  host,
}: {
  line: DraftLine
  tick: bigint
  engine: React.RefObject<Engine | null>
  host: React.RefObject<HTMLDivElement | null>
}) {
  const move = (event: React.PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !host.current) return
    const price = engine.current?.priceAt(event.clientY - host.current.getBoundingClientRect().top)
    if (price && price > 0) useDraft.getState().set({ [line.field]: decimalText(toTick(price, tick)) })
  }
  return (
    <div
      className={`chart-tag draft ${{ accent: 'acc', up: 'up', down: 'down' }[tones[line.field]]}`}
      data-tag="draft"
      data-draft={line.field}
      data-price={float(line.price)}
      title="Drag to set the field"
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={move}
    >
      {line.text}
    </div>
  )
}

function Legend({
  instrument,
  chart,
  bars,
  hovered,
}: {
  instrument: Instrument
  chart: View['chart']
  bars: Bar[]
  hovered: number | null
}) {
  const bar = (hovered === null ? undefined : bars.find((one) => seconds(one.starts_at) === hovered)) ?? bars.at(-1)
  if (!bar) return null
  const price = (value: bigint) => priceText(value, instrument)
  return (
    <div className="legend num">
      <span>
        {instrument.symbol} {chart === 'line' ? 'closes of 1m' : chart}
      </span>
      {chart === 'line' ? (
        <span>
          C <b>{price(bar.close)}</b>
        </span>
      ) : (
        (['open', 'high', 'low', 'close'] as const).map((name) => (
          <span key={name} className={name === 'close' ? undefined : 'more'}>
            {name.charAt(0).toUpperCase()} <b>{price(bar[name])}</b>
          </span>
        ))
      )}
    </div>
  )
}
