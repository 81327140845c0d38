// SPDX-License-Identifier: Apache-2.0
// The life of the one WebSocket, and of the fetches that go with it: state, input and time in, next state and effects out. No I/O;
// lib/live.ts does what the effects say. The rules are in docs/openapi.yaml (/ws/orders/events).
import type { OrderEvent } from './types'

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 10_000]
const STEADY_MS = 5000 // a connection that stood so long was a good one: the next try is the first again
const POLL_AFTER_MS = 3000
const POLL_EVERY_MS = 5000
const RETRY_FETCH_MS = 2000
const CHECK_EVERY_MS = 60_000
const OWN_EVENT_MS = 2000
const SILENCE_MS = 30_000 // prices are told or confirmed every few seconds, so a woken socket that was silent so long is dead
const BUFFER_MAX = 1000
const AWAITED_MAX = 100
const RECENT_MAX = 100

export type Reason = 'start' | 'check' | 'poll'

export interface SocketState {
  // idle: not wanted; waiting: for nextTryAt; barred: not again without the person (4403, 4429, no session)
  phase: 'idle' | 'opening' | 'open' | 'waiting' | 'barred'
  attempt: number // of connections; what an older one says is not heard
  lastSeq: number | null // of the last event that was applied
  tries: number // since the last good connection
  readyAt: number | null // of this connection
  downSince: number | null
  nextTryAt: number | null
  renewAt: number | null
  lastFrameAt: number
  lastEventAt: number | null
  fetchBegan: number | null // of the fetch that is under way
  fetchAt: number | null
  fetched: boolean // since the last start from nothing
  failures: number // fetches in a row
  buffer: OrderEvent[] // what came before the first answers
  awaited: { orderId: string; until: number }[] // own actions whose event has to come
  recent: { orderId: string; at: number }[] // whose events came lately
}

export type SocketInput =
  | { kind: 'start' | 'stop' | 'wake' | 'retry' | 'tick' }
  | { kind: 'event'; attempt: number; event: OrderEvent }
  | { kind: 'prices'; attempt: number }
  | { kind: 'closed'; attempt: number; code: number }
  | { kind: 'no session'; attempt: number } // there is no token to connect with
  | { kind: 'token'; attempt: number; renewAt: number }
  | { kind: 'fetched'; answered: boolean; complete: boolean } // answered: also by a refusal
  | { kind: 'fetch' } // as soon as possible: something is known to be missing
  | { kind: 'acted'; orderId: string; since: number } // a 2xx whose event has to come; the request began then

export type SocketEffect =
  | { kind: 'connect'; attempt: number; lastSeq: number | null; freshToken: boolean }
  | { kind: 'disconnect' }
  | { kind: 'renew'; attempt: number }
  | { kind: 'fetch'; reason: Reason }
  | { kind: 'apply'; event: OrderEvent }
  | { kind: 'forget' } // all orders and their seq: the server does not know them so
  | { kind: 'sign out' }
  | { kind: 'log'; text: string }

export const initialSocket: SocketState = {
  phase: 'idle',
  attempt: 0,
  lastSeq: null,
  tries: 0,
  readyAt: null,
  downSince: null,
  nextTryAt: null,
  renewAt: null,
  lastFrameAt: 0,
  lastEventAt: null,
  fetchBegan: null,
  fetchAt: null,
  fetched: false,
  failures: 0,
  buffer: [],
  awaited: [],
  recent: [],
}

type Step = [SocketState, SocketEffect[]]

// JITTER: 0 to 1, drawn by the caller.
export function stepSocket(state: SocketState, input: SocketInput, now: number, jitter: number): Step {
  if ('attempt' in input && (input.attempt !== state.attempt || (state.phase !== 'opening' && state.phase !== 'open')))
    return [state, []]
  switch (input.kind) {
    case 'start':
      return state.phase === 'idle'
        ? connect({ ...state, downSince: now, tries: 0, failures: 0 }, now, false)
        : [state, []]
    case 'stop':
      return [{ ...initialSocket, attempt: state.attempt, lastSeq: null }, [{ kind: 'disconnect' }]]
    case 'retry': {
      if (state.phase !== 'waiting' && state.phase !== 'barred') return [state, []]
      const [next, effects] = connect(state, now, state.tries > 0)
      return withFetch(next, effects, now)
    }
    case 'wake':
      if (state.phase === 'waiting') return connect(state, now, false)
      if (state.phase === 'open' && now - state.lastFrameAt > SILENCE_MS)
        return reconnect(state, now, jitter, 'silent for too long')
      return [state, []]
    case 'event':
      return input.event.event === 'session.ready'
        ? ready(state, input.event, now)
        : event(state, input.event, now, jitter)
    case 'prices':
      return [{ ...state, lastFrameAt: now }, []]
    case 'closed':
      return closed(state, input.code, now, jitter)
    case 'no session':
      return [{ ...down(state, now), phase: 'barred' }, []]
    case 'token':
      return [{ ...state, renewAt: Math.max(input.renewAt, now + 1000) }, []]
    case 'fetch':
      return state.phase === 'idle' ? [state, []] : [{ ...state, fetchAt: now }, []]
    case 'fetched':
      return fetched(state, input.answered, input.complete, now)
    case 'acted':
      return acted(state, input.orderId, input.since, now)
    case 'tick':
      return tick(state, now, jitter)
  }
}

