// SPDX-License-Identifier: Apache-2.0
// How one reviewed order gets to the server once and only once, whatever is clicked, lost, reloaded or signed out in between: state,
// input and time in, next state and effects out. No I/O; lib/submitting.ts does what the effects say.
//
// A key is drawn when the review begins and bound to the exact body. Key, body and person are stored before the first POST and go only
// with a definite answer. The store is of the tab; a duplicated tab copies it, and asks with the same key: still one order.
import { parseDecimal } from './decimal'
import { toJson } from './json'
import type { NewOrder, Order, Problem } from './types'

export type SubmitState =
  | { kind: 'idle' }
  | { kind: 'drawn'; key: string; body: NewOrder }
  | {
      kind: 'sending' | 'asking again'
      key: string
      body: NewOrder
      tries: number // POSTs so far
      nextTryAt: number | null
      why: string // a sentence, of the last try
      problem: Problem | null // of the last try; null: it had no answer
    }
  | {
      kind: 'rate limited'
      key: string
      body: NewOrder
      until: number
      problem: Problem
      uncertain: boolean // an earlier try may have been taken
    }
  | { kind: 'refused'; key: string; body: NewOrder; problem: Problem }
  | { kind: 'accepted'; order: Order; serverMs: number | null }
  | { kind: 'signed out'; key: string; body: NewOrder }
  | { kind: 'given up'; key: string; body: NewOrder; problem: Problem | null } // of the last try; null: it had no answer

export const AGAIN_MS = [1000, 2000, 4000, 8000, 16_000]
const RATE_LIMIT_MS = 60_000 // when a 429 does not say how long

// What is in the tab's sessionStorage. held: it is not sent again before the person says so.
export interface Stored {
  key: string
  text: string
  held: boolean
}

export interface SubmitMachine {
  subject: string | null // in whose name
  present: boolean // whether they are signed in now
  state: SubmitState
  text: string // the exact body of the key
  posting: boolean
  uncertain: boolean // a try may have been taken without our knowing
  seen: Order | null // the order of the key, found before the answer
}

export type SubmitInput =
  | { kind: 'draw'; key: string; body: NewOrder }
  | { kind: 'submit' | 'retry' | 'stop' | 'dismiss' | 'tick' }
  | { kind: 'accepted'; key: string; order: Order; serverMs: number | null } // 200, 201
  | { kind: 'problem'; key: string; problem: Problem; retryAfterMs: number | null }
  | { kind: 'lost'; key: string; why: string }
  | { kind: 'seen'; order: Order } // any order of this person that became known otherwise
  | { kind: 'person'; subject: string | null; stored: Stored | null } // signed in, or out; with what the tab holds of them

export type SubmitEffect =
  | { kind: 'store'; subject: string; stored: Stored }
  | { kind: 'clear'; subject: string }
  | { kind: 'post'; subject: string; key: string; text: string }

export const initialSubmit: SubmitMachine = {
  subject: null,
  present: false,
  state: { kind: 'idle' },
  text: '',
  posting: false,
  uncertain: false,
  seen: null,
}

const DEFINITE = new Set([400, 403, 413, 415, 422])

// Whether nothing of the key exists but what PROBLEM names. Who asks, and whether their orders are taken at all, is judged before the
// key is looked up: such a refusal says nothing of an earlier try that had no answer. A 422 to the same text, and what was recorded
// under the key, hold for every try.
const settles = (problem: Problem, uncertain: boolean): boolean =>
  DEFINITE.has(problem.status) && (!uncertain || problem.status === 422 || problem.order_id !== undefined)

type Step = [SubmitMachine, SubmitEffect[]]

// While one is open no other may begin: its fate is not known, or it is on its way.
export function isOpen(machine: SubmitMachine): boolean {
  switch (machine.state.kind) {
    case 'sending':
    case 'asking again':
    case 'signed out':
    case 'given up':
      return true
    case 'rate limited':
      return machine.uncertain
    default:
      return false
  }
}

