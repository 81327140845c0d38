// SPDX-License-Identifier: Apache-2.0
// True lives of orders, walked along proto/order_state.def, told by events and answers in any order, twice or not at all.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Known, mergeEvent, mergeSnapshot } from '@/lib/merge'
import { complete, type Sketch, sketch } from '@/lib/sketch'
import type { ExecutionState, Order, OrderEvent, OrderStatus } from '@/lib/types'

const table = readFileSync(new URL('../../../proto/order_state.def', import.meta.url), 'utf8')
const steps = [...table.matchAll(/^STEP\((\w+), (\w+), (\w+), (\w+), (\w+),/gm)].map(([, a, b, c, d, action = '']) => ({
  from: `${a} ${b}`,
  state: c as ExecutionState,
  status: d as OrderStatus,
  action,
}))

const QUANTITY = 1000n
const time = (us: number) => `2026-11-24T11:42:07.${String(us).padStart(6, '0')}Z`

interface Life {
  events: OrderEvent[]
  answers: Order[] // after each turn
  before: Map<OrderEvent, Order>
}

const born: Order = {
  id: '0199f0a5-7d0c-7000-8000-000000000001',
  trader_id: '0199f000-0000-7000-8000-00000000000a',
  symbol: 'AAPL',
  side: 'BUY',
  quantity: QUANTITY,
  order_type: 'LIMIT',
  time_in_force: 'DAY',
  price: 150n,
  stop_loss: null,
  take_profit: null,
  status: 'PENDING',
  execution_state: 'ADMITTED',
  attempts: 0,
  next_check_at: null,
  filled_quantity: 0n,
  average_price: null,
  reason: null,
  idempotent_key: 'k',
  parent_order_id: null,
  cancel_requested_at: null,
  created_at: time(0),
  updated_at: time(0),
}

// One choice a step; `sameTurn` steps share their time with the one before.
const choice = fc.record({ pick: fc.nat(1000), part: fc.integer({ min: 1, max: 999 }), sameTurn: fc.boolean() })
const lives = fc.array(choice, { minLength: 1, maxLength: 14 }).map(live)

function live(choices: { pick: number; part: number; sameTurn: boolean }[]): Life {
  let order = { ...born }
  let us = 0
  const life: Life = { events: [], answers: [{ ...order }], before: new Map() }
  for (const { pick, part, sameTurn } of choices) {
    const before = order
    if (!sameTurn || us === 0) us += 1 + (pick % 3)
    order = { ...order, updated_at: time(us) }
    const more = (): bigint => QUANTITY - order.filled_quantity
    const open = order.execution_state !== 'DONE'
    const ways = steps.filter(
      (step) =>
        step.from === `${order.execution_state} ${order.status}` &&
        // Only what has been filled whole ends FILLED, and a first fill is a part.
        (step.action !== 'FILLED' || more() > (step.status === 'FILLED' ? 0n : 1n)),
    )
    const stays = open ? ['CANCEL_REQUESTED', 'CANCEL_REJECTED', 'FILLED'] : ['FILLED']
    const at = pick % (ways.length + stays.length)
    const way = ways[at]
    let action = way?.action ?? (stays[at - ways.length] as string)
    if (!way && action === 'CANCEL_REQUESTED' && order.cancel_requested_at) action = 'CANCEL_REJECTED'
    if (!way && action === 'CANCEL_REJECTED' && !order.cancel_requested_at) action = 'CANCEL_REQUESTED'
    if (way) order = { ...order, execution_state: way.state, status: way.status }
    if (action === 'FILLED') {
      const whole = way?.status === 'FILLED'
      // Without a step, a further part of what is PARTIAL or ended: not of an order that has nothing filled and is open.
      if (!way && (more() <= 1n || (open && order.status === 'PENDING'))) continue
      const quantity = whole ? more() : 1n + (BigInt(part) % (more() - 1n))
      const filled = order.filled_quantity + quantity
      order = { ...order, filled_quantity: filled, average_price: 100n + filled }
    }
    if (action === 'CANCEL_REQUESTED') order = { ...order, cancel_requested_at: time(us) }
    if (action === 'CANCEL_REJECTED') order = { ...order, cancel_requested_at: null }
    if (action === 'RETRIED' || action === 'EXECUTED') order = { ...order, attempts: order.attempts + 1 }
    if (action === 'IN_DOUBT' || action === 'REJECTED') order = { ...order, reason: 'EXCHANGE_UNAVAILABLE' }
    else if (way && order.execution_state !== 'IN_DOUBT') order = { ...order, reason: null }
    const event = {
      event: `order.${action.toLowerCase()}` as OrderEvent['event'],
      seq: life.events.length + 1,
      order_id: order.id,
      status: order.status,
      execution_state: order.execution_state,
      total_filled: order.filled_quantity,
      average_price: order.average_price,
      reason: action === 'FILLED' && !open ? 'LATE' : action === 'CANCEL_REQUESTED' ? 'OCO' : order.reason,
      timestamp: time(us),
    }
    life.events.push(event)
    life.before.set(event, before)
    const last = life.answers.at(-1)
    if (last?.updated_at === order.updated_at) life.answers[life.answers.length - 1] = { ...order }
    else life.answers.push({ ...order })
  }
  return life
}

type News = { event: OrderEvent } | { answer: Order }
const take = (known: Known, news: News): Known =>
  'event' in news ? mergeEvent(known, news.event) : mergeSnapshot(known, news.answer)

// What is shown and decided by, without the marks of where it comes from.
function facts({ heard: _, ...order }: Known): Order {
  return order
}
const told = ({ status, execution_state, filled_quantity, average_price, cancel_requested_at, updated_at }: Known) => ({
  status,
  execution_state,
  filled_quantity,
  average_price,
  cancel_requested_at,
  updated_at,
})

// A life, and news of it shuffled, some lost, some twice.
const told_anyhow = lives.chain((life) => {
  const all: News[] = [...life.events.map((event) => ({ event })), ...life.answers.map((answer) => ({ answer }))]
  const some = fc.array(fc.constantFrom(...all), { maxLength: 2 * all.length })
  return fc.record({ life: fc.constant(life), first: fc.constantFrom(...life.answers), news: some })
})

const runs = { numRuns: 500 }

test('the table was read', () => {
  expect(steps.length).toBeGreaterThan(30)
})

test('the lives reach every state, and rest in several', () => {
  const seen = new Set<string>()
  for (const life of fc.sample(lives, 2000))
    for (const answer of life.answers) seen.add(`${answer.execution_state} ${answer.status}`)
  const wanted = new Set(steps.flatMap((step) => [step.from, `${step.state} ${step.status}`]))
  // fc.sample is random: the rarest pair comes up far more than once in 2000.
  expect(seen).toEqual(wanted)
})

test('whatever came before and comes late, with the last answer all end alike', () => {
  fc.assert(
    fc.property(told_anyhow, fc.nat(), ({ life, first, news }, at) => {
      const last = life.answers.at(-1) as Order
      const position = at % (news.length + 1)
      const all: News[] = [...news.slice(0, position), { answer: last }, ...news.slice(position)]
      expect(facts(all.reduce(take, first as Known))).toEqual(last)
    }),
    runs,
  )
})

test('every event in any order tells as much as the last answer', () => {
  fc.assert(
    fc.property(
      lives.chain((life) =>
        fc.record({
          life: fc.constant(life),
          events: fc.shuffledSubarray(life.events, { minLength: life.events.length }),
        }),
      ),
      ({ life, events }) => {
        const known = events.reduce<Known>(mergeEvent, life.answers[0] as Order)
        expect(told(known)).toEqual(told(life.answers.at(-1) as Order))
      },
    ),
    runs,
  )
})

test('events in their order tell the reason and the attempts too', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const known = life.events.reduce<Known>(mergeEvent, life.answers[0] as Order)
      expect(facts(known)).toEqual(life.answers.at(-1))
    }),
    runs,
  )
})

