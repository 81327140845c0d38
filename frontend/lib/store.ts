// SPDX-License-Identifier: Apache-2.0
// What the screen knows, in one place. Each answer and event is taken at once; React hears of it once a frame and twenty times a second
// at most, figures of the account twice. Rows that did not change keep their identity, so that memoised rows are not drawn again.
import { create } from 'zustand'
import { mergeEvent, mergeSnapshot } from './merge'
import { complete, type Sketch, sketch } from './sketch'
import { initialSocket, type SocketState } from './socket'
import type { Account, Decimal, Instrument, Order, OrderEvent, Position, PricesEvent, Problem } from './types'

export interface Row {
  key: string // the order's id; of one that is being sent: its Idempotency-Key
  name: string // the same from the moment that it is shown, whatever becomes known of it
  order: Order // as the server said last; of a pending row: the ticket's figures
  pending: null | { since: number; tries: number; note: 'sending' | 'asking again' }
  cancel: null | 'asking' | { refused: string } // this screen's own cancel
  fresh: boolean // came or changed within the last 600 ms
  doneAt: number | null // when it was seen to finish
  sketch: Sketch | null // only events have told of it: order has no type, time in force, protection, entry or key
}

export interface ActivityLine {
  key: string
  at: number
  symbol: string
  text: string // 'filled 30 @ 150.20'
  kind: string // the event: 'order.filled'
}

export interface Desk {
  rows: ReadonlyMap<string, Row> // by id; at most FINISHED_MAX that are done
  pending: Row | null // the one that is being sent
  loaded: boolean
  account: Account | null
  accountAt: number | null
  accountError: Problem | null
  positions: Position[] | null
  instruments: Instrument[] | null
  pricesAt: number | null // when one came last
  fetchedAt: number | null // the last full answer
  activity: ActivityLine[]
  socket: SocketState
}

const PAINT_MS = 50
const ACCOUNT_PAINT_MS = 500
const FRESH_MS = 600
export const SHOWN_DONE_MS = 10_000
const FINISHED_MAX = 500
const ACTIVITY_MAX = 200

const nothing: Desk = {
  rows: new Map(),
  pending: null,
  loaded: false,
  account: null,
  accountAt: null,
  accountError: null,
  positions: null,
  instruments: null,
  pricesAt: null,
  fetchedAt: null,
  activity: [],
  socket: initialSocket,
}

export const useDesk = create<Desk>()(() => nothing)

// What is known by now, ahead of what is painted.
const rows = new Map<string, Row>()
const instruments = new Map<string, Instrument>()
let staged: Partial<Desk> = {}
let stagedAccount: Partial<Desk> = {}
let rowsChanged = false
let instrumentsChanged = false
let scheduled = false
let paintedAt = 0
let accountPaintedAt = 0
let sweeping = false

export const orderOf = (id: string): Order | null => rows.get(id)?.order ?? null
export const knownRows = (): Iterable<Row> => rows.values()
export const instrumentOf = (symbol: string): Instrument | null => instruments.get(symbol) ?? null
export const instrumentSymbols = (): string[] => [...instruments.keys()]
export const isDone = (order: Order): boolean => order.execution_state === 'DONE'

function paint(): void {
  scheduled = false
  const now = Date.now()
  paintedAt = now
  const change = staged
  staged = {}
  if (rowsChanged) change.rows = new Map(rows)
  if (instrumentsChanged) change.instruments = [...instruments.values()]
  rowsChanged = false
  instrumentsChanged = false
  if (Object.keys(stagedAccount).length > 0) {
    if (now - accountPaintedAt >= ACCOUNT_PAINT_MS) {
      Object.assign(change, stagedAccount)
      stagedAccount = {}
      accountPaintedAt = now
    } else if (accountTimer === null)
      accountTimer = setTimeout(paintAccount, ACCOUNT_PAINT_MS - (now - accountPaintedAt))
  }
  useDesk.setState(change)
}

