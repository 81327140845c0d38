// SPDX-License-Identifier: Apache-2.0
// The shell around lib/socket.ts: the WebSocket, timers and fetches that its effects ask for, and the way of what they bring to the store.
import { claimsOf, NoSession, token } from './api'
import { tellOrderEvent } from './desk'
import { fetchAll, fetchInstruments, fetchOrder, fetchTold, refreshAccount } from './fetches'
import { parseExact, toJson } from './json'
import {
  initialSocket,
  nextTick,
  type Reason,
  type SocketEffect,
  type SocketInput,
  type SocketState,
  stepSocket,
} from './socket'
import * as store from './store'
import type { Order, OrderEvent, PricesEvent } from './types'
import { useView } from './view'

const WATCH_MAX = 100
const PRICES_VISIBLE_MS = 1000
const PRICES_HIDDEN_MS = 10_000

let state: SocketState = initialSocket
let socket: WebSocket | null = null
let timer: ReturnType<typeof setTimeout> | undefined
let pricesTimer: ReturnType<typeof setTimeout> | undefined
let signOut: () => void = () => {}

function input(what: SocketInput): void {
  const [next, effects] = stepSocket(state, what, Date.now(), Math.random())
  const before = state
  state = next
  if (shown(before) !== shown(next)) store.takeSocket(next)
  for (const effect of effects) run(effect)
  clearTimeout(timer)
  const at = nextTick(state)
  // Long waits are cut, since a timer cannot be longer than 24 days.
  if (at !== null) timer = setTimeout(() => input({ kind: 'tick' }), Math.min(Math.max(0, at - Date.now()), 3_600_000))
}

// What of the state people see; the rest would only draw the status bar for nothing.
const shown = (s: SocketState): string =>
  `${s.phase} ${s.lastSeq} ${s.downSince} ${s.tries} ${s.nextTryAt} ${s.failures}`

function run(effect: SocketEffect): void {
  switch (effect.kind) {
    case 'connect':
      void connect(effect.attempt, effect.lastSeq, effect.freshToken)
      return
    case 'disconnect':
      socket?.close(1000)
      socket = null
      return
    case 'renew':
      void renew(effect.attempt)
      return
    case 'fetch':
      void fetchEverything(effect.reason)
      return
    case 'apply':
      apply(effect.event)
      return
    case 'forget':
      store.forget(false)
      return
    case 'sign out':
      signOut()
      return
    case 'log':
      console.info(`oxe: ${effect.text}`)
  }
}

// When two thirds of the token's life are over.
function renewAt(jwt: string): number {
  const { iat, exp } = claimsOf(jwt) ?? {}
  if (exp === undefined) return Date.now() + 30_000
  const from = iat === undefined ? Date.now() : iat * 1000
  return from + ((exp * 1000 - from) * 2) / 3
}