test('what came twice, or in another order, makes no difference', () => {
  fc.assert(
    fc.property(
      told_anyhow.chain(({ first, news }) =>
        fc.record({
          first: fc.constant(first),
          news: fc.constant(news),
          anew: fc.shuffledSubarray([...news, ...news], { minLength: 2 * news.length }),
        }),
      ),
      ({ first, news, anew }) => {
        expect(told(anew.reduce(take, first as Known))).toEqual(told(news.reduce(take, first as Known)))
      },
    ),
    runs,
  )
})

test('answers alone may be merged in any grouping', () => {
  fc.assert(
    fc.property(told_anyhow, fc.nat(), ({ first, news }, cut) => {
      const at = cut % (news.length + 1)
      const left = news.slice(0, at).reduce(take, first as Known)
      const right = news.slice(at).reduce(take, first as Known)
      const whole = news.reduce(take, first as Known)
      expect(told(mergeSnapshot(left, right))).toEqual(told(whole))
      expect(told(mergeSnapshot(right, left))).toEqual(told(whole))
    }),
    runs,
  )
})

test('nothing moves a row back, and what is no news leaves the object as it is', () => {
  fc.assert(
    fc.property(told_anyhow, ({ first, news }) => {
      let known = first as Known
      for (const one of news) {
        const next = take(known, one)
        expect(next.filled_quantity >= known.filled_quantity).toBe(true)
        if (known.execution_state === 'DONE') expect(next.execution_state).toBe('DONE')
        expect(take(next, one)).toBe(next)
        known = next
      }
    }),
    runs,
  )
})

