// SPDX-License-Identifier: Apache-2.0
// lightweight-charts behind the few words that this chart needs. Loaded after the first paint; nothing here knows React.
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  type IPriceLine,
  LineSeries,
  LineStyle,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts'
import { clock, day } from '@/lib/format'
import { Ground, type Zones } from './ground'
import { float, type Hole, type Mark, type Point } from './points'

export interface Line {
  key: string
  price: number
  tone: 'up' | 'down' | 'accent'
  draft: boolean
}

export interface Frame {
  width: number // of the pane, without the price axis
  height: number
  y(price: number): number | null
}

export interface EngineOptions {
  kind: 'line' | 'candles'
  daily: boolean
  onFrame(frame: Frame): void
  onHover(time: number | null): void
  onPick(price: number): void
}

const MOVED_PX = 4
const RIGHT_BARS = 10

const tokens = ['bg1', 'bg3', 'line', 'line2', 't1', 't2', 't3', 'accent', 'up', 'down'] as const
type Palette = Record<(typeof tokens)[number] | 'font', string>

function palette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const entries = [...tokens, 'font' as const].map((name) => [name, style.getPropertyValue(`--${name}`).trim()])
  return Object.fromEntries(entries) as Palette
}

const at = (time: number) => time as UTCTimestamp

