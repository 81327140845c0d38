// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecimal } from '@/lib/decimal'
import { toJson } from '@/lib/json'
import {
  bodyOf,
  initialSubmit,
  isOpen,
  nextSubmitTick,
  type Stored,
  type SubmitEffect,
  type SubmitInput,
  type SubmitMachine,
  stepSubmit,
} from '@/lib/submit'
import type { NewOrder, Order, Problem } from '@/lib/types'

const body = (quantity: bigint): NewOrder => ({
  symbol: 'AAPL',
  side: 'BUY',
  quantity: quantity * 100_000_000n,
  order_type: 'LIMIT',
  time_in_force: 'DAY',
  price: parseDecimal('150.8'),
})

const problemOf = (status: number, recorded?: string): Problem => ({
  type: '/problems/x',
  title: 'x',
  status,
  code: 'VALIDATION_FAILED',
  detail: 'The order breaks a rule.',
  request_id: 'r',
  ...(recorded && { order_id: recorded }),
})

type Post = Extract<SubmitEffect, { kind: 'post' }>

// One tab: the machine, its sessionStorage, and what the server was sent.
class Tab {
  machine: SubmitMachine = initialSubmit
  now = 1_000_000
  storage = new Map<string, Stored>()
  posts: Post[] = []
  underWay: Post | null = null
  keys = 0

  give(input: SubmitInput): this {
    const [machine, effects] = stepSubmit(this.machine, input, this.now)
    this.machine = machine
    for (const effect of effects) {
      if (effect.kind === 'store') this.storage.set(effect.subject, effect.stored)
      else if (effect.kind === 'clear') this.storage.delete(effect.subject)
      else {
        const stored = this.storage.get(effect.subject)
        expect(stored, 'stored before the POST').toMatchObject({ key: effect.key, text: effect.text })
        this.posts.push(effect)
        this.underWay = effect
      }
    }
    return this
  }

  person(subject: string | null): this {
    return this.give({ kind: 'person', subject, stored: (subject && this.storage.get(subject)) || null })
  }

  draw(quantity = 1n, fixes = ''): this {
    return this.give({ kind: 'draw', key: `web.${++this.keys}${fixes}`, body: body(quantity) })
  }

  reload(subject: string): this {
    this.machine = initialSubmit
    this.underWay = null
    return this.person(subject)
  }

  lost(): this {
    const post = this.underWay
    this.underWay = null
    return post ? this.give({ kind: 'lost', key: post.key, why: 'No answer in time.' }) : this
  }

  refuse(status: number, retryAfterMs: number | null = null, recorded?: string): this {
    const post = this.underWay
    this.underWay = null
    return post
      ? this.give({ kind: 'problem', key: post.key, problem: problemOf(status, recorded), retryAfterMs })
      : this
  }

  accept(): this {
    const post = this.underWay
    this.underWay = null
    return post ? this.give({ kind: 'accepted', key: post.key, order: orderOf(post.key), serverMs: 6 }) : this
  }

  pass(ms: number): this {
    const end = this.now + ms
    for (;;) {
      const at = nextSubmitTick(this.machine)
      if (at === null || at > end) break
      this.now = Math.max(at, this.now)
      this.give({ kind: 'tick' })
    }
    this.now = end
    return this
  }

  get kind(): string {
    return this.machine.state.kind
  }
}

const orderOf = (key: string, status: Order['status'] = 'PENDING') =>
  ({ id: `id-${key}`, idempotent_key: key, status }) as Order

const alice = () => new Tab().person('alice')

describe('the key', () => {
  test('is drawn once for a body, and anew for another', () => {
    const tab = alice().draw(1n).draw(1n)
    expect(tab.machine.state).toMatchObject({ kind: 'drawn', key: 'web.1' })
    expect(tab.draw(2n).machine.state).toMatchObject({ kind: 'drawn', key: 'web.3' })
  })

  test('a double click sends once', () => {
    const tab = alice().draw().give({ kind: 'submit' }).give({ kind: 'submit' })
    expect(tab.posts).toHaveLength(1)
  })

  test('while one is open no other is drawn or sent', () => {
    const tab = alice().draw().give({ kind: 'submit' }).draw(2n).give({ kind: 'submit' })
    expect(tab.posts).toHaveLength(1)
    tab.lost().draw(2n).give({ kind: 'submit' })
    expect(tab.posts).toHaveLength(1)
    expect(tab.machine.state).toMatchObject({ kind: 'asking again', key: 'web.1' })
  })
})