// Several services tell of an order, each by its own clock: time alone must not decide.
test('nor does a clock that runs behind', () => {
  fc.assert(
    fc.property(told_anyhow, fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), ({ first, news }, shifts) => {
      let known = first as Known
      news.forEach((one, i) => {
        const text = time(shifts[i % shifts.length] ?? 0)
        const moved: News =
          'event' in one
            ? { event: { ...one.event, timestamp: text } }
            : { answer: { ...one.answer, updated_at: text } }
        const next = take(known, moved)
        expect(next.filled_quantity >= known.filled_quantity).toBe(true)
        if (known.execution_state === 'DONE') expect(next.execution_state).toBe('DONE')
        known = next
      })
    }),
    runs,
  )
})

test('an order that its events told of first ends as if the answer had come first', () => {
  fc.assert(
    fc.property(lives, fc.nat(), fc.nat(), (life, cut, which) => {
      const submitted: OrderEvent = { ...born, event: 'order.submitted', order_id: born.id, seq: 0, timestamp: time(0) }
      const { events, answers } = life
      const position = cut % (events.length + 1)
      const heard = events.slice(0, position)
      const drawn = heard.reduce(sketch, sketch(null, submitted)) as Sketch
      // What is drawn meanwhile is what the events say.
      expect(told(drawn.order)).toEqual(told(heard.reduce<Known>(mergeEvent, born)))
      const answer = answers[which % answers.length] as Order
      const known = events.slice(position).reduce<Known>(mergeEvent, complete(drawn, answer))
      expect(told(known)).toEqual(told([submitted, ...events].reduce<Known>(mergeEvent, answer)))
    }),
    runs,
  )
})

const at = (us: number, change: Partial<Order>): Order => ({ ...born, updated_at: time(us), ...change })
const event = (name: string, seq: number, us: number, order: Partial<OrderEvent>): OrderEvent => ({
  event: `order.${name}` as OrderEvent['event'],
  seq,
  timestamp: time(us),
  total_filled: 0n,
  average_price: null,
  reason: null,
  ...order,
})

test('IN_DOUBT may become SENT or WORKING again', () => {
  const doubt = at(5, {
    execution_state: 'IN_DOUBT',
    reason: 'EXCHANGE_UNAVAILABLE',
    next_check_at: time(9),
    attempts: 3,
  })
  const works = mergeEvent(doubt, event('recovered', 7, 6, { status: 'PENDING', execution_state: 'WORKING' }))
  expect(works).toMatchObject({ execution_state: 'WORKING', reason: null, next_check_at: null, attempts: 3 })
  const sent = mergeEvent(
    doubt,
    event('retried', 7, 6, { status: 'PENDING', execution_state: 'SENT', reason: 'NOT_KNOWN' }),
  )
  expect(sent).toMatchObject({ execution_state: 'SENT', reason: null, attempts: 4 })
})

test('a late fill counts over CANCELLED, and the remark on it is not the reason of the order', () => {
  const gone = at(5, { execution_state: 'DONE', status: 'CANCELLED', reason: 'OCO', filled_quantity: 20n })
  const late = event('filled', 9, 4, {
    status: 'CANCELLED',
    execution_state: 'DONE',
    total_filled: 30n,
    average_price: 7n,
    reason: 'LATE',
  })
  expect(mergeEvent(gone, late)).toMatchObject({
    filled_quantity: 30n,
    average_price: 7n,
    status: 'CANCELLED',
    reason: 'OCO',
  })
})

test('the word about a cancel counts even when a later fill came first', () => {
  const working = at(1, { execution_state: 'WORKING' })
  const fill = event('filled', 3, 3, {
    status: 'PARTIAL',
    execution_state: 'WORKING',
    total_filled: 5n,
    average_price: 1n,
  })
  const asked = event('cancel_requested', 2, 2, { status: 'PENDING', execution_state: 'WORKING' })
  const known = [fill, asked].reduce<Known>(mergeEvent, working)
  expect(known).toMatchObject({
    filled_quantity: 5n,
    status: 'PARTIAL',
    cancel_requested_at: time(2),
    updated_at: time(3),
  })
  expect(mergeEvent(known, event('cancel_rejected', 4, 3, {})).cancel_requested_at).toBeNull()
})