async function connect(attempt: number, lastSeq: number | null, fresh: boolean): Promise<void> {
  let jwt: string
  try {
    jwt = await token({ fresh })
  } catch (error) {
    if (error instanceof NoSession) input({ kind: 'no session', attempt })
    else input({ kind: 'closed', attempt, code: 1006 })
    return
  }
  if (state.attempt !== attempt || state.phase !== 'opening') return // not wanted any more
  const url = new URL('/ws/orders/events', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  if (lastSeq !== null) url.searchParams.set('last_seq', `${lastSeq}`)
  const own = new WebSocket(url, ['oxe.v1', `bearer.${jwt}`])
  socket = own
  own.onmessage = ({ data }) => {
    if (socket === own) take(attempt, `${data}`)
  }
  own.onclose = ({ code }) => {
    if (socket !== own) return
    socket = null
    input({ kind: 'closed', attempt, code })
  }
  input({ kind: 'token', attempt, renewAt: renewAt(jwt) })
}

async function renew(attempt: number): Promise<void> {
  try {
    const jwt = await token({ fresh: true })
    if (state.attempt !== attempt || socket?.readyState !== WebSocket.OPEN) return
    socket.send(toJson({ action: 'authenticate', token: jwt }))
    input({ kind: 'token', attempt, renewAt: renewAt(jwt) })
  } catch {
    // Tried again in a while; at the end of the token the server closes.
  }
}

function take(attempt: number, text: string): void {
  let frame: OrderEvent | PricesEvent
  try {
    frame = parseExact(text) as OrderEvent | PricesEvent
  } catch {
    console.info('oxe: a frame that is no JSON')
    return
  }
  if (frame.event === 'prices') {
    store.takePrices(frame as PricesEvent)
    input({ kind: 'prices', attempt })
    return
  }
  const event = frame as OrderEvent
  input({ kind: 'event', attempt, event })
  if (event.event === 'session.ready') watchPrices()
}

function apply(event: OrderEvent): void {
  const order = store.takeEvent(event)
  refreshAccount()
  if (!order) {
    if (event.order_id) void tellWhenFetched(event, event.order_id)
    return
  }
  tellOrderEvent(event, order)
  // No event tells when the exchange is asked again, nor how much a leg that has grown is for; the order does.
  const wanting = event.event === 'order.retried' || event.event === 'order.in_doubt' || event.reason === 'RESIZED'
  if (wanting) void fetchOrder(order.id)
}

async function tellWhenFetched(event: OrderEvent, id: string): Promise<void> {
  const fetched = await fetchTold(id)
  // The answer may be older than the event. Without an answer the whole is fetched again.
  if (fetched) tellOrderEvent(event, store.takeEvent(event) ?? fetched)
  else input({ kind: 'fetch' })
}

async function fetchEverything(reason: Reason): Promise<void> {
  const began = Date.now()
  const result = await fetchAll((orders) => reason === 'check' && report(orders, began))
  input({ kind: 'fetched', ...result })
  watchPrices()
}

// While the socket is live an answer should tell nothing new. Where it does, the event is late, or the socket is dead: then it is not heard
// within two seconds, and the connection is made anew.
function report(found: ReadonlyMap<string, Order>, began: number): void {
  for (const order of found.values()) {
    const known = store.orderOf(order.id)
    const differs =
      !known ||
      (order.updated_at > known.updated_at &&
        (known.filled_quantity !== order.filled_quantity ||
          known.status !== order.status ||
          known.execution_state !== order.execution_state))
    if (!differs) continue
    console.info(
      `oxe: order ${order.id} was ${known?.execution_state ?? 'unknown'} here and is ${order.execution_state}`,
    )
    input({ kind: 'acted', orderId: order.id, since: began })
  }
}

// A 2xx of this screen whose event has to come.
export function expectEvent(orderId: string, since: number): void {
  input({ kind: 'acted', orderId, since })
}

// Live prices of all instruments; where there are too many, of what is held, worked or looked at first.
let watched = ''

function watchPrices(): void {
  if (socket?.readyState !== WebSocket.OPEN) return
  const desk = store.useDesk.getState()
  const first = new Set<string | null>([
    useView.getState().symbol,
    ...(desk.positions ?? []).map(({ symbol }) => symbol),
  ])
  for (const { order } of store.knownRows()) if (!store.isDone(order)) first.add(order.symbol)
  const all = store.instrumentSymbols()
  const symbols =
    all.length <= WATCH_MAX ? all : [...all.filter((s) => first.has(s)), ...all.filter((s) => !first.has(s))]
  const message = toJson({ action: 'prices', symbols: symbols.slice(0, WATCH_MAX) })
  const key = `${state.attempt} ${message}`
  if (symbols.length === 0 || key === watched) return
  watched = key
  socket.send(message)
}

// Without the socket prices are asked for, each second while somebody can see them. With it the check of each minute is enough, but for
// what is beyond its hundred symbols.
function pollPrices(): void {
  const live = state.phase === 'open'
  const wanted = !live || store.instrumentSymbols().length > WATCH_MAX
  const next = () => {
    clearTimeout(pricesTimer)
    if (state.phase === 'idle') return
    pricesTimer = setTimeout(pollPrices, document.hidden || live ? PRICES_HIDDEN_MS : PRICES_VISIBLE_MS)
  }
  if (wanted)
    void fetchInstruments()
      .catch(() => {})
      .finally(next)
  else next()
}

const onOnline = () => input({ kind: 'wake' })
const onVisible = () => document.hidden || input({ kind: 'wake' })

// Starts the one socket; the answer ends it. React's strict mode starts, ends and starts again: the first one has not connected by then.
export function startLive(onSignOut: () => void): () => void {
  signOut = onSignOut
  addEventListener('online', onOnline)
  document.addEventListener('visibilitychange', onVisible)
  input({ kind: 'start' })
  pricesTimer = setTimeout(pollPrices, PRICES_VISIBLE_MS)
  return () => {
    removeEventListener('online', onOnline)
    document.removeEventListener('visibilitychange', onVisible)
    clearTimeout(pricesTimer)
    input({ kind: 'stop' })
  }
}

// After signing in again.
export const retryIfBarred = (): void => {
  if (state.phase === 'barred') input({ kind: 'retry' })
}

export const retryNow = (): void => {
  input({ kind: 'retry' })
  input({ kind: 'fetch' }) // also where the socket stands: prices that are old
}