describe('answers', () => {
  test.each([400, 403, 413, 415, 422])('%i refuses, and frees the store', (status) => {
    const tab = alice().draw().give({ kind: 'submit' }).refuse(status)
    expect(tab.kind).toBe('refused')
    expect(tab.storage.size).toBe(0)
  })

  test.each([400, 403, 413, 415])(
    '%i after a lost answer says nothing of the first try: the person decides',
    (status) => {
      const tab = alice().draw().give({ kind: 'submit' }).lost().pass(1000).refuse(status)
      expect(tab.machine.state).toMatchObject({ kind: 'given up', key: 'web.1', problem: { status } })
      expect(tab.storage.get('alice')).toMatchObject({ key: 'web.1', held: true })
      expect(tab.draw(2n).kind).toBe('given up')
      // The order shows itself after all.
      expect(tab.give({ kind: 'seen', order: orderOf('web.1') }).kind).toBe('accepted')
    },
  )

  test('a refusal that was recorded under the key, or by a rule, is definite after a lost answer too', () => {
    const lost = () => alice().draw().give({ kind: 'submit' }).lost().pass(1000)
    expect(lost().refuse(403, null, 'o1').kind).toBe('refused')
    expect(lost().refuse(422).kind).toBe('refused')
  })

  test('a stop makes nothing uncertain: the first answer still settles it', () => {
    expect(alice().draw().give({ kind: 'submit' }).give({ kind: 'stop' }).refuse(403).kind).toBe('refused')
  })

  test('401 took nothing, so a refusal at the next try is definite', () => {
    const tab = alice().draw().give({ kind: 'submit' }).refuse(401).person(null).person('alice')
    expect(tab.refuse(403).kind).toBe('refused')
  })

  test('201 accepts, and frees the store', () => {
    const tab = alice().draw().give({ kind: 'submit' }).accept()
    expect(tab.machine.state).toMatchObject({ kind: 'accepted', serverMs: 6 })
    expect(tab.storage.size).toBe(0)
  })

  test.each(['lost', 500, 503])(
    '%s is asked again with the same key after 1 2 4 8 16 s, then the person decides',
    (how) => {
      const fail = (tab: Tab) => (typeof how === 'number' ? tab.refuse(how) : tab.lost())
      const tab = fail(alice().draw().give({ kind: 'submit' }))
      const waits: number[] = []
      while (tab.kind === 'asking again') {
        const at = nextSubmitTick(tab.machine) ?? 0
        waits.push(at - tab.now)
        fail(tab.pass(at - tab.now))
      }
      expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000])
      expect(tab.kind).toBe('given up')
      expect(new Set(tab.posts.map(({ key }) => key))).toEqual(new Set(['web.1']))
      expect(tab.storage.get('alice')).toMatchObject({ key: 'web.1', held: true })
      fail(tab.give({ kind: 'retry' }))
      expect(tab.posts).toHaveLength(7)
      expect(tab.kind).toBe('given up')
    },
  )

  test('429 keeps the key, and goes when the person says so after Retry-After', () => {
    const tab = alice().draw().give({ kind: 'submit' }).refuse(429, 12_000)
    expect(tab.machine.state).toMatchObject({ kind: 'rate limited', until: tab.now + 12_000 })
    expect(tab.pass(11_999).give({ kind: 'submit' }).posts).toHaveLength(1)
    expect(tab.pass(1).give({ kind: 'submit' }).posts).toHaveLength(2)
    expect(tab.posts[1]).toEqual(tab.posts[0])
  })

  test('429 at the first try recorded nothing, so another order may be drawn; after a lost answer it may not', () => {
    expect(alice().draw().give({ kind: 'submit' }).refuse(429, 1000).draw(2n).kind).toBe('drawn')
    const tab = alice().draw().give({ kind: 'submit' }).lost().pass(1000).refuse(429, 1000)
    expect(isOpen(tab.machine)).toBe(true)
    expect(tab.draw(2n).kind).toBe('rate limited')
  })

  test('an order that is seen by its key settles what its lost answer left open', () => {
    const tab = alice().draw().give({ kind: 'submit' })
    tab.give({ kind: 'seen', order: orderOf('web.1') })
    expect(tab.kind).toBe('sending')
    expect(tab.lost().machine.state).toMatchObject({ kind: 'accepted', order: { id: 'id-web.1' } })
    const late = alice().draw().give({ kind: 'submit' }).lost()
    expect(late.give({ kind: 'seen', order: orderOf('web.9') }).kind).toBe('asking again')
    expect(late.give({ kind: 'seen', order: orderOf('web.1', 'REJECTED') }).kind).toBe('asking again')
    expect(late.give({ kind: 'seen', order: orderOf('web.1') }).kind).toBe('accepted')
  })

  test('what was given up is open until the person lets it go', () => {
    const tab = alice().draw().give({ kind: 'submit' }).give({ kind: 'stop' }).lost().draw(2n).give({ kind: 'submit' })
    expect(tab.posts).toHaveLength(1)
    expect(tab.give({ kind: 'dismiss' }).draw(2n).give({ kind: 'submit' }).posts).toHaveLength(2)
  })

  test('a stop leaves the decision to the person, and an answer that still comes is heard', () => {
    const tab = alice().draw().give({ kind: 'submit' }).give({ kind: 'stop' })
    expect(tab.kind).toBe('given up')
    expect(tab.accept().kind).toBe('accepted')
  })
})