// When the caller has to give the next tick; null: nothing is waited for.
export function nextTick(state: SocketState): number | null {
  const times = [
    state.phase === 'waiting' ? state.nextTryAt : null,
    state.phase === 'open' ? state.renewAt : null,
    state.phase === 'idle' || state.fetchBegan !== null ? null : state.fetchAt,
    state.awaited[0]?.until ?? null,
  ].filter((at) => at !== null)
  return times.length ? Math.min(...times) : null
}

function connect(state: SocketState, now: number, freshToken: boolean): Step {
  const attempt = state.attempt + 1
  const next: SocketState = {
    ...state,
    phase: 'opening',
    attempt,
    readyAt: null,
    nextTryAt: null,
    renewAt: null,
    lastFrameAt: now,
    fetchAt: state.fetchAt ?? (state.downSince ?? now) + POLL_AFTER_MS,
  }
  return [next, [{ kind: 'connect', attempt, lastSeq: state.lastSeq, freshToken }]]
}

function down(state: SocketState, now: number): SocketState {
  const downSince = state.downSince ?? now
  return {
    ...state,
    readyAt: null,
    renewAt: null,
    nextTryAt: null,
    downSince,
    awaited: [],
    // From live: the check of the full minute gives way to the polling.
    fetchAt: state.downSince === null ? downSince + POLL_AFTER_MS : state.fetchAt,
  }
}

function waitToTry(state: SocketState, now: number, jitter: number): Step {
  const step = BACKOFF_MS[Math.min(state.tries, BACKOFF_MS.length - 1)] ?? 0
  const wait = Math.round(step * (0.75 + 0.5 * jitter))
  return [{ ...state, phase: 'waiting', tries: state.tries + 1, nextTryAt: now + wait }, []]
}

// At once when the connection was a good one; else a loop of closing and opening would have no brake.
function atOnce(state: SocketState, wasSteady: boolean, now: number, jitter: number, freshToken: boolean): Step {
  if (!wasSteady && state.tries > 0) return waitToTry(state, now, jitter)
  return connect({ ...state, tries: state.tries + 1 }, now, freshToken)
}

const steady = (state: SocketState, now: number): boolean => state.readyAt !== null && now - state.readyAt >= STEADY_MS

function settle(state: SocketState, now: number): { next: SocketState; wasSteady: boolean } {
  const wasSteady = steady(state, now)
  const next = down(state, now)
  return { next: wasSteady ? { ...next, tries: 0 } : next, wasSteady }
}

function reconnect(state: SocketState, now: number, jitter: number, why: string): Step {
  const { next, wasSteady } = settle(state, now)
  const [after, effects] = atOnce({ ...next, buffer: [] }, wasSteady, now, jitter, false)
  return [after, [{ kind: 'log', text: why }, { kind: 'disconnect' }, ...effects]]
}

function closed(state: SocketState, code: number, now: number, jitter: number): Step {
  const { next: settled, wasSteady } = settle(state, now)
  const next = { ...settled, buffer: [] } // unapplied: the replay brings it again
  switch (code) {
    case 4401:
      return atOnce(next, wasSteady, now, jitter, true)
    case 4403:
      return [{ ...next, phase: 'barred' }, [{ kind: 'sign out' }]]
    case 4409: {
      const anew = { ...next, lastSeq: null, fetched: false, awaited: [], recent: [] }
      const [after, effects] = atOnce(anew, wasSteady, now, jitter, false)
      return [after, [{ kind: 'forget' }, ...effects]]
    }
    case 4429:
      return [{ ...next, phase: 'barred' }, []]
    case 1001:
    case 1013:
      return atOnce(next, wasSteady, now, jitter, false)
    default:
      return waitToTry(next, now, jitter)
  }
}

function ready(state: SocketState, event: OrderEvent, now: number): Step {
  const anew = state.lastSeq === null
  const next: SocketState = {
    ...state,
    phase: 'open',
    readyAt: now,
    downSince: null,
    lastFrameAt: now,
    lastSeq: state.lastSeq ?? event.seq,
    fetched: anew ? false : state.fetched,
    fetchAt: now,
  }
  return withFetch(next, [], now)
}

