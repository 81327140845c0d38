// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  connectionWord,
  initialSocket,
  nextTick,
  type SocketEffect,
  type SocketInput,
  type SocketState,
  stepSocket,
} from '@/lib/socket'
import type { OrderEvent } from '@/lib/types'

// A screen whose clock the test moves. Effects are collected.
class Screen {
  state: SocketState = initialSocket
  now = 1_000_000
  effects: SocketEffect[] = []
  applied: number[] = []

  give(input: SocketInput): this {
    const [state, effects] = stepSocket(this.state, input, this.now, 0.5)
    this.state = state
    this.effects.push(...effects)
    for (const effect of effects) if (effect.kind === 'apply') this.applied.push(effect.event.seq)
    return this
  }

  // What the effects were since the last look.
  take(): string[] {
    const kinds = this.effects.map((effect) => effect.kind)
    this.effects = []
    return kinds
  }

  find<K extends SocketEffect['kind']>(kind: K): Extract<SocketEffect, { kind: K }> | undefined {
    return this.effects.findLast((effect): effect is Extract<SocketEffect, { kind: K }> => effect.kind === kind)
  }

  event(seq: number, order_id = 'a', event: OrderEvent['event'] = 'order.filled'): this {
    const { attempt } = this.state
    return this.give({ kind: 'event', attempt, event: { event, seq, order_id, timestamp: '2026-11-28T12:00:00Z' } })
  }

  ready(seq: number): this {
    return this.event(seq, undefined, 'session.ready')
  }

  fetched(complete = true, answered = complete): this {
    return this.give({ kind: 'fetched', complete, answered })
  }

  close(code: number): this {
    return this.give({ kind: 'closed', attempt: this.state.attempt, code })
  }

  // Lets the time pass tick by tick, as the shell's timer would.
  pass(ms: number): this {
    const end = this.now + ms
    for (;;) {
      const at = nextTick(this.state)
      if (at === null || at > end) break
      this.now = Math.max(this.now, at)
      this.give({ kind: 'tick' })
    }
    this.now = end
    return this
  }
}

function live(seq = 10): Screen {
  const screen = new Screen().give({ kind: 'start' }).ready(seq).fetched()
  screen.take()
  return screen
}

const steady = (): Screen => {
  const screen = live().pass(6000)
  screen.take()
  return screen
}

describe('the start', () => {
  test('connects without last_seq, fetches when ready, and applies what came meanwhile after the answers', () => {
    const screen = new Screen().give({ kind: 'start' })
    expect(screen.find('connect')).toMatchObject({ lastSeq: null, freshToken: false })
    screen.take()
    screen.ready(41)
    expect(screen.find('fetch')).toMatchObject({ reason: 'start' })
    screen.event(42).event(43)
    expect(screen.applied).toEqual([])
    screen.fetched()
    expect(screen.applied).toEqual([42, 43])
    screen.event(44)
    expect(screen.applied).toEqual([42, 43, 44])
  })

  test('a second start opens no second socket', () => {
    const screen = new Screen().give({ kind: 'start' }).give({ kind: 'start' })
    expect(screen.take()).toEqual(['connect'])
  })

  test('answers that were asked for before the socket was ready do not count as the first ones', () => {
    const screen = new Screen().give({ kind: 'start' }).pass(3500)
    expect(screen.take()).toEqual(['connect', 'fetch']) // the polling
    screen.ready(5).event(6).fetched()
    expect(screen.applied).toEqual([])
    screen.pass(1)
    expect(screen.find('fetch')).toMatchObject({ reason: 'start' })
    screen.fetched()
    expect(screen.applied).toEqual([6])
  })

  test('first answers that fail are asked for again while events wait', () => {
    const screen = new Screen().give({ kind: 'start' }).ready(1).event(2).fetched(false)
    screen.take()
    screen.pass(2000)
    expect(screen.take()).toEqual(['fetch'])
    expect(screen.fetched().applied).toEqual([2])
  })

  test('what waits is bounded', () => {
    const screen = new Screen().give({ kind: 'start' }).ready(0)
    for (let seq = 1; seq <= 1001; seq++) screen.event(seq)
    expect(screen.state.buffer).toEqual([])
    expect(screen.take()).toContain('disconnect')
  })
})