describe('reloads and sessions', () => {
  test('a reload asks with the same key and body', () => {
    const tab = alice().draw().give({ kind: 'submit' }).reload('alice')
    expect(tab.posts).toHaveLength(2)
    expect(tab.posts[1]).toEqual(tab.posts[0])
    expect(tab.accept().storage.size).toBe(0)
  })

  test('a reload after giving up sends nothing unasked', () => {
    const tab = alice().draw().give({ kind: 'submit' }).give({ kind: 'stop' }).reload('alice')
    expect(tab.kind).toBe('given up')
    expect(tab.posts).toHaveLength(1)
  })

  test('401 keeps the key until the same person is back', () => {
    const tab = alice().draw().give({ kind: 'submit' }).refuse(401)
    expect(tab.kind).toBe('signed out')
    tab.person(null).person('alice')
    expect(tab.posts[1]).toEqual(tab.posts[0])
  })

  test('another person never sends it; the first one, back, does', () => {
    const tab = alice().draw().give({ kind: 'submit' }).refuse(401).person(null).person('bob')
    expect(tab.kind).toBe('idle')
    tab.draw(5n).give({ kind: 'submit' }).accept()
    expect(tab.posts.map(({ subject, key }) => [subject, key])).toEqual([
      ['alice', 'web.1'],
      ['bob', 'web.2'],
    ])
    tab.person(null).person('alice')
    expect(tab.posts[2]).toEqual(tab.posts[0])
  })

  test('what is stored is read back exactly, and garbage is not', () => {
    const order = { ...body(12n), stop_loss: parseDecimal('149.12345678'), take_profit: null }
    expect(bodyOf(toJson(order))).toEqual(order)
    expect(bodyOf('{')).toBeNull()
    expect(bodyOf('{"symbol":"AAPL"}')).toBeNull()
  })
})

// A server that keeps the contract: a key is one order for ever, the same body gets it again.
test('any sequence of clicks, answers, losses, reloads and sign-ins: no second key while the fate of one is not told, one body and person for a key', () => {
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('draw' as const), quantity: fc.bigInt(1n, 3n) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('submit' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('answer' as const),
        status: fc.constantFrom(200, 400, 401, 403, 422, 429, 500, 503),
        taken: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('lose' as const), taken: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
    fc.record({
      do: fc.constantFrom(
        'reload' as const,
        'retry' as const,
        'stop' as const,
        'dismiss' as const,
        'out' as const,
        'alice' as const,
        'bob' as const,
      ),
    }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80, size: 'max' }), (acts) => {
      const tab = alice()
      let who: string | null = 'alice'
      const unsettled = new Map<string, string>() // by person: the key whose fate they were not told, and did not let go
      const orders = new Map<string, string>() // at the server: subject and key → body
      for (const one of acts) {
        const before = tab.posts.length
        const { state } = tab.machine
        switch (one.do) {
          case 'draw':
            tab.draw(one.quantity)
            if (state.kind === 'rate limited' && tab.kind === 'drawn') unsettled.delete(tab.machine.subject ?? '')
            break
          case 'wait':
            tab.pass(one.ms)
            break
          case 'lose':
          case 'answer': {
            const post = tab.underWay
            if (!post) break
            const at = `${post.subject} ${post.key}`
            const status = one.do === 'lose' ? 0 : one.status
            const taken = status === 200 || ((status === 0 || status >= 500) && one.taken)
            // Once taken, the server never says that a rule forbids it; that this person may not, it says before it looks.
            if (orders.has(at) && status === 422) break
            if (taken) {
              expect(orders.get(at) ?? post.text).toBe(post.text)
              orders.set(at, post.text)
            }
            if (status === 200) tab.accept()
            else if (status === 0) tab.lost()
            else tab.refuse(status, 3000)
            if (tab.kind === 'refused') expect(orders.has(at)).toBe(false)
            if (tab.kind === 'refused' || tab.kind === 'accepted') unsettled.delete(post.subject)
            break
          }
          case 'reload':
            if (who) tab.reload(who)
            break
          case 'out':
            who = null
            tab.person(null)
            break
          case 'alice':
          case 'bob':
            who = one.do
            tab.person(who)
            break
          case 'dismiss':
            tab.give({ kind: 'dismiss' })
            if (tab.kind === 'idle') unsettled.delete(tab.machine.subject ?? '')
            break
          default:
            tab.give({ kind: one.do })
        }
        for (const { subject, key } of tab.posts.slice(before)) {
          expect(subject).toBe(who)
          expect(unsettled.get(subject) ?? key).toBe(key)
          unsettled.set(subject, key)
        }
      }
      const texts = new Map<string, Set<string>>()
      for (const { key, subject, text } of tab.posts)
        texts.set(key, (texts.get(key) ?? new Set()).add(`${subject} ${text}`))
      for (const sent of texts.values()) expect(sent.size).toBe(1)
    }),
    { numRuns: 500 },
  )
})
