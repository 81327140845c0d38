// SPDX-License-Identifier: Apache-2.0
// What is known of an order, out of answers and events that come in any order, twice or not at all.
//
// Each tells the whole of what matters (status, state, what is filled) as it was at one moment of the order's life, so to merge is to
// keep the later moment: more filled is later, even than CANCELLED (a late fill is a fact); else what is done is later than what is
// not; else the time decides. The suite writes all that one turn finds with one time: of events with the same time the higher seq is
// later, and an answer with that time holds them all. This order is total, so the merge is a maximum: what came first does not matter,
// nor what came twice.
//
// Whether a cancel is under way has its own moment: the fill that overtakes the word about a cancel says nothing about it.
import type { Order, OrderEvent } from './types'

interface Told {
  at: string
  seq: number
}

// `heard`: which events made it what it is. An order as the server answered it has none.
export interface Known extends Order {
  heard?: { state: Told; cancel: Told }
}

const ANSWER = Infinity // the seq of an answer: it holds every event of its time

function toldBy(order: Known): { state: Told; cancel: Told } {
  const answered = { at: order.updated_at, seq: ANSWER }
  return order.heard ?? { state: answered, cancel: answered }
}

const isLater = (a: Told, b: Told): boolean => (a.at === b.at ? a.seq > b.seq : a.at > b.at)

type Moment = Pick<Order, 'filled_quantity' | 'execution_state'>

function supersedes(news: Moment, newsTold: Told, known: Moment, knownTold: Told): boolean {
  if (news.filled_quantity !== known.filled_quantity) return news.filled_quantity > known.filled_quantity
  const done = news.execution_state === 'DONE'
  if (done !== (known.execution_state === 'DONE')) return done
  return isLater(newsTold, knownTold)
}

// The known order itself when the answer is no news.
export function mergeSnapshot(known: Known | null, answer: Known): Known {
  if (known === null) return answer
  const ours = toldBy(known)
  const its = toldBy(answer)
  const stateIsNews = supersedes(answer, its.state, known, ours.state)
  const cancelIsNews = isLater(its.cancel, ours.cancel)
  if (stateIsNews === cancelIsNews) return stateIsNews ? answer : known
  const [state, cancel] = stateIsNews ? [answer, known] : [known, answer]
  return {
    ...state,
    cancel_requested_at: cancel.cancel_requested_at,
    heard: { state: toldBy(state).state, cancel: toldBy(cancel).cancel },
  }
}

// The reason of a fill is a remark on the fill (LATE), that of a retry or a request is why it was made: they are not the order's.
function reasonAfter(known: Known, event: OrderEvent): string | null {
  switch (event.event) {
    case 'order.filled':
      return event.status === 'FILLED' || event.execution_state === 'WORKING' ? null : known.reason
    case 'order.retried':
      return null
    case 'order.submitted':
    case 'order.cancel_requested':
    case 'order.resolved':
      return known.reason
    default:
      return event.reason === undefined ? known.reason : event.reason
  }
}

// Events do not count how often the order was sent; until the next answer this counts along.
function attemptsAfter(known: Known, event: OrderEvent): number {
  if (event.event === 'order.retried') return known.attempts + 1
  return event.event === 'order.executed' ? Math.max(known.attempts, 1) : known.attempts
}

// The known order itself when the event is no news.
export function mergeEvent(known: Known, event: OrderEvent): Known {
  const now: Told = { at: event.timestamp, seq: event.seq }
  const ours = toldBy(known)
  const moment: Moment = {
    filled_quantity: event.total_filled ?? known.filled_quantity,
    execution_state: event.execution_state ?? known.execution_state,
  }
  const stateIsNews = supersedes(moment, now, known, ours.state)
  const asked = event.event === 'order.cancel_requested'
  const cancelIsNews = (asked || event.event === 'order.cancel_rejected') && isLater(now, ours.cancel)
  if (!stateIsNews && !cancelIsNews) return known
  const heard = { state: stateIsNews ? now : ours.state, cancel: cancelIsNews ? now : ours.cancel }
  const cancel_requested_at = cancelIsNews ? (asked ? event.timestamp : null) : known.cancel_requested_at
  if (!stateIsNews) return { ...known, cancel_requested_at, heard }
  return {
    ...known,
    ...moment,
    status: event.status ?? known.status,
    average_price: event.average_price === undefined ? known.average_price : event.average_price,
    reason: reasonAfter(known, event),
    attempts: attemptsAfter(known, event),
    next_check_at: moment.execution_state === known.execution_state ? known.next_check_at : null,
    cancel_requested_at,
    updated_at: event.timestamp,
    heard,
  }
}