describe('events', () => {
  test('in order are applied, repeated ones are dropped', () => {
    const screen = live(10).event(11).event(11).event(10).event(12)
    expect(screen.applied).toEqual([11, 12])
  })

  test('a gap connects anew from the last applied one, and the replay fills it', () => {
    const screen = live(10).event(11).event(13)
    expect(screen.find('connect')).toMatchObject({ lastSeq: 11 })
    expect(screen.applied).toEqual([11])
    screen.ready(13).event(12).event(13)
    expect(screen.applied).toEqual([11, 12, 13])
  })

  test('a server that makes a gap each time is met with growing patience', () => {
    const screen = live(10)
    let connects = 0
    const until = screen.now + 60_000
    while (screen.now < until) {
      screen.ready(20).event(15).pass(100)
      connects += screen.take().filter((kind) => kind === 'connect').length
    }
    expect(connects).toBeLessThan(15)
  })

  test('of an older connection are not heard', () => {
    const screen = live(10)
    const { attempt } = screen.state
    screen.close(1006).pass(1000).ready(10)
    screen.give({ kind: 'event', attempt, event: { event: 'order.filled', seq: 11, timestamp: '' } })
    screen.give({ kind: 'closed', attempt, code: 4403 })
    expect(screen.applied).toEqual([])
    expect(screen.state.phase).toBe('open')
  })

  test('any interleaving of frames, losses and replays applies each event once and in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('next'), fc.constant('lost'), fc.constant('twice'), fc.constant('close')), {
          maxLength: 60,
          size: 'max',
        }),
        (acts) => {
          const screen = live(0)
          let log = 0
          const connectReplay = () => {
            screen.pass(15_000)
            if (screen.state.phase !== 'opening') return
            const from = screen.state.lastSeq ?? log
            screen.ready(log)
            for (let seq = from + 1; seq <= log; seq++) screen.event(seq)
            if (screen.state.fetchBegan !== null) screen.fetched()
          }
          for (const act of acts) {
            if (screen.state.fetchBegan !== null) screen.fetched()
            if (act === 'close') screen.close(1006)
            else log++
            if (act === 'next' || act === 'twice') screen.event(log)
            if (act === 'twice') screen.event(log)
            connectReplay()
          }
          log++
          screen.event(log)
          connectReplay()
          expect(screen.applied).toEqual(Array.from({ length: log }, (_, i) => i + 1))
        },
      ),
    )
  })
})

describe('close codes', () => {
  test.each([
    [1001, 0],
    [1013, 0],
    [1006, 500],
    [1011, 500],
    [1002, 500],
  ])('%i after a good connection connects after %i ms with last_seq', (code, ms) => {
    const screen = steady().close(code)
    if (ms > 0) {
      expect(screen.take()).toEqual([])
      screen.pass(ms - 1)
      expect(screen.take()).toEqual([])
      screen.pass(1)
    }
    expect(screen.find('connect')).toMatchObject({ lastSeq: 10, freshToken: false })
  })

  test('4401 connects at once with a new token', () => {
    expect(steady().close(4401).find('connect')).toMatchObject({ lastSeq: 10, freshToken: true })
  })

  test('4403 signs out and stays away', () => {
    const screen = steady().close(4403)
    expect(screen.take()).toEqual(['sign out'])
    expect(screen.pass(60_000).take()).not.toContain('connect')
  })

  test('4409 forgets all and starts anew', () => {
    const screen = steady().close(4409)
    expect(screen.find('connect')).toMatchObject({ lastSeq: null })
    expect(screen.take()).toEqual(['forget', 'connect'])
    screen.ready(3).event(4).fetched()
    expect(screen.applied).toEqual([4])
  })

  test('4429 does not come back of its own accord, but when the person says so', () => {
    const screen = steady().close(4429)
    expect(screen.pass(60_000).give({ kind: 'wake' }).take()).not.toContain('connect')
    expect(connectionWord(screen.state, screen.now)).toBe('polling')
    expect(screen.fetched().give({ kind: 'retry' }).take()).toEqual(['connect', 'fetch'])
  })

  test('without a session it waits for the person', () => {
    const screen = steady().close(4401)
    screen.give({ kind: 'no session', attempt: screen.state.attempt })
    screen.take()
    expect(screen.pass(20_000).take()).not.toContain('connect')
    expect(screen.give({ kind: 'retry' }).take()).toContain('connect')
  })

  test('losses in a row wait 0.5 1 2 4 8 10 10 s', () => {
    const screen = steady()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      screen.close(1006)
      const began = screen.now
      waits.push((screen.state.nextTryAt ?? 0) - began)
      screen.pass(waits.at(-1) ?? 0)
      if (screen.state.fetchBegan !== null) screen.fetched(false)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  })

  test('jitter spreads the tries by a quarter each way', () => {
    const at = (jitter: number) => {
      const screen = steady()
      const [state] = stepSocket(
        screen.state,
        { kind: 'closed', attempt: screen.state.attempt, code: 1006 },
        screen.now,
        jitter,
      )
      return (state.nextTryAt ?? 0) - screen.now
    }
    expect([at(0), at(1)]).toEqual([375, 625])
  })

  test('online and becoming visible end the waiting', () => {
    const screen = steady().close(1006)
    expect(screen.give({ kind: 'wake' }).take()).toEqual(['connect'])
  })

  test('a socket that was silent through a long sleep is made anew on waking', () => {
    const screen = steady()
    screen.now += 31_000
    expect(screen.give({ kind: 'wake' }).find('connect')).toMatchObject({ lastSeq: 10 })
  })

  test('a 1013 at each connection does not become a loop without a brake', () => {
    const screen = steady().close(1013)
    screen.take()
    screen.ready(10).close(1013)
    expect(screen.take()).not.toContain('connect')
    expect(screen.state.phase).toBe('waiting')
  })
})