export function stepSubmit(machine: SubmitMachine, input: SubmitInput, now: number): Step {
  const { state } = machine
  switch (input.kind) {
    case 'draw': {
      if (isOpen(machine) || machine.posting) return [machine, []]
      const text = toJson(input.body)
      if (state.kind === 'drawn' && machine.text === text) return [machine, []]
      const drawn: SubmitMachine = {
        ...blank(machine),
        state: { kind: 'drawn', key: input.key, body: input.body },
        text,
      }
      return [
        drawn,
        state.kind === 'rate limited' && machine.subject ? [{ kind: 'clear', subject: machine.subject }] : [],
      ]
    }
    case 'submit':
      if (state.kind === 'drawn') return post(machine, state, 0)
      if (state.kind === 'rate limited' && now >= state.until) return post(machine, state, 0)
      return [machine, []]
    case 'retry':
      if (state.kind === 'asking again') return post(machine, state, state.tries)
      if (state.kind === 'given up') return post(machine, state, AGAIN_MS.length)
      return [machine, []]
    case 'stop':
      // A POST that is under way may still answer; till then its order is open.
      if (state.kind !== 'asking again' && state.kind !== 'sending') return [machine, []]
      return giveUp(machine, state.key, state.body, null)
    case 'dismiss':
      return dismiss(machine)
    case 'tick':
      if (state.kind === 'asking again' && state.nextTryAt !== null && state.nextTryAt <= now)
        return post(machine, state, state.tries)
      return [machine, []]
    case 'accepted':
      return answers(machine, input.key)
        ? done(machine, { kind: 'accepted', order: input.order, serverMs: input.serverMs })
        : [machine, []]
    case 'problem':
      return problem(machine, input.key, input.problem, input.retryAfterMs, now)
    case 'lost':
      if (!answers(machine, input.key)) return [machine, []]
      return askAgain({ ...machine, posting: false, uncertain: true }, input.why, null, now)
    case 'seen':
      return seen(machine, input.order)
    case 'person':
      return person(machine, input.subject, input.stored)
  }
}

export function nextSubmitTick(machine: SubmitMachine): number | null {
  return machine.state.kind === 'asking again' ? machine.state.nextTryAt : null
}

const blank = ({ subject, present }: SubmitMachine): SubmitMachine => ({ ...initialSubmit, subject, present })

const answers = (machine: SubmitMachine, key: string): boolean =>
  machine.posting && 'key' in machine.state && machine.state.key === key

// Stored first: whatever happens to the page from here on, the same key is asked about.
function post(machine: SubmitMachine, { key, body }: { key: string; body: NewOrder }, tries: number): Step {
  const { subject, text } = machine
  if (subject === null || !machine.present || machine.posting) return [machine, []]
  const state: SubmitState = {
    kind: tries === 0 && !machine.uncertain ? 'sending' : 'asking again',
    key,
    body,
    tries: tries + 1,
    nextTryAt: null,
    why: '',
    problem: null,
  }
  return [
    { ...machine, state, posting: true },
    [
      { kind: 'store', subject, stored: { key, text, held: false } },
      { kind: 'post', subject, key, text },
    ],
  ]
}

function done(machine: SubmitMachine, state: SubmitState): Step {
  const next = { ...blank(machine), state }
  return [next, machine.subject === null ? [] : [{ kind: 'clear', subject: machine.subject }]]
}

function giveUp(machine: SubmitMachine, key: string, body: NewOrder, problem: Problem | null): Step {
  const { subject, text } = machine
  const next: SubmitMachine = { ...machine, state: { kind: 'given up', key, body, problem } }
  return [next, subject === null ? [] : [{ kind: 'store', subject, stored: { key, text, held: true } }]]
}