export function createEngine(host: HTMLElement, options: EngineOptions) {
  let colours = palette()
  let digits = 2
  let utc = false
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const priceText = (price: number) => {
    const [whole = '', fraction] = Math.abs(price).toFixed(digits).split('.')
    return (price < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? `.${fraction}` : '')
  }
  const iso = (time: Time) => new Date((time as number) * 1000).toISOString()

  const chart = createChart(host, {
    autoSize: true,
    layout: { attributionLogo: false, fontSize: 11, background: { type: ColorType.Solid, color: 'transparent' } },
    crosshair: { mode: CrosshairMode.Normal },
    kineticScroll: { mouse: false, touch: !still },
    localization: {
      priceFormatter: priceText,
      timeFormatter: (time: Time) =>
        options.daily ? day(iso(time), true) : `${day(iso(time), utc)} ${clock(iso(time), utc).slice(0, 5)}`,
    },
    timeScale: {
      timeVisible: !options.daily,
      secondsVisible: false,
      rightOffset: RIGHT_BARS,
      barSpacing: 6,
      minBarSpacing: 1,
      lockVisibleTimeRangeOnResize: true,
      tickMarkFormatter: (time: Time, type: number) => {
        const text = iso(time)
        if (options.daily) return type <= 1 ? day(text, true).slice(0, 7) : day(text, true).slice(5)
        return type <= 2 ? day(text, utc).slice(5) : clock(text, utc).slice(0, 5)
      },
    },
    rightPriceScale: { minimumWidth: 64, scaleMargins: { top: 0.09, bottom: 0.09 } },
  })
  const series =
    options.kind === 'line'
      ? chart.addSeries(LineSeries, { lineWidth: 2, crosshairMarkerRadius: 3, priceLineStyle: LineStyle.Dotted })
      : chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted })
  const markers = createSeriesMarkers<Time>(series, [])
  const ground = new Ground((frame) => options.onFrame(frame))
  series.attachPrimitive(ground)

  let lines: { line: Line; drawn: IPriceLine }[] = []
  let marks: Mark[] = []
  let quantityText: (mark: Mark) => string = () => ''
  let drawn: Point[] = []

  function restyle() {
    colours = palette()
    const { bg1, line, line2, t1, t2, t3, up, down, font } = colours
    chart.applyOptions({
      layout: { textColor: t3, fontFamily: font },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: {
        vertLine: { color: t3, labelBackgroundColor: line2 },
        horzLine: { color: t3, labelBackgroundColor: line2 },
      },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line, textColor: t3 },
    })
    // The last price's tag is t1 on the ground's colour, whatever the last bar did.
    if (options.kind === 'line') series.applyOptions({ color: t2, priceLineColor: t1 })
    else
      series.applyOptions({
        upColor: bg1,
        downColor: down,
        borderUpColor: up,
        borderDownColor: down,
        wickUpColor: up,
        wickDownColor: down,
        priceLineColor: t1,
      })
    ground.colours = { hatch: colours.line2, text: t3, up, down, font }
    setLines(lines.map((one) => one.line))
    setMarks(marks, quantityText)
  }

  function toSeries(point: Point) {
    const { bar } = point
    if (!bar) return { time: at(point.time) }
    if (options.kind === 'line') return { time: at(point.time), value: float(bar.close) }
    return {
      time: at(point.time),
      open: float(bar.open),
      high: float(bar.high),
      low: float(bar.low),
      close: float(bar.close),
    }
  }

  // A price changes the last bar only: the others keep their identity, which tells.
  function setPoints(points: Point[], holes: Hole[]) {
    const before = drawn
    drawn = points
    ground.holes = holes
    const grown = points.length - before.length
    const known = before.length - 2
    const sameUntil =
      known >= 0 &&
      (grown === 0 || grown === 1) &&
      before[0]?.time === points[0]?.time &&
      before[known]?.bar === points[known]?.bar
    const last = points.at(-1)
    if (sameUntil && last) {
      const former = grown === 1 ? points.at(-2) : undefined
      if (former) series.update(toSeries(former))
      series.update(toSeries(last))
    } else series.setData(points.map(toSeries))
  }

  function setMarks(next: Mark[], text: (mark: Mark) => string) {
    marks = next
    quantityText = text
    markers.setMarkers(
      next.map(
        (mark): SeriesMarker<Time> => ({
          time: at(mark.time),
          position: mark.side === 'BUY' ? 'belowBar' : 'aboveBar',
          shape: mark.side === 'BUY' ? 'arrowUp' : 'arrowDown',
          color: mark.side === 'BUY' ? colours.up : colours.down,
          text: text(mark),
          size: 0.7,
        }),
      ),
    )
  }

  function setLines(next: Line[]) {
    for (const { drawn: old } of lines) series.removePriceLine(old)
    lines = next.map((line) => {
      const colour = colours[line.tone]
      return {
        line,
        drawn: series.createPriceLine({
          price: line.price,
          color: colour,
          lineWidth: 1,
          lineStyle: line.draft ? LineStyle.Dotted : LineStyle.LargeDashed,
          axisLabelVisible: true,
          axisLabelColor: line.draft ? colours.bg3 : colour,
          axisLabelTextColor: line.draft ? colour : colours.bg1,
          title: '',
        }),
      }
    })
  }

  chart.subscribeCrosshairMove((param) => options.onHover(typeof param.time === 'number' ? param.time : null))

  // A click on a price, in the pane or on the axis; a drag of either is none.
  let down: { x: number; y: number } | null = null
  const press = (event: PointerEvent) => {
    down = event.button === 0 ? { x: event.clientX, y: event.clientY } : null
  }
  const release = (event: PointerEvent) => {
    const from = down
    down = null
    if (!from || Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED_PX) return
    const y = event.clientY - host.getBoundingClientRect().top
    const price = y <= chart.paneSize().height ? series.coordinateToPrice(y) : null
    if (price !== null && price > 0) options.onPick(price)
  }
  host.addEventListener('pointerdown', press)
  host.addEventListener('pointerup', release)
  const watch = new MutationObserver(restyle)
  watch.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-colours'] })
  restyle()

  return {
    setPoints,
    setMarks,
    setLines,
    setZones(zones: Zones | null) {
      ground.zones = zones
      ground.refresh()
    },
    // Prices that have to be in sight besides the bars.
    setWanted(prices: number[]) {
      ground.wanted = prices
      ground.refresh()
    },
    setFormat(format: { digits: number; utc: boolean }) {
      digits = format.digits
      utc = format.utc
      series.applyOptions({ priceFormat: { type: 'custom', formatter: priceText, minMove: 10 ** -digits } })
      chart.applyOptions({})
    },
    priceAt: (y: number): number | null => series.coordinateToPrice(y),
    destroy() {
      watch.disconnect()
      host.removeEventListener('pointerdown', press)
      host.removeEventListener('pointerup', release)
      chart.remove()
    },
  }
}

export type Engine = ReturnType<typeof createEngine>
