// SPDX-License-Identifier: Apache-2.0
// What lies under the bars: the holes, hatched, and the zones of risk and reward of the draft. It also tells, with each picture that
// is drawn, where prices stand, so that what lies over the chart can follow.
import type {
  AutoscaleInfo,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
  UTCTimestamp,
} from 'lightweight-charts'
import type { Frame } from './engine'
import type { Hole } from './points'

export interface Zones {
  entry: number
  risk: number | null
  reward: number | null
}

interface Colours {
  hatch: string
  text: string
  up: string
  down: string
  font: string
}

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0]

const ZONE_PX = 48
const HATCH_PX = 6
const LABEL_PX = 44

export class Ground implements ISeriesPrimitive<Time> {
  holes: Hole[] = []
  zones: Zones | null = null
  wanted: number[] = []
  colours: Colours = { hatch: '', text: '', up: '', down: '', font: '' }
  private attachedTo: SeriesAttachedParameter<Time> | null = null

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  attached(param: SeriesAttachedParameter<Time>): void {
    this.attachedTo = param
  }

  detached(): void {
    this.attachedTo = null
  }

  refresh(): void {
    this.attachedTo?.requestUpdate()
  }

  updateAllViews(): void {
    const to = this.attachedTo
    if (!to) return
    const { width, height } = to.chart.paneSize()
    this.onFrame({ width, height, y: (price) => to.series.priceToCoordinate(price) })
  }

  autoscaleInfo(): AutoscaleInfo | null {
    if (this.wanted.length === 0) return null
    return { priceRange: { minValue: Math.min(...this.wanted), maxValue: Math.max(...this.wanted) } }
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [{ zOrder: () => 'bottom', renderer: () => ({ draw: (target: Target) => this.draw(target) }) }]
  }

  private draw(target: Target): void {
    // biome-ignore lint/correctness/useHookAtTopLevel: a method of the canvas, no hook
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      for (const hole of this.holes) this.drawHole(context, hole, mediaSize.height)
      if (this.zones) this.drawZones(context, this.zones, mediaSize.width)
    })
  }

  private drawHole(context: CanvasRenderingContext2D, hole: Hole, height: number): void {
    const scale = this.attachedTo?.chart.timeScale()
    const from = scale?.timeToCoordinate(hole.from as UTCTimestamp) ?? null
    const to = scale?.timeToCoordinate(hole.to as UTCTimestamp) ?? null
    if (!scale || from === null || to === null) return
    const half = scale.options().barSpacing / 2
    const [left, right] = [from - half, to + half]
    context.save()
    context.beginPath()
    context.rect(left, 0, right - left, height)
    context.clip()
    context.strokeStyle = this.colours.hatch
    context.lineWidth = 1
    context.beginPath()
    for (let x = left - height; x < right; x += HATCH_PX) {
      context.moveTo(x, height)
      context.lineTo(x + height, 0)
    }
    context.stroke()
    context.restore()
    if (right - left < LABEL_PX) return
    context.font = `400 10px ${this.colours.font}`
    context.fillStyle = this.colours.text
    context.textAlign = 'center'
    context.fillText('not seen', (left + right) / 2, height - 8)
  }

  private drawZones(context: CanvasRenderingContext2D, { entry, risk, reward }: Zones, width: number): void {
    const y = (price: number) => this.attachedTo?.series.priceToCoordinate(price) ?? null
    const zone = (price: number | null, colour: string) => {
      const [a, b] = [y(entry), price === null ? null : y(price)]
      if (a === null || b === null) return
      context.fillStyle = colour
      context.fillRect(width - ZONE_PX, Math.min(a, b), ZONE_PX, Math.abs(a - b))
    }
    context.save()
    context.globalAlpha = 0.14
    zone(reward, this.colours.up)
    zone(risk, this.colours.down)
    context.restore()
  }
}
