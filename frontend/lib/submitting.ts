// SPDX-License-Identifier: Apache-2.0
// The shell around lib/submit.ts: the POST, the tab's sessionStorage, the timer, and the row that shows what is being sent.
import { mutate } from 'swr'
import { create } from 'zustand'
import { NoAnswer, postOrder, Refusal } from './api'
import { answeredHere, onOrderEvent, tellDesk } from './desk'
import { expectEvent } from './live'
import * as store from './store'
import {
  initialSubmit,
  nextSubmitTick,
  type Stored,
  type SubmitEffect,
  type SubmitInput,
  type SubmitState,
  stepSubmit,
} from './submit'
import type { NewOrder, Order, Problem } from './types'

let machine = initialSubmit
let timer: ReturnType<typeof setTimeout> | undefined
let sentKey = ''
let since = 0 // the first POST of sentKey

export const useSubmitState = create<{ state: SubmitState }>()(() => ({ state: initialSubmit.state }))

// No orders are taken of this person, as the answer to a submit or a preview has told; the next preview that is answered ends it.
export const useOrdersOff = create<{ problem: Problem | null }>()(() => ({ problem: null }))

const place = (subject: string): string => `oxe.order.${subject}`

function readStored(subject: string): Stored | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(place(subject)) ?? 'null')
    return typeof stored?.key === 'string' && typeof stored.text === 'string' ? stored : null
  } catch {
    return null
  }
}

export function input(what: SubmitInput): void {
  const before = machine.state
  const [next, effects] = stepSubmit(machine, what, Date.now())
  machine = next
  for (const effect of effects) run(effect)
  clearTimeout(timer)
  const at = nextSubmitTick(machine)
  if (at !== null) timer = setTimeout(() => input({ kind: 'tick' }), Math.max(0, at - Date.now()))
  if (machine.state === before) return
  useSubmitState.setState({ state: machine.state })
  show(machine.state)
}

function run(effect: SubmitEffect): void {
  switch (effect.kind) {
    case 'store':
      sessionStorage.setItem(place(effect.subject), JSON.stringify(effect.stored))
      return
    case 'clear':
      sessionStorage.removeItem(place(effect.subject))
      return
    case 'post':
      void post(effect.text, effect.key, effect.subject)
  }
}

async function post(text: string, key: string, subject: string): Promise<void> {
  if (key !== sentKey) {
    sentKey = key
    since = Date.now()
  }
  answeredHere(key, true)
  try {
    const { order, serverMs } = await postOrder(text, key, subject)
    input({ kind: 'accepted', key, order, serverMs })
  } catch (error) {
    if (error instanceof Refusal)
      input({ kind: 'problem', key, problem: error.problem, retryAfterMs: error.retryAfterMs })
    else
      input({
        kind: 'lost',
        key,
        why: error instanceof NoAnswer ? 'No answer in time.' : 'An answer that could not be read.',
      })
  }
}

function show(state: SubmitState): void {
  switch (state.kind) {
    case 'sending':
    case 'asking again':
    case 'signed out':
    case 'given up':
    case 'rate limited': {
      // What the limit held back was not recorded; what was tried before it may have been.
      if (state.kind === 'rate limited' && !state.uncertain) {
        store.takePending(null)
        return
      }
      const tries = 'tries' in state ? state.tries : 0
      const note = state.kind === 'sending' ? 'sending' : 'asking again'
      store.takePending(pendingRow(state.key, state.body, tries, note))
      return
    }
    case 'accepted':
      // Before the pending row goes: what takes its place is this person's own news, also when it is done already.
      store.takeSnapshot(state.order)
      store.takePending(null)
      answeredHere(state.order.idempotent_key, false)
      if (!store.isDone(state.order)) expectEvent(state.order.id, since)
      return
    case 'refused':
      store.takePending(null)
      if (state.problem.code === 'FEATURE_DISABLED') useOrdersOff.setState({ problem: state.problem })
      tellDesk({
        kind: 'refused',
        order: pendingRow(state.key, state.body, 0, 'sending').order,
        event: null,
        problem: state.problem,
      })
      if (isHalted(state.problem)) void mutate('halts')
      return
    default:
      store.takePending(null)
  }
}

export const isHalted = (problem: Problem): boolean =>
  problem.errors?.some(({ code }) => code === 'TRADING_HALTED') ?? false

// The ticket's figures; nothing of it is what the server said.
function pendingRow(key: string, body: NewOrder, tries: number, note: 'sending' | 'asking again'): store.Row {
  const sent = new Date(since).toISOString()
  const order: Order = {
    id: '',
    trader_id: '',
    symbol: body.symbol,
    side: body.side,
    quantity: body.quantity,
    order_type: body.order_type,
    time_in_force: body.time_in_force,
    price: body.price ?? null,
    stop_loss: body.stop_loss ?? null,
    take_profit: body.take_profit ?? null,
    status: 'PENDING',
    execution_state: 'ADMITTED',
    attempts: 0,
    next_check_at: null,
    filled_quantity: 0n,
    average_price: null,
    reason: null,
    idempotent_key: key,
    parent_order_id: null,
    cancel_requested_at: null,
    created_at: sent,
    updated_at: sent,
  }
  return {
    key,
    name: key,
    order,
    pending: { since, tries, note },
    cancel: null,
    fresh: false,
    doneAt: null,
    sketch: null,
  }
}

export function setPerson(subject: string | null): void {
  if (subject !== machine.subject) useOrdersOff.setState({ problem: null })
  input({ kind: 'person', subject, stored: subject === null ? null : readStored(subject) })
}

onOrderEvent((_event, order) => input({ kind: 'seen', order }))