describe('renewal', () => {
  test('asks for a new token at its time, and again until one comes', () => {
    const screen = live()
    screen.give({ kind: 'token', attempt: screen.state.attempt, renewAt: screen.now + 200_000 })
    expect(screen.pass(199_999).take()).not.toContain('renew')
    for (let i = 0; i < 3; i++) screen.fetched()
    screen.take()
    expect(screen.pass(1).take()).toContain('renew')
    expect(screen.pass(10_000).take()).toContain('renew')
    screen.give({ kind: 'token', attempt: screen.state.attempt, renewAt: screen.now + 200_000 })
    expect(screen.pass(30_000).take()).not.toContain('renew')
  })
})

describe('own actions', () => {
  test('whose event does not come in 2 s make the connection anew', () => {
    const screen = steady().give({ kind: 'acted', orderId: 'x', since: 0 })
    expect(screen.pass(1999).take()).toEqual([])
    expect(screen.pass(1).find('connect')).toMatchObject({ lastSeq: 10 })
  })

  test('whose event comes, before or after the answer, leave it alone', () => {
    const screen = steady()
    const since = screen.now
    screen.event(11, 'x').give({ kind: 'acted', orderId: 'x', since })
    screen.give({ kind: 'acted', orderId: 'y', since }).event(12, 'y')
    screen.take()
    expect(screen.pass(5000).take()).toEqual([])
  })
})

describe('fetches', () => {
  test('down for 3 s it polls every 5 s; two that find nobody make it offline; back, it fetches once and polls no more', () => {
    const screen = steady().close(1006)
    expect(connectionWord(screen.state, screen.now)).toBe('reconnecting')
    expect(screen.pass(2999).take()).not.toContain('fetch')
    expect(screen.pass(1).take()).toContain('fetch')
    expect(connectionWord(screen.state, screen.now)).toBe('polling')
    screen.fetched(false)
    screen.pass(5000).fetched(false)
    expect(connectionWord(screen.state, screen.now)).toBe('offline')
    screen.pass(5000).fetched()
    expect(connectionWord(screen.state, screen.now)).toBe('polling')
    if (screen.state.phase !== 'opening') screen.give({ kind: 'retry' })
    screen.take()
    screen.ready(12)
    screen.pass(1)
    if (screen.state.fetchBegan !== null) screen.fetched()
    screen.pass(1)
    if (screen.state.fetchBegan !== null) screen.fetched()
    screen.take()
    expect(screen.pass(59_000).take()).toEqual([])
  })

  test('a refusal is an answer: it does not make it offline', () => {
    const screen = steady().close(1006).pass(3000).fetched(false, true).pass(5000).fetched(false, true)
    expect(connectionWord(screen.state, screen.now)).toBe('polling')
  })

  test('while live a check comes each minute', () => {
    const screen = live()
    expect(screen.pass(60_000).find('fetch')).toMatchObject({ reason: 'check' })
  })

  test('never two at once', () => {
    const screen = steady().give({ kind: 'fetch' }).pass(0)
    expect(screen.take()).toEqual(['fetch'])
    expect(screen.give({ kind: 'fetch' }).pass(1000).take()).toEqual([])
    expect(screen.fetched().pass(0).take()).toEqual(['fetch'])
  })
})

test('a stop closes it, and nothing is due afterwards', () => {
  const screen = steady().give({ kind: 'stop' })
  expect(screen.take()).toEqual(['disconnect'])
  expect(nextTick(screen.state)).toBeNull()
})