function askAgain(machine: SubmitMachine, why: string, problem: Problem | null, now: number): Step {
  const { state } = machine
  if (machine.seen) return done(machine, { kind: 'accepted', order: machine.seen, serverMs: null })
  if (state.kind !== 'sending' && state.kind !== 'asking again') return [machine, []] // stopped meanwhile
  const wait = AGAIN_MS[state.tries - 1]
  if (wait === undefined) return giveUp(machine, state.key, state.body, problem)
  return [{ ...machine, state: { ...state, kind: 'asking again', nextTryAt: now + wait, why, problem } }, []]
}

function problem(
  machine: SubmitMachine,
  key: string,
  problem: Problem,
  retryAfterMs: number | null,
  now: number,
): Step {
  const { state, subject, text } = machine
  if (!answers(machine, key) || !('body' in state)) return [machine, []]
  const { body } = state
  const answered = { ...machine, posting: false }
  if (settles(problem, machine.uncertain)) return done(machine, { kind: 'refused', key, body, problem })
  if (DEFINITE.has(problem.status)) return giveUp(answered, key, body, problem)
  if (problem.status === 401) return [{ ...answered, state: { kind: 'signed out', key, body } }, []]
  if (problem.status === 429 && state.kind !== 'given up') {
    const until = now + (retryAfterMs ?? RATE_LIMIT_MS)
    const stored: Stored = { key, text, held: true }
    return [
      { ...answered, state: { kind: 'rate limited', key, body, until, problem, uncertain: machine.uncertain } },
      subject === null ? [] : [{ kind: 'store', subject, stored }],
    ]
  }
  return askAgain({ ...answered, uncertain: true }, problem.detail, problem, now)
}

// The order of the key is there: what its answer would say is known, unless it was refused, which the answer tells better.
function seen(machine: SubmitMachine, order: Order): Step {
  const { state } = machine
  if (!('key' in state) || state.key !== order.idempotent_key || order.status === 'REJECTED') return [machine, []]
  if (state.kind === 'sending') return [{ ...machine, seen: order }, []]
  if (isOpen(machine)) return done(machine, { kind: 'accepted', order, serverMs: null })
  return [machine, []]
}

function dismiss(machine: SubmitMachine): Step {
  switch (machine.state.kind) {
    case 'drawn':
      return [blank(machine), []]
    case 'refused':
    case 'accepted':
      return [blank(machine), []]
    case 'rate limited':
    case 'given up':
      return done(machine, { kind: 'idle' })
    default:
      return [machine, []]
  }
}

// The same person goes on where they were; another one gets what the tab holds of them, and never the first one's order.
function person(machine: SubmitMachine, subject: string | null, stored: Stored | null): Step {
  const { state } = machine
  if (subject === null) {
    const left = { ...machine, present: false }
    // Nobody is there to ask: an open order waits for its person. A POST under way is not heard any more.
    if (state.kind !== 'sending' && state.kind !== 'asking again') return [left, []]
    return [
      { ...left, posting: false, uncertain: true, state: { kind: 'signed out', key: state.key, body: state.body } },
      [],
    ]
  }
  if (subject === machine.subject) {
    const back = { ...machine, present: true }
    return state.kind === 'signed out' ? post(back, state, 0) : [back, []]
  }
  const fresh: SubmitMachine = { ...initialSubmit, subject, present: true }
  const body = stored ? bodyOf(stored.text) : null
  if (!stored || !body) return [fresh, []]
  const known = { ...fresh, text: stored.text, uncertain: true }
  if (stored.held) return [{ ...known, state: { kind: 'given up', key: stored.key, body, problem: null } }, []]
  return post(known, { key: stored.key, body }, 0)
}

// The body of a stored text, for showing; what is sent is the text itself. Null: it is none.
export function bodyOf(text: string): NewOrder | null {
  try {
    const body = JSON.parse(text)
    if (typeof body?.symbol !== 'string' || typeof body.quantity !== 'string') return null
    for (const member of ['quantity', 'price', 'stop_loss', 'take_profit']) {
      if (typeof body[member] === 'string') body[member] = parseDecimal(body[member])
    }
    return body.quantity === null ? null : body
  } catch {
    return null
  }
}
