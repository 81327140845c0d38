// SPDX-License-Identifier: Apache-2.0
// What is measured inside the page. The function is given to the browser as text and runs there before any script of the page.
export interface Measured {
  lcp: number // ms
  shifts: { value: number; sources: string[] }[]
  longTasks: { at: number; ms: number }[]
  interactions: { name: string; ms: number }[]
  frames: { at: number; ms: number }[] // while `watchFrames`
  events: number // order events that the socket brought
  toPixel: number[] // ms, of those that change a row's state or make the row
  undrawn(): number // those that no change of their row has followed yet
  watchFrames: boolean
}

declare global {
  interface Window {
    measured: Measured
  }
}

export function instrument(): void {
  const shown = new Map<string, string>() // by order: 'status state', as its row in Open orders has it
  const waiting = new Map<string, number[]>()
  const drawn: number[] = [] // of these the next frame is waited for
  const measured: Measured = {
    lcp: 0,
    shifts: [],
    longTasks: [],
    interactions: [],
    frames: [],
    events: 0,
    toPixel: [],
    undrawn: () => [...waiting.values()].reduce((sum, times) => sum + times.length, 0),
    watchFrames: false,
  }
  window.measured = measured

  const nameOf = (node: Node | null): string => {
    const element = node instanceof Element ? node : node?.parentElement
    if (!element) return '?'
    const own = `${element.tagName.toLowerCase()}${[...element.classList].map((name) => `.${name}`).join('')}`
    const parent = element.parentElement
    return parent && parent !== document.body ? `${parent.tagName.toLowerCase()}.${parent.className} > ${own}` : own
  }
  const observe = (type: string, take: (entry: PerformanceEntry) => void, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options })
  observe('largest-contentful-paint', (entry) => {
    measured.lcp = entry.startTime
  })
  observe('layout-shift', (entry) => {
    type Rect = { x: number; y: number; width: number; height: number }
    type Source = { node: Node | null; previousRect: Rect; currentRect: Rect }
    const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean; sources: Source[] }
    if (shift.hadRecentInput) return
    const rect = ({ x, y, width, height }: Rect) => [x, y, width, height].map(Math.round).join(' ')
    measured.shifts.push({
      value: shift.value,
      sources: shift.sources.map(
        ({ node, previousRect, currentRect }) => `${nameOf(node)} from ${rect(previousRect)} to ${rect(currentRect)}`,
      ),
    })
  })
  observe('longtask', (entry) => {
    measured.longTasks.push({ at: entry.startTime, ms: entry.duration })
  })
  observe(
    'event',
    (entry) => {
      if ((entry as PerformanceEntry & { interactionId: number }).interactionId > 0)
        measured.interactions.push({ name: entry.name, ms: entry.duration })
    },
    { durationThreshold: 16 },
  )
  let before = 0
  requestAnimationFrame(function frame(at) {
    if (measured.watchFrames && before > 0) measured.frames.push({ at, ms: at - before })
    before = measured.watchFrames ? at : 0
    requestAnimationFrame(frame)
  })

  // From here: event to pixel. It begins when the message is given to the page, before the page's own handler.
  function heard(message: MessageEvent): void {
    const at = performance.now()
    const event = JSON.parse(message.data)
    if (!event.order_id) return
    measured.events += 1
    const state = `${event.status} ${event.execution_state}`
    // Nothing new to see: the word of the row stays.
    if (shown.get(event.order_id) === state || (event.status === 'REJECTED' && !shown.has(event.order_id))) return
    waiting.set(event.order_id, [...(waiting.get(event.order_id) ?? []), at])
  }
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('message', heard)
    }
  }

  // It ends with the first animation frame after the one in which the row was made, or its state changed.
  function changed(row: Element): void {
    const id = row.getAttribute('data-order-id') ?? ''
    shown.set(id, `${row.getAttribute('data-status')} ${row.getAttribute('data-state')}`)
    const times = waiting.get(id)
    if (!times) return
    waiting.delete(id)
    if (drawn.length === 0)
      requestAnimationFrame(() => {
        const now = performance.now()
        for (const at of drawn.splice(0)) measured.toPixel.push(now - at)
      })
    drawn.push(...times)
  }
  const rows = 'tr[data-order-id][data-status]'
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes' && target instanceof Element && target.matches(rows)) changed(target)
      for (const node of addedNodes)
        if (node instanceof Element) {
          if (node.matches(rows)) changed(node)
          for (const row of node.querySelectorAll(rows)) changed(row)
        }
    }
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-status', 'data-state', 'data-order-id'],
  })
}