function paintAccount(): void {
  accountTimer = null
  schedule()
}

let timer: ReturnType<typeof setTimeout> | undefined
let accountTimer: ReturnType<typeof setTimeout> | null = null

function schedule(): void {
  if (scheduled) return
  scheduled = true
  const wait = PAINT_MS - (Date.now() - paintedAt)
  if (wait > 0) timer = setTimeout(frame, wait)
  else frame()
}

// A hidden page gets no animation frames; its timers still run.
function frame(): void {
  timer = undefined
  if (document.hidden) paint()
  else requestAnimationFrame(paint)
}

// What the person has just done is shown with the next frame.
function paintSoon(): void {
  if (timer === undefined) return
  clearTimeout(timer)
  frame()
}

function stage(change: Partial<Desk>): void {
  Object.assign(staged, change)
  schedule()
}

// Freshness ends, and finished rows leave the open orders, without any event.
function sweep(): void {
  sweeping = false
  const now = Date.now()
  let again = false
  for (const [key, row] of rows) {
    if (row.fresh) {
      const until = freshUntil.get(key) ?? 0
      if (until <= now) {
        rows.set(key, { ...row, fresh: false })
        freshUntil.delete(key)
        rowsChanged = true
      } else again = true
    }
    if (row.doneAt !== null && row.doneAt + SHOWN_DONE_MS > now) again = true
    else if (row.doneAt !== null && row.doneAt + SHOWN_DONE_MS > now - 2000) rowsChanged = true
  }
  if (rowsChanged) schedule()
  if (again) sweepLater()
}

const freshUntil = new Map<string, number>()

function sweepLater(): void {
  if (sweeping) return
  sweeping = true
  setTimeout(sweep, FRESH_MS)
}

function put(row: Row, fresh: boolean): void {
  rows.set(row.key, fresh ? { ...row, fresh: true } : row)
  if (fresh) freshUntil.set(row.key, Date.now() + FRESH_MS)
  rowsChanged = true
  schedule()
  sweepLater()
}

function drop(id: string): void {
  if (!rows.delete(id)) return
  rowsChanged = true
  schedule()
}

// The oldest of the finished ones go, so that a long day does not fill the memory.
function bound(): void {
  const finished = [...rows.values()].filter((row) => isDone(row.order))
  if (finished.length <= FINISHED_MAX) return
  finished.sort((a, b) => (a.order.updated_at < b.order.updated_at ? -1 : 1))
  for (const row of finished.slice(0, finished.length - FINISHED_MAX)) rows.delete(row.key)
}

interface News {
  fresh: boolean
  quiet?: boolean
  name?: string
  sketch?: Sketch
}

function update(id: string, order: Order, { fresh, quiet, name, sketch }: News): void {
  const before = rows.get(id)
  if (before?.order === order) return
  const wasOpen = before !== undefined && !isDone(before.order)
  // One that was never seen open has no place among the open ones when it is done: an old one, or one that was refused. Another client's
  // that was filled before it could be fetched has.
  const justEnded = !before && !quiet && order.status !== 'REJECTED' && isRecent(order.updated_at)
  const doneAt = before?.doneAt ?? (isDone(order) && (wasOpen || justEnded) ? Date.now() : null)
  const cancel = isDone(order) || order.cancel_requested_at ? null : (before?.cancel ?? null)
  put(
    {
      key: id,
      name: name ?? before?.name ?? id,
      order,
      pending: null,
      cancel,
      fresh: before?.fresh ?? false,
      doneAt,
      sketch: sketch ?? null,
    },
    fresh,
  )
}

const isRecent = (iso: string): boolean => Math.abs(Date.now() - Date.parse(iso)) < 1.5 * SHOWN_DONE_MS

