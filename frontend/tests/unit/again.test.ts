// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askAgain } from '@/lib/again'

class Page extends EventTarget {
  hidden = false
  show(seen: boolean) {
    this.hidden = !seen
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

let page: Page
let asked: number[] // when, in ms since the start
let stop: () => void
const begin = (until: number) => {
  const start = Date.now()
  stop = askAgain(async () => {
    asked.push(Date.now() - start)
    return asked.length < until
  })
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  page = new Page()
  vi.stubGlobal('document', page)
  asked = []
})
afterEach(() => stop())

test('the wait doubles up to fifteen seconds', async () => {
  begin(100)
  await pass(60_000)
  expect(asked).toEqual([0, 1500, 4500, 10_500, 22_500, 37_500, 52_500])
})

test('nothing is asked once there is nothing more to ask for', async () => {
  begin(2)
  await pass(60_000)
  expect(asked).toEqual([0, 1500])
})

test('a hidden page does not ask, and once seen does so at once', async () => {
  begin(3)
  await pass(0)
  page.show(false)
  await pass(60_000)
  expect(asked).toEqual([0])
  page.show(true)
  await pass(0)
  expect(asked).toEqual([0, 60_000])
  page.show(false)
  page.show(true)
  await pass(2999)
  expect(asked).toHaveLength(2)
  await pass(1)
  expect(asked).toHaveLength(3)
})

test('what is ended asks no more, hidden or not', async () => {
  begin(100)
  await pass(0)
  stop()
  await pass(60_000)
  page.show(false)
  begin(100)
  stop()
  page.show(true)
  await pass(60_000)
  expect(asked).toEqual([0])
})