function event(state: SocketState, event: OrderEvent, now: number, jitter: number): Step {
  const last = state.lastSeq
  if (state.phase !== 'open' || last === null) return [state, []]
  if (event.seq <= last + state.buffer.length) return [{ ...state, lastFrameAt: now }, []]
  if (event.seq !== last + state.buffer.length + 1)
    return reconnect(state, now, jitter, `gap: seq ${event.seq} after ${last + state.buffer.length}`)
  const seen = { ...state, lastFrameAt: now, lastEventAt: now }
  if (state.fetched) return apply(seen, [event], now)
  if (state.buffer.length >= BUFFER_MAX)
    return reconnect(state, now, jitter, 'more events than can wait for the first answers')
  return [{ ...seen, buffer: [...state.buffer, event] }, []]
}

function apply(state: SocketState, events: OrderEvent[], now: number): Step {
  const ids = events.flatMap(({ order_id }) => (order_id ? [{ orderId: order_id, at: now }] : []))
  const next: SocketState = {
    ...state,
    lastSeq: events.at(-1)?.seq ?? state.lastSeq,
    awaited: state.awaited.filter(({ orderId }) => !ids.some((id) => id.orderId === orderId)),
    recent: [...state.recent, ...ids].slice(-RECENT_MAX),
  }
  return [next, events.map((event) => ({ kind: 'apply', event }))]
}

function acted(state: SocketState, orderId: string, since: number, now: number): Step {
  if (state.phase !== 'open' || state.recent.some((seen) => seen.orderId === orderId && seen.at >= since))
    return [state, []]
  if (state.buffer.some((event) => event.order_id === orderId)) return [state, []]
  return [{ ...state, awaited: [...state.awaited, { orderId, until: now + OWN_EVENT_MS }].slice(-AWAITED_MAX) }, []]
}

function fetched(state: SocketState, answered: boolean, complete: boolean, now: number): Step {
  if (state.phase === 'idle') return [{ ...state, fetchBegan: null }, []]
  const failures = answered ? 0 : state.failures + 1
  const live = state.phase === 'open'
  // What was asked for in between (fetchAt in the past) is done next.
  const asked = state.fetchAt !== null && state.fetchAt <= now ? state.fetchAt : null
  const wait = !live ? POLL_EVERY_MS : complete ? CHECK_EVERY_MS : RETRY_FETCH_MS
  const next = { ...state, fetchBegan: null, failures, fetchAt: complete && asked !== null ? asked : now + wait }
  // Answers that were asked for before the socket was ready may lack what came between.
  const covers = live && state.fetchBegan !== null && state.fetchBegan >= (state.readyAt ?? now)
  if (!complete || !covers || state.fetched) return [next, []]
  return apply({ ...next, fetched: true, buffer: [] }, state.buffer, now)
}

function withFetch(state: SocketState, effects: SocketEffect[], now: number): Step {
  if (state.fetchBegan !== null) return [{ ...state, fetchAt: now }, effects]
  const reason: Reason = state.phase !== 'open' ? 'poll' : state.fetched ? 'check' : 'start'
  return [{ ...state, fetchBegan: now, fetchAt: null }, [...effects, { kind: 'fetch', reason }]]
}

function tick(state: SocketState, now: number, jitter: number): Step {
  if (state.phase === 'idle') return [state, []]
  let next = state
  let effects: SocketEffect[] = []
  if (next.phase === 'waiting' && next.nextTryAt !== null && next.nextTryAt <= now) {
    // Every second try with a new token: the browser does not tell a refused handshake from a lost one.
    const [after, more] = connect(next, now, next.tries > 1)
    next = after
    effects = more
  }
  if (next.phase === 'open' && next.renewAt !== null && next.renewAt <= now) {
    next = { ...next, renewAt: now + 10_000 } // again, should no new token come; 4401 ends it at last
    effects = [...effects, { kind: 'renew', attempt: next.attempt }]
  }
  const late = next.awaited.find(({ until }) => until <= now)
  if (late) {
    const [after, more] = reconnect(next, now, jitter, `no event of order ${late.orderId} in time`)
    next = after
    effects = [...effects, ...more]
  }
  if (next.fetchBegan === null && next.fetchAt !== null && next.fetchAt <= now) return withFetch(next, effects, now)
  return [next, effects]
}

export type ConnectionWord = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'

export function connectionWord(state: SocketState, now: number): ConnectionWord {
  if (state.phase === 'open') return 'live'
  if (state.failures >= 2) return 'offline'
  if (state.downSince !== null && now - state.downSince >= POLL_AFTER_MS) return 'polling'
  return state.lastSeq === null ? 'connecting' : 'reconnecting'
}