// The order as it is known afterwards. What is already known and newer stays. News: an event has just told of it.
export function takeSnapshot(order: Order, news = false): Order {
  const before = rows.get(order.id)
  const after = before?.sketch ? complete(before.sketch, order) : before ? mergeSnapshot(before.order, order) : order
  const pending = staged.pending === undefined ? useDesk.getState().pending : staged.pending
  const own = pending?.key === order.idempotent_key
  if (own) stage({ pending: null })
  const name = own ? order.idempotent_key : undefined
  update(order.id, after, { fresh: Boolean(before) || own, quiet: !own && !news, name })
  return after
}

export function takeSnapshots(orders: Order[]): void {
  for (const order of orders) takeSnapshot(order)
  bound()
}

// Null: the order is not known here, or not whole, and has to be fetched. What the event tells of it is drawn meanwhile.
export function takeEvent(event: OrderEvent): Order | null {
  const id = event.order_id
  if (!id) return null
  const before = rows.get(id)
  if (!before || before.sketch) {
    const drawn = sketch(before?.sketch ?? null, event)
    // One that was refused before it was sent is no open order, not even for a moment.
    if (drawn?.order.status === 'REJECTED' && drawn.order.attempts === 0) drop(id)
    else if (drawn) update(id, drawn.order, { fresh: true, sketch: drawn })
    return null
  }
  const after = mergeEvent(before.order, event)
  update(id, after, { fresh: true })
  return after
}

export function takePending(row: Row | null): void {
  stage({ pending: row })
  paintSoon()
}

export function takeCancel(id: string, cancel: Row['cancel']): void {
  const row = rows.get(id)
  if (row) put({ ...row, cancel }, false)
  paintSoon()
}

export function takeAccount(change: Pick<Partial<Desk>, 'account' | 'accountAt' | 'accountError' | 'positions'>): void {
  Object.assign(stagedAccount, change)
  schedule()
}

export function takeInstruments(list: Instrument[]): void {
  const gone = new Set(instruments.keys())
  for (const instrument of list) {
    gone.delete(instrument.symbol)
    const before = instruments.get(instrument.symbol)
    if (before && same(before, instrument)) continue
    // The socket may have told a newer price than an answer that was asked for before it.
    const newer = before && (before.last_price_at ?? '') > (instrument.last_price_at ?? '')
    instruments.set(
      instrument.symbol,
      newer ? { ...instrument, last_price: before.last_price, last_price_at: before.last_price_at } : instrument,
    )
    instrumentsChanged = true
  }
  for (const symbol of gone) instrumentsChanged = instruments.delete(symbol)
  stage({ pricesAt: Date.now() })
}

const same = (a: Instrument, b: Instrument): boolean =>
  (Object.keys(b) as (keyof Instrument)[]).every((member) => a[member] === b[member])

export function takePrices({ prices }: PricesEvent): void {
  for (const { symbol, last_price, last_price_at } of prices) {
    const before = instruments.get(symbol)
    if (!before || (before.last_price_at ?? '') > last_price_at) continue
    instruments.set(symbol, { ...before, last_price: last_price as Decimal, last_price_at })
    instrumentsChanged = true
  }
  stage({ pricesAt: Date.now() })
}

export function takeActivity(line: ActivityLine): void {
  const lines = staged.activity ?? useDesk.getState().activity
  stage({ activity: [line, ...lines].slice(0, ACTIVITY_MAX) })
}

export const takeSocket = (socket: SocketState): void => stage({ socket })

export function takeLoaded(): void {
  stage({ loaded: true, fetchedAt: Date.now() })
}

// Orders whose seq the server does not know (4409), or everything when another person has signed in.
export function forget(everything: boolean): void {
  rows.clear()
  freshUntil.clear()
  rowsChanged = true
  if (everything) {
    instruments.clear()
    stagedAccount = {}
    instrumentsChanged = false
    stage({ ...nothing, socket: useDesk.getState().socket })
  } else stage({ loaded: false, activity: [] })
}
